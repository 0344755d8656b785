// The durable host of the engine: one writer with group commit, timers, outbox, recovery,
// quarantine. Read this header first.
//
// A command is submitted from any thread and answered by a callback after its commit. The writer
// takes what is queued, lets the engine decide each command on the state the commands before it
// left, and commits all of them at once. While one group is being committed the next is decided;
// if a commit fails, it and the group decided upon it are thrown away and every command in them
// is answered with the error.
//
// Threads: all public functions may be called from any thread. Callbacks run on the committing
// thread: they must return quickly, not throw, and not wait for another command.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/engine/engine.hpp"
#include "schwarm/runtime/batches.hpp"
#include "schwarm/runtime/case_desk.hpp"
#include "schwarm/runtime/jobs.hpp"
#include "schwarm/runtime/messages.hpp"
#include "schwarm/runtime/read_view.hpp"
#include "schwarm/runtime/rows.hpp"
#include "schwarm/runtime/starts.hpp"
#include "schwarm/runtime/write_batch.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::runtime {

// The definitions of a tenant as they are now; null if the tenant has none. Called on the
// writer's thread and by readers; the answer stays valid while the pointer is held (use the
// aliasing constructor of shared_ptr to keep the owner alive).
using DefinitionsSource =
    std::function<std::shared_ptr<const engine::Definitions>(const TenantId&)>;

// A personal value by which a case is to be findable; stored as a keyed hash only.
struct SearchTerm {
    std::string field;
    std::string value;
};
// What the package declares searchable; asked when a case was created. May be empty.
using SearchTermSource =
    std::function<std::vector<SearchTerm>(const TenantId&, const engine::CaseState&)>;

// Asked in the commit in which a case ends (`ended` is set; `retention_until` is what its process
// has said, if it was archived) or is deleted out of quarantine. Nothing: it is kept until somebody
// orders its deletion. May be empty.
using RetentionSource = std::function<std::optional<Retention>(const TenantId&, const CaseRow&)>;

// Whether an ended case has something under way in rows that are not the runtime's own, so that its
// deletion by time waits, unless its process has set that time (archived). On the writer's thread.
// May be empty.
using UnderWaySource = std::function<Result<bool>(WriteBatch&, CaseId)>;

// Erases what else there is of a case that is being deleted by law: rows that are neither the
// runtime's own nor those of rows_of_case(). On the writer's thread. May be empty.
using DeletionHook = std::function<Result<void>(WriteBatch&, CaseId)>;

// An effect whose handling is rows in the same commit (exactly once), by Effect::kind. Built in:
// "print" (print queue), "message" (inbox of the person who started the case).
using LocalEffect =
    std::function<Result<void>(const engine::Effect&, const engine::CaseState&, WriteBatch&)>;

// An effect that leaves the node: carried out by the dispatcher's thread after the commit, at
// least once, until it answers success. (tenant, case, key) makes repeating harmless. Without a
// handler, "send" and "publish" are messages and "signal" is a signal for the cases of the tenant,
// exactly once.
struct OutboxItem {
    TenantId tenant;
    CaseId case_id;
    engine::Effect effect;
    std::uint32_t attempts = 0;  // since the start, before this one
};
using OutboxHandler = std::function<Result<void>(const OutboxItem&)>;

struct Options {
    std::size_t queue_max = 4096;  // commands waiting; more: too_many_requests
    std::size_t group_commands_max = 256;
    std::size_t group_bytes_max = std::size_t{4} << 20;  // rows of one commit
    std::size_t cached_cases_max = 4096;
    std::chrono::milliseconds timer_page{std::chrono::minutes(5)};
    std::chrono::milliseconds outbox_retry{std::chrono::seconds(5)};
    // How long a command id that created a case is remembered: one to two times this.
    std::chrono::milliseconds done_kept{std::chrono::hours(24 * 7)};
    // A case's whole state is stored when the events since the last time are larger than this and
    // than that state, or so many commands; between, it is made from the events.
    std::size_t snapshot_bytes_min = std::size_t{8} << 10;
    std::size_t snapshot_commands_max = 64;
    std::chrono::milliseconds job_wait{std::chrono::seconds(10)};  // JobRequest::wait 0
    std::size_t waiting_max = 20'000;  // requests for jobs and for the end of cases that wait
    std::size_t activation_bytes_max = std::size_t{4} << 20;  // variables of one answer, about
    // False: nothing runs by itself; Runtime::run() does what there is to do. For simulations.
    bool threads = true;
    // What cases of this service send does not reach cases of others, nor theirs its cases.
    ServiceId apart;
};

// All references must outlive the Runtime. Handlers are fixed at open().
struct Environment {
    storage::Storage& storage;
    const Clock& clock;
    Random& random;
    crypto::Key node_key;
    DefinitionsSource definitions;
    SearchTermSource search_terms = {};
    std::map<std::string, LocalEffect, std::less<>> local_effects = {};
    std::map<std::string, OutboxHandler, std::less<>> outbox_handlers = {};
    // A line for the operator's log, without personal data. May be empty.
    std::function<void(std::string_view)> log = {};
    // Null: nothing begins by itself.
    const StartSource* starts = nullptr;
    RetentionSource retention = {};
    UnderWaySource under_way = {};
    DeletionHook forget = {};
};

// One command for one case. case_id is ignored for CreateCase: the runtime gives the number (and
// fills CreateCase::case_id and tenant). command.now is set by the runtime.
struct Submission {
    TenantId tenant;
    CaseId case_id;
    engine::Command command;
    // Also done in the same commit, after the command was decided (for example: erase the draft,
    // attach uploads). Its error rejects the whole command. May be empty.
    std::function<Result<void>(WriteBatch&, CaseId)> also;
};

struct Reply {
    CaseId case_id;
    engine::CaseStatus status = engine::CaseStatus::none;
    bool duplicate = false;  // this command id was carried out before; nothing happened now
    Position position = 0;   // of the event row; 0 if nothing happened
};

using Callback = std::function<void(Result<Reply>)>;
using WriteCallback = std::function<void(Result<void>)>;
using CaseCallback = std::function<void(Result<CaseRow>)>;

struct Metrics {
    std::uint64_t commands = 0;  // answered with success
    std::uint64_t rejected = 0;  // answered with an error by the engine
    std::uint64_t writes = 0;    // submit_write functions carried out
    std::uint64_t commits = 0;
    std::uint64_t commits_failed = 0;
    std::uint64_t rows_written = 0;
    std::uint64_t group_last = 0;  // commands in the last commit
    std::uint64_t group_max = 0;
    std::uint64_t queue_length = 0;
    std::uint64_t refused = 0;      // too_many_requests
    std::uint64_t quarantined = 0;  // since the start
    std::uint64_t cached_cases = 0;
    std::uint64_t cases_loaded = 0;  // read from storage because they were not cached
    std::uint64_t timers_in_page = 0;
    std::uint64_t timers_fired = 0;
    std::chrono::milliseconds timer_overdue{0};  // of the timer that waits longest
    std::uint64_t outbox_waiting = 0;
    std::uint64_t outbox_delivered = 0;
    std::uint64_t outbox_failures = 0;
    std::chrono::microseconds commit_p50{0};  // of the last 1024 commits
    std::chrono::microseconds commit_p99{0};
    std::uint64_t cases_created = 0;   // since the start
    std::uint64_t jobs_activated = 0;  // since the start
    std::uint64_t waiting = 0;         // requests for jobs and for the end of cases
    std::uint64_t snapshots = 0;       // whole states stored since the start
    bool scrub_pending = false;        // a deletion waits for old readers to end
};

struct Health {
    bool healthy = true;
    std::string reason;  // one sentence; empty if healthy
};

// What a deletion by law removes. `rule` names it ("§ 67 SGB X, Aufbewahrung 10 Jahre").
struct DeletionOrder {
    CaseId case_id;
    std::string rule;
    std::string actor;
    // Also the audit lines about the case. Those with a time of their own (Retention) are deleted
    // at once if it is over, else when it is.
    bool log_too = false;
};

class Runtime {
  public:
    // Loads counters, the timer page and the undelivered outbox; reads no cases. Then the threads
    // run. crypto_failed if the node key does not fit the database.
    static Result<std::unique_ptr<Runtime>> open(Environment environment, Options options = {});

    // Stops without waiting for what is queued: it is answered `unavailable`. What was answered
    // with success is durable.
    ~Runtime();
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    // Creates the tenant's keys and counters if it has none; returns when durable.
    Result<void> ensure_tenant(const TenantId& tenant);
    std::vector<TenantId> tenants() const;

    // The callback is called exactly once. Errors: those of the engine (rejections), not_found (no
    // such case or tenant), quarantined, gone (deleted by law), too_many_requests (at once, on
    // the calling thread), storage_failed, maybe_done, unavailable.
    void submit(Submission submission, Callback done);
    void submit_write(const TenantId& tenant, WriteFunction write, WriteCallback done);
    // The same, waiting for the answer. Never from a callback, a handler or a WriteFunction.
    Result<Reply> submit_and_wait(Submission submission);
    Result<void> write_and_wait(const TenantId& tenant, WriteFunction write);

    // A write that also gives commands and messages to cases of the tenant. `actor` is who the
    // audit lines name.
    void submit_desk(const TenantId& tenant, std::string actor, DeskFunction work,
                     WriteCallback done);

    Result<ReadView> read(const TenantId& tenant) const;

    // Locks open jobs for a worker: those of the highest priority, then those of the oldest case.
    // Without any, the request waits for the commit that makes one available; of several requests
    // the one that has waited longest is served first.
    void activate_jobs(JobRequest request, JobsCallback done);
    // Lets the lock of a job end after `lock` from now. not_found: no such open job; conflict:
    // nobody holds it.
    void update_job_timeout(const TenantId& tenant, CaseId case_id, engine::JobKey job,
                            std::chrono::milliseconds lock, WriteCallback done);
    // Pushes jobs to `sink` as long as there is credit. It ends by close_job_stream() or with the
    // node; after close_job_stream() has returned the sink may be called once more, for jobs that
    // were being locked.
    StreamId open_job_stream(JobStream stream, JobSink sink);
    void add_job_credit(StreamId stream, std::size_t jobs);
    void close_job_stream(StreamId stream);

    // Correlates a message with at most one subscription of each process (by its id, the oldest),
    // and with the start events of processes it has not reached; with a correlation key a process
    // has one instance started by it at a time. With a time to live it is then kept for those who
    // wait later, each process once; who subscribes gets it in the same commit. All of it is in one
    // commit. conflict: one with this id is kept already.
    void publish_message(const TenantId& tenant, Message message, std::string actor,
                         MessageCallback done);
    // The same without keeping it; not_found if nobody waits.
    void correlate_message(const TenantId& tenant, Message message, std::string actor,
                           MessageCallback done);
    // Triggers all that wait for the signal now and all start events for it. Answers when that has
    // begun durably: large ones are carried out slice by slice, between other commands and after a
    // restart.
    void broadcast_signal(const TenantId& tenant, Signal signal, std::string actor,
                          SignalCallback done);
    // The tenant's current processes are others now: the start source is asked again. Timers of
    // start events of versions that are no longer current are dropped, those of new ones armed,
    // durably; the same versions again change nothing, so that it may be called at every start of
    // the node. FEEL of such a timer sees no variables. A firing and the next one of its cycle are
    // one commit.
    void deployed(const TenantId& tenant, WriteCallback done);

    // Stores the order and answers its key (batches.hpp); the rest is done between other commands,
    // one batch after the other, the oldest first. invalid_input, limit_exceeded.
    void start_batch(const TenantId& tenant, BatchOrder order, std::string actor,
                     BatchCallback done);
    // not_found; conflict if it has ended, or is (not) suspended. What a batch has done stays done.
    void suspend_batch(const TenantId& tenant, std::uint64_t key, std::string actor,
                       WriteCallback done);
    void resume_batch(const TenantId& tenant, std::uint64_t key, std::string actor,
                      WriteCallback done);
    void cancel_batch(const TenantId& tenant, std::uint64_t key, std::string actor,
                      WriteCallback done);

    // Answers the case's row when it has ended, or after `wait` the row of a case that is still
    // active.
    void await_case(const TenantId& tenant, CaseId case_id, std::chrono::milliseconds wait,
                    CaseCallback done);

    // Deletion by law: destroys the case's keys, removes its ciphertexts, keeps the hashes, records
    // who, when and by which rule; returns when durable and scrubbed from the files. If old
    // readers keep the last step waiting, it is done later (Metrics::scrub_pending).
    Result<void> delete_case(const TenantId& tenant, const DeletionOrder& order);
    void delete_case(const TenantId& tenant, DeletionOrder order, WriteCallback done);
    // Lets a case out of quarantine, after a repair.
    Result<void> release_quarantine(const TenantId& tenant, CaseId case_id, std::string_view actor);

    // Looks at the clock again; for injected clocks that were moved, and after deployments.
    void wake();
    // Returns when nothing is queued, being decided or committed, no timer is due and no outbox
    // item waits that was not tried yet.
    void wait_idle();

    // Without threads (Options::threads): does what is queued and due, on the calling thread,
    // until nothing is left to do now or a commit has failed. Commands that wait for their answer
    // call it.
    void run();

    Metrics metrics() const;
    Health health() const;

  private:
    class Impl;
    explicit Runtime(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::runtime
