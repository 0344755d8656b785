#include "tenant_keys.hpp"

#include <algorithm>

#include "schwarm/base/binary.hpp"
#include "schwarm/post/tenant_signing.hpp"

namespace schwarm::post {
namespace {

constexpr std::string_view kSecret = "exchange";
constexpr std::uint8_t kFirstFormat = 1;  // without `next` and `old`
constexpr std::uint8_t kFormat = 2;
constexpr std::size_t kOldMax = 32;
// A node that was cut off seals to an old key for directory_age_max (30 days); what it sealed is
// repeated for at most 30 days, and kept for 14.
constexpr auto kOldSealingKept = std::chrono::hours(24 * (30 + 30 + 14));

void put_pair(ByteWriter& out, const exchange::KeyPair& pair) {
    out.bytes(pair.public_key.kid);
    out.bytes(pair.public_key.jwk);
    out.bytes(pair.secret);
}

exchange::KeyPair read_pair(ByteReader& in) {
    exchange::KeyPair out;
    out.public_key.kid = std::string(in.bytes());
    out.public_key.jwk = std::string(in.bytes());
    out.secret = std::string(in.bytes());
    return out;
}

std::string encode(const TenantKeyPairs& pairs) {
    ByteWriter out;
    out.u8(kFormat);
    put_pair(out, pairs.sign);
    put_pair(out, pairs.seal);
    out.u8(pairs.next ? 1 : 0);
    if (pairs.next) {
        put_pair(out, pairs.next->sign);
        put_pair(out, pairs.next->seal);
    }
    out.varint(pairs.old.size());
    for (const TenantKeyPairs::Old& one : pairs.old) {
        put_pair(out, one.seal);
        out.svarint(one.until.time_since_epoch().count());
    }
    return out.take();
}

Result<TenantKeyPairs> decode(std::string_view bytes) {
    ByteReader in(bytes);
    TenantKeyPairs out;
    const std::uint8_t format = in.u8();
    if (format != kFormat && format != kFirstFormat) {
        return fail(ErrorCode::unsupported, "keys in an unknown format");
    }
    out.sign = read_pair(in);
    out.seal = read_pair(in);
    if (format == kFormat) {
        if (in.u8() != 0) {
            exchange::KeyPair sign = read_pair(in);
            out.next = TenantKeyPairs::Next{std::move(sign), read_pair(in)};
        }
        const std::uint64_t count = in.varint();
        for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
            exchange::KeyPair seal = read_pair(in);
            out.old.push_back({std::move(seal), Instant(std::chrono::milliseconds(in.svarint()))});
        }
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
    pairs.sign = std::move(sign);
    pairs.seal = std::move(seal);
    SCHWARM_TRY_VOID(runtime.write_and_wait(tenant, [&](runtime::WriteBatch& batch) {
        return batch.put_secret(kSecret, encode(pairs));
    }));
    return pairs;
}

}  // namespace

Result<void> TenantKeys::ensure(runtime::Runtime& runtime, const TenantId& tenant,
                                const Environment& environment) {
    SCHWARM_TRY(pairs, load_or_make(runtime, tenant, environment.cryptography, environment.random));
    put(tenant, std::move(pairs));
    return {};
}

void TenantKeys::put(const TenantId& tenant, TenantKeyPairs pairs) {
    const std::lock_guard lock(mutex_);
    pairs_.insert_or_assign(tenant, std::make_shared<const TenantKeyPairs>(std::move(pairs)));
}

Result<void> TenantKeys::store(runtime::Runtime& runtime, const TenantId& tenant,
                               TenantKeyPairs pairs) {
    SCHWARM_TRY_VOID(runtime.write_and_wait(tenant, [&](runtime::WriteBatch& batch) {
        return batch.put_secret(kSecret, encode(pairs));
    }));
    put(tenant, std::move(pairs));
    return {};
}

Result<bool> TenantKeys::begin_exchange(runtime::Runtime& runtime, const TenantId& tenant,
                                        std::string_view from, const Environment& environment) {
    SCHWARM_TRY(known, find(tenant));
    if (known->sign.public_key.kid != from || known->next) return false;
    if (known->old.size() >= kOldMax) {
        return fail(ErrorCode::limit_exceeded,
                    "the keys of " + tenant.value() + " were exchanged too often lately");
    }
    TenantKeyPairs pairs = *known;
    SCHWARM_TRY(sign,
                environment.cryptography.make_key(exchange::KeyUse::sign, environment.random));
    SCHWARM_TRY(seal,
                environment.cryptography.make_key(exchange::KeyUse::seal, environment.random));
    pairs.next = TenantKeyPairs::Next{std::move(sign), std::move(seal)};
    SCHWARM_TRY_VOID(store(runtime, tenant, std::move(pairs)));
    return true;
}

Result<void> TenantKeys::finish_exchange(runtime::Runtime& runtime, const TenantId& tenant,
                                         Instant now) {
    SCHWARM_TRY(known, find(tenant));
    if (!known->next) return {};
    TenantKeyPairs pairs = *known;
    pairs.old.push_back({std::move(pairs.seal), now + kOldSealingKept});
    pairs.sign = std::move(pairs.next->sign);
    pairs.seal = std::move(pairs.next->seal);
    pairs.next.reset();
    return store(runtime, tenant, std::move(pairs));
}

void TenantKeys::erase_old(runtime::Runtime& runtime, Instant now) {
    std::vector<std::pair<TenantId, std::shared_ptr<const TenantKeyPairs>>> all;
    {
        const std::lock_guard lock(mutex_);
        all.assign(pairs_.begin(), pairs_.end());
    }
    const auto is_over = [now](const TenantKeyPairs::Old& one) { return one.until <= now; };
    for (const auto& [tenant, known] : all) {
        if (std::none_of(known->old.begin(), known->old.end(), is_over)) continue;
        TenantKeyPairs pairs = *known;
        std::erase_if(pairs.old, is_over);
        // If it cannot be stored, it is tried again.
        (void)store(runtime, tenant, std::move(pairs));
    }
}

const exchange::PublicKey& TenantKeyPairs::listed_sign() const {
    return next ? next->sign.public_key : sign.public_key;
}

const exchange::PublicKey& TenantKeyPairs::listed_seal() const {
    return next ? next->seal.public_key : seal.public_key;
}

const exchange::KeyPair& TenantKeyPairs::opener(std::string_view kid) const {
    if (next && next->seal.public_key.kid == kid) return next->seal;
    for (const Old& one : old) {
        if (one.seal.public_key.kid == kid) return one.seal;
    }
    return seal;
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
