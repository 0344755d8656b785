#include "appliers/appliers.hpp"

namespace schwarm::engine {

void apply_record(CaseState& state, const CommandAcceptedV1& event) {
    state.changed = event.at;
    if (event.id.empty()) return;
    if (state.recent_commands.size() >= CaseState::kRecentCommands) {
        state.recent_commands.erase(state.recent_commands.begin());
    }
    state.recent_commands.push_back(event.id);
}

void apply_record(CaseState& state, const CaseCreatedV1& event) {
    CHECK(state.status == CaseStatus::none, "the case exists already");
    state.id = event.id;
    state.tenant = event.tenant;
    state.status = CaseStatus::active;
    state.started_by = event.started_by;
    state.created = event.at;
    state.definitions.assign(1, event.definition);
    ElementInstance root;
    root.key = event.element;
    root.node = bpmn::kProcessNode;
    root.via = event.start;
    state.elements.push_back(std::move(root));
    appliers::used(state, event.element);
}

void apply_record(CaseState& state, const CaseEndedV1& event) {
    CHECK(state.elements.empty(), "a case ended while elements are active");
    state.status = event.status;
    state.ended = event.at;
}

void apply_record(CaseState& state, const CaseArchivedV1& event) {
    state.archived = event.at;
    state.retention_until = event.retention_until;
}

void apply_record(CaseState& state, const DefinitionUsedV1& event) {
    state.definitions.push_back(event.definition);
}

}  // namespace schwarm::engine
