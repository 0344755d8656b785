// Deployments through the API: files of one tenant (BPMN, DMN, forms, others), all or nothing,
// kept in versions as Camunda 8 keeps them. Not the service packages (store.hpp).
//
// Rows lie in the space packages under the tenant itself; nothing personal may be in them. The
// definitions of a tenant are read when they are first asked for, files are compiled when they are
// first needed and then kept as long as the program runs, because cases walk over them.
//
// Thread-safe. Borrows the storage, which must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/bpmn/process.hpp"
#include "schwarm/services/decision_evaluation.hpp"
#include "schwarm/services/definitions.hpp"
#include "schwarm/services/package.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::runtime {
class Runtime;
}

namespace schwarm::services {

struct DeploymentLimits {
    std::size_t files_max = 100;
    std::size_t file_bytes_max = 4U << 20;
    std::size_t total_bytes_max = 10U << 20;
    std::size_t id_bytes_max = 200;
    std::size_t name_bytes_max = 400;
};

struct ResourceFile {
    std::string name;  // its ending says what it is: .bpmn, .dmn, .form
    std::string bytes;
};

// What came of it, in the order of the files. `definitions` holds what the files now are, also
// where they were there before.
struct Deployment {
    using Any =
        std::variant<ProcessDefinition, DecisionRequirements, FormDefinition, ResourceDefinition>;
    std::uint64_t key = 0;
    std::vector<Any> definitions;
    std::vector<Problem> problems;  // with one that is no warning: refused, nothing changed
};

// A latest version that something outside of it can begin.
struct StartableProcess {
    engine::DefinitionKey definition;
    std::shared_ptr<const bpmn::Process> process;
};

// A start event of a latest version.
struct StartPlace {
    engine::DefinitionKey definition;
    std::uint64_t process_key = 0;
    std::string process_id;
    StartEvent event;
};

class Deployments {
  public:
    explicit Deployments(storage::Storage& storage, const DeploymentLimits& limits = {});
    ~Deployments();
    Deployments(const Deployments&) = delete;
    Deployments& operator=(const Deployments&) = delete;

    // The committed definitions of a tenant. Errors: storage_failed, corrupt.
    Result<std::shared_ptr<const DefinitionSet>> of(const TenantId& tenant) const;

    // Checks the files and stores them durably. If every file equals the latest version of what it
    // holds (same name and content), nothing new is made; else all of them become new versions.
    void deploy(runtime::Runtime& runtime, const TenantId& tenant, std::vector<ResourceFile> files,
                std::string_view actor, std::function<void(Result<Deployment>)> done);
    // By the key of a process, decision requirements, form or other resource; not_found.
    void remove(runtime::Runtime& runtime, const TenantId& tenant, std::uint64_t key,
                std::string_view actor, std::function<void(Result<void>)> done);

    // The file as it was deployed; not_found.
    Result<std::string> content(const TenantId& tenant, std::string_view checksum) const;
    // Compiled; the pointer stays valid as long as this object.
    Result<const bpmn::Process*> compiled(const TenantId& tenant,
                                          const ProcessDefinition& process) const;
    Result<std::shared_ptr<const CompiledDecisions>> compiled(
        const TenantId& tenant, const DecisionRequirements& requirements) const;

    // Start events of the latest versions: of a kind, and with this message or signal name unless
    // it is empty.
    Result<std::vector<StartPlace>> start_events(const TenantId& tenant, bpmn::EventKind kind,
                                                 std::string_view name = {}) const;
    // The latest versions with a start event other than a none start event, compiled.
    Result<std::vector<StartableProcess>> startable_processes(const TenantId& tenant) const;
    // Counts up with every change; for caches.
    std::uint64_t revision() const;

    struct Impl;

  private:
    Result<std::shared_ptr<const bpmn::Process>> shared_process(
        const TenantId& tenant, const ProcessDefinition& process) const;

    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::services
