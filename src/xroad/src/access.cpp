#include "access.hpp"

#include <algorithm>
#include <tuple>

namespace schwarm::xroad {
namespace {

// A node is a member and its server has the member's name.
Checked<void> check_targets(const Settings& settings, const Call& call, const Parties& parties) {
    if (call.server) {
        const std::string& member = parties.provider.member.value();
        const std::vector<std::string> only = {settings.instance, std::string(kMemberClass), member,
                                               member};
        if (*call.server != only) {
            return Fault{kInvalidServer, "the provider has no such security server"};
        }
    }
    if (call.represented) {
        const std::vector<std::string>& party = *call.represented;
        const bool own = party.back() == parties.client.member.value() &&
                         (party.size() == 1 || party.front() == kMemberClass);
        if (!own) {
            return Fault{kAccessDenied,
                         "agreements here are between client and provider: nobody else can be "
                         "represented"};
        }
    }
    return {};
}

}  // namespace

Checked<exchange::Address> check_client(const Gateway& gateway, const Settings& settings,
                                        const http::Request& request, const SubsystemId& id) {
    const auto address = address_of(settings, id);
    const Fault unknown{kUnknownMember, "Client '" + id.text() + "' not found"};
    if (!address || address->member != settings.member) return unknown;
    const auto keys = gateway.keys(address->tenant);
    if (!keys) return unknown;
    if (!request.secure) {
        if (settings.plain_http) return *address;
        return Fault{kNotProven, "Client '" + id.text() + "' has to come by TLS"};
    }
    if (request.peer_key.empty()) {
        return Fault{kNotProven, "Client '" + id.text() + "' did not show a TLS certificate"};
    }
    if (std::find(keys->begin(), keys->end(), request.peer_key) == keys->end()) {
        return Fault{kNotProven,
                     "Client '" + id.text() + "' is not who the TLS certificate belongs to"};
    }
    return *address;
}

Checked<Parties> check_parties(const Gateway& gateway, const Settings& settings,
                               const exchange::Address& client, const Call& call) {
    Parties parties;
    parties.client = client;
    const auto provider = address_of(settings, call.service.subsystem);
    auto offers = provider ? gateway.offers(*provider) : std::nullopt;
    if (!offers) {
        return Fault{kUnknownMember, "Provider '" + call.service.subsystem.text() + "' not found"};
    }
    parties.provider = *provider;
    parties.offers = std::move(*offers);
    std::erase_if(parties.offers, [](const Offer& offer) { return !is_part(offer.evidence); });
    SCHWARM_TRY_VOID(check_targets(settings, call, parties));
    return parties;
}

const Offer* find_offer(const Parties& parties, std::string_view evidence) {
    for (const Offer& offer : parties.offers) {
        if (offer.evidence == evidence) return &offer;
    }
    return nullptr;
}

Checked<void> check_person(const Offer& offer) {
    if (offer.preview) {
        return Fault{kAccessDenied,
                     "the person has to see this evidence before it is used, which X-Road cannot"};
    }
    if (offer.person_request) {
        return Fault{kAccessDenied,
                     "the person has to ask for this evidence, which X-Road cannot say"};
    }
    return {};
}

std::vector<exchange::Agreement> agreements_in_force(const Gateway& gateway, const Parties& parties,
                                                     std::string_view evidence, Instant now) {
    auto all = gateway.agreements(parties.client, parties.provider);
    std::erase_if(all, [&](const exchange::Agreement& one) {
        return one.client != parties.client || one.provider != parties.provider ||
               one.evidence != evidence || now < one.from || now >= one.until;
    });
    const auto key = [](const exchange::Agreement& one) {
        return std::tie(one.service, one.purpose, one.legal_basis);
    };
    std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
        return std::make_pair(key(a), b.until) < std::make_pair(key(b), a.until);
    });
    all.erase(std::unique(all.begin(), all.end(),
                          [&](const auto& a, const auto& b) { return key(a) == key(b); }),
              all.end());
    return all;
}

Checked<exchange::Agreement> choose_agreement(std::vector<exchange::Agreement> in_force,
                                              std::string_view service) {
    if (in_force.empty()) {
        return Fault{kAccessDenied,
                     "Request is not allowed: no agreement between the two is in force for this "
                     "evidence"};
    }
    if (!service.empty()) {
        std::erase_if(in_force, [&](const auto& one) { return one.service != service; });
        if (in_force.empty()) {
            return Fault{kAccessDenied,
                         "Request is not allowed: no agreement in force names this service"};
        }
    }
    if (in_force.size() > 1) {
        return Fault{kAccessDenied,
                     service.empty() ? "Request is not allowed: several agreements are in force; "
                                       "the path has to name the service of one"
                                     : "Request is not allowed: several agreements in force name "
                                       "this service, with different purposes or legal bases"};
    }
    return std::move(in_force.front());
}

}  // namespace schwarm::xroad
