// The side that answers: the abstract check of others' claims, and this node's registers.
#include <algorithm>
#include <array>

#include "impl.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::evidence {

using storage::Space;

namespace {

constexpr std::size_t kRequestsAtOnce = 64;  // in memory
constexpr std::size_t kAskedAtOnce = 1000;   // before others have their turn
constexpr auto kApprovalLasts = std::chrono::hours(24);
constexpr auto kAnswerLives = std::chrono::hours(24 * 30);
constexpr std::int64_t kLogMonths = 24;  // § 9 IDNrG
constexpr std::array<const char*, 3> kPerson = {"familienname", "vornamen", "geburtsdatum"};

feel::Value claim_inputs(const exchange::EvidenceClaim& claim) {
    return feel::Value::context({{"art", claim.evidence},
                                 {"zweck", claim.purpose},
                                 {"rechtsgrundlage", claim.legal_basis},
                                 {"anfragende_stelle", claim.client.text()},
                                 {"gebende_stelle", claim.provider.text()}});
}

std::chrono::milliseconds log_kept() {
    return std::chrono::hours(24 * 366 * kLogMonths / 12);
}

}  // namespace

const Kept* Evidence::Impl::kept(const TenantId& tenant, std::string_view evidence) const {
    const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& one) {
        return one.tenant == tenant && one.rules->evidence == evidence;
    });
    return found == kept_.end() ? nullptr : &*found;
}

Result<void> Evidence::Impl::take_request(runtime::WriteBatch& batch,
                                          const exchange::Envelope& envelope,
                                          std::string_view message) {
    // Form and ends are judged before it is taken, so that the sender learns what is wrong.
    if (message == exchange::kCheckMessage) {
        SCHWARM_TRY(claim, exchange::read_check(envelope.body));
        if (claim.client != envelope.from) {
            return fail(ErrorCode::invalid_input, "a claim is checked for who makes it");
        }
        if (kept(envelope.to.tenant, {}) == nullptr) {
            return fail(ErrorCode::unsupported, envelope.to.text() + " checks no claims");
        }
    } else {
        SCHWARM_TRY(request, exchange::read_request(envelope.body));
        if (request.claim.client != envelope.from || request.claim.provider != envelope.to) {
            return fail(ErrorCode::invalid_input,
                        "the claim names other tenants than sender and receiver");
        }
    }
    const Request row{envelope.from.text(), std::string(message), envelope.body};
    SCHWARM_TRY_VOID(
        batch.put_sealed(keys::request(row.from, envelope.id), CaseId(), row.encode()));
    batch.after_commit([this, tenant = batch.tenant()] { wake(tenant); });
    return {};
}

Result<exchange::Approval> Evidence::Impl::check(const TenantId& tenant,
                                                 const exchange::EvidenceClaim& claim) {
    const Kept* rules = kept(tenant, {});
    if (rules == nullptr) return fail(ErrorCode::unsupported, "this tenant checks no claims");
    const auto verdict =
        rules->rules->judge(feel::Value::context({{"anfrage", claim_inputs(claim)}}), env_.clock);
    exchange::Approval out;
    out.claim = claim;
    out.granted = verdict.allowed;
    out.reason = verdict.reason;
    out.from = env_.clock.now();
    out.until = out.from + kApprovalLasts;
    return out;
}

std::string Evidence::Impl::why_not_approved(const exchange::EvidenceRequest& request) const {
    const auto checker = exchange::parse_address(request.checker);
    if (checker.has_error() || std::find(env_.checkers.begin(), env_.checkers.end(),
                                         checker.value()) == env_.checkers.end()) {
        return "Die Freigabe stammt von keiner Stelle, der dieses Register vertraut.";
    }
    const auto peeked = exchange::peek_jws(request.approval);
    if (peeked.has_error()) return "Es liegt keine Freigabe vor.";
    const Instant now = env_.clock.now();
    const auto key = env_.directory()->signing_key(checker.value(), peeked.value().kid, now);
    if (key.has_error())
        return "Der Schlüssel, mit dem die Freigabe unterschrieben ist, gilt nicht.";
    const auto approval = exchange::read_approval(request.approval, key.value(), env_.cryptography);
    if (approval.has_error()) return "Die Freigabe ist nicht echt.";
    if (approval.value().claim != request.claim)
        return "Die Freigabe gilt für eine andere Anfrage.";
    if (!approval.value().granted) return "Die Anfrage ist nicht freigegeben.";
    if (now >= approval.value().until) return "Die Freigabe ist abgelaufen.";
    return {};
}

bool Evidence::Impl::agreed(const exchange::EvidenceClaim& claim) const {
    const auto agreements =
        env_.directory()->agreements(claim.client, claim.provider, env_.clock.now());
    return std::any_of(agreements.begin(), agreements.end(), [&](const exchange::Agreement& one) {
        return one.evidence == claim.evidence && one.purpose == claim.purpose &&
               one.legal_basis == claim.legal_basis;
    });
}

Result<Judged> Evidence::Impl::judge(const TenantId& tenant,
                                     const exchange::EvidenceRequest& request) {
    const auto refused = [&](std::string reason) {
        return Judged{{request.id, "abgelehnt", reason, false, {}}, reason};
    };
    const auto not_found = [&](std::string reason) {
        return Judged{{request.id, "nicht_gefunden", {}, false, {}}, std::move(reason)};
    };
    if (std::string reason = why_not_approved(request); !reason.empty()) {
        return refused(std::move(reason));
    }
    const Kept* one = kept(tenant, request.claim.evidence);
    if (one == nullptr || one->rules->checks_claims()) {
        return refused("Diese Stelle gibt keine Nachweise der Art '" + request.claim.evidence +
                       "'.");
    }
    const services::Register& rules = *one->rules;
    if (std::find(rules.legal_bases.begin(), rules.legal_bases.end(), request.claim.legal_basis) ==
        rules.legal_bases.end()) {
        return refused("Dieses Register gibt aufgrund von '" + request.claim.legal_basis +
                       "' nichts heraus.");
    }
    if (!request.requested && (rules.preview || !agreed(request.claim))) {
        return refused(
            "Die Person hat den Abruf nicht verlangt, und keine Vereinbarung erlaubt ihn.");
    }
    const auto shown = services::assurance_level(request.assurance);
    if (request.requested && shown.value_or(services::AssuranceLevel::none) < rules.assurance) {
        return refused("Die Person ist auf dem Vertrauensniveau '" + request.assurance +
                       "' identifiziert, nötig ist '" +
                       std::string(services::name_of(rules.assurance)) + "'.");
    }
    json::Value attributes = json::Value::object();
    for (const std::string& name : rules.match) {
        const json::Value* value = request.attributes.find(name);
        if (value == nullptr || !value->is_string() || value->as_string().empty()) {
            return refused("Die Angabe '" + name + "' fehlt.");
        }
        attributes.set(name, *value);
    }
    auto found = env_.records.find(one->source, attributes, 2);
    if (found.has_error()) {
        if (found.error().code == ErrorCode::unavailable) return found.error();
        if (env_.log) env_.log("register '" + rules.id + "': " + found.error().text());
        return refused("Das Register kann diese Anfrage nicht beantworten.");
    }
    const auto& records = found.value();
    if (records.empty()) return not_found({});
    if (records.size() > 1) return refused("Die Angaben passen zu mehr als einem Eintrag.");
    SCHWARM_TRY(record, feel::from_json(records.front()));
    feel::Value claim = claim_inputs(request.claim);
    const auto verdict =
        rules.judge(feel::Value::context({{"anfrage", claim},
                                          {"verlangen", feel::Value(request.requested)},
                                          {"vertrauensniveau", request.assurance},
                                          {"datensatz", record}}),
                    env_.clock);
    if (!verdict.allowed) {
        return verdict.neutral ? not_found(verdict.reason) : refused(verdict.reason);
    }
    auto given = rules.give_out(records.front());
    if (given.has_error()) {
        if (env_.log) env_.log("register '" + rules.id + "': " + given.error().text());
        return refused("Der Eintrag hat nicht die Form, in der dieses Register Auskunft gibt.");
    }
    return Judged{{request.id, "geliefert", {}, rules.preview, std::move(given.value())}, {}};
}

Result<Evidence::Impl::Reply> Evidence::Impl::reply_to_check(const TenantId& tenant,
                                                             const Request& row,
                                                             const exchange::Address& from) {
    SCHWARM_TRY(claim, exchange::read_check(row.body));
    SCHWARM_TRY(approval, check(tenant, claim));
    const auto jws =
        env_.post.sign(tenant, exchange::kApprovalType, exchange::approval_text(approval));
    if (jws.has_error()) return fail(ErrorCode::unavailable, jws.error().text());
    json::Value content = json::Value::object();
    content.set("approval", jws.value());
    Reply out;
    out.message = message(exchange::kApprovalMessage, from, claim, std::move(content));
    out.audit = std::string(approval.granted ? "claim approved" : "claim refused") + " of " +
                row.from + ": " + claim.evidence + " of " + claim.provider.text();
    return out;
}

Result<Evidence::Impl::Reply> Evidence::Impl::reply_to_request(const TenantId& tenant,
                                                               const Request& row,
                                                               const exchange::Address& from) {
    SCHWARM_TRY(request, exchange::read_request(row.body));
    SCHWARM_TRY(judged, judge(tenant, request));
    Reply out;
    out.message =
        message(exchange::kAnswerMessage, from, request.claim, exchange::to_json(judged.answer));
    LogEntry entry;
    entry.gave = true;
    entry.claim = request.claim;
    entry.procedure = request.procedure;
    entry.result = judged.answer.result;
    entry.reason = judged.reason;
    note_data(entry, judged.answer.data);
    out.entry = std::move(entry);
    out.attributes = std::move(request.attributes);
    return out;
}

Result<Evidence::Impl::Reply> Evidence::Impl::reply(const TenantId& tenant, const Request& row) {
    SCHWARM_TRY(from, exchange::parse_address(row.from));
    SCHWARM_TRY(out, row.message == exchange::kCheckMessage ? reply_to_check(tenant, row, from)
                                                            : reply_to_request(tenant, row, from));
    out.message.time_to_live = kAnswerLives;
    return out;
}

// The register that a request asks; empty: a check, or none that can be read.
std::string Evidence::Impl::register_of(const Request& row) {
    if (row.message == exchange::kCheckMessage) return {};
    const auto request = exchange::read_request(row.body);
    return request.has_error() ? std::string() : request->claim.evidence;
}

// A register whose source is away is asked once, and holds up nobody who asks another one.
bool Evidence::Impl::answer_requests(const TenantId& tenant) {
    const Instant now = env_.clock.now();
    bool all = true;
    std::string after;
    std::size_t asked = 0;
    for (;;) {
        const auto page = open_requests(tenant, after);
        if (page.has_error()) return false;
        for (const auto& [key, row] : *page) {
            const std::pair which{tenant, register_of(row)};
            const auto again = not_before_.find(which);
            if (again != not_before_.end() && again->second > now) {
                all = false;
                continue;
            }
            if (++asked > kAskedAtOnce) return false;
            if (answer_request(tenant, key, row)) continue;
            not_before_[which] = now + kRetry;
            all = false;
        }
        if (page->size() < kRequestsAtOnce) return all;
        after = page->back().first;
    }
}

Result<Evidence::Impl::OpenRequests> Evidence::Impl::open_requests(const TenantId& tenant,
                                                                   const std::string& after) {
    SCHWARM_TRY(view, runtime_->read(tenant));
    OpenRequests out;
    storage::ScanRange range =
        storage::prefix_range(std::string(keys::kRequestPrefix), kRequestsAtOnce);
    if (!after.empty()) range.from = after + '\0';
    SCHWARM_TRY_VOID(view.scan(Space::exchange, range, [&](std::string_view key, std::string_view) {
        const auto row = view.get_sealed(key);
        auto request = row.has_error() || !row.value()
                           ? Result<Request>(fail(ErrorCode::corrupt, "no request"))
                           : Request::decode(*row.value());
        // One that cannot be read is passed over; it counts for the page.
        out.emplace_back(std::string(key),
                         request.has_value() ? std::move(request.value()) : Request{});
        return true;
    }));
    return out;
}

// False: the source does not answer; later again.
bool Evidence::Impl::answer_request(const TenantId& tenant, const std::string& key,
                                    const Request& row) {
    auto made = reply(tenant, row);
    if (made.has_error()) {
        if (made.error().code != ErrorCode::unavailable) return true;
        if (env_.log) env_.log("a request is not answered yet: " + made.error().text());
        return false;
    }
    runtime_->submit_write(
        tenant,
        [this, key,
         out = std::move(made.value())](runtime::WriteBatch& batch) mutable -> Result<void> {
            SCHWARM_TRY(still, batch.get_sealed(key));
            if (!still) return {};  // answered already
            batch.erase(Space::exchange, key);
            if (out.entry) {
                out.entry->at = batch.now();
                SCHWARM_TRY_VOID(write_log(batch, CaseId(), *out.entry, out.attributes));
            } else {
                SCHWARM_TRY_VOID(batch.audit(kActor, "evidence checked", CaseId(), out.audit));
            }
            return env_.post.send(batch, std::move(out.message));
        },
        [](Result<void>) {});
    return true;
}

std::string Evidence::Impl::person_key(const TenantId& tenant,
                                       const json::Value& attributes) const {
    if (!attributes.is_object()) return {};
    std::string text;
    for (const char* name : kPerson) {
        const std::string part = attributes.string_or(name, "");
        if (part.empty()) return {};
        text += part;
        text += '\0';
    }
    const auto key = index_keys_.find(tenant);
    if (key == index_keys_.end()) return {};
    return std::string(crypto::bytes_of(crypto::hmac_sha256(key->second, text)));
}

Result<void> Evidence::Impl::write_log(runtime::WriteBatch& batch, CaseId case_id,
                                       const LogEntry& entry, const json::Value& attributes) const {
    const std::string id = crypto::random_token(env_.random, 8);
    const std::string place = keys::log(entry.at, id);
    const Instant end = entry.at + log_kept();
    SCHWARM_TRY_VOID(batch.put_sealed(place, CaseId(), json::to_string(to_json(entry))));
    post::Post::erase_later(batch, end, place);
    // The cockpit shows what registers gave; the asker's side needs no index of persons.
    if (entry.gave) {
        if (const std::string person = person_key(batch.tenant(), attributes); !person.empty()) {
            const std::string index = keys::of_person(person, entry.at, id);
            batch.put(Space::exchange, index, place);
            post::Post::erase_later(batch, end, index);
        }
    }
    return batch.audit(kActor, entry.gave ? "evidence answered" : "evidence received", case_id,
                       entry.claim.evidence +
                           (entry.gave ? " to " + entry.claim.client.text()
                                       : " of " + entry.claim.provider.text()) +
                           ", " + entry.claim.purpose + ", " + entry.claim.legal_basis + ": " +
                           entry.result + (entry.reason.empty() ? "" : " (" + entry.reason + ")") +
                           (entry.hash.empty() ? "" : ", sha256 " + entry.hash));
}

Result<std::vector<LogEntry>> Evidence::Impl::log(const TenantId& tenant, std::string_view prefix,
                                                  bool index, std::size_t limit) const {
    SCHWARM_TRY(view, runtime_->read(tenant));
    std::vector<LogEntry> out;
    Result<void> decoding;
    SCHWARM_TRY_VOID(view.scan(Space::exchange, storage::prefix_range(prefix, limit, true),
                               [&](std::string_view key, std::string_view place) {
                                   const auto row = view.get_sealed(index ? place : key);
                                   if (row.has_error() || !row.value()) return true;
                                   const auto value = json::parse(*row.value());
                                   auto entry = value.has_error() ? Result<LogEntry>(value.error())
                                                                  : log_entry(value.value());
                                   if (entry.has_error()) {
                                       decoding = entry.error();
                                       return false;
                                   }
                                   out.push_back(std::move(entry.value()));
                                   return true;
                               }));
    SCHWARM_TRY_VOID(decoding);
    return out;
}

}  // namespace schwarm::evidence
