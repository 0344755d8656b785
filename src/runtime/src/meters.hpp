// Counters of the running node; any thread may count and read.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "schwarm/runtime/runtime.hpp"

namespace schwarm::runtime {

class Meters {
  public:
    std::atomic<std::uint64_t> commands{0};
    std::atomic<std::uint64_t> rejected{0};
    std::atomic<std::uint64_t> writes{0};
    std::atomic<std::uint64_t> commits{0};
    std::atomic<std::uint64_t> commits_failed{0};
    std::atomic<std::uint64_t> rows_written{0};
    std::atomic<std::uint64_t> group_last{0};
    std::atomic<std::uint64_t> group_max{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> quarantined{0};
    std::atomic<std::uint64_t> cached_cases{0};
    std::atomic<std::uint64_t> cases_loaded{0};
    std::atomic<std::uint64_t> cases_created{0};
    std::atomic<std::uint64_t> jobs_activated{0};
    std::atomic<std::uint64_t> snapshots{0};
    std::atomic<std::uint64_t> timers_in_page{0};
    std::atomic<std::uint64_t> timers_fired{0};
    std::atomic<std::int64_t> timer_earliest{INT64_MAX};  // milliseconds since 1970
    std::atomic<std::uint64_t> outbox_waiting{0};
    std::atomic<std::uint64_t> outbox_delivered{0};
    std::atomic<std::uint64_t> outbox_failures{0};
    std::atomic<bool> scrub_pending{false};

    void commit_took(std::chrono::microseconds time);
    // All but queue_length and waiting.
    Metrics read(Instant now) const;

  private:
    static constexpr std::size_t kSamples = 1024;
    mutable std::mutex mutex_;
    std::array<std::uint32_t, kSamples> samples_{};  // microseconds, a ring
    std::size_t sample_count_ = 0;
};

}  // namespace schwarm::runtime
