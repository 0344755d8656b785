#include "behaviors/triggers.hpp"
#include "processors/processors.hpp"

namespace schwarm::engine::processors {

Rejection process(Transition& t, const CorrelateMessage& command) {
    if (auto rejection = check_size(t, command.variables)) return rejection;
    const Subscription* found = nullptr;
    for (const Subscription& s : t.state().subscriptions) {
        if (s.kind != SubscriptionKind::message || s.message_name != command.name) continue;
        if (command.correlation_key && s.correlation_key != *command.correlation_key) continue;
        found = &s;
        break;
    }
    if (found == nullptr) {
        return fail(ErrorCode::not_found,
                    "the case does not wait for the message '" + command.name + "'");
    }
    triggers::trigger(t, Subscription(*found), command.variables);
    return std::nullopt;
}

Rejection process(Transition& t, const TriggerSubscription& command) {
    if (auto rejection = check_size(t, command.variables)) return rejection;
    const Subscription* found = t.state().subscription(command.subscription);
    if (found == nullptr) {
        return fail(ErrorCode::not_found,
                    "the case has no subscription " + std::to_string(command.subscription.value()));
    }
    if (found->kind == SubscriptionKind::condition) {
        return fail(ErrorCode::invalid_input, "conditions are triggered by variables only");
    }
    triggers::trigger(t, Subscription(*found), command.variables);
    return std::nullopt;
}

Rejection process(Transition& t, const TriggerTimer& command) {
    const Timer* found = t.state().timer(command.timer);
    CHECK(found != nullptr, "decide() answers for timers that no longer exist");
    if (found->due > t.now()) return fail(ErrorCode::conflict, "the timer is not due yet");
    triggers::trigger(t, Timer(*found));
    return std::nullopt;
}

}  // namespace schwarm::engine::processors
