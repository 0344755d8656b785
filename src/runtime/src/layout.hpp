// Where each row lies and what its bytes are: keys, associated data, codecs of the search rows.
// Byte-exact description: docs/formats/storage.md. Every decoder answers `corrupt` for damage.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/runtime/rows.hpp"
#include "schwarm/runtime/write_batch.hpp"
#include "schwarm/storage/key.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::runtime {

using storage::Space;

// Spaces whose rows are their writers' own (WriteBatch, ReadView).
constexpr bool is_plain(Space space) {
    return space == Space::packages || space == Space::settings || space == Space::exchange ||
           space == Space::directory;
}

namespace keys {
std::string book(const TenantId& tenant);                                  // meta
std::string counter(const TenantId& tenant, std::string_view name);        // meta
std::string tenant_key(const TenantId& tenant);                            // keys
std::string case_keys(const TenantId& tenant, CaseId id);                  // keys
std::string session_key(const TenantId& tenant, const PersonHash& draft);  // keys
std::string secret(const TenantId& tenant, std::string_view name);         // keys
std::string numbered(const TenantId& tenant, std::uint64_t number);  // events, state, cases, ...
std::string timer(const TenantId& tenant, Instant due, CaseId id, engine::TimerKey key);
std::string in_case(const TenantId& tenant, CaseId id, const PersonHash& name);  // documents
std::string outbox(const TenantId& tenant, Position position, engine::EffectKey key);
std::string task_group(const TenantId& tenant, std::string_view group);     // prefix
std::string task_person(const TenantId& tenant, const PersonHash& person);  // prefix
// Jobs: `J` the row itself, `A` available ones by type and priority, `L` the others by the end of
// their lock.
std::string job(const TenantId& tenant, CaseId id, engine::JobKey key);
std::string job_type(const TenantId& tenant, std::string_view type);  // prefix
// Then follow the case and the job; the highest priority comes first.
std::string available_job(const TenantId& tenant, std::string_view type, std::int32_t priority);
std::string job_until(const TenantId& tenant, Instant until, CaseId id, engine::JobKey key);
std::string lettered(const TenantId& tenant, char letter);  // prefix
std::string lettered(const TenantId& tenant, char letter, std::uint64_t number);
// Then follow the process's id, the case and the subscription.
std::string subscription(const TenantId& tenant, std::string_view message,
                         const PersonHash& correlation);             // prefix
std::string hashed(const TenantId& tenant, const PersonHash& hash);  // prefix
std::string done(const TenantId& tenant, std::uint64_t bucket, std::string_view command_id);
std::string plain(const TenantId& tenant, std::string_view key);  // packages, settings
std::string append(std::string prefix, std::uint64_t a);
std::string append(std::string prefix, std::uint64_t a, std::uint64_t b);
std::string append(std::string prefix, std::uint64_t a, std::uint64_t b, std::uint64_t c);
}  // namespace keys

// Milliseconds as they stand in keys; times before 1970 count as 1970.
std::uint64_t sortable(Instant at);
Instant from_sortable(std::uint64_t value);

// What a sealed text is bound to: space, tenant, case, number and name.
std::string associated(Space space, const TenantId& tenant, CaseId id, std::uint64_t number,
                       std::string_view name = {});

// The counters and chain ends of a tenant, in one row of `meta`.
struct Book {
    std::uint64_t next_case = 1;
    Position next_position = 1;
    std::uint64_t next_audit = 1;
    std::uint64_t next_sequence = 1;  // print queue, inbox
    crypto::Hash event_chain{};
    crypto::Hash audit_chain{};

    std::string encode() const;
    static Result<Book> decode(std::string_view bytes);
    bool operator==(const Book&) const = default;
};

// The row of a case with what only the writer needs.
struct CaseRecord {
    CaseRow row;
    std::uint64_t last_audit = 0;     // newest audit line about it
    std::vector<PersonHash> persons;  // under which it is found in `persons`
    // The command whose state is stored; 0: none, the state is made from the events alone.
    Position snapshot = 0;
    std::uint64_t snapshot_bytes = 0;  // its size; without one, that of the first events
    std::uint64_t bytes_since = 0;     // of the events after it
    std::uint64_t commands_since = 0;
    // Started by a message with a key: no second one while it runs. Empty: not so.
    std::string started_process;
    PersonHash started_key;

    std::string encode() const;
    static Result<CaseRecord> decode(CaseId id, std::string_view bytes);
};

std::string encode_task(const TaskRow& row);
Result<TaskRow> decode_task(std::string_view key, std::string_view group, std::string_view bytes);
std::string encode_job(const JobRow& row);
Result<JobRow> decode_job(std::string_view key, std::string_view bytes);
std::string encode_incident(const IncidentRow& row);
Result<IncidentRow> decode_incident(std::string_view key, std::string_view bytes);
// Texts of models in keys: long ones are replaced by their hash.
std::string key_text(std::string_view text);

// A sealed text with a little clear text before it (state, outbox, print, inbox, drafts, ...).
struct SealedRow {
    CaseId case_id;
    std::uint64_t number = 0;  // position or sequence to which the text is bound
    Instant at;
    bool flag = false;  // inbox: read
    std::string name;
    std::string sealed;

    std::string encode() const;
    static Result<SealedRow> decode(std::string_view bytes);
};

struct DoneRow {
    CaseId case_id;
    engine::CaseStatus status = engine::CaseStatus::none;
    Position position = 0;
    std::string encode() const;
    static Result<DoneRow> decode(std::string_view bytes);
};

struct DeletionRow {
    Position position = 0;  // of the event row that records it
    Instant at;
    bool log_too = false;
    std::string rule;
    std::string encode() const;
    static Result<DeletionRow> decode(std::string_view bytes);
};

// Of the timers kRetentionTimer and kLogTimer: what is fixed about the deletion when the case ends.
struct RetentionRow {
    std::string rule;
    std::optional<Instant> log_until;
    std::string encode() const;  // nothing is an empty row
    static Result<RetentionRow> decode(std::string_view bytes);
};

struct AuditText {
    std::string actor;
    std::string action;
    std::string detail;
    std::string encode() const;
    static Result<AuditText> decode(std::string_view bytes);
};

ServiceId service_of(const engine::DefinitionKey& definition);

}  // namespace schwarm::runtime
