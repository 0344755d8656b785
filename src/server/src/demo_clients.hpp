// One API client (role operator) for each tenant of the demonstration, made at the first start and
// kept in the data folder (demo-clients.json, mode 0600: {"<tenant>": {"client_id": ...,
// "client_secret": ...}}).
#pragma once

#include <filesystem>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::server {

// Before the runtime is opened: the rows are written directly.
Result<void> ensure_demo_clients(const std::filesystem::path& file, storage::Storage& storage,
                                 const std::vector<TenantId>& tenants, Instant now, Random& random);

}  // namespace schwarm::server
