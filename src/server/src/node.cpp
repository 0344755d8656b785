#include "schwarm/server/node.hpp"

#include <atomic>

#include "operations.hpp"
#include "runtime_metrics.hpp"
#include "schwarm/api/api.hpp"
#include "schwarm/api/v2.hpp"
#include "schwarm/http/router.hpp"
#include "schwarm/net/server.hpp"
#include "schwarm/pdf/weasyprint.hpp"
#include "schwarm/portal/portal.hpp"
#include "schwarm/server/assembly.hpp"

namespace schwarm::server {

// In the order in which they may be destroyed backwards: a Respond must not outlive its server,
// a server not its router, the handlers of a router not what they borrow.
struct Node::Impl {
    Impl(Config node_config, Log& node_log) : config(std::move(node_config)), log(node_log) {}

    Result<void> start();
    void write_all(MetricsText& text) const;

    Config config;
    Log& log;
    RequestMetrics requests;
    std::unique_ptr<Assembly> assembly;
    std::unique_ptr<pdf::WeasyPrintRenderer> pdf;
    std::unique_ptr<portal::Portal> portal;
    http::Router router;
    http::Router operations_router;
    std::unique_ptr<net::Server> server;
    std::unique_ptr<net::Server> operations;
    std::atomic<const net::Server*> listening{nullptr};  // server, once it is complete
    bool ended = false;
};

void Node::Impl::write_all(MetricsText& text) const {
    requests.write(text);
    write_metrics(assembly->runtime().metrics(), text);
    if (assembly->post() != nullptr) write_metrics(assembly->post()->metrics(), text);
    if (assembly->network() != nullptr) write_metrics(assembly->network()->view(), text);
    const net::Server* pages = listening.load();
    if (pages == nullptr) return;
    const net::Counts counts = pages->counts();
    text.single("schwarm_connections_open", "gauge", "Open connections.", counts.connections_open);
    text.single("schwarm_connections_total", "counter", "Accepted connections.",
                counts.connections_accepted);
    text.single("schwarm_connections_refused_total", "counter", "Over the limit.",
                counts.connections_refused);
    text.single("schwarm_requests_refused_total", "counter", "Malformed, too large, too slow.",
                counts.requests_refused);
    text.single("schwarm_body_bytes_held", "gauge", "Bodies being received.",
                counts.body_bytes_held);
}

Result<void> Node::Impl::start() {
    SCHWARM_TRY(opened, Assembly::open(config, log));
    assembly = std::move(opened);
    pdf = std::make_unique<pdf::WeasyPrintRenderer>();
    portal = std::make_unique<portal::Portal>(portal::Ports{
        .app = assembly->app(),
        .sessions = assembly->sessions(),
        .identities = assembly->identities(),
        .clock = assembly->clock(),
        .pdf = pdf.get(),
    });
    portal->add_routes(router);
    api::add_routes(router, {assembly->app(), assembly->sessions(), assembly->identities(),
                             config.packages.string()});
    api::add_v2_routes(
        router, {.runtime = assembly->runtime(),
                 .registry = assembly->registry(),
                 .deployments = assembly->deployments(),
                 .clients = assembly->clients(),
                 .identities = assembly->identities(),
                 .clock = assembly->clock(),
                 .random = assembly->random(),
                 .version = SCHWARM_VERSION,
                 .decisions = config.decisions,
                 .set_clock = config.test_clock
                                  ? [this](std::optional<Instant> at) { assembly->set_clock(at); }
                                  : std::function<void(std::optional<Instant>)>()});
    Probes probes;
    probes.reasons = [this] { return assembly->reasons(); };
    probes.metrics = [this](MetricsText& text) { write_all(text); };
    // Not for everybody: the warnings name members and their keys.
    const auto warnings = [this] {
        std::vector<std::string> out;
        if (assembly->network() == nullptr) return out;
        for (auto& warning : assembly->network()->view().warnings) out.push_back(warning.text);
        return out;
    };
    if (config.demo_identities) {
        probes.warnings = warnings;
        add_metrics(router, probes);
    }
    add_health(router, probes);
    if (config.operations) {
        probes.warnings = warnings;
        add_health(operations_router, probes);
        add_metrics(operations_router, probes);
        net::ServerOptions options;
        options.address = config.operations->address;
        options.port = config.operations->port;
        options.limits.connections_max = 50;
        SCHWARM_TRY(started, net::Server::start(std::move(options), operations_router));
        operations = std::move(started);
    }
    net::ServerOptions options;
    options.address = config.listen.address;
    options.port = config.listen.port;
    options.io_threads = config.listen.io_threads;
    options.limits.connections_max = config.listen.connections_max;
    options.hosts = config.listen.hosts;
    if (!config.listen.tls_certificate.empty()) {
        options.tls = net::TlsFiles{config.listen.tls_certificate, config.listen.tls_key};
    }
    options.observe = [this](const net::Observation& o) {
        requests.count(http::name_of(o.method), o.route, o.status, o.duration);
        if (log.debug_enabled()) {
            log.debug("request", {{"method", http::name_of(o.method)},
                                  {"route", o.route},
                                  {"status", o.status},
                                  {"micros", o.duration.count()}});
        }
    };
    SCHWARM_TRY(started, net::Server::start(std::move(options), router));
    server = std::move(started);
    listening = server.get();
    log.info("ready", {{"address", config.listen.address},
                       {"port", server->port()},
                       {"tls", config.listen.tls_certificate.empty() ? "no" : "yes"}});
    return {};
}

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Node::~Node() {
    if (impl_) shut_down(std::chrono::milliseconds(0));
}

Result<std::unique_ptr<Node>> Node::start(Config config, Log& log) {
    auto impl = std::make_unique<Impl>(std::move(config), log);
    SCHWARM_TRY_VOID(impl->start());
    return std::unique_ptr<Node>(new Node(std::move(impl)));
}

std::uint16_t Node::port() const {
    return impl_->server->port();
}

void Node::shut_down(std::chrono::milliseconds grace) {
    if (impl_->ended) return;
    impl_->ended = true;
    impl_->server->stop(grace);
    if (impl_->operations) impl_->operations->stop(std::chrono::milliseconds(100));
    // Whoever still waits is answered while servers and handlers are there.
    impl_->pdf.reset();
    impl_->assembly->close();
}

}  // namespace schwarm::server
