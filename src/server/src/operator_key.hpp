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

// The one before it, while the newest epoch lists that one: votes go on with it. Nothing if there
// is none.
Result<std::optional<exchange::KeyPair>> read_voting_key(const runtime::ReadView& view);
// In the write that enters the exchange into the chain.
Result<void> put_operator_keys(runtime::WriteBatch& batch, const exchange::KeyPair& now,
                               const exchange::KeyPair& voting);
// The epoch lists the new one.
Result<void> destroy_voting_key(runtime::WriteBatch& batch);

}  // namespace schwarm::server
