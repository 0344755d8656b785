// Small JSON files of the data folder that only the node's user may read.
#pragma once

#include <filesystem>

#include "schwarm/base/result.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::server {

// An empty object if there is no such file; corrupt if it is no JSON object.
Result<json::Value> read_private_json(const std::filesystem::path& file);
// Mode 0600, complete or not at all.
Result<void> write_private_json(const std::filesystem::path& file, const json::Value& value);

}  // namespace schwarm::server
