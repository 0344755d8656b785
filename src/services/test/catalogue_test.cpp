#include "schwarm/services/catalogue.hpp"

#include <gtest/gtest.h>

#include "schwarm/json/json.hpp"
#include "test_package.hpp"

namespace schwarm::services {
namespace {

const Instant kThen{std::chrono::milliseconds(1'700'000'000'000)};

Tenant tenant(std::string_view id, std::string_view settings = "{}") {
    auto value = json::parse(R"({"id": ")" + std::string(id) +
                             R"(", "name": "Stadt", "services": {"parkausweis": )" +
                             std::string(settings) + "}}");
    return *parse_tenant(*value);
}

TEST(Registry, OffersWhatATenantEnabled) {
    Registry registry;
    ASSERT_TRUE(registry.add_tenant(tenant("leipzig")));
    EXPECT_FALSE(registry.offer(TenantId("leipzig"), ServiceId("parkausweis")));
    ASSERT_TRUE(registry.add(test_package(), kThen));
    const auto offer = registry.offer(TenantId("leipzig"), ServiceId("parkausweis"));
    ASSERT_TRUE(offer);
    EXPECT_EQ(offer->settings.get("jahresgebuehr").to_string(), "30.7");
    EXPECT_FALSE(registry.offer(TenantId("halle"), ServiceId("parkausweis")));
}

TEST(Registry, RefusesSettingsThatDoNotFit) {
    Registry registry;
    ASSERT_TRUE(registry.add(test_package(), kThen));
    const auto added = registry.add_tenant(tenant("leipzig", R"({"jahresgebuehr": "viel"})"));
    ASSERT_TRUE(added.has_error());
    EXPECT_EQ(added.error().where, "tenant leipzig setting jahresgebuehr");
    EXPECT_FALSE(registry.tenant(TenantId("leipzig")));
}

TEST(Registry, WhatOthersStartIsOfferedButNotFound) {
    Registry registry;
    ASSERT_TRUE(registry.add(test_package("auskunft"), kThen));
    ASSERT_TRUE(registry.add_tenant(*parse_tenant(
        *json::parse(R"({"id": "kba", "name": "Amt", "services": {"auskunft": {}}})"))));
    EXPECT_TRUE(registry.offer(TenantId("kba"), ServiceId("auskunft")));
    EXPECT_TRUE(registry.search({}, "Auskunft").empty());
}

TEST(Registry, SearchFindsByTitleAndKeywords) {
    Registry registry;
    ASSERT_TRUE(registry.add(test_package(), kThen));
    ASSERT_TRUE(registry.add_tenant(tenant("leipzig")));
    ASSERT_TRUE(registry.add_tenant(tenant("halle")));
    EXPECT_EQ(registry.search({}, "").size(), 2U);
    EXPECT_EQ(registry.search(TenantId("halle"), "").size(), 1U);
    EXPECT_EQ(registry.search({}, "ANWOHNER parken").size(), 2U);
    EXPECT_EQ(registry.search({}, "strasse").size(), 2U);
    EXPECT_EQ(registry.search({}, "permit").size(), 2U);
    EXPECT_TRUE(registry.search({}, "Hund").empty());
    EXPECT_EQ(registry.search({}, "\xFF").size(), 2U);
}

TEST(Registry, OldVersionsStayForRunningCases) {
    Registry registry;
    auto files = test_files();
    const auto first = load_package("parkausweis", files).package;
    files["README.md"] = "second";
    const auto second = load_package("parkausweis", files).package;
    ASSERT_TRUE(registry.add(first, kThen));
    ASSERT_TRUE(registry.add(second, kThen));
    EXPECT_EQ(registry.package(ServiceId("parkausweis")), second);
    EXPECT_EQ(registry.package_of_definition(definition_key(*first)), first);
    EXPECT_EQ(registry.package(ServiceId("parkausweis"), first->version), first);
    EXPECT_EQ(registry.deployed().size(), 2U);
}

TEST(Registry, AsksTheSourceForVersionsItDoesNotHave) {
    const auto files = test_files();
    const auto package = test_package();
    Registry registry;
    int asked = 0;
    registry.set_version_source(
        [&](const ServiceId& id, std::string_view version) -> Result<PackageFiles> {
            ++asked;
            EXPECT_EQ(id.value(), "parkausweis");
            EXPECT_TRUE(package->version.starts_with(version));
            return files;
        });
    ASSERT_TRUE(registry.package_of_definition(definition_key(*package)));
    ASSERT_TRUE(registry.package_of_definition(definition_key(*package)));
    EXPECT_EQ(asked, 1);
    EXPECT_FALSE(registry.package(ServiceId("parkausweis")));
}

TEST(Tenant, MembersAreChecked) {
    const auto parsed = [](std::string_view text) { return parse_tenant(*json::parse(text)); };
    EXPECT_TRUE(parsed(R"({"id": "a", "name": "A", "phone": "1"})"));
    EXPECT_TRUE(parsed(R"({"id": "Ä", "name": "A"})").has_error());
    EXPECT_TRUE(parsed(R"({"id": "schwarm", "name": "A"})").has_error());
    EXPECT_TRUE(parsed(R"({"id": "a"})").has_error());
    EXPECT_EQ(parsed(R"({"id": "a", "name": "A", "farbe": "x"})").error().where,
              "tenant member farbe");
    EXPECT_TRUE(parsed("[]").has_error());
}

}  // namespace
}  // namespace schwarm::services
