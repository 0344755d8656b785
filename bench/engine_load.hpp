// Keeps a fixed number of commands under way in this process, and what they cost.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/server/stopwatch.hpp"

namespace schwarm::bench {

struct RateFigures {
    double seconds = 0;
    std::uint64_t count = 0;
    double per_second = 0;
    double p50_millis = 0;
    double p99_millis = 0;
    double commits_per_second = 0;
    double cpu_cores = 0;  // of this process
    double flow_nodes_per_second = 0;
};

// Thread-safe. The runtime and what `next` borrows must outlive the load.
class EngineLoad {
  public:
    using Next = std::function<runtime::Submission()>;
    EngineLoad(runtime::Runtime& runtime, int in_flight_max, Next next);

    // Submits until the time is over, then waits for the answers of all. The figures are of the
    // time after the warm-up.
    Result<RateFigures> run(double warm_up_seconds, double seconds);
    // Submits exactly so many and waits for all.
    Result<RateFigures> run_count(std::uint64_t count);

  private:
    void submit_next();
    void wait_all();
    Result<RateFigures> figures(double seconds);
    void begin_measuring();

    runtime::Runtime& runtime_;
    const int in_flight_max_;
    Next next_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int in_flight_ = 0;
    std::vector<std::uint32_t> latencies_micros_;
    std::optional<Error> failure_;
    double cpu_before_ = 0;
    std::uint64_t commits_before_ = 0;
};

// Processor time of this process so far, in seconds.
double cpu_seconds();

}  // namespace schwarm::bench
