// The rows of the space exchange (docs/formats/network.md, "Rows").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/exchange/receipt.hpp"
#include "schwarm/post/post.hpp"

namespace schwarm::post {

namespace keys {
// What a case sends: sealed under its key.
std::string delivery(CaseId case_id, std::uint64_t number);
std::string deliveries(CaseId case_id);
// Its documents, sealed under the case's key.
std::string manifest(CaseId case_id, std::string_view id);
// The conversation of a case with a participant.
std::string partner(CaseId case_id, std::string_view participant);
std::string partners(CaseId case_id);
// A delivery that is not over.
std::string open_delivery(std::uint64_t number);
std::uint64_t number_of(std::string_view open_delivery_key);
std::string conversation(std::string_view id);
std::string held(std::string_view conversation, std::uint64_t sequence);
std::string held_prefix(std::string_view conversation);
std::string received(std::string_view sender, std::string_view id);
// How the collecting of the documents of a held message ended.
std::string collected(std::string_view sender, std::string_view id);
// What is to be erased at a time.
std::string erase_at(Instant at, std::string_view key);
std::string erase_before(Instant at);
std::string erased_key(std::string_view erase_key);
inline constexpr std::string_view kConversationPrefix = "K";
inline constexpr std::string_view kOpenPrefix = "Q";
inline constexpr std::string_view kHeldPrefix = "H";
inline constexpr std::string_view kReceivedPrefix = "I";
inline constexpr std::string_view kCollectedPrefix = "G";
inline constexpr std::string_view kErasePrefix = "Z";
}  // namespace keys

struct Delivery {
    std::string id;
    std::string conversation;
    std::uint64_t sequence = 0;
    std::string participant;
    std::string role;
    std::string jurisdiction;
    std::string contract;
    std::string version;
    std::string message;
    std::string content;  // JSON
    Instant created;
    // Of a message of the node itself; else the contract says it.
    std::string purpose;
    std::string legal_basis;
    std::vector<std::string> documents;  // names in the case

    std::string type() const { return contract + "/" + version + "/" + message; }
    std::string encode() const;
    static Result<Delivery> decode(std::string_view bytes);
};

constexpr bool is_over(DeliveryState state) {
    return state == DeliveryState::expired || state == DeliveryState::refused;
}

// Plain: nothing of it is personal.
struct OpenDelivery {
    CaseId case_id;
    std::string id;
    std::string conversation;
    std::string to;  // address; empty: not found yet
    std::string type;
    DeliveryState state = DeliveryState::waiting;
    Instant created;
    Instant expires;
    std::string reason;
    bool has_documents = false;
    bool never_left = false;  // refused here: it could not be sealed

    std::string encode() const;
    static Result<OpenDelivery> decode(std::string_view bytes);
};

struct Conversation {
    CaseId case_id;
    std::string participant;
    std::string peer;             // address; empty: not found yet
    std::uint64_t next_sent = 1;  // sequence of the next message
    std::uint64_t next_expected = 1;

    std::string encode() const;
    static Result<Conversation> decode(std::string_view bytes);
};

// A tag of a case that a message has started: the conversation it belongs to. The case's first
// command may answer before there is a row of it.
struct OriginTag {
    std::string participant;
    std::string conversation;
    std::string peer;

    std::string text() const;
    // Nothing if this is another tag.
    static std::optional<OriginTag> parse(std::string_view tag);
};

// How a message was answered.
struct Received {
    std::optional<crypto::Hash> content;  // exchange::content_hash; older rows have none
    exchange::ReceiptState state = exchange::ReceiptState::delivered;
    std::string reason;
    CaseId case_id;

    std::string encode() const;
    static Result<Received> decode(std::string_view bytes);
};

}  // namespace schwarm::post
