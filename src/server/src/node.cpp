#include "schwarm/server/node.hpp"

#include "operations.hpp"
#include "schwarm/http/router.hpp"
#include "schwarm/net/server.hpp"

namespace schwarm::server {

struct Node::Impl {
    Impl(Config node_config, Log& node_log) : config(std::move(node_config)), log(node_log) {}

    Result<void> start() {
        Probes probes;
        probes.reasons = [] { return std::vector<std::string>{}; };
        probes.metrics = [this](MetricsText& text) { requests.write(text); };
        add_health(router, probes);
        add_metrics(router, probes);
        net::ServerOptions options;
        options.address = config.listen.address;
        options.port = config.listen.port;
        options.hosts = config.listen.hosts;
        options.observe = [this](const net::Observation& o) {
            requests.count(http::name_of(o.method), o.route, o.status, o.duration);
        };
        SCHWARM_TRY(started, net::Server::start(std::move(options), router));
        server = std::move(started);
        return {};
    }

    Config config;
    Log& log;
    RequestMetrics requests;
    http::Router router;
    std::unique_ptr<net::Server> server;
};

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Node::~Node() {
    if (impl_) shut_down(std::chrono::milliseconds(0));
}

Result<std::unique_ptr<Node>> Node::start(Config config, Log& log) {
    auto impl = std::make_unique<Impl>(std::move(config), log);
    SCHWARM_TRY_VOID(impl->start());
    return std::unique_ptr<Node>(new Node(std::move(impl)));
}

std::uint16_t Node::port() const { return impl_->server->port(); }

void Node::shut_down(std::chrono::milliseconds grace) { impl_->server->stop(grace); }

}  // namespace schwarm::server
