#include "schwarm/base/decimal.hpp"

#include <gtest/gtest.h>

namespace schwarm {
namespace {

Decimal d(const char* text) {
    return Decimal::parse(text).value();
}

TEST(Decimal, ReadsAndPrintsPlainDigits) {
    const char* same[] = {"0",
                          "1",
                          "-1",
                          "0.05",
                          "-0.05",
                          "1200",
                          "9223372036854775807",
                          "1234567890123456789012345678901234",
                          "0.1",
                          "123.456"};
    for (const char* text : same) EXPECT_EQ(d(text).to_string(), text);
    EXPECT_EQ(d("1.500").to_string(), "1.5");
    EXPECT_EQ(d("33E-1").to_string(), "3.3");
    EXPECT_EQ(d("-0").to_string(), "0");
    EXPECT_EQ(d(".5").to_string(), "0.5");
    EXPECT_EQ(d("5.").to_string(), "5");
    EXPECT_EQ(d("1e3").to_string(), "1000");
    EXPECT_EQ(d("12345678901234567890123456789012345").to_string(),
              "12345678901234567890123456789012340");
    EXPECT_EQ(d("1e6000").to_short_string(), "1E+6000");
    for (const char* bad : {"", ".", "-", "1e", "1.2.3", "abc", "1 ", " 1", "0x1", "1e7000"}) {
        EXPECT_FALSE(Decimal::parse(bad).has_value()) << bad;
    }
}

TEST(Decimal, Calculates) {
    EXPECT_EQ(*add(d("0.1"), d("0.2")), d("0.3"));
    EXPECT_EQ(subtract(Decimal(3), Decimal(5))->to_string(), "-2");
    EXPECT_EQ(multiply(d("1.10"), d("1.1"))->to_string(), "1.21");
    EXPECT_EQ(divide(Decimal(1), Decimal(3))->to_string(), "0.3333333333333333333333333333333333");
    EXPECT_FALSE(divide(Decimal(1), Decimal(0)).has_value());
    EXPECT_FALSE(multiply(d("9e6000"), d("9e6000")).has_value());
    EXPECT_EQ(modulo(Decimal(-12), Decimal(5))->to_string(), "3");
    EXPECT_EQ(modulo(Decimal(12), Decimal(-5))->to_string(), "-3");
    EXPECT_EQ(modulo(d("10.1"), d("4.5"))->to_string(), "1.1");
    EXPECT_EQ(square_root(Decimal(16))->to_string(), "4");
    EXPECT_FALSE(square_root(Decimal(-1)).has_value());
    EXPECT_EQ((Decimal(INT64_MAX) + Decimal(INT64_MAX)).to_string(), "18446744073709551614");
}

// The short ways for small coefficients against exact arithmetic on whole numbers.
TEST(Decimal, ShortWaysAgreeWithWholeNumbers) {
    const std::int64_t coefficients[] = {0, 1, -1, 7, -250, 99'999, -1'234'567, 1'000'000'007};
    for (const std::int64_t a : coefficients) {
        for (const std::int64_t b : coefficients) {
            for (int shift = 0; shift <= 6; ++shift) {
                std::int64_t ten = 1;
                for (int i = 0; i < shift; ++i) ten *= 10;
                const Decimal x = Decimal::scaled(a, 0);
                const Decimal y = Decimal::scaled(b, -shift);
                EXPECT_EQ(*add(x, y), Decimal::scaled(a * ten + b, -shift));
                EXPECT_EQ(*subtract(y, x), Decimal::scaled(b - a * ten, -shift));
                EXPECT_EQ(multiply(x, y)->to_string(), Decimal::scaled(a * b, -shift).to_string());
                EXPECT_EQ(x < y, a * ten < b);
                EXPECT_EQ(x == y, a * ten == b);
            }
        }
    }
    EXPECT_EQ(add(d("18446744073709551615"), d("1e-15"))->to_string(), "18446744073709551615");
    EXPECT_EQ(multiply(d("18446744073709551615"), d("18446744073709551615"))->to_string(),
              "340282366920938463426481119284349100000");
}

TEST(Decimal, RoundsInEveryMode) {
    struct Row {
        const char* value;
        int scale;
        Rounding mode;
        const char* expected;
    };
    const Row rows[] = {
        {"5.5", 0, Rounding::half_even, "6"},    {"2.5", 0, Rounding::half_even, "2"},
        {"2.5", 0, Rounding::half_up, "3"},      {"-2.5", 0, Rounding::half_up, "-3"},
        {"2.5", 0, Rounding::half_down, "2"},    {"2.51", 0, Rounding::half_down, "3"},
        {"2.1", 0, Rounding::up, "3"},           {"-2.1", 0, Rounding::up, "-3"},
        {"2.9", 0, Rounding::down, "2"},         {"-2.1", 0, Rounding::floor, "-3"},
        {"-2.9", 0, Rounding::ceiling, "-2"},    {"126", -1, Rounding::half_up, "130"},
        {"1.115", 2, Rounding::half_up, "1.12"}, {"5.5", 6176, Rounding::up, "5.5"},
        {"0.0001", -3, Rounding::up, "1000"},    {"999.99", 1, Rounding::half_up, "1000"},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(d(row.value).round(row.scale, row.mode)->to_string(), row.expected) << row.value;
    }
    EXPECT_FALSE(d("1").round(6177, Rounding::up).has_value());
    EXPECT_EQ(d("145").to_fixed(2), "145.00");
    EXPECT_EQ(d("145.005").to_fixed(2), "145.01");
}

TEST(Decimal, WholePowersAreExactToTheLastPlace) {
    EXPECT_EQ(power(Decimal(2), Decimal(10))->to_string(), "1024");
    EXPECT_EQ(power(Decimal(-2), Decimal(3))->to_string(), "-8");
    EXPECT_EQ(power(Decimal(2), Decimal(-2))->to_string(), "0.25");
    EXPECT_EQ(power(Decimal(4), Decimal(-1))->to_string(), "0.25");
    EXPECT_EQ(power(Decimal(3), Decimal(-1))->to_string(), "0.3333333333333333333333333333333333");
    EXPECT_EQ(power(Decimal(7), Decimal(-3)), divide(Decimal(1), Decimal(343)));
    EXPECT_EQ(power(d("0.125"), Decimal(-2))->to_string(), "64");
    // 35 digits, the last one a 5: rounded to even.
    EXPECT_EQ(power(Decimal(2), Decimal(-50)), d("8881784197001252323389053344726562E-49"));
    EXPECT_EQ(power(Decimal(5), Decimal(50)), d("8881784197001252323389053344726562E1"));
    EXPECT_EQ(power(d("9999999999999999999999999999999999"), Decimal(-1)), d("1E-34"));
    // 1.0005^1000 to 34 digits, from a 120 digit computation.
    EXPECT_EQ(power(d("1.0005"), Decimal(1000))->to_string(),
              "1.648515262083775620010601136375553");
    EXPECT_EQ(power(Decimal(0), Decimal(0))->to_string(), "1");
    EXPECT_FALSE(power(Decimal(10), Decimal(999'999'999)).has_value());
    EXPECT_TRUE(power(Decimal(10), Decimal(-999'999'999))->is_zero());
    EXPECT_EQ(power(Decimal(4), d("0.5"))->to_string(), "2");
}

TEST(Decimal, ComparesAndHashesByValue) {
    EXPECT_EQ(d("1.0"), Decimal(1));
    EXPECT_EQ(d("1.0").hash(), Decimal(1).hash());
    EXPECT_LT(d("-2"), d("1.5"));
    EXPECT_GT(Decimal(3), d("2.999"));
    EXPECT_NE(Decimal(1), Decimal(-1));
    EXPECT_EQ(d("1e3"), Decimal(1000));
    EXPECT_EQ(Decimal(0), -Decimal(0));
}

TEST(Decimal, ConvertsIntegersAndBytes) {
    EXPECT_EQ(Decimal(INT64_MIN).to_int64(), INT64_MIN);
    EXPECT_EQ(Decimal(INT64_MIN).to_string(), "-9223372036854775808");
    EXPECT_EQ(d("12.00").to_int64(), 12);
    EXPECT_FALSE(d("12.5").to_int64().has_value());
    EXPECT_FALSE(d("9223372036854775808").to_int64().has_value());
    const Decimal v = d("-123.45");
    EXPECT_EQ(Decimal::from_bytes(v.high_bits(), v.low_bits()), v);
    EXPECT_FALSE(Decimal::from_bytes(0x7800'0000'0000'0000ULL, 0).has_value());
    EXPECT_EQ(Decimal::from_uint64(UINT64_MAX).to_string(), "18446744073709551615");
    EXPECT_TRUE(d("5.0").is_integer());
    EXPECT_FALSE(d("5.01").is_integer());
}

}  // namespace
}  // namespace schwarm
