// Packages in the node's database: every version ever deployed stays there, so that a case goes
// on with the version it was started with.
//
// At the start, before the runtime is opened (its timers may need any version):
//
//   load_stored(storage, registry);                       // current versions
//   deploy_at_start(storage, registry, folders, now);     // only what differs is written
//
// While the runtime runs, deploy() writes through it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/services/catalogue.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::services {

// The rows of the node itself lie under this tenant; no municipality may have this id.
inline constexpr std::string_view kNodeTenant = "schwarm";
const TenantId& node_tenant();

// Loads the current version of every stored service, and gives the registry a source for older
// versions. `storage` must outlive the registry. corrupt if a stored package does not load.
Result<void> load_stored(storage::Storage& storage, Registry& registry);

// Deploys package folders while no runtime is open. A folder equal to the current version costs
// a hash only. Answers what is wrong; services with errors keep their stored version.
Result<std::vector<Problem>> deploy_at_start(storage::Storage& storage, Registry& registry,
                                             const std::vector<std::string>& folders, Instant now);

struct Deployed {
    std::string version;
    std::vector<Problem> problems;  // with one that is no warning: refused, nothing changed
};
// Checks, stores durably, then makes it the current version.
void deploy(runtime::Runtime& runtime, Registry& registry, std::string_view id, PackageFiles files,
            Instant now, std::string_view actor, std::function<void(Result<Deployed>)> done);

// One text for all files; decode answers corrupt for anything encode did not make.
std::string encode_files(const PackageFiles& files);
Result<PackageFiles> decode_files(std::string_view bytes);

}  // namespace schwarm::services
