#include "schwarm/server/config.hpp"

#include <gtest/gtest.h>

#include "schwarm/json/json.hpp"
#include "schwarm/server/demo.hpp"

namespace schwarm::server {
namespace {

Result<Config> parse(std::string_view text) {
    return parse_config(json::parse(text).value(), "/etc/schwarm");
}

TEST(Config, ReadsTheDeliveredExample) {
    const auto config = load_config(SCHWARM_SOURCE_DIR "/deploy/schwarm.json");
    ASSERT_TRUE(config.has_value()) << config.error().text();
    EXPECT_EQ(config->data, "/var/lib/schwarm");
    EXPECT_EQ(config->listen.port, 8080);
    ASSERT_TRUE(config->operations);
    EXPECT_EQ(config->operations->port, 9090);
    EXPECT_EQ(config->tenants.size(), 1U);
    EXPECT_TRUE(check_for_serve(*config).has_value());
}

TEST(Config, RelativePathsCountFromItsFolder) {
    const auto config = parse(R"({"data": "daten", "packages": "../pakete",
        "listen": {"tls": {"certificate": "kette.pem", "key": "/x/key.pem"}}})");
    ASSERT_TRUE(config.has_value()) << config.error().text();
    EXPECT_EQ(config->data, "/etc/schwarm/daten");
    EXPECT_EQ(config->packages, "/etc/pakete");
    EXPECT_EQ(config->node_key, "/etc/schwarm/daten/node.key");
    EXPECT_EQ(config->listen.tls_certificate, "/etc/schwarm/kette.pem");
    EXPECT_EQ(config->listen.tls_key, "/x/key.pem");
}

TEST(Config, TheClockCanBeSetOnlyWhereThatIsSaid) {
    EXPECT_FALSE(parse(R"({"data": "d", "packages": "p"})")->test_clock);
    EXPECT_TRUE(parse(R"({"data": "d", "packages": "p", "test_clock": true})")->test_clock);
    EXPECT_TRUE(parse(R"({"data": "d", "packages": "p", "test_clock": 1})").has_error());
}

TEST(Config, HowLongHistoriesAreKept) {
    const auto with = [](const std::string& value) {
        return parse(R"({"data": "d", "packages": "p", "history_time_to_live": ")" + value + "\"}");
    };
    EXPECT_FALSE(parse(R"({"data": "d", "packages": "p"})")->history_time_to_live);
    EXPECT_EQ(with("P2Y")->history_time_to_live->months, 24);
    EXPECT_TRUE(with("30").has_error());
    EXPECT_TRUE(with("-P1D").has_error());
}

TEST(Config, LimitsOfDecisions) {
    const auto config = parse(R"({"data": "d", "packages": "p",
                                  "decisions": {"max_steps": 20000, "max_memory_mb": 8}})");
    ASSERT_TRUE(config.has_value());
    EXPECT_EQ(config->decisions.max_steps, 20'000U);
    EXPECT_EQ(config->decisions.max_bytes, 8U << 20U);
}

Result<Config> with_xroad(const std::string& members) {
    return parse(R"({"data": "d", "packages": "p", "network": {"member": "a", "organisation": "A",
        "announced": "a:1", "founding": "f"}, "xroad": {"instance": "SCHWARM", )" +
                 members + "}}");
}

TEST(Config, XroadWithTlsAndKeys) {
    const std::string key(64, 'a');
    const auto config =
        with_xroad(R"("address": "0.0.0.0", "port": 8444, "tls_certificate": "x.crt",
        "tls_key": "/x.key", "clients": [{"tenant": "t", "keys": [")" +
                   key + "\"]}]");
    ASSERT_TRUE(config.has_value()) << config.error().text();
    ASSERT_TRUE(config->xroad);
    EXPECT_EQ(config->xroad->tls_certificate, "/etc/schwarm/x.crt");
    EXPECT_EQ(config->xroad->tls_key, "/x.key");
    EXPECT_EQ(config->xroad->clients.front().keys.front(), key);
    EXPECT_FALSE(config->xroad->plain_http);
}

TEST(Config, XroadWithoutTlsOnLoopbackOnly) {
    for (const char* address : {"127.0.0.1", "127.0.0.2", "::1"}) {
        EXPECT_TRUE(with_xroad(R"("plain_http": true, "clients": [{"tenant": "t"}],
                                  "address": ")" +
                               std::string(address) + "\"")
                        .has_value());
    }
    for (const char* address : {"0.0.0.0", "::", "192.0.2.1", "localhost", "127.0.0.1.example",
                                "127.evil.example", "1127.0.0.1"}) {
        const auto config = with_xroad(R"("plain_http": true, "clients": [{"tenant": "t"}],
                                          "address": ")" +
                                       std::string(address) + "\"");
        ASSERT_TRUE(config.has_error()) << address;
        EXPECT_NE(config.error().text().find("without TLS anybody could speak for a tenant"),
                  std::string::npos);
    }
}

TEST(Config, WhatXroadRefuses) {
    const std::pair<const char*, const char*> cases[] = {
        {R"("clients": [{"tenant": "t"}])", "both tls_certificate and tls_key must be named"},
        {R"("clients": [{"tenant": "t"}], "tls_certificate": "c", "tls_key": "k")",
         "tenant 't' needs the key of an application"},
        {R"("clients": [{"tenant": "t"}], "plain_http": true, "tls_key": "k")", "not both"},
        {R"("plain_http": true)", "xroad.clients: this must be a list of tenants"},
        {R"("plain_http": true, "clients": [])", "xroad.clients"},
        {R"("plain_http": true, "clients": [{"tenant": "t", "keys": ["AA"]}])",
         "each must be 64 digits"},
        {R"("plain_http": "yes", "clients": [{"tenant": "t"}])", "true or false"},
        {R"("plain": true, "clients": [{"tenant": "t"}])", "xroad.plain: this member is unknown"},
    };
    for (const auto& [members, said] : cases) {
        const auto config = with_xroad(members);
        ASSERT_TRUE(config.has_error()) << members;
        EXPECT_NE(config.error().text().find(said), std::string::npos) << config.error().text();
    }
    EXPECT_TRUE(parse(R"({"data": "d", "packages": "p", "xroad": {"instance": "A",
        "plain_http": true, "clients": [{"tenant": "t"}]}})")
                    .has_error());
}

TEST(Config, SaysWhatIsWrongInOneSentence) {
    const std::pair<const char*, const char*> cases[] = {
        {"[]", "configuration, file: this must be an object"},
        {R"({"packages": "p"})", "configuration, data: the folder of the database must be named"},
        {R"({"data": "d"})", "configuration, packages:"},
        {R"({"data": "d", "packages": "p", "lisen": {}})",
         "configuration, lisen: this member is unknown; known are: data, packages"},
        {R"({"data": "d", "packages": "p", "listen": {"ports": 1}})",
         "configuration, listen.ports: this member is unknown"},
        {R"({"data": "d", "packages": "p", "listen": {"port": 70000}})",
         "configuration, listen.port: this must be a whole number from 1 to 65535"},
        {R"({"data": "d", "packages": "p", "listen": {"port": "80"}})",
         "configuration, listen.port:"},
        {R"({"data": "d", "packages": "p", "listen": {"tls": {"key": "k"}}})",
         "configuration, listen.tls: both certificate and key"},
        {R"({"data": "d", "packages": "p", "log": {"level": "laut"}})",
         "configuration, log.level:"},
        {R"({"data": "d", "packages": "p", "tenants": {}})", "configuration, tenants:"},
        {R"({"data": "d", "packages": "p", "decisions": {"max_steps": 1}})",
         "configuration, decisions.max_steps: this must be a whole number from 10000"},
        {R"({"data": "", "packages": "p"})", "configuration, data:"},
        {R"({"data": "d", "packages": "p", "identities": "saml"})", "configuration, identities:"},
    };
    for (const auto& [text, expected] : cases) {
        const auto config = parse(text);
        ASSERT_TRUE(config.has_error()) << text;
        EXPECT_TRUE(config.error().text().starts_with(expected)) << config.error().text();
    }
}

std::string with_network(const std::string& network) {
    return R"({"data": "d", "packages": "p", "network": )" + network + "}";
}

TEST(Config, ThePlaceInTheNetwork) {
    const auto config = parse(with_network(R"({
        "member": "lecos", "organisation": "Lecos GmbH", "announced": "schwarm.example.de:9443",
        "founding": "netz.json",
        "peers": [{"member": "regio-it", "address": "10.0.0.2:9443", "key": ")" +
                                           std::string(64, 'a') + R"("}],
        "tenants": {"kfz": [{"role": "zulassungsbehoerde", "jurisdictions": ["14713"]}]}})"));
    ASSERT_TRUE(config.has_value()) << config.error().text();
    ASSERT_TRUE(config->network);
    const Network& network = *config->network;
    EXPECT_EQ(network.member, "lecos");
    EXPECT_EQ(network.address, "127.0.0.1");
    EXPECT_EQ(network.port, 9443);
    EXPECT_EQ(network.announced, "schwarm.example.de:9443");
    EXPECT_EQ(network.founding, "/etc/schwarm/netz.json");
    ASSERT_EQ(network.peers.size(), 1U);
    EXPECT_EQ(network.peers[0].address, "10.0.0.2:9443");
    ASSERT_EQ(network.tenants.size(), 1U);
    EXPECT_EQ(network.tenants[0].second[0].jurisdictions, std::vector<std::string>{"14713"});
    EXPECT_FALSE(parse(R"({"data": "d", "packages": "p"})")->network);
    const auto named = parse(with_network(R"({"member": "m", "organisation": "o",
        "announced": "h:1", "founding": "f", "peers": "peers.json"})"));
    ASSERT_TRUE(named.has_value()) << named.error().text();
    EXPECT_EQ(named->network->peers_file, "/etc/schwarm/peers.json");
    EXPECT_EQ(named->network->directory.key_age, std::chrono::hours(24 * 730));
    const auto aged = parse(with_network(R"({"member": "m", "organisation": "o",
        "announced": "h:1", "founding": "f", "key_age_days": 365})"));
    EXPECT_EQ(aged->network->directory.key_age, std::chrono::hours(24 * 365));
}

TEST(Config, WhatIsWrongInTheNetworkIsNamed) {
    const std::string four =
        R"("member": "m", "organisation": "o", "announced": "h:9443", "founding": "f")";
    const std::string key(64, 'a');
    const std::pair<std::string, std::string> cases[] = {
        {"[]", "network: this must be an object"},
        {R"({"organisation": "o", "announced": "h:1", "founding": "f"})", "network.member: this"},
        {R"({"member": "Groß", "organisation": "o", "announced": "h:1", "founding": "f"})",
         "network.member: this must be 1 to 63"},
        {R"({"member": "m", "announced": "h:1", "founding": "f"})", "network.organisation:"},
        {R"({"member": "m", "organisation": "o", "founding": "f"})", "network.announced:"},
        {R"({"member": "m", "organisation": "o", "announced": "h", "founding": "f"})",
         "network.announced: this must be \"host:port\""},
        {R"({"member": "m", "organisation": "o", "announced": "h:70000", "founding": "f"})",
         "network.announced:"},
        {R"({"member": "m", "organisation": "o", "announced": "h:1"})", "network.founding:"},
        {"{" + four + R"(, "ports": 1})", "network.ports: this member is unknown"},
        {"{" + four + R"(, "port": 0})", "network.port: this must be a whole number"},
        {"{" + four + R"(, "key_age_days": 0})", "network.key_age_days: this must be a whole"},
        {"{" + four + R"(, "peers": {}})", "network.peers: this must be a list"},
        {"{" + four + R"(, "peers": [{"address": "h:1", "key": ")" + key + R"("}]})",
         "network.peers[0].member:"},
        {"{" + four + R"(, "peers": [{"member": "a", "address": "h", "key": ")" + key + R"("}]})",
         "network.peers[0].address:"},
        {"{" + four + R"(, "peers": [{"member": "a", "address": "h:1", "key": "abc"}]})",
         "network.peers[0].key: this must be 64 digits"},
        {"{" + four + R"(, "tenants": []})", "network.tenants: this must be an object"},
        {"{" + four + R"(, "tenants": {"kfz": {}}})", "network.tenants.kfz: this must be a list"},
        {"{" + four + R"(, "tenants": {"kfz": [{"jurisdictions": ["*"]}]}})",
         "network.tenants.kfz[0].role:"},
        {"{" + four + R"(, "tenants": {"kfz": [{"role": "r"}]}})",
         "network.tenants.kfz[0].jurisdictions:"},
        {"{" + four + R"(, "tenants": {"kfz": [{"role": "r", "jurisdictions": [1]}]}})",
         "network.tenants.kfz[0].jurisdictions:"},
        {"{" + four + R"(, "tenants": {"kfz": [{"role": "r", "roles": 1}]}})",
         "network.tenants.kfz[0].roles: this member is unknown"},
    };
    for (const auto& [network, expected] : cases) {
        const auto config = parse(with_network(network));
        ASSERT_TRUE(config.has_error()) << network;
        EXPECT_TRUE(config.error().text().starts_with("configuration, " + expected))
            << config.error().text();
    }
}

TEST(Config, ServeRefusesDemoIdentitiesAndNoTenants) {
    const auto demo = parse(R"({"data": "d", "packages": "p", "identities": "demo",
                                "tenants": [{"id": "a"}]})");
    ASSERT_TRUE(demo.has_value());
    EXPECT_TRUE(check_for_serve(*demo).has_error());
    const auto empty = parse(R"({"data": "d", "packages": "p"})");
    ASSERT_TRUE(empty.has_value());
    EXPECT_TRUE(check_for_serve(*empty).has_error());
}

TEST(Config, MissingAndBrokenFiles) {
    EXPECT_EQ(load_config("/nonexistent/schwarm.json").error().code, ErrorCode::not_found);
    EXPECT_EQ(load_config(SCHWARM_SOURCE_DIR "/README.md").has_error(), true);
}

TEST(Demo, IsBoundToLoopback) {
    DemoOptions options;
    options.data = "/tmp/x";
    options.packages = SCHWARM_SOURCE_DIR "/packages";
    const auto config = demo_config(options);
    ASSERT_TRUE(config.has_value());
    EXPECT_EQ(config->listen.address, "127.0.0.1");
    EXPECT_TRUE(config->demo_identities);
    EXPECT_FALSE(config->listen.hosts.empty());
    ASSERT_FALSE(config->tenants.empty());
    EXPECT_NE(config->tenants.front().find("services")->find("hundesteuer"), nullptr);
}

}  // namespace
}  // namespace schwarm::server
