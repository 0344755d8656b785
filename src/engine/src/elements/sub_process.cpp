// Embedded subprocess (BPMN 2.0.2 clause 13.3.4): a scope of its own; complete when nothing in it
// is active.
#include "behaviors/triggers.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure too_deep(const Transition& t, const Active& at, IncidentKind kind) {
    const std::uint32_t depth_max = t.definitions().limits.depth_max;
    if (t.depth(at.key) <= depth_max) return std::nullopt;
    return Failure{
        kind, "more than " + std::to_string(depth_max) + " scopes or calls inside one another", {}};
}

MaybeFailure start_sub_process(Transition& t, const Active& at) {
    if (auto failure = too_deep(t, at, IncidentKind::step_limit)) return failure;
    if (auto failure = triggers::open_event_sub_processes(t, at)) return failure;
    t.start_node(at.key, at.definition, at.node->none_start);
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
