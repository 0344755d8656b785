// Opening the database of a node from outside of it.
#pragma once

#include <memory>
#include <vector>

#include "schwarm/base/ids.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/server/administration.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::server {

// To read, beside a working node. not_found: there is none.
Result<std::unique_ptr<storage::Storage>> open_beside(const Place& place);
// not_found: there is none; nothing is made.
Result<crypto::Key> read_node_key(const Place& place);
// Every tenant with a row, the node itself included.
Result<std::vector<TenantId>> tenants_in(storage::Storage& storage);

}  // namespace schwarm::server
