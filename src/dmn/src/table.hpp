// Decision tables (DMN 1.5 clause 8): compiled cells, an index over columns of constants, the hit
// policies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "logic.hpp"
#include "table_index.hpp"

namespace schwarm::dmn::detail {

enum class HitPolicy : std::uint8_t {
    unique,
    any,
    priority,
    first,
    rule_order,
    output_order,
    collect,
};
enum class Aggregation : std::uint8_t { none, count, sum, min, max };

// One distinct text of output cells.
struct OutputCell {
    feel::Value constant;
    bool is_constant = true;
    Bound bound;  // unless constant
};

class TableLogic final : public Logic {
  public:
    feel::Value run(Frame frame, feel::Evaluation& evaluation) const override;
    feel::TypePtr static_type() const override { return type; }

    struct Input {
        Bound expression;
        std::string text;
        std::optional<Bound> allowed;
    };
    struct Output {
        std::string name;
        feel::Key key;
        ItemTypePtr type;
        feel::Value::List priorities;  // of its output values, the first is the highest
        std::optional<OutputCell> fallback;
    };
    struct Rule {
        std::string id;
        std::vector<std::string> annotations;
    };

    std::string owner;
    HitPolicy policy = HitPolicy::unique;
    Aggregation aggregation = Aggregation::none;
    std::vector<Input> inputs;
    std::vector<Output> outputs;
    std::vector<std::string> annotation_names;
    std::vector<Rule> rules;
    std::vector<TestCell> tests;           // distinct
    std::vector<OutputCell> results;       // distinct
    std::vector<std::uint32_t> test_of;    // rule * inputs + column
    std::vector<std::uint32_t> result_of;  // rule * outputs + column
    std::optional<TableIndex> index;
    feel::TypePtr type = feel::Type::any();

  private:
    bool matches(std::uint32_t rule, std::span<const feel::Value> values, Frame frame,
                 feel::Evaluation& evaluation) const;
    std::vector<std::uint32_t> find(std::span<const feel::Value> values, Frame frame,
                                    feel::Evaluation& evaluation) const;
    feel::Value cell(const OutputCell& cell, const Output& output, Frame frame,
                     feel::Evaluation& evaluation) const;
    feel::Value output(std::uint32_t rule, Frame frame, feel::Evaluation& evaluation) const;
    feel::Value without_match(Frame frame, feel::Evaluation& evaluation) const;
    feel::Value decide(std::span<const std::uint32_t> matched, Frame frame,
                       feel::Evaluation& evaluation) const;
    feel::Value aggregate(feel::Value::List values, feel::Evaluation& evaluation) const;
    void sort_by_priority(feel::Value::List& values) const;
    std::size_t rank(const feel::Value& value, const Output& output) const;
    void record(std::span<const std::uint32_t> matched) const;
    std::string numbers(std::span<const std::uint32_t> matched) const;
};

}  // namespace schwarm::dmn::detail
