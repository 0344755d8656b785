// Functions over lists of numbers, comparable values and booleans: DMN 1.5 clause 10.3.4.4.
#include <algorithm>
#include <array>

#include "arguments.hpp"
#include "schwarm/feel/operations.hpp"

namespace schwarm::feel {
namespace {

constexpr const char* kNumbers = "a list of numbers";
constexpr const char* kOutOfRange = "the result is out of range";

// nullopt if any item is no number.
std::optional<std::vector<Decimal>> numbers_of(Arguments a, Evaluation& ev) {
    const auto items = items_of(a);
    if (!items || !ev.step(items->size())) return std::nullopt;
    std::vector<Decimal> out;
    out.reserve(items->size());
    for (const Value& item : *items) {
        if (!item.is_number()) return std::nullopt;
        out.push_back(item.as_number());
    }
    return out;
}

Value extreme(Arguments a, Evaluation& ev, const char* name, bool largest) {
    const auto items = items_of(a);
    if (!items) return wrong_kind(ev, name, "a list");
    if (items->empty()) return ev.null("the list is empty");
    if (!ev.step(items->size())) return {};
    const Value* best = &items->front();
    for (const Value& item : *items) {
        if (item.is_string() && !ev.step(item.weight())) return {};
        const auto order = compare(item, *best);
        if (!order) return wrong_kind(ev, name, "values that compare");
        if (largest ? *order > 0 : *order < 0) best = &item;
    }
    return *best;
}

Value min(Arguments a, Evaluation& ev) {
    return extreme(a, ev, "min", false);
}
Value max(Arguments a, Evaluation& ev) {
    return extreme(a, ev, "max", true);
}

Value sum(Arguments a, Evaluation& ev) {
    const auto items = items_of(a);
    if (!items) return wrong_kind(ev, "sum", kNumbers);
    if (items->empty()) return ev.null("the list is empty");
    if (!ev.step(items->size())) return {};
    Value total = items->front();
    const Kind kind = total.kind();
    if (kind != Kind::number && kind != Kind::days_time_duration &&
        kind != Kind::years_months_duration) {
        return wrong_kind(ev, "sum", kNumbers);
    }
    for (const Value& item : items->subspan(1)) {
        if (item.kind() != kind) return wrong_kind(ev, "sum", kNumbers);
        total = add(total, item, ev);
    }
    return total;
}

Value product(Arguments a, Evaluation& ev) {
    const auto numbers = numbers_of(a, ev);
    if (!numbers || numbers->empty()) return wrong_kind(ev, "product", kNumbers);
    Decimal out(1);
    for (const Decimal& n : *numbers) {
        const auto next = multiply(out, n);
        if (!next) return ev.null(kOutOfRange);
        out = *next;
    }
    return out;
}

std::optional<Decimal> mean_of(const std::vector<Decimal>& numbers) {
    std::optional<Decimal> total(Decimal(0));
    for (const Decimal& n : numbers) {
        total = schwarm::add(*total, n);
        if (!total) return std::nullopt;
    }
    return divide(*total, Decimal(static_cast<std::int64_t>(numbers.size())));
}

Value mean(Arguments a, Evaluation& ev) {
    const auto numbers = numbers_of(a, ev);
    if (!numbers || numbers->empty()) return wrong_kind(ev, "mean", kNumbers);
    return or_null(mean_of(*numbers), ev, kOutOfRange);
}

Value median(Arguments a, Evaluation& ev) {
    auto numbers = numbers_of(a, ev);
    if (!numbers) return wrong_kind(ev, "median", kNumbers);
    if (numbers->empty()) return ev.note("the list is empty");
    std::sort(numbers->begin(), numbers->end());
    const std::size_t middle = numbers->size() / 2;
    if (numbers->size() % 2 != 0) return (*numbers)[middle];
    return or_null(mean_of({(*numbers)[middle - 1], (*numbers)[middle]}), ev, kOutOfRange);
}

// Of a sample: the sum of squares is divided by n - 1.
Value stddev(Arguments a, Evaluation& ev) {
    const auto numbers = numbers_of(a, ev);
    if (!numbers || numbers->size() < 2) return wrong_kind(ev, "stddev", "two numbers or more");
    const auto center = mean_of(*numbers);
    std::optional<Decimal> squares(Decimal(0));
    for (std::size_t i = 0; center && squares && i < numbers->size(); ++i) {
        const auto distance = schwarm::subtract((*numbers)[i], *center);
        const auto square = distance ? schwarm::multiply(*distance, *distance) : std::nullopt;
        squares = square ? schwarm::add(*squares, *square) : std::nullopt;
    }
    if (!center || !squares) return ev.null(kOutOfRange);
    const auto variance =
        schwarm::divide(*squares, Decimal(static_cast<std::int64_t>(numbers->size()) - 1));
    return or_null(variance ? square_root(*variance) : std::nullopt, ev, kOutOfRange);
}

Value mode(Arguments a, Evaluation& ev) {
    auto numbers = numbers_of(a, ev);
    if (!numbers) return wrong_kind(ev, "mode", kNumbers);
    std::sort(numbers->begin(), numbers->end());
    Value::List out;
    std::size_t most = 0;
    for (std::size_t first = 0; first < numbers->size();) {
        std::size_t end = first;
        while (end < numbers->size() && (*numbers)[end] == (*numbers)[first]) ++end;
        if (end - first > most) {
            most = end - first;
            out.clear();
        }
        if (end - first == most) out.emplace_back((*numbers)[first]);
        first = end;
    }
    return Value::list(std::move(out));
}

// all: is_all and neutral true; any: both false.
Value quantify(Arguments a, Evaluation& ev, const char* name, bool is_all) {
    const auto items = items_of(a);
    if (!items) return wrong_kind(ev, name, "a list of booleans");
    if (!ev.step(items->size())) return {};
    bool unknown = false;
    bool wrong = false;
    for (const Value& item : *items) {
        if (!item.is_boolean()) {
            unknown = true;
            wrong = wrong || !item.is_null();
        } else if (item.as_boolean() != is_all) {
            return !is_all;
        }
    }
    if (wrong) return wrong_kind(ev, name, "a list of booleans");
    if (unknown) return ev.note("an item is null");
    return is_all;
}

Value all(Arguments a, Evaluation& ev) {
    return quantify(a, ev, "all", true);
}
Value any(Arguments a, Evaluation& ev) {
    return quantify(a, ev, "any", false);
}

constexpr std::array kTable = {
    Builtin{"min", "list...", min},       Builtin{"max", "list...", max},
    Builtin{"sum", "list...", sum},       Builtin{"product", "list...", product},
    Builtin{"mean", "list...", mean},     Builtin{"median", "list...", median},
    Builtin{"stddev", "list...", stddev}, Builtin{"mode", "list...", mode},
    Builtin{"all", "list...", all},       Builtin{"any", "list...", any},
};

}  // namespace

std::span<const Builtin> statistics_builtins() {
    return kTable;
}

}  // namespace schwarm::feel
