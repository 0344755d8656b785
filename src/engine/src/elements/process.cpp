// The process itself, of the case or called by a call activity: opens its event subprocesses and
// begins where it was started (BPMN 2.0.2 clause 13.5.1; for event-based gateways 13.4.4).
#include "behaviors/triggers.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {
namespace {

// A parallel multiple event of which one part has come: it waits for the others.
bool wait_for_rest(Transition& t, const Active& at, const bpmn::Node& start) {
    const HeldTrigger* found = nullptr;
    for (const HeldTrigger& h : t.state().held) {
        if (h.host == at.key && h.node == start.index) found = &h;
    }
    if (found == nullptr) return false;
    const std::uint32_t part = found->part;
    t.emit(TriggersReleasedV1{at.key, at.definition, start.index});
    const ElementKey key = t.activate(at.key, at.definition, start.index);
    t.emit(TriggerHeldV1{key, at.definition, start.index, part, {}});
    t.begin(key);
    return true;
}

// The gateway lets through the event that came; a parallel one waits for the others too.
void pass_gateway(Transition& t, const Active& at, const bpmn::Node& event) {
    const bpmn::Node& gateway = at.process->node(at.process->flow(event.incoming.at(0)).source);
    const FlowList flows =
        gateway.parallel_events ? FlowList(gateway.outgoing) : FlowList{event.incoming.at(0)};
    t.emit(
        ElementPassedV1{t.new_key<ElementKey>(), at.key, at.definition, gateway.index, {}, flows});
    for (const bpmn::FlowIndex f : flows) {
        const bpmn::NodeIndex target = at.process->flow(f).target;
        if (target != event.index) t.start_node(at.key, at.definition, target);
    }
}

}  // namespace

MaybeFailure start_process(Transition& t, const Active& at) {
    if (auto failure = triggers::open_event_sub_processes(t, at)) return failure;
    const std::uint32_t via = t.state().element(at.key)->via;
    const bpmn::NodeIndex index = via != bpmn::kNoFlow ? via : at.node->none_start;
    CHECK(index != bpmn::kNoNode, "the process has no none start event");
    const bpmn::Node& start = at.process->node(index);
    const bool begins = start.kind == bpmn::NodeKind::start_event;
    if (!begins && !start.instantiates) pass_gateway(t, at, start);
    if (wait_for_rest(t, at, start)) return std::nullopt;
    if (begins)
        t.start_node(at.key, at.definition, index);
    else
        t.pass_triggered(at.key, at.definition, start, {});
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
