#include "behaviors/task_listeners.hpp"

#include "behaviors/expressions.hpp"

namespace schwarm::engine::task_listeners {
namespace {

using bpmn::ListenerEvent;

// The listener of the event that comes after `done` others; null if there is none.
const bpmn::Listener* listener_at(const bpmn::Node& node, ListenerEvent event, std::size_t done) {
    for (const bpmn::Listener& l : node.details.task_listeners) {
        if (l.event == event && done-- == 0) return &l;
    }
    return nullptr;
}

void assign_created(Transition& t, ElementKey key) {
    const Active at = t.active(key);
    const UserTask task = *t.state().user_task(key);
    if (!has(*at.node, ListenerEvent::assigning) || !task.assignee.empty()) return;
    auto assignee = expressions::optional_text(t, at.node->details.user_task.assignee, key,
                                               "the assignee of '" + at.node->id + "'");
    if (assignee.has_error() || assignee->empty()) return;
    UserTask proposed = task;
    proposed.assignee = std::move(*assignee);
    request(t, ListenerEvent::assigning, std::move(proposed), {}, "assign");
}

// The event of what an update changes.
UserTaskUpdatedV1 update_of(const UserTask& before, const UserTask& after) {
    UserTaskUpdatedV1 out{after.key, after.candidate_groups, after.candidate_users,
                          after.due, after.follow_up,        after.priority,
                          TextList()};
    const auto compare = [&out](const auto& was, const auto& is, const char* name) {
        if (was != is) out.changed.emplace_back(name);
    };
    compare(before.candidate_groups, after.candidate_groups, "candidateGroups");
    compare(before.candidate_users, after.candidate_users, "candidateUsers");
    compare(before.due, after.due, "dueDate");
    compare(before.follow_up, after.follow_up, "followUpDate");
    compare(before.priority, after.priority, "priority");
    return out;
}

void carry_out(Transition& t, ListenerEvent event, const UserTask& proposed,
               const Variables& variables) {
    UserTask task = *t.state().user_task(proposed.key);
    const bool assigns = event == ListenerEvent::assigning || event == ListenerEvent::updating;
    if (assigns && task.assignee != proposed.assignee) {
        t.emit(UserTaskAssignedV1{proposed.key, proposed.assignee});
        task.assignee = proposed.assignee;
    }
    if (event == ListenerEvent::updating) {
        UserTaskUpdatedV1 update = update_of(task, proposed);
        if (!update.changed.empty()) t.emit(std::move(update));
    } else if (!(task == proposed)) {
        t.emit(UserTaskChangedV1{proposed});
    }
    if (event == ListenerEvent::creating) assign_created(t, proposed.key);
    if (event == ListenerEvent::updating && !variables.empty()) {
        t.emit(VariablesSetV1{proposed.key, variables});
    }
    if (event == ListenerEvent::completing) {
        t.emit(UserTaskCompletedV1{proposed.key});
        t.finish(proposed.key, variables);
    }
}

// The next listener of the pending action of the task, or the action itself.
void go_on(Transition& t, const Active& at) {
    const TaskAction action = *t.state().task_action(at.key);
    const bpmn::Listener* listener = listener_at(*at.node, action.event, action.done);
    if (listener == nullptr) {
        t.emit(TaskActionEndedV1{at.key, false, {}});
        carry_out(t, action.event, action.proposed, action.variables);
        return;
    }
    const std::string of = "of a listener of '" + at.node->id + "'";
    auto type = expressions::text(t, listener->type, at.key, "the job type " + of);
    if (type.has_error()) {
        t.raise(at.key, type.error(), ElementPhase::active);
        return;
    }
    const auto retries = expressions::number(t, listener->retries, at.key, "the retries " + of, 3);
    if (retries.has_error()) {
        t.raise(at.key, retries.error(), ElementPhase::active);
        return;
    }
    t.emit(JobCreatedV2{t.new_key<JobKey>(), at.key, std::move(*type), *retries,
                        JobKind::task_listener, std::string(bpmn::name_of(listener->event)), 0});
}

void correct(UserTask& task, const TaskCorrections& c) {
    if (c.assignee) task.assignee = *c.assignee;
    if (c.candidate_groups) task.candidate_groups = *c.candidate_groups;
    if (c.candidate_users) task.candidate_users = *c.candidate_users;
    if (c.due) task.due = *c.due;
    if (c.follow_up) task.follow_up = *c.follow_up;
    if (c.priority) task.priority = *c.priority;
}

}  // namespace

bool has(const bpmn::Node& node, ListenerEvent event) {
    return listener_at(node, event, 0) != nullptr;
}

std::optional<Error> check_idle(const Transition& t, ElementKey task) {
    const TaskAction* action = t.state().task_action(task);
    if (action == nullptr) return std::nullopt;
    return fail(ErrorCode::conflict, "the task waits for a listener of the event '" +
                                         std::string(bpmn::name_of(action->event)) + "'");
}

void request(Transition& t, ListenerEvent event, UserTask proposed, Variables variables,
             std::string action) {
    const Active at = t.active(proposed.key);
    if (!has(*at.node, event)) {
        carry_out(t, event, proposed, variables);
        return;
    }
    t.emit(TaskActionBegunV1{at.key, event, std::move(proposed), std::move(variables),
                             std::move(action)});
    go_on(t, at);
}

std::optional<Error> completed(Transition& t, const Job& job, const CompleteJob& command) {
    const TaskAction* found = t.state().task_action(job.element);
    CHECK(found != nullptr, "the listener of a user task without anything to listen to");
    const TaskAction action = *found;
    const JobResult& result = command.result;
    if (!command.variables.empty()) {
        return fail(ErrorCode::invalid_input, "the listener of a user task brings no variables");
    }
    if (result.denied && action.event == ListenerEvent::creating) {
        return fail(ErrorCode::invalid_input, "the creation of a user task cannot be denied");
    }
    const Active at = t.active(job.element);
    const bool has_assignee = at.node->details.user_task.assignee.present();
    if (result.corrections.assignee && action.event == ListenerEvent::creating && has_assignee) {
        return fail(ErrorCode::invalid_input,
                    "the process names the assignee; a listener of 'creating' cannot correct it");
    }
    t.emit(JobCompletedV1{job.key});
    if (result.denied) {
        t.emit(TaskActionEndedV1{at.key, true, result.denied_reason});
        return std::nullopt;
    }
    UserTask proposed = action.proposed;
    correct(proposed, result.corrections);
    t.emit(TaskListenerDoneV1{at.key, std::move(proposed)});
    go_on(t, at);
    return std::nullopt;
}

void resume(Transition& t, const Active& at) {
    if (t.state().task_action(at.key) == nullptr) return;
    for (const Job& job : t.state().jobs) {
        if (job.element == at.key && job.kind == JobKind::task_listener) return;
    }
    go_on(t, at);
}

}  // namespace schwarm::engine::task_listeners
