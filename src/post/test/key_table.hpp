// The network of the tests of the post: who plays a role is the jurisdiction's name.
#pragma once

#include <map>
#include <string>

#include "../../../tests/sim/node.hpp"

namespace schwarm::post {

// Keys are those that the test enters; signing keys stay known, as in the directory.
class KeyTable final : public Network {
  public:
    Result<exchange::Address> find(std::string_view, std::string_view jurisdiction,
                                   std::string_view, std::string_view) const override {
        return exchange::Address{TenantId("amt-" + std::string(jurisdiction)),
                                 exchange::MemberId(std::string(jurisdiction))};
    }
    bool plays(const exchange::Address&, std::string_view, std::string_view,
               std::string_view) const override {
        return true;
    }
    Result<exchange::PublicKey> sealing_key(const exchange::Address& tenant) const override {
        return sealing.at(tenant);
    }
    Result<exchange::PublicKey> signing_key(const exchange::Address&, std::string_view kid,
                                            Instant) const override {
        const auto found = signing.find(std::string(kid));
        if (found == signing.end()) return fail(ErrorCode::unresolved, "no such key");
        return found->second;
    }
    void enter(sim::Node& node) {
        const auto sign = node.post().signing_key(node.tenant()).value();
        signing[sign.kid] = sign;
        sealing[node.address()] = node.post().sealing_key(node.tenant()).value();
    }
    std::map<std::string, exchange::PublicKey> signing;
    std::map<exchange::Address, exchange::PublicKey> sealing;
};

}  // namespace schwarm::post
