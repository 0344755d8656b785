#include "schwarm/services/deployed_starts.hpp"

namespace schwarm::services {

std::vector<runtime::StartableProcess> DeployedStarts::current_processes(
    const TenantId& tenant) const {
    std::vector<runtime::StartableProcess> out;
    auto found = deployments_.startable_processes(tenant);
    if (!found) return out;
    for (auto& one : *found) out.push_back({std::move(one.definition), std::move(one.process)});
    return out;
}

}  // namespace schwarm::services
