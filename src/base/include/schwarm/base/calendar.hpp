// Dates, times and durations as FEEL knows them (DMN 1.5 clause 10.3.2.3; ISO 8601 and XML Schema
// lexical forms). Proleptic Gregorian calendar, years -999,999,999..999,999,999, nanoseconds,
// no leap seconds. All types are small immutable values, thread-safe. Reading foreign text never
// throws: nullopt means "not of this form or out of range".
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"

namespace schwarm {

__extension__ typedef __int128 Int128;

inline constexpr std::int64_t kMaxYear = 999'999'999;
inline constexpr std::int64_t kSecondsPerDay = 86'400;
inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
inline constexpr std::int64_t kNanosPerDay = kSecondsPerDay * kNanosPerSecond;

// A day in the calendar.
struct CivilDate {
    std::int64_t year = 1970;
    int month = 1;  // 1..12
    int day = 1;    // 1..31
    bool operator==(const CivilDate&) const = default;
};

bool is_leap_year(std::int64_t year);
int days_in_month(std::int64_t year, int month);

// Days since 1970-01-01.
struct Date {
    std::int64_t days = 0;

    static std::optional<Date> from_civil(std::int64_t year, int month, int day);
    // "2026-03-01", "-0044-03-15", "12345-01-01"; nothing around it.
    static std::optional<Date> parse(std::string_view text);
    CivilDate civil() const;
    std::string to_string() const;
    int weekday() const;       // 1 Monday .. 7 Sunday
    int day_of_year() const;   // 1..366
    int week_of_year() const;  // ISO 8601, 1..53
    auto operator<=>(const Date&) const = default;
};

// Length of a years and months duration.
struct YearsMonths {
    std::int64_t months = 0;

    // "P1Y2M", "-P3M"
    static std::optional<YearsMonths> parse(std::string_view text);
    std::string to_string() const;
    auto operator<=>(const YearsMonths&) const = default;
};

// Length of a days and time duration: seconds + nanos/10^9, nanos always 0..999,999,999.
struct DaysTime {
    std::int64_t seconds = 0;
    std::int32_t nanos = 0;

    static std::optional<DaysTime> from_nanos(Int128 total);
    Int128 total_nanos() const { return static_cast<Int128>(seconds) * kNanosPerSecond + nanos; }
    // "P1DT2H3M4.5S", "-PT1S"
    static std::optional<DaysTime> parse(std::string_view text);
    std::string to_string() const;
    auto operator<=>(const DaysTime&) const = default;
};

// How a time says where it is.
enum class ZoneKind : std::uint8_t { none, offset, named };

// An offset from UTC or the name of a zone of the system's time zone data.
struct Zone {
    ZoneKind kind = ZoneKind::none;
    std::uint16_t id = 0;             // named: see zone_name()
    std::int32_t offset_seconds = 0;  // offset: -18:00:00..+18:00:00

    static Zone utc() { return Zone{ZoneKind::offset, 0, 0}; }
    bool operator==(const Zone&) const = default;
};

// A zone by its name ("Europe/Berlin"); loaded from /usr/share/zoneinfo at first use and kept.
// nullopt if the system does not know it. Thread-safe.
std::optional<Zone> find_zone(std::string_view name);
// The name under which a named zone was found.
std::string_view zone_name(const Zone& zone);
// Offset from UTC in seconds for a local time given as seconds since 1970-01-01T00:00:00 local.
// In a gap or an overlap the offset before the change holds.
std::int32_t offset_for_local(const Zone& zone, std::int64_t local_seconds);
// Offset from UTC in seconds at an instant given as seconds since 1970-01-01T00:00:00Z.
std::int32_t offset_for_instant(const Zone& zone, std::int64_t utc_seconds);

// A time of day.
struct Time {
    std::int64_t nanos = 0;  // since midnight, 0..86,399,999,999,999
    Zone zone;

    static std::optional<Time> from_parts(int hour, int minute, int second, std::int64_t nanos,
                                          Zone zone = {});
    // "10:30:00", "10:30:00.5Z", "10:30:00+02:00", "10:30:00@Europe/Berlin"
    static std::optional<Time> parse(std::string_view text);
    std::string to_string() const;
    int hour() const { return static_cast<int>(nanos / (3600 * kNanosPerSecond)); }
    int minute() const { return static_cast<int>(nanos / (60 * kNanosPerSecond) % 60); }
    int second() const { return static_cast<int>(nanos / kNanosPerSecond % 60); }
    // Field by field.
    bool operator==(const Time&) const = default;
};

// A date and a time of day.
struct DateTime {
    Date date;
    Time time;

    // "2026-03-01T10:30:00Z"; "24:00:00" is the midnight after.
    static std::optional<DateTime> parse(std::string_view text);
    std::string to_string() const;
    // Seconds since 1970-01-01T00:00:00 in its own zone's wall clock, and in UTC.
    std::int64_t local_seconds() const;
    std::int64_t utc_seconds() const;  // no zone counts as UTC
    // Field by field.
    bool operator==(const DateTime&) const = default;

    static DateTime from_instant(Instant instant, const Zone& zone);
    // Milliseconds, rounded down. No zone counts as UTC.
    Instant to_instant() const;
    // The same instant as another zone's wall clock shows it.
    std::optional<DateTime> in_zone(const Zone& zone) const;
};

// Sums; nullopt when the result leaves the calendar.
// Months first, the day is cut to the length of the month (2024-01-31 + P1M = 2024-02-29).
std::optional<Date> add_months(const Date& date, std::int64_t months);
std::optional<Date> add_days(const Date& date, std::int64_t days);
std::optional<DateTime> add(const DateTime& at, const DaysTime& duration);
std::optional<DateTime> add(const DateTime& at, const YearsMonths& duration);
// Wraps around midnight.
Time add(const Time& time, const DaysTime& duration);

// later - earlier, on the time line (no zone counts as UTC).
std::optional<DaysTime> difference(const DateTime& later, const DateTime& earlier);
// Whole months from `from` to `to`, negative if `to` is earlier (FEEL years and months duration).
YearsMonths months_between(const Date& from, const Date& to);

}  // namespace schwarm
