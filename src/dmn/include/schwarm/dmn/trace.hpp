// The trace of one evaluation: which decisions and functions ran on what, which rules of which
// tables matched, and why each null is null. Part of program.hpp.
//
// Every string_view points into the program; the Outcome keeps it alive (Outcome::owner). A trace
// costs nothing unless EvaluationOptions::trace is set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/feel/value.hpp"

namespace schwarm::dmn {

// Where an expression stands in the models.
struct Place {
    enum class Part : std::uint8_t {
        element,       // the element itself: a decision, a function, a table
        expression,    // a literal expression
        input,         // an input expression of a table, or its input values
        input_entry,   // a cell
        output_entry,  // a cell
    };
    std::string_view file;     // "hoehe.dmn"; empty: unknown
    std::string_view element;  // id of the nearest element that has one
    std::string_view column;   // label of the table's column
    std::uint32_t line = 0;    // of the file, from 1
    std::uint32_t rule = 0;    // of the table, from 1; 0: in no rule
    std::uint32_t number = 0;  // of the column, from 1; 0: in no column
    Part part = Part::element;
};
// "hoehe.dmn:12 Hoehe_Tabelle rule 3 input 2 (Mietenstufe)"
std::string to_string(const Place& place);

// Why something became null.
struct TracedNull {
    std::string reason;
    std::size_t line = 0;    // within the expression, from 1; 0 if unknown
    std::size_t column = 0;  // from 1, in code points
    Place place;             // of the expression
};

// A rule of a decision table that matched.
struct RuleMatch {
    std::size_t number = 0;  // from 1, as tools show it
    std::string_view id;
    std::vector<std::pair<std::string_view, std::string_view>> annotations;  // column name, text
};

struct TracedColumn {
    std::string_view label;  // the column's label, else its expression or name
    feel::Value value;
};

// One evaluation of a decision table.
struct TableMatch {
    std::string_view table;  // name of the element whose logic the table is: "Mietenstufe"
    std::string_view key;    // for Program::table(); the table's id as long as that is unique
    std::string_view hit_policy;
    std::vector<TracedColumn> inputs;
    std::vector<RuleMatch> rules;  // in the order of the table; empty: none matched
    feel::Value output;
};

enum class StepKind : std::uint8_t { decision, decision_service, knowledge_model };
std::string_view name_of(StepKind kind);

// One evaluated decision, or one call of a function of the model.
struct TraceStep {
    StepKind kind = StepKind::decision;
    std::string_view name;
    std::string_view id;
    Place place;
    feel::Value inputs;  // context: what it required, by name; of a call its arguments
    feel::Value result;
    std::vector<TableMatch> tables;  // its own, in the order of evaluation
    std::vector<TraceStep> calls;    // in the order in which they ended
    // Entries of boxed contexts that its result does not show.
    std::vector<std::pair<std::string_view, feel::Value>> entries;
    std::vector<TracedNull> nulls;  // that arose in it, not in its calls
};

// A decision table as it is explained, without values.
struct TableText {
    std::string_view table;
    std::string_view hit_policy;
    std::vector<std::string_view> inputs;         // labels
    std::vector<std::string_view> outputs;        // names, as entries of the output have them
    std::vector<std::string_view> output_labels;  // labels, else names, else that of the element
    std::size_t rules = 0;
};

}  // namespace schwarm::dmn
