// Backup while the node works, and restore; keys apart from data (docs/formats/storage.md).
//
// A backup is a folder: data.db (all spaces but keys), keys.db (only keys), MANIFEST (sizes and
// SHA-256). Whoever keeps the two files in two places can have a case deleted from old backups by
// letting only the keys' copies expire. The node key is in neither.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::runtime {

// Opens or creates a storage at this path (the SQLite adapter, given by the server).
using StorageFactory =
    std::function<Result<std::unique_ptr<storage::Storage>>(const std::filesystem::path&)>;

// A consistent copy of one moment, which `now` names. The folder must not exist or be empty.
Result<void> backup(storage::Storage& storage, const std::filesystem::path& folder,
                    const StorageFactory& make, Instant now);
// When it was made; nothing if its MANIFEST does not say so yet. corrupt: it is none.
Result<std::optional<Instant>> backup_time(const std::filesystem::path& folder);

// Checks the hashes, then builds a new database. `keys` may lie elsewhere than in the folder; if a
// MANIFEST lies beside it (a later backup), it is checked against that one.
// Refuses (conflict) if the target exists.
Result<void> restore(const std::filesystem::path& folder, const std::filesystem::path& keys,
                     const std::filesystem::path& target, const StorageFactory& make);

}  // namespace schwarm::runtime
