// An HTTP/1.1 server (RFC 9112) over TCP, with TLS where a certificate is given. The header to
// read first.
//
// Requests are read under limits, handed to a Router on an io thread, and answered in order, one at
// a time per connection; answers may come from any thread. Every answer gets the security headers
// of the site, and "Cache-Control: no-store" unless it has a Cache-Control of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/http/router.hpp"

namespace schwarm::net {

struct Limits {
    std::size_t header_bytes_max = 16 * 1024;
    std::size_t header_fields_max = 100;
    std::size_t connections_max = 1'000;
    // Bodies of all connections together; a request beyond it is answered 503.
    std::size_t body_bytes_total_max = 64U << 20;
    // From the first byte of a request to the end of its header.
    std::chrono::seconds header_timeout{10};
    // For the whole body, plus the time it takes at body_bytes_per_second_min.
    std::chrono::seconds body_timeout{20};
    std::size_t body_bytes_per_second_min = 16 * 1024;
    // Between two requests.
    std::chrono::seconds idle_timeout{60};
    // For a client to take an answer.
    std::chrono::seconds write_timeout{30};
};

struct TlsFiles {
    std::string certificate_chain;  // PEM
    std::string private_key;        // PEM
};

// The same where no file holds the key in the clear. Its memory is overwritten when it is destroyed
// or assigned to.
class TlsTexts {
  public:
    // `place` names both in errors.
    TlsTexts(std::string certificate_chain, std::string private_key, std::string place);
    ~TlsTexts();
    TlsTexts(const TlsTexts&) = default;
    TlsTexts(TlsTexts&&) = default;
    TlsTexts& operator=(TlsTexts other);

    const std::string& certificate_chain() const { return certificate_chain_; }  // PEM
    const std::string& private_key() const { return private_key_; }              // PEM
    const std::string& place() const { return place_; }

  private:
    std::string certificate_chain_;
    std::string private_key_;
    std::string place_;
};

using TlsSource = std::variant<TlsFiles, TlsTexts>;

// What happened, without personal data: for metrics and the log. `route` is the pattern that
// matched, empty if none did.
struct Observation {
    http::Method method{};
    std::string_view route;
    int status = 0;
    std::chrono::microseconds duration{};  // from the complete request to the answer
    std::size_t request_body_bytes = 0;
    std::size_t response_body_bytes = 0;
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free one
    int io_threads = 1;
    Limits limits;
    std::optional<TlsSource> tls;  // read at the start; not kept
    // For requests between nodes: TLS 1.3 only, and the client needs a certificate, of whatever
    // issuer; Request::peer_key says which key it has proven to hold.
    bool client_certificates = false;
    // Names (without port) that the Host field may have; empty: any. Guards a server on loopback
    // against pages of other sites that rebind their name.
    std::vector<std::string> hosts;
    // Called on the io threads; must not block.
    std::function<void(const Observation&)> observe;
};

struct Counts {
    std::uint64_t connections_open = 0;
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_refused = 0;  // over connections_max
    std::uint64_t requests_refused = 0;     // malformed, over a limit, too slow
    std::uint64_t body_bytes_held = 0;
};

// Thread-safe. The router must outlive the server and must not change; the server must outlive
// every Respond it gave out (stop() it first, then end who answers, then destroy it).
class Server {
  public:
    // Listens and starts the io threads. Errors: unavailable (address in use), invalid_input
    // (address, certificate, key), each with one sentence for the administrator.
    static Result<std::unique_ptr<Server>> start(ServerOptions options, const http::Router& router);
    // stop() without grace.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Another certificate and key for connections that come from now on. Only for a server that
    // began with some. invalid_input: they cannot be read, and nothing has changed.
    Result<void> renew(const TlsSource& source);

    std::uint16_t port() const;
    Counts counts() const;
    // Takes no more connections and requests, waits until those under way are answered (at most
    // `grace`), then closes everything. Answers given later are dropped.
    void stop(std::chrono::milliseconds grace);

  private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::net
