#include "schwarm/bpmn/timer_text.hpp"

#include <limits>
#include <string>

namespace schwarm::bpmn {
namespace {

// Unsigned digits at the front of `text`, which is moved behind them.
std::optional<std::int64_t> digits(std::string_view& text) {
    std::int64_t value = 0;
    std::size_t n = 0;
    while (n < text.size() && text[n] >= '0' && text[n] <= '9') {
        if (n >= 15) return std::nullopt;
        value = value * 10 + (text[n] - '0');
        ++n;
    }
    if (n == 0) return std::nullopt;
    text.remove_prefix(n);
    return value;
}

}  // namespace

std::optional<Period> Period::parse(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (!text.starts_with('P')) return std::nullopt;
    text.remove_prefix(1);
    Period out;
    // The part from the days on is what FEEL's durations are made of; weeks are not in FEEL.
    std::string_view date = text.substr(0, text.find('T'));
    const std::string_view time =
        date.size() < text.size() ? text.substr(date.size()) : std::string_view();
    if (date.empty() && time.empty()) return std::nullopt;
    std::int64_t days = 0;
    int rank = 0;
    while (!date.empty()) {
        const auto value = digits(date);
        if (!value || date.empty()) return std::nullopt;
        const char unit = date.front();
        date.remove_prefix(1);
        const int r = unit == 'Y' ? 1 : unit == 'M' ? 2 : unit == 'W' ? 3 : unit == 'D' ? 4 : 0;
        if (r <= rank || *value > 10'000'000) return std::nullopt;
        rank = r;
        if (unit == 'Y') out.months += *value * 12;
        if (unit == 'M') out.months += *value;
        if (unit == 'W') days += *value * 7;
        if (unit == 'D') days += *value;
    }
    out.time.seconds = days * kSecondsPerDay;
    if (!time.empty()) {
        const auto parsed = DaysTime::parse(std::string("P") + std::string(time));
        if (!parsed || parsed->seconds > std::numeric_limits<std::int64_t>::max() / 4) {
            return std::nullopt;
        }
        out.time.seconds += parsed->seconds;
        out.time.nanos = parsed->nanos;
    }
    if (negative) {
        out.months = -out.months;
        const auto t = DaysTime::from_nanos(-out.time.total_nanos());
        if (!t) return std::nullopt;
        out.time = *t;
    }
    return out;
}

bool Period::is_positive() const {
    return months >= 0 && time.seconds >= 0 && (months > 0 || time.total_nanos() > 0);
}

std::optional<Instant> Period::after(Instant start) const {
    auto at = add(DateTime::from_instant(start, Zone::utc()), YearsMonths{months});
    if (at) at = add(*at, time);
    if (!at) return std::nullopt;
    const std::int64_t year = at->date.civil().year;
    if (year < 1 || year > 9999) return std::nullopt;
    return at->to_instant();
}

std::optional<Cycle> Cycle::parse(std::string_view text) {
    if (!text.starts_with('R')) return std::nullopt;
    text.remove_prefix(1);
    Cycle out;
    if (!text.starts_with('/')) {
        const auto n = digits(text);
        if (!n || *n > 1'000'000'000) return std::nullopt;
        out.repetitions = static_cast<std::int32_t>(*n);
    }
    if (!text.starts_with('/')) return std::nullopt;
    text.remove_prefix(1);
    if (const auto slash = text.rfind('/'); slash != std::string_view::npos) {
        out.start = parse_instant(text.substr(0, slash));
        if (!out.start) return std::nullopt;
        text.remove_prefix(slash + 1);
    }
    const auto period = Period::parse(text);
    if (!period || !period->is_positive()) return std::nullopt;
    out.period = *period;
    return out;
}

bool is_cycle(std::string_view text) {
    return Cycle::parse(text) || Cron::parse(text);
}

std::optional<Firing> first_firing(std::string_view text, Instant now) {
    if (const auto cycle = Cycle::parse(text)) {
        if (cycle->repetitions == 0) return std::nullopt;
        const auto due = cycle->start ? cycle->start : cycle->period.after(now);
        if (!due) return std::nullopt;
        return Firing{*due, cycle->repetitions < 0 ? -1 : cycle->repetitions - 1};
    }
    const auto cron = Cron::parse(text);
    const auto due = cron ? cron->next(now) : std::optional<Instant>();
    if (!due) return std::nullopt;
    return Firing{*due, -1};
}

std::optional<Instant> next_firing(std::string_view text, Instant fired) {
    if (const auto cycle = Cycle::parse(text)) return cycle->period.after(fired);
    const auto cron = Cron::parse(text);
    return cron ? cron->next(fired) : std::optional<Instant>();
}

std::optional<Instant> parse_instant(std::string_view text) {
    // Java's form: an offset goes before the name of the zone, which stands alone otherwise.
    std::string local;
    if (const auto bracket = text.find('['); bracket != std::string_view::npos) {
        if (!text.ends_with(']')) return std::nullopt;
        const std::string_view zone = text.substr(bracket + 1, text.size() - bracket - 2);
        text = text.substr(0, bracket);
        const auto time = text.find('T');
        const bool offset = time != std::string_view::npos &&
                            text.find_first_of("Z+-", time) != std::string_view::npos;
        if (!offset) {
            local = std::string(text) + "@" + std::string(zone);
            text = local;
        }
    }
    auto at = DateTime::parse(text);
    if (!at) {
        const auto date = Date::parse(text);
        if (!date) return std::nullopt;
        at = DateTime{*date, Time{}};
    }
    const std::int64_t year = at->date.civil().year;
    if (year < 1 || year > 9999) return std::nullopt;
    return at->to_instant();
}

}  // namespace schwarm::bpmn
