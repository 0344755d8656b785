// The texts of timers: ISO 8601 durations and repeating intervals (ISO 8601:2004 4.4.3, 4.5).
// Pure functions; nullopt means "not of this form or out of range".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "schwarm/base/calendar.hpp"
#include "schwarm/base/clock.hpp"

namespace schwarm::bpmn {

// "P1Y2M10DT2H30M", "P2W", "-PT5M": months and time may stand together, unlike in FEEL.
struct Period {
    std::int64_t months = 0;
    DaysTime time;

    static std::optional<Period> parse(std::string_view text);
    bool is_positive() const;
    // Months first, by the calendar in UTC.
    std::optional<Instant> after(Instant start) const;
};

// "R3/PT10M", "R/P1D", "R5/2026-03-01T08:00:00Z/P1D".
struct Cycle {
    std::int32_t repetitions = -1;  // how often it fires; -1 without end
    std::optional<Instant> start;   // of the first firing; else one period after it is armed
    Period period;

    static std::optional<Cycle> parse(std::string_view text);
};

// "2026-03-01T10:00:00+01:00"; a plain date is its midnight in UTC.
std::optional<Instant> parse_instant(std::string_view text);

}  // namespace schwarm::bpmn
