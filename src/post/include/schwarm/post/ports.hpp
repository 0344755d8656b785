// What the post asks of its surroundings. Implementations are thread-safe and quick: `Network` and
// `Contracts` are asked on the writer's thread, too.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/engine/ids.hpp"
#include "schwarm/engine/variables.hpp"
#include "schwarm/exchange/address.hpp"
#include "schwarm/exchange/cryptography.hpp"
#include "schwarm/exchange/envelope.hpp"
#include "schwarm/runtime/case_desk.hpp"

namespace schwarm::post {

// The directory, as far as messages need it.
class Network {
  public:
    virtual ~Network() = default;
    // The one tenant that plays a role of a contract for a jurisdiction (empty: everywhere).
    // not_found; conflict: several do.
    virtual Result<exchange::Address> find(std::string_view role, std::string_view jurisdiction,
                                           std::string_view contract,
                                           std::string_view version) const = 0;
    // Whether a tenant takes part in a contract with this role, as far as is known here.
    virtual bool plays(const exchange::Address& tenant, std::string_view role,
                       std::string_view contract, std::string_view version) const = 0;
    virtual Result<exchange::PublicKey> sealing_key(const exchange::Address& tenant) const = 0;
    // The key of that name if it was the tenant's at this time.
    virtual Result<exchange::PublicKey> signing_key(const exchange::Address& tenant,
                                                    std::string_view kid, Instant at) const = 0;
};

// Between nodes. Both ends of a link are known by their TLS certificates.
class Transport {
  public:
    virtual ~Transport() = default;
    // Hands a request of the post to that of another member; `done` is called exactly once, on any
    // thread, also from inside. unavailable: it could not be reached, or went away.
    virtual void send(const exchange::MemberId& to, std::string request,
                      std::function<void(Result<std::string>)> done) = 0;
    // Likewise a question for segments of a document; the answer is bytes. gone: the other has no
    // such document for this node.
    virtual void fetch(const exchange::MemberId& from, std::string question,
                       std::function<void(Result<std::string>)> done) = 0;
};

// A list of names of documents of the case, the sender's or the receiver's.
inline constexpr std::string_view kDocumentsVariable = "dokumente";

// What a contract says about one kind of message.
struct MessageTerms {
    std::string from_role;
    std::string purpose;
    std::string legal_basis;
    bool starts = false;  // each one begins a conversation of its own
    std::chrono::milliseconds time_to_live{std::chrono::hours(24 * 7)};
    // At most, beside the message. If not 0, its variable kDocumentsVariable names them.
    std::size_t documents = 0;
};

// Who takes a message at a tenant.
struct Reception {
    ServiceId service;
    engine::DefinitionKey definition;
    std::string start_element;  // empty: it starts nothing
    std::string participant;    // the pool it comes from, in the receiver's model
};

class Contracts {
  public:
    virtual ~Contracts() = default;
    // not_found, with a reason that the other side may read.
    virtual Result<MessageTerms> terms(std::string_view contract, std::string_view version,
                                       std::string_view message) const = 0;
    // Refuses what the contract does not allow as content of this message.
    virtual Result<void> check(std::string_view contract, std::string_view version,
                               std::string_view message, const json::Value& content) const = 0;
    // unsupported: the tenant has no service for this version of the contract, or it does not begin
    // with this message.
    virtual Result<Reception> reception(const TenantId& tenant, std::string_view contract,
                                        std::string_view version,
                                        std::string_view message) const = 0;
    // The variables of a case that this content starts.
    virtual Result<engine::Variables> start_variables(const TenantId& tenant,
                                                      const Reception& reception,
                                                      const feel::Value& content, Instant received,
                                                      std::string_view reference) const = 0;
};

// Contracts that belong to the node itself: no case sends or takes their messages.
class NodeMessages {
  public:
    virtual ~NodeMessages() = default;
    virtual bool owns(std::string_view contract) const = 0;
    // In the write that notes the message; once. What no retry changes refuses it, with a reason
    // that the other side may read.
    virtual Result<void> take(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                              const exchange::Envelope& envelope) = 0;
};

// Of such a contract; each begins a conversation of its own, so that none waits for another.
struct NodeMessage {
    std::string contract;
    std::string version;
    std::string message;
    exchange::Address to;
    // Whose key it is sealed under here, and who is told when it is refused or its time is over;
    // 0: none.
    CaseId case_id;
    json::Value content;
    std::string purpose;
    std::string legal_basis;
    std::chrono::milliseconds time_to_live{std::chrono::hours(24 * 30)};
};

}  // namespace schwarm::post
