// Model files on disk: for the command line and for tests.
#pragma once

#include <filesystem>

#include "schwarm/dmn/program.hpp"

namespace schwarm::dmn {

// At most 16 MiB.
Result<SourceFile> read_file(const std::filesystem::path& path);

// Finds imported models among the .dmn files in the folder, by their namespace.
ImportResolver resolver_beside(std::filesystem::path folder);

}  // namespace schwarm::dmn
