#include "http_connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <utility>

namespace schwarm::bench {
namespace {

Error broken() {
    return fail(ErrorCode::unavailable, "the connection to the node broke");
}

}  // namespace

Result<HttpConnection> HttpConnection::open(std::uint16_t port, std::string authorization) {
    const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0) return broken();
    HttpConnection out(s, std::move(authorization));
    const int on = 1;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return broken();
    }
    return out;
}

HttpConnection::HttpConnection(HttpConnection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      authorization_(std::move(other.authorization_)),
      buffer_(std::move(other.buffer_)) {}

HttpConnection::~HttpConnection() {
    if (socket_ >= 0) close(socket_);
}

Result<HttpAnswer> HttpConnection::post(std::string_view path, std::string_view body,
                                        std::string_view type) {
    std::string request = "POST ";
    request.append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ").append(type);
    request.append("\r\nAccept: application/json\r\nContent-Length: ");
    request.append(std::to_string(body.size()));
    if (!authorization_.empty()) request.append("\r\nAuthorization: ").append(authorization_);
    request.append("\r\n\r\n").append(body);
    for (std::size_t sent = 0; sent < request.size();) {
        const auto n = send(socket_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) return broken();
        sent += static_cast<std::size_t>(n);
    }
    return read_answer();
}

Result<HttpAnswer> HttpConnection::read_answer() {
    const auto receive = [this] {
        char chunk[16384];
        const auto n = recv(socket_, chunk, sizeof chunk, 0);
        if (n > 0) buffer_.append(chunk, static_cast<std::size_t>(n));
        return n > 0;
    };
    std::size_t head = 0;
    while ((head = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!receive()) return broken();
    }
    HttpAnswer out;
    std::from_chars(buffer_.data() + 9, buffer_.data() + 12, out.status);
    std::size_t length = 0;
    static constexpr std::string_view kLength = "\r\nContent-Length: ";
    const auto at = std::string_view(buffer_).substr(0, head).find(kLength);
    if (at != std::string_view::npos) {
        std::from_chars(buffer_.data() + at + kLength.size(), buffer_.data() + head, length);
    } else if (out.status != 204) {
        return fail(ErrorCode::internal, "an answer has no length");
    }
    while (buffer_.size() < head + 4 + length) {
        if (!receive()) return broken();
    }
    out.body = buffer_.substr(head + 4, length);
    buffer_.erase(0, head + 4 + length);
    return out;
}

}  // namespace schwarm::bench
