// Demo identities whose bearer tokens are random: generated at the first start and kept in the
// data folder (demo-tokens.json, mode 0600: {"<identity>": "<token>"}).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "schwarm/app/session.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::server {

class DemoTokens final : public app::IdentityProvider {
  public:
    static Result<std::unique_ptr<DemoTokens>> load_or_create(
        const std::filesystem::path& file,
        const std::vector<app::DemoIdentities::DemoTenant>& tenants, Random& random);

    const std::vector<Choice>& choices() const override { return people_.choices(); }
    bool is_demo() const override { return true; }
    std::optional<app::Principal> sign_in(std::string_view choice_id) const override {
        return people_.sign_in(choice_id);
    }
    std::optional<app::Principal> by_token(std::string_view token) const override;

  private:
    explicit DemoTokens(const std::vector<app::DemoIdentities::DemoTenant>& tenants)
        : people_(tenants) {}

    app::DemoIdentities people_;
    std::map<std::string, std::string, std::less<>> identity_by_token_hash_;
};

}  // namespace schwarm::server
