// The configuration of a node, read from a JSON file (docs/betrieb.md, "Konfiguration").
//
// Plain values. What is wrong is answered with one sentence an administrator understands, naming
// the member; unknown members are wrong too, so that typing errors do not go unnoticed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/bpmn/timer_text.hpp"
#include "schwarm/exchange/directory.hpp"
#include "schwarm/feel/evaluation.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::server {

struct Listen {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;
    int io_threads = 1;
    std::size_t connections_max = 1'000;
    std::vector<std::string> hosts;  // names the Host field may have; empty: any
    std::string tls_certificate;     // PEM files; both or none
    std::string tls_key;
};

// Where /metrics and /health are served apart from the pages.
struct Operations {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
};

// A tenant's part in the network: what it is responsible for.
struct NetworkRole {
    std::string role;
    std::vector<std::string> jurisdictions;  // prefixes of municipality keys, or "*"
};

// Where a member is found as long as the directory does not say it.
struct NetworkPeer {
    std::string member;
    std::string address;  // "host:port"
    std::string key;      // of its certificate: SHA-256 of the SubjectPublicKeyInfo, hexadecimal
};

// The node's place among others (docs/decisions/0010-network.md). Its keys and certificate are made
// in the data folder.
struct Network {
    std::string member;
    std::string organisation;
    std::string address = "127.0.0.1";  // listens here for other nodes
    std::uint16_t port = 0;
    std::string announced;           // "host:port" for the directory
    std::filesystem::path founding;  // file
    std::vector<NetworkPeer> peers;
    std::filesystem::path peers_file;  // instead of `peers`; read at the start
    std::vector<std::pair<std::string, std::vector<NetworkRole>>> tenants;  // by id
    // tenant@member: who may approve claims of evidence, the preferred one first; and whose cockpit
    // may ask what registers here gave out (docs/decisions/0012-evidence.md).
    std::vector<std::string> checkers;
    std::vector<std::string> cockpits;
    exchange::DirectorySettings directory;
};

// The applications that speak for a tenant over X-Road.
struct XroadClient {
    std::string tenant;
    std::vector<std::string> keys;  // of their certificates, as NetworkPeer::key
};

// Where applications written for X-Road ask for evidence (docs/formats/xroad.md).
struct Xroad {
    std::string instance;
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    bool plain_http = false;      // without TLS the header alone says who asks: loopback only
    std::string tls_certificate;  // PEM files; needed unless plain_http
    std::string tls_key;
    std::vector<XroadClient> clients;  // no other tenant takes part
};

enum class LogLevel : std::uint8_t { error, warning, info, debug };

struct Config {
    std::filesystem::path data;      // folder of the database and the generated keys
    std::filesystem::path packages;  // folder with one folder a service
    std::filesystem::path node_key;  // default: node.key in `data`
    Listen listen;
    std::optional<Operations> operations;
    LogLevel log_level = LogLevel::info;
    std::filesystem::path log_file;    // empty: standard error
    feel::EvaluationLimits decisions;  // of one evaluation of a decision
    std::optional<Network> network;    // none: the node stands alone
    std::optional<Xroad> xroad;        // none: it does not listen for such applications
    std::vector<json::Value> tenants;  // read by services::parse_tenant
    bool demo_identities = false;
    // How long instances of deployed processes are kept after their end if the process does not say
    // it. Nothing: until they are deleted by an order.
    std::optional<bpmn::Period> history_time_to_live;
    bool test_clock = false;  // PUT /v2/clock may let the clock stand still
};

// Relative paths count from `base`.
Result<Config> parse_config(const json::Value& value, const std::filesystem::path& base);
Result<Config> load_config(const std::filesystem::path& file);

// What parse_config refuses about `xroad`: plain HTTP that others could reach, TLS without files or
// keys, no network. The node looks once more before it listens.
Result<void> check_xroad(const Config& config);
// What `serve` refuses beyond parse_config: demo identities, no tenants.
Result<void> check_for_serve(const Config& config);

}  // namespace schwarm::server
