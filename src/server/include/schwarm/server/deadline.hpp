// Ends evaluations that take too long.
#pragma once

#include <chrono>

#include "schwarm/feel/evaluation.hpp"
#include "schwarm/server/stopwatch.hpp"

namespace schwarm::server {

// Wanted from `after` on, counted from its construction. Thread-safe.
class Deadline final : public feel::Interrupt {
  public:
    explicit Deadline(std::chrono::nanoseconds after) : end_(monotonic_now() + after) {}
    bool wanted() const override { return monotonic_now() >= end_; }

  private:
    std::chrono::nanoseconds end_;
};

}  // namespace schwarm::server
