// Contracts of collaborations between tenants (docs/formats/contract.md): which messages go from
// whom to whom, for what purpose, upon which law, and what they hold.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/json/schema.hpp"
#include "schwarm/services/package.hpp"

namespace schwarm::services {

struct ContractMessage {
    std::string from;  // roles
    std::string to;
    std::string purpose;
    std::string legal_basis;
    bool starts = false;  // begins a conversation of its own
    json::Schema body;
    std::vector<std::string> required;           // members of the body
    std::set<std::string, std::less<>> members;  // those it may have
    bool open = false;                           // it may have others too
    std::size_t documents = 0;                   // beside it, at most
};

// Immutable once loaded; thread-safe.
class ContractBook {
  public:
    // All <folder>/<collaboration>/<version>/contract.json; none if there is no such folder.
    // invalid_input, not_well_formed: names file and member.
    static Result<ContractBook> load(const std::string& folder);

    // Null if there is none.
    const ContractMessage* find(std::string_view collaboration, std::string_view version,
                                std::string_view message) const;
    // Where the tenant of a role is looked for: "*" or the name of a key. Null if the contract has
    // no such role.
    const std::string* jurisdiction(std::string_view collaboration, std::string_view version,
                                    std::string_view role) const;
    bool contains(std::string_view collaboration, std::string_view version) const {
        return contracts_.contains(std::pair(std::string(collaboration), std::string(version)));
    }

  private:
    using Key = std::tuple<std::string, std::string, std::string>;
    std::map<Key, ContractMessage, std::less<>> messages_;
    std::map<Key, std::string, std::less<>> roles_;
    std::set<std::pair<std::string, std::string>> contracts_;
};

// The folder "contracts" beside that of a package, or beside the folder above it; nothing if there
// is none.
std::optional<std::string> contracts_beside(const std::string& package_folder);

// Each collaboration of the package's process that names a contract is one of these contracts:
// every message flow is one of its messages, between the roles that it says, and what a node sends
// has the members of its body. Pure.
std::vector<Problem> check_contracts(const Package& package, const ContractBook& contracts);

// load_package, and check_contracts with those beside the folder that the files came from. A
// contract that cannot be read is a problem.
LoadResult load_against(std::string_view id, const PackageFiles& files, const std::string& folder);

}  // namespace schwarm::services
