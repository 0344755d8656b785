// Deletion by law, and letting a case out of quarantine.
#include "document_rows.hpp"
#include "schwarm/base/binary.hpp"
#include "writer.hpp"

namespace schwarm::runtime {
namespace {

constexpr const char* kRetentionOver = "the time that its process or the node keeps it is over";

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
// they are short.
Result<void> erase_rows_of_case(Stage& stage, Space space, const std::string& prefix, CaseId id) {
    Result<void> decoding;
    SCHWARM_TRY_VOID(stage.view().scan(space, storage::prefix_range(prefix),
                                       [&](std::string_view key, std::string_view value) {
                                           const auto row = SealedRow::decode(value);
                                           if (row.has_error()) {
                                               decoding = row.error();
                                               return false;
                                           }
                                           if (row.value().case_id == id)
                                               stage.rows().erase(space, std::string(key));
                                           return true;
                                       }));
    return decoding;
}

}  // namespace

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
    SCHWARM_TRY_VOID(empty_bodies(stage, Space::events, row.last_position));
    if (order.log_too) {
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
    if (row.quarantined) {
        const auto definitions = environment_.definitions(tenant);
        if (definitions != nullptr && stage.touch_with_state(id, *definitions).has_value()) {
            engine::Projection nothing;
            nothing.id = id;
            SCHWARM_TRY_VOID(update_index_rows(stage, row, *entry->projection, nothing));
            update_subscriptions(stage, definitions->processes, *entry->state, {});
        }
    }
    for (const PersonHash& person : entry->record.persons) {
        const std::string prefix = keys::hashed(tenant, person);
        stage.rows().erase(Space::persons, keys::append(prefix, id.value()));
        SCHWARM_TRY_VOID(erase_rows_of_case(stage, Space::inbox, prefix, id));
    }

    entry->keys.kase.reset();
    if (order.log_too) entry->keys.log.reset();
    if (entry->keys.log) {
        SCHWARM_TRY(wrapped, stage.keys().wrap(entry->keys, id, stage.random()));
        stage.rows().put(Space::keys, keys::case_keys(tenant, id), std::move(wrapped));
    } else {
        stage.rows().erase(Space::keys, keys::case_keys(tenant, id));
    }

    ByteWriter body;
    body.u8(1);
    body.bytes(order.actor);
    body.bytes(order.rule);
    SCHWARM_TRY(position,
                stage.append_event(order.log_too ? RowKind::deletion_with_log : RowKind::deletion,
                                   id, nullptr, body.data()));
    const DeletionRow deletion{position, stage.now(), order.log_too, order.rule};
    stage.rows().put(Space::deletions, keys::numbered(tenant, id.value()), deletion.encode());
    SCHWARM_TRY_VOID(stage.audit(order.actor, "delete_case", CaseId(),
                                 "case " + std::to_string(id.value()) + ": " + order.rule));
    row.deleted = true;
    row.quarantined = false;
    row.applicant.clear();
    entry->record.persons.clear();
    entry->record.snapshot = 0;
    entry->changed = true;
    entry->state.reset();
    entry->projection.reset();
    if (row.retention_until) stage.set_retention(false, id, *row.retention_until);
    stage.scrub_after_commit();
    return Reply{id, row.status, false, position};
}

Result<Reply> Writer::end_retention(Stage& stage, const TimerRef& timer) {
    stage.set_retention(false, timer.case_id, timer.due);
    const auto touched = stage.touch(timer.case_id);
    if (touched.has_error()) {
        const ErrorCode code = touched.error().code;
        if (code == ErrorCode::not_found || code == ErrorCode::gone) return Reply{};
        if (code != ErrorCode::storage_failed) {
            log("retention, tenant " + timer.tenant.value() + ", case " +
                std::to_string(timer.case_id.value()) + ": " + std::string(name_of(code)));
        }
        return touched.error();
    }
    const CaseRow& row = touched.value()->record.row;
    if (row.status == engine::CaseStatus::active || row.retention_until != timer.due) {
        return Reply{};
    }
    return delete_case(stage, {timer.case_id, kRetentionOver, "system:retention"});
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
