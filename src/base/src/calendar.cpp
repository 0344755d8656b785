#include "schwarm/base/calendar.hpp"

#include <algorithm>
#include <array>

namespace schwarm {
namespace {

constexpr std::array<int, 13> kMonthDays = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a / b - ((a % b != 0 && (a % b < 0) != (b < 0)) ? 1 : 0);
}

std::int64_t floor_mod(std::int64_t a, std::int64_t b) {
    return a - floor_div(a, b) * b;
}

// Days since 1970-01-01 of a valid civil date; years are counted from 1 March of year 0 in eras
// of 400 years.
std::int64_t days_from_civil(std::int64_t y, int m, int d) {
    y -= m <= 2 ? 1 : 0;
    const std::int64_t era = floor_div(y, 400);
    const std::int64_t year_of_era = y - era * 400;
    const std::int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

CivilDate civil_from_days(std::int64_t z) {
    z += 719'468;
    const std::int64_t era = floor_div(z, 146'097);
    const std::int64_t doe = z - era * 146'097;
    const std::int64_t yoe = (doe - doe / 1'460 + doe / 36'524 - doe / 146'096) / 365;
    const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const std::int64_t mp = (5 * doy + 2) / 153;
    CivilDate out;
    out.day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
    out.month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
    out.year = yoe + era * 400 + (out.month <= 2 ? 1 : 0);
    return out;
}

}  // namespace

bool is_leap_year(std::int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in_month(std::int64_t year, int month) {
    if (month == 2 && is_leap_year(year)) return 29;
    return kMonthDays.at(static_cast<std::size_t>(month));
}

std::optional<Date> Date::from_civil(std::int64_t year, int month, int day) {
    if (year < -kMaxYear || year > kMaxYear || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month)) {
        return std::nullopt;
    }
    return Date{days_from_civil(year, month, day)};
}

CivilDate Date::civil() const {
    return civil_from_days(days);
}

int Date::weekday() const {
    return static_cast<int>(floor_mod(days + 3, 7)) + 1;
}

int Date::day_of_year() const {
    return static_cast<int>(days - days_from_civil(civil().year, 1, 1)) + 1;
}

int Date::week_of_year() const {
    // The week belongs to the year of its Thursday.
    const Date thursday{days - weekday() + 4};
    return (thursday.day_of_year() - 1) / 7 + 1;
}

std::optional<DaysTime> DaysTime::from_nanos(Int128 total) {
    Int128 seconds = total / kNanosPerSecond;
    auto nanos = static_cast<std::int32_t>(total % kNanosPerSecond);
    if (nanos < 0) {
        nanos += static_cast<std::int32_t>(kNanosPerSecond);
        --seconds;
    }
    constexpr Int128 kLimit = static_cast<Int128>(INT64_MAX);
    if (seconds > kLimit || seconds < -kLimit) return std::nullopt;
    return DaysTime{static_cast<std::int64_t>(seconds), nanos};
}

std::optional<Time> Time::from_parts(int hour, int minute, int second, std::int64_t nanos,
                                     Zone zone) {
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
        nanos < 0 || nanos >= kNanosPerSecond) {
        return std::nullopt;
    }
    Time out;
    out.nanos = ((hour * 60LL + minute) * 60 + second) * kNanosPerSecond + nanos;
    out.zone = zone;
    return out;
}

std::int64_t DateTime::local_seconds() const {
    return date.days * kSecondsPerDay + time.nanos / kNanosPerSecond;
}

std::int64_t DateTime::utc_seconds() const {
    const std::int64_t local = local_seconds();
    return local - offset_for_local(time.zone, local);
}

namespace {

std::optional<DateTime> from_utc(std::int64_t utc, std::int64_t nanos, const Zone& zone) {
    const std::int64_t local = utc + offset_for_instant(zone, utc);
    DateTime out;
    out.date.days = floor_div(local, kSecondsPerDay);
    const std::int64_t year = out.date.civil().year;
    if (year < -kMaxYear || year > kMaxYear) return std::nullopt;
    out.time.nanos = floor_mod(local, kSecondsPerDay) * kNanosPerSecond + nanos;
    out.time.zone = zone;
    return out;
}

// Far beyond the calendar, still far from overflow.
constexpr std::int64_t kSecondsLimit = (kMaxYear + 2) * 366 * kSecondsPerDay;

}  // namespace

DateTime DateTime::from_instant(Instant instant, const Zone& zone) {
    const std::int64_t millis = instant.time_since_epoch().count();
    const std::int64_t seconds = floor_div(millis, 1000);
    return *from_utc(std::clamp<std::int64_t>(seconds, -30'000'000'000'000, 30'000'000'000'000),
                     floor_mod(millis, 1000) * 1'000'000, zone);
}

Instant DateTime::to_instant() const {
    const std::int64_t seconds =
        std::clamp<std::int64_t>(utc_seconds(), INT64_MIN / 2000, INT64_MAX / 2000);
    return Instant(
        std::chrono::milliseconds(seconds * 1000 + time.nanos % kNanosPerSecond / 1'000'000));
}

std::optional<DateTime> DateTime::in_zone(const Zone& zone) const {
    return from_utc(utc_seconds(), time.nanos % kNanosPerSecond, zone);
}

std::optional<Date> add_months(const Date& date, std::int64_t months) {
    if (months > 30'000'000'000 || months < -30'000'000'000) return std::nullopt;
    const CivilDate civil = date.civil();
    const std::int64_t total = civil.year * 12 + (civil.month - 1) + months;
    const std::int64_t year = floor_div(total, 12);
    const int month = static_cast<int>(floor_mod(total, 12)) + 1;
    return Date::from_civil(year, month, std::min(civil.day, days_in_month(year, month)));
}

std::optional<Date> add_days(const Date& date, std::int64_t days) {
    constexpr std::int64_t kLimit = 2 * kMaxYear * 366;
    if (days > kLimit || days < -kLimit) return std::nullopt;
    const Date out{date.days + days};
    const std::int64_t year = out.civil().year;
    if (year < -kMaxYear || year > kMaxYear) return std::nullopt;
    return out;
}

std::optional<DateTime> add(const DateTime& at, const DaysTime& duration) {
    if (duration.seconds > 2 * kSecondsLimit || duration.seconds < -2 * kSecondsLimit) {
        return std::nullopt;
    }
    std::int64_t seconds = at.utc_seconds() + duration.seconds;
    std::int64_t nanos = at.time.nanos % kNanosPerSecond + duration.nanos;
    if (nanos >= kNanosPerSecond) {
        nanos -= kNanosPerSecond;
        ++seconds;
    }
    if (seconds > kSecondsLimit || seconds < -kSecondsLimit) return std::nullopt;
    return from_utc(seconds, nanos, at.time.zone);
}

std::optional<DateTime> add(const DateTime& at, const YearsMonths& duration) {
    const auto date = add_months(at.date, duration.months);
    if (!date) return std::nullopt;
    return DateTime{*date, at.time};
}

Time add(const Time& time, const DaysTime& duration) {
    const std::int64_t shift =
        floor_mod(duration.seconds, kSecondsPerDay) * kNanosPerSecond + duration.nanos;
    Time out = time;
    out.nanos = floor_mod(time.nanos + shift, kNanosPerDay);
    return out;
}

std::optional<DaysTime> difference(const DateTime& later, const DateTime& earlier) {
    const Int128 a = static_cast<Int128>(later.utc_seconds()) * kNanosPerSecond +
                     later.time.nanos % kNanosPerSecond;
    const Int128 b = static_cast<Int128>(earlier.utc_seconds()) * kNanosPerSecond +
                     earlier.time.nanos % kNanosPerSecond;
    return DaysTime::from_nanos(a - b);
}

YearsMonths months_between(const Date& from, const Date& to) {
    const CivilDate a = from.civil();
    const CivilDate b = to.civil();
    std::int64_t months = (b.year - a.year) * 12 + (b.month - a.month);
    if (months > 0 && b.day < a.day) --months;
    if (months < 0 && b.day > a.day) ++months;
    return YearsMonths{months};
}

}  // namespace schwarm
