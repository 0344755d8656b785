// What a restored node asks another one, and the answers (docs/formats/network.md, "After a
// restore"). invalid_input: it is not such a text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::post {

// One conversation as the teller has it.
struct ToldConversation {
    std::string id;
    std::uint64_t expected = 1;  // of the other's messages
    std::uint64_t received = 0;  // the last one, also early
    std::uint64_t next = 1;      // of the own messages
    std::vector<std::uint64_t> open;
};

enum class Ask : std::uint8_t { again, conversations, open };

struct RestoredQuestion {
    Ask ask = Ask::again;
    TenantId tenant;    // of who asks
    Instant since;      // again
    std::string after;  // again, conversations: where the answer before ended
    // open: conversations with this tenant of who is asked
    TenantId of;
    std::vector<ToldConversation> told;

    std::string write() const;
    static Result<RestoredQuestion> read(std::string_view text);
};
// Whether a request is one.
bool is_restored_question(std::string_view text);

struct RestoredAnswer {
    std::string next;         // empty: that was all
    std::uint64_t count = 0;  // again: deliveries that were opened
    TenantId of;              // conversations: whose they are
    // conversations, the first page of a tenant: it was itself restored lately, from a backup of
    // this time.
    std::optional<Instant> since;
    std::vector<ToldConversation> told;

    std::string write() const;
    static Result<RestoredAnswer> read(std::string_view text);
};

}  // namespace schwarm::post
