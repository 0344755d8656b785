// The timers that are due within the next minutes; the others lie only in storage. Writer's
// thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "layout.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/engine/ids.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::runtime {

struct TimerRef {
    Instant due;
    TenantId tenant;
    CaseId case_id;
    engine::TimerKey key;
    auto operator<=>(const TimerRef&) const = default;
};

// In the key of a row of `timers` they stand where a timer of the engine would be: the end of the
// retention of an ended case, and that of the audit lines about a deleted one. The engine counts
// its timers from 1.
inline const engine::TimerKey kRetentionTimer{0};
inline const engine::TimerKey kLogTimer{UINT64_MAX};

class TimerPage {
  public:
    explicit TimerPage(std::chrono::milliseconds length) : length_(length) {}

    // Whether the page must be read again to reach far enough.
    bool needs_load(Instant now) const {
        if (cut_) return timers_.empty() && now >= horizon_;
        return now + length_ / 2 >= horizon_;
    }
    Result<void> load(storage::Reader& reader, const std::vector<TenantId>& tenants, Instant now);
    // At the next needs_load() the page is read again, whatever the time.
    void forget();
    // Reading failed: try again in a second.
    void postpone(Instant now) {
        cut_ = false;
        horizon_ = now + length_ / 2 + std::chrono::seconds(1);
    }

    void add(const TimerRef& timer);  // ignored if it is beyond the page
    void remove(const TimerRef& timer) { timers_.erase(timer); }
    // It could not be carried out: not before `until`.
    void defer(const TimerRef& timer, Instant until) { deferred_.emplace(until, timer); }
    // Takes at most `limit` timers out of the page.
    std::vector<TimerRef> take_due(Instant now, std::size_t limit);
    // When something has to be done: the next timer, or the end of the page.
    Instant next_wake() const;
    std::optional<Instant> earliest() const;
    std::size_t size() const { return timers_.size(); }

  private:
    std::chrono::milliseconds length_;
    bool cut_ = false;  // there were too many: it ends at the last one that was read
    Instant horizon_{};
    std::set<TimerRef> timers_;
    std::multimap<Instant, TimerRef> deferred_;
};

}  // namespace schwarm::runtime
