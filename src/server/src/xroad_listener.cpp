#include "xroad_listener.hpp"

#include <algorithm>

#include "schwarm/xroad/xroad.hpp"

namespace schwarm::server {
namespace {

constexpr std::size_t kConnections = 200;

}  // namespace

Result<std::unique_ptr<XroadListener>> XroadListener::start(const Xroad& config,
                                                            const exchange::MemberId& member,
                                                            const std::vector<TenantId>& tenants,
                                                            const XroadAround& around,
                                                            Random& random, KnownEvidence known) {
    for (const XroadClient& client : config.clients) {
        if (std::find(tenants.begin(), tenants.end(), TenantId(client.tenant)) == tenants.end()) {
            return fail(ErrorCode::invalid_input, "this node has no tenant '" + client.tenant + "'",
                        "configuration, xroad.clients");
        }
    }
    auto out = std::unique_ptr<XroadListener>(
        new XroadListener(config, member, around, random, std::move(known)));
    SCHWARM_TRY_VOID(out->listen(config));
    return out;
}

XroadListener::XroadListener(const Xroad& config, const exchange::MemberId& member,
                             const XroadAround& around, Random& random, KnownEvidence known)
    : log_(around.log), gateway_(around, config.clients, std::move(known)) {
    xroad::Settings settings;
    settings.instance = config.instance;
    settings.member = member;
    settings.plain_http = config.plain_http;
    xroad::add_routes(router_, {gateway_, around.clock, random, std::move(settings)});
    router_.on_error(xroad::error_page);
}

Result<void> XroadListener::listen(const Xroad& config) {
    net::ServerOptions options;
    options.address = config.address;
    options.port = config.port;
    options.limits.connections_max = kConnections;
    if (config.plain_http) {
        // A page in a browser on this machine must not get here by a name of its own.
        options.hosts = {"127.0.0.1", "localhost", "::1", "[::1]", config.address};
    } else {
        options.tls = net::TlsFiles{config.tls_certificate, config.tls_key};
        options.client_certificates = true;
    }
    SCHWARM_TRY(started, net::Server::start(std::move(options), router_));
    server_ = std::move(started);
    log_.info("xroad", {{"address", config.address},
                        {"port", server_->port()},
                        {"tls", config.plain_http ? "no" : "yes"}});
    return {};
}

XroadListener::~XroadListener() {
    stop();
}

void XroadListener::stop() {
    gateway_.stop();
    if (server_ != nullptr) server_->stop(std::chrono::seconds(2));
}

}  // namespace schwarm::server
