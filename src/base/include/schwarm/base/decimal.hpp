// Decimal numbers: IEEE 754-2008 decimal128, 34 digits, exponents -6176..6111, no NaN, no
// infinity. Every number of the product (FEEL, money, amounts) is one of these; never a double.
//
// Trivially copyable, 16 bytes, immutable values, thread-safe. Operations that have no finite
// result answer nullopt (division by zero, overflow, root of a negative number).
// Arithmetic rounds half to even at 34 digits, as DMN 1.5 clause 10.3.2.3.1 asks.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace schwarm {

enum class Rounding : std::uint8_t {
    half_even,
    half_up,    // half away from zero
    half_down,  // half towards zero
    up,         // away from zero
    down,       // towards zero
    floor,      // towards minus infinity
    ceiling,    // towards plus infinity
};

class Decimal {
  public:
    // Scales (digits after the point) that rounding accepts.
    static constexpr int kMinScale = -6111;
    static constexpr int kMaxScale = 6176;

    constexpr Decimal() : lo_(0), hi_(kHiZeroExponent) {}
    // Exact for every integer.
    constexpr Decimal(int value) : Decimal(static_cast<std::int64_t>(value)) {}
    constexpr Decimal(std::int64_t value)
        : lo_(value < 0 ? ~static_cast<std::uint64_t>(value) + 1
                        : static_cast<std::uint64_t>(value)),
          hi_(kHiZeroExponent | (value < 0 ? kSignBit : 0)) {}
    static Decimal from_uint64(std::uint64_t value);
    // coefficient * 10^exponent, exact; for values within range.
    static Decimal scaled(std::int64_t coefficient, int exponent);

    // [-+]digits[.digits][e[+-]digits], also ".5" and "5."; the whole text must match. More than
    // 34 digits are rounded half to even; nullopt if malformed or too large.
    static std::optional<Decimal> parse(std::string_view text);
    // The 16 bytes of bytes(); nullopt if they are not a finite number.
    static std::optional<Decimal> from_bytes(std::uint64_t high, std::uint64_t low);

    // Plain digits without an exponent and without trailing zeros after the point: "-0.05",
    // "1200", "0". What FEEL string() shows.
    std::string to_string() const;
    // As to_string, but for exponents beyond +-40 in the form "1E+6000", to keep foreign output
    // small.
    std::string to_short_string() const;
    // Plain digits with exactly `digits` (0..40) after the point, rounded half up: "145.00".
    std::string to_fixed(int digits) const;

    // The value as a whole number; nullopt if it has a fraction or does not fit.
    std::optional<std::int64_t> to_int64() const;
    // The nearest double; for measuring and graphics only.
    double to_double() const;

    bool is_zero() const;
    bool is_negative() const { return (hi_ & kSignBit) != 0 && !is_zero(); }
    bool is_integer() const;
    // -1, 0, 1
    int sign() const { return is_zero() ? 0 : ((hi_ & kSignBit) != 0 ? -1 : 1); }

    Decimal operator-() const;
    Decimal abs() const;

    // Rounds to `scale` digits after the point (negative: tens, hundreds). nullopt if scale is
    // outside kMinScale..kMaxScale. A scale finer than the value leaves it as it is.
    std::optional<Decimal> round(int scale, Rounding mode) const;
    Decimal floor() const;
    Decimal ceiling() const;

    // The same value without trailing zeros in the coefficient; equal values get equal bytes.
    Decimal canonical() const;
    std::uint64_t high_bits() const { return hi_; }
    std::uint64_t low_bits() const { return lo_; }

    // Equal values have equal hashes (1.0 and 1).
    std::size_t hash() const;

    // By value: 1.0 == 1.
    friend bool operator==(const Decimal& a, const Decimal& b) {
        if (a.is_small() && b.is_small()) {
            return a.lo_ == b.lo_ && (a.hi_ == b.hi_ || a.lo_ == 0);
        }
        return compare(a, b) == 0;
    }
    friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
        if (a.is_plain() && b.is_plain()) return a.lo_ <=> b.lo_;
        return compare(a, b) <=> 0;
    }

    friend std::optional<Decimal> add(const Decimal& a, const Decimal& b);
    friend std::optional<Decimal> subtract(const Decimal& a, const Decimal& b);
    friend std::optional<Decimal> multiply(const Decimal& a, const Decimal& b);
    friend std::optional<Decimal> divide(const Decimal& a, const Decimal& b);

    // For amounts known to be far from the limits: CHECKs that the result is finite.
    friend Decimal operator+(const Decimal& a, const Decimal& b);
    friend Decimal operator-(const Decimal& a, const Decimal& b);
    friend Decimal operator*(const Decimal& a, const Decimal& b);

  private:
    static constexpr std::uint64_t kSignBit = 0x8000'0000'0000'0000ULL;
    // Exponent 0 (biased 6176) with a coefficient below 2^64.
    static constexpr std::uint64_t kHiZeroExponent = 0x3040'0000'0000'0000ULL;

    constexpr Decimal(std::uint64_t hi, std::uint64_t lo) : lo_(lo), hi_(hi) {}
    bool is_plain() const { return hi_ == kHiZeroExponent; }
    bool is_small() const { return (hi_ & ~kSignBit) == kHiZeroExponent; }
    static int compare(const Decimal& a, const Decimal& b);
    friend struct DecimalAccess;

    std::uint64_t lo_;
    std::uint64_t hi_;
};

std::optional<Decimal> add(const Decimal& a, const Decimal& b);
std::optional<Decimal> subtract(const Decimal& a, const Decimal& b);
std::optional<Decimal> multiply(const Decimal& a, const Decimal& b);
std::optional<Decimal> divide(const Decimal& a, const Decimal& b);
// a - b * floor(a / b), the sign of b: FEEL modulo().
std::optional<Decimal> modulo(const Decimal& a, const Decimal& b);
// Whole exponents up to +-999,999,999 by exact repeated multiplication in a wider intermediate,
// rounded once; others by the library (error below one unit in the last place but a few).
std::optional<Decimal> power(const Decimal& base, const Decimal& exponent);
std::optional<Decimal> square_root(const Decimal& a);
std::optional<Decimal> exponential(const Decimal& a);
std::optional<Decimal> natural_logarithm(const Decimal& a);

}  // namespace schwarm

template <>
struct std::hash<schwarm::Decimal> {
    std::size_t operator()(const schwarm::Decimal& d) const { return d.hash(); }
};
