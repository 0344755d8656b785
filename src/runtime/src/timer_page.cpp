#include "timer_page.hpp"

#include <algorithm>

namespace schwarm::runtime {
namespace {
// More timers than this are left for the next reading: it must not keep commands waiting.
constexpr std::size_t kMaxTimers = 4096;
}  // namespace

Result<void> TimerPage::load(storage::Reader& reader, const std::vector<TenantId>& tenants,
                             Instant now) {
    timers_.clear();
    deferred_.clear();
    cut_ = false;
    Instant horizon = now + length_;
    for (const TenantId& tenant : tenants) {
        const storage::ScanRange range{storage::KeyBuilder(tenant).take(),
                                       storage::KeyBuilder(tenant).number(sortable(horizon)).take(),
                                       kMaxTimers, false};
        std::size_t rows = 0;
        Instant last{};
        SCHWARM_TRY_VOID(
            reader.scan(Space::timers, range, [&](std::string_view key, std::string_view) {
                storage::KeyReader parts(key);
                parts.tenant();
                TimerRef timer{from_sortable(parts.number()), tenant, CaseId(parts.number()),
                               engine::TimerKey(parts.number())};
                last = timer.due;
                timers_.insert(std::move(timer));
                return ++rows < kMaxTimers;
            }));
        if (rows == kMaxTimers) {
            horizon = std::min(horizon, last);
            cut_ = true;
        }
    }
    horizon_ = horizon;
    // Of a tenant whose page was not cut: later ones than those that were left.
    while (cut_ && timers_.rbegin()->due > horizon_) timers_.erase(std::prev(timers_.end()));
    return {};
}

void TimerPage::forget() {
    timers_.clear();
    deferred_.clear();
    cut_ = false;
    horizon_ = Instant{};
}

void TimerPage::add(const TimerRef& timer) {
    if (timer.due < horizon_) timers_.insert(timer);
}

std::vector<TimerRef> TimerPage::take_due(Instant now, std::size_t limit) {
    std::vector<TimerRef> due;
    while (!deferred_.empty() && deferred_.begin()->first <= now && due.size() < limit) {
        due.push_back(deferred_.begin()->second);
        deferred_.erase(deferred_.begin());
    }
    while (!timers_.empty() && timers_.begin()->due <= now && due.size() < limit) {
        due.push_back(*timers_.begin());
        timers_.erase(timers_.begin());
    }
    return due;
}

Instant TimerPage::next_wake() const {
    Instant next = cut_ && !timers_.empty() ? timers_.begin()->due
                   : cut_                   ? horizon_
                                            : horizon_ - length_ / 2;
    if (!timers_.empty()) next = std::min(next, timers_.begin()->due);
    if (!deferred_.empty()) next = std::min(next, deferred_.begin()->first);
    return next;
}

std::optional<Instant> TimerPage::earliest() const {
    std::optional<Instant> out;
    if (!timers_.empty()) {
        out = timers_.begin()->due;
    } else if (cut_) {
        out = horizon_;
    }
    for (const auto& [until, timer] : deferred_) out = out ? std::min(*out, timer.due) : timer.due;
    return out;
}

}  // namespace schwarm::runtime
