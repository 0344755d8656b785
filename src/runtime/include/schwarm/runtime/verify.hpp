// Proofs over stored data; they read only and may run beside a working node.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::runtime {

// Findings name the row and the reason; none means that everything holds.
struct Verification {
    std::uint64_t rows = 0;             // looked at
    std::uint64_t deleted = 0;          // accepted as deleted by law
    std::vector<std::string> findings;  // at most 100
    bool holds() const { return findings.empty(); }
};

// The lines of the audit chain as they are walked, for who compares them with something else.
using AuditObserver =
    std::function<void(std::uint64_t number, const crypto::Hash& chain, Instant at)>;

// The chains of events and audit lines: numbers without gaps, each hash follows from the one
// before, each ciphertext has its hash; the ends are those of the counters. A missing ciphertext
// is accepted only if the chain itself holds the deletion of that case. Needs no key.
Result<Verification> verify_chain(storage::Storage& storage, const TenantId& tenant,
                                  const AuditObserver& audit_line = {});

// Each stored state is what its events give when they are applied again; a case without one has
// readable events. A case without events and key is accepted only if it was deleted by law.
Result<Verification> verify_replay(storage::Storage& storage, const crypto::Key& node_key,
                                   const TenantId& tenant);

}  // namespace schwarm::runtime
