// Where a case stands in its process, and with whom else it is worked on: what a clerk or operator
// sees of the whole collaboration. Of other authorities only what was exchanged with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/bpmn/diagram.hpp"

namespace schwarm::app {

// --- what the node's part in the network knows about a case (Network::mail) ---------------------

// With one pool. Both sides know a conversation by the same id.
struct CaseConversation {
    std::string id;
    std::string participant;  // id of the pool in the model of the case
    std::string peer;         // address; empty: nobody is found for the role yet
    std::string peer_name;    // of the authority, by the directory; else empty
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t held = 0;                            // arrived, but wait for an earlier one
    std::optional<std::pair<TenantId, CaseId>> other;  // the other side's case, if of this node
};
// What is known from the log only has no participant and no time of sending.
struct SentMessage {
    std::string type;  // contract/version/message
    std::string participant;
    std::string to;  // address; empty: nobody is found yet
    std::optional<Instant> sent;
    std::string state;  // "waiting", "delivered", "expired", "refused", "processed"
    std::optional<Instant> processed;
    std::string reason;  // English; of what failed
};
struct ReceivedMessage {
    std::string type;
    std::string from;   // address
    std::string state;  // "processed", "refused", "closed"
    Instant at;
    std::string reason;
};
struct CaseMail {
    std::vector<CaseConversation> conversations;
    std::vector<SentMessage> sent;          // oldest first
    std::vector<ReceivedMessage> received;  // oldest first
    bool complete = true;
};

// --- what App makes of it -----------------------------------------------------------------------

enum class StepState : std::uint8_t { passed, ended, active, incident };
std::string_view name_of(StepState state);

// An element of the process in which the case was or is, the newest activation of it.
struct StepProgress {
    std::string element;
    std::string name;  // empty: the model has none
    bpmn::NodeKind kind = bpmn::NodeKind::task;
    StepState state = StepState::passed;  // ended: from outside, before it was done
    std::uint64_t times = 1;
    std::optional<Instant> since;
    std::optional<Instant> until;
    std::string reason;  // of an incident
};

enum class MessageState : std::uint8_t {
    not_sent,
    sent,       // it has left; nothing more is known
    waiting,    // for the other side, or for its address
    delivered,  // durable there
    processed,  // has taken effect there
    expired,    // not taken in time
    refused,
    not_received,
    expected,  // the case waits for it
    arrived,   // here, but the case does not wait for it yet
    received,  // has taken effect in the case
    rejected,  // this side did not take it
};
std::string_view name_of(MessageState state);

// One message of a message flow; of a flow without any so far one entry without times.
struct MessageProgress {
    std::string flow;  // id of the message flow; empty if the model draws none
    std::string name;  // of the message
    std::string participant;
    std::string participant_name;
    bool outgoing = false;
    MessageState state = MessageState::not_sent;
    std::optional<Instant> at;       // sent, or received
    std::optional<Instant> settled;  // processed on the other side
    std::string reason;
};

// The other case where the viewer may see it.
struct OtherCase {
    TenantId tenant;
    CaseId id;
    std::string number;
};
struct PartnerProgress {
    std::string participant;
    std::string name;  // of the pool
    std::optional<CaseConversation> conversation;
    std::optional<OtherCase> other;
};

struct CaseProgress {
    std::string number;
    CaseId id;
    TenantId tenant;
    std::string tenant_name;
    std::string title;  // of the service
    bool open = true;
    bool complete = true;  // false: the history is longer than what is looked at
    bpmn::Diagram diagram;
    std::vector<StepProgress> steps;        // in the order of the process
    std::vector<std::string> taken;         // ids of sequence flows
    std::vector<MessageProgress> messages;  // in the order of the model
    std::vector<PartnerProgress> partners;  // black boxes, in the order of the model
};

}  // namespace schwarm::app
