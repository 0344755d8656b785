// Listeners of user tasks (zeebe:taskListeners): jobs worked one after another before something
// happens to a task. They may correct it and, but for its creation, deny what is asked for.
#pragma once

#include <string>

#include "transition.hpp"

namespace schwarm::engine::task_listeners {

bool has(const bpmn::Node& node, bpmn::ListenerEvent event);
// Why nothing else can happen to the task: a listener has to be worked first.
std::optional<Error> check_idle(const Transition& t, ElementKey task);
// Lets the listeners of the event work, then does it; at once if there are none. proposed: the
// task as it will be. The task must not wait for another event.
void request(Transition& t, bpmn::ListenerEvent event, UserTask proposed, Variables variables,
             std::string action);
// Nothing, or why the answer of the listener is refused.
std::optional<Error> completed(Transition& t, const Job& job, const CompleteJob& command);
// Tries again to create the job of the listener that is next.
void resume(Transition& t, const Active& at);

}  // namespace schwarm::engine::task_listeners
