#include "schwarm/runtime/read_view.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

#include "case_state.hpp"
#include "chained_row.hpp"
#include "message_rows.hpp"
#include "read_access.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/engine/engine.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::runtime {
namespace {

constexpr std::size_t kMaxPage = 500;

Error no_such(const char* what, CaseId id) {
    return fail(ErrorCode::not_found, std::string("there is no such ") + what,
                "case " + std::to_string(id.value()));
}
Error deleted(CaseId id) {
    return fail(ErrorCode::gone, "the case was deleted by law",
                "case " + std::to_string(id.value()));
}

std::size_t page_size(std::size_t wanted) {
    return std::clamp<std::size_t>(wanted, 1, kMaxPage);
}

// Rows below a prefix, page by page; the cursor is the rest of the last key in hexadecimal.
template <class Row>
Result<Page<Row>> list_page(
    storage::Reader& reader, Space space, const std::string& prefix, std::size_t limit,
    std::string_view cursor,
    const std::function<Result<Row>(std::string_view, std::string_view)>& decode) {
    storage::ScanRange range = storage::prefix_range(prefix, page_size(limit) + 1);
    if (!cursor.empty()) {
        SCHWARM_TRY(after, crypto::hex_decode(cursor));
        // The first key behind the last one shown.
        range.from = prefix + after + '\0';
    }
    Page<Row> page;
    Result<void> decoding;
    std::string last;
    SCHWARM_TRY_VOID(reader.scan(space, range, [&](std::string_view key, std::string_view value) {
        if (page.rows.size() == page_size(limit)) {
            page.next = crypto::hex_encode(last);
            return false;
        }
        auto row = decode(key, value);
        if (row.has_error()) {
            decoding = row.error();
            return false;
        }
        page.rows.push_back(std::move(row.value()));
        last = key.substr(prefix.size());
        return true;
    }));
    SCHWARM_TRY_VOID(decoding);
    return page;
}

bool matches(const CaseFilter& filter, const CaseRow& row) {
    return (!filter.service || row.service == *filter.service) &&
           (!filter.status || row.status == *filter.status) &&
           (!filter.quarantined_only || row.quarantined) &&
           (!filter.with_incidents_only || row.open_incidents > 0);
}

Result<std::uint64_t> cursor_number(const std::string& cursor) {
    if (cursor.empty()) return UINT64_MAX;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), value);
    if (error != std::errc() || end != cursor.data() + cursor.size()) {
        return fail(ErrorCode::invalid_input, "the cursor is not one of ours");
    }
    return value;
}

void check_plain(Space space) {
    CHECK(is_plain(space), "this space is not open to ReadView::get");
}

}  // namespace

Result<const DataKeys*> ReadView::Access::data_keys(CaseId id) {
    if (const auto it = data_keys_.find(id); it != data_keys_.end()) return &it->second;
    SCHWARM_TRY(loaded, read_data_keys(*reader, *keys, tenant, id));
    return &data_keys_.insert_or_assign(id, std::move(loaded)).first->second;
}

Result<CaseRecord> ReadView::Access::record(CaseId id) {
    SCHWARM_TRY(bytes, reader->get(Space::cases, keys::numbered(tenant, id.value())));
    if (!bytes) return no_such("case", id);
    return CaseRecord::decode(id, *bytes);
}

Result<std::string> ReadView::Access::open_sealed(Space space, const SealedRow& row,
                                                  std::string_view name) {
    SCHWARM_TRY(data_keys, this->data_keys(row.case_id));
    if (!data_keys->kase) return deleted(row.case_id);
    return crypto::open(*data_keys->kase, associated(space, tenant, row.case_id, row.number, name),
                        row.sealed);
}

ReadView::ReadView(std::unique_ptr<Access> access) : access_(std::move(access)) {}
ReadView::ReadView(ReadView&&) noexcept = default;
ReadView& ReadView::operator=(ReadView&&) noexcept = default;
ReadView::~ReadView() = default;

PersonHash ReadView::person_hash(std::string_view person) const {
    return access_->keys->hash(kPersonField, person);
}

Result<CaseRow> ReadView::case_row(CaseId id) const {
    SCHWARM_TRY(record, access_->record(id));
    return record.row;
}

Result<engine::CaseState> ReadView::case_state(CaseId id) const {
    SCHWARM_TRY(record, access_->record(id));
    if (record.row.deleted) return deleted(id);
    SCHWARM_TRY(data_keys, access_->data_keys(id));
    if (!data_keys->kase) return deleted(id);
    return load_state(*access_->reader, access_->tenant, record, *data_keys->kase);
}

Result<std::vector<HistoryEntry>> ReadView::history(CaseId id, std::size_t limit) const {
    SCHWARM_TRY(record, access_->record(id));
    SCHWARM_TRY(data_keys, access_->data_keys(id));
    std::vector<HistoryEntry> entries;
    for (Position position = record.row.last_position; position != 0 && entries.size() < limit;) {
        SCHWARM_TRY(bytes,
                    access_->reader->get(Space::events, keys::numbered(access_->tenant, position)));
        if (!bytes) return fail(ErrorCode::corrupt, "a row of the history is missing");
        SCHWARM_TRY(row, decode_chained_row(position, *bytes));
        HistoryEntry entry;
        entry.position = position;
        entry.at = row.at;
        entry.kind = name_of(row.kind);
        entry.deleted = row.deleted;
        if (!row.deleted) {
            if (!data_keys->kase) return deleted(id);
            SCHWARM_TRY(
                plain,
                crypto::open(*data_keys->kase,
                             associated(Space::events, access_->tenant, id, position), row.body));
            SCHWARM_TRY(events, engine::decode_events(plain));
            entry.events = std::move(events);
        }
        entries.push_back(std::move(entry));
        position = row.previous;
    }
    std::reverse(entries.begin(), entries.end());
    return entries;
}

Result<std::vector<std::string>> ReadView::document_names(CaseId id) const {
    std::vector<std::string> names;
    const std::string prefix = keys::numbered(access_->tenant, id.value());
    const auto add = [&](std::string_view key, std::string_view value) -> Result<void> {
        SCHWARM_TRY(row, SealedRow::decode(value));
        row.number = kDocumentName;
        row.sealed = row.name;
        SCHWARM_TRY(name, access_->open_sealed(Space::documents, row, key.substr(prefix.size())));
        names.push_back(std::move(name));
        return {};
    };
    Result<void> failed;
    SCHWARM_TRY_VOID(access_->reader->scan(Space::documents, storage::prefix_range(prefix),
                                           [&](std::string_view key, std::string_view value) {
                                               failed = add(key, value);
                                               return failed.has_value();
                                           }));
    SCHWARM_TRY_VOID(failed);
    std::sort(names.begin(), names.end());
    return names;
}

Result<Page<CaseRow>> ReadView::cases(const CaseFilter& filter) const {
    SCHWARM_TRY(before, cursor_number(filter.cursor));
    Page<CaseRow> page;
    const std::size_t limit = page_size(filter.limit);
    std::size_t looked_at = 0;
    std::uint64_t last = 0;
    Result<void> failed;
    const auto add = [&](std::uint64_t number, std::string_view bytes) {
        if (page.rows.size() == limit || looked_at == filter.rows_max) {
            page.next = std::to_string(last);
            page.truncated = page.rows.size() < limit;
            return false;
        }
        ++looked_at;
        last = number;
        auto record = CaseRecord::decode(CaseId(number), bytes);
        if (record.has_error()) {
            failed = record.error();
            return false;
        }
        if (matches(filter, record.value().row)) page.rows.push_back(record.value().row);
        return true;
    };
    const auto number_in = [](std::string_view key) {
        return storage::KeyReader(key.substr(key.size() - 8)).number();
    };
    if (filter.applicant) {
        const std::string prefix = keys::hashed(access_->tenant, person_hash(*filter.applicant));
        const storage::ScanRange range{prefix, keys::append(prefix, before), SIZE_MAX, true};
        SCHWARM_TRY_VOID(access_->reader->scan(
            Space::persons, range, [&](std::string_view key, std::string_view) {
                const std::uint64_t number = number_in(key);
                const auto row =
                    access_->reader->get(Space::cases, keys::numbered(access_->tenant, number));
                if (row.has_error()) {
                    failed = row.error();
                    return false;
                }
                return !row.value() || add(number, *row.value());
            }));
    } else {
        const storage::ScanRange range{keys::plain(access_->tenant, {}),
                                       keys::numbered(access_->tenant, before), SIZE_MAX, true};
        SCHWARM_TRY_VOID(access_->reader->scan(Space::cases, range,
                                               [&](std::string_view key, std::string_view value) {
                                                   return add(number_in(key), value);
                                               }));
    }
    SCHWARM_TRY_VOID(failed);
    return page;
}

Result<std::vector<CaseId>> ReadView::find_cases(std::string_view field, std::string_view value,
                                                 std::size_t limit) const {
    std::vector<CaseId> found;
    const PersonHash hash = access_->keys->hash(field, value);
    if (hash.empty()) return found;
    const auto range = storage::prefix_range(keys::hashed(access_->tenant, hash), limit);
    SCHWARM_TRY_VOID(
        access_->reader->scan(Space::persons, range, [&](std::string_view key, std::string_view) {
            found.emplace_back(storage::KeyReader(key.substr(key.size() - 8)).number());
            return true;
        }));
    return found;
}

Result<Page<TaskRow>> ReadView::tasks(std::string_view group, std::size_t limit,
                                      std::string_view cursor) const {
    return list_page<TaskRow>(*access_->reader, Space::tasks,
                              keys::task_group(access_->tenant, group), limit, cursor,
                              [&](std::string_view key, std::string_view value) {
                                  return decode_task(key, group, value);
                              });
}

Result<Page<TaskRow>> ReadView::tasks_of_candidate(std::string_view person, std::size_t limit,
                                                   std::string_view cursor) const {
    return list_page<TaskRow>(
        *access_->reader, Space::tasks, keys::task_person(access_->tenant, person_hash(person)),
        limit, cursor,
        [&](std::string_view key, std::string_view value) { return decode_task(key, {}, value); });
}

Result<Page<JobRow>> ReadView::jobs(std::string_view type, std::size_t limit,
                                    std::string_view cursor) const {
    return list_page<JobRow>(*access_->reader, Space::jobs, keys::job_type(access_->tenant, type),
                             limit, cursor,
                             [&](std::string_view key, std::string_view) -> Result<JobRow> {
                                 storage::KeyReader parts(key.substr(key.size() - 16));
                                 const CaseId id(parts.number());
                                 return job(id, engine::JobKey(parts.number()));
                             });
}

Result<JobRow> ReadView::job(CaseId id, engine::JobKey key) const {
    const std::string place = keys::job(access_->tenant, id, key);
    SCHWARM_TRY(bytes, access_->reader->get(Space::jobs, place));
    if (!bytes) return no_such("open job", id);
    return decode_job(place, *bytes);
}

Result<Page<JobRow>> ReadView::open_jobs(std::size_t limit, std::string_view cursor) const {
    return list_page<JobRow>(*access_->reader, Space::jobs, keys::lettered(access_->tenant, 'J'),
                             limit, cursor, decode_job);
}

Result<Page<IncidentRow>> ReadView::incidents(std::size_t limit, std::string_view cursor,
                                              std::optional<CaseId> id) const {
    const std::string prefix =
        id ? keys::numbered(access_->tenant, id->value()) : keys::plain(access_->tenant, {});
    return list_page<IncidentRow>(*access_->reader, Space::incidents, prefix, limit, cursor,
                                  decode_incident);
}

namespace {

// Of rows whose keys go on with the number of a case.
Result<std::optional<CaseId>> newest_below(storage::Reader& reader, Space space,
                                           const std::string& prefix, std::uint64_t below) {
    std::optional<CaseId> found;
    SCHWARM_TRY_VOID(reader.scan(space, {prefix, keys::append(prefix, below), 1, true},
                                 [&](std::string_view key, std::string_view) {
                                     found = CaseId(
                                         storage::KeyReader(key.substr(prefix.size())).number());
                                     return false;
                                 }));
    return found;
}

}  // namespace

Result<std::optional<CaseId>> ReadView::newest_with_jobs(std::uint64_t below) const {
    return newest_below(*access_->reader, Space::jobs, keys::lettered(access_->tenant, 'J'), below);
}

Result<std::optional<CaseId>> ReadView::newest_with_incidents(std::uint64_t below) const {
    return newest_below(*access_->reader, Space::incidents, keys::plain(access_->tenant, {}),
                        below);
}

Result<std::vector<SubscriptionRow>> ReadView::subscriptions(std::string_view message_name,
                                                             std::string_view correlation_key,
                                                             std::size_t limit) const {
    const PersonHash hash = correlation_hash(*access_->keys, correlation_key);
    std::vector<SubscriptionRow> rows;
    Result<void> failed;
    const auto add = [&](std::string_view key, std::string_view bytes) -> Result<void> {
        SCHWARM_TRY(value, SubscriptionValue::decode(bytes));
        storage::KeyReader parts(key.substr(key.size() - 16));
        SubscriptionRow row;
        row.case_id = CaseId(parts.number());
        row.key = engine::SubscriptionKey(parts.number());
        row.message_name = message_name;
        row.element_id = std::move(value.element_id);
        row.process_id = std::move(value.process_id);
        row.process_instance = value.process_instance;
        rows.push_back(std::move(row));
        return {};
    };
    const auto range =
        storage::prefix_range(keys::subscription(access_->tenant, message_name, hash), limit);
    SCHWARM_TRY_VOID(access_->reader->scan(Space::subscriptions, range,
                                           [&](std::string_view key, std::string_view value) {
                                               failed = add(key, value);
                                               return failed.has_value();
                                           }));
    SCHWARM_TRY_VOID(failed);
    return rows;
}

namespace {

// The payload of a sealed row; null where the case was deleted by law.
Result<feel::Value> payload_of(ReadView::Access& access, Space space, const SealedRow& row) {
    const auto plain = access.open_sealed(space, row);
    if (plain.has_error()) {
        if (plain.error().code == ErrorCode::gone) return feel::Value();
        return plain.error();
    }
    return feel::decode(plain.value());
}

}  // namespace

Result<std::vector<PrintJob>> ReadView::print_queue(std::size_t limit) const {
    std::vector<PrintJob> jobs;
    Result<void> failed;
    const auto add = [&](std::string_view key, std::string_view value) -> Result<void> {
        SCHWARM_TRY(row, SealedRow::decode(value));
        SCHWARM_TRY(payload, payload_of(*access_, Space::print, row));
        jobs.push_back({std::to_string(storage::KeyReader(key.substr(key.size() - 8)).number()),
                        row.case_id, row.at, row.name, std::move(payload)});
        return {};
    };
    SCHWARM_TRY_VOID(access_->reader->scan(
        Space::print, storage::prefix_range(keys::plain(access_->tenant, {}), limit),
        [&](std::string_view key, std::string_view value) {
            failed = add(key, value);
            return failed.has_value();
        }));
    SCHWARM_TRY_VOID(failed);
    return jobs;
}

Result<std::vector<InboxMessage>> ReadView::inbox(std::string_view person,
                                                  std::size_t limit) const {
    std::vector<InboxMessage> messages;
    const PersonHash hash = person_hash(person);
    if (hash.empty()) return messages;
    Result<void> failed;
    const std::size_t tenant_size = keys::plain(access_->tenant, {}).size();
    const auto add = [&](std::string_view key, std::string_view value) -> Result<void> {
        SCHWARM_TRY(row, SealedRow::decode(value));
        SCHWARM_TRY(payload, payload_of(*access_, Space::inbox, row));
        messages.push_back({crypto::hex_encode(key.substr(tenant_size)), row.case_id, row.at,
                            row.flag, row.name, std::move(payload)});
        return {};
    };
    SCHWARM_TRY_VOID(access_->reader->scan(
        Space::inbox, storage::prefix_range(keys::hashed(access_->tenant, hash), limit, true),
        [&](std::string_view key, std::string_view value) {
            failed = add(key, value);
            return failed.has_value();
        }));
    SCHWARM_TRY_VOID(failed);
    return messages;
}

Result<Draft> ReadView::draft(std::string_view draft_id) const {
    const PersonHash hash = access_->keys->hash(kDraftField, draft_id);
    SCHWARM_TRY(bytes, access_->reader->get(Space::drafts, keys::hashed(access_->tenant, hash)));
    SCHWARM_TRY(wrapped,
                access_->reader->get(Space::keys, keys::session_key(access_->tenant, hash)));
    if (!bytes || !wrapped) return fail(ErrorCode::not_found, "there is no such draft");
    SCHWARM_TRY(row, SealedRow::decode(*bytes));
    SCHWARM_TRY(key, access_->keys->unwrap_session(hash, *wrapped));
    SCHWARM_TRY(
        content,
        crypto::open(key, associated(Space::drafts, access_->tenant, CaseId(), row.number, hash),
                     row.sealed));
    return Draft{std::string(draft_id), row.at, from_sortable(row.number), std::move(content)};
}

Result<std::vector<AuditLine>> ReadView::audit(std::size_t limit) const {
    std::vector<AuditLine> lines;
    const auto add = [&](std::string_view key, std::string_view value) -> Result<void> {
        const std::uint64_t number = storage::KeyReader(key.substr(key.size() - 8)).number();
        SCHWARM_TRY(row, decode_chained_row(number, value));
        AuditLine line;
        line.number = number;
        line.at = row.at;
        line.case_id = row.case_id;
        SCHWARM_TRY(data_keys, access_->data_keys(row.case_id));
        line.deleted = row.deleted || !data_keys->log;
        if (!line.deleted) {
            SCHWARM_TRY(plain,
                        crypto::open(*data_keys->log,
                                     associated(Space::audit, access_->tenant, row.case_id, number),
                                     row.body));
            SCHWARM_TRY(text, AuditText::decode(plain));
            line.actor = std::move(text.actor);
            line.action = std::move(text.action);
            line.detail = std::move(text.detail);
        }
        lines.push_back(std::move(line));
        return {};
    };
    Result<void> failed;
    SCHWARM_TRY_VOID(access_->reader->scan(
        Space::audit, storage::prefix_range(keys::plain(access_->tenant, {}), limit, true),
        [&](std::string_view key, std::string_view value) {
            failed = add(key, value);
            return failed.has_value();
        }));
    SCHWARM_TRY_VOID(failed);
    return lines;
}

Result<std::string> ReadView::Access::open_for_tenant(Space space, const SealedRow& row,
                                                      std::string_view name) {
    SCHWARM_TRY(log_key, data_keys(CaseId()));
    if (!log_key->log) return fail(ErrorCode::corrupt, "the log key of the tenant is missing");
    return crypto::open(*log_key->log, associated(space, tenant, CaseId(), row.number, name),
                        row.sealed);
}

Result<std::optional<std::string>> ReadView::get_sealed(std::string_view key) const {
    SCHWARM_TRY(bytes, access_->reader->get(Space::exchange, keys::plain(access_->tenant, key)));
    if (!bytes) return std::optional<std::string>();
    SCHWARM_TRY(row, SealedRow::decode(*bytes));
    if (row.case_id == CaseId()) {
        SCHWARM_TRY(plain, access_->open_for_tenant(Space::exchange, row, key));
        return std::optional(std::move(plain));
    }
    SCHWARM_TRY(plain, access_->open_sealed(Space::exchange, row, key));
    return std::optional(std::move(plain));
}

Result<std::optional<std::string>> ReadView::secret(std::string_view name) const {
    SCHWARM_TRY(bytes, access_->reader->get(Space::keys, keys::secret(access_->tenant, name)));
    if (!bytes) return std::optional<std::string>();
    SCHWARM_TRY(row, SealedRow::decode(*bytes));
    SCHWARM_TRY(plain, access_->open_for_tenant(Space::keys, row, name));
    return std::optional(std::move(plain));
}

Result<std::optional<std::string>> ReadView::get(storage::Space space, std::string_view key) const {
    check_plain(space);
    return access_->reader->get(space, keys::plain(access_->tenant, key));
}

Result<void> ReadView::scan(storage::Space space, const storage::ScanRange& range,
                            const storage::Visitor& visit) const {
    check_plain(space);
    const std::string prefix = keys::plain(access_->tenant, {});
    storage::ScanRange within = range;
    within.from = prefix + range.from;
    within.to = range.to.empty() ? storage::prefix_end(prefix) : prefix + range.to;
    return access_->reader->scan(space, within, [&](std::string_view key, std::string_view value) {
        return visit(key.substr(prefix.size()), value);
    });
}

}  // namespace schwarm::runtime
