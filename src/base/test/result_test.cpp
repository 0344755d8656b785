#include "schwarm/base/result.hpp"

#include <gtest/gtest.h>

#include "schwarm/base/check.hpp"

namespace schwarm {
namespace {

Result<int> half(int n) {
    if (n % 2 != 0) return fail(ErrorCode::invalid_input, "odd", "n");
    return n / 2;
}
Result<int> quarter(int n) {
    SCHWARM_TRY(h, half(n));
    return half(h);
}

TEST(Result, PassesValueAndErrorOn) {
    EXPECT_EQ(quarter(8).value(), 2);
    ASSERT_TRUE(quarter(6).has_error());
    EXPECT_EQ(quarter(6).error().text(), "n: odd (invalid_input)");
    EXPECT_EQ(http_status_of(ErrorCode::not_found), 404);
}

TEST(Check, ThrowsWithPlace) {
    EXPECT_THROW(CHECK(1 == 2, "no"), CheckFailed);
}

}  // namespace
}  // namespace schwarm
