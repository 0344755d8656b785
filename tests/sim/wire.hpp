// Virtual time and the links between nodes: lossy, slow, reordering, duplicating, partitioned.
// Everything that happens is drawn from one seed. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "schwarm/base/clock.hpp"

namespace schwarm::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Timeline {
  public:
    Instant now() const { return now_; }
    void at(Instant when, std::function<void()> what) {
        events_.emplace(std::pair(std::max(when, now_), next_++), std::move(what));
    }
    void after(milliseconds delay, std::function<void()> what) {
        at(now_ + delay, std::move(what));
    }
    // Does the next event, if it is not later than `until`; else time goes on to there.
    bool step(Instant until) {
        if (events_.empty() || events_.begin()->first.first > until) {
            now_ = until;
            return false;
        }
        auto event = events_.extract(events_.begin());
        now_ = event.key().first;
        event.mapped()();
        return true;
    }

  private:
    Instant now_{milliseconds(1'767'225'600'000)};  // 2026-01-01
    std::uint64_t next_ = 0;
    std::map<std::pair<Instant, std::uint64_t>, std::function<void()>> events_;
};

// A node's own clock: the right time and an error that may jump.
class SkewedClock final : public Clock {
  public:
    explicit SkewedClock(const Timeline& time) : time_(time) {}
    Instant now() const override { return time_.now() + skew; }
    milliseconds skew{0};

  private:
    const Timeline& time_;
};

// What the run has met, by name; the test asks that nothing is missing over many seeds.
using Faults = std::map<std::string, std::uint64_t>;

struct Weather {
    double lose = 0;       // a request or its answer
    double duplicate = 0;  // a request
    double spoil = 0;      // segments of a document: altered or cut
    milliseconds delay_max{5};
};

}  // namespace schwarm::sim
