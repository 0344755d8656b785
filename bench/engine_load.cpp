#include "engine_load.hpp"

#include <ctime>

#include "load_client.hpp"

namespace schwarm::bench {

double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

EngineLoad::EngineLoad(runtime::Runtime& runtime, int in_flight_max, Next next)
    : runtime_(runtime), in_flight_max_(in_flight_max), next_(std::move(next)) {}

void EngineLoad::submit_next() {
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return in_flight_ < in_flight_max_; });
        ++in_flight_;
    }
    runtime_.submit(
        next_(), [this, watch = server::Stopwatch()](const Result<runtime::Reply>& reply) {
            const std::lock_guard lock(mutex_);
            if (reply.has_error()) failure_ = reply.error();
            latencies_micros_.push_back(static_cast<std::uint32_t>(watch.elapsed().count() / 1000));
            --in_flight_;
            changed_.notify_all();
        });
}

void EngineLoad::wait_all() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return in_flight_ == 0; });
}

void EngineLoad::begin_measuring() {
    const std::lock_guard lock(mutex_);
    latencies_micros_.clear();
    cpu_before_ = cpu_seconds();
    commits_before_ = runtime_.metrics().commits;
}

Result<RateFigures> EngineLoad::figures(double seconds) {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    RateFigures out;
    out.seconds = seconds;
    out.count = latencies_micros_.size();
    out.per_second = static_cast<double>(out.count) / seconds;
    out.p50_millis = percentile(latencies_micros_, 0.5) / 1000.0;
    out.p99_millis = percentile(latencies_micros_, 0.99) / 1000.0;
    out.commits_per_second =
        static_cast<double>(runtime_.metrics().commits - commits_before_) / seconds;
    out.cpu_cores = (cpu_seconds() - cpu_before_) / seconds;
    return out;
}

Result<RateFigures> EngineLoad::run(double warm_up_seconds, double seconds) {
    const server::Stopwatch warm_up;
    while (warm_up.seconds() < warm_up_seconds) submit_next();
    begin_measuring();
    const server::Stopwatch watch;
    while (watch.seconds() < seconds) submit_next();
    auto out = figures(watch.seconds());
    wait_all();
    return out;
}

Result<RateFigures> EngineLoad::run_count(std::uint64_t count) {
    begin_measuring();
    const server::Stopwatch watch;
    for (std::uint64_t i = 0; i < count; ++i) submit_next();
    wait_all();
    return figures(watch.seconds());
}

}  // namespace schwarm::bench
