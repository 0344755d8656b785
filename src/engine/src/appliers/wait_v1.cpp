#include "appliers/appliers.hpp"

namespace schwarm::engine {

void apply_record(CaseState& state, const UserTaskCreatedV1& event) {
    state.user_tasks.push_back(event.task);
    std::sort(state.user_tasks.begin(), state.user_tasks.end(),
              [](const UserTask& a, const UserTask& b) { return a.key < b.key; });
}

void apply_record(CaseState& state, const UserTaskAssignedV1& event) {
    appliers::at(state.user_tasks, event.key, &UserTask::key, "user task").assignee =
        event.assignee;
}

void apply_record(CaseState& state, const UserTaskCompletedV1& event) {
    appliers::erase(state.user_tasks, event.key, &UserTask::key, "user task");
}

void apply_record(CaseState& state, const TimerArmedV1& event) {
    const TimerV1& t = event.timer;
    state.timers.push_back({t.key, t.host, t.definition, t.node, t.due, t.repetitions, t.cycle, 0});
    appliers::used(state, t.key);
}

void apply_record(CaseState& state, const TimerFiredV1& event) {
    appliers::erase(state.timers, event.key, &Timer::key, "timer");
}

void apply_record(CaseState& state, const TimerCancelledV1& event) {
    appliers::erase(state.timers, event.key, &Timer::key, "timer");
}

void apply_record(CaseState& state, const SubscriptionOpenedV1& event) {
    const SubscriptionV1& s = event.subscription;
    state.subscriptions.push_back({s.key, s.host, s.definition, s.node, s.message_name,
                                   s.correlation_key, SubscriptionKind::message, 0});
    appliers::used(state, s.key);
}

void apply_record(CaseState& state, const MessageCorrelatedV1& event) {
    if (event.consumed) {
        appliers::erase(state.subscriptions, event.key, &Subscription::key, "subscription");
    }
}

void apply_record(CaseState& state, const SubscriptionClosedV1& event) {
    appliers::erase(state.subscriptions, event.key, &Subscription::key, "subscription");
}

}  // namespace schwarm::engine
