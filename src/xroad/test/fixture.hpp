// A node "halle" with the tenants wohngeld and kfz, in a network with the register meldeamt@lecos.
// Header-only.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "schwarm/json/json.hpp"
#include "schwarm/xroad/xroad.hpp"

namespace schwarm::xroad {

// 00 01 02 ... over all calls.
class CountingRandom final : public Random {
  public:
    void fill(std::span<std::byte> out) override {
        for (std::byte& one : out) one = static_cast<std::byte>(next_++);
    }

  private:
    unsigned char next_ = 0;
};

class FakeGateway final : public Gateway {
  public:
    std::vector<Client> known;
    std::map<std::string, std::vector<std::string>> tenant_keys;
    std::map<std::string, std::vector<Offer>> offered;  // by address
    std::vector<exchange::Agreement> agreed;
    std::vector<Question> questions;
    std::vector<Record> records;
    Result<Answer> next_answer = Answer{};
    bool waits = false;  // keeps `done` in `open`
    bool loses = false;  // drops it
    std::vector<std::function<void(Result<Answer>)>> open;

    std::vector<Client> clients() const override { return known; }
    std::optional<std::vector<std::string>> keys(const TenantId& tenant) const override {
        const auto at = tenant_keys.find(tenant.value());
        if (at == tenant_keys.end()) return std::nullopt;
        return at->second;
    }
    std::optional<std::vector<Offer>> offers(const exchange::Address& provider) const override {
        const auto at = offered.find(provider.text());
        if (at == offered.end()) return std::nullopt;
        return at->second;
    }
    // All of them: the module has to look for itself.
    std::vector<exchange::Agreement> agreements(const exchange::Address&,
                                                const exchange::Address&) const override {
        return agreed;
    }
    void ask(Question question, std::function<void(Result<Answer>)> done) override {
        questions.push_back(std::move(question));
        if (loses) return;
        if (waits) {
            open.push_back(std::move(done));
        } else {
            done(next_answer);
        }
    }
    void record(const Record& record) override { records.push_back(record); }
};

class Node : public testing::Test {
  protected:
    static constexpr std::string_view kService =
        "/r1/SCHWARM/GOV/lecos/meldeamt/meldebescheinigung";
    static constexpr std::string_view kQuery = "familienname=M%C3%BCller&geburtsdatum=1990-01-31";
    static constexpr std::string_view kMe = "SCHWARM/GOV/halle/wohngeld";
    static inline const exchange::Address kClient{TenantId("wohngeld"),
                                                  exchange::MemberId("halle")};
    static inline const exchange::Address kProvider{TenantId("meldeamt"),
                                                    exchange::MemberId("lecos")};

    Node() {
        gateway_.known = {{kProvider, "Lecos GmbH", "Meldeamt Leipzig"},
                          {kClient, "Stadt Halle", "Wohngeldstelle <Halle> & Umland"},
                          {{TenantId("kfz"), kClient.member}, "Stadt Halle", "Kfz"}};
        gateway_.tenant_keys = {{"wohngeld", {"aa11", "bb22"}}, {"kfz", {"cc33"}}};
        gateway_.offered["meldeamt@lecos"] = {meldebescheinigung()};
        gateway_.offered["wohngeld@halle"] = {};
        gateway_.agreed = {agreement()};
        gateway_.next_answer = Answer{
            Outcome::delivered, "", json::Value::object({{"gemeldet", true}, {"ort", "Leipzig"}})};
    }

    static Offer meldebescheinigung() {
        Offer offer;
        offer.evidence = "meldebescheinigung";
        offer.title = "Meldebescheinigung";
        offer.attributes = {{"familienname", "Familienname", "", true},
                            {"geburtsdatum", "Geburtsdatum", "date", true},
                            {"plz", "", "", false}};
        offer.schema = R"({"$schema": "http://json-schema.org/draft-04/schema#", "type": "object",
            "properties": {"gemeldet": {"type": "boolean"}}})";
        return offer;
    }
    exchange::Agreement agreement() const {
        const Instant now = clock_.now();
        return {kClient,
                kProvider,
                "wohngeld",
                "Prüfung des Wohnsitzes",
                "§ 23 WoGG",
                "meldebescheinigung",
                now - std::chrono::hours(1),
                now + std::chrono::hours(1)};
    }

    static http::Request get(std::string path, std::string query = {}) {
        http::Request request;
        request.path = std::move(path);
        request.query = std::move(query);
        request.target = request.path + (request.query.empty() ? "" : "?" + request.query);
        request.secure = true;
        request.peer_key = "aa11";
        request.id = "r7";
        request.headers.add("X-Road-Client", std::string(kMe));
        return request;
    }
    static http::Request question() { return get(std::string(kService), std::string(kQuery)); }
    static http::Request post(std::string body) {
        http::Request request = get(std::string(kService));
        request.method = http::Method::post;
        request.headers.add("Content-Type", "application/json");
        request.body = std::move(body);
        return request;
    }

    http::Response call(http::Request request) {
        http::Router router;
        add_routes(router, {gateway_, clock_, random_, settings_});
        router.on_error(error_page);
        std::optional<http::Response> got;
        router.dispatch(request, http::Respond([&](http::Response one) { got = std::move(one); }));
        if (!got) {
            ADD_FAILURE() << "not answered";
            return {};
        }
        return std::move(*got);
    }

    // The error of X-Road, after checking that header, status and body agree.
    static std::string fault(const http::Response& response) {
        const std::string* header = response.headers.find("X-Road-Error");
        if (header == nullptr) return "none: " + std::to_string(response.status) + response.body;
        EXPECT_EQ(response.status, header->starts_with("server.") ? 500 : 400);
        EXPECT_EQ(response.headers.get("Content-Type"), "application/json;charset=utf-8");
        const auto body = json::parse(response.body);
        EXPECT_TRUE(body.has_value()) << response.body;
        if (body.has_error()) return "no JSON";
        EXPECT_EQ(body->string_or("type", ""), *header);
        EXPECT_FALSE(body->string_or("message", "").empty());
        EXPECT_FALSE(body->string_or("detail", "").empty());
        return *header;
    }
    static std::string message(const http::Response& response) {
        const auto body = json::parse(response.body);
        return body.has_value() ? body->string_or("message", "") : "";
    }

    ManualClock clock_{Instant(std::chrono::hours(24 * 365 * 50))};
    CountingRandom random_;
    FakeGateway gateway_;
    Settings settings_{.instance = "SCHWARM", .member = exchange::MemberId("halle")};
};

}  // namespace schwarm::xroad
