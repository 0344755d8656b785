// What can begin by itself: the current versions of a tenant's processes, from whose start events
// the runtime makes its start subscriptions.
#pragma once

#include <memory>
#include <vector>

#include "schwarm/base/ids.hpp"
#include "schwarm/bpmn/process.hpp"
#include "schwarm/engine/ids.hpp"

namespace schwarm::runtime {

struct StartableProcess {
    engine::DefinitionKey definition;
    std::shared_ptr<const bpmn::Process> process;
};

// Asked on the writer's thread, once a tenant and again after Runtime::deployed().
class StartSource {
  public:
    virtual ~StartSource() = default;
    // One version of each process: the one by which new instances begin.
    virtual std::vector<StartableProcess> current_processes(const TenantId& tenant) const = 0;
};

}  // namespace schwarm::runtime
