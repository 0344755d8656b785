#include "case_watch.hpp"

#include <algorithm>

namespace schwarm::runtime {

void CaseWatch::await(const TenantId& tenant, CaseId id, std::chrono::milliseconds wait,
                      CaseCallback done) {
    const auto watcher = std::make_shared<Watcher>();
    watcher->name = {tenant, id};
    watcher->deadline = environment_.clock.now() + std::max(wait, std::chrono::milliseconds(0));
    watcher->done = std::move(done);
    {
        const std::lock_guard lock(mutex_);
        watcher->number = next_number_++;
    }
    look(watcher, true);
}

void CaseWatch::look(const WatcherPtr& watcher, bool bounded) {
    const auto row = std::make_shared<CaseRow>();
    Job job;
    job.tenant = watcher->name.tenant;
    job.run = [watcher, row](Writer&, Stage& stage) -> Result<Reply> {
        SCHWARM_TRY(entry, stage.touch(watcher->name.id));
        *row = entry->record.row;
        return Reply{};
    };
    // On the committing thread, as ended(): a case that ends later is seen there.
    job.done = [this, watcher, row](Result<Reply> reply) {
        if (reply.has_error()) {
            watcher->done(reply.error());
        } else if (row->status != engine::CaseStatus::active ||
                   watcher->deadline <= environment_.clock.now()) {
            watcher->done(std::move(*row));
        } else {
            keep(watcher);
        }
    };
    submit_(std::move(job), bounded);
}

void CaseWatch::keep(const WatcherPtr& watcher) {
    Error refusal;
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_ && deadlines_.size() < options_.waiting_max) {
            watchers_[watcher->name].emplace(watcher->number, watcher);
            deadlines_.emplace(std::pair(watcher->deadline, watcher->number), watcher);
        } else {
            refusal = stopping_ ? fail(ErrorCode::unavailable, "the node is stopping")
                                : fail(ErrorCode::too_many_requests,
                                       "too many wait for the end of a case");
        }
    }
    if (refusal.message.empty()) {
        notify_();
    } else {
        watcher->done(refusal);
    }
}

void CaseWatch::ended(const TenantId& tenant, const CaseRow& row) {
    std::map<std::uint64_t, WatcherPtr> found;
    {
        const std::lock_guard lock(mutex_);
        const auto it = watchers_.find({tenant, row.id});
        if (it == watchers_.end()) return;
        found.swap(it->second);
        watchers_.erase(it);
        for (const auto& [number, watcher] : found) deadlines_.erase({watcher->deadline, number});
    }
    for (const auto& [number, watcher] : found) watcher->done(row);
}

Instant CaseWatch::next_deadline() const {
    const std::lock_guard lock(mutex_);
    return deadlines_.empty() ? Instant::max() : deadlines_.begin()->first.first;
}

std::vector<std::function<void()>> CaseWatch::expired(Instant now) {
    std::vector<std::function<void()>> answers;
    const std::lock_guard lock(mutex_);
    while (!deadlines_.empty() && deadlines_.begin()->first.first <= now) {
        const WatcherPtr watcher = deadlines_.begin()->second;
        deadlines_.erase(deadlines_.begin());
        const auto it = watchers_.find(watcher->name);
        it->second.erase(watcher->number);
        if (it->second.empty()) watchers_.erase(it);
        answers.push_back([this, watcher] { look(watcher, false); });
    }
    return answers;
}

void CaseWatch::stop() {
    std::map<std::pair<Instant, std::uint64_t>, WatcherPtr> left;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        left.swap(deadlines_);
        watchers_.clear();
    }
    for (const auto& [place, watcher] : left) {
        watcher->done(fail(ErrorCode::unavailable, "the node is stopping"));
    }
}

std::size_t CaseWatch::waiting() const {
    const std::lock_guard lock(mutex_);
    return deadlines_.size();
}

}  // namespace schwarm::runtime
