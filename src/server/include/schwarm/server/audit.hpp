// What administrators and third parties do with audit logs: verify, prove, export, check a proof.
// Reads only; may be used beside a working node.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/exchange/audit_proof.hpp"
#include "schwarm/server/administration.hpp"

namespace schwarm::server {

struct TenantVerification {
    std::string tenant;
    std::uint64_t rows = 0;
    std::uint64_t deleted = 0;  // accepted as deleted by law
    std::vector<std::string> findings;
    // How far the audit log is signed, or why it is not: one sentence.
    std::string signatures;
};
// Chains, checkpoints and replay of every tenant in the database.
Result<std::vector<TenantVerification>> verify_audit(const Place& place);

// The bundle about one case, as text (exchange/audit_proof.hpp).
Result<std::string> prove_audit(const Place& place, const std::string& tenant, std::uint64_t number,
                                bool with_texts);

// Each line as a JSON object, opened, ascending. `write` gets one line of text without its end.
Result<void> export_audit(const Place& place, const std::string& tenant,
                          const std::function<void(std::string_view)>& write);

struct CheckedProof {
    exchange::AuditProof proof;
    std::vector<exchange::AuditCheckpoint> checkpoints;  // in the order of the proof
    std::string network;                                 // hash of the founding file, hexadecimal
};
// `directory`: a file by `schwarm directory export`, or the data folder of a member. Every
// signature in it is verified, once for all proofs; which network it is, the caller compares. An
// error names the file.
Result<std::vector<CheckedProof>> check_proofs(const std::vector<std::filesystem::path>& proofs,
                                               const std::filesystem::path& directory);

}  // namespace schwarm::server
