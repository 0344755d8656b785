#include <map>

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

RowMap job_rows(const Stage& stage, const ServiceId& service,
                const engine::Projection& projection) {
    RowMap rows;
    for (const engine::ProjectedJob& job : projection.jobs) {
        if (job.status != engine::JobStatus::open) continue;
        JobRow row;
        row.service = service;
        row.element_id = job.element_id;
        row.retries = job.retries;
        row.not_before = job.not_before;
        rows.emplace(keys::append(keys::job_type(stage.tenant(), job.type), projection.id.value(),
                                  job.key.value()),
                     encode_job(row));
    }
    return rows;
}

RowMap subscription_rows(const Stage& stage, const TenantKeys& keys,
                         const engine::Projection& projection) {
    RowMap rows;
    for (const engine::ProjectedSubscription& subscription : projection.subscriptions) {
        // The hash of an empty key is empty, which would make keys of two lengths.
        PersonHash hash = keys.hash(kCorrelationField, subscription.correlation_key);
        hash.resize(16, '\0');
        rows.emplace(
            keys::append(keys::subscription(stage.tenant(), subscription.message_name, hash),
                         projection.id.value(), subscription.key.value()),
            subscription.element_id);
    }
    return rows;
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

void update_index_rows(Stage& stage, const ServiceId& service, const engine::Projection& before,
                       const engine::Projection& after) {
    const TenantKeys& keys = stage.keys();
    if (before.user_tasks != after.user_tasks) {
        write_difference(stage.rows(), Space::tasks, task_rows(stage, keys, service, before),
                         task_rows(stage, keys, service, after));
    }
    if (before.jobs != after.jobs) {
        write_difference(stage.rows(), Space::jobs, job_rows(stage, service, before),
                         job_rows(stage, service, after));
    }
    if (before.subscriptions != after.subscriptions) {
        write_difference(stage.rows(), Space::subscriptions, subscription_rows(stage, keys, before),
                         subscription_rows(stage, keys, after));
    }
    if (before.timers != after.timers) update_timers(stage, before, after);
}

}  // namespace schwarm::runtime
