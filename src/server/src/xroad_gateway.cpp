#include "xroad_gateway.hpp"

#include <algorithm>

#include "schwarm/json/json.hpp"

namespace schwarm::server {
namespace {

constexpr const char* kActor = "xroad";
constexpr std::size_t kWaitingLooked = 500;

// A kind that no package here describes: the provider says what it wants to be told.
xroad::Offer unknown_offer(const exchange::EvidenceEntry& entry) {
    xroad::Offer out;
    out.evidence = entry.type;
    out.preview = entry.preview;
    out.any_attributes = true;
    return out;
}

Result<xroad::Answer> translate(exchange::EvidenceAnswer answer) {
    if (answer.result == "geliefert") {
        return xroad::Answer{xroad::Outcome::delivered, {}, std::move(answer.data)};
    }
    const auto outcome =
        answer.result == "nicht_gefunden" ? xroad::Outcome::not_found : xroad::Outcome::refused;
    return xroad::Answer{outcome, std::move(answer.reason), {}};
}

std::string audit_line(const xroad::Record& record) {
    std::string out = record.service + " by " + record.client + ", request " + record.request_id;
    for (const auto& [name, value] : {std::pair("id", &record.id), std::pair("user", &record.user),
                                      std::pair("issue", &record.issue)}) {
        if (!value->empty()) out += std::string(", ") + name + " '" + *value + "'";
    }
    out += ": " + std::to_string(record.status);
    if (!record.error.empty()) out += " " + record.error + " (" + record.reason + ")";
    return out;
}

}  // namespace

XroadGateway::XroadGateway(XroadAround around, const std::vector<XroadClient>& clients,
                           KnownEvidence known)
    : around_(around), known_(std::move(known)) {
    for (const XroadClient& one : clients) {
        auto& keys = clients_[TenantId(one.tenant)];
        keys.insert(keys.end(), one.keys.begin(), one.keys.end());
    }
}

void XroadGateway::stop() {
    std::map<std::uint64_t, Done> open;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        open.swap(open_);
    }
    for (const auto& [number, done] : open) {
        done(fail(ErrorCode::internal, "the node is stopping"));
    }
}

std::vector<xroad::Client> XroadGateway::clients() const {
    const auto directory = around_.directory.now();
    std::vector<xroad::Client> out;
    for (const auto& [address, tenant] : directory->tenants(around_.clock.now())) {
        if (tenant.moved) continue;
        const auto member = directory->member(address.member);
        if (member.has_error()) continue;
        out.push_back({address, member->node.organisation, tenant.name});
    }
    return out;
}

std::optional<std::vector<std::string>> XroadGateway::keys(const TenantId& tenant) const {
    const auto found = clients_.find(tenant);
    if (found == clients_.end()) return std::nullopt;
    return found->second;
}

xroad::Offer XroadGateway::offer(const exchange::EvidenceEntry& entry) const {
    const auto found = known_.find(entry.type);
    if (found == known_.end()) return unknown_offer(entry);
    const services::Register& rules = *found->second;
    xroad::Offer out;
    out.evidence = entry.type;
    out.title = rules.title;
    out.preview = entry.preview || rules.preview;
    for (const std::string& name : rules.match) out.attributes.push_back({name, {}, {}, true});
    out.schema = json::to_string(rules.schema);
    return out;
}

std::optional<std::vector<xroad::Offer>> XroadGateway::offers(
    const exchange::Address& provider) const {
    const auto directory = around_.directory.now();
    const Instant now = around_.clock.now();
    if (directory->tenant(provider, now).has_error()) return std::nullopt;
    std::vector<xroad::Offer> out;
    for (const exchange::EvidenceProvider& one : directory->all_evidence(now)) {
        if (one.provider == provider) out.push_back(offer(one.evidence));
    }
    return out;
}

std::vector<exchange::Agreement> XroadGateway::agreements(const exchange::Address& client,
                                                          const exchange::Address& provider) const {
    return around_.directory.now()->agreements(client, provider, around_.clock.now());
}

void XroadGateway::ask(xroad::Question question, Done done) {
    std::uint64_t number = 0;
    bool stopped = false;
    {
        const std::lock_guard lock(mutex_);
        stopped = stopped_;
        if (!stopped) {
            number = ++next_;
            open_.emplace(number, std::move(done));
        }
    }
    if (stopped) {
        done(fail(ErrorCode::internal, "the node is stopping"));
        return;
    }
    const exchange::EvidenceClaim claim{question.client, question.provider, question.evidence,
                                        question.agreement.purpose, question.agreement.legal_basis};
    around_.evidence.ask(
        {question.client.tenant, claim.provider, claim.evidence, claim.purpose, claim.legal_basis,
         question.reference, std::move(question.attributes), question.deadline},
        [this, number, claim](Result<exchange::EvidenceAnswer> result) {
            if (result.has_value()) {
                answer(number, translate(std::move(result.value())));
            } else if (result.error().code == ErrorCode::unavailable) {
                answer(number, late(claim));
            } else {
                answer(number, result.error());
            }
        });
}

void XroadGateway::answer(std::uint64_t number, Result<xroad::Answer> result) {
    Done done;
    {
        const std::lock_guard lock(mutex_);
        const auto found = open_.find(number);
        if (found == open_.end()) return;
        done = std::move(found->second);
        open_.erase(found);
    }
    done(std::move(result));
}

// All questions under one claim wait for the same approval and go the same way.
Error XroadGateway::late(const exchange::EvidenceClaim& claim) const {
    const auto unreached = [&](const char* why) {
        return fail(ErrorCode::unavailable, claim.provider.member.value() + ": " + why);
    };
    const auto open = around_.evidence.open_of(claim.client.tenant, CaseId());
    if (open.has_value() &&
        std::any_of(open->begin(), open->end(), [&](const evidence::OpenRetrieval& one) {
            return one.claim == claim && one.waiting == evidence::Waiting::approval;
        })) {
        return unreached("whoever approves claims has not answered in time");
    }
    const std::string type = exchange::evidence_type(exchange::kRequestMessage);
    const auto waiting = around_.post.waiting(claim.client.tenant, kWaitingLooked);
    if (std::any_of(waiting.begin(), waiting.end(), [&](const post::Waiting& one) {
            return one.type == type && one.to == claim.provider.text() &&
                   one.state == post::DeliveryState::waiting;
        })) {
        return unreached("the node was not reached in time");
    }
    return fail(ErrorCode::maybe_done, claim.provider.member.value() +
                                           ": the node was reached and has not answered in time");
}

// What the application says of its users is sealed into the audit log; it is not in the node's log.
void XroadGateway::record(const xroad::Record& record) {
    around_.log.info("xroad", {{"request", record.request_id},
                               {"client", record.client},
                               {"service", record.service},
                               {"status", record.status},
                               {"error", record.error}});
    // Whoever has not proven to be the tenant's application does not write into its log.
    if (!record.tenant) return;
    around_.runtime.submit_write(
        *record.tenant,
        [line = audit_line(record)](runtime::WriteBatch& batch) {
            return batch.audit(kActor, "xroad call", CaseId(), line);
        },
        [this, request = record.request_id](const Result<void>& written) {
            if (written.has_value()) return;
            around_.log.warning("xroad", {{"request", request},
                                          {"message", "no audit line: " + written.error().text()}});
        });
}

}  // namespace schwarm::server
