#include "meters.hpp"

#include <algorithm>
#include <vector>

namespace schwarm::runtime {

void Meters::commit_took(std::chrono::microseconds time) {
    const std::lock_guard lock(mutex_);
    samples_[sample_count_++ % kSamples] =
        static_cast<std::uint32_t>(std::min<std::int64_t>(time.count(), UINT32_MAX));
}

Metrics Meters::read(Instant now) const {
    Metrics out;
    out.commands = commands;
    out.rejected = rejected;
    out.writes = writes;
    out.commits = commits;
    out.commits_failed = commits_failed;
    out.rows_written = rows_written;
    out.group_last = group_last;
    out.group_max = group_max;
    out.refused = refused;
    out.quarantined = quarantined;
    out.cached_cases = cached_cases;
    out.cases_loaded = cases_loaded;
    out.cases_created = cases_created;
    out.jobs_activated = jobs_activated;
    out.snapshots = snapshots;
    out.timers_in_page = timers_in_page;
    out.timers_fired = timers_fired;
    out.outbox_waiting = outbox_waiting;
    out.outbox_delivered = outbox_delivered;
    out.outbox_failures = outbox_failures;
    out.scrub_pending = scrub_pending;
    const std::int64_t earliest = timer_earliest;
    const std::int64_t at = now.time_since_epoch().count();
    if (earliest < at) out.timer_overdue = std::chrono::milliseconds(at - earliest);
    std::vector<std::uint32_t> sorted;
    {
        const std::lock_guard lock(mutex_);
        sorted.assign(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(
                                                               std::min(sample_count_, kSamples)));
    }
    if (!sorted.empty()) {
        std::sort(sorted.begin(), sorted.end());
        out.commit_p50 = std::chrono::microseconds(sorted[sorted.size() / 2]);
        out.commit_p99 = std::chrono::microseconds(sorted[sorted.size() * 99 / 100]);
    }
    return out;
}

}  // namespace schwarm::runtime
