// Requests and responses of HTTP (RFC 9110), without sockets. The header to read first.
//
// Handlers are asynchronous, because an answer is given only after the durable commit: a handler
// gets the request and a Respond, and calls the latter exactly once, now or later, from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/http/fields.hpp"

namespace schwarm::http {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, other };
std::string_view name_of(Method method);  // "GET"
Method method_of(std::string_view name);

// A request, complete with its body. Header and body limits were kept before it came here.
struct Request {
    Method method = Method::get;
    std::string path;    // percent-decoded, valid UTF-8, starts with '/', no dot segments, no NUL
    std::string query;   // raw, without '?'; parsed by query_fields()
    std::string target;  // both as they came by the wire, for who signs or hashes them
    Headers headers;
    std::string body;
    std::string remote;   // address of the peer, for limits only; never logged
    std::string id;       // of this request, for logs and problem answers
    bool secure = false;  // came by TLS
    // SHA-256 of the SubjectPublicKeyInfo of the client's certificate, hexadecimal; empty: none.
    std::string peer_key;
    // Set by Router::dispatch: values of {param}, percent-decoded, and the pattern that matched.
    Fields params;
    std::string_view route;

    std::string_view param(std::string_view name) const { return params.get(name); }
    std::string_view header(std::string_view name) const { return headers.get(name); }
    // The media type without parameters, in lower case: "application/json".
    std::string content_type() const;
    // The value of a cookie; nullopt if there is none.
    std::optional<std::string> cookie(std::string_view name) const;
    // invalid_input if the query is not well-formed.
    Result<Fields> query_fields() const;
};

enum class SameSite : std::uint8_t { strict, lax };

// A cookie to set (RFC 6265). Always HttpOnly, and for the whole site.
struct Cookie {
    std::string name;
    std::string value;                            // token characters; CHECKed
    std::optional<std::int64_t> max_age_seconds;  // none: ends with the browser; 0: delete
    bool secure = false;                          // request.secure
    SameSite same_site = SameSite::lax;
};

// The answer. Date, Content-Length, Connection and the security headers are added by net;
// "Cache-Control: no-store" too unless the answer has a Cache-Control of its own.
struct Response {
    int status = 200;
    Headers headers;
    std::string body;
    // Instead of body: bytes that somebody else keeps (the program image) or shares.
    std::string_view static_body;
    std::shared_ptr<const std::string> shared_body;

    std::string_view content() const {
        return shared_body ? std::string_view(*shared_body)
                           : (static_body.empty() ? std::string_view(body) : static_body);
    }
    Response& header(std::string name, std::string value);
    Response& set_cookie(const Cookie& cookie);

    static Response make(int status, std::string_view content_type, std::string body);
    static Response html(std::string body, int status = 200);
    static Response json(std::string body, int status = 200);
    static Response text(std::string body, int status = 200);
    static Response empty(int status = 204);
    // 303 See Other: after a form was taken. `location` must be a path of this site (CHECKed).
    static Response see_other(std::string location);
};
std::string_view reason_phrase(int status);

// application/problem+json (RFC 9457) from an Error: status, title from the error table, detail
// from its message (not for `internal`, `corrupt`, `crypto_failed`, whose messages are for logs),
// code, where, request id. Retryable ones get Retry-After. `status` replaces that of the table.
Response problem(const Error& error, std::string_view request_id = {}, int status = 0);

// One body from somebody who may answer later.
class Respond {
  public:
    // Takes the answer of one request.
    class Sink {
      public:
        virtual ~Sink() = default;
        // Called at most once, from any thread.
        virtual void send(Response response) = 0;
    };

    explicit Respond(std::shared_ptr<Sink> sink);
    // For tests and for handlers wrapping another one.
    explicit Respond(std::function<void(Response)> send);

    // The first call counts; a second one is a programmer's error and is ignored. If the last copy
    // dies without a call, 500 is answered. Thread-safe.
    void operator()(Response response) const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

// `request` lives until Respond was called (or its last copy died); copy what is needed longer.
using Handler = std::function<void(const Request&, Respond)>;

}  // namespace schwarm::http
