#include <map>

#include "message_rows.hpp"
#include "stage.hpp"

namespace schwarm::runtime {
namespace {

using RowMap = std::map<std::string, std::string>;

// Writes what is new or changed, erases what is gone.
void write_difference(Overlay& rows, Space space, const RowMap& before, RowMap after) {
    for (const auto& [key, value] : before) {
        if (!after.contains(key)) rows.erase(space, key);
    }
    for (auto& [key, value] : after) {
        const auto old = before.find(key);
        if (old == before.end() || old->second != value) rows.put(space, key, std::move(value));
    }
}

RowMap task_rows(const Stage& stage, const TenantKeys& keys, const ServiceId& service,
                 const engine::Projection& projection) {
    RowMap rows;
    for (const engine::ProjectedUserTask& task : projection.user_tasks) {
        TaskRow row;
        row.service = service;
        row.element_id = task.element_id;
        row.name = task.name;
        row.form_id = task.form_id;
        row.due = task.due;
        row.follow_up = task.follow_up;
        row.priority = task.priority;
        row.assignee = keys.hash(kPersonField, task.assignee);
        const std::string value = encode_task(row);
        const auto add = [&](std::string prefix) {
            rows.emplace(keys::append(std::move(prefix), sortable(task.created),
                                      projection.id.value(), task.key.value()),
                         value);
        };
        for (const std::string& group : task.candidate_groups) {
            add(keys::task_group(stage.tenant(), group));
        }
        for (const std::string& person : task.candidate_users) {
            add(keys::task_person(stage.tenant(), keys.hash(kPersonField, person)));
        }
        if (task.candidate_groups.empty() && task.candidate_users.empty()) {
            add(keys::task_group(stage.tenant(), {}));
        }
    }
    return rows;
}

using JobMap = std::map<engine::JobKey, const engine::ProjectedJob*>;

JobMap open_jobs(const engine::Projection& projection) {
    JobMap jobs;
    for (const engine::ProjectedJob& job : projection.jobs) {
        if (job.status == engine::JobStatus::open) jobs.emplace(job.key, &job);
    }
    return jobs;
}

// What a worker has to do with a job (its lock) is known to the row alone: it is read again.
Result<void> update_jobs(Stage& stage, const ServiceId& service, const engine::Projection& before,
                         const engine::Projection& after,
                         const std::optional<engine::JobKey>& given_back) {
    const JobMap old_jobs = open_jobs(before);
    const JobMap new_jobs = open_jobs(after);
    for (const auto& [key, job] : old_jobs) {
        if (new_jobs.contains(key)) continue;
        SCHWARM_TRY(row, stage.job_row(after.id, key));
        if (row) stage.erase_job(*row);
    }
    for (const auto& [key, job] : new_jobs) {
        const auto old = old_jobs.find(key);
        const bool ends_lock = given_back == key;
        if (old != old_jobs.end() && *old->second == *job && !ends_lock) continue;
        SCHWARM_TRY(stored, stage.job_row(after.id, key));
        JobRow row = stored ? *stored : JobRow{};
        row.key = key;
        row.case_id = after.id;
        row.service = service;
        row.type = job->type;
        row.element_id = job->element_id;
        row.retries = job->retries;
        row.priority = job->priority;
        if (!stored || ends_lock || !row.locked) {
            row.locked = false;
            row.until = job->not_before;
            if (row.until && *row.until <= stage.now()) row.until.reset();
        }
        stage.put_job(row, stored ? &*stored : nullptr);
    }
    return {};
}

RowMap incident_rows(const Stage& stage, const engine::DefinitionKey& definition,
                     const engine::Projection& projection) {
    RowMap rows;
    for (const engine::ProjectedIncident& incident : projection.incidents) {
        IncidentRow row;
        row.definition = definition;
        row.kind = incident.kind;
        row.element = incident.element;
        row.element_id = incident.element_id;
        row.job = incident.job;
        row.created = incident.created;
        rows.emplace(keys::append(keys::numbered(stage.tenant(), projection.id.value()),
                                  incident.key.value()),
                     encode_incident(row));
    }
    return rows;
}

// What is not in the projection: the process whose event waits, and its instance.
struct Waiting {
    engine::Subscription subscription;
    SubscriptionValue value;
};

std::map<std::string, Waiting> waiting_in(const Stage& stage, const engine::CaseState& state,
                                          const engine::ProcessProvider& processes) {
    std::map<std::string, Waiting> out;
    for (const engine::Subscription& open : state.subscriptions) {
        if (open.kind == engine::SubscriptionKind::condition) continue;
        Waiting waiting{open, {}};
        if (const auto* process = processes.process(state.definitions.at(open.definition))) {
            waiting.value.process_id = process->id;
            waiting.value.element_id = process->node(open.node).id;
        }
        const engine::ElementInstance* at = state.element(open.host);
        while (at != nullptr && at->node != bpmn::kProcessNode) at = state.element(at->scope);
        if (at != nullptr) waiting.value.process_instance = at->key;
        std::string prefix =
            open.kind == engine::SubscriptionKind::signal
                ? keys::signal(stage.tenant(), open.message_name)
                : keys::append_text(
                      keys::subscription(stage.tenant(), open.message_name,
                                         correlation_hash(stage.keys(), open.correlation_key)),
                      key_text(waiting.value.process_id));
        out.emplace(keys::append(std::move(prefix), state.id.value(), open.key.value()),
                    std::move(waiting));
    }
    return out;
}

void update_timers(Stage& stage, const engine::Projection& before,
                   const engine::Projection& after) {
    const auto refs = [&](const engine::Projection& projection) {
        std::map<std::string, TimerRef> out;
        for (const engine::ProjectedTimer& timer : projection.timers) {
            // Keys hold no time before 1970; the page must name the same row.
            const Instant due = from_sortable(sortable(timer.due));
            out.emplace(keys::timer(stage.tenant(), due, projection.id, timer.key),
                        TimerRef{due, stage.tenant(), projection.id, timer.key});
        }
        return out;
    };
    const auto old_timers = refs(before);
    const auto new_timers = refs(after);
    for (const auto& [key, timer] : old_timers) {
        if (new_timers.contains(key)) continue;
        stage.rows().erase(Space::timers, key);
        stage.timer_changes().push_back({false, timer});
    }
    for (const auto& [key, timer] : new_timers) {
        if (old_timers.contains(key)) continue;
        stage.rows().put(Space::timers, key, std::string());
        stage.timer_changes().push_back({true, timer});
    }
}

}  // namespace

Result<void> update_index_rows(Stage& stage, const CaseRow& row, const engine::Projection& before,
                               const engine::Projection& after,
                               std::optional<engine::JobKey> given_back) {
    const TenantKeys& keys = stage.keys();
    if (before.user_tasks != after.user_tasks) {
        write_difference(stage.rows(), Space::tasks, task_rows(stage, keys, row.service, before),
                         task_rows(stage, keys, row.service, after));
    }
    if (before.jobs != after.jobs || given_back) {
        SCHWARM_TRY_VOID(update_jobs(stage, row.service, before, after, given_back));
    }
    if (before.incidents != after.incidents) {
        write_difference(stage.rows(), Space::incidents,
                         incident_rows(stage, row.definition, before),
                         incident_rows(stage, row.definition, after));
    }
    if (before.timers != after.timers) update_timers(stage, before, after);
    return {};
}

void update_subscriptions(Stage& stage, const engine::ProcessProvider& processes,
                          const engine::CaseState& before, const engine::CaseState& after) {
    if (before.subscriptions == after.subscriptions) return;
    const auto old_rows = waiting_in(stage, before, processes);
    const auto new_rows = waiting_in(stage, after, processes);
    for (const auto& [place, waiting] : old_rows) {
        if (!new_rows.contains(place)) stage.rows().erase(Space::subscriptions, place);
    }
    for (const auto& [place, waiting] : new_rows) {
        if (old_rows.contains(place)) continue;
        const engine::Subscription& open = waiting.subscription;
        SubscriptionValue value = waiting.value;
        value.opened = stage.book().next_position - 1;
        stage.rows().put(Space::subscriptions, place, value.encode());
        if (open.kind != engine::SubscriptionKind::message || open.correlation_key.empty()) {
            continue;
        }
        stage.opened().push_back({after.id, open.key, place, open.message_name,
                                  correlation_hash(stage.keys(), open.correlation_key)});
    }
}

}  // namespace schwarm::runtime
