#include "breaking_link.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace schwarm::bench {
namespace {

constexpr int kPollMillis = 50;
constexpr std::size_t kBufferBytes = std::size_t{16} * 1024;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

}  // namespace

struct BreakingLink::Connection {
    int here = -1;
    int there = -1;
    bool over = false;
};

Result<std::unique_ptr<BreakingLink>> BreakingLink::open(std::uint16_t to) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (listener < 0 || bind(listener, plain, size) != 0 || ::listen(listener, 16) != 0 ||
        getsockname(listener, plain, &size) != 0) {
        if (listener >= 0) close(listener);
        return fail(ErrorCode::unavailable, "no port for the link");
    }
    return std::unique_ptr<BreakingLink>(new BreakingLink(listener, ntohs(address.sin_port), to));
}

BreakingLink::BreakingLink(int listener, std::uint16_t port, std::uint16_t to)
    : listener_(listener), port_(port), to_(to), buffer_(kBufferBytes) {
    thread_ = std::thread([this] { work(); });
}

void BreakingLink::break_every(std::uint64_t bytes_between_breaks, int breaks_max) {
    bytes_back_ = 0;
    breaks_ = 0;
    bytes_between_breaks_ = bytes_between_breaks;
    breaks_max_ = breaks_max;
}

BreakingLink::~BreakingLink() {
    stopping_ = true;
    thread_.join();
    close(listener_);
}

void BreakingLink::work() {
    while (!stopping_) {
        std::vector<pollfd> waiting{{listener_, POLLIN, 0}};
        for (const Connection& one : connections_) {
            waiting.push_back({one.here, POLLIN, 0});
            waiting.push_back({one.there, POLLIN, 0});
        }
        if (poll(waiting.data(), waiting.size(), kPollMillis) <= 0) continue;
        const int before = breaks_;
        for (std::size_t i = 0; i < connections_.size() && breaks_ == before; ++i) {
            Connection& one = connections_[i];
            if (waiting[i * 2 + 1].revents != 0) one.over = !pass_on(one.here, one.there, false);
            if (!one.over && waiting[i * 2 + 2].revents != 0) {
                one.over = !pass_on(one.there, one.here, true);
            }
        }
        const bool all = breaks_ != before;
        std::erase_if(connections_, [all](const Connection& one) {
            if (!all && !one.over) return false;
            close(one.here);
            close(one.there);
            return true;
        });
        if (waiting[0].revents != 0) accept_one();
    }
    for (const Connection& one : connections_) {
        close(one.here);
        close(one.there);
    }
}

void BreakingLink::accept_one() {
    const int here = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (here < 0) return;
    const int there = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(to_);
    if (there < 0 || connect(there, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
        close(here);
        if (there >= 0) close(there);
        return;
    }
    connections_.push_back({here, there, false});
}

bool BreakingLink::pass_on(int from, int to, bool back) {
    const ssize_t count = recv(from, buffer_.data(), buffer_.size(), 0);
    if (count <= 0) return false;
    for (ssize_t sent = 0; sent < count;) {
        const ssize_t now =
            ::send(to, buffer_.data() + sent, static_cast<std::size_t>(count - sent), MSG_NOSIGNAL);
        if (now <= 0) return false;
        sent += now;
    }
    if (!back) return true;
    bytes_back_ += static_cast<std::uint64_t>(count);
    const auto reached = static_cast<std::uint64_t>(breaks_ + 1) * bytes_between_breaks_;
    if (breaks_ < breaks_max_ && bytes_back_ >= reached) ++breaks_;
    return true;
}

}  // namespace schwarm::bench
