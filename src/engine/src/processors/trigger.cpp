#include "behaviors/triggers.hpp"
#include "processors/processors.hpp"

namespace schwarm::engine::processors {
namespace {

// Boundary events and start events of event subprocesses that do not interrupt stay open.
bool stays_open(const bpmn::Node& node) {
    return !node.interrupting && (node.kind == bpmn::NodeKind::boundary_event ||
                                  node.kind == bpmn::NodeKind::start_event);
}

}  // namespace

Rejection process(Transition& t, const CorrelateMessage& command) {
    if (auto rejection = check_size(t, command.variables)) return rejection;
    const Subscription* found = nullptr;
    for (const Subscription& s : t.state().subscriptions) {
        if (s.message_name != command.name) continue;
        if (command.correlation_key && s.correlation_key != *command.correlation_key) continue;
        found = &s;
        break;
    }
    if (found == nullptr) {
        return fail(ErrorCode::not_found,
                    "the case does not wait for the message '" + command.name + "'");
    }
    const Subscription subscription = *found;
    const bpmn::Node& node = t.process(subscription.definition).node(subscription.node);
    t.emit(MessageCorrelatedV1{subscription.key, command.name, !stays_open(node)});
    triggers::fire(t, subscription.host, subscription.definition, subscription.node,
                   command.variables);
    return std::nullopt;
}

Rejection process(Transition& t, const TriggerTimer& command) {
    const Timer* found = t.state().timer(command.timer);
    CHECK(found != nullptr, "decide() answers for timers that no longer exist");
    if (found->due > t.now()) return fail(ErrorCode::conflict, "the timer is not due yet");
    const Timer timer = *found;
    const bpmn::Node& node = t.process(timer.definition).node(timer.node);
    t.emit(TimerFiredV1{timer.key});
    if (stays_open(node)) triggers::rearm(t, timer);
    triggers::fire(t, timer.host, timer.definition, timer.node, {});
    return std::nullopt;
}

}  // namespace schwarm::engine::processors
