// Time and randomness are parameters, so that a run can be repeated from a seed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace schwarm {

// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

// Thread-safe.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
  public:
    Instant now() const override;
};

// A clock that stands still until it is set; for tests and scenarios. Not thread-safe against
// concurrent set().
class ManualClock final : public Clock {
  public:
    explicit ManualClock(Instant start) : now_(start) {}
    Instant now() const override { return now_; }
    void set(Instant to) { now_ = to; }
    void advance(std::chrono::milliseconds by) { now_ += by; }

  private:
    Instant now_;
};

// Thread-safe source of random bytes.
class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::byte> out) = 0;
};

// getrandom(2); fit for keys and nonces.
class SystemRandom final : public Random {
  public:
    void fill(std::span<std::byte> out) override;
};

// Repeatable from a seed (splitmix64); for tests only, never for keys that protect anything.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
    void fill(std::span<std::byte> out) override;

  private:
    std::uint64_t state_;
};

}  // namespace schwarm
