// `schwarm bench documents`: one long document from a case of one tenant to a case of another, over
// TLS on a link that breaks, and the memory that it takes. Both nodes are parts of this process
// (exchange_world.hpp).
#pragma once

#include <cstdint>
#include <filesystem>

#include "schwarm/base/result.hpp"

namespace schwarm::bench {

struct DocumentsOptions {
    std::uint64_t megabytes = 100;
    int breaks = 5;
    std::filesystem::path folder;  // for the databases; a new folder is made in it and removed
    bool json = false;
};

// Writes the report to standard output. internal: the document did not arrive as it was sent, the
// link did not break as often, or it took more memory than the target allows.
Result<void> bench_documents(const DocumentsOptions& options);

}  // namespace schwarm::bench
