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
    state.timers.push_back(event.timer);
    appliers::used(state, event.timer.key);
}

void apply_record(CaseState& state, const TimerFiredV1& event) {
    appliers::erase(state.timers, event.key, &Timer::key, "timer");
}

void apply_record(CaseState& state, const TimerCancelledV1& event) {
    appliers::erase(state.timers, event.key, &Timer::key, "timer");
}

void apply_record(CaseState& state, const SubscriptionOpenedV1& event) {
    state.subscriptions.push_back(event.subscription);
    appliers::used(state, event.subscription.key);
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
