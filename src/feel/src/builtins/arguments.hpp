// Reading arguments with the implicit conversion of a singleton list to its item.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "builtins.hpp"

namespace schwarm::feel {

inline const Value& single(const Value& value) {
    if (value.is_list() && value.as_list().size() == 1) return value.as_list()[0];
    return value;
}

inline std::optional<Decimal> number_of(const Value& value) {
    const Value& v = single(value);
    return v.is_number() ? std::optional(v.as_number()) : std::nullopt;
}

// A whole number; fractions are cut off.
inline std::optional<std::int64_t> whole_of(const Value& value) {
    const auto number = number_of(value);
    return number ? number->round(0, Rounding::down)->to_int64() : std::nullopt;
}

inline std::optional<std::string_view> string_of(const Value& value) {
    const Value& v = single(value);
    return v.is_string() ? std::optional(v.as_string()) : std::nullopt;
}

// A list, or one item as a list of its own; null is no list.
inline std::optional<std::span<const Value>> list_of(const Value& value) {
    if (value.is_list()) return value.as_list();
    if (value.is_null()) return std::nullopt;
    return std::span<const Value>(&value, 1);
}

// f([1, 2]) and f(1, 2) mean the same.
inline std::optional<std::span<const Value>> items_of(Arguments arguments) {
    if (arguments.size() == 1) return list_of(arguments[0]);
    if (arguments.empty()) return std::nullopt;
    return arguments;
}

inline Value wrong_kind(Evaluation& evaluation, const char* function, const char* wanted) {
    if (evaluation.diagnostics() == nullptr) return {};
    return evaluation.null(std::string(function) + " needs " + wanted);
}

// Every function counts its work in steps: one for each item and each 64 bytes of text that it
// goes through. Where the answer is false, the reason is recorded already.
inline bool step_text(Evaluation& evaluation, std::size_t bytes) {
    return evaluation.step(1 + bytes / 64);
}

// Whether a list or a string of this size may be built.
inline bool fits(std::size_t size, Evaluation& evaluation) {
    if (size <= evaluation.limits().max_items) return true;
    evaluation.null("the list or string has more than " +
                    std::to_string(evaluation.limits().max_items) + " items or bytes");
    return false;
}

template <class T>
Value or_null(const std::optional<T>& result, Evaluation& evaluation, const char* reason) {
    if (result) return Value(*result);
    return evaluation.null(reason);
}

}  // namespace schwarm::feel
