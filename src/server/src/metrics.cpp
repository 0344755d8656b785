#include "schwarm/server/metrics.hpp"

#include <fmt/format.h>

namespace schwarm::server {
namespace {

std::string seconds(std::chrono::microseconds value) {
    return fmt::format("{}.{:06}", value.count() / 1'000'000, value.count() % 1'000'000);
}

}  // namespace

std::string label(std::string_view name, std::string_view value) {
    std::string out(name);
    out += "=\"";
    for (const char c : value) {
        if (c == '\\' || c == '"') out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    out += '"';
    return out;
}

void MetricsText::declare(std::string_view name, std::string_view type, std::string_view help) {
    out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void MetricsText::sample(std::string_view name, std::string_view labels, std::uint64_t value) {
    out_ += labels.empty() ? fmt::format("{} {}\n", name, value)
                           : fmt::format("{}{{{}}} {}\n", name, labels, value);
}

void MetricsText::sample_seconds(std::string_view name, std::string_view labels,
                                 std::chrono::microseconds value) {
    out_ += labels.empty() ? fmt::format("{} {}\n", name, seconds(value))
                           : fmt::format("{}{{{}}} {}\n", name, labels, seconds(value));
}

void MetricsText::single(std::string_view name, std::string_view type, std::string_view help,
                         std::uint64_t value) {
    declare(name, type, help);
    sample(name, {}, value);
}

void RequestMetrics::count(std::string_view method, std::string_view route, int status,
                           std::chrono::microseconds duration) {
    std::string key(method);
    key += ' ';
    key += route.empty() ? std::string_view("none") : route;
    const std::lock_guard lock(mutex_);
    Histogram& histogram = by_route_[key];
    std::size_t bucket = 0;
    while (bucket < kBucketsMicros.size() && duration.count() > kBucketsMicros[bucket]) ++bucket;
    ++histogram.counts[bucket];
    histogram.sum += duration;
    ++histogram.count;
    ++by_status_[{std::move(key), status}];
}

void RequestMetrics::write(MetricsText& text) const {
    const std::lock_guard lock(mutex_);
    text.declare("schwarm_http_requests_total", "counter", "Answered requests.");
    for (const auto& [key, count] : by_status_) {
        text.sample("schwarm_http_requests_total",
                    label("route", key.first) + "," + label("status", std::to_string(key.second)),
                    count);
    }
    static constexpr std::string_view kName = "schwarm_http_request_seconds";
    text.declare(kName, "histogram", "From the complete request to the answer.");
    for (const auto& [route, histogram] : by_route_) {
        const std::string labels = label("route", route);
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < kBucketsMicros.size(); ++i) {
            sum += histogram.counts[i];
            const std::string bound = seconds(std::chrono::microseconds(kBucketsMicros[i]));
            text.sample(std::string(kName) + "_bucket", labels + "," + label("le", bound), sum);
        }
        text.sample(std::string(kName) + "_bucket", labels + ",le=\"+Inf\"", histogram.count);
        text.sample_seconds(std::string(kName) + "_sum", labels, histogram.sum);
        text.sample(std::string(kName) + "_count", labels, histogram.count);
    }
}

}  // namespace schwarm::server
