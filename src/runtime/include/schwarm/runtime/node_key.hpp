// The node's master key: it wraps the keys of the tenants and lies in a file of its own, beside
// the database but never in its backup.
#pragma once

#include <filesystem>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/seal.hpp"

namespace schwarm::runtime {

// Reads the key (one line of 64 hexadecimal digits), or makes it with mode 0600 if the file does
// not exist. Refuses a file that others may read.
Result<crypto::Key> load_or_create_node_key(const std::filesystem::path& file, Random& random);

}  // namespace schwarm::runtime
