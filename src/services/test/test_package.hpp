// The packages in test/data: parkausweis, and auskunft, which is started by a message.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "schwarm/services/package.hpp"

namespace schwarm::services {

inline std::string test_folder(const std::string& id = "parkausweis") {
    return std::string(SCHWARM_SOURCE_DIR) + "/src/services/test/data/" + id;
}

inline PackageFiles test_files(const std::string& id = "parkausweis") {
    auto files = read_folder(test_folder(id));
    if (files.has_error()) throw std::runtime_error(files.error().text());
    return *files;
}

inline std::shared_ptr<const Package> test_package(const std::string& id = "parkausweis") {
    auto loaded = load_package(id, test_files(id));
    if (!loaded.package) throw std::runtime_error(loaded.problems.front().text());
    return loaded.package;
}

}  // namespace schwarm::services
