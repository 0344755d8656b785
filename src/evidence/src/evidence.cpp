#include "schwarm/evidence/evidence.hpp"

#include <algorithm>

#include "impl.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/engine/definitions.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::evidence {

using storage::Space;

namespace {

constexpr std::string_view kIndexKey = "evidence-index";
constexpr std::size_t kJobs = 1'000;
// Until its retrieval is stored; a crash or a full disk in between lets it be handed out again.
constexpr auto kJobTaken = std::chrono::seconds(30);
constexpr auto kLookAgain = std::chrono::seconds(30);
constexpr std::size_t kShown = 500;

}  // namespace

// --- host ------------------------------------------------------------------------------------

Result<void> Evidence::Impl::open(runtime::Runtime& runtime, const std::vector<TenantId>& tenants,
                                  std::vector<Kept> kept) {
    runtime_ = &runtime;
    tenants_ = tenants;
    kept_ = std::move(kept);
    for (const TenantId& tenant : tenants) {
        SCHWARM_TRY(view, runtime.read(tenant));
        SCHWARM_TRY(known, view.secret(kIndexKey));
        if (!known) {
            known = crypto::random_token(env_.random, 32);
            SCHWARM_TRY_VOID(
                runtime.write_and_wait(tenant, [&](runtime::WriteBatch& batch) -> Result<void> {
                    return batch.put_secret(kIndexKey, *known);
                }));
        }
        index_keys_.emplace(tenant, *known);
        dirty_.insert(tenant);
    }
    runtime::JobStream stream;
    stream.tenants = tenants;
    stream.type = std::string(engine::kEvidenceJob);
    stream.worker = "schwarm";
    stream.lock = kJobTaken;
    stream.fetch_variables = {"zustaendig", "person", "verlangen", "angaben"};
    stream_ = runtime.open_job_stream(stream, [this](std::vector<runtime::ActivatedJob> jobs) {
        {
            const std::lock_guard lock(mutex_);
            for (auto& job : jobs) jobs_.push_back(std::move(job));
        }
        if (env_.wake) env_.wake();
    });
    runtime.add_job_credit(stream_, kJobs);
    return {};
}

void Evidence::Impl::stop() {
    if (runtime_ == nullptr || stopped_.exchange(true)) return;
    runtime_->close_job_stream(stream_);
    std::vector<std::shared_ptr<Gathering>> gatherings;
    std::map<std::string, Waiter> waiters;
    {
        const std::lock_guard lock(mutex_);
        gatherings.swap(gatherings_);
        waiters.swap(waiters_);
    }
    for (const auto& gathering : gatherings) gathering->give_up();
    for (auto& [id, waiter] : waiters) {
        waiter.done(fail(ErrorCode::unavailable, "the node is stopping"));
    }
}

void Evidence::Impl::wake(const TenantId& tenant) {
    {
        const std::lock_guard lock(mutex_);
        dirty_.insert(tenant);
    }
    if (env_.wake) env_.wake();
}

void Evidence::Impl::network_changed() {
    {
        const std::lock_guard lock(mutex_);
        look_again_ = Instant{};
    }
    if (env_.wake) env_.wake();
}

Instant Evidence::Impl::run() {
    if (runtime_ == nullptr || stopped_) return Instant::max();
    const Instant now = env_.clock.now();
    std::deque<runtime::ActivatedJob> jobs;
    std::set<TenantId> dirty;
    std::deque<std::pair<std::string, exchange::EvidenceAnswer>> answers;
    std::vector<std::function<void()>> calls;
    bool look = false;
    Instant next = now + kLookAgain;
    {
        const std::lock_guard lock(mutex_);
        jobs.swap(jobs_);
        dirty.swap(dirty_);
        answers.swap(answers_);
        look = look_again_ <= now;
        if (look) look_again_ = now + kLookAgain;
        for (auto& [id, answer] : answers) {
            const auto waiter = waiters_.find(id);
            if (waiter == waiters_.end()) continue;
            calls.emplace_back(
                [done = std::move(waiter->second.done), answer = answer] { done(answer); });
            waiters_.erase(waiter);
        }
        for (auto it = waiters_.begin(); it != waiters_.end();) {
            if (it->second.deadline > now) {
                next = std::min(next, it->second.deadline);
                ++it;
                continue;
            }
            calls.emplace_back([done = std::move(it->second.done)] {
                done(fail(ErrorCode::unavailable, "the register has not answered in time"));
            });
            it = waiters_.erase(it);
        }
        std::erase_if(gatherings_, [&](const std::shared_ptr<Gathering>& one) {
            const std::lock_guard inner(one->mutex);
            if (one->done && one->deadline > now) {
                next = std::min(next, one->deadline);
                return false;
            }
            if (one->done) calls.emplace_back([one] { one->give_up(); });
            return true;
        });
    }
    for (const auto& call : calls) call();
    for (const runtime::ActivatedJob& job : jobs) take_job(job);
    if (look) {
        for (const TenantId& tenant : tenants_) look_for_authorities(tenant);
    }
    for (const TenantId& tenant : dirty) {
        if (answer_requests(tenant)) continue;
        const std::lock_guard lock(mutex_);
        dirty_.insert(tenant);
        next = std::min(next, now + kRetry);
    }
    return next;
}

// --- interface -------------------------------------------------------------------------------

Evidence::Evidence(Environment environment)
    : impl_(std::make_unique<Impl>(std::move(environment))) {}
Evidence::~Evidence() {
    stop();
}

Result<void> Evidence::open(runtime::Runtime& runtime, const std::vector<TenantId>& tenants,
                            std::vector<Kept> kept) {
    return impl_->open(runtime, tenants, std::move(kept));
}
void Evidence::stop() {
    impl_->stop();
}
Instant Evidence::run() {
    return impl_->run();
}
void Evidence::network_changed() {
    impl_->network_changed();
}

bool Evidence::owns(std::string_view contract) const {
    return contract == exchange::kEvidenceContract;
}

Result<void> Evidence::take(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                            const exchange::Envelope& envelope) {
    const std::string prefix = exchange::evidence_type({});
    const std::string_view type = envelope.type;
    const std::string_view message =
        type.starts_with(prefix) ? type.substr(prefix.size()) : std::string_view();
    if (message == exchange::kCheckMessage || message == exchange::kRequestMessage) {
        return impl_->take_request(batch, envelope, message);
    }
    if (message == exchange::kApprovalMessage) return impl_->take_approval(batch, desk, envelope);
    if (message == exchange::kAnswerMessage) return impl_->take_answer(batch, desk, envelope);
    return fail(ErrorCode::unsupported, "this node does not know '" + envelope.type + "'");
}

Result<std::vector<OpenRetrieval>> Evidence::open_of(const TenantId& tenant, CaseId id) const {
    SCHWARM_TRY(view, impl_->runtime_->read(tenant));
    std::vector<OpenRetrieval> out;
    Result<void> decoding;
    SCHWARM_TRY_VOID(view.scan(
        Space::exchange, storage::prefix_range(keys::asks_of(id), kShown),
        [&](std::string_view key, std::string_view) {
            const auto row = view.get_sealed(key);
            if (row.has_error() || !row.value()) return true;
            auto ask = Ask::decode(*row.value());
            if (ask.has_error()) {
                decoding = ask.error();
                return false;
            }
            Ask& one = ask.value();
            out.push_back({one.id, one.claim, one.waiting, one.since, std::move(one.data)});
            return true;
        }));
    SCHWARM_TRY_VOID(decoding);
    return out;
}

void Evidence::decide(const TenantId& tenant, CaseId id, std::string_view retrieval, bool use,
                      runtime::WriteCallback done) {
    Impl* impl = impl_.get();
    impl->runtime_->submit_desk(
        tenant, std::string(kActor),
        [impl, id, retrieval = std::string(retrieval), use](
            runtime::WriteBatch& batch, runtime::CaseDesk& desk) -> Result<void> {
            SCHWARM_TRY(ask, impl->find_ask(batch, retrieval));
            if (!ask || ask->case_id != id || ask->waiting != Waiting::person) {
                return fail(ErrorCode::not_found, "no such retrieval waits for the person");
            }
            exchange::EvidenceAnswer answer{ask->id, "geliefert", {}, true, ask->data};
            if (!use) {
                answer.reason = "Die Person möchte die Daten nicht verwenden.";
                answer.data = {};
            }
            return impl->finish(batch, desk, *ask, answer, use ? "geliefert" : "nicht_verwendet");
        },
        std::move(done));
}

Result<std::vector<LogEntry>> Evidence::log(const TenantId& tenant, std::size_t limit) const {
    return impl_->log(tenant, keys::kLogPrefix, false, limit);
}

void Evidence::ask(Question question, std::function<void(Result<exchange::EvidenceAnswer>)> done) {
    Impl* impl = impl_.get();
    Ask ask;
    ask.id = crypto::random_token(impl->env_.random, 16);
    ask.claim = {{question.client, impl->env_.member},
                 question.provider,
                 question.evidence,
                 question.purpose,
                 question.legal_basis};
    ask.procedure = question.reference;
    ask.assurance = "none";
    ask.attributes = std::move(question.attributes);
    {
        const std::lock_guard lock(impl->mutex_);
        impl->waiters_.emplace(ask.id, Waiter{question.deadline, std::move(done)});
    }
    impl->runtime_->submit_desk(
        question.client, std::string(kActor),
        [impl, ask](runtime::WriteBatch& batch, runtime::CaseDesk& desk) {
            return impl->begin(batch, desk, ask);
        },
        [impl, id = ask.id](Result<void> written) {
            if (written.has_value()) return;
            decltype(Waiter::done) call;
            {
                const std::lock_guard lock(impl->mutex_);
                const auto waiter = impl->waiters_.find(id);
                if (waiter == impl->waiters_.end()) return;
                call = std::move(waiter->second.done);
                impl->waiters_.erase(waiter);
            }
            call(written.error());
        });
    if (impl->env_.wake) impl->env_.wake();
}

}  // namespace schwarm::evidence
