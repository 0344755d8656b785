// The package in test/data/parkausweis.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "schwarm/services/package.hpp"

namespace schwarm::services {

inline std::string test_folder() {
    return std::string(SCHWARM_SOURCE_DIR) + "/src/services/test/data/parkausweis";
}

inline PackageFiles test_files() {
    auto files = read_folder(test_folder());
    if (files.has_error()) throw std::runtime_error(files.error().text());
    return *files;
}

inline std::shared_ptr<const Package> test_package() {
    auto loaded = load_package("parkausweis", test_files());
    if (!loaded.package) throw std::runtime_error(loaded.problems.front().text());
    return loaded.package;
}

}  // namespace schwarm::services
