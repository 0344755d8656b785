#include "case_state.hpp"

#include <optional>

#include "chained_row.hpp"

namespace schwarm::runtime {
namespace {

// Nothing if there is none, or none that this program can read.
Result<std::optional<engine::CaseState>> load_snapshot(storage::Reader& reader,
                                                       const TenantId& tenant,
                                                       const CaseRecord& record,
                                                       const crypto::Key& key) {
    const CaseId id = record.row.id;
    if (record.snapshot == 0) return std::optional<engine::CaseState>();
    SCHWARM_TRY(bytes, reader.get(Space::state, keys::numbered(tenant, id.value())));
    if (!bytes) {
        return fail(ErrorCode::corrupt, "the state of the case is missing",
                    "case " + std::to_string(id.value()));
    }
    SCHWARM_TRY(row, SealedRow::decode(*bytes));
    if (row.number != record.snapshot) {
        return fail(ErrorCode::corrupt, "the stored state is of another command",
                    "case " + std::to_string(id.value()));
    }
    SCHWARM_TRY(plain,
                crypto::open(key, associated(Space::state, tenant, id, row.number), row.sealed));
    auto state = engine::decode_state(plain);
    crypto::wipe(plain);
    if (state.has_error()) {
        if (state.error().code == ErrorCode::unsupported) return std::optional<engine::CaseState>();
        return state.error();
    }
    return std::optional(std::move(state.value()));
}

}  // namespace

Result<std::vector<engine::Event>> load_events(storage::Reader& reader, const TenantId& tenant,
                                               CaseId id, const crypto::Key& key, Position after,
                                               Position last) {
    std::vector<std::vector<engine::Event>> groups;
    for (Position position = last; position > after;) {
        SCHWARM_TRY(bytes, reader.get(Space::events, keys::numbered(tenant, position)));
        if (!bytes) return fail(ErrorCode::corrupt, "a row of the history is missing");
        SCHWARM_TRY(row, decode_chained_row(position, *bytes));
        if (row.previous >= position) {
            return fail(ErrorCode::corrupt, "the history does not go backwards");
        }
        SCHWARM_TRY(plain,
                    crypto::open(key, associated(Space::events, tenant, id, position), row.body));
        auto events = engine::decode_events(plain);
        crypto::wipe(plain);
        if (events.has_error()) return events.error();
        groups.push_back(std::move(events.value()));
        position = row.previous;
        if (position < after) {
            return fail(ErrorCode::corrupt, "the stored state is of no command of the case",
                        "case " + std::to_string(id.value()));
        }
    }
    std::vector<engine::Event> all;
    for (auto it = groups.rbegin(); it != groups.rend(); ++it) {
        all.insert(all.end(), std::make_move_iterator(it->begin()),
                   std::make_move_iterator(it->end()));
    }
    return all;
}

Result<engine::CaseState> load_state(storage::Reader& reader, const TenantId& tenant,
                                     const CaseRecord& record, const crypto::Key& key) {
    SCHWARM_TRY(snapshot, load_snapshot(reader, tenant, record, key));
    const Position after = snapshot ? record.snapshot : 0;
    SCHWARM_TRY(events,
                load_events(reader, tenant, record.row.id, key, after, record.row.last_position));
    engine::CaseState state = snapshot ? std::move(*snapshot) : engine::CaseState();
    for (const engine::Event& event : events) engine::apply(state, event);
    return state;
}

}  // namespace schwarm::runtime
