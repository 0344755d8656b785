// A port of this machine that passes connections on to another one and breaks all of them several
// times, once it is told to: each time so many more bytes have come back.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "schwarm/base/result.hpp"

namespace schwarm::bench {

class BreakingLink {
  public:
    static Result<std::unique_ptr<BreakingLink>> open(std::uint16_t to);
    ~BreakingLink();
    BreakingLink(const BreakingLink&) = delete;
    BreakingLink& operator=(const BreakingLink&) = delete;

    // Counts from here. While nothing is under way.
    void break_every(std::uint64_t bytes_between_breaks, int breaks_max);

    std::uint16_t port() const { return port_; }
    int breaks() const { return breaks_; }
    std::uint64_t bytes_back() const { return bytes_back_; }

  private:
    struct Connection;
    BreakingLink(int listener, std::uint16_t port, std::uint16_t to);
    void work();
    void accept_one();
    // False: the connection is over.
    bool pass_on(int from, int to, bool back);

    const int listener_;
    const std::uint16_t port_;
    const std::uint16_t to_;
    std::atomic<std::uint64_t> bytes_between_breaks_ = 0;
    std::atomic<int> breaks_max_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> breaks_ = 0;
    std::atomic<std::uint64_t> bytes_back_ = 0;
    std::vector<Connection> connections_;
    std::vector<char> buffer_;
    std::thread thread_;
};

}  // namespace schwarm::bench
