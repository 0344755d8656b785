// What a tenant tells another of its messages: a signed list, so that one signature serves many.
//
// A JWS of type "schwarm-receipts" over JSON: {"version": 1, "from", "to", "time", "receipts":
// [{"id", "sha256", "state"[, "reason"]}]}. `sha256` is that of the envelope as it arrived, so that
// a receipt cannot be turned into one for another message.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/exchange/address.hpp"
#include "schwarm/exchange/cryptography.hpp"

namespace schwarm::exchange {

enum class ReceiptState : unsigned char {
    delivered,  // durable at the receiver, which waits for one sent before it
    processed,  // has taken effect
    refused,    // will never take effect: `reason`
    closed,     // will never take effect: the conversation is over at the receiver
};
std::string_view name_of(ReceiptState state);

struct Receipt {
    std::string id;  // of the message
    crypto::Hash envelope{};
    ReceiptState state = ReceiptState::delivered;
    std::string reason;  // of refused: one sentence, at most 1,000 bytes
};

struct ReceiptList {
    Address from;  // who received the messages and signs
    Address to;    // who sent them
    Instant time;
    std::vector<Receipt> receipts;  // at most 1,000
};

using SigningKeySource = std::function<Result<PublicKey>(const Address&, std::string_view kid)>;

Result<std::string> sign_receipts(const ReceiptList& list, const KeyPair& key,
                                  const Cryptography& cryptography);
// invalid_input names the member that is wrong; crypto_failed: not signed by `from`; whatever the
// source answers for a key it does not know.
Result<ReceiptList> read_receipts(std::string_view jws, const SigningKeySource& keys,
                                  const Cryptography& cryptography);

}  // namespace schwarm::exchange
