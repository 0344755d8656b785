// The start events of what a tenant has deployed, for runtime::Environment::starts.
#pragma once

#include "schwarm/runtime/starts.hpp"
#include "schwarm/services/deployments.hpp"

namespace schwarm::services {

// Borrows the deployments. Thread-safe.
class DeployedStarts final : public runtime::StartSource {
  public:
    explicit DeployedStarts(const Deployments& deployments) : deployments_(deployments) {}
    // Nothing while the definitions of the tenant cannot be read.
    std::vector<runtime::StartableProcess> current_processes(const TenantId& tenant) const override;

  private:
    const Deployments& deployments_;
};

}  // namespace schwarm::services
