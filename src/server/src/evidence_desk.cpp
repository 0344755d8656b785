#include "evidence_desk.hpp"

#include "schwarm/feel/codec.hpp"

namespace schwarm::server {
namespace {

// Registers answer well below this; what takes longer is named as not answering.
constexpr auto kCockpitWaits = std::chrono::seconds(3);

}  // namespace

std::string EvidenceDesk::authority(const exchange::Address& address) const {
    if (address.tenant.value().empty()) return {};
    const auto info = directory_.now()->tenant(address, clock_.now());
    return info.has_value() ? info.value().name : address.text();
}

std::string EvidenceDesk::title(const std::string& kind) const {
    const auto found = known_.find(kind);
    return found == known_.end() ? kind : found->second->title;
}

Result<std::vector<app::OpenRetrieval>> EvidenceDesk::open(const TenantId& tenant,
                                                           CaseId id) const {
    SCHWARM_TRY(open, evidence_.open_of(tenant, id));
    std::vector<app::OpenRetrieval> out;
    for (const evidence::OpenRetrieval& one : open) {
        app::OpenRetrieval shown;
        shown.id = one.id;
        shown.title = title(one.claim.evidence);
        shown.from = authority(one.claim.provider);
        shown.purpose = one.claim.purpose;
        shown.legal_basis = one.claim.legal_basis;
        shown.since = one.since;
        shown.state = evidence::name_of(one.waiting);
        if (one.data.is_object()) {
            SCHWARM_TRY(data, feel::from_json(one.data));
            shown.data = std::move(data);
        }
        out.push_back(std::move(shown));
    }
    return out;
}

void EvidenceDesk::decide(const TenantId& tenant, CaseId id, std::string_view retrieval, bool use,
                          std::function<void(Result<void>)> done) {
    evidence_.decide(tenant, id, retrieval, use, std::move(done));
}

void EvidenceDesk::cockpit(const app::IdentifiedPerson& person,
                           std::function<void(std::vector<app::CockpitRegister>)> done) {
    json::Value attributes = json::Value::object();
    attributes.set("familienname", person.family_name);
    attributes.set("vornamen", person.given_names);
    attributes.set("geburtsdatum", person.birth_date);
    evidence_.cockpit(
        attributes, clock_.now() + kCockpitWaits,
        [this, done = std::move(done)](const std::vector<evidence::CockpitAnswer>& answers) {
            std::vector<app::CockpitRegister> out;
            for (const evidence::CockpitAnswer& one : answers) {
                app::CockpitRegister shown;
                shown.title = title(one.provider.evidence.type);
                shown.authority = authority(one.provider.provider);
                shown.answered = one.answered;
                shown.reason = one.reason;
                for (const evidence::LogEntry& entry : one.entries) {
                    shown.retrievals.push_back(
                        {entry.at, shown.title, authority(entry.claim.client), entry.claim.purpose,
                         entry.claim.legal_basis, entry.result, entry.reason, entry.fields});
                }
                out.push_back(std::move(shown));
            }
            done(std::move(out));
        });
}

}  // namespace schwarm::server
