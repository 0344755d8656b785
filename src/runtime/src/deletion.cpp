// Deletion by law, and letting a case out of quarantine.
#include <chrono>
#include <functional>

#include "document_rows.hpp"
#include "messages.hpp"
#include "schwarm/base/binary.hpp"
#include "writer.hpp"

namespace schwarm::runtime {
namespace {

constexpr const char* kRetentionOver = "the time that its process or the node keeps it is over";
constexpr const char* kRetentionActor = "system:retention";
// When a deletion by time that had to wait is tried again.
constexpr auto kTryAgain = std::chrono::hours(1);

// Removes the bodies of a case's rows in one of the two chains; hashes and headers stay.
Result<void> empty_bodies(Stage& stage, Space space, std::uint64_t newest) {
    for (std::uint64_t position = newest; position != 0;) {
        const std::string key = keys::numbered(stage.tenant(), position);
        SCHWARM_TRY(bytes, stage.read(space, key));
        if (!bytes) {
            return fail(ErrorCode::corrupt, "a row of a chain is missing",
                        "position " + std::to_string(position));
        }
        SCHWARM_TRY(row, decode_chained_row(position, *bytes));
        row.deleted = true;
        row.body.clear();
        stage.rows().put(space, key, row.encode());
        position = row.previous;
    }
    return {};
}

Result<void> erase_prefix(Stage& stage, Space space, const std::string& prefix) {
    return stage.view().scan(space, storage::prefix_range(prefix),
                             [&](std::string_view key, std::string_view) {
                                 stage.rows().erase(space, std::string(key));
                                 return true;
                             });
}

Result<void> erase_documents(Stage& stage, CaseId id) {
    const std::string prefix = keys::numbered(stage.tenant(), id.value());
    Result<void> failed;
    SCHWARM_TRY_VOID(stage.view().scan(Space::documents, storage::prefix_range(prefix),
                                       [&](std::string_view, std::string_view value) {
                                           failed = erase_segments_of(stage, value);
                                           return failed.has_value();
                                       }));
    SCHWARM_TRY_VOID(failed);
    return erase_prefix(stage, Space::documents, prefix);
}

// Rows that name the case only in their value; these spaces hold what is still to be done, so
// they are short. Until `visit` says false.
Result<void> each_row_of_case(Stage& stage, Space space, const std::string& prefix, CaseId id,
                              const std::function<bool(std::string_view key)>& visit) {
    Result<void> decoding;
    SCHWARM_TRY_VOID(stage.view().scan(space, storage::prefix_range(prefix),
                                       [&](std::string_view key, std::string_view value) {
                                           const auto row = SealedRow::decode(value);
                                           if (row.has_error()) {
                                               decoding = row.error();
                                               return false;
                                           }
                                           return row.value().case_id != id || visit(key);
                                       }));
    return decoding;
}

Result<void> erase_rows_of_case(Stage& stage, Space space, const std::string& prefix, CaseId id) {
    return each_row_of_case(stage, space, prefix, id, [&](std::string_view key) {
        stage.rows().erase(space, std::string(key));
        return true;
    });
}

Result<bool> has_rows_of_case(Stage& stage, Space space, CaseId id) {
    bool found = false;
    SCHWARM_TRY_VOID(
        each_row_of_case(stage, space, keys::plain(stage.tenant(), {}), id, [&](std::string_view) {
            found = true;
            return false;
        }));
    return found;
}

// Who ordered the removal and by which rule: in the chain of events, in the row of deletions, and
// as a line of the log that belongs to no case and stays.
Result<Position> record_deletion(Stage& stage, RowKind kind, const DeletionOrder& order) {
    ByteWriter body;
    body.u8(1);
    body.bytes(order.actor);
    body.bytes(order.rule);
    SCHWARM_TRY(position, stage.append_event(kind, order.case_id, nullptr, body.data()));
    const DeletionRow deletion{position, stage.now(), deletes_log(kind), order.rule};
    const std::uint64_t number = order.case_id.value();
    stage.rows().put(Space::deletions, keys::numbered(stage.tenant(), number), deletion.encode());
    SCHWARM_TRY_VOID(stage.audit(order.actor,
                                 kind == RowKind::deletion_of_log ? "delete_log" : "delete_case",
                                 CaseId(), "case " + std::to_string(number) + ": " + order.rule));
    stage.scrub_after_commit();
    return position;
}

}  // namespace

Result<RetentionRow> Writer::retention_of(Stage& stage, const CaseRow& row) const {
    if (row.retention_until) {
        SCHWARM_TRY(
            kept, stage.retention({*row.retention_until, stage.tenant(), row.id, kRetentionTimer}));
        if (kept) return std::move(*kept);
    }
    if (row.ended || !environment_.retention) return RetentionRow{};
    CaseRow ending = row;
    ending.ended = stage.now();
    const auto retention = environment_.retention(stage.tenant(), ending);
    return retention ? RetentionRow{retention->rule, retention->log_until} : RetentionRow{};
}

// A time that the process itself has set is the law's: messages to others do not move it
// (docs/decisions/0017-deletion-of-package-cases.md).
Result<bool> Writer::is_under_way(Stage& stage, const CaseRow& row) const {
    for (const Space space : {Space::outbox, Space::print}) {
        SCHWARM_TRY(found, has_rows_of_case(stage, space, row.id));
        if (found) return true;
    }
    if (!environment_.under_way || row.archived) return false;
    return environment_.under_way(stage, row.id);
}

Result<void> Writer::erase_open(Stage& stage, CaseEntry& entry) {
    const CaseRow& row = entry.record.row;
    const auto definitions = environment_.definitions(stage.tenant());
    if (definitions == nullptr || !stage.touch_with_state(row.id, *definitions).has_value()) {
        return {};
    }
    engine::Projection nothing;
    nothing.id = row.id;
    SCHWARM_TRY_VOID(update_index_rows(stage, row, *entry.projection, nothing));
    update_subscriptions(stage, definitions->processes, *entry.state, {});
    return {};
}

Result<Reply> Writer::delete_case(Stage& stage, const DeletionOrder& order) {
    const CaseId id = order.case_id;
    const TenantId& tenant = stage.tenant();
    if (order.rule.empty() || order.actor.empty()) {
        return fail(ErrorCode::invalid_input, "a deletion names its rule and who ordered it");
    }
    SCHWARM_TRY(entry, stage.touch(id));
    CaseRow& row = entry->record.row;
    if (row.status == engine::CaseStatus::active && !row.quarantined) {
        return fail(ErrorCode::conflict, "the case is still running");
    }
    // With the keys that go.
    SCHWARM_TRY_VOID(MessageDesk(*this, stage, order.actor).forget_case(id));
    if (environment_.forget) SCHWARM_TRY_VOID(environment_.forget(stage, id));
    SCHWARM_TRY(retention, retention_of(stage, row));
    const bool log_too =
        order.log_too || (retention.log_until && *retention.log_until <= stage.now());
    SCHWARM_TRY_VOID(empty_bodies(stage, Space::events, row.last_position));
    if (log_too) {
        SCHWARM_TRY_VOID(empty_bodies(stage, Space::audit, entry->record.last_audit));
    }
    stage.rows().erase(Space::state, keys::numbered(tenant, id.value()));
    SCHWARM_TRY_VOID(erase_documents(stage, id));
    for (const char kind : kKindsOfCaseRows) {
        SCHWARM_TRY_VOID(
            erase_prefix(stage, Space::exchange, keys::plain(tenant, rows_of_case(kind, id))));
    }
    const std::string all = keys::plain(tenant, {});
    SCHWARM_TRY_VOID(erase_rows_of_case(stage, Space::outbox, all, id));
    SCHWARM_TRY_VOID(erase_rows_of_case(stage, Space::print, all, id));
    if (row.quarantined) SCHWARM_TRY_VOID(erase_open(stage, *entry));
    for (const PersonHash& person : entry->record.persons) {
        const std::string prefix = keys::hashed(tenant, person);
        stage.rows().erase(Space::persons, keys::append(prefix, id.value()));
        SCHWARM_TRY_VOID(erase_rows_of_case(stage, Space::inbox, prefix, id));
    }

    entry->keys.kase.reset();
    if (!log_too) {
        SCHWARM_TRY(wrapped, stage.keys().wrap(entry->keys, id, stage.random()));
        stage.rows().put(Space::keys, keys::case_keys(tenant, id), std::move(wrapped));
    } else {
        stage.rows().erase(Space::keys, keys::case_keys(tenant, id));
    }

    SCHWARM_TRY(
        position,
        record_deletion(stage, log_too ? RowKind::deletion_with_log : RowKind::deletion, order));
    row.deleted = true;
    row.quarantined = false;
    row.applicant.clear();
    entry->record.persons.clear();
    entry->record.snapshot = 0;
    entry->changed = true;
    entry->state.reset();
    entry->projection.reset();
    if (row.retention_until) {
        stage.set_retention({*row.retention_until, tenant, id, kRetentionTimer}, std::nullopt);
    }
    if (retention.log_until && !log_too) {
        stage.set_retention({from_sortable(sortable(*retention.log_until)), tenant, id, kLogTimer},
                            RetentionRow{retention.rule, std::nullopt});
    }
    return Reply{id, row.status, false, position};
}

Result<Reply> Writer::end_retention(Stage& stage, const TimerRef& timer) {
    const auto touched = stage.touch(timer.case_id);
    if (touched.has_error()) {
        const ErrorCode code = touched.error().code;
        if (code == ErrorCode::not_found || code == ErrorCode::gone) {
            stage.set_retention(timer, std::nullopt);
            return Reply{};
        }
        return touched.error();
    }
    CaseRow& row = touched.value()->record.row;
    if (row.status == engine::CaseStatus::active || row.retention_until != timer.due) {
        stage.set_retention(timer, std::nullopt);
        return Reply{};
    }
    SCHWARM_TRY(retention, retention_of(stage, row));
    SCHWARM_TRY(waits, is_under_way(stage, row));
    if (waits) {
        TimerRef later = timer;
        later.due = stage.now() + kTryAgain;
        stage.set_retention(timer, std::nullopt);
        stage.set_retention(later, retention);
        row.retention_until = later.due;
        touched.value()->changed = true;
        return Reply{};
    }
    const std::string rule = retention.rule.empty() ? kRetentionOver : retention.rule;
    return delete_case(stage, {timer.case_id, rule, kRetentionActor});
}

Result<Reply> Writer::end_log(Stage& stage, const TimerRef& timer) {
    const TenantId& tenant = stage.tenant();
    const CaseId id = timer.case_id;
    SCHWARM_TRY(retention, stage.retention(timer));
    stage.set_retention(timer, std::nullopt);
    SCHWARM_TRY(bytes, stage.read(Space::cases, keys::numbered(tenant, id.value())));
    SCHWARM_TRY(deleted, stage.read(Space::deletions, keys::numbered(tenant, id.value())));
    if (!retention || !bytes || !deleted) return Reply{};
    SCHWARM_TRY(record, CaseRecord::decode(id, *bytes));
    SCHWARM_TRY(deletion, DeletionRow::decode(*deleted));
    if (deletion.log_too) return Reply{};
    SCHWARM_TRY_VOID(empty_bodies(stage, Space::audit, record.last_audit));
    stage.rows().erase(Space::keys, keys::case_keys(tenant, id));
    SCHWARM_TRY(position, record_deletion(stage, RowKind::deletion_of_log,
                                          {id, retention->rule, kRetentionActor}));
    return Reply{id, record.row.status, false, position};
}

Result<Reply> Writer::release(Stage& stage, CaseId id, std::string_view actor) {
    SCHWARM_TRY(entry, stage.touch(id));
    if (!entry->record.row.quarantined) {
        return fail(ErrorCode::conflict, "the case is not in quarantine");
    }
    entry->record.row.quarantined = false;
    entry->changed = true;
    SCHWARM_TRY_VOID(stage.audit(actor, "release_quarantine", id, {}));
    return Reply{id, entry->record.row.status, false, 0};
}

}  // namespace schwarm::runtime
