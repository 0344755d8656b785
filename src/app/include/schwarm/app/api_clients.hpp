// The machines that may use /v2 (schwarm client add), and the administrators of a tenant or of the
// node (schwarm administrator add): known by an id and a secret, of one tenant and one role.
//
// A client lies in the space settings of its tenant (key "client/<id>"), its secret only as an
// Argon2id hash. Its id is "<tenant>.<random>". ApiClients reads the rows anew within seconds, so
// a client that was added or removed beside the working node counts at once.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/app/access.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::app {

struct ApiClient {
    std::string id;
    TenantId tenant;
    // worker, deployer, process_operator or administrator
    PrincipalKind role = PrincipalKind::worker;
    std::string name;  // for people; may be empty
    Instant created{};

    // An administrator of the node's own tenant is one of the whole node.
    Principal principal() const;
};
// "worker", "deployer", "operator", "administrator".
std::string_view role_name(PrincipalKind role);
Result<PrincipalKind> parse_role(std::string_view name);

struct NewApiClient {
    ApiClient client;
    std::string secret;  // told once, never stored
};
// Write at once, in a transaction of their own; no runtime is needed.
Result<NewApiClient> add_api_client(storage::Storage& storage, const TenantId& tenant,
                                    PrincipalKind role, std::string name, Instant now,
                                    Random& random);
Result<std::vector<ApiClient>> list_api_clients(storage::Storage& storage, const TenantId& tenant);
Result<void> remove_api_client(storage::Storage& storage, std::string_view id);

// Sign-in by Basic credentials or by OAuth 2.0 client credentials (RFC 6749 clause 4.4).
// Thread-safe. Comparing a secret takes some ten milliseconds and happens one at a time; what was
// right is remembered for a minute, and who is wrong too often must wait.
class ApiClients {
  public:
    static constexpr std::chrono::seconds kTokenLifetime{3600};
    struct Limits {
        std::size_t failures_per_client = 10;  // in a minute
        std::size_t failures = 100;            // in a minute, of all clients together
    };

    // storage, clock and random must outlive it.
    ApiClients(storage::Storage& storage, const crypto::Key& node_key, const Clock& clock,
               Random& random, const Limits& limits);
    ApiClients(storage::Storage& storage, const crypto::Key& node_key, const Clock& clock,
               Random& random)
        : ApiClients(storage, node_key, clock, random, Limits{}) {}
    ~ApiClients();
    ApiClients(const ApiClients&) = delete;
    ApiClients& operator=(const ApiClients&) = delete;

    // Errors: unauthenticated, too_many_requests, storage_failed.
    Result<Principal> by_secret(std::string_view id, std::string_view secret) const;
    // A token for a client that has just shown its secret.
    Result<std::string> issue_token(const Principal& client) const;
    // Errors: unauthenticated (also for a client that was removed), storage_failed.
    Result<Principal> by_token(std::string_view token) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::app
