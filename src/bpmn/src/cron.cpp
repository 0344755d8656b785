#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "schwarm/bpmn/timer_text.hpp"

namespace schwarm::bpmn {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                   "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays{"MON", "TUE", "WED", "THU",
                                                    "FRI", "SAT", "SUN"};
constexpr auto kMacros = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"@yearly", "0 0 0 1 1 *"},
    {"@annually", "0 0 0 1 1 *"},
    {"@monthly", "0 0 0 1 * *"},
    {"@weekly", "0 0 0 * * 0"},
    {"@daily", "0 0 0 * * *"},
    {"@midnight", "0 0 0 * * *"},
    {"@hourly", "0 0 * * * *"},
});
constexpr std::int64_t kDaysAhead = 40 * 366;

struct Field {
    int first;
    int last;
    bool is_day;  // "?" is allowed
    std::span<const std::string_view> names;
};

std::optional<int> number(std::string_view text, const Field& field) {
    for (std::size_t i = 0; i < field.names.size(); ++i) {
        if (field.names[i] == text) return static_cast<int>(i) + 1;
    }
    if (text.empty() || text.size() > 2) return std::nullopt;
    int n = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        n = n * 10 + (c - '0');
    }
    return n;
}

// One of "*", "?", "n", "n-m", each also with "/step", as bits.
std::optional<std::uint64_t> range(std::string_view item, const Field& field) {
    const auto slash = item.find('/');
    int step = 1;
    if (slash != std::string_view::npos) {
        const auto n = number(item.substr(slash + 1), {0, 99, false, {}});
        if (!n || *n == 0) return std::nullopt;
        step = *n;
        item = item.substr(0, slash);
    }
    int first = field.first;
    int last = field.last;
    const auto dash = item.find('-');
    if (item == "*" || (item == "?" && field.is_day)) {
        // all of them
    } else {
        const auto from = number(item.substr(0, dash), field);
        if (!from) return std::nullopt;
        first = last = *from;
        if (dash != std::string_view::npos) {
            const auto to = number(item.substr(dash + 1), field);
            if (!to) return std::nullopt;
            last = *to;
            // A week may begin with Sunday.
            if (field.last == 7 && first == 7 && last < 7) first = 0;
        } else if (slash != std::string_view::npos) {
            last = field.last;
        }
        const int lowest = field.last == 7 ? 0 : field.first;
        if (first < lowest || last > field.last || first > last) return std::nullopt;
    }
    std::uint64_t bits = 0;
    for (int n = first; n <= last; n += step) bits |= std::uint64_t{1} << n;
    return bits;
}

// The items of a list; "1,2" has two.
std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> out;
    while (true) {
        const auto end = text.find(at);
        if (end != 0 || at != ' ') out.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return out;
        text.remove_prefix(end + 1);
    }
}

// The day of the month on which a working day nearest to `day` falls (Monday to Friday).
int nearest_working(const CivilDate& date, int day) {
    const int last = days_in_month(date.year, date.month);
    if (day > last) return 0;
    const int weekday = Date::from_civil(date.year, date.month, day)->weekday();
    if (weekday == 6) return day > 1 ? day - 1 : day + 2;
    if (weekday == 7) return day < last ? day + 1 : day - 2;
    return day;
}

}  // namespace

bool Cron::add_day_rule(std::string_view item, bool of_week) {
    using Kind = DayRule::Kind;
    const Field week{0, 7, true, kWeekdays};
    const Field month{1, 31, true, {}};
    if (of_week) {
        const auto hash = item.find('#');
        const bool last = item.size() > 1 && item.ends_with('L');
        if (hash == std::string_view::npos && !last) return false;
        const auto day =
            number(last ? item.substr(0, item.size() - 1) : item.substr(0, hash), week);
        if (!day || *day > 7) return false;
        const int weekday = *day == 0 ? 7 : *day;
        if (last) {
            week_rules_.push_back({Kind::last_weekday, weekday, 0});
            return true;
        }
        const auto nth = number(item.substr(hash + 1), month);
        if (!nth || *nth < 1 || *nth > 5) return false;
        week_rules_.push_back({Kind::nth_weekday, weekday, *nth});
        return true;
    }
    if (item == "L" || item == "LW") {
        month_rules_.push_back({item == "L" ? Kind::last : Kind::last_working, 0, 0});
        return true;
    }
    const bool before_last = item.starts_with("L-");
    if (!before_last && !item.ends_with('W')) return false;
    const auto day = number(before_last ? item.substr(2) : item.substr(0, item.size() - 1), month);
    if (!day || *day < 1 || *day > 31) return false;
    month_rules_.push_back({before_last ? Kind::last : Kind::nearest_working, *day, 0});
    return true;
}

std::optional<Cron> Cron::parse(std::string_view written) {
    for (const auto& [name, meaning] : kMacros) {
        if (written == name) return parse(meaning);
    }
    std::string text(written);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    const auto fields = split(text, ' ');
    if (fields.size() != 6) return std::nullopt;
    Cron out;
    const std::array<std::pair<std::uint64_t*, Field>, 6> kinds{{
        {&out.seconds_, {0, 59, false, {}}},
        {&out.minutes_, {0, 59, false, {}}},
        {&out.hours_, {0, 23, false, {}}},
        {&out.days_, {1, 31, true, {}}},
        {&out.months_, {1, 12, false, kMonths}},
        {&out.weekdays_, {0, 7, true, kWeekdays}},
    }};
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto& [bits, field] = kinds[i];
        for (const std::string_view item : split(fields[i], ',')) {
            if (field.is_day && out.add_day_rule(item, i == 5)) continue;
            const auto found = range(item, field);
            if (!found) return std::nullopt;
            *bits |= *found;
        }
    }
    if ((out.weekdays_ & 1U) != 0) out.weekdays_ |= std::uint64_t{1} << 7;
    return out;
}

bool Cron::holds(const DayRule& rule, const CivilDate& date, int weekday) {
    const int last = days_in_month(date.year, date.month);
    switch (rule.kind) {
        case DayRule::Kind::last:
            return date.day == last - rule.day;
        case DayRule::Kind::last_working:
            return date.day == nearest_working(date, last);
        case DayRule::Kind::nearest_working:
            return date.day == nearest_working(date, rule.day);
        case DayRule::Kind::last_weekday:
            return weekday == rule.day && date.day + 7 > last;
        case DayRule::Kind::nth_weekday:
            return weekday == rule.day && (date.day - 1) / 7 + 1 == rule.nth;
    }
    return false;
}

bool Cron::fires_on(Date date) const {
    const CivilDate civil = date.civil();
    const int weekday = date.weekday();
    const auto any = [&](const std::vector<DayRule>& rules) {
        return std::any_of(rules.begin(), rules.end(),
                           [&](const DayRule& r) { return holds(r, civil, weekday); });
    };
    if ((months_ >> civil.month & 1U) == 0) return false;
    if ((days_ >> civil.day & 1U) == 0 && !any(month_rules_)) return false;
    return (weekdays_ >> weekday & 1U) != 0 || any(week_rules_);
}

std::optional<Instant> Cron::next(Instant after) const {
    const DateTime from = DateTime::from_instant(after, Zone::utc());
    const std::int64_t begin = from.utc_seconds() + 1;
    Date date = from.date;
    for (std::int64_t i = 0; i < kDaysAhead; ++i, ++date.days) {
        if (!fires_on(date)) continue;
        const std::int64_t midnight = date.days * kSecondsPerDay;
        for (int h = 0; h < 24; ++h) {
            if ((hours_ >> h & 1U) == 0 || midnight + (h + 1) * 3600 <= begin) continue;
            for (int m = 0; m < 60; ++m) {
                if ((minutes_ >> m & 1U) == 0) continue;
                for (int s = 0; s < 60; ++s) {
                    const std::int64_t at = midnight + h * 3600 + m * 60 + s;
                    if ((seconds_ >> s & 1U) == 0 || at < begin) continue;
                    return Instant(std::chrono::milliseconds(at * 1000));
                }
            }
        }
    }
    return std::nullopt;
}

}  // namespace schwarm::bpmn
