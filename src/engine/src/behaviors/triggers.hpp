// Timers and message subscriptions: what waits for something from outside.
#pragma once

#include <variant>

#include "transition.hpp"

namespace schwarm::engine::triggers {

// Opens the timer or subscription of the catching event `node` for `host`; does nothing for
// events that are not waited for (errors) or that are open already. Expressions see `host`.
MaybeFailure open(Transition& t, ElementKey host, std::uint16_t definition, const bpmn::Node& node);
MaybeFailure open_boundary_events(Transition& t, const Active& at);
// The start events of the event subprocesses of a scope.
MaybeFailure open_event_sub_processes(Transition& t, const Active& scope);
void close_event_sub_processes(Transition& t, const Active& scope);
// After a timer has fired: arms the next repetition of a cycle.
void rearm(Transition& t, const Timer& fired);
// A timer fired or a message arrived for `node` at `host`.
void fire(Transition& t, ElementKey host, std::uint16_t definition, bpmn::NodeIndex node,
          const Variables& variables);

}  // namespace schwarm::engine::triggers
