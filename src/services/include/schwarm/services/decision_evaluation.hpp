// Decisions of deployed DMN files: compiled, evaluated, and told with the rules that matched.
//
// CompiledDecisions is immutable and thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/dmn/program.hpp"
#include "schwarm/feel/evaluation.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::services {

// A column of a decision table as the file has it.
struct TableColumn {
    std::string id;
    std::string name;  // label, else expression or name
};

class CompiledDecisions {
  public:
    enum class Logic : std::uint8_t { decision_table, literal_expression, other };
    struct Decision {
        std::string id;
        std::string name;
        std::string version_tag;
        Logic logic = Logic::other;
        std::vector<TableColumn> inputs;
        std::vector<TableColumn> outputs;
        std::size_t invocable = 0;
        std::vector<feel::Key> reads;  // the input data it needs, transitively
    };

    // file: the graph; others: what it may import, by namespace. Errors as dmn::Program's.
    static Result<CompiledDecisions> compile(const dmn::SourceFile& file,
                                             const std::vector<dmn::SourceFile>& others);

    const std::string& id() const { return id_; }      // of the definitions element
    const std::string& name() const { return name_; }  // the same
    const std::vector<Decision>& decisions() const { return decisions_; }
    const Decision* find(std::string_view id) const;
    const dmn::Program& program() const { return program_; }
    // Which of `others` are in use, by name.
    const std::vector<std::string>& imported() const { return imported_; }

  private:
    explicit CompiledDecisions(dmn::Program program) : program_(std::move(program)) {}

    dmn::Program program_;
    std::string id_;
    std::string name_;
    std::vector<Decision> decisions_;
    std::vector<std::string> imported_;
};

struct EvaluatedItem {
    std::string id;
    std::string name;
    feel::Value value;
};
struct EvaluatedRule {
    std::string id;
    std::size_t index = 0;  // from 1
    std::vector<EvaluatedItem> outputs;
};
struct EvaluatedDecision {
    const CompiledDecisions::Decision* decision = nullptr;
    feel::Value output;
    std::vector<EvaluatedItem> inputs;
    std::vector<EvaluatedRule> rules;
};
struct DecisionEvaluation {
    feel::Value output;
    std::string failed_decision_id;            // empty: it did not fail
    std::string failure;                       // why, one sentence
    std::vector<EvaluatedDecision> decisions;  // in the order of evaluation; borrow `compiled`
};

// A null with a diagnostic that is an error is a failure; a null without is a result.
DecisionEvaluation evaluate_decision(const CompiledDecisions& compiled,
                                     const CompiledDecisions::Decision& decision,
                                     const feel::Value& variables, Instant now,
                                     const feel::EvaluationLimits& limits = {});

}  // namespace schwarm::services
