// Files of the node: read whole, and written so that only the node's user may read them.
#pragma once

#include <filesystem>
#include <string>

#include "schwarm/base/result.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::server {

// not_found.
Result<std::string> read_file(const std::filesystem::path& file);
// Mode 0600, complete or not at all.
Result<void> write_private(const std::filesystem::path& file, const std::string& text);
// What was renamed within or into the folder of this file is durable.
Result<void> sync_folder_of(const std::filesystem::path& file);

// An empty object if there is no such file; corrupt if it is no JSON object.
Result<json::Value> read_private_json(const std::filesystem::path& file);
Result<void> write_private_json(const std::filesystem::path& file, const json::Value& value);

}  // namespace schwarm::server
