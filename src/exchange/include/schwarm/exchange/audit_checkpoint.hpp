// What a tenant signs of its audit log: one checkpoint for many lines, never line by line
// (docs/formats/network.md, "Audit log").
//
// A checkpoint covers the lines since the one before it. It holds the chain hash of its last line,
// the Merkle root of the chain hashes of all its lines, so that one of them is proven by a short
// path, and the hash of the checkpoint before. Who has the database but not the tenant's key
// cannot write the log anew. Pure; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/exchange/address.hpp"
#include "schwarm/exchange/cryptography.hpp"

namespace schwarm::exchange {

// Lines of one checkpoint at most. More would cost more for each proof, fewer more signatures.
inline constexpr std::uint64_t kAuditLinesMax = 128;
inline constexpr std::string_view kAuditCheckpointType = "schwarm-audit+jws";

struct AuditCheckpoint {
    Address tenant;
    std::uint64_t incarnation = 1;  // of the node: counts its restores from a backup; never falls
    std::uint64_t number = 1;       // counts up by one within the tenant
    std::uint64_t first = 1;        // of its lines
    std::uint64_t last = 1;
    crypto::Hash chain{};     // at the last line
    crypto::Hash root{};      // audit_root() of the lines
    crypto::Hash previous{};  // hash of the checkpoint before; zero bytes in number 1
    Instant time;
    bool operator==(const AuditCheckpoint&) const = default;
};

// What of a line is in clear (docs/formats/storage.md, "Chained rows").
struct AuditHeader {
    CaseId case_id;  // 0: it concerns no case
    std::uint64_t number = 0;
    std::uint64_t previous = 0;  // line before it about the same case; 0: none
    Instant at;
};
// The chain hash of a line after that of the line before it.
crypto::Hash audit_chain(const crypto::Hash& before, const AuditHeader& header,
                         const crypto::Hash& body_hash);
// The leaf of a line in the tree: SHA-256 of 00 and its chain hash.
crypto::Hash audit_leaf(const crypto::Hash& chain);
// RFC 6962 over the leaves of these chain hashes.
crypto::Hash audit_root(std::span<const crypto::Hash> chain_hashes);

// The text that is signed; its SHA-256 is the hash of the checkpoint.
std::string write_audit_checkpoint(const AuditCheckpoint& checkpoint);
// invalid_input names the member that is wrong.
Result<AuditCheckpoint> read_audit_checkpoint(std::string_view text);

// The key that a tenant signed with at a time.
using DatedKeySource =
    std::function<Result<PublicKey>(const Address&, std::string_view kid, Instant at)>;

struct VerifiedCheckpoint {
    AuditCheckpoint content;
    crypto::Hash hash{};
};
// invalid_input; crypto_failed: not signed by the tenant it names; whatever the source answers for
// a key it does not know.
Result<VerifiedCheckpoint> verify_audit_checkpoint(std::string_view jws, const DatedKeySource& keys,
                                                   const Cryptography& cryptography);

// Where a tenant's checkpoints lie in the space exchange: `A` and the number of the last line, so
// that the first row from audit_row_key(n) on covers line n. The value is the JWS.
inline constexpr std::string_view kAuditRowPrefix = "A";
std::string audit_row_key(std::uint64_t last_line);

}  // namespace schwarm::exchange
