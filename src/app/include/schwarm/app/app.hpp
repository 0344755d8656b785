// The use cases of a node: what citizens, clerks, operators and machines can do. The header to
// read first, after access.hpp. Portal and API are thin layers over this class.
//
// Every function takes the principal first and passes decide_access(); what one may not see is
// answered not_found. Reads are synchronous and see the last committed state. What must be durable
// before it is answered takes a callback, called exactly once after the commit (or the refusal),
// possibly before the function returns and possibly on the runtime's thread: it must not block.
//
// Thread-safe. The App must outlive all callbacks it was given.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/app/access.hpp"
#include "schwarm/app/collaboration.hpp"
#include "schwarm/app/evidence.hpp"
#include "schwarm/app/network.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/feel/value.hpp"
#include "schwarm/forms/form.hpp"
#include "schwarm/services/catalogue.hpp"
#include "schwarm/services/explanation.hpp"
#include "schwarm/services/package.hpp"
#include "schwarm/services/store.hpp"

namespace schwarm::runtime {
class Runtime;
}

namespace schwarm::app {

template <class T>
using Callback = std::function<void(Result<T>)>;

// "WG-2026-0000123": prefix, year of receipt (Europe/Berlin), case id in at least 7 digits.
std::string case_number(std::string_view prefix, int year, CaseId id);
// The case id in a case number or in plain digits ("123"); nullopt for anything else. The prefix
// and year are for people; where they matter App compares them.
std::optional<CaseId> parse_case_number(std::string_view text);

// --- catalogue -------------------------------------------------------------------------------
struct ServiceEntry {
    ServiceId id;
    TenantId tenant;
    std::string tenant_name;
    std::string title;
    std::string summary;
};
struct ServicePage {
    ServiceEntry entry;
    std::string description, audience, cost, duration, evidence, next, contact;
    std::vector<std::string> legal_basis;
    AssuranceLevel assurance = AssuranceLevel::none;
    bool withdrawable = false;
    std::shared_ptr<const services::Package> package;  // forms and texts for the pages
};

// --- drafts ----------------------------------------------------------------------------------
// One draft per person (or guest session), tenant and service.
struct Draft {
    feel::Value answers;  // as typed (forms.hpp)
    Instant saved{};
    Instant expires{};
};

// --- submit ----------------------------------------------------------------------------------
struct SubmitRequest {
    TenantId tenant;
    ServiceId service;
    feel::Value answers;          // as typed or typed values; judged by the form
    std::string idempotency_key;  // same key, principal and service: the same receipt; may be empty
    forms::Lang lang = forms::Lang::de;
    bool delete_draft = false;  // remove the draft with the same commit
};
struct Receipt {
    std::string case_number;
    CaseId case_id;
    TenantId tenant;
    ServiceId service;
    std::string status;      // "active", "completed", ...
    bool completed = false;  // decided already
    Instant received{};
    bool repeated = false;   // this idempotency key was used before
    bool corrected = false;  // the answers of a case that there was already
};
// Either a receipt or what is wrong with the answers (then nothing happened).
struct SubmitReply {
    std::optional<Receipt> receipt;
    std::vector<forms::FieldError> field_errors;
};

// --- cases -----------------------------------------------------------------------------------
struct MilestoneView {
    std::string name;
    std::string text;  // plain words
    Instant at{};
};
struct DocumentEntry {
    DocumentId id;
    // Of the template; "upload": what the applicant handed in; "received": it came from another
    // authority, and is shown to clerks only.
    std::string name;
    std::string title;
    Instant created{};       // of what was received: not known
    bool uploaded = false;   // or received: a file
    std::string media_type;  // "text/html" for notices
};
struct MessageEntry {
    std::string text;
    Instant at{};
};
struct CaseEntry {
    std::string number;
    CaseId id;
    TenantId tenant;
    std::string tenant_name;
    ServiceId service;
    std::string title;   // of the service
    std::string status;  // plain words
    std::string milestone;
    bool open = true;
    Instant received{};
    std::optional<Instant> ended;
};
// A decision as the history of the case has it: for clerks, who must be able to explain it.
struct DecisionView {
    std::string title;  // of the task in the process
    Instant at{};
    services::Explanation explanation;
};
struct CaseView {
    CaseEntry entry;
    std::string decision;           // value of the outcome, empty if none yet
    std::string decision_text;      // in words
    std::optional<Decimal> amount;  // EUR
    std::vector<MilestoneView> milestones;
    std::vector<DocumentEntry> documents;
    std::vector<MessageEntry> messages;
    bool may_withdraw = false;
    bool may_correct = false;             // the process waits for corrected answers
    bool may_upload = false;              // the process waits for documents
    std::vector<DecisionView> decisions;  // for clerks; oldest first
};
// A notice, ready for a page or the PDF maker.
struct RenderedDocument {
    DocumentEntry entry;
    std::string case_number;
    std::string body_html;  // the template's body, safe HTML
    feel::Value data;       // what it says, for machines
};
struct UploadedFile {
    DocumentEntry entry;
    std::string bytes;
};
struct Upload {
    std::string file_name;  // as the browser says; only its last part is kept
    std::string bytes;
};

// --- clerk -----------------------------------------------------------------------------------
struct TaskEntry {
    CaseId case_id;
    std::string case_number;
    ElementKey key;
    std::string element_id;
    std::string title;
    ServiceId service;
    std::string service_title;
    TenantId tenant;
    bool taken = false;  // by anybody
    bool mine = false;   // by the clerk who asks
    std::vector<std::string> groups;
    Instant created{};
    std::optional<Instant> due;
};
struct Reason {
    std::string text;
    std::string rule;  // citation, may be empty
};
struct TaskView {
    TaskEntry entry;
    std::vector<Reason> reasons;                     // why a human must look
    const forms::Form* form = nullptr;               // null: a task without form
    feel::Value variables;                           // visible from the task
    std::vector<forms::SummarySection> application;  // the answers in words
    std::vector<DocumentEntry> documents;
    std::vector<MilestoneView> milestones;
    std::vector<DecisionView> decisions;  // so far, oldest first
    std::string automation_basis;
    std::shared_ptr<const services::Package> package;  // keeps form alive
};
struct CompleteRequest {
    TenantId tenant;
    CaseId case_id;
    ElementKey task;
    feel::Value answers;
    std::string idempotency_key;
    forms::Lang lang = forms::Lang::de;
};
struct CompleteReply {
    std::vector<forms::FieldError> field_errors;  // not empty: nothing happened
};

// --- operator --------------------------------------------------------------------------------
struct IncidentEntry {
    TenantId tenant;
    CaseId case_id;
    std::string case_number;
    std::uint64_t key = 0;
    std::string element_id;
    std::string reason;
    Instant created{};
};
struct PrintEntry {
    std::string id;  // for printed()
    TenantId tenant;
    DocumentId document;
    CaseId case_id;
    std::string case_number;
    std::string title;
    Instant created{};
};
struct TenantCounts {
    TenantId tenant;
    std::string name;
    std::uint64_t open = 0;
    std::uint64_t ended = 0;
    std::uint64_t tasks = 0;
    std::uint64_t incidents = 0;
    bool at_least = false;  // more cases than were counted
};
struct RecentCase {
    TenantId tenant;
    CaseId case_id;
    std::string case_number;
    std::string service_title;
    std::string status;  // "active", "completed", ...
    Instant received{};
};
struct Overview {
    std::vector<TenantCounts> tenants;
    std::vector<RecentCase> recent;  // newest first
    std::uint64_t cases_last_minute = 0;
    std::uint64_t commits_last_minute = 0;
    std::uint64_t commands_last_minute = 0;
    std::uint64_t queue_length = 0;
    std::chrono::microseconds commit_p50{0};
    std::chrono::microseconds commit_p99{0};
    bool healthy = true;
    std::string health_text;
    std::vector<IncidentEntry> incidents;
    std::vector<PrintEntry> print_queue;
    std::vector<services::DeployedService> services;
    std::optional<NetworkView> network;  // none: the node stands alone
};
struct AuditEntry {
    std::uint64_t number = 0;
    Instant at{};
    std::string actor;
    std::string action;
    CaseId case_id;  // 0: about no case
    std::string detail;
};

struct Limits {
    std::size_t upload_bytes_max = 10U << 20;
    std::size_t uploads_per_case_max = 20;
    std::size_t received_bytes_max = 32U << 20;  // of a file that is shown; others are longer
    std::size_t list_max = 200;
};

class App {
  public:
    // All borrowed; they outlive the App. `network`, `evidence`: null if the node stands alone.
    App(runtime::Runtime& runtime, services::Registry& registry, const Clock& clock, Random& random,
        const Limits& limits = {}, Network* network = nullptr, Evidence* evidence = nullptr);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    // Catalogue. An empty tenant means all tenants, an empty query everything.
    Result<std::vector<ServiceEntry>> services(const Principal& principal, const TenantId& tenant,
                                               std::string_view query, forms::Lang lang) const;
    Result<ServicePage> service(const Principal& principal, const TenantId& tenant,
                                const ServiceId& service, forms::Lang lang) const;

    // Drafts. load_draft: not_found if there is none.
    void save_draft(const Principal& principal, const TenantId& tenant, const ServiceId& service,
                    feel::Value answers, Callback<Draft> done);
    Result<Draft> load_draft(const Principal& principal, const TenantId& tenant,
                             const ServiceId& service) const;
    void delete_draft(const Principal& principal, const TenantId& tenant, const ServiceId& service,
                      Callback<void> done);

    void submit(const Principal& principal, SubmitRequest request, Callback<SubmitReply> done);

    // The applicant's side. Newest first.
    Result<std::vector<CaseEntry>> my_cases(const Principal& principal, forms::Lang lang) const;
    Result<CaseView> view_case(const Principal& principal, const TenantId& tenant, CaseId id,
                               forms::Lang lang) const;
    Result<RenderedDocument> document(const Principal& principal, const TenantId& tenant, CaseId id,
                                      DocumentId document) const;
    // The same for showing it. If the package wants to know that the applicant has retrieved this
    // notice (docs/formats/package.md, retrieval), the case is told before it is shown: it is not
    // shown where that fails.
    void open_document(const Principal& principal, const TenantId& tenant, CaseId id,
                       DocumentId document, Callback<RenderedDocument> done);
    Result<UploadedFile> uploaded_file(const Principal& principal, const TenantId& tenant,
                                       CaseId id, DocumentId document) const;
    // For a case that waits for corrected answers: those it has become the draft of the service,
    // and submit() hands the draft to the case instead of beginning another. conflict if it does
    // not wait, or if there is a draft of something else.
    void begin_correction(const Principal& principal, const TenantId& tenant, CaseId id,
                          Callback<ServiceId> done);
    // Type by content (PDF, JPEG, PNG); invalid_input for others, limit_exceeded.
    void upload(const Principal& principal, const TenantId& tenant, CaseId id, Upload file,
                Callback<DocumentEntry> done);
    // The applicant says that all documents asked for are there.
    void documents_complete(const Principal& principal, const TenantId& tenant, CaseId id,
                            Callback<void> done);
    void withdraw(const Principal& principal, const TenantId& tenant, CaseId id,
                  std::string idempotency_key, Callback<void> done);

    // Retrievals of evidence for a case that are not over, for all who may view the case; `data`
    // only for the person who decides on it. Empty if the node stands alone.
    Result<std::vector<OpenRetrieval>> retrievals(const Principal& principal,
                                                  const TenantId& tenant, CaseId id) const;
    // The applicant has seen what was retrieved. conflict: it does not wait for that (any more).
    void decide_retrieval(const Principal& principal, const TenantId& tenant, CaseId id,
                          std::string_view retrieval, bool use, Callback<void> done);
    // The data protection cockpit: all registers are asked now, about the person who is signed in;
    // nothing of it is kept. not_found if the node stands alone; unauthenticated without a sign-in
    // of level high that says who the person is.
    void cockpit(const Principal& principal, Callback<std::vector<CockpitRegister>> done);
    // Whether pages should lead there.
    bool offers_cockpit(const Principal& principal) const;

    // The clerk's side: open tasks of the clerk's groups, oldest first.
    Result<std::vector<TaskEntry>> tasks(const Principal& principal, forms::Lang lang) const;
    Result<TaskView> task(const Principal& principal, const TenantId& tenant, CaseId id,
                          ElementKey task, forms::Lang lang) const;
    // assign to oneself; `release` gives it back.
    void claim(const Principal& principal, const TenantId& tenant, CaseId id, ElementKey task,
               bool release, Callback<void> done);
    void complete(const Principal& principal, CompleteRequest request,
                  Callback<CompleteReply> done);

    // Where a case stands in its process and with whom else it is worked on; for clerks who may
    // see the case, and for operators.
    Result<CaseProgress> progress(const Principal& principal, const TenantId& tenant, CaseId id,
                                  forms::Lang lang) const;

    // The operator's side.
    Result<Overview> overview(const Principal& principal) const;
    // The directory, and of the tenants one may see what waits. not_found if the node stands alone.
    Result<NetworkView> network(const Principal& principal) const;
    // The node agrees that a member joins (with this first operator key), that one goes, or which
    // of two epochs counts (hexadecimal hash); it becomes true when enough others agree.
    Result<void> admit_member(const Principal& principal, std::string_view member,
                              std::string_view key);
    Result<void> remove_member(const Principal& principal, std::string_view member);
    Result<void> choose_epoch(const Principal& principal, std::string_view hash);
    void resolve_incident(const Principal& principal, const TenantId& tenant, CaseId id,
                          std::uint64_t incident, Callback<void> done);
    void printed(const Principal& principal, const TenantId& tenant, std::string print_id,
                 Callback<void> done);
    // Deletion by law: destroys the case's keys and removes its ciphertext. conflict while the
    // case is open or its retention runs, unless `rule` names another legal ground.
    void delete_case(const Principal& principal, const TenantId& tenant, CaseId id,
                     std::string rule, Callback<void> done);
    // Newest first.
    Result<std::vector<AuditEntry>> audit(const Principal& principal, const TenantId& tenant,
                                          std::size_t count) const;
    // Checks, stores and makes a package the current version. With problems that are no warnings
    // nothing changed.
    void deploy(const Principal& principal, std::string_view service_id,
                services::PackageFiles files, Callback<services::Deployed> done);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::app
