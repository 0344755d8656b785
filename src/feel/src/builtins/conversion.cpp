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

Value date_and_time(Arguments a, Evaluation& ev) {
    const Value& first = single(a[0]);
    if (a.size() == 2) {
        const Value& second = single(a[1]);
        if (first.is_date_time() && second.is_string()) {
            const auto zone = find_zone(second.as_string());
            if (!zone) return ev.null("there is no such time zone");
            return or_null(first.as_date_time().in_zone(*zone), ev, "out of range");
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

Value range(Arguments a, Evaluation& ev) {
    const Value& from = single(a[0]);
    constexpr const char* kReason = "this string is no range";
    if (!from.is_string()) return wrong_kind(ev, "range", "a string");
    std::string_view text = from.as_string();
    if (!step_text(ev, text.size() * 16)) return {};
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return ev.null(kReason);
    text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
    const std::size_t dots = text.find("..");
    if (dots == std::string_view::npos || dots < 1 || text.size() < dots + 3 ||
        !is_simple_bound(text.substr(1, dots - 1)) ||
        !is_simple_bound(text.substr(dots + 2, text.size() - dots - 3))) {
        return ev.null(kReason);
    }
    const auto expression = compile_expression(text);
    if (expression.has_error() || !expression->references().empty()) return ev.null(kReason);
    const Value* value = expression->constant();
    if (value == nullptr || !value->is_range() || value->as_range().form != Range::Form::interval) {
        return ev.null(kReason);
    }
    const Range& r = value->as_range();
    const auto order = compare(r.start, r.end);
    if (!order || *order > 0) return ev.null(kReason);
    return Value(r);
}

constexpr std::array kTable = {
    Builtin{"date", "from|year,month,day", date, true},
    Builtin{"time", "from|hour,minute,second,offset?", time, true},
    Builtin{"date and time", "from|date,time", date_and_time, true},
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
