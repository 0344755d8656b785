// What the reading side answers: search rows (nothing personal in clear), and decrypted views.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/engine/event.hpp"
#include "schwarm/engine/ids.hpp"
#include "schwarm/engine/state.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::runtime {

// First 16 bytes of HMAC-SHA256 under the tenant's search key; empty if there is no person.
using PersonHash = std::string;

// One number for everything that is named outside: the case's number and the key within it
// (ElementKey, JobKey, IncidentKey, ...). Local 0: something outside of cases (messages, batches),
// whose numbers are drawn by WriteBatch::next_number("key").
inline constexpr unsigned kLocalBits = 24;
constexpr std::uint64_t global_key(std::uint64_t number, std::uint64_t local = 0) {
    return number << kLocalBits | local;
}
inline std::uint64_t global_key(CaseId id, std::uint64_t local) {
    return global_key(id.value(), local);
}
inline CaseId case_of(std::uint64_t key) {
    return CaseId(key >> kLocalBits);
}
constexpr std::uint64_t local_of(std::uint64_t key) {
    return key & ((std::uint64_t{1} << kLocalBits) - 1);
}

// Counts up by one per durable command of a tenant, from 1.
using Position = std::uint64_t;

// One row a case, in the order of creation.
struct CaseRow {
    CaseId id;
    ServiceId service;  // the part of the definition key before the first '/'
    engine::DefinitionKey definition;
    engine::CaseStatus status = engine::CaseStatus::none;
    Instant created;
    Instant changed;
    std::optional<Instant> ended;
    std::optional<Instant> retention_until;
    Position last_position = 0;  // of its newest event row
    std::uint32_t open_tasks = 0;
    std::uint32_t open_incidents = 0;
    bool archived = false;
    bool quarantined = false;
    bool deleted = false;  // by law; only this row and the hashes are left
    PersonHash applicant;  // of who started it
};

// How long an ended case is kept: at `until` it is deleted by law by itself, durably and to the
// millisecond, or when what it has to send and to print is done (looked at once an hour).
struct Retention {
    Instant until;
    std::string rule;  // citation for the deletion protocol; empty: a sentence that says no more
    // When the audit lines about the case are deleted as well, not before the case; nothing: never.
    std::optional<Instant> log_until;
};

// One open user task, as an inbox lists it.
struct TaskRow {
    CaseId case_id;
    ElementKey key;
    ServiceId service;
    std::string group;  // the candidate group under which it was found
    std::string element_id;
    std::string name;  // the task's name in the model
    std::string form_id;
    Instant created;
    std::optional<Instant> due;
    std::optional<Instant> follow_up;
    std::uint32_t priority = 50;
    PersonHash assignee;  // empty: nobody holds it
};

// An open job. Locked: a worker holds it until `until`; not locked with `until`: it is left alone
// till then after a failure (back-off).
struct JobRow {
    engine::JobKey key;
    CaseId case_id;
    ServiceId service;
    std::string type;
    std::string element_id;
    std::uint32_t retries = 0;
    std::optional<Instant> until;
    bool locked = false;
    std::string worker;  // who holds or held it last; empty: nobody yet
    // Nothing: the row was written before jobs were ordered; it comes before usual priorities.
    std::optional<std::int32_t> priority;
};

// An open incident; its reason is in the case's state.
struct IncidentRow {
    engine::IncidentKey key;
    CaseId case_id;
    engine::DefinitionKey definition;  // of the case
    engine::IncidentKind kind = engine::IncidentKind::expression;
    ElementKey element;
    std::string element_id;
    engine::JobKey job;  // 0: it does not concern a job
    Instant created;
};

struct SubscriptionRow {
    engine::SubscriptionKey key;
    CaseId case_id;
    std::string message_name;
    std::string element_id;
    std::string process_id;  // of the process whose event waits
    ElementKey process_instance;
};

// One command in a case's history, decrypted. events is empty and deleted true where the body
// was deleted by law.
struct HistoryEntry {
    Position position = 0;
    Instant at;
    std::string kind;  // name of the command: "create_case", "complete_user_task", ...
    bool deleted = false;
    std::vector<engine::Event> events;
};

// A line of the audit log, decrypted.
struct AuditLine {
    std::uint64_t number = 0;  // counts up within the tenant, from 1
    Instant at;
    CaseId case_id;  // 0: it concerns no case
    bool deleted = false;
    std::string actor;
    std::string action;
    std::string detail;
};

struct PrintJob {
    std::string id;  // opaque; for WriteBatch::finish_print
    CaseId case_id;
    Instant created;
    std::string name;
    feel::Value payload;  // null if the case was deleted meanwhile
};

struct InboxMessage {
    std::string id;  // opaque; for WriteBatch::mark_read
    CaseId case_id;
    Instant created;
    bool read = false;
    std::string name;
    feel::Value payload;
};

// A draft of a form before it is sent, under a key of its own.
struct Draft {
    std::string id;
    Instant saved;
    Instant expires;
    std::string content;  // as the caller gave it, for example JSON
};

// One page of a listing. next: give it as the cursor of the next call; empty at the end.
// truncated: the row limit of a filtered scan was reached before the page was full; next goes on
// from there.
template <class Row>
struct Page {
    std::vector<Row> rows;
    std::string next;
    bool truncated = false;
};

}  // namespace schwarm::runtime
