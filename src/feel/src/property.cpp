// Properties of values: DMN 1.5 table 66.
#include <array>

#include "schwarm/feel/operations.hpp"

namespace schwarm::feel {
namespace {

Value missing(const Value& value, const Key& name, Evaluation& evaluation) {
    if (evaluation.diagnostics() == nullptr) return {};
    return evaluation.null("no \"" + std::string(name.text()) + "\" in " +
                           std::string(name_of(value.kind())));
}

std::optional<Value> date_property(const Date& date, std::string_view name) {
    if (name == "year") return Value(date.civil().year);
    if (name == "month") return Value(date.civil().month);
    if (name == "day") return Value(date.civil().day);
    if (name == "weekday") return Value(date.weekday());
    return std::nullopt;
}

std::optional<Value> time_property(const Time& time, std::int64_t local_seconds,
                                   std::string_view name) {
    if (name == "hour") return Value(time.hour());
    if (name == "minute") return Value(time.minute());
    if (name == "second") return Value(time.second());
    if (name == "time offset") {
        if (time.zone.kind == ZoneKind::none) return Value();
        return Value(DaysTime{offset_for_local(time.zone, local_seconds), 0});
    }
    if (name == "timezone") {
        if (time.zone.kind != ZoneKind::named) return Value();
        return Value(zone_name(time.zone));
    }
    return std::nullopt;
}

std::optional<Value> date_time_property(const DateTime& at, std::string_view name) {
    if (auto part = date_property(at.date, name)) return part;
    return time_property(at.time, at.local_seconds(), name);
}

std::optional<Value> days_time_property(const DaysTime& duration, std::string_view name) {
    // The parts of -P1DT2H are -1 and -2.
    const Int128 total = duration.total_nanos();
    const auto seconds = static_cast<std::int64_t>(total / kNanosPerSecond);
    if (name == "days") return Value(seconds / kSecondsPerDay);
    if (name == "hours") return Value(seconds / 3600 % 24);
    if (name == "minutes") return Value(seconds / 60 % 60);
    if (name == "seconds") return Value(seconds % 60);
    return std::nullopt;
}

std::optional<Value> range_property(const Range& range, std::string_view name) {
    if (name == "start") return range.start;
    if (name == "end") {
        return range.form == Range::Form::equal ? range.start : range.end;
    }
    if (name == "start included") return Value(range.start_included);
    if (name == "end included") return Value(range.end_included);
    return std::nullopt;
}

Value property_of_items(const Value& list, const Key& name, Evaluation& evaluation) {
    Value::List out;
    out.reserve(list.as_list().size());
    for (const Value& item : list.as_list()) {
        if (!evaluation.step()) return {};
        if (item.is_context()) {
            const Value* entry = item.as_context().find(name);
            out.push_back(entry == nullptr ? Value() : *entry);
        } else {
            out.push_back(property(item, name, evaluation));
        }
    }
    return Value::list(std::move(out));
}

}  // namespace

Value property(const Value& value, const Key& name, Evaluation& evaluation) {
    std::optional<Value> out;
    switch (value.kind()) {
        case Kind::null:
            break;
        case Kind::context: {
            const Value* entry = value.as_context().find(name);
            if (entry != nullptr) return *entry;
            break;
        }
        case Kind::list:
            return property_of_items(value, name, evaluation);
        case Kind::date:
            out = date_property(value.as_date(), name.text());
            break;
        case Kind::time: {
            const Time time = value.as_time();
            out = time_property(time, time.nanos / kNanosPerSecond, name.text());
            break;
        }
        case Kind::date_time:
            out = date_time_property(value.as_date_time(), name.text());
            break;
        case Kind::days_time_duration:
            out = days_time_property(value.as_days_time(), name.text());
            break;
        case Kind::years_months_duration: {
            const std::int64_t months = value.as_years_months().months;
            if (name.text() == "years") return Value(months / 12);
            if (name.text() == "months") return Value(months % 12);
            break;
        }
        case Kind::range:
            out = range_property(value.as_range(), name.text());
            break;
        default:
            break;
    }
    if (out) return std::move(*out);
    return missing(value, name, evaluation);
}

}  // namespace schwarm::feel
