// FEEL's own comparisons and arithmetic, for those who need them outside of expressions.
#pragma once

#include <compare>
#include <optional>

#include "schwarm/feel/evaluation.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::feel {

// FEEL "=": nullopt where FEEL answers null (kinds that do not compare).
std::optional<bool> equal(const Value& a, const Value& b);
// FEEL "<" and ">": nullopt where FEEL answers null.
std::optional<std::strong_ordering> compare(const Value& a, const Value& b);
// FEEL "in" with a range; nullopt where FEEL answers null.
std::optional<bool> in_range(const Value& value, const Range& range);

Value add(const Value& a, const Value& b, Evaluation& evaluation);
Value subtract(const Value& a, const Value& b, Evaluation& evaluation);
Value multiply(const Value& a, const Value& b, Evaluation& evaluation);
Value divide(const Value& a, const Value& b, Evaluation& evaluation);
Value power(const Value& a, const Value& b, Evaluation& evaluation);
Value negate(const Value& a, Evaluation& evaluation);
// a.name: entry of a context, property of a date, time, duration or range, or of every item of a
// list.
Value property(const Value& value, const Key& name, Evaluation& evaluation);

}  // namespace schwarm::feel
