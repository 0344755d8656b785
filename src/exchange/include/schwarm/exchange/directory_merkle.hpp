// The Merkle tree over the heads of all chains: hashes as in RFC 6962 section 2.1 (a leaf begins
// with 00, an inner node with 01), so that a leaf can never be taken for a node. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "schwarm/crypto/hash.hpp"
#include "schwarm/exchange/address.hpp"

namespace schwarm::exchange {

// The leaf of one member: the SHA-256 of 00 and the text ["member",number,"hash"].
crypto::Hash merkle_leaf(const MemberId& member, std::uint64_t number, const crypto::Hash& head);
// The SHA-256 of nothing if there are no leaves.
crypto::Hash merkle_root(std::span<const crypto::Hash> leaves);
// The audit path of a leaf, from below. CHECKs that index < leaves.size().
std::vector<crypto::Hash> merkle_proof(std::span<const crypto::Hash> leaves, std::size_t index);
// Whether `leaf` is number `index` of `size` leaves under `root` (RFC 9162 section 2.1.3.2).
bool merkle_includes(const crypto::Hash& root, const crypto::Hash& leaf, std::size_t index,
                     std::size_t size, std::span<const crypto::Hash> proof);

}  // namespace schwarm::exchange
