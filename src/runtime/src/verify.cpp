#include "schwarm/runtime/verify.hpp"

#include <map>
#include <span>

#include "case_state.hpp"
#include "chained_row.hpp"
#include "key_ring.hpp"
#include "layout.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/engine/engine.hpp"

namespace schwarm::runtime {
namespace {

constexpr std::size_t kMaxFindings = 100;

// Of what the chain of events records a deletion.
struct DeletionEvent {
    bool kase = false;
    bool log = false;
};
using Deletions = std::map<CaseId, DeletionEvent>;

struct Hole {
    std::string row;
    CaseId case_id;
};

void add_finding(Verification& out, std::string text) {
    if (out.findings.size() < kMaxFindings) out.findings.push_back(std::move(text));
}

Result<std::optional<Book>> read_book(storage::Reader& reader, const TenantId& tenant) {
    SCHWARM_TRY(bytes, reader.get(Space::meta, keys::book(tenant)));
    if (!bytes) return std::optional<Book>();
    SCHWARM_TRY(book, Book::decode(*bytes));
    return std::optional<Book>(book);
}

// Walks one chain; fills the deletions it records (events only) and its holes.
struct ChainWalk {
    storage::Reader& reader;
    const TenantId& tenant;
    Verification& out;
    Deletions& deletions;
    const AuditObserver* observer = nullptr;
    std::vector<Hole> holes = {};

    Result<void> walk(Space space, std::string_view name, Position end,
                      const crypto::Hash& last_chain) {
        crypto::Hash chain = chain_begin(name, tenant);
        Position expected = 1;
        SCHWARM_TRY_VOID(reader.scan(
            space, storage::prefix_range(keys::plain(tenant, {})),
            [&](std::string_view key, std::string_view value) {
                const Position position =
                    key.size() < 8 ? 0 : storage::KeyReader(key.substr(key.size() - 8)).number();
                const std::string place = std::string(name) + " " + std::to_string(position);
                if (position != expected) {
                    add_finding(out, place + ": " + std::to_string(expected) + " was expected");
                }
                expected = position + 1;
                const auto row = decode_chained_row(position, value);
                if (row.has_error()) {
                    add_finding(out, place + ": " + row.error().text());
                } else {
                    look_at(row.value(), place, chain);
                    chain = row.value().chain;
                    if (observer != nullptr) (*observer)(position, chain, row.value().at);
                }
                ++out.rows;
                return true;
            }));
        if (expected != end) {
            add_finding(out, std::string(name) + ": ends before " + std::to_string(expected) +
                                 ", the counter says before " + std::to_string(end));
        }
        if (chain != last_chain) {
            add_finding(out, std::string(name) + ": the end is not the recorded one");
        }
        return {};
    }

    void look_at(const ChainedRow& row, const std::string& place, const crypto::Hash& previous) {
        if (row.chain != row.expected_chain(previous)) {
            add_finding(out, place + ": does not follow from the row before it");
        }
        if (row.deleted) {
            holes.push_back({place, row.case_id});
        } else if (crypto::sha256(row.body) != row.body_hash) {
            add_finding(out, place + ": the ciphertext was changed");
        }
        if (is_deletion(row.kind)) {
            DeletionEvent& deletion = deletions[row.case_id];
            deletion.kase = deletion.kase || deletes_case(row.kind);
            deletion.log = deletion.log || deletes_log(row.kind);
        }
    }

    // A hole is accepted if the chain of events records the deletion of its case.
    void judge_holes(bool audit) {
        for (const Hole& hole : holes) {
            const auto it = deletions.find(hole.case_id);
            if (it == deletions.end() || !(audit ? it->second.log : it->second.kase)) {
                add_finding(out, hole.row + ": the ciphertext is missing, but case " +
                                     std::to_string(hole.case_id.value()) +
                                     " was not deleted by law");
            } else {
                ++out.deleted;
            }
        }
    }
};

class ReplayCheck {
  public:
    ReplayCheck(storage::Reader& reader, const TenantKeys& keys, const TenantId& tenant,
                Verification& out)
        : reader_(reader), keys_(keys), tenant_(tenant), out_(out) {}

    Result<void> check(CaseId id, std::string_view bytes) {
        ++out_.rows;
        SCHWARM_TRY(record, CaseRecord::decode(id, bytes));
        SCHWARM_TRY(data_keys, read_data_keys(reader_, keys_, tenant_, id));
        SCHWARM_TRY(state_row, reader_.get(Space::state, keys::numbered(tenant_, id.value())));
        SCHWARM_TRY(deletion, by_law(id));
        if (deletion) {
            if (state_row || data_keys.kase || !record.row.deleted ||
                (deletion->log_too && data_keys.log)) {
                add_finding(out_, name(id) + ": deleted by law, but something of it is left");
            }
            if (!deletion->log_too && !data_keys.log) {
                add_finding(out_, name(id) + ": the key of its log is missing without a deletion");
            }
            ++out_.deleted;
            return {};
        }
        if (!data_keys.kase || record.row.deleted) {
            add_finding(out_, name(id) + ": the key is missing without a deletion");
            return {};
        }
        const Position last = record.row.last_position;
        SCHWARM_TRY(all, load_events(reader_, tenant_, id, *data_keys.kase, 0, last));
        if (!state_row || record.snapshot == 0) {
            if (state_row || record.snapshot != 0) {
                add_finding(out_, name(id) + ": the row of the case and the state do not agree");
            }
            return {};
        }
        return check_state(record, *data_keys.kase, *state_row, all);
    }

    static std::string name(CaseId id) { return "case " + std::to_string(id.value()); }

  private:
    // Nothing unless the row of deletions and the event it names say the same.
    Result<std::optional<DeletionRow>> by_law(CaseId id) {
        SCHWARM_TRY(bytes, reader_.get(Space::deletions, keys::numbered(tenant_, id.value())));
        if (!bytes) return std::optional<DeletionRow>();
        SCHWARM_TRY(deletion, DeletionRow::decode(*bytes));
        SCHWARM_TRY(event_bytes,
                    reader_.get(Space::events, keys::numbered(tenant_, deletion.position)));
        if (!event_bytes) return std::optional<DeletionRow>();
        SCHWARM_TRY(event, decode_chained_row(deletion.position, *event_bytes));
        if (!is_deletion(event.kind) || event.case_id != id ||
            deletes_log(event.kind) != deletion.log_too) {
            return std::optional<DeletionRow>();
        }
        return std::optional(std::move(deletion));
    }

    // The stored state is what the events up to its command give; the later ones apply to it.
    Result<void> check_state(const CaseRecord& record, const crypto::Key& key,
                             std::string_view state_row, std::span<const engine::Event> all) {
        const CaseId id = record.row.id;
        SCHWARM_TRY(row, SealedRow::decode(state_row));
        if (row.number != record.snapshot) {
            add_finding(out_, name(id) + ": the state is of another command than its case says");
            return {};
        }
        SCHWARM_TRY(plain, crypto::open(key, associated(Space::state, tenant_, id, row.number),
                                        row.sealed));
        const auto stored = engine::decode_state(plain);
        if (stored.has_error() && stored.error().code == ErrorCode::unsupported) return {};
        SCHWARM_TRY_VOID(stored);
        SCHWARM_TRY(later,
                    load_events(reader_, tenant_, id, key, row.number, record.row.last_position));
        if (!(engine::replay(all.first(all.size() - later.size())) == stored.value())) {
            add_finding(out_, name(id) + ": the events do not give the stored state");
        }
        return {};
    }

    storage::Reader& reader_;
    const TenantKeys& keys_;
    const TenantId& tenant_;
    Verification& out_;
};

}  // namespace

Result<Verification> verify_chain(storage::Storage& storage, const TenantId& tenant,
                                  const AuditObserver& audit_line) {
    SCHWARM_TRY(reader, storage.begin_read());
    SCHWARM_TRY(book, read_book(*reader, tenant));
    if (!book) return fail(ErrorCode::not_found, "there is no such tenant");
    Verification out;
    Deletions deletions;
    ChainWalk events{*reader, tenant, out, deletions};
    SCHWARM_TRY_VOID(
        events.walk(Space::events, kEventChain, book->next_position, book->event_chain));
    events.judge_holes(false);
    // Deletions are recorded in the chain of events only.
    Deletions ignored;
    ChainWalk audit{*reader, tenant, out, ignored, audit_line ? &audit_line : nullptr};
    SCHWARM_TRY_VOID(audit.walk(Space::audit, kAuditChain, book->next_audit, book->audit_chain));
    ignored = deletions;
    audit.judge_holes(true);
    return out;
}

Result<Verification> verify_replay(storage::Storage& storage, const crypto::Key& node_key,
                                   const TenantId& tenant) {
    SCHWARM_TRY(reader, storage.begin_read());
    KeyRing ring(node_key);
    SCHWARM_TRY(key_row, reader->get(Space::keys, keys::tenant_key(tenant)));
    if (!key_row) return fail(ErrorCode::not_found, "there is no such tenant");
    SCHWARM_TRY(keys, ring.load(tenant, *key_row));
    Verification out;
    ReplayCheck check(*reader, *keys, tenant, out);
    SCHWARM_TRY_VOID(
        reader->scan(Space::cases, storage::prefix_range(keys::plain(tenant, {})),
                     [&](std::string_view key, std::string_view value) {
                         const CaseId id(storage::KeyReader(key.substr(key.size() - 8)).number());
                         const auto result = check.check(id, value);
                         if (result.has_error()) {
                             add_finding(out, ReplayCheck::name(id) + ": " + result.error().text());
                         }
                         return true;
                     }));
    return out;
}

}  // namespace schwarm::runtime
