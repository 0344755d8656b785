// Finds the handler of a request by method and path.
//
//   router.get("/vorgaenge/{number}", handler);        one segment, percent-decoded
//   router.get("/static/{path...}", handler);          the rest of the path, at the end only
//
// A literal segment goes before {param}, that before {rest...}. HEAD is answered by the GET handler
// (net leaves the body out), OPTIONS by the list of methods. Unknown path: 404; known path, other
// method: 405 with Allow; both as problem+json unless on_error says otherwise.
//
// Built once at the start, then const and thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "schwarm/http/message.hpp"

namespace schwarm::http {

inline constexpr std::size_t kBodyBytesMax = 1U << 20;     // ordinary requests
inline constexpr std::size_t kUploadBytesMax = 10U << 20;  // routes that take files

struct RouteOptions {
    std::size_t body_bytes_max = kBodyBytesMax;
};

class Router {
  public:
    Router();
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;

    // CHECKs that the pattern is well-formed and not there already.
    void add(Method method, std::string pattern, Handler handler, RouteOptions options = {});
    void get(std::string pattern, Handler handler) {
        add(Method::get, std::move(pattern), std::move(handler));
    }
    void post(std::string pattern, Handler handler, RouteOptions options = {}) {
        add(Method::post, std::move(pattern), std::move(handler), options);
    }
    void put(std::string pattern, Handler handler, RouteOptions options = {}) {
        add(Method::put, std::move(pattern), std::move(handler), options);
    }
    void del(std::string pattern, Handler handler) {
        add(Method::del, std::move(pattern), std::move(handler));
    }

    // How errors of routing and of net (413, 408, 431 ...) look: the portal may give a page to
    // browsers. Answers synchronously.
    using ErrorPage = std::function<Response(const Request&, const Error&, int status)>;
    void on_error(ErrorPage page);
    Response error_response(const Request& request, const Error& error, int status) const;

    // What a request for this path may carry, known before its body is read. Paths that lead
    // nowhere get kBodyBytesMax.
    std::size_t body_bytes_max(Method method, std::string_view path) const;

    // Sets request.params and request.route and calls the handler, or answers the error. An
    // exception out of the handler is answered with 500.
    void dispatch(Request& request, Respond respond) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::http
