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
    cut_ = false;
    horizon_ = Instant{};
}

void TimerPage::add(const TimerRef& timer) {
    if (timer.due < horizon_) timers_.insert(timer);
}

std::vector<TimerRef> TimerPage::take_due(Instant now, std::size_t limit) {
    std::vector<TimerRef> due;
    while (!timers_.empty() && timers_.begin()->due <= now && due.size() < limit) {
        due.push_back(*timers_.begin());
        timers_.erase(timers_.begin());
    }
    return due;
}

Instant TimerPage::next_wake() const {
    if (cut_) return timers_.empty() ? horizon_ : timers_.begin()->due;
    const Instant reload = horizon_ - length_ / 2;
    return timers_.empty() ? reload : std::min(reload, timers_.begin()->due);
}

std::optional<Instant> TimerPage::earliest() const {
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->due;
}

}  // namespace schwarm::runtime
