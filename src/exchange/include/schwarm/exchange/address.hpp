// Who talks on the network: members (nodes of organisations) and tenants at them.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::exchange {

// A member of the network: one node with its operator key and its chain of directory entries.
// Lower-case letters, digits and '-', 1 to 63 characters ("lecos").
using MemberId = StrongId<struct MemberTag, std::string>;

// A tenant anywhere on the network, written "tenant@member" ("kfz-leipzig@lecos"). Only the member
// itself can enter its tenants into the directory, so nobody can claim another's name.
struct Address {
    TenantId tenant;
    MemberId member;

    auto operator<=>(const Address&) const = default;
    bool operator==(const Address&) const = default;
    std::string text() const { return tenant.value() + "@" + member.value(); }
};

// invalid_input: not two names of 1 to 63 of a-z, 0-9 and '-' with one '@' between.
Result<Address> parse_address(std::string_view text);
// invalid_input: not 1 to 63 of a-z, 0-9 and '-'.
Result<MemberId> parse_member(std::string_view text);

}  // namespace schwarm::exchange
