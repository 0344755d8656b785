// The storage seam on one SQLite file: WAL, synchronous=FULL, secure_delete=ON, one table a space.
//
// A file `<database>.lock` is held with flock(2) while it is open for writing: one node, one
// database. Readers have connections of their own. Contract, threads and errors: storage.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "schwarm/base/result.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::storage_sqlite {

struct Options {
    // Beside a working node (backup, verification): no lock, no migration, begin_write() answers
    // conflict.
    bool read_only = false;
    // For small changes of rows that a working node does not keep in memory (its API clients): no
    // lock, no migration; SQLite orders the commits.
    bool beside_node = false;
    std::size_t cache_bytes = std::size_t{16} << 20;  // of the writing connection
    std::size_t reader_cache_bytes = std::size_t{2} << 20;
    std::size_t readers_kept = 8;  // idle reading connections; more are opened when needed
    std::uint32_t checkpoint_pages = 4000;
};

// Creates the file (mode 0600) if it does not exist and carries out missing migrations.
// Errors: unavailable (in use by another node), unsupported (written by a newer program),
// corrupt (not such a database), storage_failed.
Result<std::unique_ptr<storage::Storage>> open_sqlite(const std::filesystem::path& file,
                                                      const Options& options = {});

}  // namespace schwarm::storage_sqlite
