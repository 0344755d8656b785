// Execution listeners (zeebe:executionListeners): jobs worked one after another before an element
// begins (`start`, after its input mappings) and before it is left (`end`, after its output
// mappings).
#pragma once

#include "transition.hpp"

namespace schwarm::engine::execution_listeners {

// Creates the job of the next listener; false if there is none (any more), and the element goes
// on.
Outcome<bool> start(Transition& t, const Active& at);
Outcome<bool> end(Transition& t, const Active& at);
bool has_ended_some(const Transition& t, const Active& at);
// The variables of a start listener are local to the element, those of an end listener go where
// results of its output mappings go.
void completed(Transition& t, const Job& job, const Variables& variables);

}  // namespace schwarm::engine::execution_listeners
