// Model files on disk: for the command line, for tests and for programs that use the library.
// Thread-safe: no state between calls.
#pragma once

#include <filesystem>

#include "schwarm/dmn/program.hpp"

namespace schwarm::dmn {

// At most 16 MiB. Errors: not_found, limit_exceeded, both with the path.
Result<SourceFile> read_file(const std::filesystem::path& path);

// Finds imported models among the .dmn files in the folder, by their namespace; files that do not
// parse are passed over. Its error: unresolved.
ImportResolver resolver_beside(std::filesystem::path folder);

}  // namespace schwarm::dmn
