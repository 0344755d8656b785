#include "schwarm/net/server.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>

#include <mutex>

#include "connection.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/base/clock.hpp"

namespace schwarm::net {
namespace {

namespace asio = boost::asio;

std::string random_prefix() {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::array<std::byte, 4> bytes{};
    SystemRandom().fill(bytes);
    std::string out;
    for (const std::byte b : bytes) {
        out.push_back(kDigits[std::to_integer<unsigned>(b) >> 4]);
        out.push_back(kDigits[std::to_integer<unsigned>(b) & 15]);
    }
    return out + "-";
}

Result<std::unique_ptr<asio::ssl::context>> make_tls(const ServerOptions& options,
                                                     const TlsSource& source) {
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    ErrorCodeIo ignored;
    context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                             asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_compression,
                         ignored);
    SCHWARM_TRY_VOID(use_certificate(*context, source));
    if (options.client_certificates) require_peer(*context);
    return context;
}

}  // namespace

struct Server::Impl {
    Impl(ServerOptions options, const http::Router& router) : shared(std::move(options), router) {}

    void accept_next() {
        acceptor->async_accept(next_io().context(),
                               [this](const ErrorCodeIo& ec, Tcp::socket socket) {
                                   on_accept(ec, std::move(socket));
                               });
    }

    void on_accept(const ErrorCodeIo& ec, Tcp::socket socket) {
        if (ec == asio::error::operation_aborted || !acceptor->is_open()) return;
        IoThread& io = *threads[turn];
        turn = (turn + 1) % threads.size();
        if (ec) {
            // Out of file descriptors or memory: wait until something has been closed.
            retry->expires_after(std::chrono::milliseconds(200));
            retry->async_wait([this](const ErrorCodeIo& cancelled) {
                if (!cancelled) accept_next();
            });
            return;
        }
        shared.accepted.fetch_add(1, std::memory_order_relaxed);
        if (shared.open.load() >= shared.options.limits.connections_max) {
            shared.refused_connections.fetch_add(1, std::memory_order_relaxed);
            refuse(std::move(socket));
        } else {
            asio::post(io.context(),
                       [this, &io, s = std::move(socket)]() mutable { begin(io, std::move(s)); });
        }
        accept_next();
    }

    static void refuse(Tcp::socket socket) {
        static constexpr std::string_view kFull =
            "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\n"
            "Content-Length: 0\r\n\r\n";
        ErrorCodeIo ignored;
        socket.non_blocking(true, ignored);
        socket.write_some(asio::buffer(kFull), ignored);
        socket.shutdown(Tcp::socket::shutdown_send, ignored);
    }

    void begin(IoThread& io, Tcp::socket socket) {
        ErrorCodeIo ec;
        if (io.stopping()) return;
        socket.set_option(Tcp::no_delay(true), ec);
        const auto peer = socket.remote_endpoint(ec);
        if (ec) return;
        std::string remote = peer.address().to_string();
        if (asio::ssl::context* newest = newest_tls()) {
            std::make_shared<Connection<TlsStream>>(io, TlsStream(std::move(socket), *newest),
                                                    std::move(remote))
                ->start();
        } else {
            std::make_shared<Connection<Tcp::socket>>(io, std::move(socket), std::move(remote))
                ->start();
        }
    }

    asio::ssl::context* newest_tls() const {
        const std::lock_guard lock(tls_mutex);
        return tls.empty() ? nullptr : tls.back().get();
    }
    void use(std::unique_ptr<asio::ssl::context> context) {
        const std::lock_guard lock(tls_mutex);
        tls.push_back(std::move(context));
    }

    IoThread& next_io() { return *threads[turn]; }

    Result<void> listen() {
        const ServerOptions& options = shared.options;
        ErrorCodeIo ec;
        const auto address = asio::ip::make_address(options.address, ec);
        if (ec) {
            return fail(ErrorCode::invalid_input,
                        "'" + options.address + "' is not an IP address to listen on");
        }
        const Tcp::endpoint endpoint(address, options.port);
        acceptor = std::make_unique<Tcp::acceptor>(threads.front()->context());
        retry = std::make_unique<asio::steady_timer>(threads.front()->context());
        acceptor->open(endpoint.protocol(), ec);
        if (!ec) acceptor->set_option(Tcp::acceptor::reuse_address(true), ec);
        if (!ec) acceptor->bind(endpoint, ec);
        if (!ec) acceptor->listen(1024, ec);
        if (ec) {
            return fail(ErrorCode::unavailable, "cannot listen on " + options.address + " port " +
                                                    std::to_string(options.port) + ": " +
                                                    ec.message());
        }
        bound_port = acceptor->local_endpoint(ec).port();
        return {};
    }

    void stop(std::chrono::milliseconds grace) {
        if (stopped) return;
        stopped = true;
        asio::post(threads.front()->context(), [this] {
            ErrorCodeIo ignored;
            acceptor->close(ignored);
            retry->cancel();
        });
        const SteadyTime until = std::chrono::steady_clock::now() + grace;
        for (auto& thread : threads) thread->begin_stop(until);
        for (auto& thread : threads) thread->join();
    }

    Shared shared;
    mutable std::mutex tls_mutex;
    // The last one is for new connections; others may be of the older ones.
    std::vector<std::unique_ptr<asio::ssl::context>> tls;
    std::vector<std::unique_ptr<IoThread>> threads;
    std::unique_ptr<Tcp::acceptor> acceptor;
    std::unique_ptr<asio::steady_timer> retry;
    std::size_t turn = 0;
    std::uint16_t bound_port = 0;
    bool stopped = false;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
    if (impl_) impl_->stop(std::chrono::milliseconds(0));
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, const http::Router& router) {
    auto impl = std::make_unique<Impl>(std::move(options), router);
    if (impl->shared.options.client_certificates && !impl->shared.options.tls) {
        return fail(ErrorCode::invalid_input, "certificates of clients need one of the server");
    }
    if (impl->shared.options.tls) {
        SCHWARM_TRY(tls, make_tls(impl->shared.options, *impl->shared.options.tls));
        impl->use(std::move(tls));
        impl->shared.options.tls.reset();
    }
    impl->shared.site_headers = site_headers(impl->newest_tls() != nullptr);
    impl->shared.id_prefix = random_prefix();
    for (int i = 0; i < std::max(1, impl->shared.options.io_threads); ++i) {
        impl->threads.push_back(std::make_unique<IoThread>(impl->shared));
    }
    SCHWARM_TRY_VOID(impl->listen());
    impl->accept_next();
    for (auto& thread : impl->threads) thread->start();
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Result<void> Server::renew(const TlsSource& source) {
    CHECK(impl_->newest_tls() != nullptr, "a server without TLS has no certificate");
    SCHWARM_TRY(tls, make_tls(impl_->shared.options, source));
    impl_->use(std::move(tls));
    return {};
}

std::uint16_t Server::port() const {
    return impl_->bound_port;
}

Counts Server::counts() const {
    const Shared& shared = impl_->shared;
    return Counts{shared.open.load(), shared.accepted.load(), shared.refused_connections.load(),
                  shared.refused_requests.load(), shared.budget.held()};
}

void Server::stop(std::chrono::milliseconds grace) {
    impl_->stop(grace);
}

}  // namespace schwarm::net
