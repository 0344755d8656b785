// The keys of tenants without a Post: beside a working node, or before one has ever run.
#pragma once

#include <string>
#include <string_view>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/exchange/cryptography.hpp"
#include "schwarm/runtime/runtime.hpp"

namespace schwarm::post {

// Makes and stores the keys of a tenant that has none, as Post::open does.
Result<void> ensure_tenant_keys(runtime::Runtime& runtime, const TenantId& tenant,
                                const exchange::Cryptography& cryptography, Random& random);

// A JWS of this typ by the tenant of the view. not_found: it has no keys yet.
Result<std::string> sign_beside(const runtime::ReadView& tenant,
                                const exchange::Cryptography& cryptography, std::string_view type,
                                std::string_view payload);

}  // namespace schwarm::post
