// Cases carried on to their end by the means their users have.
#pragma once

#include "node.hpp"

namespace schwarm::compat {

// Answers, completes, sends and waits until no case is active. Throws if one does not end.
void carry_on(Node& node);

}  // namespace schwarm::compat
