// What the X-Road interface needs of its host: who is there, what is offered, who agreed to what,
// and how a register is asked. The host implements Gateway; a test fakes it.
//
// Source of the notions: X-Road PR-REST (message protocol r1) and PR-MREST (metaservices); of the
// rules: docs/decisions/0012-evidence.md. Instants are those of the node's clock.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/exchange/address.hpp"
#include "schwarm/exchange/directory_entry.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::xroad {

// A tenant of the network. Its member is X-Road's member, the tenant is the subsystem.
struct Client {
    exchange::Address address;
    std::string organisation;  // of the member
    std::string name;          // of the tenant
};

// What a register has to be told about the person or thing asked for.
struct Attribute {
    std::string name;
    std::string title;   // for the description of the service; may be empty
    std::string format;  // "date", or empty
    bool required = true;
};

// A kind of evidence that a tenant gives. The kind is X-Road's service code; one that is no
// identifier of X-Road (docs/formats/xroad.md) cannot be called, nor listed.
struct Offer {
    std::string evidence;
    std::string title;
    bool preview = false;         // the person sees it before it is used: never given here
    bool person_request = false;  // the person has to ask for it: never given here
    std::vector<Attribute> attributes;
    // What the provider wants to be told is not known here: any texts are passed on, and it refuses
    // what it cannot use. `attributes` is empty then.
    bool any_attributes = false;
    std::string schema;  // JSON Schema of what is given out; empty if this node does not know it
};

struct Question {
    exchange::Address client;
    exchange::Address provider;
    std::string evidence;
    // Under which it is asked: names purpose and legal basis, which r1 cannot.
    exchange::Agreement agreement;
    std::string reference;   // X-Road-Id: the application's, or made here
    std::string request_id;  // X-Road-Request-Id: a UUID, different for each call
    std::string user;        // X-Road-UserId, what the application says; may be empty
    std::string issue;       // X-Road-Issue, likewise
    json::Value attributes;  // an object; its names are among those of the offer
    Instant deadline;        // `done` has been called by then
};

enum class Outcome : std::uint8_t { delivered, not_found, refused };

// What the provider says. All three are answers, not failures.
struct Answer {
    Outcome outcome = Outcome::refused;
    std::string reason;  // for a person to read, when not delivered
    json::Value data;    // when delivered
};

// One call as it was answered, for the log. Texts are as the application sent them, checked for
// form; empty is what it did not send or what could not be read.
struct Record {
    std::string request_id;
    // The tenant of this node that asked; nothing if the application has not proven to be its.
    std::optional<TenantId> tenant;
    std::string client;
    std::string service;
    std::string id;
    std::string user;
    std::string issue;
    int status = 0;
    std::string error;   // X-Road-Error, or empty
    std::string reason;  // of the error
};

// Called from any thread, at the same time too. Outlives the router.
class Gateway {
  public:
    virtual ~Gateway() = default;

    // Everybody in the network.
    virtual std::vector<Client> clients() const = 0;
    // The keys of the applications that speak for a tenant of this node: SHA-256 of the
    // SubjectPublicKeyInfo of the TLS certificate, in lower-case hexadecimal, as
    // http::Request::peer_key has it. A key may stand at several tenants. nullopt: this node has no
    // such tenant, or it does not take part here.
    virtual std::optional<std::vector<std::string>> keys(const TenantId& tenant) const = 0;
    // What a tenant anywhere in the network offers. nullopt: there is no such tenant.
    virtual std::optional<std::vector<Offer>> offers(const exchange::Address& provider) const = 0;
    // Agreements between the two that both have signed and nobody has withdrawn. Their period and
    // whom they name is looked at here once more.
    virtual std::vector<exchange::Agreement> agreements(
        const exchange::Address& client, const exchange::Address& provider) const = 0;

    // Calls `done` once, from any thread, also before ask() returns. The host keeps the deadline,
    // asks for approval, seals, and writes the retrieval log. Errors become errors of X-Road:
    //   unavailable      the provider's node was not reached      server.clientproxy.network_error
    //   maybe_done       it was reached and did not answer        server.serverproxy.network_error
    //   not_found        it does not know the kind of evidence server.serverproxy.unknown_service
    //   unauthenticated  it refused the node                      server.serverproxy.access_denied
    //   storage_failed   of this node                            server.clientproxy.database_error
    //   any other        of this node                            server.clientproxy.internal_error
    // Messages of the first four reach the application.
    virtual void ask(Question question, std::function<void(Result<Answer>)> done) = 0;

    // Every call of r1 is reported once, refused ones too, before it is answered; only not if ask()
    // dropped `done`.
    virtual void record(const Record& record) = 0;
};

}  // namespace schwarm::xroad
