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

bool matches_cell(const TestCell& cell, const feel::Value& input, Frame frame,
                  feel::Evaluation& evaluation);

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
        std::string label;
        std::optional<Bound> allowed;
    };
    struct Output {
        std::string name;
        std::string label;
        feel::Key key;
        ItemTypePtr type;
        feel::Value::List priorities;  // of its output values, the first is the highest
        std::optional<OutputCell> fallback;
    };
    struct Rule {
        std::string id;
        std::vector<std::string> annotations;
    };

    // For traces: what the table says about itself.
    TableText text() const;
    RuleMatch rule_match(std::uint32_t rule) const;

    std::string owner;
    std::string key;  // in ProgramData::tables
    const Place* place = nullptr;
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
    std::vector<std::uint32_t> lines;  // of the cells: rule * (inputs + outputs) + column
    feel::TypePtr type = feel::Type::any();

  private:
    bool matches(std::uint32_t rule, std::span<const feel::Value> values, Frame frame,
                 feel::Evaluation& evaluation) const;
    bool matches_recorded(std::uint32_t rule, std::span<const feel::Value> values, Frame frame,
                          feel::Evaluation& evaluation) const;
    std::vector<std::uint32_t> find(std::span<const feel::Value> values, Frame frame,
                                    feel::Evaluation& evaluation) const;
    feel::Value cell(const OutputCell& cell, const Output& output, Frame frame,
                     feel::Evaluation& evaluation) const;
    feel::Value output(std::uint32_t rule, Frame frame, feel::Evaluation& evaluation) const;
    feel::Value output_recorded(std::uint32_t rule, Frame frame,
                                feel::Evaluation& evaluation) const;
    feel::Value without_match(Frame frame, feel::Evaluation& evaluation) const;
    feel::Value decide(std::span<const std::uint32_t> matched, Frame frame,
                       feel::Evaluation& evaluation) const;
    feel::Value aggregate(feel::Value::List values, feel::Evaluation& evaluation) const;
    void sort_by_priority(feel::Value::List& values) const;
    std::size_t rank(const feel::Value& value, const Output& output) const;
    feel::Value decide_recorded(std::span<const feel::Value> values,
                                std::span<const std::uint32_t> matched, Frame frame,
                                feel::Evaluation& evaluation, Recorder& recorder) const;
    Place place_of_cell(std::uint32_t rule, std::size_t column, bool input) const;
    std::string numbers(std::span<const std::uint32_t> matched) const;
};

}  // namespace schwarm::dmn::detail
