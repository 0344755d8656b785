// How this node exchanges its keys for others while it works: made, announced, known to all, used
// (docs/decisions/0014-operator-commands.md).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "network_directory.hpp"
#include "schwarm/post/post.hpp"
#include "schwarm/server/log.hpp"
#include "tls_keys.hpp"

namespace schwarm::server {

// Used by one thread; waits for the runtime. Borrows what it is given.
class KeyExchange {
  public:
    struct Surroundings {
        NetworkDirectory& directory;
        post::Post& post;
        const Clock& clock;
        Log& log;
        // Enters into the own chain what it does not say yet.
        std::function<Result<void>()> enter;
        // New connections use this certificate and key from now on.
        std::function<Result<void>(const net::TlsTexts&)> use;
    };
    explicit KeyExchange(Surroundings surroundings) : env_(std::move(surroundings)) {}

    // `tls` outlives this; nothing: TLS keys are others' business.
    void open(TlsKeys* tls, std::vector<TenantId> tenants);

    // Each begins an exchange of the key named `from` and answers a sentence about it, also if that
    // was done before. conflict: another exchange of this key is under way.
    Result<std::string> begin_tenant(const TenantId& tenant, std::string_view from);
    // A signing key was lost: it is exchanged at once if it still signs, and its entry withdrawn,
    // so that what it signs from then on counts nowhere. Answers a sentence, also if that was done
    // before. not_found: the tenant never had it.
    Result<std::string> withdraw_tenant_key(const TenantId& tenant, const std::string& lost);
    Result<std::string> begin_operator(std::string_view from);
    Result<std::string> begin_tls(std::string_view from);

    // Ends what may end; to be called again and again.
    void go_on();

  private:
    bool is_known(std::uint64_t number, Instant since) const;
    Result<void> finish_tenant(const TenantId& tenant);
    // Begins an exchange of the key `from`, or takes the one that is under way, and ends it.
    Result<void> exchange_at_once(const TenantId& tenant, const std::string& from);
    Result<void> go_on(const TenantId& tenant);
    // Of new keys that are announced, whoever knows them.
    Result<void> sign_with_new(const TenantId& tenant);
    Result<void> finish_tls();

    Surroundings env_;
    TlsKeys* tls_ = nullptr;
    std::vector<TenantId> tenants_;
    // Of the announced TLS key: its entry is at most this one.
    std::optional<exchange::Directory::Entered> tls_announced_;
    std::string said_;  // the last trouble, so that it is told once
};

}  // namespace schwarm::server
