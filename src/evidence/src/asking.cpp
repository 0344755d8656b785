// The side that asks: from the task to the evidence, or to the reason why there is none.
#include <algorithm>

#include "impl.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/engine/definitions.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/services/bindings.hpp"
#include "schwarm/services/identification.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::evidence {

using storage::Space;

namespace {

constexpr std::size_t kIdBytes = 16;
constexpr auto kAskCheckerAgain = std::chrono::hours(24);
// An approval is not used in its last minutes: the provider's clock may be ahead.
constexpr auto kMargin = std::chrono::minutes(10);
constexpr std::size_t kWaitingAtOnce = 500;
// Once the retrieval is stored; until it is over the job is nobody's.
constexpr auto kJobHeld = std::chrono::hours(24);
constexpr auto kJobForgotten = std::chrono::hours(24);

std::string text(const feel::Value& context, std::string_view name) {
    const feel::Value value = context.is_context() ? context.get(name) : feel::Value();
    return value.is_string() ? std::string(value.as_string()) : std::string();
}

std::string header(const runtime::ActivatedJob& job, std::string_view name) {
    for (const auto& [key, value] : job.headers) {
        if (key == name) return value;
    }
    return {};
}

feel::Value outcome(const Ask& ask, const exchange::EvidenceAnswer& answer, std::string_view result,
                    Instant now) {
    feel::Value data;
    if (result == "geliefert") {
        if (auto read = feel::from_json(answer.data); read.has_value()) data = read.value();
    }
    return feel::Value::context(
        {{"ergebnis", std::string(result)},
         {"grund", answer.reason.empty() ? feel::Value() : feel::Value(answer.reason)},
         {"daten", data},
         {"von", ask.claim.provider.tenant.value().empty()
                     ? feel::Value()
                     : feel::Value(ask.claim.provider.text())},
         {"art", ask.claim.evidence},
         {"abgerufen", feel::Value(services::local_day(now))},
         {"abruf", ask.id}});
}

}  // namespace

void Evidence::Impl::take_job(const runtime::ActivatedJob& job) {
    Ask ask;
    ask.id = crypto::random_token(env_.random, kIdBytes);
    ask.case_id = job.case_id;
    ask.job = job.key;
    ask.claim.client = {job.tenant, env_.member};
    ask.claim.evidence = header(job, "art");
    ask.claim.purpose = header(job, "zweck");
    ask.claim.legal_basis = header(job, "rechtsgrundlage");
    ask.authority = text(job.variables, "zustaendig");
    ask.procedure = job.tenant.value() + "/" + std::to_string(job.case_id.value());
    const feel::Value wanted = job.variables.get("verlangen");
    ask.requested = wanted.is_boolean() && wanted.as_boolean();
    ask.attributes = json::Value::object();
    for (const char* part : {"angaben", "person"}) {
        const feel::Value value = job.variables.get(part);
        if (!value.is_context()) continue;
        const json::Value members = feel::to_json(value);
        for (const auto& [name, member] : members.members()) ask.attributes.set(name, member);
    }
    ask.assurance =
        is_of_applicant(ask) ? env_.assurance(job.definition.value()) : std::string("none");
    runtime_->submit_desk(
        job.tenant, std::string(kActor),
        [this, ask](runtime::WriteBatch& batch, runtime::CaseDesk& desk) {
            return begin(batch, desk, ask);
        },
        [this, job](Result<void> done) {
            runtime_->add_job_credit(stream_, 1);
            if (done.has_value()) {
                // It is no longer available to anybody; otherwise it is handed out once more.
                runtime_->update_job_timeout(job.tenant, job.case_id, job.key, kJobHeld,
                                             [](const Result<void>&) {});
            } else if (env_.log) {
                env_.log("evidence for case " + std::to_string(job.case_id.value()) + " of " +
                         job.tenant.value() + ": " + done.error().text());
            }
        });
}

// Only what is asked about the person whom the identification has shown counts as identified.
bool Evidence::Impl::is_of_applicant(const Ask& ask) const {
    const auto view = runtime_->read(ask.claim.client.tenant);
    if (view.has_error()) return false;
    const auto cases = view.value().find_cases(
        services::kIdentifiedField,
        services::identified_text(ask.attributes.string_or("familienname", ""),
                                  ask.attributes.string_or("vornamen", ""),
                                  ask.attributes.string_or("geburtsdatum", "")),
        SIZE_MAX);
    return cases.has_value() && std::find(cases.value().begin(), cases.value().end(),
                                          ask.case_id) != cases.value().end();
}

Result<void> Evidence::Impl::begin(runtime::WriteBatch& batch, runtime::CaseDesk& desk, Ask ask) {
    if (ask.case_id != CaseId()) {
        const std::string place = keys::of_job(ask.case_id, ask.job);
        SCHWARM_TRY(known, batch.get(Space::exchange, place));
        if (known) return {};
        batch.put(Space::exchange, place, ask.id);
    }
    ask.since = batch.now();
    // Whom it goes to is found later; until then nothing else may be missing.
    exchange::EvidenceClaim claim = ask.claim;
    if (claim.provider.tenant.value().empty()) claim.provider = {TenantId("-"), env_.member};
    if (const auto whole = claim.check(); whole.has_error()) {
        return refuse(batch, desk, ask, whole.error().message);
    }
    if (ask.case_id != CaseId() && !ask.requested) {
        return refuse(batch, desk, ask, "Die Person hat diesen Abruf nicht verlangt.");
    }
    return advance(batch, desk, ask);
}

Result<void> Evidence::Impl::advance(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                     Ask& ask) {
    const std::string place = keys::ask(ask.case_id, ask.id);
    const auto store = [&]() -> Result<void> {
        batch.put(Space::exchange, keys::open_ask(ask.id), place);
        return batch.put_sealed(place, ask.case_id, ask.encode());
    };
    if (ask.claim.provider.tenant.value().empty()) {
        const auto found =
            env_.directory()->evidence_for(ask.claim.evidence, ask.authority, batch.now());
        if (found.has_error()) {
            if (found.error().code == ErrorCode::invalid_input) {
                return refuse(batch, desk, ask, found.error().message);
            }
            ask.waiting = Waiting::authority;
            return store();
        }
        ask.claim.provider = found.value().provider;
        if (const auto whole = ask.claim.check(); whole.has_error()) {
            return refuse(batch, desk, ask, whole.error().message);
        }
    }
    const crypto::Hash hash = exchange::hash_of(ask.claim);
    SCHWARM_TRY(row, batch.get(Space::exchange, keys::check(hash)));
    if (row) {
        SCHWARM_TRY(check, Check::decode(*row));
        if (!check.approval.empty() && batch.now() + kMargin < check.until) {
            if (!check.granted) return refuse(batch, desk, ask, check.reason);
            ask.waiting = Waiting::answer;
            SCHWARM_TRY_VOID(store());
            return send_request(batch, ask, check);
        }
        if (!check.approval.empty() || check.until <= batch.now()) row.reset();
    }
    if (!row) {
        if (env_.checkers.empty()) {
            return refuse(batch, desk, ask,
                          "Dieser Knoten kennt keine Stelle, die Anfragen prüft.");
        }
        Check asked;
        asked.checker = env_.checkers.front().text();
        asked.until = batch.now() + kAskCheckerAgain;
        batch.put(Space::exchange, keys::check(hash), asked.encode());
        auto question = message(exchange::kCheckMessage, env_.checkers.front(), ask.claim,
                                exchange::to_json(ask.claim));
        question.time_to_live = kAskCheckerAgain;
        SCHWARM_TRY_VOID(env_.post.send(batch, std::move(question)));
    }
    ask.waiting = Waiting::approval;
    batch.put(Space::exchange, keys::waits_for(hash, ask.id), {});
    return store();
}

post::NodeMessage Evidence::Impl::message(std::string_view name, const exchange::Address& to,
                                          const exchange::EvidenceClaim& claim,
                                          json::Value content) {
    post::NodeMessage out;
    out.contract = exchange::kEvidenceContract;
    out.version = exchange::kEvidenceVersion;
    out.message = name;
    out.to = to;
    out.content = std::move(content);
    out.purpose = claim.purpose;
    out.legal_basis = claim.legal_basis;
    return out;
}

Result<void> Evidence::Impl::send_request(runtime::WriteBatch& batch, const Ask& ask,
                                          const Check& check) {
    exchange::EvidenceRequest request;
    request.id = ask.id;
    request.claim = ask.claim;
    request.procedure = ask.procedure;
    request.requested = ask.requested;
    request.assurance = ask.assurance;
    request.attributes = ask.attributes;
    request.approval = check.approval;
    request.checker = check.checker;
    SCHWARM_TRY_VOID(batch.audit(kActor, "evidence requested", ask.case_id,
                                 ask.id + " " + ask.claim.evidence + " of " +
                                     ask.claim.provider.text() + ", " + ask.claim.purpose + ", " +
                                     ask.claim.legal_basis));
    auto question = message(exchange::kRequestMessage, ask.claim.provider, ask.claim,
                            exchange::to_json(request));
    question.case_id = ask.case_id;
    return env_.post.send(batch, std::move(question));
}

Result<void> Evidence::Impl::refuse(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                    const Ask& ask, const std::string& reason) {
    return finish(batch, desk, ask, {ask.id, "abgelehnt", reason, false, {}}, "abgelehnt");
}

Result<void> Evidence::Impl::finish(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                    const Ask& ask, const exchange::EvidenceAnswer& answer,
                                    std::string_view result) {
    LogEntry entry;
    entry.at = batch.now();
    entry.claim = ask.claim;
    entry.procedure = ask.procedure;
    entry.result = result;
    entry.reason = answer.reason;
    note_data(entry, answer.data);
    SCHWARM_TRY_VOID(write_log(batch, ask.case_id, entry, ask.attributes));
    batch.erase(Space::exchange, keys::ask(ask.case_id, ask.id));
    batch.erase(Space::exchange, keys::open_ask(ask.id));
    if (ask.case_id == CaseId()) {
        batch.after_commit([this, id = ask.id, answer] {
            {
                const std::lock_guard lock(mutex_);
                answers_.emplace_back(id, answer);
            }
            if (env_.wake) env_.wake();
        });
        return {};
    }
    // The job may have been handed out once more before it was completed: it must not ask again.
    post::Post::erase_later(batch, batch.now() + kJobForgotten, keys::of_job(ask.case_id, ask.job));
    runtime::Submission submission;
    submission.tenant = batch.tenant();
    submission.case_id = ask.case_id;
    submission.command.actor = std::string(kActor);
    engine::CompleteJob complete;
    complete.job = ask.job;
    complete.variables = engine::Variables::from_context(
        feel::Value::context({{"nachweis", outcome(ask, answer, result, batch.now())}}));
    submission.command.body = std::move(complete);
    // Nothing if the case went another way meanwhile.
    SCHWARM_TRY_VOID(desk.attempt(std::move(submission)));
    return {};
}

Result<std::optional<Ask>> Evidence::Impl::find_ask(runtime::WriteBatch& batch,
                                                    std::string_view id) const {
    SCHWARM_TRY(place, batch.get(Space::exchange, keys::open_ask(id)));
    if (!place) return std::optional<Ask>();
    auto row = batch.get_sealed(*place);
    if (row.has_error()) {
        if (row.error().code != ErrorCode::gone) return row.error();
        // The case was deleted by law.
        batch.erase(Space::exchange, keys::open_ask(id));
        return std::optional<Ask>();
    }
    if (!row.value()) {
        batch.erase(Space::exchange, keys::open_ask(id));
        return std::optional<Ask>();
    }
    SCHWARM_TRY(ask, Ask::decode(*row.value()));
    return std::optional<Ask>(std::move(ask));
}

Result<void> Evidence::Impl::take_approval(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                           const exchange::Envelope& envelope) {
    if (std::find(env_.checkers.begin(), env_.checkers.end(), envelope.from) ==
        env_.checkers.end()) {
        return fail(ErrorCode::invalid_input, "this node has not asked " + envelope.from.text());
    }
    const std::string jws = envelope.body.string_or("approval", "");
    SCHWARM_TRY(peeked, exchange::peek_jws(jws));
    SCHWARM_TRY(key, env_.directory()->signing_key(envelope.from, peeked.kid, batch.now()));
    SCHWARM_TRY(approval, exchange::read_approval(jws, key, env_.cryptography));
    if (approval.claim.client != envelope.to) {
        return fail(ErrorCode::invalid_input, "the approval is for somebody else");
    }
    const crypto::Hash hash = exchange::hash_of(approval.claim);
    const Check check{envelope.from.text(), jws, approval.granted, approval.reason, approval.until};
    batch.put(Space::exchange, keys::check(hash), check.encode());
    post::Post::erase_later(batch, approval.until, keys::check(hash));
    std::vector<std::string> waiting;
    const std::string prefix = keys::waiting_for(hash);
    storage::ScanRange range = storage::prefix_range(prefix);
    range.limit = kWaitingAtOnce;
    SCHWARM_TRY_VOID(
        batch.scan(Space::exchange, range, [&](std::string_view place, std::string_view) {
            waiting.emplace_back(place);
            return true;
        }));
    for (const std::string& place : waiting) {
        batch.erase(Space::exchange, place);
        storage::KeyReader reader(std::string_view(place).substr(prefix.size()));
        SCHWARM_TRY(ask, find_ask(batch, reader.text()));
        if (!ask || ask->waiting != Waiting::approval) continue;
        SCHWARM_TRY_VOID(advance(batch, desk, *ask));
    }
    if (waiting.size() == kWaitingAtOnce) {
        batch.after_commit([this, tenant = batch.tenant()] { wake(tenant); });
    }
    return {};
}

Result<void> Evidence::Impl::take_answer(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                         const exchange::Envelope& envelope) {
    SCHWARM_TRY(answer, exchange::read_answer(envelope.body));
    SCHWARM_TRY(ask, find_ask(batch, answer.request));
    if (!ask) return {};  // it is over here
    if (ask->claim.provider != envelope.from || ask->waiting != Waiting::answer) {
        return fail(ErrorCode::invalid_input,
                    "nothing was asked of " + envelope.from.text() + " that this answers");
    }
    bool preview = answer.preview;
    for (const auto& one : env_.directory()->evidence(ask->claim.evidence, batch.now())) {
        if (one.provider == envelope.from) preview = preview || one.evidence.preview;
    }
    if (answer.result != "geliefert" || !preview) {
        return finish(batch, desk, *ask, answer, answer.result);
    }
    if (ask->case_id == CaseId()) {
        return finish(
            batch, desk, *ask,
            {answer.request, "abgelehnt", "Die Person muss die Daten vorher sehen.", false, {}},
            "abgelehnt");
    }
    ask->waiting = Waiting::person;
    ask->data = answer.data;
    return batch.put_sealed(keys::ask(ask->case_id, ask->id), ask->case_id, ask->encode());
}

// What waits for an authority or an approval is tried again: a directory that is newer, or
// waiting rows that one write did not reach.
void Evidence::Impl::look_for_authorities(const TenantId& tenant) {
    auto view = runtime_->read(tenant);
    if (view.has_error()) return;
    const Instant now = env_.clock.now();
    std::vector<std::string> ids;
    const auto scanned = view.value().scan(
        Space::exchange, storage::prefix_range(std::string(keys::kAskPrefix)),
        [&](std::string_view key, std::string_view place) {
            const auto row = view.value().get_sealed(place);
            if (row.has_error() || !row.value()) return true;
            const auto ask = Ask::decode(*row.value());
            if (ask.has_error()) return true;
            if (ask.value().waiting == Waiting::approval) {
                const auto row_of_check = view.value().get(
                    Space::exchange, keys::check(exchange::hash_of(ask.value().claim)));
                if (row_of_check.has_error()) return true;
                if (row_of_check.value()) {
                    const auto check = Check::decode(*row_of_check.value());
                    if (check.has_value() && check.value().approval.empty() &&
                        now < check.value().until) {
                        return true;
                    }
                }
            } else if (ask.value().waiting != Waiting::authority) {
                return true;
            }
            storage::KeyReader reader(key.substr(keys::kAskPrefix.size()));
            ids.push_back(reader.text());
            return ids.size() < kWaitingAtOnce;
        });
    if (scanned.has_error()) return;
    for (const std::string& id : ids) {
        runtime_->submit_desk(
            tenant, std::string(kActor),
            [this, id](runtime::WriteBatch& batch, runtime::CaseDesk& desk) -> Result<void> {
                SCHWARM_TRY(ask, find_ask(batch, id));
                if (!ask || ask->waiting == Waiting::answer || ask->waiting == Waiting::person) {
                    return {};
                }
                return advance(batch, desk, *ask);
            },
            [](Result<void>) {});
    }
}

}  // namespace schwarm::evidence
