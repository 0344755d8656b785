// Start events that begin by time: each has a row in `starts` and, until its last firing, a row in
// `timers`. Writer's thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "messages.hpp"

namespace schwarm::runtime {

// In the key of a row of `timers` it stands where a case would be.
inline const CaseId kTimerStart{UINT64_MAX};

// The row in `starts`. It stays after the last firing, so that deploying again arms nothing twice.
struct TimerStart {
    engine::DefinitionKey definition;
    std::string process_id;
    std::string element_id;
    std::uint32_t part = 0;        // of a multiple start event
    std::optional<Instant> due;    // nothing: it has fired for the last time
    std::string cycle;             // empty: it fires once
    std::int32_t repetitions = 0;  // after the next firing; -1 without end

    std::string encode() const;
    static Result<TimerStart> decode(std::string_view bytes);
};

namespace keys {
std::string timer_start(const TenantId& tenant, std::uint64_t number);  // starts
}

class TimerStartDesk {
  public:
    TimerStartDesk(Writer& writer, Stage& stage) : writer_(writer), stage_(stage) {}

    // Drops the timers of processes that are no longer current and arms those that are new.
    Result<void> arm();
    // One new case; a cycle is armed again.
    Result<void> fire(const TimerRef& timer);

  private:
    std::optional<TimerStart> first(const TimerStartEvent& event) const;
    void set_timer(bool added, Instant due, std::uint64_t number);

    Writer& writer_;
    Stage& stage_;
};

}  // namespace schwarm::runtime
