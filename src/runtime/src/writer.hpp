// The deciding half of the writer: turns jobs into groups of rows, without threads. What it knows
// (tenants, cases, timers) includes groups not committed yet; reset() goes back to storage.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "case_cache.hpp"
#include "key_ring.hpp"
#include "meters.hpp"
#include "overlay.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "stage.hpp"
#include "start_index.hpp"
#include "timer_page.hpp"

namespace schwarm::runtime {

class Writer;

// One unit of work; all of its rows are in one group or in none.
struct Job {
    enum class Kind : std::uint8_t { command, write, create_tenant };
    Kind kind = Kind::write;
    TenantId tenant;
    std::function<Result<Reply>(Writer&, Stage&)> run;
    Callback done;
    CaseId blamed;                  // put into quarantine if run() throws; 0: none
    std::optional<TimerRef> timer;  // tried again soon if storage failed
    bool batch = false;             // the next slice of a batch operation
};

struct Answer {
    Callback done;
    Result<Reply> reply;
};

// How a tenant's batch operations go on. After an error that storage did not make, the next slices
// are of one item each, until the one that cannot be carried out is found and passed over.
struct BatchPace {
    Instant next{};
    std::size_t single = 0;     // so many slices of one item
    std::optional<Error> skip;  // why the next item is passed over
};

struct Group {
    std::shared_ptr<Overlay> rows = std::make_shared<Overlay>();
    std::vector<Answer> answers;
    std::vector<OutboxRef> outbox;
    std::set<std::pair<TenantId, std::string>> jobs_available;  // types
    std::vector<std::pair<TenantId, CaseRow>> ended;
    std::vector<std::function<void()>> hints;
    std::size_t commands = 0;
    bool scrub = false;
};

class Writer {
  public:
    Writer(Environment& environment, const Options& options, KeyRing& ring, Meters& meters);

    // Reads counters and keys of the tenants; no cases.
    Result<void> load();
    // Forgets everything that is not in storage.
    Result<void> reset();

    // committing: the rows of the group whose commit has not been answered, or null.
    void begin_group(std::shared_ptr<const Overlay> committing);
    void run(Job job);
    bool full() const;
    std::size_t size() const { return group_->answers.size(); }
    std::shared_ptr<Group> end_group();

    // Jobs for the timers that are due (`most` at once), and the page kept long enough.
    std::vector<Job> due_timers(std::size_t most);
    // When due_timers() has something to do next.
    Instant next_wake() const;
    void wake_batches(const TenantId& tenant) { batch_paces_[tenant].next = Instant{}; }

    Result<Reply> carry_out(Stage& stage, Submission& submission);
    Result<Reply> delete_case(Stage& stage, const DeletionOrder& order);
    // The timers of a case that has ended: its retention is over, and that of the log about it.
    Result<Reply> end_retention(Stage& stage, const TimerRef& timer);
    Result<Reply> end_log(Stage& stage, const TimerRef& timer);
    // A line for the operator.
    void log(const std::string& line) const {
        if (environment_.log) environment_.log(line);
    }
    // The start events of the tenant's current processes; read again after forget_starts().
    const StartIndex& starts(const TenantId& tenant);
    void forget_starts(const TenantId& tenant) { starts_.erase(tenant); }
    // An effect for other cases of the tenant; also erases its row of the outbox.
    Result<void> deliver_effect(Stage& stage, const OutboxRef& ref, const engine::Effect& effect);
    // Locks at most `most` jobs for the worker of the request and adds them to `out`.
    Result<void> activate(Stage& stage, const JobRequest& request, std::size_t most,
                          std::vector<ActivatedJob>& out);
    Result<void> set_job_lock(Stage& stage, CaseId id, engine::JobKey key,
                              std::chrono::milliseconds lock);
    Result<Reply> release(Stage& stage, CaseId id, std::string_view actor);

  private:
    Result<void> load_tenant(storage::Reader& reader, const TenantId& tenant,
                             std::string_view book);
    Result<void> create_tenant(const TenantId& tenant);
    Result<Reply> run_guarded(Job& job, TenantEntry& tenant);
    void accept(Stage& stage, TenantEntry& tenant);
    void quarantine(const TenantId& tenant, CaseId id, std::string_view reason);

    // What lies under a time in the tenant's rows and is due: locks of jobs, kept messages.
    Job agenda_job(const TenantId& tenant);
    // `most`: items of its slice.
    Job batch_job(const TenantId& tenant, std::size_t most);
    void note_batch(const TenantId& tenant, const Result<Reply>& reply);
    // Answers when the next one is due.
    Result<Instant> end_locks(Stage& stage);
    Result<std::optional<ActivatedJob>> lock_job(Stage& stage, const JobRequest& request,
                                                 const JobRow& row);

    Result<CaseEntry*> prepare(Stage& stage, Submission& submission,
                               const engine::Definitions& definitions);
    Result<std::optional<Reply>> already_done(Stage& stage, const engine::Command& command);
    Result<Reply> record(Stage& stage, CaseEntry& entry, const Submission& submission,
                         engine::Decision& decision, const engine::Definitions& definitions);
    void note_end(Stage& stage, CaseEntry& entry);
    void begin_retention(Stage& stage, CaseRow& row);
    // What is fixed about the deletion of a case that has ended or is in quarantine.
    Result<RetentionRow> retention_of(Stage& stage, const CaseRow& row) const;
    Result<bool> is_under_way(Stage& stage, const CaseRow& row) const;
    // Its search rows and subscriptions, which a case in quarantine still has.
    Result<void> erase_open(Stage& stage, CaseEntry& entry);
    Result<void> store_state(Stage& stage, CaseEntry& entry, Position position, std::size_t bytes,
                             const engine::CaseState& state);
    Result<void> record_creation(Stage& stage, CaseEntry& entry, const Submission& submission,
                                 const Reply& reply);
    Result<void> record_effects(Stage& stage, const CaseEntry& entry, Position position,
                                const std::vector<engine::Effect>& effects,
                                const engine::CaseState& state);
    std::uint64_t done_bucket(Instant at) const;
    Result<void> prune_done(Stage& stage);

    Environment& environment_;
    const Options& options_;
    KeyRing& ring_;
    Meters& meters_;
    LayeredReader view_;
    CaseCache cache_;
    TimerPage timers_;
    std::map<TenantId, TenantEntry> tenants_;
    std::shared_ptr<Group> group_;
    std::vector<TenantId> changed_books_;
    std::map<TenantId, std::uint64_t> pruned_bucket_;
    std::map<TenantId, StartIndex> starts_;
    CaseId acting_on_;  // the case of the command being decided; 0: a new one or none
    std::map<TenantId, BatchPace> batch_paces_;
    std::map<TenantId, Instant> agenda_;  // when a tenant's rows with a time are looked at next
};

}  // namespace schwarm::runtime
