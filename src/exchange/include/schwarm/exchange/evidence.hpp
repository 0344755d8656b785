// What travels when one authority asks another one's register (docs/decisions/0012-evidence.md):
// the claim, its approval by a third tenant, the request and the answer, as bodies of the messages
// of the contract kEvidenceContract.
//
// Reading checks form and limits and names the member that is wrong (invalid_input); what a claim
// may do is the caller's to judge. Plain values, functions from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/exchange/address.hpp"
#include "schwarm/exchange/cryptography.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::exchange {

// The contract of the node itself, and its messages.
inline constexpr std::string_view kEvidenceContract = "nachweis";
inline constexpr std::string_view kEvidenceVersion = "1";
inline constexpr std::string_view kCheckMessage = "pruefung";
inline constexpr std::string_view kApprovalMessage = "freigabe";
inline constexpr std::string_view kRequestMessage = "abruf";
inline constexpr std::string_view kAnswerMessage = "antwort";
// The type of an envelope with one of these messages.
std::string evidence_type(std::string_view message);
// Between nodes directly, answered at once and kept nowhere.
inline constexpr std::string_view kCockpitQuestion = "datenschutzcockpit/1/anfrage";
inline constexpr std::string_view kCockpitAnswer = "datenschutzcockpit/1/antwort";

inline constexpr std::string_view kApprovalType = "schwarm-approval+jws";

// What the abstract check judges (§ 7 Abs. 2 IDNrG): never a person, a case or content.
struct EvidenceClaim {
    Address client;
    Address provider;
    std::string evidence;  // kind, 1 to 64 of A-Z a-z 0-9 . _ : -
    std::string purpose;   // 1 to 200 bytes of UTF-8 without control characters
    std::string legal_basis;
    bool operator==(const EvidenceClaim&) const = default;
    // invalid_input: R1, something is missing or not as above.
    Result<void> check() const;
};
json::Value to_json(const EvidenceClaim& claim);
// The same claim has the same hash.
crypto::Hash hash_of(const EvidenceClaim& claim);

// What the third tenant says about a claim.
struct Approval {
    EvidenceClaim claim;
    bool granted = false;
    std::string reason;  // of a refusal, at most 1,000 bytes
    Instant from;
    Instant until;  // the first moment at which it does not hold any more
};
// The text that the checker signs (kApprovalType).
std::string approval_text(const Approval& approval);
// crypto_failed: not signed with this key.
Result<Approval> read_approval(std::string_view jws, const PublicKey& checker,
                               const Cryptography& cryptography);

Result<EvidenceClaim> read_check(const json::Value& body);

struct EvidenceAnswer {
    std::string request;  // id
    // geliefert, nicht_gefunden, abgelehnt
    std::string result;
    std::string reason;
    bool preview = false;  // the person sees it before it is used
    json::Value data;      // null unless geliefert
};
json::Value to_json(const EvidenceAnswer& answer);
Result<EvidenceAnswer> read_answer(const json::Value& body);

struct EvidenceRequest {
    std::string id;  // 1 to 64 of A-Z a-z 0-9 . _ : -
    EvidenceClaim claim;
    std::string procedure;   // the case at the asker, or the id of the call
    bool requested = false;  // the person asked for it
    std::string assurance;   // none, low, substantial, high: of the person's identification
    json::Value attributes;  // object: by which the person is found, and what else is asked with
    std::string approval;    // JWS, see Approval
    std::string checker;     // address: who signed it
};
json::Value to_json(const EvidenceRequest& request);
Result<EvidenceRequest> read_request(const json::Value& body);

// For logs and for comparing: SHA-256 of the canonical text of what was given out.
crypto::Hash data_hash(const json::Value& data);

}  // namespace schwarm::exchange
