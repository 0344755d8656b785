// Timers and subscriptions (messages, signals, conditions): what waits for something.
#pragma once

#include "transition.hpp"

namespace schwarm::engine::triggers {

// Opens the timers and subscriptions of the catching event `node` for `host`; does nothing for
// events that are not waited for (errors, escalations) or that are open already. Expressions see
// `host`.
MaybeFailure open(Transition& t, ElementKey host, std::uint16_t definition, const bpmn::Node& node);
MaybeFailure open_boundary_events(Transition& t, const Active& at);
// The start events of the event subprocesses of a scope.
MaybeFailure open_event_sub_processes(Transition& t, const Active& scope);
void close_event_sub_processes(Transition& t, const Active& scope);
// A timer is due.
void trigger(Transition& t, const Timer& timer);
// A message or signal has come, or a condition holds.
void trigger(Transition& t, const Subscription& subscription, const Variables& variables);

}  // namespace schwarm::engine::triggers
