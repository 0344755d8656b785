// An HTTP/1.1 client for requests between nodes: TLS 1.3 with the certificates of both sides. Whom
// it talks to is proven by the key of the other's certificate, not by a name or an authority.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/net/server.hpp"

namespace schwarm::net {

struct ClientOptions {
    TlsSource tls;  // its own certificate and key; read at the start, not kept
    // From the request to the whole answer, connecting included.
    std::chrono::milliseconds timeout{std::chrono::seconds(30)};
    std::size_t answer_bytes_max = std::size_t{8} << 20;
    // Connections to one target that are kept for the next request.
    std::size_t idle_max = 4;
};

struct Target {
    std::string host;  // name or address
    std::uint16_t port = 0;
    std::string path;  // begins with '/'
    // Acceptable keys of its certificate: SHA-256 of the SubjectPublicKeyInfo, hexadecimal.
    std::vector<std::string> keys;
};

struct Answer {
    int status = 0;
    std::string body;
};

// Thread-safe.
class Client {
  public:
    // invalid_input: certificate or key cannot be read.
    static Result<std::unique_ptr<Client>> start(ClientOptions options);
    // stop().
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // POST. `done` is called exactly once, on the client's thread. unavailable: not reached, cut
    // off, too slow; crypto_failed: the other's key is none of those; limit_exceeded: too long an
    // answer. A connection that broke while it was idle is replaced, so that a request may arrive
    // twice.
    void post(Target target, std::string content_type, std::string body,
              std::function<void(Result<Answer>)> done);

    // Another certificate and key for all connections from now on; those that lie idle are closed.
    // invalid_input: they cannot be read, and nothing has changed.
    Result<void> renew(const TlsSource& source);

    // Requests under way are answered `unavailable`, later ones at once, on the calling thread. Not
    // from a callback.
    void stop();

    struct Impl;

  private:
    explicit Client(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace schwarm::net
