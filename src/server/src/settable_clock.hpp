// The machine's clock, unless a test lets it stand still (configuration test_clock).
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "schwarm/base/clock.hpp"

namespace schwarm::server {

// Thread-safe.
class SettableClock final : public Clock {
  public:
    Instant now() const override {
        const auto pinned = pinned_.load();
        return pinned == kGoing ? system_.now() : Instant(std::chrono::milliseconds(pinned));
    }
    void set(std::optional<Instant> at) {
        pinned_ = at ? static_cast<std::int64_t>(at->time_since_epoch().count()) : kGoing;
    }

  private:
    static constexpr std::int64_t kGoing = INT64_MIN;
    SystemClock system_;
    std::atomic<std::int64_t> pinned_{kGoing};
};

}  // namespace schwarm::server
