#include "schwarm/crypto/certificate.hpp"

#include <gtest/gtest.h>

namespace schwarm::crypto {
namespace {

TEST(Certificate, SaysItsKey) {
    const auto made = make_certificate("lecos", SystemClock().now(), std::chrono::hours(24 * 365));
    ASSERT_TRUE(made.has_value()) << made.error().text();
    EXPECT_EQ(certificate_key(made.value().certificate).value(), made.value().key);
    EXPECT_NE(made.value().private_key.find("PRIVATE KEY"), std::string::npos);
    const auto other = make_certificate("lecos", SystemClock().now(), std::chrono::hours(24 * 365));
    EXPECT_NE(other.value().key, made.value().key);
    EXPECT_EQ(certificate_key("nothing").error().code, ErrorCode::invalid_input);
}

TEST(Certificate, SaysItsEnd) {
    // The last second counts in.
    const Instant from(std::chrono::milliseconds(1'790'000'000'123));
    const auto made = make_certificate("lecos", from, std::chrono::hours(24 * 10));
    EXPECT_EQ(certificate_end(made.value().certificate).value(),
              Instant(std::chrono::seconds(1'790'000'000 + 10 * 86'400 + 1)));
    EXPECT_EQ(certificate_end("nothing").error().code, ErrorCode::invalid_input);
}

}  // namespace
}  // namespace schwarm::crypto
