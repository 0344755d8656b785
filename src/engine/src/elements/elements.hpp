// What each BPMN element does when a token reaches it. One file per element; the lifecycle they
// share (mappings, boundary events, outgoing flows, incidents) is in Transition.
#pragma once

#include "transition.hpp"

namespace schwarm::engine::elements {

// Begins the work of an activated element whose inputs are mapped: it waits, contains others, or
// is completed at once. A failure becomes an incident; resolving it calls this again.
MaybeFailure on_activate(Transition& t, const Active& at);

// The flows its tokens leave by, with conditions seen from `scope`.
Outcome<FlowList> choose_flows(const Transition& t, ElementKey scope, const bpmn::Process& in,
                               const bpmn::Node& node);
Outcome<FlowList> choose_exclusive(const Transition& t, ElementKey scope, const bpmn::Process& in,
                                   const bpmn::Node& node);
Outcome<FlowList> choose_inclusive(const Transition& t, ElementKey scope, const bpmn::Process& in,
                                   const bpmn::Node& node);
// Lets one waiting inclusive gateway go on if no other token can reach it any more.
bool open_inclusive_join(Transition& t);

// Why nothing can be begun inside the element: it is nested too deep.
MaybeFailure too_deep(const Transition& t, const Active& at, IncidentKind kind);
MaybeFailure start_process(Transition& t, const Active& at);
MaybeFailure start_sub_process(Transition& t, const Active& at);
MaybeFailure start_event_sub_process(Transition& t, const Active& at);
MaybeFailure start_user_task(Transition& t, const Active& at);
// service, send, business rule and script tasks and message throw events with taskDefinition.
MaybeFailure start_job(Transition& t, const Active& at);
MaybeFailure run_inline_task(Transition& t, const Active& at, const std::string& type);
MaybeFailure send_message(Transition& t, const Active& at);
Outcome<NewEffect> message_effect(const Transition& t, const Active& at,
                                  const bpmn::MessageDefinition& message);
// What a throw or end event throws, and completes it.
MaybeFailure throw_events(Transition& t, const Active& at);
MaybeFailure start_business_rule_task(Transition& t, const Active& at);
MaybeFailure start_script_task(Transition& t, const Active& at);
MaybeFailure start_receive_task(Transition& t, const Active& at);
MaybeFailure start_intermediate_catch_event(Transition& t, const Active& at);
MaybeFailure start_intermediate_throw_event(Transition& t, const Active& at);
MaybeFailure start_end_event(Transition& t, const Active& at);
MaybeFailure start_event_based_gateway(Transition& t, const Active& at);
MaybeFailure start_call_activity(Transition& t, const Active& at);
void called_process_ended(Transition& t, ElementKey call_activity, const Variables& brought);

// Compensation. An activity that completes is kept in the compensation log if it has a handler or
// contains something that has one.
void remember_completion(Transition& t, const Active& completed);
MaybeFailure throw_compensation(Transition& t, const Active& at);
MaybeFailure start_cancel_end_event(Transition& t, const Active& at);
// Begins the next handler of what `thrower` compensates, or ends the compensation.
void continue_compensation(Transition& t, const Active& thrower);
// Of an active compensation handler or compensated scope: for whom it works.
std::optional<ElementKey> thrower_of_handler(const Transition& t, ElementKey key);
// True if the scope is only there to be compensated.
bool end_compensated_scope(Transition& t, const Active& scope);

// Ad-hoc subprocess.
MaybeFailure start_ad_hoc(Transition& t, const Active& at);
// What start_ad_hoc() does before it begins anything: event subprocesses and variables.
MaybeFailure open_ad_hoc(Transition& t, const Active& at);
// A new activation inside the ad-hoc subprocess, for `element`, which is not begun.
ElementKey activate_inner(Transition& t, const Active& ad_hoc, bpmn::NodeIndex element);
// Nothing is active any more in the ad-hoc subprocess or in one of its activations.
void ad_hoc_idle(Transition& t, const Active& at);
// Asks again whether the ad-hoc subprocess is complete, and if not begins what is next.
void decide_ad_hoc(Transition& t, const Active& ad_hoc, bool may_start_job = true);
void event_sub_process_ended(Transition& t, const Active& ended);
// Nothing if all of them can be begun.
std::optional<Error> check_ad_hoc_elements(const Transition& t, const Active& ad_hoc,
                                           const std::vector<ActivateElement>& elements);
void activate_in_ad_hoc(Transition& t, const Active& ad_hoc,
                        const std::vector<ActivateElement>& elements, bool cancel_remaining);
std::optional<Error> complete_ad_hoc_job(Transition& t, const Job& job, const CompleteJob& command);

// Complex gateway: a token arrives at one with several incoming flows.
void complex_gateway_reached(Transition& t, const Token& token, const bpmn::Node& node);
bool reset_complex_gateway(Transition& t);
Outcome<FlowList> choose_complex(const Transition& t, ElementKey scope, const bpmn::Process& in,
                                 const bpmn::Node& node);

// Tries again what an incident stopped while the element was active.
void resume(Transition& t, const Active& at);

MaybeFailure begin_loop(Transition& t, const Active& body);
void continue_loop(Transition& t, const Active& body);
MaybeFailure end_iteration(Transition& t, const Active& iteration);

void boundary_event_triggered(Transition& t, const Active& host, const bpmn::Node& event,
                              const Variables& variables);
void event_based_gateway_triggered(Transition& t, const Active& gateway, const bpmn::Node& event,
                                   const Variables& variables);
void event_sub_process_triggered(Transition& t, const Active& scope, const bpmn::Node& start,
                                 const Variables& variables);

bool catches_error(const Transition& t, ElementKey thrower, const std::string& code);
// Hands an escalation to who catches it; the thrower goes on, unless that interrupts it.
void throw_escalation(Transition& t, ElementKey thrower, const std::string& code);
// Hands a BPMN error to the nearest boundary event or event subprocess that catches the code;
// false if there is none.
bool throw_error(Transition& t, ElementKey thrower, const std::string& code,
                 const Variables& variables);

}  // namespace schwarm::engine::elements
