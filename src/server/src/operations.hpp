// /health and /metrics.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "schwarm/http/router.hpp"
#include "schwarm/server/metrics.hpp"

namespace schwarm::server {

// What /health asks. Thread-safe functions.
struct Probes {
    // Why the node is not ready; empty: it is.
    std::function<std::vector<std::string>()> reasons;
    // What an operator must see to although the node is ready. May be empty: nothing is said.
    std::function<std::vector<std::string>()> warnings = {};
    // Appends to /metrics.
    std::function<void(MetricsText&)> metrics;
};

// "/health/live": the process answers. "/health": it can take applications (200) or why not (503).
void add_health(http::Router& router, const Probes& probes);
void add_metrics(http::Router& router, const Probes& probes);

// Resident memory of this process in bytes, from /proc; 0 if unknown.
std::uint64_t resident_bytes();

}  // namespace schwarm::server
