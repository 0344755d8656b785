// What stands in a database, as text.
#pragma once

#include "node.hpp"

namespace schwarm::compat {

// How many rows each space has. `storage` is not open elsewhere for writing.
std::string rows_text(storage::Storage& storage);
// Cases with their states and histories, and what is listed beside them.
std::string report_text(const Node& node);

}  // namespace schwarm::compat
