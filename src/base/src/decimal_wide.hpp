// Whole powers and roundings on the parts of a decimal, with at least 73 digits in between.
#pragma once

#include <cstdint>
#include <optional>

#include "schwarm/base/decimal.hpp"

namespace schwarm::decimal {

__extension__ typedef unsigned __int128 Uint128;

inline constexpr int kBias = 6176;
inline constexpr int kMaxBiased = 12'287;
inline constexpr int kMaxDigits = 34;

// (-1)^negative * coefficient * 10^exponent
struct Parts {
    bool negative = false;
    int exponent = 0;
    Uint128 coefficient = 0;
};

// 10^n for 0 <= n <= 38.
Uint128 power_of_ten(int n);

// coefficient / 10^drop, rounded; drop > 0.
Uint128 divide_rounding(Uint128 coefficient, int drop, bool negative, Rounding mode);

// base^n rounded once to 34 digits; base != 0, n != 0. nullopt if far out of range.
std::optional<Parts> power(const Parts& base, std::int64_t n);

}  // namespace schwarm::decimal
