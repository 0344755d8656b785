#include "schwarm/net/client.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "tls.hpp"

namespace schwarm::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Tcp = asio::ip::tcp;
using ErrorCodeIo = boost::system::error_code;
using TlsStream = asio::ssl::stream<Tcp::socket>;

namespace {

using TlsContextPtr = std::shared_ptr<asio::ssl::context>;

struct Link {
    Link(asio::io_context& io, TlsContextPtr context) : tls(std::move(context)), stream(io, *tls) {}
    const TlsContextPtr tls;
    TlsStream stream;
    beast::flat_buffer buffer;
};
using LinkPtr = std::unique_ptr<Link>;

// A connection is used again only for the same place and the same keys.
std::string name_of(const Target& target) {
    std::string out = target.host + ":" + std::to_string(target.port);
    for (const std::string& key : target.keys) out += " " + key;
    return out;
}

Result<TlsContextPtr> make_tls(const TlsSource& source) {
    auto out = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    SCHWARM_TRY_VOID(use_certificate(*out, source));
    require_peer(*out);
    return out;
}

}  // namespace

class Exchange;

struct Client::Impl : std::enable_shared_from_this<Impl> {
    explicit Impl(ClientOptions client_options) : options(std::move(client_options)) {}

    LinkPtr take_idle(const std::string& name) {
        const auto it = idle.find(name);
        if (it == idle.end()) return nullptr;
        LinkPtr out = std::move(it->second.back());
        it->second.pop_back();
        if (it->second.empty()) idle.erase(it);
        return out;
    }
    void give_back(const std::string& name, LinkPtr link) {
        if (link->tls != tls) return;
        auto& links = idle[name];
        if (links.size() < options.idle_max) links.push_back(std::move(link));
    }

    const ClientOptions options;
    asio::io_context io{1};
    TlsContextPtr tls;  // of new connections
    std::map<std::string, std::vector<LinkPtr>> idle;
    std::set<Exchange*> under_way;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
    std::thread thread;
    std::atomic<bool> stopped = false;
};

// One request; lives on the client's thread, kept alive by its pending operation.
class Exchange : public std::enable_shared_from_this<Exchange> {
  public:
    Exchange(Client::Impl& client, Target target, std::function<void(Result<Answer>)> done)
        : client_(client),
          target_(std::move(target)),
          name_(name_of(target_)),
          done_(std::move(done)),
          resolver_(client.io),
          timer_(client.io) {
        client_.under_way.insert(this);
    }
    ~Exchange() { client_.under_way.erase(this); }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    void start(std::string content_type, std::string body) {
        request_.version(11);
        request_.method(beast::http::verb::post);
        request_.target(target_.path);
        request_.set(beast::http::field::host, target_.host);
        request_.set(beast::http::field::content_type, content_type);
        request_.body() = std::move(body);
        request_.prepare_payload();
        timer_.expires_after(client_.options.timeout);
        timer_.async_wait([self = shared_from_this()](const ErrorCodeIo& ec) {
            if (!ec) self->stop("no answer in time");
        });
        link_ = client_.take_idle(name_);
        if (link_ != nullptr) {
            reused_ = true;
            write();
        } else {
            connect();
        }
    }

    void stop(const std::string& reason) {
        finish(fail(ErrorCode::unavailable, target_.host + ": " + reason));
    }

  private:
    void connect() {
        reused_ = false;
        link_ = std::make_unique<Link>(client_.io, client_.tls);
        resolver_.async_resolve(
            target_.host, std::to_string(target_.port),
            [self = shared_from_this()](const ErrorCodeIo& ec, const auto& places) {
                if (self->over(ec)) return;
                asio::async_connect(self->link_->stream.next_layer(), places,
                                    [self](const ErrorCodeIo& failed, const Tcp::endpoint&) {
                                        if (!self->over(failed)) self->shake_hands();
                                    });
            });
    }

    void shake_hands() {
        ErrorCodeIo ignored;
        link_->stream.next_layer().set_option(Tcp::no_delay(true), ignored);
        link_->stream.async_handshake(asio::ssl::stream_base::client, [self = shared_from_this()](
                                                                          const ErrorCodeIo& ec) {
            if (self->over(ec)) return;
            const std::string key = peer_key(self->link_->stream.native_handle());
            const auto& keys = self->target_.keys;
            if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
                self->finish(fail(ErrorCode::crypto_failed,
                                  self->target_.host + " has another key than it should: " + key));
                return;
            }
            self->write();
        });
    }

    void write() {
        beast::http::async_write(link_->stream, request_,
                                 [self = shared_from_this()](const ErrorCodeIo& ec, std::size_t) {
                                     if (ec && self->again()) return;
                                     if (!self->over(ec)) self->read();
                                 });
    }

    void read() {
        parser_.emplace();
        parser_->body_limit(client_.options.answer_bytes_max);
        beast::http::async_read(
            link_->stream, link_->buffer, *parser_,
            [self = shared_from_this()](const ErrorCodeIo& ec, std::size_t) {
                if (ec == beast::http::error::body_limit) {
                    self->finish(fail(ErrorCode::limit_exceeded,
                                      self->target_.host + ": the answer is too long"));
                    return;
                }
                if (ec && self->again()) return;
                if (self->over(ec)) return;
                auto& message = self->parser_->get();
                Answer answer{static_cast<int>(message.result_int()), std::move(message.body())};
                if (message.keep_alive() && self->link_->buffer.size() == 0) {
                    self->client_.give_back(self->name_, std::move(self->link_));
                }
                self->finish(std::move(answer));
            });
    }

    // The other side may have closed what lay idle.
    bool again() {
        if (!reused_ || !done_) return false;
        connect();
        return true;
    }

    bool over(const ErrorCodeIo& ec) {
        if (!done_) return true;
        if (ec) stop(ec.message());
        return static_cast<bool>(ec);
    }

    void finish(Result<Answer> answer) {
        if (!done_) return;
        const auto done = std::exchange(done_, nullptr);
        timer_.cancel();
        resolver_.cancel();
        if (link_ != nullptr) {
            ErrorCodeIo ignored;
            link_->stream.next_layer().close(ignored);
        }
        done(std::move(answer));
    }

    Client::Impl& client_;
    const Target target_;
    const std::string name_;
    std::function<void(Result<Answer>)> done_;
    Tcp::resolver resolver_;
    asio::steady_timer timer_;
    LinkPtr link_;
    bool reused_ = false;
    beast::http::request<beast::http::string_body> request_;
    std::optional<beast::http::response_parser<beast::http::string_body>> parser_;
};

Client::Client(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Client>> Client::start(ClientOptions options) {
    SCHWARM_TRY(tls, make_tls(options.tls));
    options.tls = TlsFiles();
    auto impl = std::make_shared<Impl>(std::move(options));
    impl->tls = std::move(tls);
    impl->work.emplace(impl->io.get_executor());
    impl->thread = std::thread([raw = impl.get()] { raw->io.run(); });
    return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Client::~Client() {
    stop();
}

void Client::stop() {
    if (impl_->stopped.exchange(true)) return;
    asio::post(impl_->io, [impl = impl_.get()] {
        const std::set<Exchange*> left = impl->under_way;
        for (Exchange* exchange : left) exchange->stop("this node is stopping");
        impl->idle.clear();
        impl->work.reset();
    });
    impl_->thread.join();
}

Result<void> Client::renew(const TlsSource& source) {
    SCHWARM_TRY(tls, make_tls(source));
    asio::post(impl_->io, [impl = impl_.get(), tls = std::move(tls)]() mutable {
        impl->tls = std::move(tls);
        impl->idle.clear();
    });
    return {};
}

void Client::post(Target target, std::string content_type, std::string body,
                  std::function<void(Result<Answer>)> done) {
    if (impl_->stopped) {
        done(fail(ErrorCode::unavailable, "this node is stopping"));
        return;
    }
    asio::post(impl_->io,
               [impl = impl_.get(), target = std::move(target), type = std::move(content_type),
                body = std::move(body), done = std::move(done)]() mutable {
                   std::make_shared<Exchange>(*impl, std::move(target), std::move(done))
                       ->start(std::move(type), std::move(body));
               });
}

}  // namespace schwarm::net
