// The texts of timers: ISO 8601 durations and repeating intervals (ISO 8601:2004 4.4.3, 4.5), and
// cron expressions of six fields as Camunda 8 takes them (those of Spring), in UTC.
// Pure functions; nullopt means "not of this form or out of range".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

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

// "0 0 9-17 * * MON-FRI", "0 0 0 L * *", "@daily": second, minute, hour, day of the month, month,
// day of the week; a moment fires if all six match it.
class Cron {
  public:
    static std::optional<Cron> parse(std::string_view text);
    // The first moment later than `after`; nothing if there is none within 40 years.
    std::optional<Instant> next(Instant after) const;

  private:
    // A day that depends on the month it is in.
    struct DayRule {
        enum class Kind { last, last_working, nearest_working, last_weekday, nth_weekday } kind;
        int day = 0;  // before the last, of the month, or of the week (1 Monday .. 7 Sunday)
        int nth = 0;
    };
    bool add_day_rule(std::string_view item, bool of_week);
    static bool holds(const DayRule& rule, const CivilDate& date, int weekday);
    bool fires_on(Date date) const;

    std::uint64_t seconds_ = 0;
    std::uint64_t minutes_ = 0;
    std::uint64_t hours_ = 0;
    std::uint64_t days_ = 0;
    std::uint64_t months_ = 0;
    std::uint64_t weekdays_ = 0;  // bits 1 Monday .. 7 Sunday
    std::vector<DayRule> month_rules_;
    std::vector<DayRule> week_rules_;
};

// Repeating timers, given as interval or cron expression.
bool is_cycle(std::string_view text);
struct Firing {
    Instant due;
    std::int32_t repetitions = 0;  // still to come after this one; -1 without end
};
// Nothing if the text is no cycle or never fires.
std::optional<Firing> first_firing(std::string_view cycle, Instant now);
std::optional<Instant> next_firing(std::string_view cycle, Instant fired);

// "2026-03-01T10:00:00+01:00", also with "[Europe/Berlin]" behind it; a plain date is its
// midnight in UTC.
std::optional<Instant> parse_instant(std::string_view text);

}  // namespace schwarm::bpmn
