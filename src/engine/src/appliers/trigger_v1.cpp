#include "appliers/appliers.hpp"

namespace schwarm::engine {

void apply_record(CaseState& state, const SubscriptionOpenedV2& event) {
    state.subscriptions.push_back(event.subscription);
    appliers::used(state, event.subscription.key);
}

void apply_record(CaseState& state, const TimerArmedV2& event) {
    state.timers.push_back(event.timer);
    appliers::used(state, event.timer.key);
}

void apply_record(CaseState& state, const TriggerHeldV1& event) {
    for (HeldTrigger& h : state.held) {
        if (h.host == event.host && h.definition == event.definition && h.node == event.node &&
            h.part == event.part) {
            h.variables = event.variables;
            return;
        }
    }
    state.held.push_back({event.host, event.definition, event.node, event.part, event.variables});
}

void apply_record(CaseState& state, const TriggersReleasedV1& event) {
    std::erase_if(state.held, [&event](const HeldTrigger& h) {
        return h.host == event.host && h.definition == event.definition && h.node == event.node;
    });
}

void apply_record(CaseState&, const EscalationThrownV1&) {}

void apply_record(CaseState& state, const SubscriptionTriggeredV1& event) {
    if (event.consumed) {
        appliers::erase(state.subscriptions, event.key, &Subscription::key, "subscription");
    }
}

}  // namespace schwarm::engine
