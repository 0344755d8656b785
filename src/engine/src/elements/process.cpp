// The process itself, of the case or called by a call activity: opens its event subprocesses and
// begins at the start event.
#include "behaviors/triggers.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure start_process(Transition& t, const Active& at) {
    if (auto failure = triggers::open_event_sub_processes(t, at)) return failure;
    const std::uint32_t via = t.state().element(at.key)->via;
    const bpmn::NodeIndex start = via != bpmn::kNoFlow ? via : at.node->none_start;
    CHECK(start != bpmn::kNoNode, "the process has no none start event");
    t.start_node(at.key, at.definition, start);
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
