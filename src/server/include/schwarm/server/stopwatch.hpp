// Measuring durations, for benchmarks and start-up figures. Not a Clock: it says nothing about the
// time of day.
#pragma once

#include <chrono>
#include <cstdint>

namespace schwarm::server {

// Time that only moves forward, since some moment.
inline std::chrono::nanoseconds monotonic_now() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

class Stopwatch {
  public:
    Stopwatch() : began_(monotonic_now()) {}
    std::chrono::nanoseconds elapsed() const { return monotonic_now() - began_; }
    double seconds() const { return static_cast<double>(elapsed().count()) / 1e9; }

  private:
    std::chrono::nanoseconds began_;
};

}  // namespace schwarm::server
