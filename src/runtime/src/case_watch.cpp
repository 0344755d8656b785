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
    look(watcher, Look::first);
}

void CaseWatch::look(const WatcherPtr& watcher, Look kind) {
    const auto row = std::make_shared<CaseRow>();
    Job job;
    job.tenant = watcher->name.tenant;
    job.run = [watcher, row](Writer&, Stage& stage) -> Result<Reply> {
        SCHWARM_TRY(entry, stage.touch(watcher->name.id));
        *row = entry->record.row;
        return Reply{};
    };
    // On the committing thread, as ended(): a case that ends later is seen there.
    job.done = [this, watcher, row, kind](Result<Reply> reply) {
        const bool over = watcher->deadline <= environment_.clock.now();
        if (reply.has_error() && (over || kind != Look::in_doubt)) {
            watcher->done(reply.error());
        } else if (reply.has_value() && (over || row->status != engine::CaseStatus::active)) {
            watcher->done(std::move(*row));
        } else {
            keep(watcher);
        }
    };
    submit_(std::move(job), kind == Look::first);
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

std::map<std::uint64_t, CaseWatch::WatcherPtr> CaseWatch::take(const CaseName& name) {
    std::map<std::uint64_t, WatcherPtr> found;
    const std::lock_guard lock(mutex_);
    const auto it = watchers_.find(name);
    if (it == watchers_.end()) return found;
    found.swap(it->second);
    watchers_.erase(it);
    for (const auto& [number, watcher] : found) deadlines_.erase({watcher->deadline, number});
    return found;
}

void CaseWatch::ended(const TenantId& tenant, const CaseRow& row) {
    for (const auto& [number, watcher] : take({tenant, row.id})) watcher->done(row);
}

void CaseWatch::may_have_ended(const TenantId& tenant, CaseId id) {
    for (const auto& [number, watcher] : take({tenant, id})) look(watcher, Look::in_doubt);
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
        answers.push_back([this, watcher] { look(watcher, Look::last); });
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
