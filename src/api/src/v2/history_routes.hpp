// The families that tell what process instances did (histories.hpp).
#pragma once

#include "routes.hpp"

namespace schwarm::api::v2 {

std::span<const Route> process_instance_search_routes();
std::span<const Route> process_statistics_routes();
std::span<const Route> element_instance_search_routes();
std::span<const Route> variable_search_routes();
std::span<const Route> user_task_search_routes();
std::span<const Route> job_search_routes();
std::span<const Route> incident_search_routes();
std::span<const Route> decision_instance_search_routes();
std::span<const Route> subscription_search_routes();

}  // namespace schwarm::api::v2
