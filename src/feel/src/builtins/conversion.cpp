// Conversion functions: DMN 1.5 clause 10.3.4.1.
#include <array>

#include "arguments.hpp"
#include "schwarm/feel/feel.hpp"
#include "schwarm/feel/operations.hpp"

namespace schwarm::feel {
namespace {

Value date(Arguments a, Evaluation& ev) {
    if (a.size() == 3) {
        const auto year = whole_of(a[0]);
        const auto month = whole_of(a[1]);
        const auto day = whole_of(a[2]);
        if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1 || *day > 31) {
            return wrong_kind(ev, "date", "a year, a month and a day");
        }
        return or_null(Date::from_civil(*year, static_cast<int>(*month), static_cast<int>(*day)),
                       ev, "there is no such date");
    }
    const Value& from = single(a[0]);
    if (from.is_date()) return from;
    if (from.is_date_time()) return from.as_date_time().date;
    if (!from.is_string()) return wrong_kind(ev, "date", "a string or a date and time");
    return or_null(Date::parse(from.as_string()), ev, "this string is no date");
}

Value time_from_parts(Arguments a, Evaluation& ev) {
    const auto hour = whole_of(a[0]);
    const auto minute = whole_of(a[1]);
    const auto second = number_of(a[2]);
    const auto in = [](const std::optional<std::int64_t>& v, std::int64_t end) {
        return v && *v >= 0 && *v < end;
    };
    if (!in(hour, 24) || !in(minute, 60) || !second || second->is_negative() ||
        *second >= Decimal(60)) {
        return wrong_kind(ev, "time", "an hour, a minute and a second");
    }
    Zone zone;
    if (a.size() == 4 && !a[3].is_null()) {
        const Value& offset = single(a[3]);
        if (offset.kind() != Kind::days_time_duration) {
            return wrong_kind(ev, "time", "a duration as offset");
        }
        const std::int64_t seconds = offset.as_days_time().seconds;
        constexpr std::int64_t kMaxOffset = 18 * 3600;
        if (seconds > kMaxOffset || seconds < -kMaxOffset) {
            return ev.null("an offset reaches from -18 to 18 hours");
        }
        zone = Zone{ZoneKind::offset, 0, static_cast<std::int32_t>(seconds)};
    }
    const Decimal whole = second->floor();
    const auto nanos = ((*second - whole) * Decimal(kNanosPerSecond)).floor().to_int64();
    return or_null(Time::from_parts(static_cast<int>(*hour), static_cast<int>(*minute),
                                    static_cast<int>(*whole.to_int64()), nanos.value_or(0), zone),
                   ev, "there is no such time");
}

Value time(Arguments a, Evaluation& ev) {
    if (a.size() > 1) return time_from_parts(a, ev);
    const Value& from = single(a[0]);
    if (from.is_time()) return from;
    if (from.is_date_time()) return from.as_date_time().time;
    if (from.is_date()) return Time{0, Zone::utc()};
    if (!from.is_string()) return wrong_kind(ev, "time", "a string or a date and time");
    return or_null(Time::parse(from.as_string()), ev, "this string is no time");
}

// "Europe/Berlin", "Z", "+02:00".
std::optional<Zone> zone_of(std::string_view text) {
    if (const auto named = find_zone(text)) return named;
    if (!text.starts_with('Z') && !text.starts_with('+') && !text.starts_with('-')) {
        return std::nullopt;
    }
    const auto time = Time::parse("00:00:00" + std::string(text));
    return time ? std::optional(time->zone) : std::nullopt;
}

// Camunda's form: the same moment in another zone. A local date and time gets the zone.
Value in_zone(const DateTime& at, std::string_view name, Evaluation& ev) {
    const auto zone = zone_of(name);
    if (!zone) return ev.null("there is no such time zone");
    if (at.time.zone.kind == ZoneKind::none) return DateTime{at.date, Time{at.time.nanos, *zone}};
    return or_null(at.in_zone(*zone), ev, "out of range");
}

Value date_and_time(Arguments a, Evaluation& ev) {
    const Value& first = single(a[0]);
    if (a.size() == 2) {
        const Value& second = single(a[1]);
        if (first.is_date_time() && second.is_string()) {
            return in_zone(first.as_date_time(), second.as_string(), ev);
        }
        if (!second.is_time() || !(first.is_date() || first.is_date_time())) {
            return wrong_kind(ev, "date and time", "a date and a time");
        }
        const Date day = first.is_date() ? first.as_date() : first.as_date_time().date;
        return DateTime{day, second.as_time()};
    }
    if (first.is_date_time()) return first;
    if (first.is_date()) return DateTime{first.as_date(), Time{0, Zone::utc()}};
    if (!first.is_string()) return wrong_kind(ev, "date and time", "a string");
    if (const auto at = DateTime::parse(first.as_string())) return *at;
    if (const auto day = Date::parse(first.as_string())) return DateTime{*day, Time{}};
    return ev.null("this string is no date and time");
}

Value duration(Arguments a, Evaluation& ev) {
    const Value& from = single(a[0]);
    if (from.kind() == Kind::days_time_duration || from.kind() == Kind::years_months_duration) {
        return from;
    }
    if (!from.is_string()) return wrong_kind(ev, "duration", "a string");
    if (const auto months = YearsMonths::parse(from.as_string())) return *months;
    return or_null(DaysTime::parse(from.as_string()), ev, "this string is no duration");
}

Value years_and_months_duration(Arguments a, Evaluation& ev) {
    const auto day = [](const Value& v) -> std::optional<Date> {
        if (v.is_date()) return v.as_date();
        if (v.is_date_time()) return v.as_date_time().date;
        return std::nullopt;
    };
    const auto from = day(single(a[0]));
    const auto to = day(single(a[1]));
    if (!from || !to) return wrong_kind(ev, "years and months duration", "two dates");
    return months_between(*from, *to);
}

Value number(Arguments a, Evaluation& ev) {
    const Value& from = single(a[0]);
    if (from.is_number() && a.size() == 1) return from;
    if (!from.is_string()) return wrong_kind(ev, "number", "a string");
    std::array<std::string_view, 2> separators;  // of groups, of decimals
    for (std::size_t i = 1; i < a.size(); ++i) {
        if (a[i].is_null()) continue;
        const auto separator = string_of(a[i]);
        const bool known =
            separator && (*separator == "." || *separator == "," || (i == 1 && *separator == " "));
        if (!known) return wrong_kind(ev, "number", "separators ',', '.' or ' '");
        separators[i - 1] = *separator;
    }
    if (!separators[0].empty() && separators[0] == separators[1]) {
        return ev.null("number needs two different separators");
    }
    if (!step_text(ev, from.as_string().size() * 4)) return {};
    std::string text;
    for (const char c : from.as_string()) {
        const std::string_view one(&c, 1);
        if (one == separators[0]) continue;
        if (one == separators[1]) {
            text += '.';
        } else if (c == '.' && !separators[1].empty()) {
            return ev.null("this string is no number");
        } else {
            text += c;
        }
    }
    return or_null(Decimal::parse(text), ev, "this string is no number");
}

Value string(Arguments a, Evaluation& ev) {
    if (a[0].is_null()) return {};
    if (a[0].is_string()) return a[0];
    if (!ev.step(a[0].weight())) return {};
    std::string out = a[0].to_string(ev.limits().max_items);
    return step_text(ev, out.size()) && fits(out.size(), ev) ? Value(std::move(out)) : Value();
}

// Literals and date("...") and the like only: no name, no nested call (TCK 1156).
bool is_simple_bound(std::string_view text) {
    std::size_t calls = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (in_string && text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            in_string = !in_string;
        } else if (!in_string && text[i] == '(') {
            ++calls;
        }
    }
    return calls <= 1;
}

// One end as a constant; nullopt if the text is none.
std::optional<Value> bound_of(std::string_view text) {
    if (!is_simple_bound(text)) return std::nullopt;
    const auto expression = compile_expression(text);
    if (!expression || !expression->references().empty()) return std::nullopt;
    const Value* value = expression->constant();
    if (value == nullptr || value->is_null()) return std::nullopt;
    return *value;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Where the ends are separated: ".." outside of strings.
std::size_t find_dots(std::string_view text) {
    bool in_string = false;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (in_string && text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            in_string = !in_string;
        } else if (!in_string && text[i] == '.' && text[i + 1] == '.') {
            return i;
        }
    }
    return std::string_view::npos;
}

// "[2..)" is >= 2 and "(..2)" is < 2; an end that is not there cannot be included.
std::optional<Range> range_of(std::string_view text) {
    const std::size_t dots = find_dots(text);
    if (dots == std::string_view::npos || dots < 1 || text.size() < dots + 3) return std::nullopt;
    const char opening = text.front();
    const char closing = text.back();
    const auto first = trimmed(text.substr(1, dots - 1));
    const auto last = trimmed(text.substr(dots + 2, text.size() - dots - 3));
    Range out;
    out.start_included = opening == '[';
    out.end_included = closing == ']';
    const bool brackets = (out.start_included || opening == '(' || opening == ']') &&
                          (out.end_included || closing == ')' || closing == '[');
    if (!brackets || (first.empty() && last.empty())) return std::nullopt;
    if ((first.empty() && out.start_included) || (last.empty() && out.end_included)) {
        return std::nullopt;
    }
    const auto start = first.empty() ? std::optional<Value>(Value()) : bound_of(first);
    const auto end = last.empty() ? std::optional<Value>(Value()) : bound_of(last);
    if (!start || !end) return std::nullopt;
    out.start = *start;
    out.end = *end;
    const Value& known = first.empty() ? out.end : out.start;
    const auto order = compare(first.empty() ? known : out.start, last.empty() ? known : out.end);
    if (!order || *order > 0) return std::nullopt;
    using Form = Range::Form;
    if (first.empty()) out.form = out.end_included ? Form::less_equal : Form::less;
    if (last.empty()) out.form = out.start_included ? Form::greater_equal : Form::greater;
    return out;
}

Value range(Arguments a, Evaluation& ev) {
    const Value& from = single(a[0]);
    if (!from.is_string()) return wrong_kind(ev, "range", "a string");
    if (!step_text(ev, from.as_string().size() * 16)) return {};
    return or_null(range_of(trimmed(from.as_string())), ev, "this string is no range");
}

constexpr std::array kTable = {
    Builtin{"date", "from|year,month,day", date, true},
    Builtin{"time", "from|hour,minute,second,offset?", time, true},
    Builtin{"date and time", "from|date,time|date,timezone", date_and_time, true},
    Builtin{"duration", "from", duration, true},
    Builtin{"years and months duration", "from,to", years_and_months_duration, true},
    Builtin{"number", "from,grouping separator?,decimal separator?", number, true},
    Builtin{"string", "from", string, true},
    Builtin{"range", "from", range, true},
};

}  // namespace

std::span<const Builtin> conversion_builtins() {
    return kTable;
}

}  // namespace schwarm::feel
