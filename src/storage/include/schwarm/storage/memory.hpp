// Storage in memory, with real snapshots; for tests, `check` and the demo's throw-away runs.
#pragma once

#include <memory>

#include "schwarm/storage/storage.hpp"

namespace schwarm::storage {

// Nothing survives it. Thread-safe as the seam says.
std::unique_ptr<Storage> make_memory_storage();

}  // namespace schwarm::storage
