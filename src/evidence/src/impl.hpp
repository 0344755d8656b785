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
// Of a register whose source did not answer.
inline constexpr auto kRetry = std::chrono::seconds(5);

// Waits for an answer from outside of cases.
struct Waiter {
    Instant deadline;
    std::function<void(Result<exchange::EvidenceAnswer>)> done;
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

    // Of the node's own contract, upon this claim.
    static post::NodeMessage message(std::string_view name, const exchange::Address& to,
                                     const exchange::EvidenceClaim& claim, json::Value content);

    // --- answering
    Result<void> take_request(runtime::WriteBatch& batch, const exchange::Envelope& envelope,
                              std::string_view message);
    // False: a source did not answer.
    bool answer_requests(const TenantId& tenant);
    using OpenRequests = std::vector<std::pair<std::string, Request>>;  // by key
    Result<OpenRequests> open_requests(const TenantId& tenant, const std::string& after);
    bool answer_request(const TenantId& tenant, const std::string& key, const Request& row);
    static std::string register_of(const Request& row);
    // When a register whose source did not answer is asked again. Of the evidence's thread.
    std::map<std::pair<TenantId, std::string>, Instant> not_before_;
    // What goes back, and what is noted about it.
    struct Reply {
        post::NodeMessage message;
        std::optional<LogEntry> entry;  // of a request
        json::Value attributes;
        std::string audit;  // of a check
    };
    // unavailable: later; every other error: nobody is owed an answer.
    Result<Reply> reply(const TenantId& tenant, const Request& row);
    Result<Reply> reply_to_check(const TenantId& tenant, const Request& row,
                                 const exchange::Address& from);
    Result<Reply> reply_to_request(const TenantId& tenant, const Request& row,
                                   const exchange::Address& from);
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

    std::mutex mutex_;
    std::deque<runtime::ActivatedJob> jobs_;
    std::set<TenantId> dirty_;
    std::map<std::string, Waiter> waiters_;
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
