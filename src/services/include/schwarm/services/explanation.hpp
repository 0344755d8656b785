// Why a decision came out as it did: the rules that matched and on what, the intermediate results,
// each null with its reason. Made from the trace of the very evaluation (dmn/trace.hpp).
//
// Two forms. The *packed* one goes into the event decision_evaluated: numbers of rules and values
// only, the texts are read from the case's package version when somebody looks (explain()).
// The *readable* one is a variable of the process (property `explanation` of a business rule
// task), for documents. Formats and limits: docs/formats/trace.md. All functions are pure.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "schwarm/feel/value.hpp"

namespace schwarm::dmn {
class Program;
struct Outcome;
}  // namespace schwarm::dmn

namespace schwarm::services {

// Of one decision; what is beyond is counted, not kept.
struct ExplanationLimits {
    std::size_t tables = 64;
    std::size_t steps = 32;
    std::size_t nulls = 10;
    std::size_t step_bytes = 32;      // of a step's result, about; a larger one is not told
    std::size_t value_bytes = 256;    // of another value, about; a larger one is left out
    std::size_t total_bytes = 16384;  // of all values and reasons, about
};

// outcome: of an evaluation with EvaluationOptions::trace.
feel::Value pack_explanation(const dmn::Outcome& outcome, const ExplanationLimits& limits = {});
// A list: for each table of which a rule with an annotation matched a context with regel (name),
// nummern (list), angaben and ergebnis (lists of "name: value"), fundstelle (text). Equal ones
// stand there once.
feel::Value readable_rules(const dmn::Program& program, const dmn::Outcome& outcome,
                           const ExplanationLimits& limits = {});
// "hoehe.dmn:12 T rule 3 output 1 (Betrag)": where the first null that explains a null result
// stands; empty if that is unknown.
std::string place_of_failure(const dmn::Outcome& outcome);

struct ExplainedTable {
    std::string name;
    std::vector<std::size_t> rules;                            // numbers from 1
    std::vector<std::pair<std::string, std::string>> inputs;   // label, value in German notation
    std::vector<std::pair<std::string, std::string>> outputs;  // the same
    std::vector<std::string> annotations;
};
struct ExplainedNull {
    std::string reason;  // English
    std::string place;
};
struct Explanation {
    std::vector<ExplainedTable> tables;
    std::vector<std::pair<std::string, std::string>> steps;  // name and result
    std::vector<ExplainedNull> nulls;
    std::size_t left_out = 0;
    bool empty() const { return tables.empty() && steps.empty() && nulls.empty(); }
};

// packed: as pack_explanation() made it with a version of the same models; anything else (also an
// older form, or null) gives what can be read of it, at worst nothing.
Explanation explain(const dmn::Program& program, const feel::Value& packed);

}  // namespace schwarm::services
