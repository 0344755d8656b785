// User task: waits until somebody completes it. With an assignee of its own it is assigned after
// its creation where listeners of `assigning` want to see that.
#include "behaviors/expressions.hpp"
#include "behaviors/task_listeners.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure start_user_task(Transition& t, const Active& at) {
    const auto& definition = at.node->details.user_task;
    const std::string of = " of '" + at.node->id + "'";
    auto form = expressions::optional_text(t, definition.form_id, at.key, "the form" + of);
    if (form.has_error()) return form.error();
    auto assignee = expressions::optional_text(t, definition.assignee, at.key, "the assignee" + of);
    if (assignee.has_error()) return assignee.error();
    auto groups =
        expressions::texts(t, definition.candidate_groups, at.key, "the candidate groups" + of);
    if (groups.has_error()) return groups.error();
    auto users =
        expressions::texts(t, definition.candidate_users, at.key, "the candidate users" + of);
    if (users.has_error()) return users.error();
    const auto due =
        expressions::optional_instant(t, definition.due_date, at.key, "the due date" + of);
    if (due.has_error()) return due.error();
    const auto follow_up = expressions::optional_instant(t, definition.follow_up_date, at.key,
                                                         "the follow-up date" + of);
    if (follow_up.has_error()) return follow_up.error();
    const auto priority =
        expressions::number(t, definition.priority, at.key, "the priority" + of, 50);
    if (priority.has_error()) return priority.error();
    UserTask task{at.key,
                  t.now(),
                  std::move(*form),
                  std::move(*assignee),
                  std::move(*groups),
                  std::move(*users),
                  *due,
                  *follow_up,
                  *priority};
    if (task_listeners::has(*at.node, bpmn::ListenerEvent::assigning)) task.assignee.clear();
    t.emit(UserTaskCreatedV1{task});
    task_listeners::request(t, bpmn::ListenerEvent::creating, std::move(task), {}, "create");
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
