#include "appliers/appliers.hpp"

namespace schwarm::engine {

void apply_record(CaseState& state, const CaseLabelledV1& event) {
    state.business_id = event.business_id;
    state.tags = event.tags;
}

void apply_record(CaseState& state, const JobUpdatedV1& event) {
    Job& job = appliers::at(state.jobs, event.key, &Job::key, "job");
    job.retries = event.retries;
    job.priority = event.priority;
}

void apply_record(CaseState& state, const UserTaskUpdatedV1& event) {
    UserTask& task = appliers::at(state.user_tasks, event.key, &UserTask::key, "user task");
    task.candidate_groups = event.candidate_groups;
    task.candidate_users = event.candidate_users;
    task.due = event.due;
    task.follow_up = event.follow_up;
    task.priority = event.priority;
}

void apply_record(CaseState& state, const ProcessMigratedV1& event) {
    ElementInstance& root = appliers::element(state, event.key);
    root.definition = event.definition;
    root.via = event.via;
    if (root.scope == ElementKey()) state.definition = event.definition;
}

void apply_record(CaseState& state, const ElementMigratedV1& event) {
    ElementInstance& element = appliers::element(state, event.key);
    element.definition = event.definition;
    element.node = event.node;
    element.via = event.via;
}

void apply_record(CaseState& state, const TimerMigratedV1& event) {
    Timer& timer = appliers::at(state.timers, event.key, &Timer::key, "timer");
    timer.definition = event.definition;
    timer.node = event.node;
}

void apply_record(CaseState& state, const SubscriptionMigratedV1& event) {
    Subscription& subscription =
        appliers::at(state.subscriptions, event.key, &Subscription::key, "subscription");
    subscription.definition = event.definition;
    subscription.node = event.node;
}

void apply_record(CaseState& state, const CompensableMigratedV1& event) {
    Compensable& entry =
        appliers::at(state.compensables, event.key, &Compensable::key, "compensation log entry");
    entry.definition = event.definition;
    entry.node = event.node;
}

}  // namespace schwarm::engine
