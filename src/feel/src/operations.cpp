#include "schwarm/feel/operations.hpp"

#include "schwarm/base/check.hpp"

namespace schwarm::feel {
namespace {

bool has_zone(const Zone& zone) {
    return zone.kind != ZoneKind::none;
}

// Nanoseconds since midnight in UTC; a named zone's offset is taken as of 1970.
std::int64_t utc_nanos(const Time& time) {
    return time.nanos -
           static_cast<std::int64_t>(offset_for_local(time.zone, time.nanos / kNanosPerSecond)) *
               kNanosPerSecond;
}

Int128 utc_nanos(const DateTime& at) {
    return static_cast<Int128>(at.utc_seconds()) * kNanosPerSecond +
           at.time.nanos % kNanosPerSecond;
}

DateTime midnight(const Date& date) {
    return DateTime{date, Time{0, Zone::utc()}};
}

std::optional<bool> equal_items(std::span<const Value> a, std::span<const Value> b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (equal(a[i], b[i]) != std::optional<bool>(true)) return false;
    }
    return true;
}

std::optional<bool> equal_entries(const Context& a, const Context& b) {
    if (a.size() != b.size()) return false;
    for (const Context::Entry& entry : a) {
        const Value* theirs = b.find(entry.key);
        if (theirs == nullptr || equal(entry.value, *theirs) != std::optional<bool>(true)) {
            return false;
        }
    }
    return true;
}

std::optional<bool> equal_ranges(const Range& a, const Range& b) {
    return a.form == b.form && a.start_included == b.start_included &&
           a.end_included == b.end_included &&
           equal(a.start, b.start) == std::optional<bool>(true) &&
           equal(a.end, b.end) == std::optional<bool>(true);
}

// Seconds count, their fractions do not (TCK 0068 time_005, datetime_003_a).
bool equal_times(const Time& a, const Time& b) {
    if (has_zone(a.zone) != has_zone(b.zone)) return false;
    return utc_nanos(a) / kNanosPerSecond == utc_nanos(b) / kNanosPerSecond;
}

bool equal_date_times(const DateTime& a, const DateTime& b) {
    if (has_zone(a.time.zone) != has_zone(b.time.zone)) return false;
    return a.utc_seconds() == b.utc_seconds();
}

}  // namespace

std::optional<bool> equal(const Value& a, const Value& b) {
    if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
    if (a.kind() != b.kind()) return std::nullopt;
    switch (a.kind()) {
        case Kind::null:
            return true;
        case Kind::boolean:
            return a.as_boolean() == b.as_boolean();
        case Kind::number:
            return a.as_number() == b.as_number();
        case Kind::string:
            return a.as_string() == b.as_string();
        case Kind::date:
            return a.as_date() == b.as_date();
        case Kind::time:
            return equal_times(a.as_time(), b.as_time());
        case Kind::date_time:
            return equal_date_times(a.as_date_time(), b.as_date_time());
        case Kind::days_time_duration:
            return a.as_days_time() == b.as_days_time();
        case Kind::years_months_duration:
            return a.as_years_months() == b.as_years_months();
        case Kind::list:
            return equal_items(a.as_list(), b.as_list());
        case Kind::context:
            return equal_entries(a.as_context(), b.as_context());
        case Kind::range:
            return equal_ranges(a.as_range(), b.as_range());
        case Kind::function:
            return a == b;
    }
    return std::nullopt;
}

std::optional<std::strong_ordering> compare(const Value& a, const Value& b) {
    if (a.kind() != b.kind()) return std::nullopt;
    switch (a.kind()) {
        case Kind::number:
            return a.as_number() <=> b.as_number();
        // The byte order of UTF-8 is the order of code points.
        case Kind::string:
            return a.as_string().compare(b.as_string()) <=> 0;
        case Kind::date:
            return a.as_date() <=> b.as_date();
        case Kind::time: {
            const Time x = a.as_time();
            const Time y = b.as_time();
            if (has_zone(x.zone) != has_zone(y.zone)) return std::nullopt;
            return utc_nanos(x) <=> utc_nanos(y);
        }
        case Kind::date_time: {
            const DateTime x = a.as_date_time();
            const DateTime y = b.as_date_time();
            if (has_zone(x.time.zone) != has_zone(y.time.zone)) return std::nullopt;
            const Int128 left = utc_nanos(x);
            const Int128 right = utc_nanos(y);
            if (left == right) return std::strong_ordering::equal;
            return left < right ? std::strong_ordering::less : std::strong_ordering::greater;
        }
        case Kind::days_time_duration:
            return a.as_days_time() <=> b.as_days_time();
        case Kind::years_months_duration:
            return a.as_years_months() <=> b.as_years_months();
        default:
            return std::nullopt;
    }
}

std::optional<bool> in_range(const Value& value, const Range& range) {
    using Form = Range::Form;
    if (range.form == Form::equal) return equal(value, range.start);
    if (range.form == Form::not_equal) {
        const auto same = equal(value, range.start);
        return same ? std::optional<bool>(!*same) : std::nullopt;
    }
    const bool bounded_below = range.form == Form::interval || range.form == Form::greater ||
                               range.form == Form::greater_equal;
    const bool bounded_above =
        range.form == Form::interval || range.form == Form::less || range.form == Form::less_equal;
    bool unknown = false;
    if (bounded_below) {
        const auto order = compare(value, range.start);
        if (!order) {
            unknown = true;
        } else if (*order < 0 || (*order == 0 && !range.start_included)) {
            return false;
        }
    }
    if (bounded_above) {
        const auto order = compare(value, range.end);
        if (!order) {
            unknown = true;
        } else if (*order > 0 || (*order == 0 && !range.end_included)) {
            return false;
        }
    }
    if (unknown) return std::nullopt;
    return true;
}

namespace {

template <class T>
Value or_null(const std::optional<T>& result, Evaluation& evaluation, const char* reason) {
    if (result) return Value(*result);
    return evaluation.null(reason);
}

Value mismatch(const char* verb, const Value& a, const Value& b, Evaluation& evaluation) {
    if (evaluation.diagnostics() == nullptr) return {};
    return evaluation.null("cannot " + std::string(verb) + " " + std::string(name_of(a.kind())) +
                           " and " + std::string(name_of(b.kind())));
}

constexpr const char* kOutOfRange = "the result is out of range";

DaysTime negated(const DaysTime& d) {
    return *DaysTime::from_nanos(-d.total_nanos());
}

// A date stays a date; the time of day is cut off.
Value add_to_date(const Date& date, const DaysTime& duration, Evaluation& evaluation) {
    const auto at = add(midnight(date), duration);
    if (!at) return evaluation.null(kOutOfRange);
    return at->date;
}

// temporal + duration, null kind if they do not go together.
std::optional<Value> add_duration(const Value& a, const Value& b, bool negative,
                                  Evaluation& evaluation) {
    if (b.kind() == Kind::days_time_duration) {
        const DaysTime d = negative ? negated(b.as_days_time()) : b.as_days_time();
        if (a.is_date()) return add_to_date(a.as_date(), d, evaluation);
        if (a.is_date_time()) return or_null(add(a.as_date_time(), d), evaluation, kOutOfRange);
        if (a.is_time()) return Value(add(a.as_time(), d));
        if (a.kind() == Kind::days_time_duration) {
            return or_null(DaysTime::from_nanos(a.as_days_time().total_nanos() + d.total_nanos()),
                           evaluation, kOutOfRange);
        }
    } else if (b.kind() == Kind::years_months_duration) {
        const std::int64_t months =
            negative ? -b.as_years_months().months : b.as_years_months().months;
        if (a.is_date()) {
            return or_null(add_months(a.as_date(), months), evaluation, kOutOfRange);
        }
        if (a.is_date_time()) {
            return or_null(add(a.as_date_time(), YearsMonths{months}), evaluation, kOutOfRange);
        }
        if (a.kind() == Kind::years_months_duration) {
            std::int64_t sum = 0;
            if (__builtin_add_overflow(a.as_years_months().months, months, &sum)) {
                return evaluation.null(kOutOfRange);
            }
            return Value(YearsMonths{sum});
        }
    }
    return std::nullopt;
}

bool is_moment(const Value& v) {
    return v.is_date() || v.is_date_time();
}

DateTime moment(const Value& v) {
    return v.is_date() ? midnight(v.as_date()) : v.as_date_time();
}

Value subtract_moments(const Value& a, const Value& b, Evaluation& evaluation) {
    const DateTime later = moment(a);
    const DateTime earlier = moment(b);
    if (has_zone(later.time.zone) != has_zone(earlier.time.zone)) {
        return evaluation.null("one date and time has a zone, the other has none");
    }
    return or_null(difference(later, earlier), evaluation, kOutOfRange);
}

Value subtract_times(const Time& a, const Time& b, Evaluation& evaluation) {
    if (has_zone(a.zone) != has_zone(b.zone)) {
        return evaluation.null("one time has a zone, the other has none");
    }
    return or_null(DaysTime::from_nanos(utc_nanos(a) - utc_nanos(b)), evaluation, kOutOfRange);
}

}  // namespace

Value add(const Value& a, const Value& b, Evaluation& evaluation) {
    if (a.is_number() && b.is_number()) {
        return or_null(add(a.as_number(), b.as_number()), evaluation, kOutOfRange);
    }
    if (a.is_string() && b.is_string()) {
        const std::string_view x = a.as_string();
        const std::string_view y = b.as_string();
        if (x.size() + y.size() > evaluation.limits().max_items) {
            return evaluation.null("the string is too long");
        }
        if (!evaluation.step(1 + (x.size() + y.size()) / 64)) return {};
        std::string out;
        out.reserve(x.size() + y.size());
        out.append(x).append(y);
        return Value(std::move(out));
    }
    if (auto sum = add_duration(a, b, false, evaluation)) return std::move(*sum);
    if (auto sum = add_duration(b, a, false, evaluation)) return std::move(*sum);
    return mismatch("add", a, b, evaluation);
}

Value subtract(const Value& a, const Value& b, Evaluation& evaluation) {
    if (a.is_number() && b.is_number()) {
        return or_null(subtract(a.as_number(), b.as_number()), evaluation, kOutOfRange);
    }
    if (is_moment(a) && is_moment(b)) return subtract_moments(a, b, evaluation);
    if (a.is_time() && b.is_time()) return subtract_times(a.as_time(), b.as_time(), evaluation);
    if (auto sum = add_duration(a, b, true, evaluation)) return std::move(*sum);
    return mismatch("subtract", a, b, evaluation);
}

namespace {

// Cut towards zero at the unit.
Value months_from_number(const std::optional<Decimal>& number, Evaluation& evaluation) {
    if (!number) return evaluation.null(kOutOfRange);
    const auto months = number->round(0, Rounding::down)->to_int64();
    return months ? Value(YearsMonths{*months}) : evaluation.null(kOutOfRange);
}

Decimal nanos_as_number(const DaysTime& d) {
    const Decimal seconds(d.seconds);
    return seconds * Decimal(kNanosPerSecond) + Decimal(static_cast<std::int64_t>(d.nanos));
}

Value nanos_from_number(const std::optional<Decimal>& nanos, Evaluation& evaluation) {
    if (!nanos) return evaluation.null(kOutOfRange);
    const Decimal whole = *nanos->round(0, Rounding::down);
    const auto seconds = divide(whole, Decimal(kNanosPerSecond))->floor().to_int64();
    if (!seconds) return evaluation.null(kOutOfRange);
    const auto rest = (whole - Decimal(*seconds) * Decimal(kNanosPerSecond)).to_int64();
    return DaysTime{*seconds, static_cast<std::int32_t>(rest.value_or(0))};
}

}  // namespace

Value multiply(const Value& a, const Value& b, Evaluation& evaluation) {
    if (a.is_number() && b.is_number()) {
        return or_null(multiply(a.as_number(), b.as_number()), evaluation, kOutOfRange);
    }
    const bool number_first = a.is_number();
    const Value& number = number_first ? a : b;
    const Value& length = number_first ? b : a;
    if (number.is_number() && length.kind() == Kind::years_months_duration) {
        const YearsMonths d = length.as_years_months();
        return months_from_number(multiply(Decimal(d.months), number.as_number()), evaluation);
    }
    if (number.is_number() && length.kind() == Kind::days_time_duration) {
        return nanos_from_number(
            multiply(nanos_as_number(length.as_days_time()), number.as_number()), evaluation);
    }
    return mismatch("multiply", a, b, evaluation);
}

Value divide(const Value& a, const Value& b, Evaluation& evaluation) {
    if (a.is_number() && b.is_number()) {
        if (b.as_number().is_zero()) return evaluation.null("division by zero");
        return or_null(divide(a.as_number(), b.as_number()), evaluation, kOutOfRange);
    }
    const bool by_number = b.is_number();
    if (by_number && b.as_number().is_zero()) return evaluation.null("division by zero");
    if (a.kind() == Kind::years_months_duration) {
        const YearsMonths d = a.as_years_months();
        if (by_number) {
            return months_from_number(divide(Decimal(d.months), b.as_number()), evaluation);
        }
        if (b.kind() == a.kind()) {
            const Decimal other(b.as_years_months().months);
            if (other.is_zero()) return evaluation.null("division by zero");
            return or_null(divide(Decimal(d.months), other), evaluation, kOutOfRange);
        }
    }
    if (a.kind() == Kind::days_time_duration) {
        const Decimal nanos = nanos_as_number(a.as_days_time());
        if (by_number) return nanos_from_number(divide(nanos, b.as_number()), evaluation);
        if (b.kind() == a.kind()) {
            const Decimal other = nanos_as_number(b.as_days_time());
            if (other.is_zero()) return evaluation.null("division by zero");
            return or_null(divide(nanos, other), evaluation, kOutOfRange);
        }
    }
    return mismatch("divide", a, b, evaluation);
}

Value power(const Value& a, const Value& b, Evaluation& evaluation) {
    if (a.is_number() && b.is_number()) {
        return or_null(power(a.as_number(), b.as_number()), evaluation,
                       "the power has no finite result");
    }
    return mismatch("raise to a power", a, b, evaluation);
}

Value negate(const Value& a, Evaluation& evaluation) {
    switch (a.kind()) {
        case Kind::number:
            return -a.as_number();
        case Kind::days_time_duration:
            return negated(a.as_days_time());
        case Kind::years_months_duration:
            return YearsMonths{-a.as_years_months().months};
        default:
            if (evaluation.diagnostics() == nullptr) return {};
            return evaluation.null("cannot negate " + std::string(name_of(a.kind())));
    }
}

}  // namespace schwarm::feel
