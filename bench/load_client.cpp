#include "load_client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>

#include "schwarm/server/stopwatch.hpp"

namespace schwarm::bench {
namespace {

constexpr std::size_t kKeyDigits = 12;

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// A whole request whose key digits are patched in place.
struct Prepared {
    std::string bytes;
    std::size_t key_at = 0;
};

Prepared prepare(const LoadOptions& options, const std::string& body) {
    Prepared out;
    out.bytes = "POST " + options.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    if (!options.token.empty()) out.bytes += "Authorization: Bearer " + options.token + "\r\n";
    out.bytes += "Content-Type: application/json\r\nIdempotency-Key: " + options.key_prefix + "-";
    out.key_at = out.bytes.size();
    out.bytes += std::string(kKeyDigits, '0');
    out.bytes += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    return out;
}

struct Connection {
    int fd = -1;
    std::string out;
    std::size_t sent = 0;
    std::string in;
    std::chrono::nanoseconds began{};
    bool busy = false;
    ~Connection() {
        if (fd >= 0) close(fd);
    }
};

Result<int> connect_to(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        close(fd);
        return fail(ErrorCode::unavailable,
                    "cannot connect to 127.0.0.1 port " + std::to_string(port));
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

// Size of the answer at the front of `in`; 0 while incomplete, npos if it is none.
std::size_t answer_size(std::string_view in, int& status) {
    const auto head_end = in.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return 0;
    if (head_end < 12 || !in.starts_with("HTTP/1.1 ")) return std::string_view::npos;
    std::from_chars(in.data() + 9, in.data() + 12, status);
    static constexpr std::string_view kLength = "\r\nContent-Length: ";
    std::size_t length = 0;
    const auto at = in.substr(0, head_end).find(kLength);
    if (at != std::string_view::npos) {
        std::from_chars(in.data() + at + kLength.size(), in.data() + head_end + 2, length);
    }
    const std::size_t size = head_end + 4 + length;
    return in.size() >= size ? size : 0;
}

class Generator {
  public:
    explicit Generator(const LoadOptions& options) : options_(options) {
        for (const std::string& body : options.bodies) prepared_.push_back(prepare(options, body));
        epoll_ = epoll_create1(EPOLL_CLOEXEC);
    }
    ~Generator() { close(epoll_); }

    Result<LoadResult> run() {
        for (int i = 0; i < options_.connections; ++i) SCHWARM_TRY_VOID(connect_one());
        for (auto& connection : connections_) SCHWARM_TRY_VOID(next(*connection));
        SCHWARM_TRY_VOID(loop(options_.warm_up_seconds));
        result_ = LoadResult{};
        if (options_.on_measuring) options_.on_measuring();
        const double cpu = cpu_seconds();
        const server::Stopwatch watch;
        SCHWARM_TRY_VOID(loop(options_.seconds));
        result_.seconds = watch.seconds();
        result_.cpu_seconds = cpu_seconds() - cpu;
        stopping_ = true;
        LoadResult measured = result_;
        SCHWARM_TRY_VOID(loop(30));  // what is under way is answered too, but not counted
        return measured;
    }

  private:
    Result<void> connect_one() {
        auto connection = std::make_unique<Connection>();
        SCHWARM_TRY(fd, connect_to(options_.port));
        connection->fd = fd;
        fcntl(connection->fd, F_SETFL, O_NONBLOCK);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = connection.get();
        epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->fd, &event);
        connections_.push_back(std::move(connection));
        return {};
    }

    Result<void> next(Connection& connection) {
        const Prepared& prepared = prepared_[counter_ % prepared_.size()];
        connection.out = prepared.bytes;
        std::uint64_t rest = counter_++;
        for (std::size_t i = kKeyDigits; i-- > 0; rest /= 10) {
            connection.out[prepared.key_at + i] = static_cast<char>('0' + rest % 10);
        }
        connection.sent = 0;
        connection.busy = true;
        ++busy_;
        connection.began = server::monotonic_now();
        return flush(connection);
    }

    Result<void> flush(Connection& connection) {
        while (connection.sent < connection.out.size()) {
            const ssize_t n = send(connection.fd, connection.out.data() + connection.sent,
                                   connection.out.size() - connection.sent, MSG_NOSIGNAL);
            if (n < 0 && errno == EAGAIN) {
                watch(connection, EPOLLIN | EPOLLOUT);
                return {};
            }
            if (n <= 0) return fail(ErrorCode::unavailable, "the server closed a connection");
            connection.sent += static_cast<std::size_t>(n);
            result_.bytes_sent += static_cast<std::uint64_t>(n);
        }
        return {};
    }

    void watch(Connection& connection, std::uint32_t events) {
        epoll_event event{};
        event.events = events;
        event.data.ptr = &connection;
        epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
    }

    Result<void> receive(Connection& connection) {
        std::array<char, 16384> bytes;
        const ssize_t n = recv(connection.fd, bytes.data(), bytes.size(), 0);
        if (n < 0 && errno == EAGAIN) return {};
        if (n <= 0) return fail(ErrorCode::unavailable, "the server closed a connection");
        connection.in.append(bytes.data(), static_cast<std::size_t>(n));
        result_.bytes_received += static_cast<std::uint64_t>(n);
        int status = 0;
        const std::size_t size = answer_size(connection.in, status);
        if (size == 0) return {};
        if (size == std::string::npos) return fail(ErrorCode::internal, "an answer is no HTTP");
        finish(connection, status, size);
        return stopping_ ? Result<void>{} : next(connection);
    }

    void finish(Connection& connection, int status, std::size_t size) {
        ++result_.requests;
        ++result_.by_status[status];
        if (status != 200 && status != 201 && result_.first_failure.empty()) {
            result_.first_failure = connection.in.substr(0, size);
        }
        if (!options_.count_text.empty() &&
            std::string_view(connection.in).substr(0, size).find(options_.count_text) !=
                std::string_view::npos) {
            ++result_.counted;
        }
        const auto took = server::monotonic_now() - connection.began;
        result_.latencies_micros.push_back(
            static_cast<std::uint32_t>(std::min<std::int64_t>(took.count() / 1000, UINT32_MAX)));
        connection.in.erase(0, size);
        connection.busy = false;
        --busy_;
    }

    Result<void> loop(double seconds) {
        const server::Stopwatch watch_time;
        std::array<epoll_event, 256> events;
        while (true) {
            const double left = seconds - watch_time.seconds();
            if (left <= 0 || (stopping_ && busy_ == 0)) return {};
            const int n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                     static_cast<int>(left * 1000) + 1);
            for (int i = 0; i < n; ++i) {
                auto& connection = *static_cast<Connection*>(events[i].data.ptr);
                if ((events[i].events & EPOLLOUT) != 0) {
                    watch(connection, EPOLLIN);
                    SCHWARM_TRY_VOID(flush(connection));
                }
                if ((events[i].events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) {
                    SCHWARM_TRY_VOID(receive(connection));
                }
            }
        }
    }

    const LoadOptions& options_;
    std::vector<Prepared> prepared_;
    std::vector<std::unique_ptr<Connection>> connections_;
    int epoll_ = -1;
    std::uint64_t counter_ = 0;
    std::size_t busy_ = 0;
    bool stopping_ = false;
    LoadResult result_;
};

}  // namespace

Result<LoadResult> run_load(const LoadOptions& options) {
    return Generator(options).run();
}

Result<std::string> http_get(std::uint16_t port, const std::string& path) {
    Connection connection;
    SCHWARM_TRY(fd, connect_to(port));
    connection.fd = fd;
    const std::string request =
        "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    std::array<char, 16384> bytes;
    for (ssize_t n = 0; (n = recv(fd, bytes.data(), bytes.size(), 0)) > 0;) {
        connection.in.append(bytes.data(), static_cast<std::size_t>(n));
    }
    const auto head_end = connection.in.find("\r\n\r\n");
    if (!connection.in.starts_with("HTTP/1.1 200 ") || head_end == std::string::npos) {
        return fail(ErrorCode::unavailable, "no answer from " + path);
    }
    return connection.in.substr(head_end + 3);
}

std::uint32_t percentile(std::vector<std::uint32_t>& values, double share) {
    if (values.empty()) return 0;
    const auto at = std::min(values.size() - 1,
                             static_cast<std::size_t>(share * static_cast<double>(values.size())));
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at),
                     values.end());
    return values[at];
}

}  // namespace schwarm::bench
