#include "tenant_keys.hpp"

#include "schwarm/base/binary.hpp"

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

}  // namespace

Result<void> TenantKeys::ensure(runtime::Runtime& runtime, const TenantId& tenant,
                                const Environment& environment) {
    SCHWARM_TRY(view, runtime.read(tenant));
    SCHWARM_TRY(stored, view.secret(kSecret));
    TenantKeyPairs pairs;
    if (stored) {
        SCHWARM_TRY(decoded, decode(*stored));
        pairs = std::move(decoded);
    } else {
        SCHWARM_TRY(sign,
                    environment.cryptography.make_key(exchange::KeyUse::sign, environment.random));
        SCHWARM_TRY(seal,
                    environment.cryptography.make_key(exchange::KeyUse::seal, environment.random));
        pairs = {std::move(sign), std::move(seal)};
        SCHWARM_TRY_VOID(runtime.write_and_wait(tenant, [&](runtime::WriteBatch& batch) {
            return batch.put_secret(kSecret, encode(pairs));
        }));
    }
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

}  // namespace schwarm::post
