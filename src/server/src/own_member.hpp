// Whom a node is in the directory, beside the working node.
#pragma once

#include "schwarm/exchange/directory.hpp"
#include "schwarm/server/administration.hpp"

namespace schwarm::server {

// By the operator key that only it has. not_found: it is no member.
Result<exchange::MemberId> own_member(const Place& place, const exchange::Directory& directory);

}  // namespace schwarm::server
