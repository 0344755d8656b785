// Everything a case ever did, made from its events: what searches over process instances, element
// instances, jobs, user tasks, incidents, variables, decisions, flows, subscriptions and timers
// answer from. Field sets follow the search results of Camunda 8's REST API.
//
// Keys are local ones of the case; 0 means "none". Texts of elements are those of the definition
// an instance has now (after migrations: the new one), empty for processes the provider no longer
// knows. Lists are in the order in which their entries came to be.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/engine/definitions.hpp"
#include "schwarm/engine/event.hpp"
#include "schwarm/engine/state.hpp"

namespace schwarm::engine {

enum class HistoryState : std::uint8_t { active, completed, terminated };

// The case itself and each process that a call activity called.
struct HistoricProcess {
    ElementKey key;             // of its root element
    ElementKey parent;          // the process instance that called it
    ElementKey parent_element;  // the call activity
    DefinitionKey definition;
    HistoryState state = HistoryState::active;
    Instant start;
    std::optional<Instant> end;
    std::uint32_t incidents = 0;  // open ones in it and in what it called
    bool operator==(const HistoricProcess&) const = default;
};

// Root elements of processes are among them. An element that passed at once starts and ends at the
// same time.
struct HistoricElement {
    ElementKey key;
    ElementKey process_instance;
    ElementKey scope;
    DefinitionKey definition;
    std::string element_id;
    std::string name;
    bpmn::NodeKind kind = bpmn::NodeKind::task;
    bool multi_instance_body = false;
    bool inner = false;  // one activation inside the ad-hoc subprocess with this element_id
    std::uint32_t loop_counter = 0;
    HistoryState state = HistoryState::active;
    Instant start;
    std::optional<Instant> end;
    IncidentKey incident;         // the oldest open one of this very element
    std::uint32_t incidents = 0;  // open ones of it and of everything inside
    bool operator==(const HistoricElement&) const = default;
};
// "SERVICE_TASK", "MULTI_INSTANCE_BODY", ...
std::string_view element_type_of(const HistoricElement& element);

struct HistoricIncident {
    IncidentKey key;
    ElementKey process_instance;
    ElementKey element;
    DefinitionKey definition;
    std::string element_id;
    IncidentKind kind = IncidentKind::expression;
    std::string reason;
    JobKey job;
    Instant created;
    std::optional<Instant> resolved;  // or ended with its element
    bool operator==(const HistoricIncident&) const = default;
};

enum class HistoricJobState : std::uint8_t {
    created,
    completed,
    failed,
    error_thrown,
    canceled,
    retries_updated,
};
std::string_view name_of(HistoricJobState state);  // "CREATED", ...

struct HistoricJob {
    JobKey key;
    ElementKey process_instance;
    ElementKey element;
    DefinitionKey definition;
    std::string element_id;
    std::string type;
    JobKind kind = JobKind::bpmn_element;
    std::string listener_event;  // "start", "completing", ...; of listeners only
    HistoricJobState state = HistoricJobState::created;
    std::uint32_t retries = 0;
    std::int32_t priority = 0;
    bool failed_with_retries_left = false;
    std::string error_code;
    std::string error_message;
    std::optional<bool> denied;  // what the listener of a user task answered
    std::string denied_reason;
    Instant created;
    Instant changed;
    std::optional<Instant> end;
    bool operator==(const HistoricJob&) const = default;
};

enum class HistoricTaskState : std::uint8_t { created, completed, canceled };
std::string_view name_of(HistoricTaskState state);  // "CREATED", ...

struct HistoricUserTask {
    UserTask task;  // as it was last; its key is that of the element
    ElementKey process_instance;
    DefinitionKey definition;
    std::string element_id;
    std::string name;
    HistoricTaskState state = HistoricTaskState::created;
    std::optional<bpmn::ListenerEvent> pending;  // what waits for the listeners of the task
    std::string denied_reason;                   // if a listener has denied what was wanted last
    std::string completed_by;  // or who wants to complete it, while listeners work
    std::optional<Instant> end;
    bool operator==(const HistoricUserTask&) const = default;
};

// The newest value of one name in one scope. number: 1, 2, ... in the order of first appearance,
// the same whenever the history is projected.
struct HistoricVariable {
    std::uint64_t number = 0;
    ElementKey scope;
    ElementKey process_instance;
    std::string name;
    feel::Value value;
    Instant changed;
};

// number: as for variables.
struct HistoricDecision {
    std::uint64_t number = 0;
    ElementKey element;
    ElementKey process_instance;
    DefinitionKey definition;  // the process that called it
    std::string element_id;
    std::string decision_id;
    std::string version;
    feel::Value inputs;
    feel::Value output;
    feel::Value explanation;
    Instant at;
};

// Once for each flow that tokens of a process instance took.
struct HistoricFlow {
    ElementKey process_instance;
    DefinitionKey definition;
    std::string flow_id;
    std::uint32_t count = 0;
    Instant first;
    bool operator==(const HistoricFlow&) const = default;
};

enum class HistoricSubscriptionState : std::uint8_t { created, correlated, deleted };
std::string_view name_of(HistoricSubscriptionState state);  // "CREATED", ...

// Of messages, signals and conditions (Subscription::kind).
// correlated: the last thing that happened was that it was triggered; it may still be open (not
// interrupting).
struct HistoricSubscription {
    Subscription subscription;  // definition and node as opened or migrated last
    ElementKey process_instance;
    DefinitionKey definition;
    std::string element_id;
    HistoricSubscriptionState state = HistoricSubscriptionState::created;
    bool open = true;
    Instant created;
    Instant changed;
    bool operator==(const HistoricSubscription&) const = default;
};

// One message that arrived.
struct HistoricCorrelation {
    SubscriptionKey subscription;
    ElementKey element;  // that waited
    ElementKey process_instance;
    DefinitionKey definition;
    std::string element_id;
    std::string message_name;
    std::string correlation_key;
    Instant at;
    bool operator==(const HistoricCorrelation&) const = default;
};

enum class HistoricTimerState : std::uint8_t { armed, fired, cancelled };
struct HistoricTimer {
    Timer timer;
    ElementKey process_instance;
    DefinitionKey definition;
    std::string element_id;
    HistoricTimerState state = HistoricTimerState::armed;
    Instant created;
    std::optional<Instant> end;
    bool operator==(const HistoricTimer&) const = default;
};

struct CaseHistory {
    CaseId id;
    TenantId tenant;
    CaseStatus status = CaseStatus::none;
    std::string started_by;
    std::string business_id;
    std::vector<std::string> tags;
    std::vector<HistoricProcess> processes;  // [0]: the case itself
    std::vector<HistoricElement> elements;   // by key
    std::vector<HistoricIncident> incidents;
    std::vector<HistoricJob> jobs;
    std::vector<HistoricUserTask> user_tasks;
    std::vector<HistoricVariable> variables;
    std::vector<HistoricDecision> decisions;
    std::vector<HistoricFlow> flows;
    std::vector<HistoricSubscription> subscriptions;
    std::vector<HistoricCorrelation> correlations;
    std::vector<HistoricTimer> timers;

    const HistoricElement* element(ElementKey key) const;  // null if there was none
    const HistoricProcess* process(ElementKey key) const;
};

// events: the whole history of a case, from its first event; the time of each is that of its
// command (command_accepted). One pass. Pure and reentrant; CHECK fails for events that no case
// can have had.
CaseHistory project_history(std::span<const Event> events, const ProcessProvider& processes);

}  // namespace schwarm::engine
