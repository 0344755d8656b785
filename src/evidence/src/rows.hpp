// The rows of evidence in the space exchange (docs/formats/network.md, "Rows of evidence"). What
// is personal is sealed: a retrieval under the key of its case, requests and the log under the
// tenant's.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/engine/ids.hpp"
#include "schwarm/evidence/evidence.hpp"

namespace schwarm::evidence {

// A retrieval of this node, from the task to its completion.
struct Ask {
    std::string id;
    CaseId case_id;  // 0: of an information system
    engine::JobKey job;
    exchange::EvidenceClaim claim;
    std::string authority;  // key by which the provider is found
    std::string procedure;
    bool requested = false;
    std::string assurance;
    json::Value attributes;
    Waiting waiting = Waiting::authority;
    Instant since;
    json::Value data;

    std::string encode() const;
    static Result<Ask> decode(std::string_view text);
};

// What another tenant asked and this node has not answered.
struct Request {
    std::string from;
    std::string message;  // kCheckMessage, kRequestMessage
    json::Value body;

    std::string encode() const;
    static Result<Request> decode(std::string_view text);
};

// The answer of a checker, or that it was asked.
struct Check {
    std::string checker;
    std::string approval;  // JWS; empty: it was asked
    bool granted = false;
    std::string reason;
    Instant until;  // when it is to be asked again

    std::string encode() const;
    static Result<Check> decode(std::string_view text);
};

// Notes which data were given out; nothing if there are none.
void note_data(LogEntry& entry, const json::Value& data);
json::Value to_json(const LogEntry& entry);
Result<LogEntry> log_entry(const json::Value& value);

namespace keys {
inline constexpr std::string_view kAskPrefix = "No";
inline constexpr std::string_view kRequestPrefix = "Na";
inline constexpr std::string_view kLogPrefix = "Nl";
std::string ask(CaseId case_id, std::string_view id);  // sealed
std::string asks_of(CaseId case_id);
// id -> key of the ask
std::string open_ask(std::string_view id);
std::string of_job(CaseId case_id, engine::JobKey job);
std::string waits_for(const crypto::Hash& claim, std::string_view id);
std::string waiting_for(const crypto::Hash& claim);
std::string check(const crypto::Hash& claim);
std::string request(std::string_view from, std::string_view id);  // sealed
std::string log(Instant at, std::string_view id);                 // sealed
std::string of_person(std::string_view person, Instant at, std::string_view id);
std::string about(std::string_view person);
}  // namespace keys

}  // namespace schwarm::evidence
