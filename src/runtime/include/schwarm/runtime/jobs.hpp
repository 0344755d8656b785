// Jobs of external workers: who asks for work, and what he gets.
//
// A job is open until it is completed, failed or gone with its element. While a worker holds it
// (its lock), nobody else gets it; at the deadline of the lock it is available again. Locks are
// durable and leave no event: they are no part of the case's history.
// Meaning: Camunda 8, "Job workers" (activation, long polling, streaming).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/engine/ids.hpp"
#include "schwarm/engine/state.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::runtime {

// What a worker asks for. The tenants are looked at in their order until one has jobs.
struct JobRequest {
    std::vector<TenantId> tenants;  // at least one
    std::string type;
    std::string worker;
    ServiceId service;                  // only jobs of its cases; empty: of all
    std::chrono::milliseconds lock{0};  // how long the worker holds them; more than 0
    std::size_t max_jobs = 1;           // 1 to 1000
    // Only these variables; empty: all that are visible from the element.
    std::vector<std::string> fetch_variables;
    // How long to wait for the first job; 0: Options::job_wait; negative: not at all.
    std::chrono::milliseconds wait{0};
    // Whether the worker still listens, asked before jobs are locked for him. May be empty. Must
    // be thread-safe and quick.
    std::function<bool()> wanted;
};

// What a listener of a user task is asked about: the task as it is to be, and what of it would
// change ("assignee", "dueDate", ...).
struct ListenedTask {
    engine::UserTask proposed;
    std::string action;
    std::vector<std::string> changed;
};

struct ActivatedJob {
    TenantId tenant;
    CaseId case_id;
    engine::JobKey key;
    std::string type;
    engine::DefinitionKey definition;  // of the process the element stands in
    std::string process_id;            // bpmn:process id
    std::string element_id;
    ElementKey element;
    ElementKey process_instance;       // the instance of that process inside the case
    ElementKey root_process_instance;  // that of the case itself
    engine::JobKind kind = engine::JobKind::bpmn_element;
    std::string listener_event;             // "start", "completing", ...; of listeners only
    std::optional<ListenedTask> user_task;  // of listeners of user tasks
    std::uint32_t retries = 0;
    std::int32_t priority = 0;      // the highest is handed out first
    std::vector<std::string> tags;  // of the case
    Instant deadline;               // of the lock
    std::string worker;
    // zeebe:taskHeaders; of a listener its own.
    std::vector<std::pair<std::string, std::string>> headers;
    feel::Value variables;  // a context
};

// Called exactly once; an empty list when the time for waiting is over. Errors: invalid_input,
// not_found (tenant), too_many_requests (too many wait), storage_failed, maybe_done, unavailable.
using JobsCallback = std::function<void(Result<std::vector<ActivatedJob>>)>;

// A worker to whom jobs are pushed. The same as a request repeated without end, as long as there
// is credit: each job takes one.
struct JobStream {
    std::vector<TenantId> tenants;
    std::string type;
    std::string worker;
    std::chrono::milliseconds lock{0};
    std::vector<std::string> fetch_variables;
};
using StreamId = std::uint64_t;
// Called on the committing thread; never with an empty list.
using JobSink = std::function<void(std::vector<ActivatedJob>)>;

}  // namespace schwarm::runtime
