// What must be findable about a case without loading it. The host compares the projections
// before and after a command to maintain its index rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schwarm/engine/definitions.hpp"
#include "schwarm/engine/state.hpp"

namespace schwarm::engine {

struct ProjectedUserTask {
    ElementKey key;
    std::string element_id;
    std::string name;
    std::string form_id;
    std::string assignee;
    std::vector<std::string> candidate_groups;
    std::vector<std::string> candidate_users;
    Instant created;
    std::optional<Instant> due;
    std::optional<Instant> follow_up;
    std::uint32_t priority = 50;
    bool operator==(const ProjectedUserTask&) const = default;
};

struct ProjectedTimer {
    TimerKey key;
    Instant due;
    ElementKey element;
    std::string element_id;
    bool operator==(const ProjectedTimer&) const = default;
};

struct ProjectedSubscription {
    SubscriptionKey key;
    std::string message_name;
    std::string correlation_key;
    ElementKey element;
    std::string element_id;
    SubscriptionKind kind = SubscriptionKind::message;  // or signal: message_name is its name
    bool operator==(const ProjectedSubscription&) const = default;
};

// A conditional event that waits; `condition` is its FEEL text.
struct ProjectedCondition {
    SubscriptionKey key;
    std::string condition;
    ElementKey element;
    std::string element_id;
    bool operator==(const ProjectedCondition&) const = default;
};

struct ProjectedJob {
    JobKey key;
    std::string type;
    std::uint32_t retries = 0;
    JobStatus status = JobStatus::open;
    std::optional<Instant> not_before;
    ElementKey element;
    std::string element_id;
    JobKind kind = JobKind::bpmn_element;
    std::string listener_event;
    std::int32_t priority = 0;
    bool operator==(const ProjectedJob&) const = default;
};

struct ProjectedIncident {
    IncidentKey key;
    IncidentKind kind = IncidentKind::expression;
    std::string reason;
    ElementKey element;
    std::string element_id;
    Instant created;
    JobKey job;  // 0 if it does not concern a job
    bool operator==(const ProjectedIncident&) const = default;
};

// A start event, end event or named intermediate throw event that was reached: what the
// applicant may see of the way so far.
struct ProjectedMilestone {
    std::string element_id;
    std::string name;
    Instant at;
    bool operator==(const ProjectedMilestone&) const = default;
};

struct Projection {
    CaseId id;
    DefinitionKey definition;
    CaseStatus status = CaseStatus::none;
    std::string started_by;
    Instant created;
    std::optional<Instant> ended;
    std::optional<Instant> retention_until;
    bool archived = false;
    std::vector<ProjectedUserTask> user_tasks;
    std::vector<ProjectedTimer> timers;
    std::vector<ProjectedSubscription> subscriptions;
    std::vector<ProjectedCondition> conditions;
    std::vector<ProjectedJob> jobs;
    std::vector<ProjectedIncident> incidents;
    std::vector<ProjectedMilestone> milestones;
    bool operator==(const Projection&) const = default;
};

// Element ids are empty for processes the provider no longer knows.
Projection project(const CaseState& state, const ProcessProvider& processes);

}  // namespace schwarm::engine
