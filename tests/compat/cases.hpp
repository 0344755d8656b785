// What stands in a golden database.
#pragma once

#include "node.hpp"

namespace schwarm::compat {

// Service packages of the source tree that its cases use.
std::vector<std::string> golden_packages();

// Deploys the models and leaves cases in every kind of waiting, ended and deleted ones, and what
// lies beside cases. The node is empty, its clock stands at kWritten, its post is down.
void write_golden(Node& node);

}  // namespace schwarm::compat
