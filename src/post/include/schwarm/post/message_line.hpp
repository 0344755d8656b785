// Lines of a tenant's audit log about messages: how they are written and read
// (docs/formats/network.md, "Lines about messages"). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/crypto/hash.hpp"
#include "schwarm/exchange/audit_proof.hpp"
#include "schwarm/exchange/envelope.hpp"

namespace schwarm::post {

struct MessageLine {
    bool sent = false;    // by this tenant, and receipted as processed; else it was received
    std::string type;     // contract/version/message
    std::string id;       // unique for its sender
    std::string partner;  // address of the other side
    std::string content;  // hash of what it says, base64url; empty in lines of before 2026-11-27
    std::string state;    // "processed", "refused", "closed", "delivered"
    std::string reason;   // of a refusal
};

// The text of a line.
std::string sent_line(std::string_view type, std::string_view id, std::string_view to,
                      const crypto::Hash& content);
std::string received_line(const exchange::Envelope& envelope,
                          const std::optional<crypto::Hash>& content, std::string_view reason);
// Nothing: the line is about something else.
std::optional<MessageLine> read_message_line(const exchange::AuditText& line);

// One message between the tenants of two proofs.
struct ComparedMessage {
    enum class Verdict : std::uint8_t {
        same,      // both logs name it with the same content
        differs,   // with different contents: one of the two logs does not say the truth
        unknown,   // a line of before there were hashes
        one_sided  // only its sender's proof names it: the other one is about another case
    };
    exchange::Address from;
    exchange::Address to;
    MessageLine line;  // the sender's
    Verdict verdict = Verdict::one_sided;
};
// Of proofs with their texts: every message that one of the two has sent to the other, and that was
// processed there.
std::vector<ComparedMessage> compare_messages(const exchange::AuditProof& a,
                                              const exchange::AuditProof& b);

}  // namespace schwarm::post
