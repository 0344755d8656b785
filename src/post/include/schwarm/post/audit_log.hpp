// The signed audit log of one tenant, read: verified as a whole, and proven to others case by case.
// Reads only; beside a working node or without one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schwarm/exchange/audit_check.hpp"
#include "schwarm/exchange/audit_proof.hpp"
#include "schwarm/runtime/audit_view.hpp"
#include "schwarm/runtime/verify.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::post {

struct SignedLog {
    runtime::Verification chain;  // with what the checkpoints contradict
    std::uint64_t checkpoints = 0;
    std::uint64_t signed_to = 0;  // line; 0: none is signed
    Instant signed_at;
    std::uint64_t unsigned_lines = 0;  // after it
};

// runtime::verify_chain, and each checkpoint: its signature, its place in the chain of checkpoints,
// its lines. Without a member (the node knows no directory) a checkpoint is a finding.
Result<SignedLog> verify_signed_log(storage::Storage& storage, const TenantId& tenant,
                                    const std::optional<exchange::MemberId>& member,
                                    const exchange::DatedKeySource& keys,
                                    const exchange::Cryptography& cryptography);

enum class ProofTexts : std::uint8_t {
    opened,    // with the texts and the case's log key: the reader knows what the lines say
    withheld,  // that there are such lines, and when
};
// not_found: no such case, or no line about it; unavailable: a line has no checkpoint (yet).
Result<exchange::AuditProof> prove_case(const runtime::AuditView& view, CaseId case_id,
                                        ProofTexts texts);

}  // namespace schwarm::post
