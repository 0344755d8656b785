// The counters of runtime, post and directory as Prometheus text.
#pragma once

#include "schwarm/app/network.hpp"
#include "schwarm/post/post.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/server/metrics.hpp"

namespace schwarm::server {

void write_metrics(const runtime::Metrics& metrics, MetricsText& text);
void write_metrics(const post::Metrics& metrics, MetricsText& text);
void write_metrics(const app::NetworkView& network, MetricsText& text);

}  // namespace schwarm::server
