#include "schwarm/server/config.hpp"

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <string_view>

#include "peers_file.hpp"
#include "schwarm/exchange/address.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

Error wrong(std::string member, std::string reason) {
    return fail(ErrorCode::invalid_input, std::move(reason), "configuration, " + member);
}

Result<void> check_members(const json::Value& object, std::string_view name,
                           std::initializer_list<std::string_view> known) {
    if (!object.is_object()) return wrong(std::string(name), "this must be an object { ... }");
    for (const auto& [key, value] : object.members()) {
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        std::string list;
        for (const std::string_view k : known) list += (list.empty() ? "" : ", ") + std::string(k);
        return wrong(name == "file" ? key : std::string(name) + "." + key,
                     "this member is unknown; known are: " + list);
    }
    return {};
}

Result<std::string> text(const json::Value& object, std::string_view group, std::string_view name,
                         std::string fallback = {}) {
    const json::Value* value = object.find(name);
    if (value == nullptr) return fallback;
    const std::string place =
        group.empty() ? std::string(name) : std::string(group) + "." + std::string(name);
    if (!value->is_string() || value->as_string().empty()) {
        return wrong(place, "this must be a text in quotes, not empty");
    }
    return value->as_string();
}

Result<std::int64_t> number(const json::Value& object, std::string_view group,
                            std::string_view name, std::int64_t fallback, std::int64_t min,
                            std::int64_t max) {
    const json::Value* value = object.find(name);
    if (value == nullptr) return fallback;
    const auto n = value->as_int64();
    if (!n || *n < min || *n > max) {
        return wrong(std::string(group) + "." + std::string(name),
                     "this must be a whole number from " + std::to_string(min) + " to " +
                         std::to_string(max));
    }
    return *n;
}

Result<Listen> parse_listen(const json::Value& value) {
    SCHWARM_TRY_VOID(check_members(
        value, "listen", {"address", "port", "io_threads", "connections_max", "hosts", "tls"}));
    Listen listen;
    SCHWARM_TRY(address, text(value, "listen", "address", listen.address));
    SCHWARM_TRY(port, number(value, "listen", "port", listen.port, 1, 65535));
    SCHWARM_TRY(threads, number(value, "listen", "io_threads", listen.io_threads, 1, 64));
    SCHWARM_TRY(connections,
                number(value, "listen", "connections_max",
                       static_cast<std::int64_t>(listen.connections_max), 10, 100'000));
    listen.address = std::move(address);
    listen.port = static_cast<std::uint16_t>(port);
    listen.io_threads = static_cast<int>(threads);
    listen.connections_max = static_cast<std::size_t>(connections);
    if (const json::Value* hosts = value.find("hosts")) {
        if (!hosts->is_array()) return wrong("listen.hosts", "this must be a list of names");
        for (const json::Value& host : hosts->items()) {
            if (!host.is_string()) return wrong("listen.hosts", "this must be a list of names");
            listen.hosts.push_back(host.as_string());
        }
    }
    if (const json::Value* tls = value.find("tls")) {
        SCHWARM_TRY_VOID(check_members(*tls, "listen.tls", {"certificate", "key"}));
        SCHWARM_TRY(certificate, text(*tls, "listen.tls", "certificate"));
        SCHWARM_TRY(key, text(*tls, "listen.tls", "key"));
        if (certificate.empty() || key.empty()) {
            return wrong("listen.tls", "both certificate and key must be named");
        }
        listen.tls_certificate = std::move(certificate);
        listen.tls_key = std::move(key);
    }
    return listen;
}

Result<LogLevel> parse_level(const std::string& name) {
    if (name == "error") return LogLevel::error;
    if (name == "warning") return LogLevel::warning;
    if (name == "info") return LogLevel::info;
    if (name == "debug") return LogLevel::debug;
    return wrong("log.level", "this must be one of error, warning, info, debug");
}

fs::path resolve(const fs::path& base, const std::string& path) {
    return path.empty() ? fs::path{} : (base / path).lexically_normal();
}

Result<void> parse_log(const json::Value& value, const fs::path& base, Config& config) {
    SCHWARM_TRY_VOID(check_members(value, "log", {"level", "file"}));
    SCHWARM_TRY(level_name, text(value, "log", "level", "info"));
    SCHWARM_TRY(level, parse_level(level_name));
    SCHWARM_TRY(file, text(value, "log", "file"));
    config.log_level = level;
    config.log_file = resolve(base, file);
    return {};
}

// Counted in steps and not in seconds, so that a decision that is repeated ends the same way.
Result<feel::EvaluationLimits> parse_decisions(const json::Value& value) {
    SCHWARM_TRY_VOID(check_members(value, "decisions", {"max_steps", "max_memory_mb"}));
    feel::EvaluationLimits limits;
    SCHWARM_TRY(steps, number(value, "decisions", "max_steps",
                              static_cast<std::int64_t>(limits.max_steps), 10'000, 10'000'000'000));
    SCHWARM_TRY(memory, number(value, "decisions", "max_memory_mb",
                               static_cast<std::int64_t>(limits.max_bytes >> 20), 1, 65'536));
    limits.max_steps = static_cast<std::uint64_t>(steps);
    limits.max_bytes = static_cast<std::size_t>(memory) << 20;
    return limits;
}

Result<std::string> needed(const json::Value& object, std::string_view group,
                           std::string_view name) {
    SCHWARM_TRY(value, text(object, group, name));
    if (value.empty()) {
        return wrong(std::string(group) + "." + std::string(name), "this must be named");
    }
    return value;
}

Result<std::string> host_and_port(const json::Value& object, std::string_view group,
                                  std::string_view name) {
    SCHWARM_TRY(value, needed(object, group, name));
    const auto colon = value.rfind(':');
    const std::string port = colon == std::string::npos ? "" : value.substr(colon + 1);
    const bool digits = !port.empty() && port.size() <= 5 &&
                        port.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || colon == 0 || std::stoul(port) > 65535 || std::stoul(port) == 0) {
        return wrong(std::string(group) + "." + std::string(name),
                     "this must be \"host:port\", as others reach it");
    }
    return value;
}

Result<std::string> member_name(const json::Value& object, std::string_view group) {
    SCHWARM_TRY(value, needed(object, group, "member"));
    if (exchange::parse_member(value).has_error()) {
        return wrong(std::string(group) + ".member",
                     "this must be 1 to 63 of a-z, 0-9 and '-', as the founding file writes it");
    }
    return value;
}

Result<NetworkPeer> parse_peer(const json::Value& value, const std::string& where) {
    SCHWARM_TRY_VOID(check_members(value, where, {"member", "address", "key"}));
    SCHWARM_TRY(member, member_name(value, where));
    SCHWARM_TRY(address, host_and_port(value, where, "address"));
    SCHWARM_TRY(key, needed(value, where, "key"));
    if (key.size() != 64 || key.find_first_not_of("0123456789abcdef") != std::string::npos) {
        return wrong(where + ".key", "this must be 64 digits of 0-9 and a-f");
    }
    return NetworkPeer{member, address, key};
}

Result<std::vector<NetworkPeer>> parse_peers(const json::Value& list, const std::string& where) {
    if (!list.is_array()) return wrong(where, "this must be a list or the name of a file");
    std::vector<NetworkPeer> out;
    for (std::size_t i = 0; i < list.items().size(); ++i) {
        SCHWARM_TRY(peer, parse_peer(list.items()[i], where + "[" + std::to_string(i) + "]"));
        out.push_back(std::move(peer));
    }
    return out;
}

Result<NetworkRole> parse_role(const json::Value& value, const std::string& where) {
    SCHWARM_TRY_VOID(check_members(value, where, {"role", "jurisdictions"}));
    NetworkRole out;
    SCHWARM_TRY(role, needed(value, where, "role"));
    out.role = role;
    const json::Value* list = value.find("jurisdictions");
    const bool given = list != nullptr && list->is_array() && !list->items().empty() &&
                       std::all_of(list->items().begin(), list->items().end(),
                                   [](const json::Value& item) { return item.is_string(); });
    if (!given) {
        return wrong(where + ".jurisdictions",
                     "this must be a list of municipality keys or \"*\", not empty");
    }
    for (const json::Value& item : list->items()) out.jurisdictions.push_back(item.as_string());
    return out;
}

Result<Network> parse_network(const json::Value& value, const fs::path& base) {
    SCHWARM_TRY_VOID(
        check_members(value, "network",
                      {"member", "organisation", "address", "port", "announced", "founding",
                       "peers", "tenants", "checkers", "cockpits", "key_age_days"}));
    Network out;
    SCHWARM_TRY(member, member_name(value, "network"));
    SCHWARM_TRY(organisation, needed(value, "network", "organisation"));
    SCHWARM_TRY(address, text(value, "network", "address", out.address));
    SCHWARM_TRY(port, number(value, "network", "port", 9443, 1, 65535));
    SCHWARM_TRY(announced, host_and_port(value, "network", "announced"));
    SCHWARM_TRY(founding, needed(value, "network", "founding"));
    SCHWARM_TRY(days, number(value, "network", "key_age_days", 730, 1, 3650));
    out.directory.key_age = std::chrono::hours(24 * days);
    out.member = member;
    out.organisation = organisation;
    out.address = address;
    out.port = static_cast<std::uint16_t>(port);
    out.announced = announced;
    out.founding = resolve(base, founding);
    if (const json::Value* peers = value.find("peers")) {
        if (peers->is_string() && !peers->as_string().empty()) {
            out.peers_file = resolve(base, peers->as_string());
        } else {
            SCHWARM_TRY(list, parse_peers(*peers, "network.peers"));
            out.peers = std::move(list);
        }
    }
    for (const auto& [name, list] :
         {std::pair("checkers", &out.checkers), std::pair("cockpits", &out.cockpits)}) {
        const json::Value* given = value.find(name);
        if (given == nullptr) continue;
        const std::string where = "network." + std::string(name);
        if (!given->is_array()) return wrong(where, "this must be a list of tenant@member");
        for (const json::Value& item : given->items()) {
            if (!item.is_string() || exchange::parse_address(item.as_string()).has_error()) {
                return wrong(where, "this must be a list of tenant@member");
            }
            list->push_back(item.as_string());
        }
    }
    if (const json::Value* tenants = value.find("tenants")) {
        if (!tenants->is_object()) return wrong("network.tenants", "this must be an object");
        for (const auto& [id, roles] : tenants->members()) {
            const std::string where = "network.tenants." + id;
            if (!roles.is_array()) return wrong(where, "this must be a list of roles");
            std::vector<NetworkRole> played;
            for (std::size_t i = 0; i < roles.items().size(); ++i) {
                SCHWARM_TRY(role,
                            parse_role(roles.items()[i], where + "[" + std::to_string(i) + "]"));
                played.push_back(std::move(role));
            }
            out.tenants.emplace_back(id, std::move(played));
        }
    }
    return out;
}

// What an instance's name may be is narrower than in X-Road, so that it is a path segment as it is.
bool is_instance(std::string_view name) {
    return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '-';
    });
}

// By number, not by name: what a name means somebody else may decide.
bool is_loopback(std::string_view address) {
    if (address == "::1") return true;
    const bool digits = address.find_first_not_of("0123456789.") == std::string_view::npos;
    return digits && address.starts_with("127.");
}

Result<XroadClient> parse_xroad_client(const json::Value& value, const std::string& where) {
    SCHWARM_TRY_VOID(check_members(value, where, {"tenant", "keys"}));
    XroadClient out;
    SCHWARM_TRY(tenant, needed(value, where, "tenant"));
    out.tenant = std::move(tenant);
    const json::Value* keys = value.find("keys");
    if (keys == nullptr) return out;
    if (!keys->is_array()) return wrong(where + ".keys", "this must be a list");
    for (const json::Value& key : keys->items()) {
        if (!key.is_string() || key.as_string().size() != 64 ||
            key.as_string().find_first_not_of("0123456789abcdef") != std::string::npos) {
            return wrong(where + ".keys", "each must be 64 digits of 0-9 and a-f");
        }
        out.keys.push_back(key.as_string());
    }
    return out;
}

Result<Xroad> parse_xroad(const json::Value& value, const fs::path& base) {
    SCHWARM_TRY_VOID(check_members(
        value, "xroad",
        {"instance", "address", "port", "plain_http", "tls_certificate", "tls_key", "clients"}));
    Xroad out;
    SCHWARM_TRY(instance, needed(value, "xroad", "instance"));
    if (!is_instance(instance)) {
        return wrong("xroad.instance", "this must be 1 to 63 letters, digits and '-'");
    }
    SCHWARM_TRY(address, text(value, "xroad", "address", out.address));
    SCHWARM_TRY(port, number(value, "xroad", "port", 8444, 1, 65535));
    SCHWARM_TRY(certificate, text(value, "xroad", "tls_certificate"));
    SCHWARM_TRY(key, text(value, "xroad", "tls_key"));
    out.instance = std::move(instance);
    out.address = std::move(address);
    out.port = static_cast<std::uint16_t>(port);
    out.tls_certificate = resolve(base, certificate).string();
    out.tls_key = resolve(base, key).string();
    if (const json::Value* plain = value.find("plain_http")) {
        if (!plain->is_boolean()) return wrong("xroad.plain_http", "this must be true or false");
        out.plain_http = plain->as_boolean();
    }
    const json::Value* clients = value.find("clients");
    if (clients == nullptr || !clients->is_array() || clients->items().empty()) {
        return wrong("xroad.clients", "this must be a list of tenants, not empty");
    }
    for (std::size_t i = 0; i < clients->items().size(); ++i) {
        SCHWARM_TRY(client, parse_xroad_client(clients->items()[i],
                                               "xroad.clients[" + std::to_string(i) + "]"));
        out.clients.push_back(std::move(client));
    }
    return out;
}

Result<void> parse_tenants(const json::Value& value, Config& config) {
    if (!value.is_array()) return wrong("tenants", "this must be a list of objects");
    for (const json::Value& tenant : value.items()) {
        if (!tenant.is_object()) return wrong("tenants", "this must be a list of objects");
        config.tenants.push_back(tenant);
    }
    return {};
}

}  // namespace

Result<Config> parse_config(const json::Value& value, const fs::path& base) {
    SCHWARM_TRY_VOID(check_members(
        value, "file",
        {"data", "packages", "node_key", "listen", "operations", "log", "decisions", "tenants",
         "identities", "test_clock", "history_time_to_live", "network", "xroad"}));
    Config config;
    SCHWARM_TRY(data, text(value, "", "data"));
    SCHWARM_TRY(packages, text(value, "", "packages"));
    SCHWARM_TRY(node_key, text(value, "", "node_key"));
    if (data.empty()) return wrong("data", "the folder of the database must be named");
    if (packages.empty()) return wrong("packages", "the folder of the services must be named");
    config.data = resolve(base, data);
    config.packages = resolve(base, packages);
    config.node_key = node_key.empty() ? config.data / "node.key" : resolve(base, node_key);
    if (const json::Value* listen = value.find("listen")) {
        SCHWARM_TRY(parsed, parse_listen(*listen));
        config.listen = std::move(parsed);
        config.listen.tls_certificate = resolve(base, config.listen.tls_certificate).string();
        config.listen.tls_key = resolve(base, config.listen.tls_key).string();
    }
    if (const json::Value* operations = value.find("operations")) {
        SCHWARM_TRY_VOID(check_members(*operations, "operations", {"address", "port"}));
        Operations parsed;
        SCHWARM_TRY(address, text(*operations, "operations", "address", parsed.address));
        SCHWARM_TRY(port, number(*operations, "operations", "port", 9090, 1, 65535));
        parsed.address = std::move(address);
        parsed.port = static_cast<std::uint16_t>(port);
        config.operations = std::move(parsed);
    }
    if (const json::Value* log = value.find("log")) {
        SCHWARM_TRY_VOID(parse_log(*log, base, config));
    }
    if (const json::Value* decisions = value.find("decisions")) {
        SCHWARM_TRY(limits, parse_decisions(*decisions));
        config.decisions = limits;
    }
    if (const json::Value* network = value.find("network")) {
        SCHWARM_TRY(parsed, parse_network(*network, base));
        config.network = std::move(parsed);
    }
    if (const json::Value* xroad = value.find("xroad")) {
        SCHWARM_TRY(parsed, parse_xroad(*xroad, base));
        config.xroad = std::move(parsed);
        SCHWARM_TRY_VOID(check_xroad(config));
    }
    if (const json::Value* tenants = value.find("tenants")) {
        SCHWARM_TRY_VOID(parse_tenants(*tenants, config));
    }
    SCHWARM_TRY(identities, text(value, "", "identities", "none"));
    if (identities != "none" && identities != "demo") {
        return wrong("identities", "this must be \"none\" (or \"demo\", which serve refuses)");
    }
    config.demo_identities = identities == "demo";
    SCHWARM_TRY(kept, text(value, "", "history_time_to_live"));
    if (!kept.empty()) {
        config.history_time_to_live = bpmn::Period::parse(kept);
        if (!config.history_time_to_live || !config.history_time_to_live->is_positive()) {
            return wrong("history_time_to_live", "this must be a duration such as \"P180D\"");
        }
    }
    if (const json::Value* test_clock = value.find("test_clock")) {
        if (!test_clock->is_boolean()) return wrong("test_clock", "this must be true or false");
        config.test_clock = test_clock->as_boolean();
    }
    return config;
}

namespace {

Result<json::Value> read_json(const fs::path& file, const char* missing) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return fail(ErrorCode::not_found, missing, file.string());
    std::ostringstream content;
    content << in.rdbuf();
    json::Limits limits;
    limits.max_bytes = 1U << 20;
    const std::string text = content.str();
    auto value = json::parse(text, limits);
    if (value.has_error()) {
        return fail(ErrorCode::not_well_formed, value.error().message,
                    file.string() + ", " + value.error().where);
    }
    return value;
}

}  // namespace

Result<Config> load_config(const fs::path& file) {
    SCHWARM_TRY(value, read_json(file, "the configuration file cannot be read"));
    std::error_code ec;
    const fs::path base = fs::absolute(file, ec).parent_path();
    return parse_config(value, base);
}

Result<std::vector<NetworkPeer>> read_peers(const fs::path& file) {
    SCHWARM_TRY(value, read_json(file, "the file that network.peers names cannot be read"));
    return parse_peers(value, file.string());
}

Result<void> check_xroad(const Config& config) {
    if (!config.xroad) return {};
    const Xroad& xroad = *config.xroad;
    const bool tls = !xroad.tls_certificate.empty() && !xroad.tls_key.empty();
    if (!config.network) {
        return wrong("xroad", "this needs 'network': evidence is asked for in a network");
    }
    if (xroad.plain_http && !is_loopback(xroad.address)) {
        return wrong("xroad.plain_http",
                     "without TLS anybody could speak for a tenant: xroad.address must be a "
                     "loopback address (127.0.0.1 or ::1), or name tls_certificate and tls_key");
    }
    if (xroad.plain_http && !(xroad.tls_certificate.empty() && xroad.tls_key.empty())) {
        return wrong("xroad.plain_http", "either this or tls_certificate and tls_key, not both");
    }
    if (!xroad.plain_http && !tls) {
        return wrong("xroad", "both tls_certificate and tls_key must be named");
    }
    for (const XroadClient& client : xroad.clients) {
        if (!xroad.plain_http && client.keys.empty()) {
            return wrong("xroad.clients", "tenant '" + client.tenant +
                                              "' needs the key of an application under 'keys'");
        }
    }
    return {};
}

Result<void> check_for_serve(const Config& config) {
    SCHWARM_TRY_VOID(check_xroad(config));
    if (config.demo_identities) {
        return wrong("identities",
                     "demo identities exist only under 'schwarm demo', never under 'serve'");
    }
    if (config.tenants.empty()) return wrong("tenants", "at least one tenant must be named");
    return {};
}

}  // namespace schwarm::server
