// What can be asked of a case. One command touches one case.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "schwarm/engine/ids.hpp"
#include "schwarm/engine/variables.hpp"

namespace schwarm::engine {

// Variables for one scope around an element that is activated: the element itself or one that
// encloses it, by element id; an empty id is the process instance.
struct VariableInstruction {
    std::string scope;
    Variables variables;
};

// Activate an element that no token reached. Scopes around it that are missing are created without
// their start events; one that is active is used. `ancestor` names the active scope to work in
// (all scopes between it and the element are created); it is needed where several are active.
struct ActivateInstruction {
    std::string element;
    ElementKey ancestor;
    std::vector<VariableInstruction> variables;
};

// The state must be empty (CaseStatus::none). Begins at the none start event, or where
// `start_message` or `start_signal` is waited for (names that are no FEEL), or at `start_element`,
// one of the nodes of bpmn::Process::starts(), or, if there are start instructions (their
// `ancestor` is 0), at those elements and at no start event.
// business_id and tags are kept with the case and mean nothing to the engine.
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
    std::vector<ActivateInstruction> start_instructions;
    std::string business_id;
    std::vector<std::string> tags;
};

struct CompleteUserTask {
    ElementKey task;
    Variables variables;
    // Refuse (conflict) if the task is claimed by somebody other than the actor.
    bool only_if_assigned_to_actor = false;
    std::string action = "complete";  // told to the listeners of the task
};

// assignee empty: give the task back. Refused (conflict) if somebody else holds it, unless
// `override_other`.
struct AssignUserTask {
    ElementKey task;
    std::string assignee;
    bool override_other = false;
    std::string action = "assign";  // told to the listeners of the task
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

// What a listener of a user task changes; absent: stays as it is.
struct TaskCorrections {
    std::optional<std::string> assignee;  // empty: nobody
    std::optional<std::vector<std::string>> candidate_groups;
    std::optional<std::vector<std::string>> candidate_users;
    std::optional<std::optional<Instant>> due;
    std::optional<std::optional<Instant>> follow_up;
    std::optional<std::uint32_t> priority;
};

// One element inside an ad-hoc subprocess to begin, with variables local to the activation.
struct ActivateElement {
    std::string element;
    Variables variables;
};

// What the worker of a listener or an ad-hoc subprocess answers beside variables; refused
// (invalid_input) where the kind of the job knows no such answer.
struct JobResult {
    bool denied = false;  // listeners of assigning, updating, completing
    std::string denied_reason;
    TaskCorrections corrections;
    std::vector<ActivateElement> activate_elements;  // ad-hoc subprocess, as the next two
    bool completion_condition_fulfilled = false;
    bool cancel_remaining_instances = false;
};

struct CompleteJob {
    JobKey job;
    Variables variables;
    JobResult result{};
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
// case. Local ones of a user task wait for its listeners of `updating`; refused (conflict) while
// another listener of it works.
struct UpdateVariables {
    ElementKey scope;
    Variables variables;
    bool local = false;
};

// process_instance, if given, must be the case itself: a called process ends with the call activity
// that called it (conflict).
struct CancelCase {
    std::string reason;
    ElementKey process_instance{};
};

// Tries again what the incident stopped. For a job, retries is what it gets; 0: those it has
// (UpdateJob), of which there must be one at least.
struct ResolveIncident {
    IncidentKey incident;
    std::uint32_t retries = 1;
};

// Begins elements of an ad-hoc subprocess that is active; with cancel_remaining, what is active in
// it ends first.
struct ActivateAdHoc {
    ElementKey ad_hoc;
    std::vector<ActivateElement> elements;
    bool cancel_remaining = false;
};

// By key, or every active instance of an element; one of both is given.
struct TerminateInstruction {
    ElementKey instance;
    std::string element;
};

// Where the target of a move is activated. automatic: as an ActivateInstruction without ancestor.
// inferred: in the nearest scope around the source that also encloses the target. source_parent:
// in the scope of the source. direct: in `ancestor`.
enum class MoveScope : std::uint8_t { automatic, inferred, source_parent, direct };

// Each active instance of `source`, or the one of `source_instance`, is terminated, and the target
// is activated in its stead.
struct MoveInstruction {
    std::string source;
    ElementKey source_instance;
    std::string target;
    MoveScope scope = MoveScope::automatic;
    ElementKey ancestor;
    std::vector<VariableInstruction> variables;
};

// Changes where the tokens of one process instance are (0: that of the case itself), all or
// nothing: first everything is activated, then terminated; scopes that are empty after that are
// terminated (the case is cancelled), and then what was activated begins. A refusal names the
// instruction.
struct ModifyCase {
    ElementKey process_instance;
    std::vector<ActivateInstruction> activate;
    std::vector<MoveInstruction> move;
    std::vector<TerminateInstruction> terminate;
};

struct MappingInstruction {
    std::string source;
    std::string target;
};

// Moves one process instance (0: that of the case itself) to another definition without ending
// anything. Each active element needs a mapping to one of the same kind in the same (mapped) scope;
// so does each gateway where tokens wait. Boundary events, start events of event subprocesses and
// events behind event-based gateways keep their timers and subscriptions if they are mapped, else
// these are closed; new ones are opened. Refused (conflict) with every reason of check_migration().
struct MigrateCase {
    ElementKey process_instance;
    DefinitionKey target;
    std::vector<MappingInstruction> mappings;
};

// retries: 1 at least. The incident of a failed job stays; resolve it after.
struct UpdateJob {
    JobKey job;
    std::optional<std::uint32_t> retries;
    std::optional<std::int32_t> priority;
};

// Changes what is given. due and follow_up: given and empty takes the date away. priority: 0 to
// 100. The assignee is changed by AssignUserTask. Waits for the listeners of `updating`.
struct UpdateUserTask {
    ElementKey task;
    std::optional<std::vector<std::string>> candidate_groups;
    std::optional<std::vector<std::string>> candidate_users;
    std::optional<std::optional<Instant>> due;
    std::optional<std::optional<Instant>> follow_up;
    std::optional<std::uint32_t> priority;
};

// The host could not deliver what the case sent (an effect "deliver"): an incident of the process
// instance. To resolve it asks the host to try again (an effect "redeliver").
struct ReportUndelivered {
    std::string reason;
};

using CommandBody =
    std::variant<CreateCase, CompleteUserTask, AssignUserTask, CorrelateMessage, TriggerTimer,
                 CompleteJob, FailJob, ThrowError, UpdateVariables, CancelCase, ResolveIncident,
                 TriggerSubscription, ActivateAdHoc, ModifyCase, MigrateCase, UpdateJob,
                 UpdateUserTask, ReportUndelivered>;

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
