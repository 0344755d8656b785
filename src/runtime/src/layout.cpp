#include "layout.hpp"

#include "schwarm/base/binary.hpp"
#include "schwarm/crypto/hash.hpp"

namespace schwarm::runtime {

using storage::KeyBuilder;
using storage::KeyReader;

namespace keys {

std::string book(const TenantId& tenant) {
    return KeyBuilder(tenant).raw("B").take();
}
std::string counter(const TenantId& tenant, std::string_view name) {
    return KeyBuilder(tenant).raw("N").text(name).take();
}
std::string tenant_key(const TenantId& tenant) {
    return KeyBuilder(tenant).raw("T").take();
}
std::string case_keys(const TenantId& tenant, CaseId id) {
    return KeyBuilder(tenant).raw("C").number(id.value()).take();
}
std::string session_key(const TenantId& tenant, const PersonHash& draft) {
    return KeyBuilder(tenant).raw("S").raw(draft).take();
}
std::string secret(const TenantId& tenant, std::string_view name) {
    return KeyBuilder(tenant).raw("N").text(name).take();
}
std::string numbered(const TenantId& tenant, std::uint64_t number) {
    return KeyBuilder(tenant).number(number).take();
}
std::string timer(const TenantId& tenant, Instant due, CaseId id, engine::TimerKey key) {
    return KeyBuilder(tenant).number(sortable(due)).number(id.value()).number(key.value()).take();
}
std::string in_case(const TenantId& tenant, CaseId id, const PersonHash& name) {
    return KeyBuilder(tenant).number(id.value()).raw(name).take();
}
std::string outbox(const TenantId& tenant, Position position, engine::EffectKey key) {
    return KeyBuilder(tenant).number(position).number(key.value()).take();
}
std::string task_group(const TenantId& tenant, std::string_view group) {
    return KeyBuilder(tenant).raw("G").text(group).take();
}
std::string task_person(const TenantId& tenant, const PersonHash& person) {
    return KeyBuilder(tenant).raw("P").raw(person).take();
}
std::string job(const TenantId& tenant, CaseId id, engine::JobKey key) {
    return KeyBuilder(tenant).raw("J").number(id.value()).number(key.value()).take();
}
std::string job_type(const TenantId& tenant, std::string_view type) {
    return KeyBuilder(tenant).raw("A").text(key_text(type)).take();
}
std::string available_job(const TenantId& tenant, std::string_view type, std::int32_t priority) {
    return append(job_type(tenant, type),
                  static_cast<std::uint64_t>(std::int64_t{INT32_MAX} - priority));
}
std::string job_until(const TenantId& tenant, Instant until, CaseId id, engine::JobKey key) {
    return append(lettered(tenant, 'L', sortable(until)), id.value(), key.value());
}
std::string lettered(const TenantId& tenant, char letter) {
    return KeyBuilder(tenant).raw(std::string_view(&letter, 1)).take();
}
std::string lettered(const TenantId& tenant, char letter, std::uint64_t number) {
    return append(lettered(tenant, letter), number);
}
std::string subscription(const TenantId& tenant, std::string_view message,
                         const PersonHash& correlation) {
    return KeyBuilder(tenant).raw("M").text(key_text(message)).raw(correlation).take();
}
std::string hashed(const TenantId& tenant, const PersonHash& hash) {
    return KeyBuilder(tenant).raw(hash).take();
}
std::string done(const TenantId& tenant, std::uint64_t bucket, std::string_view command_id) {
    return KeyBuilder(tenant).number(bucket).text(command_id).take();
}
std::string plain(const TenantId& tenant, std::string_view key) {
    return KeyBuilder(tenant).raw(key).take();
}
std::string append(std::string prefix, std::uint64_t a) {
    return prefix += KeyBuilder().number(a).data();
}
std::string append(std::string prefix, std::uint64_t a, std::uint64_t b) {
    return append(append(std::move(prefix), a), b);
}
std::string append(std::string prefix, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    return append(append(append(std::move(prefix), a), b), c);
}

}  // namespace keys

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kCaseFormat = 2;  // 1: a state is stored with each command
constexpr std::uint8_t kJobFormat = 3;
constexpr std::uint8_t kJobFormatWithoutPriority = 2;
constexpr std::size_t kKeyTextMax = 128;

Error damaged(const char* what) {
    return fail(ErrorCode::corrupt, std::string("a stored row is damaged: ") + what);
}

void write_instant(ByteWriter& out, Instant at) {
    out.svarint(at.time_since_epoch().count());
}
Instant read_instant(ByteReader& in) {
    return Instant(std::chrono::milliseconds(in.svarint()));
}

void write_instant(ByteWriter& out, const std::optional<Instant>& at) {
    out.u8(at ? 1 : 0);
    if (at) write_instant(out, *at);
}
std::optional<Instant> read_optional_instant(ByteReader& in) {
    if (in.u8() == 0) return std::nullopt;
    return read_instant(in);
}

std::string read_text(ByteReader& in) {
    return std::string(in.bytes());
}

crypto::Hash read_hash(ByteReader& in) {
    const std::string_view bytes = in.raw(32);
    return bytes.size() == 32 ? crypto::hash_from_bytes(bytes) : crypto::Hash{};
}

// Reads the format byte; anything unknown makes the reader fail.
void expect_format(ByteReader& in, std::uint8_t format = kFormat) {
    if (in.u8() != format) in.set_failed();
}

bool complete(const ByteReader& in) {
    return in.ok() && in.at_end();
}

std::uint64_t flags_of(const CaseRow& row) {
    return (row.archived ? 1U : 0U) | (row.quarantined ? 2U : 0U) | (row.deleted ? 4U : 0U);
}

}  // namespace

std::uint64_t sortable(Instant at) {
    const auto ms = at.time_since_epoch().count();
    return ms < 0 ? 0 : static_cast<std::uint64_t>(ms);
}

Instant from_sortable(std::uint64_t value) {
    return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(value)));
}

std::string associated(Space space, const TenantId& tenant, CaseId id, std::uint64_t number,
                       std::string_view name) {
    std::string out;
    out.reserve(tenant.value().size() + name.size() + 18);
    out += static_cast<char>(space);
    out += tenant.value();
    out += '\0';
    out = keys::append(std::move(out), id.value(), number);
    out += name;
    return out;
}

std::string Book::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    for (const std::uint64_t number : {next_case, next_position, next_audit, next_sequence}) {
        out.u64(number);
    }
    out.raw(crypto::bytes_of(event_chain));
    out.raw(crypto::bytes_of(audit_chain));
    return out.take();
}

Result<Book> Book::decode(std::string_view bytes) {
    ByteReader in(bytes);
    Book book;
    expect_format(in);
    book.next_case = in.u64();
    book.next_position = in.u64();
    book.next_audit = in.u64();
    book.next_sequence = in.u64();
    book.event_chain = read_hash(in);
    book.audit_chain = read_hash(in);
    if (!complete(in)) return damaged("counters of a tenant");
    return book;
}

std::string CaseRecord::encode() const {
    ByteWriter out;
    out.u8(kCaseFormat);
    out.bytes(row.definition.value());
    out.u8(static_cast<std::uint8_t>(row.status));
    out.varint(flags_of(row));
    write_instant(out, row.created);
    write_instant(out, row.changed);
    write_instant(out, row.ended);
    write_instant(out, row.retention_until);
    out.varint(row.last_position);
    out.varint(last_audit);
    out.varint(row.open_tasks);
    out.varint(row.open_incidents);
    out.bytes(row.applicant);
    out.varint(persons.size());
    for (const PersonHash& person : persons) out.bytes(person);
    for (const std::uint64_t number : {snapshot, snapshot_bytes, bytes_since, commands_since}) {
        out.varint(number);
    }
    out.bytes(started_process);
    out.bytes(started_key);
    return out.take();
}

Result<CaseRecord> CaseRecord::decode(CaseId id, std::string_view bytes) {
    ByteReader in(bytes);
    CaseRecord record;
    CaseRow& row = record.row;
    row.id = id;
    const std::uint8_t format = in.u8();
    if (format != kFormat && format != kCaseFormat) in.set_failed();
    row.definition = engine::DefinitionKey(read_text(in));
    row.service = service_of(row.definition);
    row.status = static_cast<engine::CaseStatus>(in.u8());
    const std::uint64_t flags = in.varint();
    row.archived = (flags & 1U) != 0;
    row.quarantined = (flags & 2U) != 0;
    row.deleted = (flags & 4U) != 0;
    row.created = read_instant(in);
    row.changed = read_instant(in);
    row.ended = read_optional_instant(in);
    row.retention_until = read_optional_instant(in);
    row.last_position = in.varint();
    record.last_audit = in.varint();
    row.open_tasks = static_cast<std::uint32_t>(in.varint());
    row.open_incidents = static_cast<std::uint32_t>(in.varint());
    row.applicant = read_text(in);
    const std::uint64_t persons = in.varint();
    for (std::uint64_t i = 0; in.ok() && i < persons; ++i) record.persons.push_back(read_text(in));
    if (format == kFormat) {
        record.snapshot = row.last_position;
    } else {
        record.snapshot = in.varint();
        record.snapshot_bytes = in.varint();
        record.bytes_since = in.varint();
        record.commands_since = in.varint();
        record.started_process = read_text(in);
        record.started_key = read_text(in);
    }
    if (!complete(in)) return damaged("row of a case");
    return record;
}

std::string encode_task(const TaskRow& row) {
    ByteWriter out;
    out.u8(kFormat);
    out.bytes(row.service.value());
    out.bytes(row.element_id);
    out.bytes(row.name);
    out.bytes(row.form_id);
    write_instant(out, row.due);
    write_instant(out, row.follow_up);
    out.varint(row.priority);
    out.bytes(row.assignee);
    return out.take();
}

Result<TaskRow> decode_task(std::string_view key, std::string_view group, std::string_view bytes) {
    // The last three parts of the key are numbers: created, case, task.
    if (key.size() < 24) return damaged("key of a task");
    KeyReader place(key.substr(key.size() - 24));
    ByteReader in(bytes);
    TaskRow row;
    row.created = from_sortable(place.number());
    row.case_id = CaseId(place.number());
    row.key = ElementKey(place.number());
    row.group = group;
    expect_format(in);
    row.service = ServiceId(read_text(in));
    row.element_id = read_text(in);
    row.name = read_text(in);
    row.form_id = read_text(in);
    row.due = read_optional_instant(in);
    row.follow_up = read_optional_instant(in);
    row.priority = static_cast<std::uint32_t>(in.varint());
    row.assignee = read_text(in);
    if (!complete(in)) return damaged("row of a task");
    return row;
}

std::string encode_job(const JobRow& row) {
    ByteWriter out;
    out.u8(row.priority ? kJobFormat : kJobFormatWithoutPriority);
    out.bytes(row.service.value());
    out.bytes(row.type);
    out.bytes(row.element_id);
    out.varint(row.retries);
    write_instant(out, row.until);
    out.u8(row.locked ? 1 : 0);
    out.bytes(row.worker);
    if (row.priority) out.svarint(*row.priority);
    return out.take();
}

Result<JobRow> decode_job(std::string_view key, std::string_view bytes) {
    if (key.size() < 16) return damaged("key of a job");
    KeyReader place(key.substr(key.size() - 16));
    ByteReader in(bytes);
    JobRow row;
    row.case_id = CaseId(place.number());
    row.key = engine::JobKey(place.number());
    const std::uint8_t format = in.u8();
    if (format != kJobFormat && format != kJobFormatWithoutPriority) in.set_failed();
    row.service = ServiceId(read_text(in));
    row.type = read_text(in);
    row.element_id = read_text(in);
    row.retries = static_cast<std::uint32_t>(in.varint());
    row.until = read_optional_instant(in);
    row.locked = in.u8() == 1;
    row.worker = read_text(in);
    if (format == kJobFormat) row.priority = static_cast<std::int32_t>(in.svarint());
    if (!complete(in)) return damaged("row of a job");
    return row;
}

std::string encode_incident(const IncidentRow& row) {
    ByteWriter out;
    out.u8(kFormat);
    out.bytes(row.definition.value());
    out.u8(static_cast<std::uint8_t>(row.kind));
    out.varint(row.element.value());
    out.bytes(row.element_id);
    out.varint(row.job.value());
    write_instant(out, row.created);
    return out.take();
}

Result<IncidentRow> decode_incident(std::string_view key, std::string_view bytes) {
    if (key.size() < 16) return damaged("key of an incident");
    KeyReader place(key.substr(key.size() - 16));
    ByteReader in(bytes);
    IncidentRow row;
    row.case_id = CaseId(place.number());
    row.key = engine::IncidentKey(place.number());
    expect_format(in);
    row.definition = engine::DefinitionKey(read_text(in));
    row.kind = static_cast<engine::IncidentKind>(in.u8());
    row.element = ElementKey(in.varint());
    row.element_id = read_text(in);
    row.job = engine::JobKey(in.varint());
    row.created = read_instant(in);
    if (!complete(in)) return damaged("row of an incident");
    return row;
}

std::string key_text(std::string_view text) {
    if (text.size() <= kKeyTextMax) return std::string(text);
    return '\x01' + std::string(crypto::bytes_of(crypto::sha256(text)));
}

std::string SealedRow::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    out.varint(case_id.value());
    out.varint(number);
    write_instant(out, at);
    out.u8(flag ? 1 : 0);
    out.bytes(name);
    out.raw(sealed);
    return out.take();
}

Result<SealedRow> SealedRow::decode(std::string_view bytes) {
    ByteReader in(bytes);
    SealedRow row;
    expect_format(in);
    row.case_id = CaseId(in.varint());
    row.number = in.varint();
    row.at = read_instant(in);
    row.flag = in.u8() == 1;
    row.name = read_text(in);
    if (!in.ok()) return damaged("sealed row");
    row.sealed = std::string(in.raw(in.remaining()));
    return row;
}

std::string DoneRow::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    out.varint(case_id.value());
    out.u8(static_cast<std::uint8_t>(status));
    out.varint(position);
    return out.take();
}

Result<DoneRow> DoneRow::decode(std::string_view bytes) {
    ByteReader in(bytes);
    DoneRow row;
    expect_format(in);
    row.case_id = CaseId(in.varint());
    row.status = static_cast<engine::CaseStatus>(in.u8());
    row.position = in.varint();
    if (!complete(in)) return damaged("row of a command id");
    return row;
}

std::string DeletionRow::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    out.varint(position);
    write_instant(out, at);
    out.u8(log_too ? 1 : 0);
    out.bytes(rule);
    return out.take();
}

Result<DeletionRow> DeletionRow::decode(std::string_view bytes) {
    ByteReader in(bytes);
    DeletionRow row;
    expect_format(in);
    row.position = in.varint();
    row.at = read_instant(in);
    row.log_too = in.u8() == 1;
    row.rule = read_text(in);
    if (!complete(in)) return damaged("row of a deletion");
    return row;
}

std::string RetentionRow::encode() const {
    if (rule.empty() && !log_until) return {};
    ByteWriter out;
    out.u8(kFormat);
    out.bytes(rule);
    write_instant(out, log_until);
    return out.take();
}

Result<RetentionRow> RetentionRow::decode(std::string_view bytes) {
    RetentionRow row;
    if (bytes.empty()) return row;
    ByteReader in(bytes);
    expect_format(in);
    row.rule = read_text(in);
    row.log_until = read_optional_instant(in);
    if (!complete(in)) return damaged("row of a retention");
    return row;
}

std::string AuditText::encode() const {
    ByteWriter out;
    out.u8(kFormat);
    out.bytes(actor);
    out.bytes(action);
    out.bytes(detail);
    return out.take();
}

Result<AuditText> AuditText::decode(std::string_view bytes) {
    ByteReader in(bytes);
    AuditText text;
    expect_format(in);
    text.actor = read_text(in);
    text.action = read_text(in);
    text.detail = read_text(in);
    if (!complete(in)) return damaged("audit line");
    return text;
}

ServiceId service_of(const engine::DefinitionKey& definition) {
    const std::string& text = definition.value();
    return ServiceId(text.substr(0, text.find('/')));
}

std::string rows_of_case(char kind, CaseId case_id) {
    return keys::append(std::string(1, kind), case_id.value());
}

}  // namespace schwarm::runtime
