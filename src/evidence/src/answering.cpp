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

constexpr std::size_t kRequestsAtOnce = 64;
constexpr auto kApprovalLasts = std::chrono::hours(24);
constexpr auto kAnswerLives = std::chrono::hours(24 * 30);
constexpr std::int64_t kLogMonths = 24;  // § 9 IDNrG
constexpr std::array<std::string_view, 4> kLevels = {"none", "low", "substantial", "high"};
constexpr std::array<const char*, 3> kPerson = {"familienname", "vornamen", "geburtsdatum"};

std::size_t level(std::string_view name) {
    return static_cast<std::size_t>(std::find(kLevels.begin(), kLevels.end(), name) -
                                    kLevels.begin());
}

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
    const std::lock_guard lock(directory_mutex_);
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
    if (level(request.assurance) < level(services::name_of(rules.assurance)) && request.requested) {
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

bool Evidence::Impl::answer_requests(const TenantId& tenant) {
    std::vector<std::pair<std::string, Request>> open;
    {
        auto view = runtime_->read(tenant);
        if (view.has_error()) return false;
        const auto scanned = view.value().scan(
            Space::exchange,
            storage::prefix_range(std::string(keys::kRequestPrefix), kRequestsAtOnce),
            [&](std::string_view key, std::string_view) {
                const auto row = view.value().get_sealed(key);
                if (row.has_error() || !row.value()) return true;
                auto request = Request::decode(*row.value());
                if (request.has_value()) {
                    open.emplace_back(std::string(key), std::move(request.value()));
                }
                return true;
            });
        if (scanned.has_error()) return false;
    }
    bool all = open.size() < kRequestsAtOnce;
    for (const auto& [key, row] : open) {
        const auto from = exchange::parse_address(row.from);
        if (from.has_error()) continue;
        post::NodeMessage message;
        message.contract = exchange::kEvidenceContract;
        message.version = exchange::kEvidenceVersion;
        message.to = from.value();
        message.time_to_live = kAnswerLives;
        LogEntry entry;
        entry.gave = true;
        json::Value attributes;
        std::string about;
        bool logged = false;
        if (row.message == exchange::kCheckMessage) {
            const auto claim = exchange::read_check(row.body);
            if (claim.has_error()) continue;
            const auto approval = check(tenant, claim.value());
            if (approval.has_error()) continue;
            const auto jws = env_.post.sign(tenant, exchange::kApprovalType,
                                            exchange::approval_text(approval.value()));
            if (jws.has_error()) {
                all = false;
                continue;
            }
            message.message = exchange::kApprovalMessage;
            message.content = json::Value::object();
            message.content.set("approval", jws.value());
            entry.claim = claim.value();
            about = std::string(approval.value().granted ? "claim approved" : "claim refused") +
                    " of " + row.from + ": " + claim.value().evidence + " of " +
                    claim.value().provider.text();
        } else {
            const auto request = exchange::read_request(row.body);
            if (request.has_error()) continue;
            const auto answer = judge(tenant, request.value());
            if (answer.has_error()) {
                if (env_.log) env_.log("a register does not answer: " + answer.error().text());
                all = false;
                continue;
            }
            message.message = exchange::kAnswerMessage;
            const exchange::EvidenceAnswer& given = answer.value().answer;
            message.content = exchange::to_json(given);
            entry.claim = request.value().claim;
            entry.procedure = request.value().procedure;
            entry.result = given.result;
            entry.reason = answer.value().reason;
            if (given.data.is_object()) {
                entry.hash = crypto::hex_encode(crypto::bytes_of(exchange::data_hash(given.data)));
                for (const auto& [name, value] : given.data.members()) {
                    entry.fields.push_back(name);
                }
            }
            attributes = request.value().attributes;
            logged = true;
        }
        message.purpose = entry.claim.purpose;
        message.legal_basis = entry.claim.legal_basis;
        runtime_->submit_write(
            tenant,
            [this, key = key, message, entry, attributes, about,
             logged](runtime::WriteBatch& batch) mutable -> Result<void> {
                SCHWARM_TRY(still, batch.get_sealed(key));
                if (!still) return {};  // answered already
                batch.erase(Space::exchange, key);
                entry.at = batch.now();
                if (logged) {
                    SCHWARM_TRY_VOID(write_log(batch, CaseId(), entry, attributes));
                } else {
                    SCHWARM_TRY_VOID(batch.audit(kActor, "evidence checked", CaseId(), about));
                }
                return env_.post.send(batch, std::move(message));
            },
            [](Result<void>) {});
    }
    return all;
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
