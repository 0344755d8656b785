// The lexical forms: XML Schema Part 2 (dateTime, date, time, dayTimeDuration, yearMonthDuration)
// with the zone names of DMN 1.5 clause 10.3.2.3.
#include <array>
#include <limits>

#include "schwarm/base/calendar.hpp"

namespace schwarm {
namespace {

// Reads from the front of a text.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}
    bool at_end() const { return at_ == text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[at_]; }
    std::string_view rest() const { return text_.substr(at_); }
    bool take(char c) {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    bool at_digit() const { return peek() >= '0' && peek() <= '9'; }
    std::string_view digits() {
        const std::size_t first = at_;
        while (at_digit()) ++at_;
        return text_.substr(first, at_ - first);
    }
    // Exactly `count` digits.
    std::optional<int> fixed(std::size_t count) {
        if (text_.size() - at_ < count) return std::nullopt;
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!at_digit()) return std::nullopt;
            value = value * 10 + (text_[at_++] - '0');
        }
        return value;
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

std::optional<std::int64_t> to_number(std::string_view digits) {
    std::int64_t value = 0;
    for (const char c : digits) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, c - '0', &value)) {
            return std::nullopt;
        }
    }
    return value;
}

// ".25" after the dot: nanoseconds; more than nine digits are cut.
std::int64_t to_nanos(std::string_view digits) {
    std::int64_t nanos = 0;
    for (std::size_t i = 0; i < 9; ++i) {
        nanos = nanos * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    }
    return nanos;
}

std::optional<Date> scan_date(Scanner& scan) {
    const bool negative = scan.take('-');
    const std::string_view year_digits = scan.digits();
    if (year_digits.size() < 4 || year_digits.size() > 9) return std::nullopt;
    if (year_digits.size() > 4 && year_digits[0] == '0') return std::nullopt;
    if (!scan.take('-')) return std::nullopt;
    const auto month = scan.fixed(2);
    if (!month || !scan.take('-')) return std::nullopt;
    const auto day = scan.fixed(2);
    if (!day) return std::nullopt;
    const std::int64_t year = *to_number(year_digits);
    return Date::from_civil(negative ? -year : year, *month, *day);
}

std::optional<Zone> scan_zone(Scanner& scan) {
    if (scan.at_end()) return Zone{};
    if (scan.take('Z')) return scan.at_end() ? std::optional<Zone>(Zone::utc()) : std::nullopt;
    if (scan.take('@')) return find_zone(scan.rest());
    const bool negative = scan.peek() == '-';
    if (!scan.take('+') && !scan.take('-')) return std::nullopt;
    const auto hours = scan.fixed(2);
    if (!hours || !scan.take(':')) return std::nullopt;
    const auto minutes = scan.fixed(2);
    if (!minutes) return std::nullopt;
    int seconds = 0;
    if (scan.take(':')) {
        const auto value = scan.fixed(2);
        if (!value) return std::nullopt;
        seconds = *value;
    }
    if (!scan.at_end() || *minutes > 59 || seconds > 59) return std::nullopt;
    const int total = (*hours * 60 + *minutes) * 60 + seconds;
    if (total > 18 * 3600) return std::nullopt;
    return Zone{ZoneKind::offset, 0, negative ? -total : total};
}

std::optional<Time> scan_time(Scanner& scan) {
    const auto hour = scan.fixed(2);
    if (!hour || !scan.take(':')) return std::nullopt;
    const auto minute = scan.fixed(2);
    if (!minute || !scan.take(':')) return std::nullopt;
    const auto second = scan.fixed(2);
    if (!second) return std::nullopt;
    std::int64_t nanos = 0;
    if (scan.take('.')) {
        const std::string_view digits = scan.digits();
        if (digits.empty()) return std::nullopt;
        nanos = to_nanos(digits);
    }
    const auto zone = scan_zone(scan);
    if (!zone) return std::nullopt;
    return Time::from_parts(*hour, *minute, *second, nanos, *zone);
}

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    if (digits.size() < width) out.append(width - digits.size(), '0');
    out += digits;
}

void append_fraction(std::string& out, std::int64_t nanos) {
    if (nanos == 0) return;
    std::string digits;
    append_padded(digits, nanos, 9);
    while (digits.back() == '0') digits.pop_back();
    out += '.';
    out += digits;
}

void append_zone(std::string& out, const Zone& zone) {
    if (zone.kind == ZoneKind::none) return;
    if (zone.kind == ZoneKind::named) {
        out += '@';
        out += zone_name(zone);
        return;
    }
    if (zone.offset_seconds == 0) {
        out += 'Z';
        return;
    }
    const std::int32_t total = zone.offset_seconds < 0 ? -zone.offset_seconds : zone.offset_seconds;
    out += zone.offset_seconds < 0 ? '-' : '+';
    append_padded(out, total / 3600, 2);
    out += ':';
    append_padded(out, total / 60 % 60, 2);
    if (total % 60 != 0) {
        out += ':';
        append_padded(out, total % 60, 2);
    }
}

}  // namespace

std::optional<Date> Date::parse(std::string_view text) {
    Scanner scan(text);
    const auto date = scan_date(scan);
    return scan.at_end() ? date : std::nullopt;
}

std::string Date::to_string() const {
    const CivilDate c = civil();
    std::string out;
    if (c.year < 0) out += '-';
    append_padded(out, c.year < 0 ? -c.year : c.year, 4);
    out += '-';
    append_padded(out, c.month, 2);
    out += '-';
    append_padded(out, c.day, 2);
    return out;
}

std::optional<Time> Time::parse(std::string_view text) {
    Scanner scan(text);
    return scan_time(scan);
}

std::string Time::to_string() const {
    std::string out;
    append_padded(out, hour(), 2);
    out += ':';
    append_padded(out, minute(), 2);
    out += ':';
    append_padded(out, second(), 2);
    append_fraction(out, nanos % kNanosPerSecond);
    append_zone(out, zone);
    return out;
}

std::optional<DateTime> DateTime::parse(std::string_view text) {
    Scanner scan(text);
    const auto date = scan_date(scan);
    if (!date || !scan.take('T')) return std::nullopt;
    if (scan.rest().starts_with("24:00:00")) {
        for (int i = 0; i < 8; ++i) scan.take(scan.peek());
        const auto zone = scan_zone(scan);
        const auto next = add_days(*date, 1);
        if (!zone || !next) return std::nullopt;
        return DateTime{*next, Time{0, *zone}};
    }
    const auto time = scan_time(scan);
    if (!time) return std::nullopt;
    return DateTime{*date, *time};
}

std::string DateTime::to_string() const {
    return date.to_string() + "T" + time.to_string();
}

std::optional<YearsMonths> YearsMonths::parse(std::string_view text) {
    Scanner scan(text);
    const bool negative = scan.take('-');
    if (!scan.take('P') || scan.at_end()) return std::nullopt;
    std::int64_t total = 0;
    int last = 0;  // 1 years, 2 months
    while (!scan.at_end()) {
        const std::string_view digits = scan.digits();
        if (digits.empty()) return std::nullopt;
        const auto value = to_number(digits);
        if (!value) return std::nullopt;
        const int unit = scan.take('Y') ? 1 : (scan.take('M') ? 2 : 0);
        if (unit <= last) return std::nullopt;
        last = unit;
        std::int64_t part = 0;
        if (__builtin_mul_overflow(*value, unit == 1 ? 12 : 1, &part) ||
            __builtin_add_overflow(total, part, &total)) {
            return std::nullopt;
        }
    }
    return YearsMonths{negative ? -total : total};
}

std::string YearsMonths::to_string() const {
    if (months == 0) return "P0M";
    const std::uint64_t magnitude =
        months < 0 ? ~static_cast<std::uint64_t>(months) + 1 : static_cast<std::uint64_t>(months);
    std::string out = months < 0 ? "-P" : "P";
    if (magnitude / 12 != 0) out += std::to_string(magnitude / 12) + "Y";
    if (magnitude % 12 != 0) out += std::to_string(magnitude % 12) + "M";
    return out;
}

std::optional<DaysTime> DaysTime::parse(std::string_view text) {
    constexpr std::array<std::int64_t, 5> kSeconds = {0, kSecondsPerDay, 3600, 60, 1};
    Scanner scan(text);
    const bool negative = scan.take('-');
    if (!scan.take('P') || scan.at_end()) return std::nullopt;
    Int128 total = 0;
    int last = 0;  // 1 days, 2 hours, 3 minutes, 4 seconds
    bool in_time = false;
    while (!scan.at_end()) {
        if (!in_time && scan.take('T')) {
            in_time = true;
            if (scan.at_end()) return std::nullopt;
        }
        const std::string_view digits = scan.digits();
        if (digits.empty()) return std::nullopt;
        const auto value = to_number(digits);
        if (!value) return std::nullopt;
        std::int64_t nanos = 0;
        int unit = 0;
        if (in_time && scan.take('.')) {
            const std::string_view fraction = scan.digits();
            if (!scan.take('S')) return std::nullopt;
            nanos = to_nanos(fraction);
            unit = 4;
        } else if (!in_time) {
            unit = scan.take('D') ? 1 : 0;
        } else {
            unit = scan.take('H') ? 2 : (scan.take('M') ? 3 : (scan.take('S') ? 4 : 0));
        }
        if (unit <= last) return std::nullopt;
        last = unit;
        total += static_cast<Int128>(*value) * kSeconds.at(static_cast<std::size_t>(unit)) *
                     kNanosPerSecond +
                 nanos;
    }
    return from_nanos(negative ? -total : total);
}

std::string DaysTime::to_string() const {
    if (seconds == 0 && nanos == 0) return "PT0S";
    Int128 total = total_nanos();
    std::string out = total < 0 ? "-P" : "P";
    if (total < 0) total = -total;
    const auto rest_nanos = static_cast<std::int64_t>(total % kNanosPerSecond);
    const auto whole = static_cast<std::int64_t>(total / kNanosPerSecond);
    if (whole / kSecondsPerDay != 0) out += std::to_string(whole / kSecondsPerDay) + "D";
    const std::int64_t in_day = whole % kSecondsPerDay;
    if (in_day == 0 && rest_nanos == 0) return out;
    out += 'T';
    if (in_day / 3600 != 0) out += std::to_string(in_day / 3600) + "H";
    if (in_day / 60 % 60 != 0) out += std::to_string(in_day / 60 % 60) + "M";
    if (in_day % 60 != 0 || rest_nanos != 0) {
        out += std::to_string(in_day % 60);
        append_fraction(out, rest_nanos);
        out += 'S';
    }
    return out;
}

}  // namespace schwarm
