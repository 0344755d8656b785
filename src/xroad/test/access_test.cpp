#include "fixture.hpp"

namespace schwarm::xroad {
namespace {

using AccessTest = Node;

constexpr const char* kDenied = "server.serverproxy.access_denied";

TEST_F(AccessTest, TheClientHasToBeNamed) {
    auto request = question();
    request.headers = {};
    EXPECT_EQ(fault(call(std::move(request))), "server.clientproxy.invalid_client_identifier");
    request = question();
    request.headers.set("X-Road-Client", "SCHWARM/GOV/halle");
    EXPECT_EQ(fault(call(std::move(request))), "server.clientproxy.invalid_client_identifier");
    for (const char* bad : {"", "/", "SCHWARM", "SCHWARM/GOV", "SCHWARM/GOV/halle/",
                            "SCHWARM/GOV/halle/wohngeld/more", "/SCHWARM/GOV/halle/wohngeld"}) {
        request = question();
        request.headers.set("X-Road-Client", bad);
        EXPECT_EQ(fault(call(std::move(request))), "client.bad_request") << bad;
    }
}

TEST_F(AccessTest, TheClientHasToBeHere) {
    for (const char* unknown : {"OTHER/GOV/halle/wohngeld", "SCHWARM/COM/halle/wohngeld",
                                "SCHWARM/GOV/halle/nobody", "SCHWARM/GOV/lecos/meldeamt",
                                "SCHWARM/GOV/halle/Wohngeld", "SCHWARM/GOV/lecos/wohngeld"}) {
        auto request = question();
        request.headers.set("X-Road-Client", unknown);
        EXPECT_EQ(fault(call(std::move(request))), "server.clientproxy.unknown_member") << unknown;
    }
}

TEST_F(AccessTest, TheLastClientCounts) {
    auto request = question();
    request.headers.add("x-road-client", "SCHWARM/GOV/halle/kfz");
    EXPECT_EQ(fault(call(std::move(request))), "server.clientproxy.ssl_authentication_failed");
    request = question();
    request.headers.set("X-Road-Client", "SCHWARM/GOV/halle/kfz");
    request.headers.add("x-road-client", "SCHWARM/GOV/halle/woh%6Egeld");
    const auto response = call(std::move(request));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("X-Road-Client"), kMe);
}

TEST_F(AccessTest, TheClientHasToBeProven) {
    for (const char* key : {"", "cc33", "AA11", "aa1"}) {
        auto request = question();
        request.peer_key = key;
        EXPECT_EQ(fault(call(std::move(request))), "server.clientproxy.ssl_authentication_failed")
            << key;
    }
    auto request = question();
    request.peer_key = "bb22";
    EXPECT_EQ(call(std::move(request)).status, 200);
    gateway_.tenant_keys["wohngeld"] = {};
    EXPECT_EQ(fault(call(question())), "server.clientproxy.ssl_authentication_failed");
}

TEST_F(AccessTest, TheRecordNamesATenantOnlyIfItIsProven) {
    call(question());
    EXPECT_EQ(gateway_.records.back().tenant, kClient.tenant);
    gateway_.agreed.clear();
    call(question());
    EXPECT_EQ(gateway_.records.back().tenant, kClient.tenant);
    auto request = question();
    request.peer_key = "cc33";
    call(std::move(request));
    EXPECT_FALSE(gateway_.records.back().tenant.has_value());
    EXPECT_FALSE(gateway_.records.back().client.empty());
}

TEST_F(AccessTest, AnEmptyKeyProvesNothing) {
    gateway_.tenant_keys["wohngeld"] = {""};
    auto request = question();
    request.peer_key = "";
    EXPECT_EQ(fault(call(std::move(request))), "server.clientproxy.ssl_authentication_failed");
}

TEST_F(AccessTest, PlainHttpOnlyIfTheListenerSaysSo) {
    auto request = question();
    request.secure = false;
    request.peer_key = "";
    EXPECT_EQ(fault(call(request)), "server.clientproxy.ssl_authentication_failed");
    settings_.plain_http = true;
    EXPECT_EQ(call(request).status, 200);
    // By TLS the certificate counts there too.
    request.secure = true;
    EXPECT_EQ(fault(call(request)), "server.clientproxy.ssl_authentication_failed");
    // And a tenant without an entry does not take part.
    request.secure = false;
    request.headers.set("X-Road-Client", "SCHWARM/GOV/halle/other");
    EXPECT_EQ(fault(call(request)), "server.clientproxy.unknown_member");
}

TEST_F(AccessTest, ProviderAndService) {
    for (const char* unknown : {"/r1/OTHER/GOV/lecos/meldeamt/meldebescheinigung",
                                "/r1/SCHWARM/COM/lecos/meldeamt/meldebescheinigung",
                                "/r1/SCHWARM/GOV/lecos/other/meldebescheinigung",
                                "/r1/SCHWARM/GOV/LECOS/meldeamt/meldebescheinigung"}) {
        EXPECT_EQ(fault(call(get(unknown, std::string(kQuery)))),
                  "server.clientproxy.unknown_member")
            << unknown;
    }
    EXPECT_EQ(fault(call(get("/r1/SCHWARM/GOV/lecos/meldeamt/getWsdl"))),
              "server.serverproxy.unknown_service");
    EXPECT_EQ(fault(call(get("/r1/SCHWARM/GOV/halle/wohngeld/meldebescheinigung"))),
              "server.serverproxy.unknown_service");
}

TEST_F(AccessTest, ServerAndRepresentedParty) {
    auto request = question();
    request.headers.add("X-Road-Security-Server", "SCHWARM/GOV/lecos/lecos");
    request.headers.add("X-Road-Represented-Party", "GOV/halle");
    EXPECT_EQ(call(request).status, 200);
    request.headers.set("X-Road-Represented-Party", "halle");
    EXPECT_EQ(call(request).status, 200);
    request.headers.set("X-Road-Represented-Party", "COM/1234567-8");
    EXPECT_EQ(fault(call(request)), kDenied);
    request.headers.set("X-Road-Represented-Party", "GOV/halle/wohngeld");
    EXPECT_EQ(fault(call(request)), "client.bad_request");
    request = question();
    for (const char* other : {"SCHWARM/GOV/lecos/ss1", "SCHWARM/GOV/halle/halle"}) {
        request.headers.set("X-Road-Security-Server", other);
        EXPECT_EQ(fault(call(request)), "server.clientproxy.invalid_security_server");
    }
    request.headers.set("X-Road-Security-Server", "SCHWARM/GOV/lecos");
    EXPECT_EQ(fault(call(request)), "client.bad_request");
}

TEST_F(AccessTest, NobodyAsksWithoutAnAgreement) {
    gateway_.agreed.clear();
    EXPECT_EQ(fault(call(question())), kDenied);
    const auto with = [&](auto change) {
        gateway_.agreed = {agreement()};
        change(gateway_.agreed.front());
        return fault(call(question()));
    };
    const Instant now = clock_.now();
    EXPECT_EQ(with([&](auto& one) { one.until = now; }), kDenied);
    EXPECT_EQ(with([&](auto& one) { one.from = now + std::chrono::milliseconds(1); }), kDenied);
    EXPECT_EQ(with([&](auto& one) { one.evidence = "fuehrungszeugnis"; }), kDenied);
    EXPECT_EQ(with([&](auto& one) { one.client.tenant = TenantId("kfz"); }), kDenied);
    EXPECT_EQ(with([&](auto& one) { one.provider.member = exchange::MemberId("other"); }), kDenied);
    EXPECT_TRUE(gateway_.questions.empty());
    EXPECT_EQ(gateway_.records.back().error, kDenied);
    EXPECT_FALSE(gateway_.records.back().reason.empty());
    EXPECT_TRUE(with([&](auto& one) { one.from = now; }).starts_with("none: 200"));
}

TEST_F(AccessTest, OfSeveralAgreementsThePathChooses) {
    gateway_.agreed.push_back(agreement());
    gateway_.agreed.back().until += std::chrono::hours(5);  // a renewal is no second one
    EXPECT_EQ(call(question()).status, 200);
    EXPECT_EQ(gateway_.questions.back().agreement.until, gateway_.agreed.back().until);
    gateway_.agreed.push_back(agreement());
    gateway_.agreed.back().service = "bafoeg";
    gateway_.agreed.back().purpose = "Prüfung der Anschrift";
    const auto ambiguous = call(question());
    EXPECT_EQ(fault(ambiguous), kDenied);
    EXPECT_NE(message(ambiguous).find("several agreements"), std::string::npos);
    const std::string path(kService);
    EXPECT_EQ(call(get(path + "/bafoeg", std::string(kQuery))).status, 200);
    EXPECT_EQ(gateway_.questions.back().agreement.purpose, "Prüfung der Anschrift");
    EXPECT_EQ(fault(call(get(path + "/elterngeld", std::string(kQuery)))), kDenied);
    gateway_.agreed.push_back(gateway_.agreed.back());
    gateway_.agreed.back().purpose = "Statistik";
    EXPECT_EQ(fault(call(get(path + "/bafoeg", std::string(kQuery)))), kDenied);
}

TEST_F(AccessTest, WhatAPersonHasToSeeOrAskForIsNotGiven) {
    gateway_.offered["meldeamt@lecos"].front().preview = true;
    const auto preview = call(question());
    EXPECT_EQ(fault(preview), kDenied);
    EXPECT_NE(message(preview).find("has to see"), std::string::npos);
    gateway_.offered["meldeamt@lecos"].front().preview = false;
    gateway_.offered["meldeamt@lecos"].front().person_request = true;
    const auto asked = call(question());
    EXPECT_EQ(fault(asked), kDenied);
    EXPECT_NE(message(asked).find("has to ask"), std::string::npos);
    EXPECT_TRUE(gateway_.questions.empty());
}

}  // namespace
}  // namespace schwarm::xroad
