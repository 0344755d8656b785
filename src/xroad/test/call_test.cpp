#include "fixture.hpp"

namespace schwarm::xroad {
namespace {

using CallTest = Node;

TEST_F(CallTest, DeliversWithTheHeadersOfR1) {
    auto request = question();
    request.headers.add("X-Road-Id", "fa2e18a5-c2cb-4d09-b994-f57727f7c3fb");
    const auto response = call(std::move(request));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, R"({"gemeldet":true,"ort":"Leipzig"})");
    EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(response.headers.get("X-Road-Client"), kMe);
    EXPECT_EQ(response.headers.get("X-Road-Service"),
              "SCHWARM/GOV/lecos/meldeamt/meldebescheinigung");
    EXPECT_EQ(response.headers.get("X-Road-Id"), "fa2e18a5-c2cb-4d09-b994-f57727f7c3fb");
    EXPECT_EQ(response.headers.get("X-Road-Request-Id"), "00010203-0405-4607-8809-0a0b0c0d0e0f");
    // hashlib over GET, target, X-Road-Client, X-Road-Id, x-road-request-id.
    EXPECT_EQ(response.headers.get("X-Road-Request-Hash"),
              "muIO0t5z3fnBEO1dy/qwDN+ua41tispbSIkKGOygAT5q7fF626zA02AtpOTjfQsY9/2z0/"
              "qtlxcEwv4S6giW9A==");
    EXPECT_FALSE(response.headers.has("X-Road-Error"));
}

TEST_F(CallTest, AsksUnderTheAgreement) {
    auto request = question();
    request.headers.add("X-Road-Id", "id-1");
    request.headers.add("X-Road-UserId", "DE42");
    request.headers.add("X-Road-Issue", "WG-2026-1");
    call(std::move(request));
    ASSERT_EQ(gateway_.questions.size(), 1U);
    const Question& asked = gateway_.questions.front();
    EXPECT_EQ(asked.client, kClient);
    EXPECT_EQ(asked.provider, kProvider);
    EXPECT_EQ(asked.evidence, "meldebescheinigung");
    EXPECT_EQ(asked.agreement, agreement());
    EXPECT_EQ(asked.reference, "id-1");
    EXPECT_EQ(asked.user, "DE42");
    EXPECT_EQ(asked.issue, "WG-2026-1");
    EXPECT_EQ(asked.deadline, clock_.now() + std::chrono::seconds(30));
    EXPECT_EQ(json::to_string(asked.attributes),
              "{\"familienname\":\"M\xC3\xBCller\",\"geburtsdatum\":\"1990-01-31\"}");
    ASSERT_EQ(gateway_.records.size(), 1U);
    const Record& record = gateway_.records.front();
    EXPECT_EQ(record.client, kMe);
    EXPECT_EQ(record.service, "SCHWARM/GOV/lecos/meldeamt/meldebescheinigung");
    EXPECT_EQ(record.id, "id-1");
    EXPECT_EQ(record.user, "DE42");
    EXPECT_EQ(record.issue, "WG-2026-1");
    EXPECT_EQ(record.request_id, "00010203-0405-4607-8809-0a0b0c0d0e0f");
    EXPECT_EQ(record.status, 200);
    EXPECT_EQ(record.error, "");
}

TEST_F(CallTest, PostWithAGeneratedId) {
    const auto response =
        call(post("{\"familienname\":\"M\xC3\xBCller\",\"geburtsdatum\":\"1990-01-31\"}"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("X-Road-Id"), "SCHWARM-10111213-1415-4617-9819-1a1b1c1d1e1f");
    // hashlib over POST, path, X-Road-Client, Content-Type, x-road-request-id, x-road-id; body.
    EXPECT_EQ(response.headers.get("X-Road-Request-Hash"),
              "oF2CBd6/mPcWDgfV5k+LEnQaDSIz3YCzVbUAj7X1yIp9w3K+"
              "g5kwz6yhWc8DQaFkMqiA2y+jXoXzxjDmzBz69A==");
    ASSERT_EQ(gateway_.questions.size(), 1U);
    EXPECT_EQ(gateway_.questions.front().reference, response.headers.get("X-Road-Id"));
}

TEST_F(CallTest, WhatTheClientSaysOfRequestIdAndHashIsDiscarded) {
    auto request = question();
    request.headers.add("X-Road-Id", "fa2e18a5-c2cb-4d09-b994-f57727f7c3fb");
    request.headers.add("X-Road-Request-Id", "mine");
    request.headers.add("x-road-request-hash", "mine");
    const auto response = call(std::move(request));
    EXPECT_EQ(response.headers.get("X-Road-Request-Id"), "00010203-0405-4607-8809-0a0b0c0d0e0f");
    EXPECT_TRUE(response.headers.get("X-Road-Request-Hash").starts_with("muIO0t5z3fnBEO1d"));
}

TEST_F(CallTest, ProvidersAnswersHaveNoXRoadError) {
    gateway_.next_answer = Answer{Outcome::not_found, "kein Eintrag", {}};
    const auto missing = call(question());
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.headers.get("Content-Type"), "application/problem+json");
    EXPECT_NE(missing.body.find("kein Eintrag"), std::string::npos);
    EXPECT_FALSE(missing.headers.has("X-Road-Error"));
    EXPECT_TRUE(missing.headers.has("X-Road-Request-Hash"));
    gateway_.next_answer = Answer{Outcome::refused, "Auskunftssperre", {}};
    const auto refused = call(question());
    EXPECT_EQ(refused.status, 403);
    EXPECT_NE(refused.body.find("Auskunftssperre"), std::string::npos);
    EXPECT_FALSE(refused.headers.has("X-Road-Error"));
    EXPECT_EQ(gateway_.records.back().status, 403);
}

TEST_F(CallTest, FailuresOfTheWay) {
    const std::pair<ErrorCode, const char*> expected[] = {
        {ErrorCode::unavailable, "server.clientproxy.network_error"},
        {ErrorCode::maybe_done, "server.serverproxy.network_error"},
        {ErrorCode::not_found, "server.serverproxy.unknown_service"},
        {ErrorCode::unauthenticated, "server.serverproxy.access_denied"},
        {ErrorCode::storage_failed, "server.clientproxy.database_error"},
        {ErrorCode::internal, "server.clientproxy.internal_error"},
        {ErrorCode::crypto_failed, "server.clientproxy.internal_error"},
    };
    for (const auto& [code, type] : expected) {
        gateway_.next_answer = fail(code, "/var/secret");
        const auto response = call(question());
        EXPECT_EQ(fault(response), type);
        EXPECT_EQ(gateway_.records.back().error, type);
        if (code == ErrorCode::storage_failed || code == ErrorCode::internal) {
            EXPECT_EQ(response.body.find("/var/secret"), std::string::npos);
        }
    }
}

TEST_F(CallTest, AnswersLaterAndOnce) {
    gateway_.waits = true;
    http::Router router;
    add_routes(router, {gateway_, clock_, random_, settings_});
    auto request = std::make_unique<http::Request>(question());
    std::optional<http::Response> got;
    router.dispatch(*request, http::Respond([&](http::Response one) {
        got = std::move(one);
        request.reset();  // as net does
    }));
    EXPECT_FALSE(got);
    gateway_.open.front()(gateway_.next_answer);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 200);
    gateway_.open.front()(fail(ErrorCode::unavailable, "twice"));
    EXPECT_EQ(gateway_.records.size(), 1U);
}

TEST_F(CallTest, AQuestionThatGotLostIsAnswered) {
    gateway_.loses = true;
    EXPECT_EQ(fault(call(question())), "server.clientproxy.internal_error");
    EXPECT_TRUE(gateway_.records.empty());
}

TEST_F(CallTest, WrongAttributesAreTheProvidersAnswer) {
    const std::string path(kService);
    for (const char* query :
         {"", "familienname=a", "familienname=a&geburtsdatum=b&mehr=c",
          "familienname=a&geburtsdatum=b&geburtsdatum=c", "familienname=%zz",
          "familienname=%00&geburtsdatum=b", "familienname=%ff&geburtsdatum=b"}) {
        const auto response = call(get(path, query));
        EXPECT_EQ(response.status, 400) << query;
        EXPECT_FALSE(response.headers.has("X-Road-Error")) << query;
        EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
    }
    for (const char* body :
         {"", "[]", "null", "{", "{\"familienname\":\"a\"}", "\"familienname\"",
          "{\"familienname\":\"a\",\"familienname\":\"b\",\"geburtsdatum\":\"c\"}",
          "{\"familienname\":\"a\",\"geburtsdatum\":\"b\",\"__proto__\":{}}"}) {
        EXPECT_EQ(call(post(body)).status, 400) << body;
    }
    auto request = post("<a/>");
    request.headers.set("Content-Type", "text/xml");
    EXPECT_EQ(call(std::move(request)).status, 415);
    request = post("{\"familienname\":\"a\",\"geburtsdatum\":\"b\"}");
    request.query = "familienname=c";
    EXPECT_EQ(call(std::move(request)).status, 400);
    EXPECT_TRUE(gateway_.questions.empty());
}

TEST_F(CallTest, AnyTextsWhereNobodyKnowsWhatIsWanted) {
    Offer& offer = gateway_.offered["meldeamt@lecos"].front();
    offer.attributes.clear();
    offer.any_attributes = true;
    const std::string path(kService);
    EXPECT_EQ(call(get(path, "kennzeichen=L-IK+1&fin=2")).status, 200);
    ASSERT_EQ(gateway_.questions.size(), 1U);
    EXPECT_EQ(json::to_string(gateway_.questions.front().attributes),
              R"({"kennzeichen":"L-IK 1","fin":"2"})");
    EXPECT_EQ(call(post("{\"fin\":\"2\"}")).status, 200);
    for (const std::string& body :
         {std::string("{\"fin\":2}"), std::string("{\"fin\":null}"),
          std::string("{\"fin\":{\"a\":\"b\"}}"), "{\"fin\":\"" + std::string(1001, 'a') + "\"}",
          "{\"" + std::string(101, 'a') + "\":\"b\"}"}) {
        EXPECT_EQ(call(post(body)).status, 400) << body;
    }
    std::string many = "{\"a0\":\"\"";
    for (int i = 1; i < 65; ++i) many += ",\"a" + std::to_string(i) + "\":\"\"";
    EXPECT_EQ(call(post(many + "}")).status, 400);
    EXPECT_EQ(gateway_.questions.size(), 2U);
}

TEST_F(CallTest, OtherMethods) {
    for (const auto method : {http::Method::head, http::Method::put, http::Method::patch,
                              http::Method::del, http::Method::options, http::Method::other}) {
        auto request = question();
        request.method = method;
        EXPECT_EQ(fault(call(std::move(request))), "client.invalid_http_method");
    }
    auto request = get("/r1/SCHWARM/GOV/lecos/meldeamt/listMethods");
    request.method = http::Method::post;
    EXPECT_EQ(fault(call(std::move(request))), "client.invalid_http_method");
    request = get("/listClients");
    request.method = http::Method::post;
    EXPECT_EQ(fault(call(std::move(request))), "client.invalid_http_method");
}

TEST_F(CallTest, ErrorsInXml) {
    for (const auto& [accept, type] :
         {std::pair("text/xml", "text/xml;charset=utf-8"),
          std::pair("text/html, text/*;q=0.5", "text/xml;charset=utf-8"),
          std::pair("Application/XML", "application/xml;charset=utf-8")}) {
        auto request = get("/r1/SCHWARM/GOV/lecos/meldeamt/unbekannt");
        request.headers.add("Accept", "image/png");
        request.headers.add("Accept", accept);
        const auto response = call(std::move(request));
        EXPECT_EQ(response.status, 500);
        EXPECT_EQ(response.headers.get("Content-Type"), type);
        EXPECT_EQ(response.headers.get("X-Road-Error"), "server.serverproxy.unknown_service");
        EXPECT_NE(
            response.body.find("<error><type>server.serverproxy.unknown_service</type>"
                               "<message>Unknown service: SCHWARM/GOV/lecos/meldeamt/unbekannt"
                               "</message><detail>"),
            std::string::npos)
            << response.body;
    }
}

}  // namespace
}  // namespace schwarm::xroad
