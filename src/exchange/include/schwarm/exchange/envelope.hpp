// A message between two tenants: signed by the sender (JWS), then sealed for the receiver (JWE).
// The rules are those of docs/decisions/0010-network.md, "A message". All functions are
// thread-safe: no state between calls.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/exchange/address.hpp"
#include "schwarm/exchange/cryptography.hpp"
#include "schwarm/exchange/documents.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::exchange {

// Of the sealed text. Both layers are base64url, so about 140 kB are left for the JSON text of
// body and manifest; what is larger travels as a document.
inline constexpr std::size_t kMaxEnvelopeBytes = std::size_t{256} * 1024;
inline constexpr std::size_t kMaxEnvelopeDocuments = 100;
inline constexpr std::size_t kMaxBodyDepth = 32;
inline constexpr std::uint64_t kMaxSequence = (std::uint64_t{1} << 53) - 1;

// typ of the two layers.
inline constexpr std::string_view kMessageJws = "schwarm-message+jws";
inline constexpr std::string_view kMessageJwe = "schwarm-message+jwe";

// What everybody on the way can read: all that routing and the abstract check need, so never
// anything of a person. The same members are signed.
struct Routing {
    Address from;
    Address to;
    std::string type;            // of the message, 1 to 128 of A-Z a-z 0-9 . _ : / -
    std::string conversation;    // 1 to 64 of A-Z a-z 0-9 . _ : -
    std::string id;              // likewise; unique for this sender
    std::uint64_t sequence = 0;  // within conversation and direction, up to kMaxSequence
    Instant time;                // when it was made; the years 1970 to 9999
    std::string purpose;         // 1 to 200 bytes of UTF-8 without control characters
    std::string legal_basis;     // likewise
    bool operator==(const Routing&) const = default;
};

struct Envelope : Routing {
    Instant expires;  // later than `time`; afterwards nobody takes it
    json::Value body;
    std::vector<Document> documents;
};

// Of what a message says, however often and to which key it was sealed: type, conversation,
// sequence, body and documents, without their keys.
crypto::Hash content_hash(const Envelope& envelope);

// Signed with `sender` and sealed for `receiver`: the compact JWE. invalid_input: a member is not
// as above, with its place; limit_exceeded: body, manifest or the whole is too large; besides the
// errors of sign() and seal().
Result<std::string> make_envelope(const Envelope& envelope, const KeyPair& sender,
                                  const PublicKey& receiver, const Cryptography& cryptography,
                                  Random& random);

// The protected header, not authenticated: for routing and the abstract check.
struct EnvelopeHeader : Routing {
    std::string kid;  // of the receiver's sealing key
};
// invalid_input, not_well_formed, limit_exceeded: it is not exactly that of an envelope.
Result<EnvelopeHeader> read_header(std::string_view jwe);

// The sender's signing key of this kid that counts now; not_found if there is none.
using KeyLookup = std::function<Result<PublicKey>(const Address& sender, std::string_view kid)>;

struct Acceptance {
    Instant now;
    // How far the sender's clock may be ahead, and ours behind.
    std::chrono::milliseconds clock_skew = std::chrono::minutes(5);
    // Between time and expires; what de-duplication must remember depends on it.
    std::chrono::milliseconds max_lifetime = std::chrono::hours(24 * 90);
};

struct OpenedEnvelope {
    Envelope envelope;
    std::string signer;  // kid of the sender's key
    // The signed text: the proof of what the sender said. It holds the keys of the documents and
    // personal data, so it is kept sealed.
    std::string jws;
};

// Opens with the key of `receiver` and checks everything that can be checked without memory:
// receiver, signature, that header and signed text say the same, form, limits, times. A message
// seen before is the caller's to know. invalid_input, not_well_formed, limit_exceeded: it is no
// envelope for this receiver, with the place; gone: it has expired; crypto_failed: not sealed for
// this key, not signed by this sender, or changed; and the error of `lookup`.
Result<OpenedEnvelope> open_envelope(std::string_view jwe, const Address& receiver,
                                     const KeyPair& sealing_key, const KeyLookup& lookup,
                                     const Cryptography& cryptography,
                                     const Acceptance& acceptance);
// As that, for who has read the header of this very text and knows its receiver's key.
Result<OpenedEnvelope> open_envelope(std::string_view jwe, const EnvelopeHeader& header,
                                     const KeyPair& sealing_key, const KeyLookup& lookup,
                                     const Cryptography& cryptography,
                                     const Acceptance& acceptance);

}  // namespace schwarm::exchange
