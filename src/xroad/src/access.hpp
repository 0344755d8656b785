// Who may ask what: identity of the application, the parties of a call, and the agreement that
// stands in for purpose and legal basis, which r1 cannot say. No state; asks the Gateway.
#pragma once

#include <string>

#include "call.hpp"
#include "schwarm/xroad/gateway.hpp"

namespace schwarm::xroad {

// Both sides of a call, known to the network.
struct Parties {
    exchange::Address client;
    exchange::Address provider;
    std::vector<Offer> offers;  // of the provider, those that are identifiers of X-Road
};

// The client is a tenant of this node and the application holds one of its keys.
Checked<exchange::Address> check_client(const Gateway& gateway, const Settings& settings,
                                        const http::Request& request, const SubsystemId& id);

// The provider is a tenant of the network; no other server and nobody else is meant.
Checked<Parties> check_parties(const Gateway& gateway, const Settings& settings,
                               const exchange::Address& client, const Call& call);

// nullptr: it offers no such thing.
const Offer* find_offer(const Parties& parties, std::string_view evidence);

// access_denied if a person has to be asked first.
Checked<void> check_person(const Offer& offer);

// The agreements in force for a kind of evidence, each (service, purpose, legal basis) once.
std::vector<exchange::Agreement> agreements_in_force(const Gateway& gateway, const Parties& parties,
                                                     std::string_view evidence, Instant now);

// The one under which is asked: that of the named service, or the only one there is.
Checked<exchange::Agreement> choose_agreement(std::vector<exchange::Agreement> in_force,
                                              std::string_view service);

}  // namespace schwarm::xroad
