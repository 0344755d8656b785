// The lines of an audit log about one case, as a file that anybody verifies who has the directory
// (docs/formats/network.md, "Proof"). Pure; any thread.
//
// Each line is shown with the path from its chain hash to the root that the tenant signed. Each
// names the line before it about the same case, so none can be left out between the first and the
// last one shown. With the case's log key, which opens nothing but these lines, the reader opens
// the texts himself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/ids.hpp"
#include "schwarm/exchange/audit_checkpoint.hpp"

namespace schwarm::exchange {

inline constexpr std::size_t kAuditProofBytesMax = std::size_t{32} << 20;
inline constexpr std::size_t kAuditProofLinesMax = 20'000;

struct AuditText {
    std::string actor;
    std::string action;
    std::string detail;
    bool operator==(const AuditText&) const = default;
};

struct ProvenLine {
    std::uint64_t number = 0;
    std::uint64_t previous = 0;  // line before it about the case; 0: none
    Instant at;
    crypto::Hash before{};  // chain hash of the line before it in the log
    crypto::Hash body_hash{};
    bool deleted = false;           // by law: the text is gone
    std::string body;               // sealed; empty: deleted, or not given out
    std::optional<AuditText> text;  // opened; never without body
    std::size_t checkpoint = 0;     // index in AuditProof::checkpoints
    std::vector<crypto::Hash> path;
};

struct AuditProof {
    Address tenant;
    CaseId case_id;
    std::string key;                       // of the case's log, 32 bytes; empty: not given out
    std::vector<std::string> checkpoints;  // JWS
    std::vector<ProvenLine> lines;         // about the case, ascending
};

std::string write_audit_proof(const AuditProof& proof);
// invalid_input names the place. Nothing is verified.
Result<AuditProof> read_audit_proof(std::string_view text);

// Each line is under a checkpoint that the tenant signed; none is left out between them; bodies and
// texts are those of the lines. Answers the checkpoints' contents, in their order.
// invalid_input and crypto_failed name the line and the reason; whatever the source answers.
Result<std::vector<AuditCheckpoint>> check_audit_proof(const AuditProof& proof,
                                                       const DatedKeySource& keys,
                                                       const Cryptography& cryptography);

}  // namespace schwarm::exchange
