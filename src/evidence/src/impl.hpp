// The parts of Evidence: asking.cpp, answering.cpp, cockpit.cpp.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "rows.hpp"
#include "schwarm/runtime/runtime.hpp"

namespace schwarm::evidence {

inline constexpr std::string_view kActor = "system:evidence";

// Waits for answers from outside of cases.
template <class T>
struct Waiter {
    Instant deadline;
    std::function<void(T)> done;
};

// What is answered, and why, for the own log: a neutral answer does not say it.
struct Judged {
    exchange::EvidenceAnswer answer;
    std::string reason;
};

class Evidence::Impl {
  public:
    explicit Impl(Environment environment) : env_(std::move(environment)) {}

    Result<void> open(runtime::Runtime& runtime, const std::vector<TenantId>& tenants,
                      std::vector<Kept> kept);
    void stop();
    Instant run();
    void wake(const TenantId& tenant);
    void network_changed();

    // A job that was locked for this node and led to nothing, because it ended or could not write:
    // it is handed out again.
    struct Stuck {
        TenantId tenant;
        CaseId case_id;
        engine::JobKey job;
    };
    void hand_out_again(const Stuck& stuck);
    Result<void> find_stuck(const TenantId& tenant);

    // --- asking
    void take_job(const runtime::ActivatedJob& job);
    bool is_of_applicant(const Ask& ask) const;
    // R1, the index by job, and the first steps.
    Result<void> begin(runtime::WriteBatch& batch, runtime::CaseDesk& desk, Ask ask);
    // As far as it comes now: provider, approval, request.
    Result<void> advance(runtime::WriteBatch& batch, runtime::CaseDesk& desk, Ask& ask);
    Result<void> send_request(runtime::WriteBatch& batch, const Ask& ask, const Check& check);
    // It is over: the job completed, or the waiter answered, the rows erased.
    Result<void> finish(runtime::WriteBatch& batch, runtime::CaseDesk& desk, const Ask& ask,
                        const exchange::EvidenceAnswer& answer, std::string_view result);
    Result<void> refuse(runtime::WriteBatch& batch, runtime::CaseDesk& desk, const Ask& ask,
                        const std::string& reason);
    Result<void> take_approval(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                               const exchange::Envelope& envelope);
    Result<void> take_answer(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                             const exchange::Envelope& envelope);
    Result<std::optional<Ask>> find_ask(runtime::WriteBatch& batch, std::string_view id) const;
    void look_for_authorities(const TenantId& tenant);

    // --- answering
    Result<void> take_request(runtime::WriteBatch& batch, const exchange::Envelope& envelope,
                              std::string_view message);
    // False: a source did not answer.
    bool answer_requests(const TenantId& tenant);
    // unavailable: later.
    Result<Judged> judge(const TenantId& tenant, const exchange::EvidenceRequest& request);
    // R2. The reason of a refusal; empty: the approval is good.
    std::string why_not_approved(const exchange::EvidenceRequest& request) const;
    Result<exchange::Approval> check(const TenantId& tenant, const exchange::EvidenceClaim& claim);
    const Kept* kept(const TenantId& tenant, std::string_view evidence) const;
    bool agreed(const exchange::EvidenceClaim& claim) const;

    // --- log
    Result<void> write_log(runtime::WriteBatch& batch, CaseId case_id, const LogEntry& entry,
                           const json::Value& attributes) const;
    // Empty: the attributes name no person.
    std::string person_key(const TenantId& tenant, const json::Value& attributes) const;
    Result<std::vector<LogEntry>> log(const TenantId& tenant, std::string_view prefix, bool index,
                                      std::size_t limit) const;

    const Environment env_;
    runtime::Runtime* runtime_ = nullptr;
    std::vector<TenantId> tenants_;
    std::vector<Kept> kept_;
    std::map<TenantId, std::string> index_keys_;
    runtime::StreamId stream_ = 0;
    std::atomic<bool> stopped_ = false;

    mutable std::mutex directory_mutex_;  // exchange::Directory::agreements remembers verdicts

    std::mutex mutex_;
    std::deque<runtime::ActivatedJob> jobs_;
    std::vector<Stuck> stuck_;
    std::set<TenantId> dirty_;
    std::map<std::string, Waiter<Result<exchange::EvidenceAnswer>>> waiters_;
    std::deque<std::pair<std::string, exchange::EvidenceAnswer>> answers_;
    struct Gathering;
    std::vector<std::shared_ptr<Gathering>> gatherings_;
    Instant look_again_{};
};

// One question of the cockpit to all registers.
struct Evidence::Impl::Gathering {
    std::mutex mutex;
    Instant deadline;
    std::vector<CockpitAnswer> answers;
    std::size_t open = 0;
    std::function<void(std::vector<CockpitAnswer>)> done;  // empty: it was called
    void answer(std::size_t index, Result<std::vector<LogEntry>> entries);
    void give_up();
};

}  // namespace schwarm::evidence
