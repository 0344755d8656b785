// Reads one request after the other from bytes as they come, without sockets. Wraps Beast's parser
// so that only one translation unit includes it.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/http/router.hpp"
#include "schwarm/net/server.hpp"

namespace schwarm::net {

// Body bytes of all connections, so that many uploads at once cannot fill the memory. Thread-safe.
class BodyBudget {
  public:
    explicit BodyBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}
    bool take(std::size_t bytes) {
        if (held_.fetch_add(bytes) + bytes <= bytes_max_) return true;
        held_.fetch_sub(bytes);
        return false;
    }
    void give_back(std::size_t bytes) { held_.fetch_sub(bytes); }
    std::size_t held() const { return held_.load(); }

  private:
    std::size_t bytes_max_;
    std::atomic<std::size_t> held_{0};
};

// Used by one thread. What it is given by reference must outlive it.
class Parser {
  public:
    enum class State { needs_more, complete, refused };

    Parser(const http::Router& router, const Limits& limits, BodyBudget& budget,
           const std::vector<std::string>& hosts);
    ~Parser();

    // Takes bytes from the front of `data` and says how many in `used`; the rest must be offered
    // again with more behind it. Not to be called again after complete or refused before reset().
    State put(std::string_view data, std::size_t& used);

    bool started() const;  // any byte of this request was seen
    bool header_done() const;
    bool wants_continue() const;              // Expect: 100-continue
    bool keep_alive() const;                  // after complete
    std::size_t declared_body_bytes() const;  // 0 if chunked or absent

    // After refused: what to answer; the connection must be closed behind it.
    int refused_status() const;
    const Error& refused_error() const;

    http::Request& request();
    // Gives back the budget and starts the next request.
    void reset();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::net
