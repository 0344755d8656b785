// Numeric functions: DMN 1.5 clause 10.3.4.5.
#include <array>

#include "arguments.hpp"

namespace schwarm::feel {
namespace {

constexpr const char* kNumbers = "numbers";
constexpr const char* kOutOfRange = "the result is out of range";

Value rounded(Arguments a, Evaluation& ev, const char* name, Rounding mode) {
    const auto n = number_of(a[0]);
    const auto scale = a.size() > 1 ? whole_of(a[1]) : std::optional<std::int64_t>(0);
    if (!n || !scale) return wrong_kind(ev, name, kNumbers);
    if (*scale < Decimal::kMinScale || *scale > Decimal::kMaxScale) {
        return ev.null("the scale reaches from -6111 to 6176");
    }
    return or_null(n->round(static_cast<int>(*scale), mode), ev, kOutOfRange);
}

std::optional<Rounding> rounding_of(const Value& value) {
    constexpr std::array<std::pair<std::string_view, Rounding>, 7> kModes = {{
        {"UP", Rounding::up},
        {"DOWN", Rounding::down},
        {"CEILING", Rounding::ceiling},
        {"FLOOR", Rounding::floor},
        {"HALF_UP", Rounding::half_up},
        {"HALF_DOWN", Rounding::half_down},
        {"HALF_EVEN", Rounding::half_even},
    }};
    const auto text = string_of(value);
    if (!text) return std::nullopt;
    std::string upper(*text);
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    for (const auto& [name, mode] : kModes) {
        if (name == upper) return mode;
    }
    return std::nullopt;
}

Value decimal(Arguments a, Evaluation& ev) {
    if (a.size() < 3) return rounded(a, ev, "decimal", Rounding::half_even);
    const auto mode = rounding_of(a[2]);
    if (!mode) return wrong_kind(ev, "decimal", "a rounding mode such as \"HALF_UP\"");
    return rounded(a.first(2), ev, "decimal", *mode);
}
Value floor(Arguments a, Evaluation& ev) {
    return rounded(a, ev, "floor", Rounding::floor);
}
Value ceiling(Arguments a, Evaluation& ev) {
    return rounded(a, ev, "ceiling", Rounding::ceiling);
}
Value round_up(Arguments a, Evaluation& ev) {
    return rounded(a, ev, "round up", Rounding::up);
}
Value round_down(Arguments a, Evaluation& ev) {
    return rounded(a, ev, "round down", Rounding::down);
}
Value round_half_up(Arguments a, Evaluation& ev) {
    return rounded(a, ev, "round half up", Rounding::half_up);
}
Value round_half_down(Arguments a, Evaluation& ev) {
    return rounded(a, ev, "round half down", Rounding::half_down);
}

Value abs(Arguments a, Evaluation& ev) {
    const Value& v = single(a[0]);
    switch (v.kind()) {
        case Kind::number:
            return v.as_number().abs();
        case Kind::days_time_duration: {
            const DaysTime d = v.as_days_time();
            return d.seconds < 0 ? *DaysTime::from_nanos(-d.total_nanos()) : d;
        }
        case Kind::years_months_duration: {
            const std::int64_t months = v.as_years_months().months;
            return YearsMonths{months < 0 ? -months : months};
        }
        default:
            return wrong_kind(ev, "abs", "a number or a duration");
    }
}

Value modulo(Arguments a, Evaluation& ev) {
    const auto dividend = number_of(a[0]);
    const auto divisor = number_of(a[1]);
    if (!dividend || !divisor) return wrong_kind(ev, "modulo", kNumbers);
    return or_null(schwarm::modulo(*dividend, *divisor), ev, "division by zero");
}

Value sqrt(Arguments a, Evaluation& ev) {
    const auto n = number_of(a[0]);
    if (!n) return wrong_kind(ev, "sqrt", kNumbers);
    return or_null(square_root(*n), ev, "the root of a negative number");
}

Value log(Arguments a, Evaluation& ev) {
    const auto n = number_of(a[0]);
    if (!n) return wrong_kind(ev, "log", kNumbers);
    return or_null(natural_logarithm(*n), ev, "log needs a positive number");
}

Value exp(Arguments a, Evaluation& ev) {
    const auto n = number_of(a[0]);
    if (!n) return wrong_kind(ev, "exp", kNumbers);
    return or_null(exponential(*n), ev, kOutOfRange);
}

Value parity(Arguments a, Evaluation& ev, const char* name, bool odd) {
    const auto n = number_of(a[0]);
    if (!n) return wrong_kind(ev, name, "a number");
    if (!n->is_integer()) return false;
    return schwarm::modulo(*n, Decimal(2))->is_zero() != odd;
}

Value odd(Arguments a, Evaluation& ev) {
    return parity(a, ev, "odd", true);
}
Value even(Arguments a, Evaluation& ev) {
    return parity(a, ev, "even", false);
}

constexpr std::array kTable = {
    // The form with a mode is Camunda's.
    Builtin{"decimal", "n,scale|n,scale,mode", decimal},
    Builtin{"floor", "n,scale?", floor},
    Builtin{"ceiling", "n,scale?", ceiling},
    Builtin{"round up", "n,scale", round_up},
    Builtin{"round down", "n,scale", round_down},
    Builtin{"round half up", "n,scale", round_half_up},
    Builtin{"round half down", "n,scale", round_half_down},
    Builtin{"abs", "n", abs},
    Builtin{"modulo", "dividend,divisor", modulo},
    Builtin{"sqrt", "number", sqrt},
    Builtin{"log", "number", log},
    Builtin{"exp", "number", exp},
    Builtin{"odd", "number", odd},
    Builtin{"even", "number", even},
};

}  // namespace

std::span<const Builtin> number_builtins() {
    return kTable;
}

}  // namespace schwarm::feel
