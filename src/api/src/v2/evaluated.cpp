#include "evaluated.hpp"

#include "schwarm/feel/codec.hpp"

namespace schwarm::api::v2 {
namespace {

// "inputId", "inputName", "inputValue"; the same for outputs, which name their rule.
void write_items(const std::vector<services::EvaluatedItem>& items, const std::string& prefix,
                 const services::EvaluatedRule* rule, json::Writer& out) {
    out.begin_array();
    for (const auto& item : items) {
        out.begin_object()
            .member(prefix + "Id", item.id)
            .member(prefix + "Name", item.name)
            .member(prefix + "Value", feel::to_json_text(item.value));
        if (rule != nullptr) out.member("ruleId", rule->id).member("ruleIndex", rule->index);
        out.end_object();
    }
    out.end_array();
}

}  // namespace

std::string_view type_name(services::CompiledDecisions::Logic logic) {
    using Logic = services::CompiledDecisions::Logic;
    switch (logic) {
        case Logic::decision_table:
            return "DECISION_TABLE";
        case Logic::literal_expression:
            return "LITERAL_EXPRESSION";
        case Logic::other:
            break;
    }
    return "UNKNOWN";
}

std::string evaluation_instance_key(std::uint64_t evaluation_key, std::size_t position) {
    return key_text(evaluation_key) + "-" + std::to_string(position);
}

void write_evaluated(const services::EvaluatedDecision& evaluated, json::Writer& out) {
    out.name("evaluatedInputs");
    write_items(evaluated.inputs, "input", nullptr, out);
    out.name("matchedRules").begin_array();
    for (const auto& rule : evaluated.rules) {
        out.begin_object().member("ruleId", rule.id).member("ruleIndex", rule.index);
        out.name("evaluatedOutputs");
        write_items(rule.outputs, "output", &rule, out);
        out.end_object();
    }
    out.end_array();
}

}  // namespace schwarm::api::v2
