// The private keys of this node's tenants: stored sealed, held in memory, exchanged for new ones
// (docs/decisions/0014-operator-commands.md).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "schwarm/post/post.hpp"

namespace schwarm::post {

struct TenantKeyPairs {
    struct Next {
        exchange::KeyPair sign;
        exchange::KeyPair seal;
    };
    struct Old {
        exchange::KeyPair seal;
        Instant until;  // then it is erased
    };

    exchange::KeyPair sign;
    exchange::KeyPair seal;
    // An exchange has begun: the directory is to name these, and what is sealed to them is opened,
    // but `sign` still signs.
    std::optional<Next> next;
    std::vector<Old> old;

    const exchange::PublicKey& listed_sign() const;
    const exchange::PublicKey& listed_seal() const;
    // The pair that a JWE with this kid is sealed to; the current one if there is none of it.
    const exchange::KeyPair& opener(std::string_view kid) const;
};

// Thread-safe, but only one thread at a time exchanges keys.
class TenantKeys {
  public:
    // Reads the tenant's keys, or makes and stores them.
    Result<void> ensure(runtime::Runtime& runtime, const TenantId& tenant,
                        const Environment& environment);
    // not_found: no tenant of this node.
    Result<std::shared_ptr<const TenantKeyPairs>> find(const TenantId& tenant) const;

    // Each waits for the runtime and is durable when it answers. Post says what they are for.
    Result<bool> begin_exchange(runtime::Runtime& runtime, const TenantId& tenant,
                                std::string_view from, const Environment& environment);
    Result<void> finish_exchange(runtime::Runtime& runtime, const TenantId& tenant, Instant now);
    // Old sealing keys whose time is over.
    void erase_old(runtime::Runtime& runtime, Instant now);

  private:
    void put(const TenantId& tenant, TenantKeyPairs pairs);
    Result<void> store(runtime::Runtime& runtime, const TenantId& tenant, TenantKeyPairs pairs);

    mutable std::mutex mutex_;
    std::map<TenantId, std::shared_ptr<const TenantKeyPairs>> pairs_;
};

}  // namespace schwarm::post
