#include "key_exchange.hpp"

#include <algorithm>

#include "schwarm/crypto/encode.hpp"

namespace schwarm::server {
namespace {

// Members that were not heard of for so long learn an entry from the others.
constexpr auto kWaitForAll = std::chrono::hours(24);
// What the node itself signed with a lost key until it had another one stays good.
constexpr auto kLastSignature = std::chrono::seconds(1);

std::string hex(const crypto::Hash& hash) {
    return crypto::hex_encode(crypto::bytes_of(hash));
}

}  // namespace

void KeyExchange::open(TlsKeys* tls, std::vector<TenantId> tenants) {
    tls_ = tls;
    tenants_ = std::move(tenants);
}

bool KeyExchange::is_known(std::uint64_t number, Instant since) const {
    return env_.directory.known_to_all(number) || env_.clock.now() - since >= kWaitForAll;
}

Result<std::string> KeyExchange::begin_tenant(const TenantId& tenant, std::string_view from) {
    SCHWARM_TRY(signs, env_.post.current_key(tenant));
    SCHWARM_TRY(listed, env_.post.signing_key(tenant));
    const bool under_way = env_.post.exchanges_keys(tenant);
    if (under_way && listed.kid == from) {
        return fail(ErrorCode::conflict, "the keys of " + tenant.value() +
                                             " are being exchanged already; wait until every "
                                             "member knows the new ones");
    }
    const std::string done = tenant.value() + " has new keys: " + listed.kid;
    if (!under_way && signs.kid != from) return done;
    SCHWARM_TRY_VOID(env_.post.begin_key_exchange(tenant, from));
    SCHWARM_TRY_VOID(env_.enter());
    SCHWARM_TRY(made, env_.post.signing_key(tenant));
    return tenant.value() + " has new keys, " + made.kid +
           "; the old one signs until every member knows them";
}

Result<std::string> KeyExchange::begin_operator(std::string_view from) {
    SCHWARM_TRY(done, env_.directory.exchange_operator_key(from));
    return (done ? "the node has a new operator key: "
                 : "the node has another operator key already: ") +
           env_.directory.operator_kid();
}

Result<std::string> KeyExchange::begin_tls(std::string_view from) {
    if (tls_->next() && hex(*tls_->next()) == from) {
        return fail(ErrorCode::conflict, "the TLS key is being exchanged already");
    }
    if (!tls_->next() && hex(tls_->key()) != from) {
        return "the node has another TLS key already: " + hex(tls_->key());
    }
    SCHWARM_TRY_VOID(tls_->make_next(env_.clock.now()));
    SCHWARM_TRY_VOID(env_.enter());
    return "the TLS key " + hex(*tls_->next()) +
           " is announced; it is used when every member knows it";
}

Result<void> KeyExchange::finish_tenant(const TenantId& tenant) {
    const Instant now = env_.clock.now();
    const exchange::Address address{tenant, env_.directory.self()};
    SCHWARM_TRY(listed, env_.post.signing_key(tenant));
    const auto directory = env_.directory.now();
    const auto entered = directory->entered(address, now);
    const auto known = directory->tenant(address, now);
    // The start enters it, or the order that is looked at again.
    if (!entered || known.has_error() || known.value().signing != listed) return {};
    if (!is_known(entered->number, entered->time)) return {};
    return sign_with_new(tenant);
}

Result<void> KeyExchange::sign_with_new(const TenantId& tenant) {
    SCHWARM_TRY_VOID(env_.post.finish_key_exchange(tenant));
    SCHWARM_TRY(signs, env_.post.current_key(tenant));
    env_.log.info("keys", {{"tenant", tenant.value()}, {"signs_with", signs.kid}});
    return {};
}

Result<void> KeyExchange::exchange_at_once(const TenantId& tenant, const std::string& from) {
    SCHWARM_TRY_VOID(env_.post.begin_key_exchange(tenant, from));
    SCHWARM_TRY_VOID(env_.enter());
    return sign_with_new(tenant);
}

Result<void> KeyExchange::go_on(const TenantId& tenant) {
    SCHWARM_TRY(signs, env_.post.current_key(tenant));
    const exchange::Address address{tenant, env_.directory.self()};
    const auto entry = env_.directory.now()->key_entry(address, signs.kid);
    // From a backup that is older than the withdrawal.
    if (entry && entry->withdrawn) {
        env_.log.warning("keys", {{"tenant", tenant.value()}, {"withdrawn", signs.kid}});
        return exchange_at_once(tenant, signs.kid);
    }
    return env_.post.exchanges_keys(tenant) ? finish_tenant(tenant) : Result<void>();
}

// Each step may be the last one before a crash; the order comes again, and goes on from there.
Result<std::string> KeyExchange::withdraw_tenant_key(const TenantId& tenant,
                                                     const std::string& lost) {
    const exchange::Address address{tenant, env_.directory.self()};
    if (!env_.directory.now()->key_entry(address, lost)) {
        return fail(ErrorCode::not_found, address.text() + " never had this signing key");
    }
    // Of an exchange that is under way either key may be the lost one.
    if (env_.post.exchanges_keys(tenant)) SCHWARM_TRY_VOID(exchange_at_once(tenant, lost));
    SCHWARM_TRY(signs, env_.post.current_key(tenant));
    if (signs.kid == lost) SCHWARM_TRY_VOID(exchange_at_once(tenant, lost));
    const auto entry = env_.directory.now()->key_entry(address, lost);
    if (!entry->withdrawn) {
        SCHWARM_TRY_VOID(env_.directory.enter(exchange::WithdrawalEntry{
            env_.directory.self(), entry->number, env_.clock.now() + kLastSignature,
            "the signing key was lost"}));
    }
    std::string said = "what the key " + lost + " signs counts no more; " + tenant.value() +
                       " signs with " + env_.post.current_key(tenant).value().kid;
    for (const auto& one : env_.directory.now()->check_agreements()) {
        const exchange::Agreement& a = one.agreement;
        if (!one.lost_key || (a.client != address && a.provider != address)) continue;
        said += "; to be signed anew: " + a.client.text() + " asks " + a.provider.text() + " for " +
                a.evidence;
    }
    return said;
}

Result<void> KeyExchange::finish_tls() {
    if (tls_ == nullptr || !tls_->next()) return {};
    if (!tls_announced_) {
        const auto self = env_.directory.now()->member(env_.directory.self());
        if (self.has_error() || self.value().node.tls != tls_->announced()) return {};
        tls_announced_ = {env_.directory.length(), env_.clock.now()};
    }
    if (!is_known(tls_announced_->number, tls_announced_->time)) return {};
    SCHWARM_TRY(pair, tls_->promote());
    tls_announced_.reset();
    SCHWARM_TRY_VOID(env_.use(pair));
    SCHWARM_TRY_VOID(env_.enter());
    env_.log.info("keys", {{"tls", hex(tls_->key())}});
    return {};
}

void KeyExchange::go_on() {
    Result<void> done = finish_tls();
    for (const TenantId& tenant : tenants_) {
        const auto finished = go_on(tenant);
        if (finished.has_error()) done = finished;
    }
    env_.post.erase_old_keys();
    if (done.has_error() && done.error().text() != said_) {
        said_ = done.error().text();
        env_.log.warning("keys", {{"message", said_}});
    }
}

}  // namespace schwarm::server
