#include "schwarm/exchange/address.hpp"

#include <gtest/gtest.h>

namespace schwarm::exchange {
namespace {

TEST(AddressText, IsTwoNames) {
    const auto address = parse_address("kfz-leipzig@lecos");
    ASSERT_TRUE(address.has_value());
    EXPECT_EQ(address.value().tenant, TenantId("kfz-leipzig"));
    EXPECT_EQ(address.value().member, MemberId("lecos"));
    EXPECT_EQ(address.value().text(), "kfz-leipzig@lecos");
}

TEST(AddressText, EverythingElseIsRefused) {
    const std::string long_name(64, 'a');
    for (const std::string& text :
         {std::string("leipzig"), std::string("@lecos"), std::string("a@"), std::string("a@b@c"),
          std::string("A@b"), std::string("../a@b"), std::string("a@b\n"), long_name + "@b",
          std::string("a@") + long_name}) {
        EXPECT_EQ(parse_address(text).error().code, ErrorCode::invalid_input) << text;
    }
    EXPECT_FALSE(parse_member("").has_value());
    EXPECT_TRUE(parse_member(std::string(63, '9')).has_value());
}

}  // namespace
}  // namespace schwarm::exchange
