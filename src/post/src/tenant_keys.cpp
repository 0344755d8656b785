#include "tenant_keys.hpp"

#include "schwarm/base/binary.hpp"
#include "schwarm/post/tenant_signing.hpp"

namespace schwarm::post {
namespace {

constexpr std::string_view kSecret = "exchange";
constexpr std::uint8_t kFormat = 1;

std::string encode(const TenantKeyPairs& pairs) {
    ByteWriter out;
    out.u8(kFormat);
    for (const exchange::KeyPair* pair : {&pairs.sign, &pairs.seal}) {
        out.bytes(pair->public_key.kid);
        out.bytes(pair->public_key.jwk);
        out.bytes(pair->secret);
    }
    return out.take();
}

Result<TenantKeyPairs> decode(std::string_view bytes) {
    ByteReader in(bytes);
    TenantKeyPairs out;
    if (in.u8() != kFormat) return fail(ErrorCode::unsupported, "keys in an unknown format");
    for (exchange::KeyPair* pair : {&out.sign, &out.seal}) {
        pair->public_key.kid = std::string(in.bytes());
        pair->public_key.jwk = std::string(in.bytes());
        pair->secret = std::string(in.bytes());
    }
    if (!in.ok() || !in.at_end()) return fail(ErrorCode::corrupt, "damaged keys of a tenant");
    return out;
}

Result<TenantKeyPairs> load_or_make(runtime::Runtime& runtime, const TenantId& tenant,
                                    const exchange::Cryptography& cryptography, Random& random) {
    SCHWARM_TRY(view, runtime.read(tenant));
    SCHWARM_TRY(stored, view.secret(kSecret));
    if (stored) return decode(*stored);
    TenantKeyPairs pairs;
    SCHWARM_TRY(sign, cryptography.make_key(exchange::KeyUse::sign, random));
    SCHWARM_TRY(seal, cryptography.make_key(exchange::KeyUse::seal, random));
    pairs = {std::move(sign), std::move(seal)};
    SCHWARM_TRY_VOID(runtime.write_and_wait(tenant, [&](runtime::WriteBatch& batch) {
        return batch.put_secret(kSecret, encode(pairs));
    }));
    return pairs;
}

}  // namespace

Result<void> TenantKeys::ensure(runtime::Runtime& runtime, const TenantId& tenant,
                                const Environment& environment) {
    SCHWARM_TRY(pairs, load_or_make(runtime, tenant, environment.cryptography, environment.random));
    const std::lock_guard lock(mutex_);
    pairs_.insert_or_assign(tenant, std::make_shared<const TenantKeyPairs>(std::move(pairs)));
    return {};
}

Result<std::shared_ptr<const TenantKeyPairs>> TenantKeys::find(const TenantId& tenant) const {
    const std::lock_guard lock(mutex_);
    const auto it = pairs_.find(tenant);
    if (it == pairs_.end()) {
        return fail(ErrorCode::not_found, "there is no tenant '" + tenant.value() + "' here");
    }
    return it->second;
}

Result<void> ensure_tenant_keys(runtime::Runtime& runtime, const TenantId& tenant,
                                const exchange::Cryptography& cryptography, Random& random) {
    SCHWARM_TRY(pairs, load_or_make(runtime, tenant, cryptography, random));
    return {};
}

Result<std::string> sign_beside(const runtime::ReadView& tenant,
                                const exchange::Cryptography& cryptography, std::string_view type,
                                std::string_view payload) {
    SCHWARM_TRY(stored, tenant.secret(kSecret));
    if (!stored) {
        return fail(ErrorCode::not_found, "the tenant has no keys yet; start the node once");
    }
    SCHWARM_TRY(pairs, decode(*stored));
    return cryptography.sign(pairs.sign, type, payload);
}

}  // namespace schwarm::post
