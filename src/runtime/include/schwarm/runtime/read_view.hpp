// A snapshot of one tenant's committed data, decrypted on the way out.
//
// Any thread may open one (Runtime::read); each belongs to one thread and should live briefly: an
// old snapshot keeps the database's log from shrinking. Access is not checked here (module app).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/runtime/batches.hpp"
#include "schwarm/runtime/documents.hpp"
#include "schwarm/runtime/rows.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::runtime {

// What to list. Unset members do not filter. Cases come newest first.
struct CaseFilter {
    std::optional<ServiceId> service;
    std::optional<engine::CaseStatus> status;
    std::optional<std::string> applicant;  // the person's id as in Command::actor
    bool quarantined_only = false;
    bool with_incidents_only = false;
    std::size_t limit = 50;         // 1 to 500
    std::string cursor;             // Page::next of the page before: only cases below this number
    std::size_t rows_max = 20'000;  // rows looked at, at most; then the page is `truncated`
};

class ReadView {
  public:
    struct Access;  // internal
    explicit ReadView(std::unique_ptr<Access> access);
    ReadView(ReadView&&) noexcept;
    ReadView& operator=(ReadView&&) noexcept;
    ~ReadView();

    // Search row; not_found if there is no such case.
    Result<CaseRow> case_row(CaseId id) const;
    // The whole state: variables, documents, tasks. gone after a deletion by law.
    Result<engine::CaseState> case_state(CaseId id) const;
    // Oldest first; at most `limit` newest commands.
    Result<std::vector<HistoryEntry>> history(CaseId id, std::size_t limit = 1000) const;
    // not_found; the whole of it, which may be long.
    Result<std::string> document(CaseId id, std::string_view name) const;
    Result<DocumentInfo> document_info(CaseId id, std::string_view name) const;
    // Fewer bytes at its end, none behind it. Holds no more than asked for, two segments and, of
    // one that lies in one row, that row.
    Result<std::string> document_bytes(CaseId id, std::string_view name, std::uint64_t offset,
                                       std::size_t count) const;
    // WriteBatch::put_segment: one of them, sealed as it is; and the number after the last one.
    Result<std::optional<std::string>> segment(std::string_view store, std::uint64_t number) const;
    Result<std::uint64_t> segments(std::string_view store) const;
    // Sorted.
    Result<std::vector<std::string>> document_names(CaseId id) const;

    Result<Page<CaseRow>> cases(const CaseFilter& filter) const;
    // Cases for which WriteBatch::index_person(field, value) was called, oldest first.
    Result<std::vector<CaseId>> find_cases(std::string_view field, std::string_view value,
                                           std::size_t limit = 500) const;

    // Open tasks of one candidate group (empty: of tasks without any group), oldest first.
    Result<Page<TaskRow>> tasks(std::string_view group, std::size_t limit = 100,
                                std::string_view cursor = {}) const;
    // Open tasks that name this person as a candidate.
    Result<Page<TaskRow>> tasks_of_candidate(std::string_view person, std::size_t limit = 100,
                                             std::string_view cursor = {}) const;
    // Jobs of this type that a worker would get now: the highest priority first, then the oldest
    // case.
    Result<Page<JobRow>> jobs(std::string_view type, std::size_t limit = 100,
                              std::string_view cursor = {}) const;
    // An open job, available, locked or backing off; not_found if there is none.
    Result<JobRow> job(CaseId id, engine::JobKey key) const;
    // All open jobs, oldest case first.
    Result<Page<JobRow>> open_jobs(std::size_t limit = 100, std::string_view cursor = {}) const;
    // Open incidents, oldest case first; of one case, if it is given.
    Result<Page<IncidentRow>> incidents(std::size_t limit = 100, std::string_view cursor = {},
                                        std::optional<CaseId> id = {}) const;
    // The newest case below this number that has an open job or incident; nothing if none has.
    Result<std::optional<CaseId>> newest_with_jobs(std::uint64_t below) const;
    Result<std::optional<CaseId>> newest_with_incidents(std::uint64_t below) const;
    // Open subscriptions for a message; by process, then the oldest case first.
    Result<std::vector<SubscriptionRow>> subscriptions(std::string_view message_name,
                                                       std::string_view correlation_key,
                                                       std::size_t limit = 100) const;

    // not_found. Ended ones stay readable.
    Result<BatchRow> batch(std::uint64_t key) const;
    // Newest first.
    Result<Page<BatchRow>> batches(std::size_t limit = 100, std::string_view cursor = {}) const;

    Result<std::vector<PrintJob>> print_queue(std::size_t limit = 100) const;
    // Newest first.
    Result<std::vector<InboxMessage>> inbox(std::string_view person, std::size_t limit = 100) const;
    Result<Draft> draft(std::string_view draft_id) const;
    // Newest first.
    Result<std::vector<AuditLine>> audit(std::size_t limit = 100) const;
    // The newest `limit` lines about one case, oldest first. not_found: no such case.
    Result<std::vector<AuditLine>> audit_of(CaseId id, std::size_t limit) const;

    // WriteBatch::put_sealed and put_secret; nothing if there is no such row.
    Result<std::optional<std::string>> get_sealed(std::string_view key) const;
    Result<std::optional<std::string>> secret(std::string_view name) const;

    // Plain rows of the spaces packages, settings, exchange and directory, keys without the tenant.
    Result<std::optional<std::string>> get(storage::Space space, std::string_view key) const;
    Result<void> scan(storage::Space space, const storage::ScanRange& range,
                      const storage::Visitor& visit) const;

    // For comparing with CaseRow::applicant and TaskRow::assignee.
    PersonHash person_hash(std::string_view person) const;

  private:
    std::unique_ptr<Access> access_;
};

}  // namespace schwarm::runtime
