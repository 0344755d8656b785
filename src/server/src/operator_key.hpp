// The operator key of a node: a secret of its own tenant.
#pragma once

#include <optional>

#include "schwarm/exchange/cryptography.hpp"
#include "schwarm/runtime/runtime.hpp"

namespace schwarm::server {

// `view` of the node's own tenant. Nothing if there is none yet.
Result<std::optional<exchange::KeyPair>> read_operator_key(const runtime::ReadView& view);
// Makes it if there is none. Waits for the runtime: not on its threads.
Result<exchange::KeyPair> ensure_operator_key(runtime::Runtime& runtime,
                                              const exchange::Cryptography& cryptography,
                                              Random& random);

}  // namespace schwarm::server
