#include "decimal_wide.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace schwarm::decimal {

namespace {

constexpr auto kPowersOfTen = [] {
    std::array<Uint128, 39> table{};
    table[0] = 1;
    for (std::size_t i = 1; i < table.size(); ++i) table[i] = table[i - 1] * 10;
    return table;
}();

}  // namespace

Uint128 power_of_ten(int n) {
    return kPowersOfTen.at(static_cast<std::size_t>(n));
}

namespace {

// Whether the magnitude grows by one; `half` is -1, 0, 1 for a rest below, at or above one half.
bool rounds_up(Rounding mode, bool negative, bool exact, int half, bool odd) {
    if (exact) return false;
    switch (mode) {
        case Rounding::half_even:
            return half > 0 || (half == 0 && odd);
        case Rounding::half_up:
            return half >= 0;
        case Rounding::half_down:
            return half > 0;
        case Rounding::up:
            return true;
        case Rounding::down:
            return false;
        case Rounding::floor:
            return negative;
        case Rounding::ceiling:
            return !negative;
    }
    return false;
}

}  // namespace

Uint128 divide_rounding(Uint128 coefficient, int drop, bool negative, Rounding mode) {
    if (drop > 38) {
        return rounds_up(mode, negative, coefficient == 0, -1, false) ? 1 : 0;
    }
    const Uint128 divisor = power_of_ten(drop);
    const Uint128 quotient = coefficient / divisor;
    const Uint128 rest = coefficient % divisor;
    const Uint128 middle = divisor / 2;
    const int half = rest < middle ? -1 : (rest == middle ? 0 : 1);
    return quotient + (rounds_up(mode, negative, rest == 0, half, (quotient & 1) != 0) ? 1 : 0);
}

namespace {

constexpr std::uint64_t kLimbBase = 1'000'000'000'000'000'000;
constexpr int kLimbDigits = 18;
// At least 73 digits: about 2^30 roundings stay far below 34 digits.
constexpr std::size_t kMaxLimbs = 5;

// limbs (least significant first, the last one not 0) * 10^exponent; sticky: something below was
// cut off.
struct Wide {
    std::array<std::uint64_t, kMaxLimbs> limbs{};
    std::size_t size = 0;
    std::int64_t exponent = 0;
    bool sticky = false;
};

Wide multiply(const Wide& a, const Wide& b) {
    // Five products of limbs and a carry stay below 2^123.
    std::array<Uint128, 2 * kMaxLimbs> sums{};
    for (std::size_t i = 0; i < a.size; ++i) {
        for (std::size_t j = 0; j < b.size; ++j) {
            sums[i + j] += static_cast<Uint128>(a.limbs[i]) * b.limbs[j];
        }
    }
    std::array<std::uint64_t, 2 * kMaxLimbs> limbs{};
    std::size_t size = a.size + b.size;
    Uint128 carry = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const Uint128 sum = sums[i] + carry;
        carry = sum / kLimbBase;
        limbs[i] = static_cast<std::uint64_t>(sum - carry * kLimbBase);
    }
    while (size > 1 && limbs[size - 1] == 0) --size;
    Wide out;
    out.exponent = a.exponent + b.exponent;
    out.sticky = a.sticky || b.sticky;
    const std::size_t drop = size > kMaxLimbs ? size - kMaxLimbs : 0;
    for (std::size_t i = 0; i < drop; ++i) out.sticky = out.sticky || limbs[i] != 0;
    out.exponent += static_cast<std::int64_t>(drop) * kLimbDigits;
    out.size = size - drop;
    for (std::size_t i = 0; i < out.size; ++i) out.limbs[i] = limbs[i + drop];
    return out;
}

int digits_of(std::uint64_t limb) {
    int digits = 1;
    for (Uint128 bound = 10; bound <= limb; bound *= 10) ++digits;
    return digits;
}

// Rounds half to even at kMaxDigits.
Parts round_to_parts(const Wide& wide, bool negative) {
    constexpr int kKept = 37;  // digits looked at; the rest only says whether it is zero
    std::size_t i = wide.size - 1;
    Uint128 kept = wide.limbs[i];
    int digits = digits_of(wide.limbs[i]);
    std::int64_t exponent = wide.exponent + static_cast<std::int64_t>(i) * kLimbDigits;
    bool sticky = wide.sticky;
    while (i-- > 0) {
        const int take = std::min(kLimbDigits, kKept - digits);
        const auto below = static_cast<std::uint64_t>(power_of_ten(kLimbDigits - take));
        kept = kept * power_of_ten(take) + wide.limbs[i] / below;
        sticky = sticky || wide.limbs[i] % below != 0;
        digits += take;
        exponent -= take;
    }
    Parts out;
    out.negative = negative;
    out.coefficient = kept;
    if (digits > kMaxDigits) {
        const int drop = digits - kMaxDigits;
        const Uint128 divisor = power_of_ten(drop);
        out.coefficient = kept / divisor;
        const Uint128 rest = kept % divisor;
        const Uint128 middle = divisor / 2;
        const int half = rest < middle ? -1 : (rest == middle && !sticky ? 0 : 1);
        const bool odd = (out.coefficient & 1) != 0;
        exponent += drop;
        if (rounds_up(Rounding::half_even, negative, rest == 0 && !sticky, half, odd) &&
            ++out.coefficient == power_of_ten(kMaxDigits)) {
            out.coefficient /= 10;
            ++exponent;
        }
    }
    constexpr std::int64_t kFar = 100'000;
    out.exponent = static_cast<int>(std::clamp(exponent, -kFar, kFar));
    return out;
}

// rest -= digit * divisor, both aligned at `at`; whether it went below zero.
bool subtract_multiple(std::span<std::uint64_t> rest, std::span<const std::uint64_t> divisor,
                       std::uint64_t digit) {
    Uint128 carry = 0;
    bool borrow = false;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        const Uint128 product =
            (i < divisor.size() ? static_cast<Uint128>(digit) * divisor[i] : 0) + carry;
        carry = product / kLimbBase;
        const auto low = static_cast<std::uint64_t>(product - carry * kLimbBase) + (borrow ? 1 : 0);
        borrow = rest[i] < low;
        rest[i] += (borrow ? kLimbBase : 0) - low;
    }
    return borrow;
}

void add_back(std::span<std::uint64_t> rest, std::span<const std::uint64_t> divisor) {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        rest[i] += (i < divisor.size() ? divisor[i] : 0) + carry;
        carry = rest[i] >= kLimbBase ? 1 : 0;
        rest[i] -= carry * kLimbBase;
    }
}

// 1 / w by long division (Knuth, TAOCP 2, 4.3.1 D): at least 37 digits and whether that is all.
Wide reciprocal(const Wide& w) {
    constexpr std::size_t kQuotient = 4;
    std::array<std::uint64_t, kMaxLimbs> divisor{};
    std::array<std::uint64_t, kMaxLimbs + kQuotient> rest{};
    // Scaled so that the first limb is at least half the base.
    const std::uint64_t scale = kLimbBase / (w.limbs[w.size - 1] + 1);
    Uint128 carry = 0;
    for (std::size_t i = 0; i < w.size; ++i) {
        const Uint128 product = static_cast<Uint128>(w.limbs[i]) * scale + carry;
        carry = product / kLimbBase;
        divisor[i] = static_cast<std::uint64_t>(product - carry * kLimbBase);
    }
    // scale * base^(size + kQuotient - 1)
    rest[w.size + kQuotient - 1] = scale;
    const std::span<const std::uint64_t> by(divisor.data(), w.size);
    const std::uint64_t first = divisor[w.size - 1];
    Wide out;
    for (std::size_t at = kQuotient; at-- > 0;) {
        const Uint128 top =
            static_cast<Uint128>(rest[at + w.size]) * kLimbBase + rest[at + w.size - 1];
        auto digit = static_cast<std::uint64_t>(
            std::min<Uint128>(top / first, static_cast<Uint128>(kLimbBase - 1)));
        const std::span<std::uint64_t> part(rest.data() + at, w.size + 1);
        if (subtract_multiple(part, by, digit)) {
            do {
                --digit;
                add_back(part, by);
            } while (part.back() != 0);
        }
        out.limbs[at] = digit;
    }
    out.size = kQuotient;
    while (out.size > 1 && out.limbs[out.size - 1] == 0) --out.size;
    out.sticky = w.sticky || std::any_of(rest.begin(), rest.end(), [](auto r) { return r != 0; });
    out.exponent = -w.exponent - static_cast<std::int64_t>(w.size + kQuotient - 1) * kLimbDigits;
    return out;
}

}  // namespace

std::optional<Parts> power(const Parts& base, std::int64_t n) {
    const bool negative = base.negative && (n % 2 != 0);
    std::uint64_t left = static_cast<std::uint64_t>(n < 0 ? -n : n);
    Wide square;
    square.exponent = base.exponent;
    for (Uint128 c = base.coefficient; c != 0; c /= kLimbBase) {
        square.limbs[square.size++] = static_cast<std::uint64_t>(c % kLimbBase);
    }
    Wide result;
    result.limbs[0] = 1;
    result.size = 1;
    while (true) {
        if ((left & 1) != 0) result = multiply(result, square);
        left >>= 1;
        if (left == 0) break;
        square = multiply(square, square);
    }
    return round_to_parts(n < 0 ? reciprocal(result) : result, negative);
}

}  // namespace schwarm::decimal
