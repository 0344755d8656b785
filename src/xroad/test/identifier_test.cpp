#include "identifier.hpp"

#include <gtest/gtest.h>

namespace schwarm::xroad {
namespace {

TEST(Part, Characters) {
    for (const char* good : {"a", "GOV", "kfz-leipzig", "evb_anfrage", "Amt (Nord)", "a.b",
                             "1+1=2?", "F\xC3\xBChrungszeugnis", "'x',"}) {
        EXPECT_TRUE(is_part(good)) << good;
    }
    for (const char* bad :
         {"",    ".",    "..",   "a..b",         "a/b",          "a\\b",     "a%b",
          "%2f", "a:b",  "a;b",  "a\nb",         "a\rb",         "a\x7F",    "<x>",
          "a\"", "\xFF", "\xC3", "\xE2\x80\xAE", "\xE2\x80\x8B", "\xC3\x97", "a&b",
          "*"}) {
        EXPECT_FALSE(is_part(bad)) << bad;
    }
    EXPECT_FALSE(is_part(std::string_view("a\0b", 3)));
    EXPECT_TRUE(is_part(std::string(255, 'a')));
    EXPECT_FALSE(is_part(std::string(256, 'a')));
}

TEST(Part, Escaped) {
    EXPECT_EQ(escape_part("kfz-leipzig"), "kfz-leipzig");
    EXPECT_EQ(escape_part("a b?/%"), "a%20b%3F%2F%25");
    EXPECT_EQ(escape_part("'()+,-.=_~!$&*;:@"), "'()+,-.=_~!$&*;:@");
    EXPECT_EQ(escape_part("\xC3\xBC"), "%C3%BC");
}

TEST(Path, Read) {
    const auto path = read_path("/r1/SCHWARM/GOV/lecos/meldeamt/meldebescheinigung/wohngeld");
    ASSERT_TRUE(path.has_value());
    EXPECT_EQ(path->service.text(), "SCHWARM/GOV/lecos/meldeamt/meldebescheinigung");
    EXPECT_EQ(path->rest, "wohngeld");
    const auto slash = read_path("/r1/A/GOV/b/c/d/");
    ASSERT_TRUE(slash.has_value());
    EXPECT_EQ(slash->rest, "");
}

TEST(Path, Refused) {
    const std::string long_part(300, 'a');
    for (const std::string& bad :
         {std::string("/r1"), std::string("/r1/"), std::string("/r1/A/GOV/b/c"),
          std::string("/r1/A/GOV/b/c/"), std::string("/r2/A/GOV/b/c/d"),
          std::string("/r1/A/GOV/b//d"), std::string("/r1//GOV/b/c/d"),
          std::string("/r1/A/GOV/b/c/d/e/f"), std::string("/r1/A/GOV/b/c/d//"),
          "/r1/A/GOV/b/c/" + long_part, std::string("/r1/A/GOV/b/c/d/") + std::string(2000, 'a')}) {
        const auto path = read_path(bad);
        ASSERT_TRUE(path.has_error()) << bad;
        EXPECT_EQ(path.error().type, kBadRequest) << bad;
    }
}

TEST(Address, OfAnIdentifier) {
    const Settings settings{.instance = "SCHWARM", .member = exchange::MemberId("halle")};
    const auto address = address_of(settings, {"SCHWARM", "GOV", "lecos", "meldeamt"});
    ASSERT_TRUE(address);
    EXPECT_EQ(address->text(), "meldeamt@lecos");
    EXPECT_EQ(id_of(settings, *address).text(), "SCHWARM/GOV/lecos/meldeamt");
    EXPECT_FALSE(address_of(settings, {"OTHER", "GOV", "lecos", "meldeamt"}));
    EXPECT_FALSE(address_of(settings, {"SCHWARM", "COM", "lecos", "meldeamt"}));
    EXPECT_FALSE(address_of(settings, {"SCHWARM", "GOV", "Lecos", "meldeamt"}));
    EXPECT_FALSE(address_of(settings, {"SCHWARM", "GOV", "lecos", ""}));
    // An identifier of X-Road may not become another address by having an '@'.
    EXPECT_FALSE(address_of(settings, {"SCHWARM", "GOV", "lecos", "a@b"}));
}

}  // namespace
}  // namespace schwarm::xroad
