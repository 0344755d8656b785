// One connection: reads requests, hands them to the router one at a time, writes the answers.
//
// Lives on its io thread; shared_ptrs in pending operations and in the Respond keep it alive. Only
// send() may be called from other threads.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "answer.hpp"
#include "io.hpp"
#include "tls.hpp"

namespace schwarm::net {

using Tcp = boost::asio::ip::tcp;
using TlsStream = boost::asio::ssl::stream<Tcp::socket>;
using ErrorCodeIo = boost::system::error_code;

template <class Stream>
class Connection final : public ConnectionBase,
                         public http::Respond::Sink,
                         public std::enable_shared_from_this<Connection<Stream>> {
  public:
    Connection(IoThread& io, Stream stream, std::string remote)
        : io_(io),
          stream_(std::move(stream)),
          remote_(std::move(remote)),
          parser_(io.shared().router, io.shared().options.limits, io.shared().budget,
                  io.shared().options.hosts),
          buffer_(std::make_unique<char[]>(limits().header_bytes_max)) {
        io_.add(this);
        io_.shared().open.fetch_add(1, std::memory_order_relaxed);
    }
    ~Connection() override {
        io_.shared().open.fetch_sub(1, std::memory_order_relaxed);
        io_.remove(this);
    }

    void start() {
        phase_ = Phase::header;
        set_deadline(limits().header_timeout);
        if constexpr (std::is_same_v<Stream, TlsStream>) {
            stream_.async_handshake(
                boost::asio::ssl::stream_base::server, [self = self()](const ErrorCodeIo& ec) {
                    if (ec) return;
                    if (self->io_.shared().options.client_certificates) {
                        self->peer_key_ = peer_key(self->stream_.native_handle());
                    }
                    self->await_request();
                });
        } else {
            await_request();
        }
    }

    // --- http::Respond::Sink ---
    void send(http::Response response) override {
        if (io_.context().get_executor().running_in_this_thread() && dispatching_) {
            answer_ = std::move(response);
            return;
        }
        boost::asio::post(io_.context(), [self = self(), r = std::move(response)]() mutable {
            self->write(std::move(r));
        });
    }

    // --- ConnectionBase ---
    void check_deadline(SteadyTime now) override {
        if (phase_ == Phase::handling || now < deadline_) return;
        const bool in_request =
            (phase_ == Phase::header && parser_.started()) || phase_ == Phase::body;
        if (!in_request) {
            close();
            return;
        }
        // The pending read ends with an error that is ignored because the phase has changed.
        auto keep = self();
        refuse(408, fail(ErrorCode::unavailable, "the request came too slowly"));
    }
    void finish() override {
        close_after_ = true;
        if (phase_ == Phase::idle || (phase_ == Phase::header && !parser_.started())) close();
    }
    void close() override {
        phase_ = Phase::closed;
        ErrorCodeIo ignored;
        socket().close(ignored);
    }

  private:
    // header: waiting for or reading a header. handling: a handler has the request.
    enum class Phase { idle, header, body, handling, writing, lingering, closed };

    std::shared_ptr<Connection> self() { return this->shared_from_this(); }
    const Limits& limits() const { return io_.shared().options.limits; }
    Tcp::socket& socket() {
        if constexpr (std::is_same_v<Stream, TlsStream>) {
            return stream_.next_layer();
        } else {
            return stream_;
        }
    }
    void set_deadline(std::chrono::nanoseconds from_now) {
        deadline_ = std::chrono::steady_clock::now() +
                    std::chrono::duration_cast<SteadyTime::duration>(from_now);
    }

    void await_request() {
        if (phase_ == Phase::closed) return;
        phase_ = Phase::idle;
        continue_sent_ = false;
        if (begin_ < end_) {
            parse();
            return;
        }
        begin_ = end_ = 0;
        set_deadline(limits().idle_timeout);
        read();
    }

    void read() {
        if (begin_ > 0) {
            std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        stream_.async_read_some(
            boost::asio::buffer(buffer_.get() + end_, limits().header_bytes_max - end_),
            [self = self()](const ErrorCodeIo& ec, std::size_t size) {
                if (self->phase_ != Phase::idle && self->phase_ != Phase::header &&
                    self->phase_ != Phase::body) {
                    return;
                }
                if (ec) {
                    self->close();
                    return;
                }
                self->end_ += size;
                self->parse();
            });
    }

    void parse() {
        if (phase_ == Phase::idle) {
            phase_ = Phase::header;
            set_deadline(limits().header_timeout);
        }
        std::size_t used = 0;
        const auto state = parser_.put({buffer_.get() + begin_, end_ - begin_}, used);
        begin_ += used;
        if (state == Parser::State::refused) {
            refuse(parser_.refused_status(), parser_.refused_error());
        } else if (state == Parser::State::complete) {
            dispatch();
        } else {
            if (phase_ == Phase::header && parser_.header_done()) {
                phase_ = Phase::body;
                set_deadline(limits().body_timeout +
                             std::chrono::seconds(parser_.declared_body_bytes() /
                                                  limits().body_bytes_per_second_min));
            }
            if (parser_.wants_continue() && !continue_sent_) {
                send_continue();
            } else {
                read();
            }
        }
    }

    void send_continue() {
        continue_sent_ = true;
        static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        boost::asio::async_write(stream_, boost::asio::buffer(kContinue),
                                 [self = self()](const ErrorCodeIo& ec, std::size_t) {
                                     if (self->phase_ != Phase::body) return;
                                     if (ec) {
                                         self->close();
                                     } else {
                                         self->read();
                                     }
                                 });
    }

    void prepare_request() {
        http::Request& request = parser_.request();
        Shared& shared = io_.shared();
        request.remote = remote_;
        request.peer_key = peer_key_;
        request.secure = std::is_same_v<Stream, TlsStream>;
        request.id = shared.id_prefix +
                     std::to_string(shared.next_id.fetch_add(1, std::memory_order_relaxed));
        began_ = std::chrono::steady_clock::now();
    }

    void dispatch() {
        phase_ = Phase::handling;
        prepare_request();
        if (!parser_.keep_alive() || io_.stopping()) close_after_ = true;
        dispatching_ = true;
        io_.shared().router.dispatch(parser_.request(), http::Respond(self()));
        dispatching_ = false;
        if (answer_) {
            http::Response response = std::move(*answer_);
            answer_.reset();
            write(std::move(response));
        }
    }

    void refuse(int status, const Error& error) {
        io_.shared().refused_requests.fetch_add(1, std::memory_order_relaxed);
        prepare_request();
        close_after_ = true;
        refused_ = true;
        phase_ = Phase::handling;
        write(io_.shared().router.error_response(parser_.request(), error, status));
    }

    void write(http::Response response) {
        if (phase_ != Phase::handling) return;
        phase_ = Phase::writing;
        response_ = std::move(response);
        const http::Request& request = parser_.request();
        const std::string_view content =
            body_allowed(request.method, response_.status) ? response_.content() : "";
        observe(content.size());
        head_.clear();
        append_head(head_, response_, close_after_, io_.shared().site_headers, io_.date_header());
        set_deadline(limits().write_timeout +
                     std::chrono::seconds(content.size() / limits().body_bytes_per_second_min));
        const std::array<boost::asio::const_buffer, 2> buffers{
            boost::asio::buffer(head_), boost::asio::buffer(content.data(), content.size())};
        boost::asio::async_write(
            stream_, buffers,
            [self = self()](const ErrorCodeIo& ec, std::size_t) { self->on_written(ec); });
    }

    void on_written(const ErrorCodeIo& ec) {
        if (phase_ != Phase::writing) return;
        response_ = http::Response{};
        parser_.reset();
        if (ec) {
            close();
        } else if (refused_) {
            linger();
        } else if (close_after_) {
            close();
        } else {
            await_request();
        }
    }

    // Takes what the client is still sending for a while, so that it can read the answer before
    // its connection breaks (RFC 9112 clause 9.6).
    void linger() {
        phase_ = Phase::lingering;
        ErrorCodeIo ec;
        socket().shutdown(Tcp::socket::shutdown_send, ec);
        if (ec) {
            close();
            return;
        }
        set_deadline(std::chrono::seconds(5));
        discard(64U << 20);
    }
    void discard(std::size_t budget) {
        socket().async_read_some(boost::asio::buffer(buffer_.get(), limits().header_bytes_max),
                                 [self = self(), budget](const ErrorCodeIo& ec, std::size_t size) {
                                     if (ec || size >= budget || self->phase_ != Phase::lingering) {
                                         self->close();
                                     } else {
                                         self->discard(budget - size);
                                     }
                                 });
    }

    void observe(std::size_t content_bytes) {
        const auto& observer = io_.shared().options.observe;
        if (!observer) return;
        const http::Request& request = parser_.request();
        Observation o;
        o.method = request.method;
        o.route = request.route;
        o.status = response_.status;
        o.duration = std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now() - began_);
        o.request_body_bytes = request.body.size();
        o.response_body_bytes = content_bytes;
        observer(o);
    }

    IoThread& io_;
    Stream stream_;
    std::string remote_;
    std::string peer_key_;
    Parser parser_;
    std::unique_ptr<char[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    Phase phase_ = Phase::idle;
    SteadyTime deadline_{};
    SteadyTime began_{};
    bool dispatching_ = false;
    bool close_after_ = false;
    bool refused_ = false;  // the client may still be sending
    bool continue_sent_ = false;
    std::optional<http::Response> answer_;
    http::Response response_;
    std::string head_;
};

}  // namespace schwarm::net
