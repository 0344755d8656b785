// The file that `network.peers` may name instead of a list (`schwarm directory peers` writes it).
#pragma once

#include <filesystem>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/server/config.hpp"

namespace schwarm::server {

// Each error names the file.
Result<std::vector<NetworkPeer>> read_peers(const std::filesystem::path& file);

}  // namespace schwarm::server
