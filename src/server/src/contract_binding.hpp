// What the post asks about contracts, answered from the contracts and packages of the node.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schwarm/post/ports.hpp"
#include "schwarm/services/catalogue.hpp"
#include "schwarm/services/contract.hpp"

namespace schwarm::server {

// A tenant takes part in a collaboration, as the role that its package plays there.
struct PlayedRole {
    TenantId tenant;
    std::string contract;
    std::string version;
    std::string role;
    auto operator<=>(const PlayedRole&) const = default;
};

// Borrows both. Thread-safe.
class ContractBinding final : public post::Contracts {
  public:
    ContractBinding(const services::ContractBook& contracts, const services::Registry& registry)
        : contracts_(contracts), registry_(registry) {}

    Result<post::MessageTerms> terms(std::string_view contract, std::string_view version,
                                     std::string_view message) const override;
    Result<void> check(std::string_view contract, std::string_view version,
                       std::string_view message, const json::Value& content) const override;
    Result<post::Reception> reception(const TenantId& tenant, std::string_view contract,
                                      std::string_view version,
                                      std::string_view message) const override;
    Result<engine::Variables> start_variables(const TenantId& tenant,
                                              const post::Reception& reception,
                                              const feel::Value& content, Instant received,
                                              std::string_view reference) const override;

    // Sorted, each once.
    std::vector<PlayedRole> played() const;

  private:
    const services::ContractBook& contracts_;
    const services::Registry& registry_;
};

}  // namespace schwarm::server
