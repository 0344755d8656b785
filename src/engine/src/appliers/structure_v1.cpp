#include "appliers/appliers.hpp"

namespace schwarm::engine {
namespace appliers {

// The log of a scope lives on only while the scope itself can be compensated.
void end_structures(CaseState& state, ElementKey key) {
    std::erase_if(state.gateway_resets, [key](const GatewayReset& g) { return g.scope == key; });
    std::erase_if(state.task_actions, [key](const TaskAction& a) { return a.task == key; });
    auto& log = state.compensables;
    if (log.empty()) return;
    std::erase_if(log, [key](const Compensable& c) { return c.handler == key; });
    for (Compensable& c : log) {
        if (c.thrower == key) c.thrower = ElementKey();
    }
    const bool kept = std::any_of(log.begin(), log.end(), [key](const Compensable& c) {
        return c.activity == key && c.by_scope;
    });
    if (kept) return;
    std::vector<ElementKey> gone{key};
    while (!gone.empty()) {
        const ElementKey scope = gone.back();
        gone.pop_back();
        for (const Compensable& c : log) {
            if (c.scope == scope && c.by_scope) gone.push_back(c.activity);
        }
        std::erase_if(log, [scope](const Compensable& c) { return c.scope == scope; });
    }
}

static Compensable& entry(CaseState& state, ElementKey key) {
    return at(state.compensables, key, &Compensable::key, "entry of the compensation log");
}

static TaskAction& action(CaseState& state, ElementKey task) {
    return at(state.task_actions, task, &TaskAction::task, "task action");
}

}  // namespace appliers

void apply_record(CaseState& state, const JobCreatedV2& event) {
    Job job;
    job.key = event.key;
    job.element = event.element;
    job.type = event.type;
    job.retries = event.retries;
    job.kind = event.kind;
    job.listener_event = event.listener_event;
    job.priority = event.priority;
    state.jobs.push_back(std::move(job));
    appliers::used(state, event.key);
}

void apply_record(CaseState& state, const JobCancelledV1& event) {
    appliers::erase(state.jobs, event.key, &Job::key, "job");
    std::erase_if(state.incidents, [&event](const Incident& i) { return i.job == event.key; });
}

void apply_record(CaseState& state, const ListenersDoneV1& event) {
    appliers::element(state, event.element).listeners = event.done;
}

void apply_record(CaseState& state, const CompensableV1& event) {
    Compensable c;
    c.key = event.key;
    c.activity = event.activity;
    c.scope = event.scope;
    c.definition = event.definition;
    c.node = event.node;
    c.loop_counter = event.loop_counter;
    c.inner = event.inner;
    c.by_scope = event.by_scope;
    c.variables = event.variables;
    state.compensables.push_back(std::move(c));
    appliers::used(state, event.key);
}

void apply_record(CaseState& state, const CompensationTriggeredV1& event) {
    for (const ElementKey key : event.entries) appliers::entry(state, key).thrower = event.thrower;
}

void apply_record(CaseState& state, const CompensationStartedV1& event) {
    Compensable& started = appliers::entry(state, event.entry);
    started.handler = event.handler;
    if (!started.by_scope) return;
    // What the scope contained belongs to the instance that compensates it.
    const ElementKey before = started.activity;
    for (Compensable& c : state.compensables) {
        if (c.scope == before) c.scope = event.handler;
    }
}

void apply_record(CaseState& state, const AdHocActivatedV1& event) {
    ElementInstance instance;
    instance.key = event.key;
    instance.scope = event.scope;
    instance.definition = event.definition;
    instance.node = event.node;
    instance.inner = true;
    CHECK(state.elements.empty() || state.elements.back().key < event.key, "keys must grow");
    ++appliers::element(state, event.scope).children;
    state.elements.push_back(std::move(instance));
    appliers::used(state, event.key);
}

void apply_record(CaseState& state, const GatewayActivatedV1& event) {
    state.gateway_resets.push_back({event.scope, event.definition, event.node, event.consumed});
}

void apply_record(CaseState& state, const GatewayResetV1& event) {
    std::erase_if(state.gateway_resets, [&event](const GatewayReset& g) {
        return g.scope == event.scope && g.definition == event.definition && g.node == event.node;
    });
}

void apply_record(CaseState& state, const TaskActionBegunV1& event) {
    TaskAction action{event.task, event.event, 0, event.proposed, event.variables, event.action};
    const auto at =
        std::lower_bound(state.task_actions.begin(), state.task_actions.end(), event.task,
                         [](const TaskAction& a, ElementKey k) { return a.task < k; });
    state.task_actions.insert(at, std::move(action));
}

void apply_record(CaseState& state, const TaskListenerDoneV1& event) {
    TaskAction& action = appliers::action(state, event.task);
    ++action.done;
    action.proposed = event.proposed;
}

void apply_record(CaseState& state, const TaskActionEndedV1& event) {
    appliers::erase(state.task_actions, event.task, &TaskAction::task, "task action");
}

void apply_record(CaseState& state, const UserTaskChangedV1& event) {
    appliers::at(state.user_tasks, event.task.key, &UserTask::key, "user task") = event.task;
}

}  // namespace schwarm::engine
