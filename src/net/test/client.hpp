// A blocking client for tests: raw bytes over loopback.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace schwarm::net {

class TestClient {
  public:
    explicit TestClient(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval limit{20, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    ~TestClient() { close(fd_); }
    TestClient(const TestClient&) = delete;
    TestClient& operator=(const TestClient&) = delete;

    bool connected() const { return connected_; }
    int fd() const { return fd_; }

    // Whether everything was taken before the other side closed.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    // One answer with its body by Content-Length; empty if the connection ended before.
    std::string receive() {
        while (true) {
            const auto head_end = buffer_.find("\r\n\r\n");
            if (head_end != std::string::npos) {
                const std::size_t size = head_end + 4 + content_length(head_end);
                if (buffer_.size() >= size) {
                    std::string out = buffer_.substr(0, size);
                    buffer_.erase(0, size);
                    return out;
                }
            }
            if (!fill()) return {};
        }
    }

    // Everything until the other side closes.
    std::string receive_all() {
        while (fill()) {
        }
        return std::move(buffer_);
    }

    std::string ask(std::string_view bytes) {
        send(bytes);
        return receive();
    }

  private:
    bool fill() {
        char bytes[4096];
        const ssize_t n = recv(fd_, bytes, sizeof bytes, 0);
        if (n <= 0) return false;
        buffer_.append(bytes, static_cast<std::size_t>(n));
        return true;
    }
    std::size_t content_length(std::size_t head_end) const {
        const auto at = buffer_.find("Content-Length: ");
        if (at == std::string::npos || at > head_end) return 0;
        return std::stoul(buffer_.substr(at + 16));
    }

    int fd_;
    bool connected_ = false;
    std::string buffer_;
};

}  // namespace schwarm::net
