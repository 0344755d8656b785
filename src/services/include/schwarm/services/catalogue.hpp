// Which packages a node has, in which versions, and which tenants offer them with which settings.
//
// A Registry answers from memory and is thread-safe; a deployed version is never changed or
// dropped while cases may run on it. Storing packages in the node's database and loading them at
// the start is store.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/json/value.hpp"
#include "schwarm/services/package.hpp"

namespace schwarm::services {

// The authority as documents and pages name it.
struct Authority {
    std::string name;    // "Stadt Leipzig"
    std::string office;  // "Amt": "Sozialamt, Abteilung Wohngeld"
    std::string street, postal_code, town, phone, email, reference;
    std::string objection_office;  // where to send a Widerspruch

    // As `behoerde` in document templates.
    feel::Value to_feel() const;
};

struct OfferedService {
    ServiceId id;
    json::Value settings;  // object; missing ones have the package's defaults
};

// A register that the tenant keeps, or rules by which it checks others' claims (register.hpp).
struct KeptRegister {
    std::string id;
    json::Value settings;  // object; `source` replaces that of the package
};

struct Tenant {
    TenantId id;
    Authority authority;
    std::string land;  // "Sachsen"
    std::vector<OfferedService> services;
    std::vector<KeptRegister> registers;
};
using TenantPtr = std::shared_ptr<const Tenant>;

// Reads a tenant from configuration: {"id": "leipzig", "name": ..., "land": ..., "office": ...,
// "street", "postal_code", "town", "phone", "email", "reference", "objection_office",
// "services": {"wohngeld": {settings}}, "registers": {"melderegister": {}}}. invalid_input names
// the member.
Result<Tenant> parse_tenant(const json::Value& value);

// A version of a service as the node's database keeps it.
struct DeployedService {
    ServiceId id;
    std::string version;
    std::string title;
    Instant deployed{};
    bool current = true;
};

struct Offer {
    std::shared_ptr<const Tenant> tenant;
    std::shared_ptr<const Package> package;  // the current version
    feel::Value settings;                    // resolved (resolve_settings)
};

class Registry {
  public:
    Registry();
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    // Adds a version; makes it the current one of its service unless `current` is false.
    // Settings of tenants are resolved against it: invalid_input if one does not fit (then
    // nothing changes).
    Result<void> add(std::shared_ptr<const Package> package, Instant deployed, bool current = true);
    // Replaces a tenant of the same id. invalid_input if a setting does not fit its package;
    // services of which no package is known yet are checked when it is added.
    Result<void> add_tenant(Tenant tenant);

    // Would the settings of all tenants fit this version? invalid_input names the first that does
    // not.
    Result<void> check_settings(const Package& package) const;

    // Where versions come from that are not in memory (cases of before the last start). The
    // answer is loaded, kept and not made current.
    using VersionSource =
        std::function<Result<PackageFiles>(const ServiceId&, std::string_view version_start)>;
    void set_version_source(VersionSource source);

    std::vector<std::shared_ptr<const Tenant>> tenants() const;
    std::shared_ptr<const Tenant> tenant(const TenantId& id) const;  // null if there is none
    // Null if there is none. An empty version means the current one; the first 16 or more digits
    // of a version are enough.
    std::shared_ptr<const Package> package(const ServiceId& id,
                                           std::string_view version = {}) const;
    // By definition_key(); null if there is none.
    std::shared_ptr<const Package> package_of_definition(std::string_view key) const;
    std::vector<DeployedService> deployed() const;
    // Counts up with every add() and add_tenant().
    std::uint64_t revision() const;

    // A service a tenant offers and the node has; nullopt otherwise.
    std::optional<Offer> offer(const TenantId& tenant, const ServiceId& service) const;
    // Offers whose title, summary or keywords contain every word of the query (German and
    // English; umlauts may be written ae, oe, ue), best first; all of them for an empty query. An
    // empty tenant means all.
    std::vector<Offer> search(const TenantId& tenant, std::string_view query) const;

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

// What the engine knows a version by: "wohngeld/" and 32 digits of the version.
std::string definition_key(const Package& package);

}  // namespace schwarm::services
