#include "schwarm/http/url.hpp"

#include <gtest/gtest.h>

namespace schwarm::http {
namespace {

TEST(PercentDecode, DecodesEscapes) {
    EXPECT_EQ(percent_decode("a%20b+c"), "a b+c");
    EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
    EXPECT_EQ(percent_decode("%C3%BC"), "ü");
}

TEST(PercentDecode, RefusesBrokenEscapes) {
    EXPECT_FALSE(percent_decode("%"));
    EXPECT_FALSE(percent_decode("%4"));
    EXPECT_FALSE(percent_decode("%zz"));
}

TEST(PercentEncode, RoundTrips) {
    std::string all;
    for (int c = 1; c < 256; ++c) all.push_back(static_cast<char>(c));
    EXPECT_EQ(percent_decode(percent_encode(all)), all);
    EXPECT_EQ(percent_encode("aZ9-._~"), "aZ9-._~");
}

TEST(ParseTarget, SplitsPathAndQuery) {
    const auto target = parse_target("/vorg%C3%A4nge/1?a=1&b=%20");
    ASSERT_TRUE(target.has_value());
    EXPECT_EQ(target->path, "/vorgänge/1");
    EXPECT_EQ(target->query, "a=1&b=%20");
}

TEST(ParseTarget, RefusesWhatTwoReadersCouldUnderstandDifferently) {
    for (const char* bad :
         {"", "a", "http://x/", "*", "/..", "/a/../b", "/a/./b", "/%2e%2e/b", "/a%2Fb", "/a%2fb",
          "/a\\b", "/a%5Cb", "/a%00", "/a%0a", "/a b", "/a%ff", "/a%", "/a#b", "/a\x7f"}) {
        EXPECT_TRUE(parse_target(bad).has_error()) << bad;
    }
    EXPECT_TRUE(parse_target("/...").has_value());
    EXPECT_TRUE(parse_target("//").has_value());
}

}  // namespace
}  // namespace schwarm::http
