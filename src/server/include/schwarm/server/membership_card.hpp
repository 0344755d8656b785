// What others must know of a member before the directory says it: a small public file, signed with
// the member's operator key (docs/formats/network.md, "Cards").
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/exchange/address.hpp"
#include "schwarm/exchange/cryptography.hpp"
#include "schwarm/server/config.hpp"

namespace schwarm::server {

struct MembershipCard {
    exchange::MemberId member;
    std::string organisation;
    std::string address;      // "host:port"
    std::string tls;          // key of its certificate: SHA-256 of the SubjectPublicKeyInfo, hex
    std::string origin;       // kid of the first operator key of its chain
    exchange::PublicKey key;  // the operator key

    NetworkPeer peer() const { return {member.value(), address, tls}; }
};

// Of the node of this configuration; its keys are made if it has never run. invalid_input: it has
// no `network`.
Result<std::string> make_card(const Config& config);
// invalid_input: no card; crypto_failed: not signed with the key it shows.
Result<MembershipCard> read_card(std::string_view text);
Result<MembershipCard> load_card(const std::filesystem::path& file);
std::string write_card(const MembershipCard& card, const std::string& signature);

// The founding file of the network of these members. conflict: two of them have one name or key, or
// one has exchanged its operator key already.
Result<std::string> found_network(std::vector<MembershipCard> cards);
// What `network.peers` may name.
std::string write_peers(const std::vector<MembershipCard>& cards);

}  // namespace schwarm::server
