#include "behaviors/task_listeners.hpp"
#include "processors/processors.hpp"

namespace schwarm::engine::processors {
namespace {

Error no_task(ElementKey key) {
    return fail(ErrorCode::not_found,
                "there is no open task " + std::to_string(key.value()) + " in this case");
}

}  // namespace

Rejection process(Transition& t, const CompleteUserTask& command) {
    const UserTask* task = t.state().user_task(command.task);
    if (task == nullptr) return no_task(command.task);
    if (auto rejection = task_listeners::check_idle(t, command.task)) return rejection;
    if (command.only_if_assigned_to_actor && task->assignee != t.actor()) {
        return fail(ErrorCode::conflict, task->assignee.empty()
                                             ? "the task is not claimed"
                                             : "the task is claimed by somebody else");
    }
    if (auto rejection = check_size(t, command.variables)) return rejection;
    task_listeners::request(t, bpmn::ListenerEvent::completing, *task, command.variables,
                            command.action);
    return std::nullopt;
}

Rejection process(Transition& t, const AssignUserTask& command) {
    const UserTask* task = t.state().user_task(command.task);
    if (task == nullptr) return no_task(command.task);
    if (auto rejection = task_listeners::check_idle(t, command.task)) return rejection;
    const bool theirs = !task->assignee.empty() && task->assignee != command.assignee &&
                        task->assignee != t.actor();
    if (theirs && !command.override_other) {
        return fail(ErrorCode::conflict, "the task is claimed by somebody else");
    }
    if (task->assignee != command.assignee) {
        UserTask proposed = *task;
        proposed.assignee = command.assignee;
        task_listeners::request(t, bpmn::ListenerEvent::assigning, std::move(proposed), {},
                                command.action);
    }
    return std::nullopt;
}

Rejection process(Transition& t, const UpdateUserTask& command) {
    const UserTask* task = t.state().user_task(command.task);
    if (task == nullptr) return no_task(command.task);
    if (command.priority.value_or(0) > 100) {
        return fail(ErrorCode::invalid_input, "the priority of a task is 0 to 100");
    }
    if (auto rejection = task_listeners::check_idle(t, command.task)) return rejection;
    UserTask proposed = *task;
    if (command.candidate_groups) proposed.candidate_groups = *command.candidate_groups;
    if (command.candidate_users) proposed.candidate_users = *command.candidate_users;
    if (command.due) proposed.due = *command.due;
    if (command.follow_up) proposed.follow_up = *command.follow_up;
    if (command.priority) proposed.priority = *command.priority;
    if (proposed == *task) return std::nullopt;
    task_listeners::request(t, bpmn::ListenerEvent::updating, std::move(proposed), {}, "update");
    return std::nullopt;
}

}  // namespace schwarm::engine::processors
