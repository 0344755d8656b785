// What stands in a golden database.
#pragma once

#include "node.hpp"

namespace schwarm::compat {

// Of the machine that may sign in at /v2. They protect test data only.
inline constexpr const char* kClientId = "leipzig.6373e32ef075";
inline constexpr const char* kClientSecret = "0e3otGL_NGSMG9QCN2wNVAPw-o7KQlE5XiAa9mQWawQ";
// Of the tenant, beside the keys that it is sealed with.
inline constexpr const char* kSecretName = "golden";
inline constexpr const char* kSecret = "not secret";

// Service packages of the source tree that its cases use.
std::vector<std::string> golden_packages();

// Deploys the models and leaves cases in every kind of waiting, ended and deleted ones, and what
// lies beside cases. The node is empty, its clock stands at kWritten, its post is down.
void write_golden(Node& node);

}  // namespace schwarm::compat
