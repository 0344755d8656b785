// Carrying out one command on one case: decide, then the rows of what was decided.
#include <algorithm>
#include <variant>

#include "message_rows.hpp"
#include "outbox_row.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/feel/codec.hpp"
#include "writer.hpp"

namespace schwarm::runtime {
namespace {

RowKind kind_of(const engine::CommandBody& body) {
    return static_cast<RowKind>(body.index() + 1);
}

void fill(CaseRow& row, const engine::CaseState& state, const engine::Projection& projection) {
    row.definition = projection.definition;
    row.service = service_of(row.definition);
    row.status = state.status;
    row.created = state.created;
    row.changed = state.changed;
    row.ended = state.ended;
    if (state.retention_until) row.retention_until = state.retention_until;
    row.archived = state.archived.has_value();
    row.open_tasks = static_cast<std::uint32_t>(projection.user_tasks.size());
    row.open_incidents = static_cast<std::uint32_t>(projection.incidents.size());
}

// A failed job is no longer held by the worker that failed it.
std::optional<engine::JobKey> given_back(const engine::CommandBody& body) {
    if (const auto* failed = std::get_if<engine::FailJob>(&body)) return failed->job;
    return std::nullopt;
}

}  // namespace

std::uint64_t Writer::done_bucket(Instant at) const {
    return sortable(at) / static_cast<std::uint64_t>(options_.done_kept.count());
}

Result<std::optional<Reply>> Writer::already_done(Stage& stage, const engine::Command& command) {
    if (command.id.empty()) return std::optional<Reply>();
    if (command.id.size() > 128) {
        return fail(ErrorCode::invalid_input, "a command id has at most 128 bytes");
    }
    const std::uint64_t bucket = done_bucket(stage.now());
    for (const std::uint64_t place : {bucket, bucket - 1}) {
        SCHWARM_TRY(bytes, stage.read(Space::done, keys::done(stage.tenant(), place, command.id)));
        if (!bytes) continue;
        SCHWARM_TRY(row, DoneRow::decode(*bytes));
        return std::optional(Reply{row.case_id, row.status, true, row.position});
    }
    return std::optional<Reply>();
}

Result<CaseEntry*> Writer::prepare(Stage& stage, Submission& submission,
                                   const engine::Definitions& definitions) {
    if (auto* create = std::get_if<engine::CreateCase>(&submission.command.body)) {
        create->case_id = CaseId(stage.book().next_case++);
        create->tenant = stage.tenant();
        return stage.create(create->case_id);
    }
    if (cache_.find({stage.tenant(), submission.case_id}) == nullptr) ++meters_.cases_loaded;
    SCHWARM_TRY(entry, stage.touch_with_state(submission.case_id, definitions));
    if (entry->record.row.quarantined) {
        return fail(ErrorCode::quarantined, "the case waits for an operator",
                    "case " + std::to_string(submission.case_id.value()));
    }
    return entry;
}

Result<Reply> Writer::carry_out(Stage& stage, Submission& submission) {
    const bool creates = std::holds_alternative<engine::CreateCase>(submission.command.body);
    if (creates) {
        SCHWARM_TRY(known, already_done(stage, submission.command));
        if (known) return *known;
    }
    const auto definitions = environment_.definitions(stage.tenant());
    if (definitions == nullptr) {
        return fail(ErrorCode::not_found, "the tenant has no services");
    }
    acting_on_ = creates ? CaseId() : submission.case_id;
    SCHWARM_TRY(entry, prepare(stage, submission, *definitions));
    submission.command.now = stage.now();
    const CaseId id = entry->record.row.id;
    auto decided = engine::decide(*entry->state, *definitions, submission.command);
    if (decided.has_error()) {
        if (creates) stage.undo_create(id);
        return decided.error();
    }
    engine::Decision& decision = decided.value();
    if (decision.events.empty()) {
        Reply reply;
        reply.case_id = id;
        reply.status = decision.reply.status;
        reply.duplicate = decision.reply.duplicate;
        return reply;
    }
    return record(stage, *entry, submission, decision, *definitions);
}

Result<Reply> Writer::record(Stage& stage, CaseEntry& entry, const Submission& submission,
                             engine::Decision& decision, const engine::Definitions& definitions) {
    const CaseId id = decision.next.id;
    stage.count_recorded();
    const std::string events = engine::encode_events(decision.events);
    SCHWARM_TRY(position, stage.append_event(kind_of(submission.command.body), id, &entry, events));
    SCHWARM_TRY_VOID(store_state(stage, entry, position, events.size(), decision.next));

    auto after = std::make_shared<const engine::Projection>(
        engine::project(decision.next, definitions.processes));
    const bool creates = entry.state->status == engine::CaseStatus::none;
    fill(entry.record.row, decision.next, *after);
    SCHWARM_TRY_VOID(update_index_rows(stage, entry.record.row, *entry.projection, *after,
                                       given_back(submission.command.body)));
    update_subscriptions(stage, definitions.processes, *entry.state, decision.next);
    if (decision.next.ended && !entry.state->ended) note_end(stage, entry);
    entry.projection = std::move(after);
    entry.state = std::make_shared<const engine::CaseState>(std::move(decision.next));

    const Reply reply{id, entry.state->status, false, position};
    if (creates) SCHWARM_TRY_VOID(record_creation(stage, entry, submission, reply));
    SCHWARM_TRY_VOID(record_effects(stage, entry, position, decision.effects, *entry.state));
    SCHWARM_TRY_VOID(
        stage.audit(submission.command.actor, engine::name_of(submission.command.body), id, {}));
    if (submission.also) SCHWARM_TRY_VOID(submission.also(stage, id));
    return reply;
}

void Writer::note_end(Stage& stage, CaseEntry& entry) {
    CaseRecord& record = entry.record;
    begin_retention(stage, record.row);
    stage.ended().push_back(record.row);
    if (record.started_process.empty()) return;
    stage.rows().erase(Space::starts,
                       keys::started(stage.tenant(), record.started_process, record.started_key));
    stage.freed().push_back({record.started_process, record.started_key});
    record.started_process.clear();
    record.started_key.clear();
}

void Writer::begin_retention(Stage& stage, CaseRow& row) {
    if (!environment_.retention) return;
    const auto retention = environment_.retention(stage.tenant(), row);
    if (!retention) return;
    // Keys hold no time before 1970; the timer must name the same one.
    row.retention_until = from_sortable(sortable(retention->until));
    stage.set_retention({*row.retention_until, stage.tenant(), row.id, kRetentionTimer},
                        RetentionRow{retention->rule, retention->log_until});
}

// A case is read from its stored state and the events after it: the state is stored again when
// these are more than that state, so that all that is ever stored for a case grows with its events.
// The first events are read as quickly as a state would be.
Result<void> Writer::store_state(Stage& stage, CaseEntry& entry, Position position,
                                 std::size_t bytes, const engine::CaseState& state) {
    CaseRecord& record = entry.record;
    ++record.commands_since;
    if (entry.state->status == engine::CaseStatus::none) {
        record.snapshot_bytes = bytes;
    } else {
        record.bytes_since += bytes;
    }
    if (record.bytes_since <=
            std::max<std::uint64_t>(options_.snapshot_bytes_min, record.snapshot_bytes) &&
        record.commands_since < options_.snapshot_commands_max) {
        return {};
    }
    const std::string plain = engine::encode_state(state);
    SealedRow row;
    row.case_id = state.id;
    row.number = position;
    row.at = stage.now();
    SCHWARM_TRY(sealed, stage.seal(entry, Space::state, position, {}, plain));
    row.sealed = std::move(sealed);
    stage.rows().put(Space::state, keys::numbered(stage.tenant(), state.id.value()), row.encode());
    record.snapshot = position;
    record.snapshot_bytes = plain.size();
    record.bytes_since = 0;
    record.commands_since = 0;
    ++meters_.snapshots;
    return {};
}

Result<void> Writer::record_creation(Stage& stage, CaseEntry& entry, const Submission& submission,
                                     const Reply& reply) {
    const CaseId id = reply.case_id;
    const std::string& person = entry.state->started_by;
    entry.record.row.applicant = stage.keys().hash(kPersonField, person);
    SCHWARM_TRY_VOID(stage.index_person(id, kPersonField, person));
    if (environment_.search_terms) {
        for (const SearchTerm& term : environment_.search_terms(stage.tenant(), *entry.state)) {
            SCHWARM_TRY_VOID(stage.index_person(id, term.field, term.value));
        }
    }
    if (!submission.command.id.empty()) {
        const DoneRow done{id, reply.status, reply.position};
        stage.rows().put(
            Space::done,
            keys::done(stage.tenant(), done_bucket(stage.now()), submission.command.id),
            done.encode());
        SCHWARM_TRY_VOID(prune_done(stage));
    }
    ++meters_.cases_created;
    return {};
}

// Buckets before the last one are forgotten, some rows with each new id, so that no commit is
// long.
Result<void> Writer::prune_done(Stage& stage) {
    constexpr std::size_t kRowsAtOnce = 64;
    const std::uint64_t bucket = done_bucket(stage.now());
    auto& pruned = pruned_bucket_[stage.tenant()];
    if (pruned == bucket || bucket < 2) return {};
    const storage::ScanRange range{keys::plain(stage.tenant(), {}),
                                   keys::numbered(stage.tenant(), bucket - 1), kRowsAtOnce, false};
    std::size_t rows = 0;
    SCHWARM_TRY_VOID(
        stage.view().scan(Space::done, range, [&](std::string_view key, std::string_view) {
            stage.rows().erase(Space::done, std::string(key));
            ++rows;
            return true;
        }));
    if (rows < kRowsAtOnce) pruned = bucket;
    return {};
}

Result<void> Writer::record_effects(Stage& stage, const CaseEntry& entry, Position position,
                                    const std::vector<engine::Effect>& effects,
                                    const engine::CaseState& state) {
    const CaseId id = entry.record.row.id;
    for (const engine::Effect& effect : effects) {
        if (const auto handler = environment_.local_effects.find(effect.kind);
            handler != environment_.local_effects.end()) {
            SCHWARM_TRY_VOID(handler->second(effect, state, stage));
            continue;
        }
        SealedRow row;
        row.case_id = id;
        row.number = position;
        row.at = stage.now();
        row.name = effect.kind;
        SCHWARM_TRY(sealed, stage.seal(entry, Space::outbox, position, {}, encode_effect(effect)));
        row.sealed = std::move(sealed);
        stage.rows().put(Space::outbox, keys::outbox(stage.tenant(), position, effect.key),
                         row.encode());
        stage.outbox().push_back({stage.tenant(), position, effect.key});
    }
    return {};
}

}  // namespace schwarm::runtime
