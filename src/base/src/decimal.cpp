#include "schwarm/base/decimal.hpp"

#include <algorithm>
#include <cmath>

#include "decimal_wide.hpp"
#include "schwarm/base/check.hpp"

#define DECIMAL_CALL_BY_REFERENCE 0
#define DECIMAL_GLOBAL_ROUNDING 0
#define DECIMAL_GLOBAL_EXCEPTION_FLAGS 0
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wold-style-cast"
extern "C" {
#include <bid_conf.h>
#include <bid_functions.h>
}
#pragma GCC diagnostic pop

namespace schwarm {

using decimal::kBias;
using decimal::kMaxBiased;
using decimal::kMaxDigits;
using decimal::Parts;
using decimal::power_of_ten;
using decimal::Uint128;
__extension__ typedef __int128 Int128;

namespace {

constexpr std::uint64_t kExponentShift = 49;
constexpr std::uint64_t kCoefficientMask = (1ULL << kExponentShift) - 1;
constexpr std::size_t kMaxTextBytes = 20'000;
constexpr unsigned kHalfEven = 0;

}  // namespace

struct DecimalAccess {
    static BID_UINT128 to_bid(const Decimal& d) {
        BID_UINT128 out;
        out.w[0] = d.lo_;
        out.w[1] = d.hi_;
        return out;
    }
    // Finite or nullopt. The sign of a zero is dropped: FEEL knows one zero.
    static std::optional<Decimal> from_bid(const BID_UINT128& bid) {
        if ((bid.w[1] & 0x7800'0000'0000'0000ULL) == 0x7800'0000'0000'0000ULL) return std::nullopt;
        Decimal out(bid.w[1], bid.w[0]);
        if (out.is_zero()) return Decimal();
        return out;
    }
    static Decimal raw(std::uint64_t hi, std::uint64_t lo) { return Decimal(hi, lo); }
    static Parts unpack(const Decimal& d) {
        Parts parts;
        parts.negative = (d.hi_ & Decimal::kSignBit) != 0;
        parts.exponent = static_cast<int>((d.hi_ >> kExponentShift) & 0x3fff) - kBias;
        parts.coefficient = (static_cast<Uint128>(d.hi_ & kCoefficientMask) << 64) | d.lo_;
        return parts;
    }
    // The coefficient has at most 34 digits. Exponents out of range are brought in where the
    // digits allow it.
    static std::optional<Decimal> pack(Parts parts) {
        if (parts.coefficient == 0) return Decimal();
        while (parts.exponent > kMaxBiased - kBias) {
            if (parts.coefficient >= power_of_ten(kMaxDigits - 1)) return std::nullopt;
            parts.coefficient *= 10;
            --parts.exponent;
        }
        if (parts.exponent < -kBias) {
            const int drop = -kBias - parts.exponent;
            if (drop > kMaxDigits) return Decimal();
            parts.coefficient = decimal::divide_rounding(parts.coefficient, drop, parts.negative,
                                                         Rounding::half_even);
            parts.exponent = -kBias;
            if (parts.coefficient == 0) return Decimal();
        }
        const std::uint64_t hi =
            (parts.negative ? Decimal::kSignBit : 0) |
            (static_cast<std::uint64_t>(parts.exponent + kBias) << kExponentShift) |
            static_cast<std::uint64_t>(parts.coefficient >> 64);
        return Decimal(hi, static_cast<std::uint64_t>(parts.coefficient));
    }
};

Decimal Decimal::from_uint64(std::uint64_t value) {
    return Decimal(kHiZeroExponent, value);
}

Decimal Decimal::scaled(std::int64_t coefficient, int exponent) {
    Parts parts;
    parts.negative = coefficient < 0;
    parts.coefficient = coefficient < 0 ? ~static_cast<std::uint64_t>(coefficient) + 1
                                        : static_cast<std::uint64_t>(coefficient);
    parts.exponent = exponent;
    const auto out = DecimalAccess::pack(parts);
    CHECK(out.has_value(), "decimal exponent out of range");
    return *out;
}

namespace {

struct Exponent {
    std::size_t end = 0;
    std::int64_t value = 0;
};

// "e+12" at `at`; nullopt if there are no digits.
std::optional<Exponent> parse_exponent(std::string_view text, std::size_t at) {
    ++at;
    bool negative = false;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
    const std::size_t first = at;
    std::int64_t value = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        if (value < 1'000'000) value = value * 10 + (text[at] - '0');
        ++at;
    }
    if (at == first) return std::nullopt;
    return Exponent{at, negative ? -value : value};
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
    if (text.size() > kMaxTextBytes) return std::nullopt;
    Parts parts;
    std::size_t at = 0;
    if (text.starts_with('+') || text.starts_with('-')) parts.negative = text[at++] == '-';
    bool seen_point = false;
    bool seen_digit = false;
    int digits = 0;
    int next_digit = -1;  // the first digit that no longer fits
    bool sticky = false;
    std::int64_t exponent = 0;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.' && !seen_point) {
            seen_point = true;
            continue;
        }
        if (c < '0' || c > '9') break;
        seen_digit = true;
        const int digit = c - '0';
        if (digits < kMaxDigits) {
            parts.coefficient = parts.coefficient * 10 + static_cast<unsigned>(digit);
            if (parts.coefficient != 0) ++digits;
            if (seen_point) --exponent;
        } else {
            if (next_digit < 0) {
                next_digit = digit;
            } else {
                sticky = sticky || digit != 0;
            }
            if (!seen_point) ++exponent;
        }
    }
    if (!seen_digit) return std::nullopt;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        const auto e = parse_exponent(text, at);
        if (!e) return std::nullopt;
        exponent += e->value;
        at = e->end;
    }
    if (at != text.size()) return std::nullopt;
    if (next_digit > 5 || (next_digit == 5 && (sticky || (parts.coefficient & 1) != 0))) {
        if (++parts.coefficient == power_of_ten(kMaxDigits)) {
            parts.coefficient /= 10;
            ++exponent;
        }
    }
    parts.exponent = static_cast<int>(std::clamp<std::int64_t>(exponent, -100'000, 100'000));
    return DecimalAccess::pack(parts);
}

std::optional<Decimal> Decimal::from_bytes(std::uint64_t high, std::uint64_t low) {
    // The second form of the encoding only holds coefficients beyond 34 digits.
    if ((high & 0x6000'0000'0000'0000ULL) == 0x6000'0000'0000'0000ULL) return std::nullopt;
    const Decimal out(high, low);
    const Parts parts = DecimalAccess::unpack(out);
    if (parts.coefficient >= power_of_ten(kMaxDigits)) return std::nullopt;
    if (parts.coefficient == 0) return Decimal();
    return out;
}

namespace {

std::string digits_of(Uint128 value) {
    char buffer[40];
    char* at = buffer + sizeof buffer;
    do {
        *--at = static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
    } while (value != 0);
    return std::string(at, buffer + sizeof buffer);
}

void strip_zeros(Parts& parts) {
    if (parts.coefficient == 0) {
        parts.exponent = 0;
        return;
    }
    while (parts.coefficient % 10 == 0 && parts.exponent < kMaxBiased - kBias) {
        parts.coefficient /= 10;
        ++parts.exponent;
    }
}

std::string plain(const Parts& parts) {
    std::string digits = digits_of(parts.coefficient);
    if (parts.exponent > 0) {
        digits.append(static_cast<std::size_t>(parts.exponent), '0');
    } else if (parts.exponent < 0) {
        const auto after = static_cast<std::size_t>(-parts.exponent);
        if (digits.size() <= after) digits.insert(0, after - digits.size() + 1, '0');
        digits.insert(digits.size() - after, 1, '.');
    }
    if (parts.negative) digits.insert(0, 1, '-');
    return digits;
}

}  // namespace

std::string Decimal::to_string() const {
    if (is_plain()) return std::to_string(lo_);
    Parts parts = DecimalAccess::unpack(*this);
    strip_zeros(parts);
    if (parts.coefficient == 0) return "0";
    return plain(parts);
}

std::string Decimal::to_short_string() const {
    Parts parts = DecimalAccess::unpack(*this);
    strip_zeros(parts);
    if (parts.coefficient == 0) return "0";
    if (parts.exponent <= 40 && parts.exponent >= -40) return plain(parts);
    std::string out = digits_of(parts.coefficient);
    if (parts.negative) out.insert(0, 1, '-');
    return out + "E" + (parts.exponent > 0 ? "+" : "") + std::to_string(parts.exponent);
}

std::string Decimal::to_fixed(int digits) const {
    CHECK(digits >= 0 && digits <= 40, "digits out of range");
    const Decimal rounded = *round(digits, Rounding::half_up);
    std::string out = rounded.to_string();
    if (digits == 0) return out;
    std::size_t point = out.find('.');
    if (point == std::string::npos) {
        point = out.size();
        out += '.';
    }
    out.append(static_cast<std::size_t>(digits) - (out.size() - point - 1), '0');
    return out;
}

std::optional<std::int64_t> Decimal::to_int64() const {
    Parts parts = DecimalAccess::unpack(*this);
    if (parts.coefficient == 0) return 0;
    while (parts.exponent < 0) {
        if (parts.coefficient % 10 != 0) return std::nullopt;
        parts.coefficient /= 10;
        ++parts.exponent;
    }
    constexpr Uint128 kLimit = static_cast<Uint128>(1) << 63;
    while (parts.exponent > 0) {
        if (parts.coefficient > kLimit) return std::nullopt;
        parts.coefficient *= 10;
        --parts.exponent;
    }
    if (parts.coefficient > (parts.negative ? kLimit : kLimit - 1)) return std::nullopt;
    const auto magnitude = static_cast<std::uint64_t>(parts.coefficient);
    return static_cast<std::int64_t>(parts.negative ? ~magnitude + 1 : magnitude);
}

double Decimal::to_double() const {
    unsigned flags = 0;
    return bid128_to_binary64(DecimalAccess::to_bid(*this), kHalfEven, &flags);
}

bool Decimal::is_zero() const {
    return lo_ == 0 && (hi_ & kCoefficientMask) == 0;
}

bool Decimal::is_integer() const {
    Parts parts = DecimalAccess::unpack(*this);
    if (parts.exponent >= 0 || parts.coefficient == 0) return true;
    if (parts.exponent <= -kMaxDigits) return false;
    return parts.coefficient % power_of_ten(-parts.exponent) == 0;
}

Decimal Decimal::operator-() const {
    return is_zero() ? Decimal() : Decimal(hi_ ^ kSignBit, lo_);
}

Decimal Decimal::abs() const {
    return Decimal(hi_ & ~kSignBit, lo_);
}

std::optional<Decimal> Decimal::round(int scale, Rounding mode) const {
    if (scale < kMinScale || scale > kMaxScale) return std::nullopt;
    Parts parts = DecimalAccess::unpack(*this);
    const int drop = -scale - parts.exponent;
    if (drop <= 0 || parts.coefficient == 0) return *this;
    parts.coefficient = decimal::divide_rounding(parts.coefficient, drop, parts.negative, mode);
    parts.exponent = -scale;
    return DecimalAccess::pack(parts);
}

Decimal Decimal::floor() const {
    return *round(0, Rounding::floor);
}
Decimal Decimal::ceiling() const {
    return *round(0, Rounding::ceiling);
}

Decimal Decimal::canonical() const {
    Parts parts = DecimalAccess::unpack(*this);
    strip_zeros(parts);
    return *DecimalAccess::pack(parts);
}

std::size_t Decimal::hash() const {
    const Decimal c = canonical();
    std::uint64_t h = c.lo_ * 0x9e37'79b9'7f4a'7c15ULL;
    h ^= (h >> 32) ^ (c.hi_ * 0xc2b2'ae3d'27d4'eb4fULL);
    return static_cast<std::size_t>(h ^ (h >> 29));
}

namespace {

// A number whose coefficient fits 64 bits, as nearly all do: then the operations below are exact
// whole-number arithmetic, ten times as fast as the library.
struct Small {
    std::uint64_t coefficient;
    int exponent;
    bool negative;
};

std::optional<Small> small(std::uint64_t hi, std::uint64_t lo) {
    constexpr std::uint64_t kSecondForm = 0x6000'0000'0000'0000ULL;
    if ((hi & kCoefficientMask) != 0 || (hi & kSecondForm) == kSecondForm) return std::nullopt;
    return Small{lo, static_cast<int>((hi >> kExponentShift) & 0x3fff) - kBias, (hi >> 63) != 0};
}

constexpr int kMaxShift = 15;  // 2^64 * 10^15 stays below 10^35 and far below 2^127

// Both coefficients with the smaller exponent of the two, signed.
struct Aligned {
    Int128 a;
    Int128 b;
    int exponent;
};

std::optional<Aligned> align(const Small& a, const Small& b) {
    const int shift = a.exponent - b.exponent;
    if (shift > kMaxShift || shift < -kMaxShift) return std::nullopt;
    Uint128 x = a.coefficient;
    Uint128 y = b.coefficient;
    if (shift > 0) x *= power_of_ten(shift);
    if (shift < 0) y *= power_of_ten(-shift);
    return Aligned{a.negative ? -static_cast<Int128>(x) : static_cast<Int128>(x),
                   b.negative ? -static_cast<Int128>(y) : static_cast<Int128>(y),
                   std::min(a.exponent, b.exponent)};
}

std::optional<Parts> exact_parts(Int128 sum, int exponent) {
    Parts parts;
    parts.negative = sum < 0;
    parts.coefficient = static_cast<Uint128>(sum < 0 ? -sum : sum);
    parts.exponent = exponent;
    if (parts.coefficient >= power_of_ten(kMaxDigits)) return std::nullopt;
    return parts;
}

}  // namespace

int Decimal::compare(const Decimal& a, const Decimal& b) {
    const auto x_small = small(a.hi_, a.lo_);
    const auto y_small = small(b.hi_, b.lo_);
    if (x_small && y_small) {
        if (const auto both = align(*x_small, *y_small)) {
            return both->a < both->b ? -1 : (both->a == both->b ? 0 : 1);
        }
    }
    unsigned flags = 0;
    const BID_UINT128 x = DecimalAccess::to_bid(a);
    const BID_UINT128 y = DecimalAccess::to_bid(b);
    if (bid128_quiet_less(x, y, &flags) != 0) return -1;
    return bid128_quiet_equal(x, y, &flags) != 0 ? 0 : 1;
}

std::optional<Decimal> add(const Decimal& a, const Decimal& b) {
    if (a.is_plain() && b.is_plain()) {
        std::uint64_t sum = 0;
        if (!__builtin_add_overflow(a.lo_, b.lo_, &sum)) {
            return DecimalAccess::raw(Decimal::kHiZeroExponent, sum);
        }
    }
    const auto x = small(a.hi_, a.lo_);
    const auto y = small(b.hi_, b.lo_);
    if (x && y) {
        if (const auto both = align(*x, *y)) {
            const auto parts = exact_parts(both->a + both->b, both->exponent);
            if (parts) return DecimalAccess::pack(*parts);
        }
    }
    unsigned flags = 0;
    return DecimalAccess::from_bid(
        bid128_add(DecimalAccess::to_bid(a), DecimalAccess::to_bid(b), kHalfEven, &flags));
}

std::optional<Decimal> subtract(const Decimal& a, const Decimal& b) {
    if (a.is_plain() && b.is_plain()) {
        if (a.lo_ >= b.lo_) return DecimalAccess::raw(Decimal::kHiZeroExponent, a.lo_ - b.lo_);
        return DecimalAccess::raw(Decimal::kHiZeroExponent | Decimal::kSignBit, b.lo_ - a.lo_);
    }
    const auto x = small(a.hi_, a.lo_);
    const auto y = small(b.hi_, b.lo_);
    if (x && y) {
        if (const auto both = align(*x, *y)) {
            const auto parts = exact_parts(both->a - both->b, both->exponent);
            if (parts) return DecimalAccess::pack(*parts);
        }
    }
    unsigned flags = 0;
    return DecimalAccess::from_bid(
        bid128_sub(DecimalAccess::to_bid(a), DecimalAccess::to_bid(b), kHalfEven, &flags));
}

std::optional<Decimal> multiply(const Decimal& a, const Decimal& b) {
    if (a.is_plain() && b.is_plain()) {
        std::uint64_t product = 0;
        if (!__builtin_mul_overflow(a.lo_, b.lo_, &product)) {
            return DecimalAccess::raw(Decimal::kHiZeroExponent, product);
        }
    }
    const auto x = small(a.hi_, a.lo_);
    const auto y = small(b.hi_, b.lo_);
    if (x && y) {
        Parts parts;
        parts.coefficient = static_cast<Uint128>(x->coefficient) * y->coefficient;
        parts.exponent = x->exponent + y->exponent;
        parts.negative = x->negative != y->negative;
        if (parts.coefficient < power_of_ten(kMaxDigits)) return DecimalAccess::pack(parts);
    }
    unsigned flags = 0;
    return DecimalAccess::from_bid(
        bid128_mul(DecimalAccess::to_bid(a), DecimalAccess::to_bid(b), kHalfEven, &flags));
}

std::optional<Decimal> divide(const Decimal& a, const Decimal& b) {
    if (b.is_zero()) return std::nullopt;
    unsigned flags = 0;
    return DecimalAccess::from_bid(
        bid128_div(DecimalAccess::to_bid(a), DecimalAccess::to_bid(b), kHalfEven, &flags));
}

Decimal operator+(const Decimal& a, const Decimal& b) {
    const auto out = add(a, b);
    CHECK(out.has_value(), "decimal overflow");
    return *out;
}
Decimal operator-(const Decimal& a, const Decimal& b) {
    const auto out = subtract(a, b);
    CHECK(out.has_value(), "decimal overflow");
    return *out;
}
Decimal operator*(const Decimal& a, const Decimal& b) {
    const auto out = multiply(a, b);
    CHECK(out.has_value(), "decimal overflow");
    return *out;
}

std::optional<Decimal> modulo(const Decimal& a, const Decimal& b) {
    if (b.is_zero()) return std::nullopt;
    unsigned flags = 0;
    const auto rest = DecimalAccess::from_bid(
        bid128_fmod(DecimalAccess::to_bid(a), DecimalAccess::to_bid(b), &flags));
    if (!rest || rest->is_zero() || rest->is_negative() == b.is_negative()) return rest;
    return add(*rest, b);
}

std::optional<Decimal> power(const Decimal& base, const Decimal& exponent) {
    const auto n = exponent.to_int64();
    if (n && *n >= -999'999'999 && *n <= 999'999'999) {
        if (*n == 0) return Decimal(1);
        if (base.is_zero()) return *n < 0 ? std::nullopt : std::optional<Decimal>(Decimal());
        const auto parts = decimal::power(DecimalAccess::unpack(base), *n);
        if (!parts) return std::nullopt;
        return DecimalAccess::pack(*parts);
    }
    unsigned flags = 0;
    return DecimalAccess::from_bid(bid128_pow(DecimalAccess::to_bid(base),
                                              DecimalAccess::to_bid(exponent), kHalfEven, &flags));
}

std::optional<Decimal> square_root(const Decimal& a) {
    if (a.is_negative()) return std::nullopt;
    unsigned flags = 0;
    return DecimalAccess::from_bid(bid128_sqrt(DecimalAccess::to_bid(a), kHalfEven, &flags));
}

std::optional<Decimal> exponential(const Decimal& a) {
    unsigned flags = 0;
    return DecimalAccess::from_bid(bid128_exp(DecimalAccess::to_bid(a), kHalfEven, &flags));
}

std::optional<Decimal> natural_logarithm(const Decimal& a) {
    if (a.sign() <= 0) return std::nullopt;
    unsigned flags = 0;
    return DecimalAccess::from_bid(bid128_log(DecimalAccess::to_bid(a), kHalfEven, &flags));
}

}  // namespace schwarm
