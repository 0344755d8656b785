// The private keys of this node's tenants: made once, stored sealed, held in memory.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "schwarm/post/post.hpp"

namespace schwarm::post {

struct TenantKeyPairs {
    exchange::KeyPair sign;
    exchange::KeyPair seal;
};

// Thread-safe.
class TenantKeys {
  public:
    // Reads the tenant's keys, or makes and stores them.
    Result<void> ensure(runtime::Runtime& runtime, const TenantId& tenant,
                        const Environment& environment);
    // not_found: no tenant of this node.
    Result<std::shared_ptr<const TenantKeyPairs>> find(const TenantId& tenant) const;

  private:
    mutable std::mutex mutex_;
    std::map<TenantId, std::shared_ptr<const TenantKeyPairs>> pairs_;
};

}  // namespace schwarm::post
