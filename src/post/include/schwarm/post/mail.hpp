// What one case and other tenants have sent each other, out of the rows of the exchange and the
// lines of the audit log about the case. Nothing of what the messages say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"

namespace schwarm::post {

enum class DeliveryState : std::uint8_t {
    waiting,    // not receipted yet
    delivered,  // durable at the receiver, not processed yet
    expired,    // its time is over: an incident of the case, until somebody resolves it
    refused,    // the receiver will not take it: likewise
};
std::string_view name_of(DeliveryState state);

// Of a case with one pool. Both sides know it by the same id.
struct CaseConversation {
    std::string id;
    std::string participant;  // the pool, in the model of the case
    std::string peer;         // address; empty: not found yet
    std::uint64_t sent = 0;   // messages, those that wait among them
    std::uint64_t received = 0;
    std::uint64_t held = 0;  // arrived, but wait for an earlier one
    // The case at its other end, where that is of this node.
    std::optional<std::pair<TenantId, CaseId>> other;
};

// Its row is kept for some time after its receipt (Options::kept); what only the audit log knows
// then has no participant, conversation and time of sending.
struct SentMessage {
    std::string id;
    std::string type;  // contract/version/message
    std::string participant;
    std::string conversation;
    std::string to;  // address; empty: nobody is found for the role yet
    std::optional<Instant> sent;
    std::optional<DeliveryState> open;  // nothing: it has taken effect there
    std::optional<Instant> processed;
    std::optional<Instant> expires;  // of an open one
    std::string reason;              // why it is open, as far as something failed; English
};

struct ReceivedMessage {
    std::string id;
    std::string type;
    std::string from;   // address
    std::string state;  // "processed", "refused", "closed"
    Instant at;
    std::string reason;  // of a refusal
};

struct CaseMail {
    std::vector<CaseConversation> conversations;  // by participant
    std::vector<SentMessage> sent;                // oldest first, those without a time before
    std::vector<ReceivedMessage> received;        // oldest first
    bool complete = true;                         // false: the case has more than is read
};

}  // namespace schwarm::post
