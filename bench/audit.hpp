// `schwarm bench audit`: signing, verifying and proving a long audit log (SQLite, ES256).
#pragma once

#include <cstdint>
#include <filesystem>

#include "schwarm/base/result.hpp"

namespace schwarm::bench {

struct AuditOptions {
    std::uint64_t lines = 1'000'000;
    std::filesystem::path folder;  // for the database; a new folder is made in it and removed
    bool json = false;
};

// Writes the report to standard output.
Result<void> bench_audit(const AuditOptions& options);

}  // namespace schwarm::bench
