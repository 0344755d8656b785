#include "batch_desk.hpp"

#include <algorithm>

#include "messages.hpp"

namespace schwarm::runtime {
namespace {

constexpr std::size_t kItemsMax = 1'000'000;
constexpr std::size_t kItemsOfRow = 1000;
constexpr std::size_t kRowsAtOnce = 2000;  // looked at while collecting
constexpr std::size_t kFailuresKept = 20;
constexpr std::uint64_t kRootInstance = 1;

template <class T>
bool among(const std::vector<T>& wanted, const T& value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

Result<void> check(const BatchOrder& order) {
    const int given = (order.process_instances.empty() ? 0 : 1) +
                      (order.incidents.empty() ? 0 : 1) + (order.filter ? 1 : 0);
    if (given != 1) {
        return fail(ErrorCode::invalid_input,
                    "a batch has process instances or incidents or a filter");
    }
    if (!order.incidents.empty() && order.kind != BatchKind::resolve_incidents) {
        return fail(ErrorCode::invalid_input, "only incidents that are resolved are named by key");
    }
    if (std::max(order.process_instances.size(), order.incidents.size()) > kItemsMax) {
        return fail(ErrorCode::limit_exceeded, "a batch has at most 1000000 items");
    }
    const engine::ModifyCase& modify = order.modify;
    if (order.kind == BatchKind::modify && modify.activate.empty() && modify.move.empty() &&
        modify.terminate.empty()) {
        return fail(ErrorCode::invalid_input, "a modification has an instruction");
    }
    if (order.kind == BatchKind::erase && order.reason.empty()) {
        return fail(ErrorCode::invalid_input, "a deletion names its rule");
    }
    if (order.kind == BatchKind::migrate && order.migrate.target.value().empty()) {
        return fail(ErrorCode::invalid_input, "a migration has a target");
    }
    return {};
}

bool looks_at_incidents(const BatchOrder& order) {
    const BatchFilter& filter = *order.filter;
    if (order.kind == BatchKind::erase) return false;
    return order.kind == BatchKind::resolve_incidents || filter.with_incidents_only ||
           !filter.incident_kinds.empty() || !filter.element_ids.empty();
}

// 0: not meant.
Result<std::uint64_t> item_of_incident(const BatchOrder& order, std::string_view key,
                                       std::string_view value) {
    SCHWARM_TRY(row, decode_incident(key, value));
    const BatchFilter& filter = *order.filter;
    if (!among(filter.definitions, row.definition) || !among(filter.incident_kinds, row.kind) ||
        !among(filter.element_ids, row.element_id)) {
        return std::uint64_t{0};
    }
    return order.kind == BatchKind::resolve_incidents ? global_key(row.case_id, row.key.value())
                                                      : global_key(row.case_id, kRootInstance);
}

Result<std::uint64_t> item_of_case(const BatchOrder& order, CaseId id, std::string_view value) {
    SCHWARM_TRY(record, CaseRecord::decode(id, value));
    const bool active = record.row.status == engine::CaseStatus::active;
    const bool erases = order.kind == BatchKind::erase;
    if (active == erases || record.row.deleted ||
        (erases && !among(order.filter->statuses, record.row.status)) ||
        !among(order.filter->definitions, record.row.definition)) {
        return std::uint64_t{0};
    }
    return global_key(id, kRootInstance);
}

}  // namespace

Result<std::uint64_t> BatchDesk::start(const BatchOrder& order, const std::string& actor) {
    SCHWARM_TRY_VOID(check(order));
    SCHWARM_TRY(number, stage_.next_number("key"));
    BatchRecord batch;
    batch.row.key = global_key(number);
    batch.row.kind = order.kind;
    batch.row.actor = actor;
    batch.row.created = stage_.now();
    batch.bound = stage_.book().next_case;
    StoredOrder stored{order, !order.process_instances.empty()};
    stored.order.process_instances.clear();
    stored.order.incidents.clear();
    batch.collected = !order.filter;
    batch.row.status = order.filter ? BatchStatus::collecting : BatchStatus::running;
    add_items(batch, order.process_instances);
    add_items(batch, order.incidents);
    SealedRow row;
    row.number = batch.row.key;
    row.at = stage_.now();
    SCHWARM_TRY(sealed, stage_.seal_for_tenant(Space::batches, batch.row.key, stored.encode(),
                                               kBatchOrder));
    row.sealed = std::move(sealed);
    stage_.rows().put(Space::batches, keys::batch_order(stage_.tenant(), batch.row.key),
                      row.encode());
    stage_.rows().put(Space::batches, keys::batch_active(stage_.tenant(), batch.row.key), {});
    SCHWARM_TRY_VOID(store(batch));
    SCHWARM_TRY_VOID(
        stage_.audit(actor, "start_batch", CaseId(),
                     std::string(name_of(order.kind)) + " " + std::to_string(batch.row.key)));
    writer_.wake_batches(stage_.tenant());
    return batch.row.key;
}

void BatchDesk::add_items(BatchRecord& batch, const std::vector<std::uint64_t>& items) {
    for (std::size_t from = 0; from < items.size(); from += kItemsOfRow) {
        const auto begin = items.begin() + static_cast<std::ptrdiff_t>(from);
        const std::size_t count = std::min(kItemsOfRow, items.size() - from);
        const std::vector<std::uint64_t> part(begin, begin + static_cast<std::ptrdiff_t>(count));
        stage_.rows().put(Space::batches,
                          keys::batch_items(stage_.tenant(), batch.row.key, batch.chunks++),
                          encode_items(part));
    }
    batch.row.total += items.size();
}

Result<void> BatchDesk::store(const BatchRecord& batch) {
    SealedRow row;
    row.number = batch.row.key;
    row.at = stage_.now();
    SCHWARM_TRY(sealed, stage_.seal_for_tenant(Space::batches, batch.row.key, batch.encode()));
    row.sealed = std::move(sealed);
    stage_.rows().put(Space::batches, keys::batch(stage_.tenant(), batch.row.key), row.encode());
    return {};
}

Result<std::optional<BatchRecord>> BatchDesk::load(std::uint64_t key) {
    SCHWARM_TRY(bytes, stage_.read(Space::batches, keys::batch(stage_.tenant(), key)));
    if (!bytes) return std::optional<BatchRecord>();
    SCHWARM_TRY(row, SealedRow::decode(*bytes));
    SCHWARM_TRY(plain, stage_.open_for_tenant(Space::batches, key, row.sealed));
    SCHWARM_TRY(batch, BatchRecord::decode(plain));
    batch.row.key = key;
    return std::optional(std::move(batch));
}

Result<StoredOrder> BatchDesk::load_order(std::uint64_t key) {
    SCHWARM_TRY(bytes, stage_.read(Space::batches, keys::batch_order(stage_.tenant(), key)));
    if (!bytes) return fail(ErrorCode::corrupt, "the order of a batch is missing");
    SCHWARM_TRY(row, SealedRow::decode(*bytes));
    SCHWARM_TRY(plain, stage_.open_for_tenant(Space::batches, key, row.sealed, kBatchOrder));
    return StoredOrder::decode(plain);
}

Result<void> BatchDesk::set_status(std::uint64_t key, BatchStatus wanted,
                                   const std::string& actor) {
    SCHWARM_TRY(batch, load(key));
    if (!batch) return fail(ErrorCode::not_found, "there is no such batch");
    BatchStatus& status = batch->row.status;
    if (status == BatchStatus::completed || status == BatchStatus::cancelled) {
        return fail(ErrorCode::conflict, "the batch has ended");
    }
    const bool resumes = wanted == BatchStatus::running;
    if (wanted != BatchStatus::cancelled && (status == BatchStatus::suspended) != resumes) {
        return fail(ErrorCode::conflict,
                    resumes ? "the batch is not suspended" : "the batch is suspended already");
    }
    const std::string active = keys::batch_active(stage_.tenant(), key);
    if (wanted == BatchStatus::cancelled) {
        end(*batch, wanted);
    } else if (resumes) {
        status = batch->collected ? BatchStatus::running : BatchStatus::collecting;
        stage_.rows().put(Space::batches, active, {});
        writer_.wake_batches(stage_.tenant());
    } else {
        status = BatchStatus::suspended;
        stage_.rows().erase(Space::batches, active);
    }
    SCHWARM_TRY_VOID(store(*batch));
    return stage_.audit(actor, "set_batch", CaseId(),
                        std::string(name_of(status)) + " " + std::to_string(key));
}

void BatchDesk::end(BatchRecord& batch, BatchStatus status) {
    batch.row.status = status;
    batch.row.ended = stage_.now();
    for (; batch.chunk < batch.chunks; ++batch.chunk) {
        stage_.rows().erase(Space::batches,
                            keys::batch_items(stage_.tenant(), batch.row.key, batch.chunk));
    }
    stage_.rows().erase(Space::batches, keys::batch_order(stage_.tenant(), batch.row.key));
    stage_.rows().erase(Space::batches, keys::batch_active(stage_.tenant(), batch.row.key));
}

Result<Instant> BatchDesk::go_on(std::size_t most, const std::optional<Error>& skip) {
    const std::string prefix = keys::lettered(stage_.tenant(), 'A');
    std::vector<std::uint64_t> active;
    SCHWARM_TRY_VOID(stage_.view().scan(
        Space::batches, storage::prefix_range(prefix, 2),
        [&](std::string_view place, std::string_view) {
            active.push_back(storage::KeyReader(place.substr(prefix.size())).number());
            return true;
        }));
    if (active.empty()) return Instant::max();
    SCHWARM_TRY(batch, load(active.front()));
    if (!batch) return fail(ErrorCode::corrupt, "the row of a batch is missing");
    SCHWARM_TRY(stored, load_order(active.front()));
    if (!batch->collected) {
        SCHWARM_TRY_VOID(collect(*batch, stored));
    } else {
        SCHWARM_TRY_VOID(slice(*batch, stored, most, skip));
    }
    SCHWARM_TRY_VOID(store(*batch));
    return batch->row.ended && active.size() == 1 ? Instant::max() : stage_.now();
}

Result<void> BatchDesk::collect(BatchRecord& batch, const StoredOrder& stored) {
    const BatchOrder& order = stored.order;
    const bool incidents = looks_at_incidents(order);
    const std::string prefix = keys::plain(stage_.tenant(), {});
    const storage::ScanRange range{
        batch.collected_to.empty() ? prefix : prefix + batch.collected_to + '\0',
        keys::numbered(stage_.tenant(), batch.bound), kRowsAtOnce, false};
    std::vector<std::uint64_t> items;
    std::size_t rows = 0;
    Result<void> decoding;
    const auto look_at = [&](std::string_view key, std::string_view value) {
        const std::string_view place = key.substr(prefix.size());
        const CaseId id(storage::KeyReader(place).number());
        const auto item =
            incidents ? item_of_incident(order, key, value) : item_of_case(order, id, value);
        if (item.has_error()) {
            decoding = item.error();
            return false;
        }
        ++rows;
        // Several incidents of one case may make one item.
        if (item.value() != 0 && item.value() != batch.last_item) {
            items.push_back(item.value());
            batch.last_item = item.value();
        }
        batch.collected_to = place;
        return true;
    };
    SCHWARM_TRY_VOID(
        stage_.view().scan(incidents ? Space::incidents : Space::cases, range, look_at));
    SCHWARM_TRY_VOID(decoding);
    add_items(batch, items);
    if (rows < kRowsAtOnce) {
        batch.collected = true;
        batch.row.status = BatchStatus::running;
    }
    return {};
}

Result<void> BatchDesk::slice(BatchRecord& batch, const StoredOrder& stored, std::size_t most,
                              const std::optional<Error>& skip) {
    bool skips = skip.has_value();
    while (most > 0 && batch.chunk < batch.chunks) {
        const std::string place = keys::batch_items(stage_.tenant(), batch.row.key, batch.chunk);
        SCHWARM_TRY(bytes, stage_.read(Space::batches, place));
        if (!bytes) return fail(ErrorCode::corrupt, "items of a batch are missing");
        SCHWARM_TRY(items, decode_items(*bytes));
        for (; most > 0 && batch.offset < items.size(); ++batch.offset, --most) {
            const std::uint64_t item = items[batch.offset];
            std::optional<Error> refusal = skip;
            if (!skips) {
                SCHWARM_TRY(done, carry_out(batch, stored, item));
                if (done.refused) refusal = std::move(done.reason);
            }
            skips = false;
            ++(refusal ? batch.row.failed : batch.row.done);
            if (refusal && batch.row.failures.size() < kFailuresKept) {
                batch.row.failures.push_back(
                    {item, std::string(schwarm::name_of(refusal->code)), refusal->message});
            }
        }
        if (batch.offset < items.size()) break;
        stage_.rows().erase(Space::batches, place);
        ++batch.chunk;
        batch.offset = 0;
    }
    if (batch.chunk == batch.chunks) end(batch, BatchStatus::completed);
    return {};
}

Result<BatchDesk::Attempt> BatchDesk::carry_out(const BatchRecord& batch, const StoredOrder& stored,
                                                std::uint64_t item) {
    const BatchOrder& order = stored.order;
    const CaseId id = case_of(item);
    const ElementKey instance(local_of(item));
    switch (order.kind) {
        case BatchKind::resolve_incidents:
            if (stored.by_case) return resolve_all(batch, stored, id);
            return command(
                batch, id,
                engine::ResolveIncident{engine::IncidentKey(local_of(item)), order.retries});
        case BatchKind::cancel:
            return command(batch, id, engine::CancelCase{order.reason, instance});
        case BatchKind::modify: {
            engine::ModifyCase body = order.modify;
            body.process_instance = instance;
            return command(batch, id, std::move(body));
        }
        case BatchKind::migrate: {
            engine::MigrateCase body = order.migrate;
            body.process_instance = instance;
            return command(batch, id, std::move(body));
        }
        case BatchKind::erase:
            return erase(batch, stored, id);
    }
    return fail(ErrorCode::corrupt, "the kind of a batch is unknown");
}

Result<BatchDesk::Attempt> BatchDesk::resolve_all(const BatchRecord& batch,
                                                  const StoredOrder& stored, CaseId id) {
    std::vector<engine::IncidentKey> open;
    SCHWARM_TRY_VOID(stage_.view().scan(
        Space::incidents, storage::prefix_range(keys::numbered(stage_.tenant(), id.value())),
        [&](std::string_view key, std::string_view) {
            open.emplace_back(storage::KeyReader(key.substr(key.size() - 8)).number());
            return true;
        }));
    Attempt first;
    for (const engine::IncidentKey incident : open) {
        SCHWARM_TRY(attempt,
                    command(batch, id, engine::ResolveIncident{incident, stored.order.retries}));
        if (attempt.refused && !first.refused) first = std::move(attempt);
    }
    return first;
}

// What is refused here has changed nothing.
Result<BatchDesk::Attempt> BatchDesk::erase(const BatchRecord& batch, const StoredOrder& stored,
                                            CaseId id) {
    const auto done =
        writer_.delete_case(stage_, {id, stored.order.reason, batch.row.actor, false});
    if (done.has_value()) return Attempt{};
    const ErrorCode code = done.error().code;
    if (code == ErrorCode::not_found || code == ErrorCode::conflict || code == ErrorCode::gone) {
        return Attempt{true, done.error()};
    }
    return done.error();
}

Result<BatchDesk::Attempt> BatchDesk::command(const BatchRecord& batch, CaseId id,
                                              engine::CommandBody body) {
    Submission submission;
    submission.tenant = stage_.tenant();
    submission.case_id = id;
    submission.command.actor = batch.row.actor;
    submission.command.body = std::move(body);
    const std::size_t before = stage_.recorded();
    const auto reply = writer_.carry_out(stage_, submission);
    if (reply.has_value()) return Attempt{};
    if (is_refusal(reply.error()) && stage_.recorded() == before)
        return Attempt{true, reply.error()};
    return reply.error();
}

}  // namespace schwarm::runtime
