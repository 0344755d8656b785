// Members with keys and chains, for the tests of the directory.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fake_cryptography.hpp"
#include "schwarm/exchange/directory_chain.hpp"

namespace schwarm::exchange::test {

inline constexpr Instant kStart{std::chrono::milliseconds(1'790'000'000'000)};
inline constexpr std::chrono::hours kDay{24};

inline crypto::Hash some_hash(const std::string& text) {
    return crypto::sha256(text);
}

// Writes the chain of one member, with its own copy of what a member knows about itself.
class Author {
  public:
    Author(const std::string& name, const Cryptography& cryptography, Random& random)
        : member(name),
          cryptography_(cryptography),
          random_(random),
          key(cryptography.make_key(KeyUse::sign, random).value()),
          first_key(key),
          chain(member, key.public_key.kid) {}

    NodeEntry node() const {
        NodeEntry e;
        e.organisation = "Organisation of " + member.value();
        if (chain.length() == 0) e.operator_key = key.public_key;
        e.tls = {some_hash("tls " + member.value())};
        e.addresses = {member.value() + ".example:7443"};
        return e;
    }
    TenantEntry tenant(const std::string& name, std::vector<Responsibility> roles = {}) {
        TenantEntry e;
        e.tenant = TenantId(name);
        e.name = "Authority " + name;
        e.signing = make_tenant_key(name, KeyUse::sign).public_key;
        e.sealing = make_tenant_key(name, KeyUse::seal).public_key;
        e.signing_until = e.sealing_until = now + 400 * kDay;
        e.roles = std::move(roles);
        return e;
    }
    KeyPair make_tenant_key(const std::string& tenant, KeyUse use) {
        const KeyPair pair = cryptography_.make_key(use, random_).value();
        (use == KeyUse::sign ? signing : sealing)[tenant] = pair;
        return pair;
    }
    DirectoryEntry next(EntryBody body) const {
        return {member, chain.length() + 1, chain.head(), now, std::move(body)};
    }
    std::string sign(const DirectoryEntry& entry) const {
        return sign_entry(cryptography_, key, entry).value();
    }
    // Signs the next entry and appends it to the own chain.
    std::string enter(EntryBody body) {
        std::string jws = sign(next(std::move(body)));
        chain.append(cryptography_, jws, Trust::nothing).value();
        entries.push_back(jws);
        return jws;
    }
    std::string rotate() {
        const KeyPair fresh = cryptography_.make_key(KeyUse::sign, random_).value();
        const std::string text =
            operator_proof_text(member, chain.length() + 1, chain.head(), fresh.public_key);
        std::string jws = enter(OperatorEntry{
            fresh.public_key, cryptography_.sign(fresh, kOperatorType, text).value()});
        key = fresh;
        return jws;
    }

    MemberId member;

  private:
    const Cryptography& cryptography_;
    Random& random_;

  public:
    KeyPair key;
    KeyPair first_key;
    Chain chain;
    Instant now = kStart;
    std::vector<std::string> entries;  // JWS, from number 1
    std::map<std::string, KeyPair> signing;
    std::map<std::string, KeyPair> sealing;
};

}  // namespace schwarm::exchange::test
