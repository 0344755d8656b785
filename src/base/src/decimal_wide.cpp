#include "decimal_wide.hpp"

#include <array>
#include <vector>

namespace schwarm::decimal {

Uint128 power_of_ten(int n) {
    static const auto kTable = [] {
        std::array<Uint128, 39> table{};
        table[0] = 1;
        for (std::size_t i = 1; i < table.size(); ++i) table[i] = table[i - 1] * 10;
        return table;
    }();
    return kTable.at(static_cast<std::size_t>(n));
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

constexpr std::uint32_t kLimbBase = 1'000'000'000;
constexpr std::size_t kMaxLimbs = 9;  // 81 digits: about 2^30 roundings stay far below 34 digits

// limbs (least significant first) * 10^exponent; sticky: something below was cut off.
struct Wide {
    std::vector<std::uint32_t> limbs;
    std::int64_t exponent = 0;
    bool sticky = false;
};

Wide multiply(const Wide& a, const Wide& b) {
    std::vector<std::uint64_t> sums(a.limbs.size() + b.limbs.size(), 0);
    for (std::size_t i = 0; i < a.limbs.size(); ++i) {
        std::uint64_t carry = 0;
        for (std::size_t j = 0; j < b.limbs.size(); ++j) {
            const std::uint64_t product =
                static_cast<std::uint64_t>(a.limbs[i]) * b.limbs[j] + sums[i + j] + carry;
            sums[i + j] = product % kLimbBase;
            carry = product / kLimbBase;
        }
        sums[i + b.limbs.size()] += carry;
    }
    while (sums.size() > 1 && sums.back() == 0) sums.pop_back();
    Wide out;
    out.exponent = a.exponent + b.exponent;
    out.sticky = a.sticky || b.sticky;
    const std::size_t drop = sums.size() > kMaxLimbs ? sums.size() - kMaxLimbs : 0;
    for (std::size_t i = 0; i < drop; ++i) out.sticky = out.sticky || sums[i] != 0;
    out.exponent += static_cast<std::int64_t>(drop) * 9;
    for (std::size_t i = drop; i < sums.size(); ++i) {
        out.limbs.push_back(static_cast<std::uint32_t>(sums[i]));
    }
    return out;
}

// Decimal digits, most significant first, without leading zeros.
std::vector<std::uint8_t> digits_of(const Wide& wide) {
    std::vector<std::uint8_t> digits;
    for (std::size_t i = wide.limbs.size(); i-- > 0;) {
        std::uint32_t divisor = kLimbBase / 10;
        for (std::uint32_t limb = wide.limbs[i]; divisor != 0; divisor /= 10) {
            const auto digit = static_cast<std::uint8_t>(limb / divisor % 10);
            if (digit != 0 || !digits.empty()) digits.push_back(digit);
        }
    }
    return digits;
}

Parts round_to_parts(const std::vector<std::uint8_t>& digits, std::int64_t exponent, bool sticky,
                     bool negative) {
    Parts out;
    out.negative = negative;
    std::size_t kept = 0;
    while (kept < digits.size() && kept < static_cast<std::size_t>(kMaxDigits)) {
        out.coefficient = out.coefficient * 10 + digits[kept++];
    }
    exponent += static_cast<std::int64_t>(digits.size() - kept);
    if (kept < digits.size()) {
        const int next = digits[kept];
        for (std::size_t i = kept + 1; i < digits.size(); ++i) sticky = sticky || digits[i] != 0;
        if (next > 5 || (next == 5 && (sticky || (out.coefficient & 1) != 0))) {
            if (++out.coefficient == power_of_ten(kMaxDigits)) {
                out.coefficient /= 10;
                ++exponent;
            }
        }
    }
    constexpr std::int64_t kFar = 100'000;
    out.exponent = static_cast<int>(exponent > kFar ? kFar : (exponent < -kFar ? -kFar : exponent));
    return out;
}

// Compares the digits of a (with an implied leading digit in `lead`) and b of the same length.
bool at_least(const std::vector<int>& a, const std::vector<std::uint8_t>& b, int lead) {
    if (lead > 0) return true;
    for (std::size_t i = 0; i < b.size(); ++i) {
        if (a[i] != b[i]) return a[i] > b[i];
    }
    return true;
}

// 1 / (0.d1d2d3...), by long division: 40 digits are enough for one rounding to 34.
std::vector<std::uint8_t> reciprocal_digits(const std::vector<std::uint8_t>& divisor, bool& exact) {
    std::vector<int> rest(divisor.size(), 0);
    rest[0] = 1;  // 0.1000..., so that the first quotient digit may be 0
    int lead = 0;
    std::vector<std::uint8_t> quotient;
    for (int round = 0; round < 42; ++round) {
        int digit = 0;
        while (at_least(rest, divisor, lead)) {
            int borrow = 0;
            for (std::size_t i = divisor.size(); i-- > 0;) {
                int d = rest[i] - divisor[i] - borrow;
                borrow = d < 0 ? 1 : 0;
                rest[i] = d + borrow * 10;
            }
            lead -= borrow;
            ++digit;
        }
        quotient.push_back(static_cast<std::uint8_t>(digit));
        lead = rest[0];
        for (std::size_t i = 0; i + 1 < rest.size(); ++i) rest[i] = rest[i + 1];
        rest.back() = 0;
    }
    exact = lead == 0;
    for (const int d : rest) exact = exact && d == 0;
    return quotient;
}

}  // namespace

std::optional<Parts> power(const Parts& base, std::int64_t n) {
    const bool negative = base.negative && (n % 2 != 0);
    std::uint64_t left = static_cast<std::uint64_t>(n < 0 ? -n : n);
    Wide square;
    square.exponent = base.exponent;
    for (Uint128 c = base.coefficient; c != 0; c /= kLimbBase) {
        square.limbs.push_back(static_cast<std::uint32_t>(c % kLimbBase));
    }
    Wide result;
    result.limbs = {1};
    while (true) {
        if ((left & 1) != 0) result = multiply(result, square);
        left >>= 1;
        if (left == 0) break;
        square = multiply(square, square);
    }
    std::vector<std::uint8_t> digits = digits_of(result);
    if (n > 0) return round_to_parts(digits, result.exponent, result.sticky, negative);
    // value = 0.digits * 10^(exponent + size); 1 / 0.digits = q.qqq with 0.1 as first numerator
    bool exact = false;
    const auto size = static_cast<std::int64_t>(digits.size());
    std::vector<std::uint8_t> quotient = reciprocal_digits(digits, exact);
    std::int64_t exponent = -(result.exponent + size) + 1 - 41;
    std::size_t zeros = 0;
    while (zeros < quotient.size() && quotient[zeros] == 0) ++zeros;
    quotient.erase(quotient.begin(), quotient.begin() + static_cast<std::ptrdiff_t>(zeros));
    return round_to_parts(quotient, exponent, !exact || result.sticky, negative);
}

}  // namespace schwarm::decimal
