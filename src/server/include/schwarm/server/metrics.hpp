// Counts of requests, and the text that Prometheus reads (exposition format 0.0.4).
// Thread-safe. Routes are patterns, never addresses, so there is nothing personal in it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace schwarm::server {

class MetricsText {
  public:
    // HELP and TYPE, before the first sample of a name.
    void declare(std::string_view name, std::string_view type, std::string_view help);
    // `labels` is ready: `route="/x",status="200"` or empty.
    void sample(std::string_view name, std::string_view labels, std::uint64_t value);
    void sample_seconds(std::string_view name, std::string_view labels,
                        std::chrono::microseconds value);
    // Both of the above for a metric with one sample.
    void single(std::string_view name, std::string_view type, std::string_view help,
                std::uint64_t value);
    std::string take() { return std::move(out_); }

  private:
    std::string out_;
};

// A label value, escaped, in quotes.
std::string label(std::string_view name, std::string_view value);

class RequestMetrics {
  public:
    static constexpr std::array<std::int64_t, 10> kBucketsMicros{
        500, 1'000, 2'500, 5'000, 10'000, 25'000, 50'000, 100'000, 500'000, 2'000'000};

    void count(std::string_view method, std::string_view route, int status,
               std::chrono::microseconds duration);
    void write(MetricsText& text) const;

  private:
    struct Histogram {
        std::array<std::uint64_t, kBucketsMicros.size() + 1> counts{};
        std::chrono::microseconds sum{};
        std::uint64_t count = 0;
    };
    mutable std::mutex mutex_;
    std::map<std::pair<std::string, int>, std::uint64_t, std::less<>> by_status_;
    std::map<std::string, Histogram, std::less<>> by_route_;
};

}  // namespace schwarm::server
