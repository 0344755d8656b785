// The runtime's counters as Prometheus text.
#pragma once

#include "schwarm/runtime/runtime.hpp"
#include "schwarm/server/metrics.hpp"

namespace schwarm::server {

void write_metrics(const runtime::Metrics& metrics, MetricsText& text);

}  // namespace schwarm::server
