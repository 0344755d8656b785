// What a member enters into its chain of the directory (docs/formats/network.md, "Directory").
//
// An entry is a JWS of type kEntryType over JSON text; its hash is the SHA-256 of that text as it
// is, so that the same entry signed twice is the same entry. Reading checks form and limits, not
// signatures and keys: that is the chain's (directory_chain.hpp). Errors name the member of the
// text. Plain values, functions from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/exchange/address.hpp"
#include "schwarm/exchange/cryptography.hpp"

namespace schwarm::exchange {

inline constexpr std::string_view kEntryType = "schwarm-entry+jws";
inline constexpr std::string_view kAgreementType = "schwarm-agreement+jws";
inline constexpr std::string_view kOperatorType = "schwarm-operator+jws";
inline constexpr std::size_t kEntryBytesMax = 32 * 1024;

// The node itself. A chain begins with one, which names the first operator key.
struct NodeEntry {
    std::string organisation;
    std::optional<PublicKey> operator_key;  // in number 1, and only there
    std::uint64_t incarnation = 1;          // counts restores from a backup; never falls
    std::vector<crypto::Hash> tls;          // SHA-256 of the SubjectPublicKeyInfo (RFC 7469)
    std::vector<std::string> addresses;     // "host:port"
    bool operator==(const NodeEntry&) const = default;
};

// What a tenant is responsible for. A jurisdiction is a prefix of the municipality key that ends
// at one of its borders: 2 (state), 3, 5 (district) or 8 digits of an AGS, 9 or 12 digits of an
// ARS, or "*".
struct Responsibility {
    std::string role;
    std::vector<std::string> jurisdictions;
    bool operator==(const Responsibility&) const = default;
};

// A tenant as it is from the entry's time on; the next entry of the same tenant replaces it whole.
struct TenantEntry {
    TenantId tenant;
    std::string name;
    PublicKey signing;
    Instant signing_until;
    PublicKey sealing;
    Instant sealing_until;
    std::vector<Responsibility> roles;
    bool suspended = false;
    std::optional<Address> moved;  // where it went
    bool operator==(const TenantEntry&) const = default;
};

struct MessageSchema {
    std::string message;
    crypto::Hash schema;
    bool operator==(const MessageSchema&) const = default;
};

// The tenant takes part in a collaboration, as the pool `role`.
struct ServiceEntry {
    TenantId tenant;
    std::string collaboration;
    std::string version;
    std::string role;
    std::vector<MessageSchema> messages;
    bool operator==(const ServiceEntry&) const = default;
};

// The tenant gives evidence of a type out of a register.
struct EvidenceEntry {
    TenantId tenant;
    std::string type;
    std::vector<std::string> legal_bases;
    bool preview = false;  // the person sees it before it is used
    bool operator==(const EvidenceEntry&) const = default;
};

// `client` may ask `provider` for `evidence` over `service`.
struct Agreement {
    Address client;
    Address provider;
    std::string service;
    std::string purpose;
    std::string legal_basis;
    std::string evidence;
    Instant from;
    Instant until;  // the first moment at which it does not hold any more
    bool operator==(const Agreement&) const = default;
};

// In the chain of either tenant's member: the same text signed by both tenants (kAgreementType),
// with keys that counted at `from` or at the entry's time.
struct AgreementEntry {
    Agreement agreement;
    std::string client_signature;
    std::string provider_signature;
    bool operator==(const AgreementEntry&) const = default;
};

// From the next entry on `key` signs the chain. The entry is signed by the old key; `proof` is
// the new one's signature (kOperatorType) over operator_proof_text().
struct OperatorEntry {
    PublicKey key;
    std::string proof;
    bool operator==(const OperatorEntry&) const = default;
};

// What entry `number` of the same chain entered holds no longer, as from `since`; that may lie
// before the entry's time, when a key was lost. In the chain of the other side also an agreement:
// then `member` names the chain that holds it.
struct WithdrawalEntry {
    MemberId member;
    std::uint64_t number = 0;
    Instant since;
    std::string reason;
    bool operator==(const WithdrawalEntry&) const = default;
};

// Of newer software: a link of the chain without effect here.
struct UnknownEntry {
    std::string kind;
    bool operator==(const UnknownEntry&) const = default;
};

using EntryBody = std::variant<NodeEntry, TenantEntry, ServiceEntry, EvidenceEntry, AgreementEntry,
                               OperatorEntry, WithdrawalEntry, UnknownEntry>;

struct DirectoryEntry {
    MemberId member;
    std::uint64_t number = 1;  // from 1, without gaps
    crypto::Hash previous{};   // of the entry before; zero in number 1
    Instant time;              // never before that of the entry before
    EntryBody body;
    bool operator==(const DirectoryEntry&) const = default;
};

// "node", "tenant", ...
std::string_view kind_of(const EntryBody& body);

// The text that is signed.
std::string write_entry(const DirectoryEntry& entry);
// invalid_input; limit_exceeded beyond kEntryBytesMax.
Result<DirectoryEntry> read_entry(std::string_view text);
inline crypto::Hash entry_hash(std::string_view text) {
    return crypto::sha256(text);
}

Result<std::string> sign_entry(const Cryptography& cryptography, const KeyPair& operator_key,
                               const DirectoryEntry& entry);

// What both tenants sign, and the new operator key.
std::string agreement_text(const Agreement& agreement);
// invalid_input: it is no such text.
Result<Agreement> read_agreement(std::string_view text);
std::string operator_proof_text(const MemberId& member, std::uint64_t number,
                                const crypto::Hash& previous, const PublicKey& key);

}  // namespace schwarm::exchange
