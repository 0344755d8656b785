// What one command (or one small write) is going to change, until it is accepted into its group
// or dropped. Implements WriteBatch. Writer's thread only.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "case_cache.hpp"
#include "chained_row.hpp"
#include "key_ring.hpp"
#include "overlay.hpp"
#include "schwarm/engine/engine.hpp"
#include "schwarm/runtime/write_batch.hpp"
#include "timer_page.hpp"

namespace schwarm::runtime {

// A tenant as the writer knows it, including what is not committed yet.
struct TenantEntry {
    TenantId id;
    Book book;
    std::shared_ptr<const TenantKeys> keys;
    crypto::Key log_key;  // for audit lines about no case
};

struct OutboxRef {
    TenantId tenant;
    Position position = 0;
    engine::EffectKey key;
    bool operator==(const OutboxRef&) const = default;
    auto operator<=>(const OutboxRef&) const = default;
};

struct TimerChange {
    bool added = false;
    TimerRef timer;
};

// A subscription this stage opened, and where its row is.
struct OpenedSubscription {
    CaseId case_id;
    engine::SubscriptionKey key;
    std::string place;
    std::string name;
    PersonHash hash;
};

// An instance that a message with this key had started has ended: the next may begin.
struct FreedStart {
    std::string process_id;
    PersonHash hash;
};

class Stage final : public WriteBatch {
  public:
    Stage(storage::Reader& view, CaseCache& cache, const TenantEntry& tenant, Random& random,
          Instant now);

    const TenantId& tenant() const override { return tenant_.id; }
    Instant now() const override { return now_; }
    Result<std::optional<std::string>> get(Space space, std::string_view key) override;
    Result<void> scan(Space space, const storage::ScanRange& range,
                      const storage::Visitor& visit) override;
    void put(Space space, std::string_view key, std::string_view value) override;
    void erase(Space space, std::string_view key) override;
    Result<void> put_sealed(std::string_view key, CaseId case_id, std::string_view plain) override;
    Result<std::optional<std::string>> get_sealed(std::string_view key) override;
    Result<void> put_secret(std::string_view name, std::string_view plain) override;
    void after_commit(std::function<void()> hint) override { hints_.push_back(std::move(hint)); }
    Result<void> put_draft(std::string_view draft_id, std::string_view content,
                           Instant expires) override;
    Result<void> erase_draft(std::string_view draft_id) override;
    Result<void> put_document(CaseId case_id, std::string_view name,
                              std::string_view content) override;
    void put_segment(std::string_view store, std::uint64_t number,
                     std::string_view sealed) override;
    Result<void> erase_segments(std::string_view store) override;
    Result<void> put_segmented(CaseId case_id, std::string_view name,
                               const SegmentedDocument& document) override;
    Result<void> put_inbox(CaseId case_id, std::string_view person, std::string_view name,
                           const feel::Value& payload) override;
    Result<void> put_print(CaseId case_id, std::string_view name,
                           const feel::Value& payload) override;
    Result<void> mark_read(std::string_view inbox_id) override;
    Result<void> finish_print(std::string_view print_id) override;
    Result<void> index_person(CaseId case_id, std::string_view field,
                              std::string_view value) override;
    Result<void> audit(std::string_view actor, std::string_view action, CaseId case_id,
                       std::string_view detail) override;
    Result<std::uint64_t> next_number(std::string_view counter) override;

    // For the runtime's own commands.
    const TenantKeys& keys() const { return *tenant_.keys; }
    Random& random() { return random_; }
    Book& book() { return book_; }
    Overlay& rows() { return rows_; }
    storage::Reader& view() { return view_; }
    std::vector<TimerChange>& timer_changes() { return timer_changes_; }
    std::vector<OutboxRef>& outbox() { return outbox_; }
    // Types of jobs that became available.
    std::vector<std::string>& jobs_available() { return jobs_available_; }
    std::vector<CaseRow>& ended() { return ended_; }
    std::vector<std::function<void()>>& hints() { return hints_; }
    // For messages that are kept; emptied by MessageDesk::deliver_kept().
    std::vector<OpenedSubscription>& opened() { return opened_; }
    std::vector<FreedStart>& freed() { return freed_; }
    // Under the key of the case, of case 0 under the tenant's log key.
    Result<std::string> seal_for(CaseId id, Space space, std::uint64_t number,
                                 std::string_view plain, std::string_view name = {});
    Result<std::string> open_for(CaseId id, Space space, std::uint64_t number,
                                 std::string_view sealed, std::string_view name = {});
    // Under the tenant's log key: what belongs to no case yet.
    Result<std::string> seal_for_tenant(Space space, std::uint64_t number, std::string_view plain,
                                        std::string_view name = {});
    Result<std::string> open_for_tenant(Space space, std::uint64_t number, std::string_view sealed,
                                        std::string_view name = {}) const;
    // The writer is to look at this tenant's rows with a time again, then at the latest.
    void look_again_at(Instant at) { look_again_ = std::min(look_again_, at); }
    Instant look_again() const { return look_again_; }

    // A case, in this stage; its row is written by finish() if it is marked as changed. not_found
    // if there is none, gone if it was deleted by law.
    Result<CaseEntry*> touch(CaseId id);
    // The same with state and projection.
    Result<CaseEntry*> touch_with_state(CaseId id, const engine::Definitions& definitions);
    Result<CaseEntry*> create(CaseId id);
    // It was refused: as if create() had not been called. Only for the newest one.
    void undo_create(CaseId id);
    // Erased bytes must leave the files after the commit.
    void scrub_after_commit() { scrub_ = true; }
    bool scrub() const { return scrub_; }
    // Of a case that has ended: when it, or the log about it, will be deleted by law. Without a row
    // the timer is taken away.
    void set_retention(const TimerRef& timer, const std::optional<RetentionRow>& row);
    // Nothing: there is no such timer.
    Result<std::optional<RetentionRow>> retention(const TimerRef& timer);
    // Commands of this stage that changed something.
    std::size_t recorded() const { return recorded_; }
    void count_recorded() { ++recorded_; }
    // Reads through this stage.
    Result<std::optional<std::string>> read(Space space, std::string_view key);

    // An open job's row, as this stage leaves it; nothing if there is none.
    Result<std::optional<JobRow>> job_row(CaseId id, engine::JobKey key);
    // Writes the row and moves it to where it is found; old: what was stored before, or null.
    void put_job(const JobRow& row, const JobRow* old);
    void erase_job(const JobRow& row);

    // Adds a row to the chain of events; the body is sealed under the case's key, or for
    // deletions under the tenant's log key. entry is null for deletions.
    Result<Position> append_event(RowKind kind, CaseId id, CaseEntry* entry, std::string_view body);
    // Seals under the case's key, bound to its place.
    Result<std::string> seal(const CaseEntry& entry, Space space, std::uint64_t number,
                             std::string_view name, std::string_view plain);

    // Removes the drafts a timer of case 0 stands for, if their time is over.
    Result<void> expire_drafts(const TimerRef& timer);

    // Writes the rows of touched cases. Afterwards take the results.
    void finish();
    std::map<CaseId, CaseEntry>& touched() { return touched_; }

  private:
    // The row of a document with its sealed name and without a content; what lay there is erased.
    Result<SealedRow> make_document(const CaseEntry& entry, std::string_view name,
                                    const PersonHash& hash);
    Result<void> put_in_segments(CaseId case_id, std::string_view name, std::string_view content);
    Result<crypto::Key> session_key(const PersonHash& draft);
    void set_expiry(bool added, Instant expires, const PersonHash& draft);
    void remove_draft(const PersonHash& draft, Instant expires);
    Result<void> put_sealed(Space space, std::string key, CaseId case_id, std::uint64_t number,
                            std::string_view name, const feel::Value& payload);

    storage::Reader& view_;
    CaseCache& cache_;
    const TenantEntry& tenant_;
    Random& random_;
    const Instant now_;
    Book book_;
    Overlay rows_;
    std::map<CaseId, CaseEntry> touched_;
    std::vector<TimerChange> timer_changes_;
    std::vector<OutboxRef> outbox_;
    std::vector<std::string> jobs_available_;
    std::vector<CaseRow> ended_;
    std::vector<std::function<void()>> hints_;
    std::vector<OpenedSubscription> opened_;
    std::vector<FreedStart> freed_;
    std::size_t recorded_ = 0;
    bool scrub_ = false;
    Instant look_again_ = Instant::max();
};

// Writes and erases the rows of tasks, timers, jobs and incidents that differ.
// given_back: a job whose lock ends by this command.
Result<void> update_index_rows(Stage& stage, const CaseRow& row, const engine::Projection& before,
                               const engine::Projection& after,
                               std::optional<engine::JobKey> given_back = {});
// Likewise the rows of subscriptions of messages and signals.
void update_subscriptions(Stage& stage, const engine::ProcessProvider& processes,
                          const engine::CaseState& before, const engine::CaseState& after);

}  // namespace schwarm::runtime
