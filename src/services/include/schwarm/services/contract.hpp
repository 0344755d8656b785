// Contracts of collaborations between tenants (docs/formats/contract.md): which messages go from
// whom to whom, for what purpose, upon which law, and what they hold.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "schwarm/base/result.hpp"
#include "schwarm/json/schema.hpp"

namespace schwarm::services {

struct ContractMessage {
    std::string from;  // roles
    std::string to;
    std::string purpose;
    std::string legal_basis;
    bool starts = false;  // begins a conversation of its own
    json::Schema body;
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

  private:
    using Key = std::tuple<std::string, std::string, std::string>;
    std::map<Key, ContractMessage, std::less<>> messages_;
};

}  // namespace schwarm::services
