// Sessions without server state: the cookie holds the principal, sealed under the node's session
// key (AES-256-GCM) with its expiry. CSRF tokens are bound to one session.
//
// Thread-safe. A token that is damaged, too old or of another node is answered like none.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/app/access.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/crypto/seal.hpp"

namespace schwarm::app {

struct Session {
    Principal principal;
    std::string id;  // random; drafts and CSRF tokens of anonymous visitors hang on it
    Instant expires{};
};

class Sessions {
  public:
    // Cookie name for portal and API; without the prefix because loopback has no TLS.
    static constexpr std::string_view kCookie = "schwarm_session";

    Sessions(const crypto::Key& node_key, const Clock& clock, Random& random,
             std::chrono::minutes lifetime = std::chrono::minutes(8 * 60));

    // A new session. An anonymous principal without a subject gets "guest:<random>".
    Session begin(Principal principal) const;
    // The value of the cookie.
    Result<std::string> seal(const Session& session) const;
    // nullopt for anything but a valid, unexpired token.
    std::optional<Session> open(std::string_view cookie_value) const;

    // For hidden form fields; differs per session, stays the same within it.
    std::string csrf_token(const Session& session) const;
    bool csrf_valid(const Session& session, std::string_view token) const;

  private:
    crypto::Key key_;
    std::string csrf_key_;
    const Clock& clock_;
    Random& random_;
    std::chrono::minutes lifetime_;
};

// Where principals come from. The demo command installs DemoIdentities; real providers follow.
class IdentityProvider {
  public:
    virtual ~IdentityProvider() = default;
    struct Choice {
        std::string id;     // "erika"
        std::string label;  // "Erika Mustermann (Bürgerin)"
        Principal principal;
    };
    // What the sign-in page offers; empty where it does not offer a choice.
    virtual const std::vector<Choice>& choices() const = 0;
    virtual bool is_demo() const = 0;
    // nullopt: unknown.
    virtual std::optional<Principal> sign_in(std::string_view choice_id) const = 0;
    // Whether the sign-in page asks for an id and a secret.
    virtual bool asks_for_secret() const { return false; }
    // Errors: unauthenticated, too_many_requests, storage_failed.
    virtual Result<Principal> by_secret(std::string_view id, std::string_view secret) const;
    // By the token of "Authorization: Bearer ...".
    virtual std::optional<Principal> by_token(std::string_view token) const = 0;
};

// Nobody can sign in.
class NoIdentities : public IdentityProvider {
  public:
    const std::vector<Choice>& choices() const override;
    bool is_demo() const override { return false; }
    std::optional<Principal> sign_in(std::string_view) const override { return std::nullopt; }
    std::optional<Principal> by_token(std::string_view) const override { return std::nullopt; }
};

// Fixed persons for demonstrations: a citizen, and for each tenant a clerk (member of all groups
// given) and an administrator. Only `schwarm demo`, bound to loopback, may make one.
class DemoIdentities final : public IdentityProvider {
  public:
    struct DemoTenant {
        TenantId id;
        std::string name;
        std::vector<std::string> groups;
    };
    explicit DemoIdentities(const std::vector<DemoTenant>& tenants);
    const std::vector<Choice>& choices() const override { return choices_; }
    bool is_demo() const override { return true; }
    std::optional<Principal> sign_in(std::string_view choice_id) const override;
    // The token is "demo-" + choice id.
    std::optional<Principal> by_token(std::string_view token) const override;

  private:
    std::vector<Choice> choices_;
};

}  // namespace schwarm::app
