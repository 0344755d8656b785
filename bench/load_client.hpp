// A lean HTTP load generator on epoll: keeps a fixed number of connections busy, each sending its
// next request when the answer to the last one is complete (a closed loop). Its own process, so
// that its cost is visible and not the server's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "schwarm/base/result.hpp"

namespace schwarm::bench {

struct LoadOptions {
    std::uint16_t port = 0;  // on 127.0.0.1
    int connections = 64;
    double warm_up_seconds = 1;
    double seconds = 10;
    std::string token;  // for Authorization: Bearer
    std::string path = "/applications";
    std::vector<std::string> bodies;     // sent in turn
    std::string key_prefix;              // of the Idempotency-Key, differs with each run
    std::string count_text;              // answers that contain it are counted
    std::function<void()> on_measuring;  // when the warm-up is over; may be empty
};

struct LoadResult {
    double seconds = 0;
    std::uint64_t requests = 0;  // answered within the measured time
    std::map<int, std::uint64_t> by_status;
    std::uint64_t counted = 0;  // with LoadOptions::count_text
    std::string first_failure;  // body of the first answer that is neither 200 nor 201
    std::vector<std::uint32_t> latencies_micros;
    double cpu_seconds = 0;  // of this process within the measured time
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
};

// Errors: unavailable (no connection), internal (an answer that is no HTTP).
Result<LoadResult> run_load(const LoadOptions& options);

// The body of one GET on a connection of its own.
Result<std::string> http_get(std::uint16_t port, const std::string& path);

// The value below which `share` (0..1) of the values lie; 0 if there are none. Reorders.
std::uint32_t percentile(std::vector<std::uint32_t>& values, double share);

}  // namespace schwarm::bench
