#include "schwarm/app/session.hpp"

#include <gtest/gtest.h>

#include "schwarm/app/app.hpp"

namespace schwarm::app {
namespace {

class SessionTest : public testing::Test {
  protected:
    Principal clerk() const {
        Principal p;
        p.kind = PrincipalKind::clerk;
        p.tenant = TenantId("leipzig");
        p.subject = "demo:sabine";
        p.name = "Sabine Müller";
        p.groups = {"wohngeldstelle", "kasse"};
        p.assurance = AssuranceLevel::substantial;
        return p;
    }

    ManualClock clock_{Instant(std::chrono::milliseconds(1'767'000'000'000))};
    SeededRandom random_{7};
    Sessions sessions_{crypto::Key::random(random_), clock_, random_};
};

TEST_F(SessionTest, CookieCarriesThePrincipal) {
    const auto session = sessions_.begin(clerk());
    const auto cookie = sessions_.seal(session);
    ASSERT_TRUE(cookie);
    EXPECT_EQ(cookie->find("leipzig"), std::string::npos);
    const auto opened = sessions_.open(*cookie);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->principal, clerk());
    EXPECT_EQ(opened->id, session.id);
}

TEST_F(SessionTest, DamagedOldAndForeignCookiesAreNone) {
    const auto cookie = *sessions_.seal(sessions_.begin(clerk()));
    for (std::size_t i = 0; i < cookie.size(); i += 7) {
        auto damaged = cookie;
        damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(sessions_.open(damaged)) << i;
    }
    EXPECT_FALSE(sessions_.open(""));
    EXPECT_FALSE(sessions_.open(std::string(10'000, 'A')));
    const Sessions other(crypto::Key::random(random_), clock_, random_);
    EXPECT_FALSE(other.open(cookie));
    clock_.advance(std::chrono::hours(8) - std::chrono::milliseconds(1));
    EXPECT_TRUE(sessions_.open(cookie));
    clock_.advance(std::chrono::milliseconds(1));
    EXPECT_FALSE(sessions_.open(cookie));
}

TEST_F(SessionTest, GuestsGetASubjectOfTheirOwn) {
    const auto a = sessions_.begin(Principal{});
    const auto b = sessions_.begin(Principal{});
    EXPECT_TRUE(a.principal.subject.starts_with("guest:"));
    EXPECT_NE(a.principal.subject, b.principal.subject);
}

TEST_F(SessionTest, CsrfTokensAreBoundToTheSession) {
    const auto a = sessions_.begin(clerk());
    const auto b = sessions_.begin(clerk());
    EXPECT_TRUE(sessions_.csrf_valid(a, sessions_.csrf_token(a)));
    EXPECT_FALSE(sessions_.csrf_valid(b, sessions_.csrf_token(a)));
    EXPECT_FALSE(sessions_.csrf_valid(a, ""));
}

TEST(DemoIdentities, OneOfEachKind) {
    const DemoIdentities demo({{TenantId("leipzig"), "Stadt Leipzig", {"wohngeldstelle"}}});
    ASSERT_TRUE(demo.sign_in("erika"));
    const auto clerk = demo.sign_in("sachbearbeitung-leipzig");
    ASSERT_TRUE(clerk);
    EXPECT_EQ(clerk->kind, PrincipalKind::clerk);
    EXPECT_EQ(clerk->groups, std::vector<std::string>{"wohngeldstelle"});
    EXPECT_TRUE(demo.sign_in("betrieb")->tenant.value().empty());
    EXPECT_FALSE(demo.sign_in("nobody"));
    EXPECT_TRUE(demo.by_token("demo-erika"));
    EXPECT_FALSE(demo.by_token("erika"));
    EXPECT_FALSE(demo.by_token("demo-"));
    EXPECT_FALSE(NoIdentities().by_token("demo-erika"));
}

TEST(CaseNumber, ReadsWhatItWrites) {
    EXPECT_EQ(case_number("WG", 2026, CaseId(123)), "WG-2026-0000123");
    EXPECT_EQ(case_number("WG", 2026, CaseId(123456789)), "WG-2026-123456789");
    EXPECT_EQ(parse_case_number("WG-2026-0000123"), CaseId(123));
    EXPECT_EQ(parse_case_number("123"), CaseId(123));
    for (const auto* text :
         {"", "0", "-1", "WG-2026-", "WG--1", "-2026-1", "WG-26-1", "wg-2026-1", "WG-2026-1x",
          "WG-2026-99999999999999999999", "WG-2026-+1", "ABCDE-2026-1"}) {
        EXPECT_FALSE(parse_case_number(text)) << text;
    }
}

}  // namespace
}  // namespace schwarm::app
