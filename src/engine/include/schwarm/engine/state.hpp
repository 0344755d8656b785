// Everything that is known about one case (Vorgang): a plain value, changed only by apply()
// (engine.hpp) and read by everybody. Vectors are sorted by key. Not thread-safe for writing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/bpmn/process.hpp"
#include "schwarm/engine/ids.hpp"
#include "schwarm/engine/variables.hpp"

namespace schwarm::engine {

// none: the case does not exist yet.
enum class CaseStatus : std::uint8_t { none, active, completed, cancelled };
std::string_view name_of(CaseStatus status);

// activating: an incident stopped it before it began (input mapping, condition, ...).
// active: it waits or contains something active.
// completing: an incident stopped it after its work was done (output mapping, no flow, ...).
enum class ElementPhase : std::uint8_t { activating, active, completing };

// The body of a multi-instance activity: `items` is fixed when it begins.
struct LoopState {
    feel::Value::List items;
    feel::Value::List outputs;  // by item; empty if nothing is collected
    std::uint32_t next = 0;     // items begun so far
    std::uint32_t finished = 0;
    bool operator==(const LoopState&) const;
};

// One activation of one element that has not ended. A multi-instance or loop activity is one
// instance with `loop` set and its iterations below it (same node, loop_counter from 1).
struct ElementInstance {
    ElementKey key;
    ElementKey scope;              // the enclosing instance; 0 for the case itself
    std::uint16_t definition = 0;  // index into CaseState::definitions
    bpmn::NodeIndex node = 0;
    ElementPhase phase = ElementPhase::active;
    std::uint32_t loop_counter = 0;  // 0: not an iteration
    std::uint32_t children = 0;      // instances directly below
    // A held token enters by this flow once more; of the case itself: the start event's node.
    std::uint32_t via = bpmn::kNoFlow;
    // One activation inside an ad-hoc subprocess: same node as the ad-hoc subprocess above it,
    // a scope of its own whose variables do not leave it.
    bool inner = false;
    std::uint32_t listeners = 0;            // execution listeners done, those of `start` first
    Variables variables;                    // local ones
    std::shared_ptr<const LoopState> loop;  // shared with older copies of the state
};

// Tokens that arrived at a converging gateway and wait for others.
struct WaitingTokens {
    ElementKey scope;
    std::uint16_t definition = 0;
    bpmn::FlowIndex flow = 0;
    std::uint32_t count = 0;
    bool operator==(const WaitingTokens&) const = default;
};

struct UserTask {
    ElementKey key;
    Instant created;
    std::string form_id;
    std::string assignee;  // empty: unclaimed
    std::vector<std::string> candidate_groups;
    std::vector<std::string> candidate_users;
    std::optional<Instant> due;
    std::optional<Instant> follow_up;
    std::uint32_t priority = 50;
    bool operator==(const UserTask&) const = default;
};

// What a listener of a user task may still change before `event` takes place. done: listeners
// that have been worked.
struct TaskAction {
    ElementKey task;
    bpmn::ListenerEvent event = bpmn::ListenerEvent::creating;
    std::uint32_t done = 0;
    UserTask proposed;
    Variables variables;
    std::string action;  // as the command calls it: "complete", "claim", ...
    bool operator==(const TaskAction&) const = default;
};

// host: the instance that waits, or the activity or scope the event is attached to. node: the
// catching event.
struct Timer {
    TimerKey key;
    ElementKey host;
    std::uint16_t definition = 0;
    bpmn::NodeIndex node = 0;
    Instant due;
    std::int32_t repetitions = 0;  // still to come after this one; -1 without end
    std::string cycle;             // the evaluated cycle, empty if there is none
    std::uint32_t part = 0;        // which definition of a multiple event
    bool operator==(const Timer&) const = default;
};

// condition: of a conditional event; only the engine itself triggers it.
enum class SubscriptionKind : std::uint8_t { message, signal, condition };
std::string_view name_of(SubscriptionKind kind);

struct Subscription {
    SubscriptionKey key;
    ElementKey host;
    std::uint16_t definition = 0;
    bpmn::NodeIndex node = 0;
    std::string message_name;     // or that of the signal; of a condition its text
    std::string correlation_key;  // may be empty: any message of that name to this case
    SubscriptionKind kind = SubscriptionKind::message;
    std::uint32_t part = 0;  // which definition of a multiple event
    bool operator==(const Subscription&) const = default;
};

// One part of a parallel multiple event has been triggered; it waits for the others.
struct HeldTrigger {
    ElementKey host;
    std::uint16_t definition = 0;
    bpmn::NodeIndex node = 0;
    std::uint32_t part = 0;
    Variables variables;
    bool operator==(const HeldTrigger&) const = default;
};

// open: a worker may take it. failed: no retries left, an incident is open.
enum class JobStatus : std::uint8_t { open, failed };
enum class JobKind : std::uint8_t {
    bpmn_element,
    execution_listener,
    task_listener,
    ad_hoc_sub_process,
};
std::string_view name_of(JobKind kind);
struct Job {
    JobKey key;
    ElementKey element;
    std::string type;
    std::uint32_t retries = 3;
    std::int32_t priority = 0;  // zeebe:jobPriorityDefinition; higher ones are handed out first
    JobStatus status = JobStatus::open;
    std::optional<Instant> not_before;  // back-off after a failure
    std::string message;                // of the last failure
    JobKind kind = JobKind::bpmn_element;
    std::string listener_event;  // "start", "completing", ...; of listeners only
    bool operator==(const Job&) const = default;
};

enum class IncidentKind : std::uint8_t {
    expression,  // FEEL gave null or the wrong type where a value is needed
    no_flow,     // no condition is true and there is no default flow
    decision,    // the called decision is missing or failed
    job_no_retries,
    inline_task,
    unhandled_error,  // a BPMN error nobody catches
    called_process,
    step_limit,  // more steps in one command than allowed: a loop
    variables_limit,
    undelivered,  // a message to another tenant did not arrive in time, or was refused
};
std::string_view name_of(IncidentKind kind);

struct Incident {
    IncidentKey key;
    ElementKey element;
    IncidentKind kind = IncidentKind::expression;
    std::string reason;
    Instant created;
    JobKey job;  // 0 if it does not concern a job
    bool operator==(const Incident&) const = default;
};

// The compensation log: what has been completed and can be compensated, in the order of
// completion (BPMN 2.0.2 clause 13.5.5).
struct Compensable {
    ElementKey key;       // of this entry
    ElementKey activity;  // the instance that has completed
    ElementKey scope;     // the instance it was in, or the entry of that scope once it completed
    std::uint16_t definition = 0;
    bpmn::NodeIndex node = 0;
    std::uint32_t loop_counter = 0;
    bool inner = false;
    bool by_scope = false;  // compensated by what is in it, else by the handler of its node
    ElementKey thrower;     // who compensates it; 0: nobody yet
    ElementKey handler;     // what compensates it now; 0: not begun
    Variables variables;    // of a scope, as they were at its completion
    bool operator==(const Compensable&) const = default;
};

// A complex gateway that has been activated and waits for the other incoming flows.
struct GatewayReset {
    ElementKey scope;
    std::uint16_t definition = 0;
    bpmn::NodeIndex node = 0;
    std::vector<bpmn::FlowIndex> consumed;  // the flows whose tokens activated it
    bool operator==(const GatewayReset&) const = default;
};

// A document of the case: the template and the data to fill it with, not the rendered pages.
struct Document {
    DocumentId id;
    ElementKey element;
    std::string document;  // name of the template
    std::string title;
    Instant created;
    feel::Value data;
};

// Which decision was used, so that a notice can name it; inputs and outputs are in the event.
struct DecisionRecord {
    ElementKey element;
    std::string decision_id;
    std::string version;
    Instant at;
    bool operator==(const DecisionRecord&) const = default;
};

struct Milestone {
    std::uint16_t definition = 0;
    bpmn::NodeIndex node = 0;
    Instant at;
    bool operator==(const Milestone&) const = default;
};

struct CaseState {
    CaseId id;
    TenantId tenant;
    CaseStatus status = CaseStatus::none;
    std::string started_by;
    Instant created;
    Instant changed;
    std::optional<Instant> ended;
    std::uint64_t next_key = 1;
    std::uint64_t next_document = 1;
    std::string business_id;
    std::vector<std::string> tags;
    // All that were ever used: by the case, by call activities, before a migration.
    std::vector<DefinitionKey> definitions;
    std::uint16_t definition = 0;           // of the case itself, index into `definitions`
    std::vector<ElementInstance> elements;  // [0]: the case itself, while it is active
    Variables variables;                    // of the case; kept after its end
    std::vector<WaitingTokens> waiting;
    std::vector<UserTask> user_tasks;
    std::vector<Timer> timers;
    std::vector<Subscription> subscriptions;
    std::vector<HeldTrigger> held;
    std::vector<Job> jobs;
    std::vector<Incident> incidents;
    std::vector<Document> documents;
    std::vector<DecisionRecord> decisions;
    std::vector<Milestone> milestones;
    std::vector<Compensable> compensables;
    std::vector<GatewayReset> gateway_resets;
    std::vector<TaskAction> task_actions;      // by task
    std::vector<std::string> recent_commands;  // ids, newest last; kRecentCommands at most
    std::optional<Instant> archived;
    std::optional<Instant> retention_until;

    static constexpr std::size_t kRecentCommands = 32;

    const ElementInstance* element(ElementKey key) const;  // null if it has ended
    const UserTask* user_task(ElementKey key) const;
    const Timer* timer(TimerKey key) const;
    const Subscription* subscription(SubscriptionKey key) const;
    const Job* job(JobKey key) const;
    const Incident* incident(IncidentKey key) const;
    const Document* document(DocumentId id) const;
    const TaskAction* task_action(ElementKey task) const;
    // The variable as seen from `scope`: its own, else that of the nearest enclosing scope.
    const feel::Value* variable(ElementKey scope, std::string_view name) const;
    bool has_seen(std::string_view command_id) const;
};

bool operator==(const CaseState& a, const CaseState& b);

}  // namespace schwarm::engine
