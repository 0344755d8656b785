#include "appliers/appliers.hpp"

namespace schwarm::engine {

void apply_record(CaseState& state, const VariablesSetV1& event) {
    const bool of_case = event.scope == ElementKey() ||
                         (!state.elements.empty() && state.elements.front().key == event.scope);
    Variables& target = of_case ? state.variables : appliers::element(state, event.scope).variables;
    if (target.empty()) {
        target = event.variables;
        return;
    }
    for (const Variables::Entry& entry : event.variables) target.set(entry.name, entry.value);
}

void apply_record(CaseState& state, const DecisionEvaluatedV1& event) {
    state.decisions.push_back({event.element, event.decision_id, event.version, event.at});
}

void apply_record(CaseState& state, const DocumentStoredV1& event) {
    state.documents.push_back(
        {event.id, event.element, event.document, event.title, event.created, event.data});
    state.next_document = std::max(state.next_document, event.id.value() + 1);
}

void apply_record(CaseState& state, const EffectRequestedV1& event) {
    appliers::used(state, event.key);
}

}  // namespace schwarm::engine
