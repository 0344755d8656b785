// The counters of runtime and post as Prometheus text.
#pragma once

#include "schwarm/post/post.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/server/metrics.hpp"

namespace schwarm::server {

void write_metrics(const runtime::Metrics& metrics, MetricsText& text);
void write_metrics(const post::Metrics& metrics, MetricsText& text);

}  // namespace schwarm::server
