// Temporal functions: DMN 1.5 clauses 10.3.4.6, 10.3.4.8 and 10.3.4.11.
#include <algorithm>
#include <array>

#include "arguments.hpp"

namespace schwarm::feel {
namespace {

// Same value, same kind, same zone: time zones are compared by form, not by offset.
Value is(Arguments a, Evaluation& ev) {
    const Value x = a.empty() ? Value() : a[0];
    const Value y = a.size() > 1 ? a[1] : Value();
    if (!ev.step(std::min(x.weight(), y.weight()))) return {};
    return x == y;
}

std::optional<Date> day_of(const Value& value) {
    const Value& v = single(value);
    if (v.is_date()) return v.as_date();
    if (v.is_date_time()) return v.as_date_time().date;
    return std::nullopt;
}

Value day_of_year(Arguments a, Evaluation& ev) {
    const auto day = day_of(a[0]);
    if (!day) return wrong_kind(ev, "day of year", "a date");
    return day->day_of_year();
}

Value day_of_week(Arguments a, Evaluation& ev) {
    constexpr std::array<std::string_view, 7> kNames = {
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    const auto day = day_of(a[0]);
    if (!day) return wrong_kind(ev, "day of week", "a date");
    return Value(kNames.at(static_cast<std::size_t>(day->weekday() - 1)));
}

Value month_of_year(Arguments a, Evaluation& ev) {
    constexpr std::array<std::string_view, 12> kNames = {
        "January", "February", "March",     "April",   "May",      "June",
        "July",    "August",   "September", "October", "November", "December"};
    const auto day = day_of(a[0]);
    if (!day) return wrong_kind(ev, "month of year", "a date");
    return Value(kNames.at(static_cast<std::size_t>(day->civil().month - 1)));
}

Value week_of_year(Arguments a, Evaluation& ev) {
    const auto day = day_of(a[0]);
    if (!day) return wrong_kind(ev, "week of year", "a date");
    return day->week_of_year();
}

Value now(Arguments, Evaluation& ev) {
    if (ev.clock() == nullptr) return ev.null("there is no clock here");
    return DateTime::from_instant(ev.clock()->now(), Zone::utc());
}

Value today(Arguments, Evaluation& ev) {
    if (ev.clock() == nullptr) return ev.null("there is no clock here");
    return DateTime::from_instant(ev.clock()->now(), Zone::utc()).date;
}

constexpr std::array kTable = {
    Builtin{"is", "value1?,value2?", is},
    Builtin{"day of year", "date", day_of_year},
    Builtin{"day of week", "date", day_of_week},
    Builtin{"month of year", "date", month_of_year},
    Builtin{"week of year", "date", week_of_year},
    Builtin{"now", "", now},
    Builtin{"today", "", today},
};

}  // namespace

std::span<const Builtin> temporal_builtins() {
    return kTable;
}

}  // namespace schwarm::feel
