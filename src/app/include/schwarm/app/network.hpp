// What an operator sees of the network and does in it: the port to the part of the node that keeps
// directory and post. Plain values without personal data. Implementations are thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/app/collaboration.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::app {

// A message to another authority that has not taken effect there yet.
struct WaitingMessage {
    TenantId tenant;
    CaseId case_id;
    std::string case_number;  // filled in by App; empty if the case is of no package
    std::string to;           // address; empty: nobody is found for the role yet
    std::string type;         // contract/version/message
    std::string state;        // "waiting", "delivered", "expired", "refused"
    Instant since{};
    Instant expires{};
    std::uint32_t attempts = 0;
    std::string reason;  // why the last one failed, in English; empty: nothing failed
};

struct NetworkMember {
    std::string member;
    std::string organisation;            // empty: nothing has been heard of it yet
    std::vector<std::string> addresses;  // "host:port"
    bool self = false;
};

struct NetworkWarning {
    // "key_expires", "epoch_ages", "fork", "lie", "disputed", "certificate_expires", "key_ages",
    // "restored"
    std::string kind;
    std::string text;  // one sentence in English
};

// What the operator agreed to and the network has not carried out yet.
struct NetworkConsent {
    std::string member;
    std::string key;  // id of the first operator key of who joins; empty: the member goes
};

struct NetworkView {
    std::uint64_t epoch = 0;
    std::string epoch_hash;  // hexadecimal
    Instant since{};         // of the epoch
    std::vector<NetworkMember> members;
    std::vector<NetworkWarning> warnings;
    std::vector<NetworkConsent> consents;
    std::vector<std::string> disputed;  // hashes of the epochs that choose() may name
    std::vector<WaitingMessage> waiting;
};

class Network {
  public:
    virtual ~Network() = default;
    // Without `waiting`.
    virtual NetworkView view() const = 0;
    // Oldest first.
    virtual std::vector<WaitingMessage> waiting(const TenantId& tenant,
                                                std::size_t limit) const = 0;
    // What a case and other tenants have sent each other.
    virtual Result<CaseMail> mail(const TenantId& tenant, CaseId id) const = 0;
    // Durable when they answer. invalid_input: no such name or key can be; conflict: it is a member
    // already, or its chain begins with another key; not_found: no member, no epoch in dispute.
    virtual Result<void> admit(std::string_view member, std::string_view key) = 0;
    virtual Result<void> remove(std::string_view member) = 0;
    virtual Result<void> choose(std::string_view epoch_hash) = 0;
};

}  // namespace schwarm::app
