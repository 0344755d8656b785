#include "writer.hpp"

#include <algorithm>
#include <exception>

#include "batch_desk.hpp"
#include "messages.hpp"
#include "outbox_row.hpp"
#include "schwarm/crypto/hash.hpp"
#include "signals.hpp"
#include "timer_starts.hpp"

namespace schwarm::runtime {
namespace {

constexpr auto kLookAgain = std::chrono::seconds(1);
// More than the items of a slice.
constexpr std::size_t kSingleSlices = 256;

Job expiry_job(const TimerRef& timer) {
    Job job;
    job.tenant = timer.tenant;
    job.timer = timer;
    job.run = [timer](Writer&, Stage& stage) -> Result<Reply> {
        SCHWARM_TRY_VOID(stage.expire_drafts(timer));
        return Reply{};
    };
    job.done = [](Result<Reply>) {};
    return job;
}

Job start_job(const TimerRef& timer) {
    Job job;
    job.kind = Job::Kind::command;
    job.tenant = timer.tenant;
    job.timer = timer;
    job.run = [timer](Writer& writer, Stage& stage) -> Result<Reply> {
        SCHWARM_TRY_VOID(TimerStartDesk(writer, stage).fire(timer));
        return Reply{};
    };
    job.done = [](Result<Reply>) {};
    return job;
}

Job retention_job(const TimerRef& timer) {
    Job job;
    job.tenant = timer.tenant;
    job.timer = timer;
    job.run = [timer](Writer& writer, Stage& stage) {
        auto reply = timer.key == kLogTimer ? writer.end_log(stage, timer)
                                            : writer.end_retention(stage, timer);
        if (reply.has_error() && reply.error().code != ErrorCode::storage_failed) {
            writer.log("retention, tenant " + timer.tenant.value() + ", case " +
                       std::to_string(timer.case_id.value()) + ": " +
                       std::string(name_of(reply.error().code)));
        }
        return reply;
    };
    job.done = [](Result<Reply>) {};
    return job;
}

Job timer_job(const TimerRef& timer) {
    Job job;
    job.timer = timer;
    job.kind = Job::Kind::command;
    job.tenant = timer.tenant;
    job.blamed = timer.case_id;
    job.run = [timer](Writer& writer, Stage& stage) -> Result<Reply> {
        Submission submission;
        submission.tenant = timer.tenant;
        submission.case_id = timer.case_id;
        submission.command.actor = "system:timer";
        submission.command.body = engine::TriggerTimer{timer.key};
        SCHWARM_TRY(reply, writer.carry_out(stage, submission));
        // Without an event the timer was no longer there; its row must not come back.
        if (reply.position == 0) {
            stage.rows().erase(Space::timers,
                               keys::timer(timer.tenant, timer.due, timer.case_id, timer.key));
        }
        return reply;
    };
    job.done = [](Result<Reply>) {};
    return job;
}

}  // namespace

Writer::Writer(Environment& environment, const Options& options, KeyRing& ring, Meters& meters)
    : environment_(environment),
      options_(options),
      ring_(ring),
      meters_(meters),
      view_(environment.storage),
      cache_(options.cached_cases_max),
      timers_(options.timer_page),
      group_(std::make_shared<Group>()) {}

Result<void> Writer::load() {
    SCHWARM_TRY(reader, environment_.storage.begin_read());
    std::vector<std::pair<TenantId, std::string>> books;
    SCHWARM_TRY_VOID(
        reader->scan(Space::meta, {}, [&](std::string_view key, std::string_view value) {
            storage::KeyReader parts(key);
            TenantId tenant = parts.tenant();
            if (parts.raw(1) == "B" && parts.at_end()) books.emplace_back(tenant, value);
            return true;
        }));
    for (const auto& [tenant, book] : books) {
        SCHWARM_TRY_VOID(load_tenant(*reader, tenant, book));
    }
    return {};
}

Result<void> Writer::load_tenant(storage::Reader& reader, const TenantId& tenant,
                                 std::string_view book) {
    SCHWARM_TRY(decoded, Book::decode(book));
    auto keys = ring_.find(tenant);
    if (keys == nullptr) {
        SCHWARM_TRY(row, reader.get(Space::keys, keys::tenant_key(tenant)));
        if (!row) {
            return fail(ErrorCode::corrupt,
                        "the key of tenant '" + tenant.value() + "' is missing");
        }
        SCHWARM_TRY(loaded, ring_.load(tenant, *row));
        keys = loaded;
    }
    SCHWARM_TRY(data_keys, read_data_keys(reader, *keys, tenant, CaseId()));
    if (!data_keys.log) {
        return fail(ErrorCode::corrupt,
                    "the log key of tenant '" + tenant.value() + "' is missing");
    }
    tenants_.insert_or_assign(tenant, TenantEntry{tenant, decoded, keys, *data_keys.log});
    agenda_[tenant] = Instant{};
    batch_paces_[tenant] = {};
    return {};
}

Result<void> Writer::reset() {
    view_.end();
    cache_.clear();
    timers_.forget();
    pruned_bucket_.clear();
    agenda_.clear();
    batch_paces_.clear();
    tenants_.clear();
    changed_books_.clear();
    group_ = std::make_shared<Group>();
    SCHWARM_TRY_VOID(load());
    // Keys of tenants whose creation was not committed.
    for (const TenantId& tenant : ring_.tenants()) {
        if (!tenants_.contains(tenant)) ring_.forget(tenant);
    }
    return {};
}

void Writer::begin_group(std::shared_ptr<const Overlay> committing) {
    group_ = std::make_shared<Group>();
    changed_books_.clear();
    view_.begin(std::move(committing), group_->rows.get());
}

bool Writer::full() const {
    return group_->answers.size() >= options_.group_commands_max ||
           group_->rows->bytes() >= options_.group_bytes_max;
}

std::shared_ptr<Group> Writer::end_group() {
    for (const TenantId& tenant : changed_books_) {
        group_->rows->put(Space::meta, keys::book(tenant), tenants_.at(tenant).book.encode());
    }
    view_.end();
    meters_.cached_cases = cache_.size();
    meters_.timers_in_page = timers_.size();
    const auto earliest = timers_.earliest();
    meters_.timer_earliest = earliest ? earliest->time_since_epoch().count() : INT64_MAX;
    return std::exchange(group_, std::make_shared<Group>());
}

Result<void> Writer::create_tenant(const TenantId& tenant) {
    if (tenants_.contains(tenant)) return {};
    SCHWARM_TRY_VOID(storage::check_tenant(tenant));
    SCHWARM_TRY(key_row, ring_.create(tenant, environment_.random));
    DataKeys data_keys;
    data_keys.log = crypto::Key::random(environment_.random);
    const auto keys = ring_.find(tenant);
    SCHWARM_TRY(log_row, keys->wrap(data_keys, CaseId(), environment_.random));
    Book book;
    book.event_chain = chain_begin(kEventChain, tenant);
    book.audit_chain = chain_begin(kAuditChain, tenant);
    group_->rows->put(Space::keys, keys::tenant_key(tenant), std::move(key_row));
    group_->rows->put(Space::keys, keys::case_keys(tenant, CaseId()), std::move(log_row));
    tenants_.emplace(tenant, TenantEntry{tenant, book, keys, *data_keys.log});
    changed_books_.push_back(tenant);
    return {};
}

void Writer::run(Job job) {
    Result<Reply> reply = Reply{};
    const auto tenant = tenants_.find(job.tenant);
    if (job.kind == Job::Kind::create_tenant) {
        if (const auto created = create_tenant(job.tenant); created.has_error()) {
            reply = created.error();
        }
    } else if (tenant == tenants_.end()) {
        reply = fail(ErrorCode::not_found, "there is no such tenant");
    } else {
        reply = run_guarded(job, tenant->second);
    }
    if (job.batch) note_batch(job.tenant, reply);
    if (job.timer && reply.has_error() && reply.error().code == ErrorCode::storage_failed) {
        timers_.defer(*job.timer, environment_.clock.now() + kLookAgain);
    }
    if (job.kind == Job::Kind::command) {
        ++(reply.has_value() ? meters_.commands : meters_.rejected);
    } else {
        ++meters_.writes;
    }
    ++group_->commands;
    group_->answers.push_back({std::move(job.done), std::move(reply)});
}

Result<Reply> Writer::run_guarded(Job& job, TenantEntry& tenant) {
    std::string reason;
    acting_on_ = job.blamed;
    try {
        Stage stage(view_, cache_, tenant, environment_.random, environment_.clock.now());
        Result<Reply> reply = job.run(*this, stage);
        if (reply.has_value() && !(stage.opened().empty() && stage.freed().empty())) {
            const auto delivered = MessageDesk(*this, stage, "system:message").deliver_kept();
            if (delivered.has_error()) reply = delivered.error();
        }
        if (reply.has_value()) accept(stage, tenant);
        return reply;
    } catch (const std::exception& error) {
        reason = error.what();
    }
    quarantine(tenant.id, acting_on_, reason);
    return fail(ErrorCode::quarantined,
                "a program error stopped this; the case, if there is "
                "one, waits for an operator");
}

// The message of a CHECK names a place in the program, nothing of the case.
void Writer::quarantine(const TenantId& tenant, CaseId id, std::string_view reason) {
    ++meters_.quarantined;
    if (environment_.log) {
        environment_.log("program error, tenant " + tenant.value() + ", case " +
                         std::to_string(id.value()) + ": " + std::string(reason));
    }
    if (id == CaseId()) return;
    TenantEntry& entry = tenants_.at(tenant);
    Stage stage(view_, cache_, entry, environment_.random, environment_.clock.now());
    const auto touched = stage.touch(id);
    if (touched.has_error()) return;
    touched.value()->record.row.quarantined = true;
    touched.value()->changed = true;
    if (stage.audit("system", "quarantine", id, reason).has_error()) return;
    accept(stage, entry);
}

void Writer::accept(Stage& stage, TenantEntry& tenant) {
    stage.finish();
    if (stage.book() != tenant.book) {
        tenant.book = stage.book();
        if (std::find(changed_books_.begin(), changed_books_.end(), tenant.id) ==
            changed_books_.end()) {
            changed_books_.push_back(tenant.id);
        }
    }
    for (auto& [id, entry] : stage.touched()) {
        if (entry.record.row.deleted) {
            cache_.erase({tenant.id, id});
        } else {
            cache_.put({tenant.id, id}, std::move(entry));
        }
    }
    for (const TimerChange& change : stage.timer_changes()) {
        if (change.added) {
            timers_.add(change.timer);
        } else {
            timers_.remove(change.timer);
        }
    }
    group_->outbox.insert(group_->outbox.end(), stage.outbox().begin(), stage.outbox().end());
    for (std::string& type : stage.jobs_available()) {
        group_->jobs_available.emplace(tenant.id, std::move(type));
    }
    for (CaseRow& row : stage.ended()) group_->ended.emplace_back(tenant.id, std::move(row));
    std::move(stage.hints().begin(), stage.hints().end(), std::back_inserter(group_->hints));
    if (stage.look_again() != Instant::max()) {
        Instant& next = agenda_.try_emplace(tenant.id, Instant::max()).first->second;
        next = std::min(next, stage.look_again());
    }
    group_->scrub = group_->scrub || stage.scrub();
    group_->rows->absorb(std::move(stage.rows()));
}

const StartIndex& Writer::starts(const TenantId& tenant) {
    const auto it = starts_.find(tenant);
    if (it != starts_.end()) return it->second;
    StartIndex index;
    if (environment_.starts != nullptr) {
        index = StartIndex(environment_.starts->current_processes(tenant));
    }
    return starts_.emplace(tenant, std::move(index)).first->second;
}

// payload of a message: {correlationKey, variables}; of a signal: its variables. A refused message
// is dropped: asking again gives the same.
Result<void> Writer::deliver_effect(Stage& stage, const OutboxRef& ref,
                                    const engine::Effect& effect) {
    const std::string place = keys::outbox(ref.tenant, ref.position, ref.key);
    SCHWARM_TRY(row, stage.read(Space::outbox, place));
    if (!row) return {};
    stage.rows().erase(Space::outbox, place);
    Audience audience;
    if (!options_.apart.value().empty()) {
        SCHWARM_TRY(kept, SealedRow::decode(*row));
        SCHWARM_TRY(sender, stage.touch(kept.case_id));
        audience = {options_.apart, sender->record.row.service != options_.apart};
    }
    if (effect.kind == "signal") {
        SCHWARM_TRY_VOID(
            SignalDesk(*this, stage)
                .broadcast({effect.name, engine::Variables::from_context(effect.payload), audience},
                           "system:signal"));
        return {};
    }
    Message message;
    message.audience = audience;
    message.name = effect.name;
    const feel::Value key = effect.payload.get("correlationKey");
    if (key.is_string()) {
        message.correlation_key = std::string(key.as_string());
    } else if (!key.is_null()) {
        message.correlation_key = key.to_string();
    }
    message.variables = engine::Variables::from_context(effect.payload.get("variables"));
    SCHWARM_TRY_VOID(MessageDesk(*this, stage, "system:message").publish(message));
    return {};
}

Job Writer::batch_job(const TenantId& tenant, std::size_t most) {
    Job job;
    job.tenant = tenant;
    job.batch = true;
    const BatchPace& pace = batch_paces_.at(tenant);
    const std::size_t items = pace.single > 0 ? 1 : most;
    job.run = [items, skip = pace.skip](Writer& writer, Stage& stage) -> Result<Reply> {
        SCHWARM_TRY(next, BatchDesk(writer, stage).go_on(items, skip));
        writer.batch_paces_[stage.tenant()].next = next;
        return Reply{};
    };
    job.done = [](Result<Reply>) {};
    return job;
}

void Writer::note_batch(const TenantId& tenant, const Result<Reply>& reply) {
    BatchPace& pace = batch_paces_[tenant];
    const Instant now = environment_.clock.now();
    if (reply.has_value()) {
        pace.skip.reset();
        if (pace.single > 0) --pace.single;
        return;
    }
    const Error& error = reply.error();
    if (error.code == ErrorCode::storage_failed) {
        pace.next = now + kLookAgain;
        return;
    }
    log("batch of tenant " + tenant.value() + ": " + std::string(name_of(error.code)));
    // An error beside the items is tried again, but not without a pause.
    pace.next = pace.skip ? now + kLookAgain : now;
    if (pace.single > 0 && !pace.skip) {
        pace.skip = error;
    } else {
        pace.skip.reset();
    }
    pace.single = kSingleSlices;
}

Instant Writer::next_wake() const {
    Instant next = timers_.next_wake();
    for (const auto& [tenant, at] : agenda_) next = std::min(next, at);
    for (const auto& [tenant, pace] : batch_paces_) next = std::min(next, pace.next);
    return next;
}

std::vector<Job> Writer::due_timers(std::size_t most) {
    const Instant now = environment_.clock.now();
    if (timers_.needs_load(now)) {
        std::vector<TenantId> tenants;
        for (const auto& [tenant, entry] : tenants_) tenants.push_back(tenant);
        if (timers_.load(view_, tenants, now).has_error()) timers_.postpone(now);
    }
    std::vector<Job> jobs;
    for (auto& [tenant, at] : agenda_) {
        if (at > now) continue;
        // In case it fails; else it says itself when it wants to be asked again.
        at = now + kLookAgain;
        jobs.push_back(agenda_job(tenant));
    }
    for (auto& [tenant, pace] : batch_paces_) {
        if (pace.next <= now) jobs.push_back(batch_job(tenant, most));
    }
    for (const TimerRef& timer : timers_.take_due(now, most)) {
        const bool retention = timer.key == kRetentionTimer || timer.key == kLogTimer;
        jobs.push_back(timer.case_id == CaseId()      ? expiry_job(timer)
                       : timer.case_id == kTimerStart ? start_job(timer)
                       : retention                    ? retention_job(timer)
                                                      : timer_job(timer));
        ++meters_.timers_fired;
    }
    return jobs;
}

}  // namespace schwarm::runtime
