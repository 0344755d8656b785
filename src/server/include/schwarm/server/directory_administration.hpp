// The directory of the network as a node has stored it, beside the working node.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/exchange/directory.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/server/administration.hpp"

namespace schwarm::server {

enum class Trusted : std::uint8_t {
    checkpoint,  // what the node's own signed checkpoint covers is checked by hashes only
    nothing,     // every signature is verified
};

struct StoredNetwork {
    SystemClock clock;
    exchange::JoseCryptography cryptography{clock};
    std::unique_ptr<exchange::Directory> directory;  // never null
    exchange::Directory::LoadReport report;
    double seconds = 0;  // that loading took
    // The time of the backup that the database comes from, until the node may sign again.
    std::optional<Instant> restored;
};
// not_found: no database, key or directory; corrupt: names the row that is not what it must be.
Result<std::unique_ptr<StoredNetwork>> read_network(const Place& place, Trusted trusted,
                                                    exchange::DirectorySettings settings = {});
// What the working node would warn of now: of the directory and of its own keys and certificate.
std::vector<exchange::DirectoryWarning> warnings_beside(const Place& place,
                                                        const StoredNetwork& network, Instant now);

// A new file with all that others need to verify the directory (exchange::export_directory).
Result<void> export_network(const Place& place, const std::filesystem::path& file);

}  // namespace schwarm::server
