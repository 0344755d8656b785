// What this node enters into its own chain of the directory.
#pragma once

#include <cstdint>
#include <vector>

#include "network_directory.hpp"

namespace schwarm::server {

// The node and all that it has, as they are now.
struct OwnEntries {
    exchange::NodeEntry node;  // its operator key and incarnation are set where it is entered
    std::vector<exchange::TenantEntry> tenants;
    std::vector<exchange::ServiceEntry> services;
    std::vector<exchange::EvidenceEntry> evidence;
};

// Only what differs from the chain is entered again. `incarnation`: at least this one.
Result<void> enter_what_changed(NetworkDirectory& directory, const OwnEntries& own,
                                const exchange::PublicKey& operator_key, std::uint64_t incarnation,
                                Instant now);

}  // namespace schwarm::server
