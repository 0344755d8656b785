// Business rule task: evaluates the called decision at once and keeps what it used and found.
#include "behaviors/expressions.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

namespace {

// The variable that gets the rules that matched; empty if the process does not want them.
std::string_view explanation_variable(const bpmn::Node& node) {
    for (const auto& property : node.details.properties) {
        if (property.key == "explanation") return property.value;
    }
    return {};
}

}  // namespace

MaybeFailure start_business_rule_task(Transition& t, const Active& at) {
    if (!at.node->details.called_decision) return start_job(t, at);
    const auto& called = *at.node->details.called_decision;
    auto id = expressions::text(t, called.decision_id, at.key,
                                "the decision id of '" + at.node->id + "'");
    if (id.has_error()) return id.error();
    const auto explanation = explanation_variable(*at.node);
    Result<DecisionOutcome> outcome = [&] {
        const ScopeView view(t.state(), at.key);
        const DefinitionKey caller = t.state().definitions[at.definition];
        return t.definitions().decisions.evaluate(
            DecisionCall{caller, *id, view, t.now(), !explanation.empty(), called.binding});
    }();
    if (outcome.has_error()) {
        return Failure{
            IncidentKind::decision, "decision '" + *id + "': " + outcome.error().message, {}};
    }
    const feel::Value output = outcome->output;
    t.emit(DecisionEvaluatedV1{at.key, std::move(*id), std::move(outcome->version),
                               std::move(outcome->inputs), output, std::move(outcome->explanation),
                               t.now()});
    Variables result;
    result.set(called.result_variable, output);
    if (!explanation.empty()) result.set(explanation, std::move(outcome->readable_rules));
    t.finish(at.key, result);
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
