#include "stage.hpp"

#include <algorithm>
#include <charconv>

#include "case_state.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::runtime {
namespace {

void check_plain(Space space) {
    CHECK(is_plain(space), "this space is not open to WriteBatch::put");
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
    return value;
}

// The expiry of a draft is a timer of case 0; its number is the first half of the draft's hash.
TimerRef draft_timer(const TenantId& tenant, Instant expires, const PersonHash& draft) {
    return TimerRef{from_sortable(sortable(expires)), tenant, CaseId(),
                    engine::TimerKey(storage::KeyReader(draft).number())};
}

// A case's row without a state stands for an empty one.
const std::shared_ptr<const engine::CaseState>& empty_state() {
    static const auto state = std::make_shared<const engine::CaseState>();
    return state;
}
const std::shared_ptr<const engine::Projection>& empty_projection() {
    static const auto projection = std::make_shared<const engine::Projection>();
    return projection;
}

}  // namespace

Stage::Stage(storage::Reader& view, CaseCache& cache, const TenantEntry& tenant, Random& random,
             Instant now)
    : view_(view), cache_(cache), tenant_(tenant), random_(random), now_(now), book_(tenant.book) {}

Result<std::optional<std::string>> Stage::read(Space space, std::string_view key) {
    if (const auto* found = rows_.find(space, key)) return *found;
    return view_.get(space, key);
}

Result<std::optional<std::string>> Stage::get(Space space, std::string_view key) {
    check_plain(space);
    return read(space, keys::plain(tenant_.id, key));
}

Result<void> Stage::scan(Space space, const storage::ScanRange& range,
                         const storage::Visitor& visit) {
    check_plain(space);
    const std::string prefix = keys::plain(tenant_.id, {});
    storage::ScanRange within = range;
    within.from = prefix + range.from;
    within.to = range.to.empty() ? storage::prefix_end(prefix) : prefix + range.to;
    return view_.scan(space, within, [&](std::string_view key, std::string_view value) {
        return visit(key.substr(prefix.size()), value);
    });
}

void Stage::put(Space space, std::string_view key, std::string_view value) {
    check_plain(space);
    rows_.put(space, keys::plain(tenant_.id, key), std::string(value));
}

void Stage::erase(Space space, std::string_view key) {
    check_plain(space);
    rows_.erase(space, keys::plain(tenant_.id, key));
}

Result<void> Stage::put_sealed(std::string_view key, CaseId case_id, std::string_view plain) {
    SealedRow row;
    row.case_id = case_id;
    row.at = now_;
    SCHWARM_TRY(sealed, seal_for(case_id, Space::exchange, 0, plain, key));
    row.sealed = std::move(sealed);
    rows_.put(Space::exchange, keys::plain(tenant_.id, key), row.encode());
    return {};
}

Result<std::optional<std::string>> Stage::get_sealed(std::string_view key) {
    SCHWARM_TRY(bytes, read(Space::exchange, keys::plain(tenant_.id, key)));
    if (!bytes) return std::optional<std::string>();
    SCHWARM_TRY(row, SealedRow::decode(*bytes));
    SCHWARM_TRY(plain, open_for(row.case_id, Space::exchange, 0, row.sealed, key));
    return std::optional(std::move(plain));
}

Result<void> Stage::put_secret(std::string_view name, std::string_view plain) {
    SCHWARM_TRY(sealed, seal_for_tenant(Space::keys, 0, plain, name));
    SealedRow row;
    row.at = now_;
    row.sealed = std::move(sealed);
    rows_.put(Space::keys, keys::secret(tenant_.id, name), row.encode());
    return {};
}

void Stage::set_expiry(bool added, Instant expires, const PersonHash& draft) {
    const TimerRef timer = draft_timer(tenant_.id, expires, draft);
    const std::string key = keys::timer(tenant_.id, timer.due, timer.case_id, timer.key);
    if (added) {
        rows_.put(Space::timers, key, std::string());
    } else {
        rows_.erase(Space::timers, key);
    }
    timer_changes_.push_back({added, timer});
}

Result<void> Stage::put_draft(std::string_view draft_id, std::string_view content,
                              Instant expires) {
    const PersonHash hash = keys().hash(kDraftField, draft_id);
    if (hash.empty()) return fail(ErrorCode::invalid_input, "a draft has an id");
    SCHWARM_TRY(key, session_key(hash));
    SCHWARM_TRY(old, read(Space::drafts, keys::hashed(tenant_.id, hash)));
    if (old) {
        SCHWARM_TRY(old_row, SealedRow::decode(*old));
        set_expiry(false, from_sortable(old_row.number), hash);
    }
    SealedRow row;
    row.number = sortable(expires);
    row.at = now_;
    SCHWARM_TRY(sealed,
                crypto::seal(key, associated(Space::drafts, tenant_.id, CaseId(), row.number, hash),
                             content, random_));
    row.sealed = std::move(sealed);
    rows_.put(Space::drafts, keys::hashed(tenant_.id, hash), row.encode());
    set_expiry(true, expires, hash);
    return {};
}

Result<crypto::Key> Stage::session_key(const PersonHash& draft) {
    const std::string place = keys::session_key(tenant_.id, draft);
    SCHWARM_TRY(wrapped, read(Space::keys, place));
    if (wrapped) return keys().unwrap_session(draft, *wrapped);
    const crypto::Key key = crypto::Key::random(random_);
    SCHWARM_TRY(row, keys().wrap_session(key, draft, random_));
    rows_.put(Space::keys, place, std::move(row));
    return key;
}

Result<void> Stage::erase_draft(std::string_view draft_id) {
    const PersonHash hash = keys().hash(kDraftField, draft_id);
    if (hash.empty()) return fail(ErrorCode::invalid_input, "a draft has an id");
    SCHWARM_TRY(old, read(Space::drafts, keys::hashed(tenant_.id, hash)));
    if (!old) return {};
    SCHWARM_TRY(row, SealedRow::decode(*old));
    remove_draft(hash, from_sortable(row.number));
    return {};
}

void Stage::remove_draft(const PersonHash& draft, Instant expires) {
    rows_.erase(Space::keys, keys::session_key(tenant_.id, draft));
    rows_.erase(Space::drafts, keys::hashed(tenant_.id, draft));
    set_expiry(false, expires, draft);
}

Result<void> Stage::expire_drafts(const TimerRef& timer) {
    rows_.erase(Space::timers, keys::timer(tenant_.id, timer.due, timer.case_id, timer.key));
    const std::string tenant_prefix = keys::plain(tenant_.id, {});
    std::vector<std::pair<PersonHash, Instant>> expired;
    Result<void> decoding;
    SCHWARM_TRY_VOID(view_.scan(
        Space::drafts, storage::prefix_range(keys::numbered(tenant_.id, timer.key.value())),
        [&](std::string_view key, std::string_view value) {
            const auto row = SealedRow::decode(value);
            if (row.has_error()) {
                decoding = row.error();
                return false;
            }
            const Instant expires = from_sortable(row.value().number);
            if (expires <= now_) {
                expired.emplace_back(key.substr(tenant_prefix.size()), expires);
            }
            return true;
        }));
    SCHWARM_TRY_VOID(decoding);
    for (const auto& [draft, expires] : expired) remove_draft(draft, expires);
    return {};
}

void Stage::set_retention(const TimerRef& timer, const std::optional<RetentionRow>& row) {
    const std::string place = keys::timer(tenant_.id, timer.due, timer.case_id, timer.key);
    if (row) {
        rows_.put(Space::timers, place, row->encode());
    } else {
        rows_.erase(Space::timers, place);
    }
    timer_changes_.push_back({row.has_value(), timer});
}

Result<std::optional<RetentionRow>> Stage::retention(const TimerRef& timer) {
    SCHWARM_TRY(bytes,
                read(Space::timers, keys::timer(tenant_.id, timer.due, timer.case_id, timer.key)));
    if (!bytes) return std::optional<RetentionRow>();
    SCHWARM_TRY(row, RetentionRow::decode(*bytes));
    return std::optional(std::move(row));
}

Result<CaseEntry*> Stage::touch(CaseId id) {
    const auto gone = [id] {
        return fail(ErrorCode::gone, "the case was deleted by law",
                    "case " + std::to_string(id.value()));
    };
    if (const auto it = touched_.find(id); it != touched_.end()) {
        if (it->second.record.row.deleted) return gone();
        return &it->second;
    }
    CaseEntry entry;
    if (const CaseEntry* cached = cache_.find({tenant_.id, id})) {
        entry = *cached;
    } else {
        SCHWARM_TRY(row, view_.get(Space::cases, keys::numbered(tenant_.id, id.value())));
        if (!row) {
            return fail(ErrorCode::not_found, "there is no such case",
                        "case " + std::to_string(id.value()));
        }
        SCHWARM_TRY(record, CaseRecord::decode(id, *row));
        entry.record = std::move(record);
        SCHWARM_TRY(data_keys, read_data_keys(view_, keys(), tenant_.id, id));
        entry.keys = std::move(data_keys);
    }
    if (entry.record.row.deleted) return gone();
    if (!entry.keys.kase || !entry.keys.log) {
        return fail(ErrorCode::corrupt, "the keys of the case are missing",
                    "case " + std::to_string(id.value()));
    }
    return &touched_.emplace(id, std::move(entry)).first->second;
}

Result<CaseEntry*> Stage::touch_with_state(CaseId id, const engine::Definitions& definitions) {
    SCHWARM_TRY(entry, touch(id));
    if (entry->state == nullptr) {
        SCHWARM_TRY(state, load_state(view_, tenant_.id, entry->record, *entry->keys.kase));
        entry->state = std::make_shared<const engine::CaseState>(std::move(state));
    }
    if (entry->projection == nullptr) {
        entry->projection = std::make_shared<const engine::Projection>(
            engine::project(*entry->state, definitions.processes));
    }
    return entry;
}

Result<CaseEntry*> Stage::create(CaseId id) {
    CaseEntry entry;
    entry.record.row.id = id;
    entry.keys.kase = crypto::Key::random(random_);
    entry.keys.log = crypto::Key::random(random_);
    entry.state = empty_state();
    entry.changed = true;
    entry.projection = empty_projection();
    SCHWARM_TRY(row, keys().wrap(entry.keys, id, random_));
    rows_.put(Space::keys, keys::case_keys(tenant_.id, id), std::move(row));
    return &touched_.emplace(id, std::move(entry)).first->second;
}

void Stage::undo_create(CaseId id) {
    rows_.erase(Space::keys, keys::case_keys(tenant_.id, id));
    touched_.erase(id);
    book_.next_case = id.value();
}

Result<std::string> Stage::seal(const CaseEntry& entry, Space space, std::uint64_t number,
                                std::string_view name, std::string_view plain) {
    return crypto::seal(*entry.keys.kase,
                        associated(space, tenant_.id, entry.record.row.id, number, name), plain,
                        random_);
}

Result<std::string> Stage::seal_for(CaseId id, Space space, std::uint64_t number,
                                    std::string_view plain, std::string_view name) {
    if (id == CaseId()) return seal_for_tenant(space, number, plain, name);
    SCHWARM_TRY(entry, touch(id));
    return seal(*entry, space, number, name, plain);
}

Result<std::string> Stage::open_for(CaseId id, Space space, std::uint64_t number,
                                    std::string_view sealed, std::string_view name) {
    if (id == CaseId()) return open_for_tenant(space, number, sealed, name);
    SCHWARM_TRY(entry, touch(id));
    return crypto::open(*entry->keys.kase, associated(space, tenant_.id, id, number, name), sealed);
}

Result<std::string> Stage::seal_for_tenant(Space space, std::uint64_t number,
                                           std::string_view plain, std::string_view name) {
    return crypto::seal(tenant_.log_key, associated(space, tenant_.id, CaseId(), number, name),
                        plain, random_);
}

Result<std::string> Stage::open_for_tenant(Space space, std::uint64_t number,
                                           std::string_view sealed, std::string_view name) const {
    return crypto::open(tenant_.log_key, associated(space, tenant_.id, CaseId(), number, name),
                        sealed);
}

Result<Position> Stage::append_event(RowKind kind, CaseId id, CaseEntry* entry,
                                     std::string_view body) {
    ChainedRow row;
    row.kind = kind;
    row.case_id = id;
    row.position = book_.next_position;
    row.previous = entry != nullptr ? entry->record.row.last_position : 0;
    row.at = now_;
    const crypto::Key& key = entry != nullptr ? *entry->keys.kase : tenant_.log_key;
    SCHWARM_TRY(sealed, crypto::seal(key, associated(Space::events, tenant_.id, id, row.position),
                                     body, random_));
    row.body = std::move(sealed);
    row.link(book_.event_chain);
    book_.event_chain = row.chain;
    ++book_.next_position;
    if (entry != nullptr) {
        entry->record.row.last_position = row.position;
        entry->changed = true;
    }
    rows_.put(Space::events, keys::numbered(tenant_.id, row.position), row.encode());
    return row.position;
}

Result<void> Stage::audit(std::string_view actor, std::string_view action, CaseId case_id,
                          std::string_view detail) {
    ChainedRow row;
    row.kind = RowKind::audit_line;
    row.case_id = case_id;
    row.position = book_.next_audit;
    row.at = now_;
    const crypto::Key* key = &tenant_.log_key;
    if (case_id != CaseId()) {
        SCHWARM_TRY(entry, touch(case_id));
        row.previous = entry->record.last_audit;
        entry->record.last_audit = row.position;
        entry->changed = true;
        key = &*entry->keys.log;
    }
    const AuditText text{std::string(actor), std::string(action), std::string(detail)};
    SCHWARM_TRY(sealed,
                crypto::seal(*key, associated(Space::audit, tenant_.id, case_id, row.position),
                             text.encode(), random_));
    row.body = std::move(sealed);
    row.link(book_.audit_chain);
    book_.audit_chain = row.chain;
    ++book_.next_audit;
    rows_.put(Space::audit, keys::numbered(tenant_.id, row.position), row.encode());
    return {};
}

Result<void> Stage::put_sealed(Space space, std::string key, CaseId case_id, std::uint64_t number,
                               std::string_view name, const feel::Value& payload) {
    SCHWARM_TRY(entry, touch(case_id));
    SealedRow row;
    row.case_id = case_id;
    row.number = number;
    row.at = now_;
    row.name = name;
    SCHWARM_TRY(sealed, seal(*entry, space, number, {}, feel::encode(payload)));
    row.sealed = std::move(sealed);
    rows_.put(space, std::move(key), row.encode());
    return {};
}

Result<void> Stage::put_inbox(CaseId case_id, std::string_view person, std::string_view name,
                              const feel::Value& payload) {
    const PersonHash hash = keys().hash(kPersonField, person);
    if (hash.empty()) return fail(ErrorCode::invalid_input, "a message has a recipient");
    const std::uint64_t number = book_.next_sequence++;
    return put_sealed(Space::inbox, keys::append(keys::hashed(tenant_.id, hash), number), case_id,
                      number, name, payload);
}

Result<void> Stage::put_print(CaseId case_id, std::string_view name, const feel::Value& payload) {
    const std::uint64_t number = book_.next_sequence++;
    return put_sealed(Space::print, keys::numbered(tenant_.id, number), case_id, number, name,
                      payload);
}

Result<void> Stage::mark_read(std::string_view inbox_id) {
    const auto raw = crypto::hex_decode(inbox_id);
    if (raw.has_error()) return fail(ErrorCode::not_found, "there is no such message");
    const std::string key = keys::plain(tenant_.id, raw.value());
    SCHWARM_TRY(bytes, read(Space::inbox, key));
    if (!bytes) return fail(ErrorCode::not_found, "there is no such message");
    SCHWARM_TRY(row, SealedRow::decode(*bytes));
    row.flag = true;
    rows_.put(Space::inbox, key, row.encode());
    return {};
}

Result<void> Stage::finish_print(std::string_view print_id) {
    const auto number = number_of(print_id);
    if (!number) return fail(ErrorCode::not_found, "there is no such print job");
    const std::string key = keys::numbered(tenant_.id, *number);
    SCHWARM_TRY(bytes, read(Space::print, key));
    if (!bytes) return fail(ErrorCode::not_found, "there is no such print job");
    rows_.erase(Space::print, key);
    return {};
}

Result<void> Stage::index_person(CaseId case_id, std::string_view field, std::string_view value) {
    const PersonHash hash = keys().hash(field, value);
    if (hash.empty()) return {};
    SCHWARM_TRY(entry, touch(case_id));
    auto& persons = entry->record.persons;
    if (std::find(persons.begin(), persons.end(), hash) != persons.end()) return {};
    persons.push_back(hash);
    entry->changed = true;
    rows_.put(Space::persons, keys::append(keys::hashed(tenant_.id, hash), case_id.value()),
              std::string());
    return {};
}

Result<std::uint64_t> Stage::next_number(std::string_view counter) {
    const std::string key = keys::counter(tenant_.id, counter);
    SCHWARM_TRY(bytes, read(Space::meta, key));
    std::uint64_t number = 1;
    if (bytes) {
        const auto last = number_of(*bytes);
        if (!last) return fail(ErrorCode::corrupt, "a counter is damaged");
        number = *last + 1;
    }
    rows_.put(Space::meta, key, std::to_string(number));
    return number;
}

void Stage::finish() {
    for (auto& [id, entry] : touched_) {
        if (!entry.changed) continue;
        entry.changed = false;
        rows_.put(Space::cases, keys::numbered(tenant_.id, id.value()), entry.record.encode());
    }
}

}  // namespace schwarm::runtime
