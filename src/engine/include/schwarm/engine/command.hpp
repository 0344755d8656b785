// What can be asked of a case. One command touches one case.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "schwarm/engine/ids.hpp"
#include "schwarm/engine/variables.hpp"

namespace schwarm::engine {

// The state must be empty (CaseStatus::none). Begins at the none start event, or where
// `start_message` or `start_signal` is waited for (names that are no FEEL), or at `start_element`,
// one of the nodes of bpmn::Process::starts().
struct CreateCase {
    CaseId case_id;
    TenantId tenant;
    DefinitionKey definition;
    Variables variables;
    std::string start_message;
    std::string start_element;
    std::string start_signal;
    // Of a parallel multiple start: the part that came; the case waits for the others at the
    // start event. Without it all have come.
    std::optional<std::uint32_t> start_part;
};

struct CompleteUserTask {
    ElementKey task;
    Variables variables;
    // Refuse (conflict) if the task is claimed by somebody other than the actor.
    bool only_if_assigned_to_actor = false;
};

// assignee empty: give the task back. Refused (conflict) if somebody else holds it, unless
// `override_other`.
struct AssignUserTask {
    ElementKey task;
    std::string assignee;
    bool override_other = false;
};

// Goes to the oldest subscription of that name in this case; correlation_key, if given, must
// be equal. not_found if there is none.
struct CorrelateMessage {
    std::string name;
    std::optional<std::string> correlation_key;
    Variables variables;
};

// A message or signal for a subscription that the host has found itself; not_found if it is no
// longer there.
struct TriggerSubscription {
    SubscriptionKey subscription;
    Variables variables;
};

// A timer that no longer exists is a harmless repetition (empty decision). Refused (conflict)
// before it is due.
struct TriggerTimer {
    TimerKey timer;
};

struct CompleteJob {
    JobKey job;
    Variables variables;
};

// retries: how many are left now; 0 makes an incident.
struct FailJob {
    JobKey job;
    std::uint32_t retries = 0;
    std::string message;
    std::chrono::milliseconds backoff{0};
    Variables variables;
};

// A BPMN error by the worker: the nearest catching event with that code takes it.
struct ThrowError {
    JobKey job;
    std::string error_code;
    std::string message;
    Variables variables;
};

// scope 0: the case. Without `local`, a variable is changed where it exists, else set in the
// case.
struct UpdateVariables {
    ElementKey scope;
    Variables variables;
    bool local = false;
};

struct CancelCase {
    std::string reason;
};

// Tries again what the incident stopped. For a job, retries is what it gets.
struct ResolveIncident {
    IncidentKey incident;
    std::uint32_t retries = 1;
};

using CommandBody = std::variant<CreateCase, CompleteUserTask, AssignUserTask, CorrelateMessage,
                                 TriggerTimer, CompleteJob, FailJob, ThrowError, UpdateVariables,
                                 CancelCase, ResolveIncident, TriggerSubscription>;

// id: unique per intent (for example a random number made when the form was rendered); the same
// id again changes nothing and is answered Reply::duplicate. Empty: never a repetition.
// now: the time of the command; actor: who is responsible, kept in the history.
struct Command {
    std::string id;
    Instant now;
    std::string actor;
    CommandBody body;
};

// "create_case", "complete_user_task", ...
std::string_view name_of(const CommandBody& body);

}  // namespace schwarm::engine
