// Who may sign in under `schwarm serve`: the administrators of the node and of its tenants, whom
// `schwarm administrator add` made, by id and secret. Citizens and clerks cannot sign in yet.
//
// Thread-safe. A session goes on until its end, also of an administrator who was removed.
#pragma once

#include "schwarm/app/api_clients.hpp"
#include "schwarm/app/session.hpp"

namespace schwarm::app {

class AdministratorIdentities final : public NoIdentities {
  public:
    // Must outlive it.
    explicit AdministratorIdentities(const ApiClients& clients) : clients_(clients) {}
    bool asks_for_secret() const override { return true; }
    Result<Principal> by_secret(std::string_view id, std::string_view secret) const override;
    // A token of POST /oauth/token.
    std::optional<Principal> by_token(std::string_view token) const override;

  private:
    const ApiClients& clients_;
};

}  // namespace schwarm::app
