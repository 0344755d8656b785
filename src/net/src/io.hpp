// One io thread with its connections, and what all of them share.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>

#include "parser.hpp"
#include "schwarm/http/router.hpp"
#include "schwarm/net/server.hpp"

namespace schwarm::net {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Shared {
    Shared(ServerOptions server_options, const http::Router& server_router)
        : options(std::move(server_options)),
          router(server_router),
          budget(options.limits.body_bytes_total_max) {}

    ServerOptions options;
    const http::Router& router;
    BodyBudget budget;
    std::string site_headers;  // the same for every answer
    std::string id_prefix;     // of request ids; differs with each start
    std::atomic<std::uint64_t> next_id{1};
    std::atomic<std::uint64_t> open{0};
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> refused_connections{0};
    std::atomic<std::uint64_t> refused_requests{0};
};

// What an io thread can do with a connection whatever its stream is. Only on its io thread.
class ConnectionBase {
  public:
    virtual ~ConnectionBase() = default;
    // Closes it if its time is over.
    virtual void check_deadline(SteadyTime now) = 0;
    // Closes it if no request is under way; otherwise it closes behind the answer.
    virtual void finish() = 0;
    virtual void close() = 0;
};

class IoThread {
  public:
    explicit IoThread(Shared& shared);
    void start();
    // Closes what is idle, then everything at `until`; ends the thread. Waits for it.
    void begin_stop(SteadyTime until);
    void join();

    boost::asio::io_context& context() { return context_; }
    Shared& shared() { return shared_; }
    bool stopping() const { return stopping_; }
    void add(ConnectionBase* connection) { connections_.insert(connection); }
    void remove(ConnectionBase* connection);
    // "Date: ...\r\n" of this second.
    std::string_view date_header() const { return date_; }

  private:
    void tick();
    void schedule_tick();
    void update_date();

    Shared& shared_;
    // Before the context, whose end destroys the last connections.
    std::unordered_set<ConnectionBase*> connections_;
    boost::asio::io_context context_{1};
    boost::asio::steady_timer timer_{context_};
    std::string date_;
    bool stopping_ = false;
    SteadyTime stop_until_{};
    std::thread thread_;
};

}  // namespace schwarm::net
