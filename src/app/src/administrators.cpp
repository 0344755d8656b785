#include "schwarm/app/administrators.hpp"

namespace schwarm::app {

Result<Principal> AdministratorIdentities::by_secret(std::string_view id,
                                                     std::string_view secret) const {
    SCHWARM_TRY(principal, clients_.by_secret(id, secret));
    // A machine's secret opens no pages.
    if (principal.kind != PrincipalKind::administrator) return NoIdentities::by_secret(id, secret);
    return principal;
}

std::optional<Principal> AdministratorIdentities::by_token(std::string_view token) const {
    auto principal = clients_.by_token(token);
    if (principal.has_error() || principal->kind != PrincipalKind::administrator) {
        return std::nullopt;
    }
    return std::move(*principal);
}

}  // namespace schwarm::app
