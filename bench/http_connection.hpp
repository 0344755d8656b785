// One kept-alive HTTP/1.1 connection to 127.0.0.1, for load generators that do one thing after the
// other. Not thread-safe; closed by the destructor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"

namespace schwarm::bench {

struct HttpAnswer {
    int status = 0;
    std::string body;
};

class HttpConnection {
  public:
    // `authorization`: the header's value, or empty.
    static Result<HttpConnection> open(std::uint16_t port, std::string authorization);
    HttpConnection(HttpConnection&& other) noexcept;
    HttpConnection& operator=(HttpConnection&&) = delete;
    ~HttpConnection();

    // Errors: unavailable (the connection broke), internal (an answer without a length).
    Result<HttpAnswer> post(std::string_view path, std::string_view body,
                            std::string_view type = "application/json");

  private:
    HttpConnection(int socket, std::string authorization)
        : socket_(socket), authorization_(std::move(authorization)) {}
    Result<HttpAnswer> read_answer();

    int socket_ = -1;
    std::string authorization_;
    std::string buffer_;
};

}  // namespace schwarm::bench
