#include "schwarm/exchange/directory_chain.hpp"

#include <gtest/gtest.h>

#include "directory/world.hpp"

namespace schwarm::exchange {
namespace {

using test::Author;
using test::FakeCryptography;

struct ChainOfEntries : testing::Test {
    FakeCryptography cryptography;
    SeededRandom random{2};
    Author lecos{"lecos", cryptography, random};
    Author liar{"liar", cryptography, random};

    Chain reader() const { return Chain(lecos.member, lecos.first_key.public_key.kid); }
    Chain read_all(const Author& author) const {
        Chain chain(author.member, author.first_key.public_key.kid);
        for (const auto& jws : author.entries) {
            const auto entry = chain.append(cryptography, jws, Trust::nothing);
            EXPECT_TRUE(entry.has_value()) << entry.error().text();
        }
        return chain;
    }
};

TEST_F(ChainOfEntries, IsReadAsItWasWritten) {
    lecos.enter(lecos.node());
    lecos.enter(lecos.tenant("kfz"));
    lecos.rotate();
    lecos.enter(lecos.node());
    const Chain chain = read_all(lecos);
    EXPECT_EQ(chain.length(), 4u);
    EXPECT_EQ(chain.head(), lecos.chain.head());
    EXPECT_EQ(*chain.key_before(3), lecos.first_key.public_key);
    EXPECT_EQ(*chain.key_before(4), lecos.key.public_key);
    EXPECT_EQ(*chain.key(), lecos.key.public_key);
}

TEST_F(ChainOfEntries, WhatDoesNotFollowIsRefused) {
    const auto first = lecos.enter(lecos.node());
    const auto second = lecos.enter(lecos.tenant("kfz"));
    Chain chain = reader();
    EXPECT_EQ(chain.append(cryptography, second, Trust::nothing).error().code, ErrorCode::conflict);
    ASSERT_TRUE(chain.append(cryptography, first, Trust::nothing).has_value());
    EXPECT_EQ(chain.append(cryptography, first, Trust::nothing).error().code, ErrorCode::conflict);
    std::string changed = second;
    changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(chain.append(cryptography, changed, Trust::nothing).has_value());
    changed = second;
    changed.back() = changed.back() == 'A' ? 'Q' : 'A';
    EXPECT_EQ(chain.append(cryptography, changed, Trust::nothing).error().code,
              ErrorCode::crypto_failed);
    DirectoryEntry entry = lecos.next(lecos.node());
    entry.number = 2;
    entry.previous = chain.head();
    entry.time -= std::chrono::milliseconds(1);
    EXPECT_EQ(chain.append(cryptography, lecos.sign(entry), Trust::nothing).error().where,
              "lecos entry 2 /time");
    EXPECT_EQ(chain.length(), 1u);
    ASSERT_TRUE(chain.append(cryptography, second, Trust::nothing).has_value());
}

TEST_F(ChainOfEntries, BelongsToTheExpectedKey) {
    liar.enter(liar.node());
    Chain chain(liar.member, lecos.key.public_key.kid);
    EXPECT_FALSE(chain.append(cryptography, liar.entries[0], Trust::nothing).has_value());
    lecos.enter(lecos.node());
    chain = reader();
    ASSERT_TRUE(chain.append(cryptography, lecos.entries[0], Trust::nothing).has_value());
    // Signed by a stranger.
    const auto forged = sign_entry(cryptography, liar.key, lecos.next(lecos.tenant("x"))).value();
    EXPECT_FALSE(chain.append(cryptography, forged, Trust::nothing).has_value());
    // The old key after a rotation.
    const KeyPair old = lecos.key;
    lecos.rotate();
    ASSERT_TRUE(chain.append(cryptography, lecos.entries[1], Trust::nothing).has_value());
    const auto stale = sign_entry(cryptography, old, lecos.next(lecos.tenant("x"))).value();
    EXPECT_FALSE(chain.append(cryptography, stale, Trust::nothing).has_value());
}

TEST_F(ChainOfEntries, BodiesFitTheChain) {
    lecos.enter(lecos.node());
    Chain chain = read_all(lecos);
    const auto refused = [&](EntryBody body) {
        const auto r =
            chain.append(cryptography, lecos.sign(lecos.next(std::move(body))), Trust::nothing);
        return r.has_error() ? r.error().where : "accepted";
    };
    EXPECT_EQ(refused(ServiceEntry{TenantId("kfz"), "c", "1", "r", {}}),
              "lecos entry 2 /body/tenant");
    TenantEntry tenant = lecos.tenant("kfz");
    std::swap(tenant.signing, tenant.sealing);
    EXPECT_EQ(refused(tenant), "lecos entry 2 /body/sign");
    EXPECT_EQ(refused(WithdrawalEntry{lecos.member, 2, test::kStart, "x"}),
              "lecos entry 2 /body/number");
    // A rotation to a key whose owner has not agreed.
    const auto text = operator_proof_text(lecos.member, 3, lecos.chain.head(), liar.key.public_key);
    EXPECT_EQ(refused(OperatorEntry{liar.key.public_key,
                                    cryptography.sign(liar.key, kOperatorType, text).value()}),
              "lecos entry 2 /body/proof");
    NodeEntry node = lecos.node();
    node.incarnation = 3;
    lecos.enter(node);
    ASSERT_TRUE(chain.append(cryptography, lecos.entries.back(), Trust::nothing).has_value());
    node.incarnation = 2;
    EXPECT_EQ(refused(node), "lecos entry 3 /body/incarnation");
}

TEST_F(ChainOfEntries, AForkIsProvenAndCutOff) {
    liar.enter(liar.node());
    liar.enter(liar.tenant("one"));
    const auto other = liar.sign([&] {
        DirectoryEntry e = liar.next(liar.tenant("two"));
        e.number = 2;
        e.previous = liar.chain.hash_at(1);
        return e;
    }());
    liar.enter(liar.tenant("three"));
    Chain chain = read_all(liar);
    EXPECT_FALSE(chain.contradicts(cryptography, liar.entries[1]).value());
    ASSERT_TRUE(chain.contradicts(cryptography, other).value());
    const ForkProof proof{liar.member, 2, liar.entries[1], other};
    const auto read = read_fork(write_fork(proof));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read.value(), proof);
    EXPECT_TRUE(chain.verify_fork(cryptography, proof).has_value());
    // Others verify it, whichever half they know.
    Chain shorter(liar.member, liar.first_key.public_key.kid);
    EXPECT_EQ(shorter.verify_fork(cryptography, proof).error().code, ErrorCode::unresolved);
    ASSERT_TRUE(shorter.append(cryptography, liar.entries[0], Trust::nothing).has_value());
    EXPECT_TRUE(shorter.verify_fork(cryptography, proof).has_value());

    chain.end_before(2);
    EXPECT_EQ(chain.length(), 1u);
    EXPECT_EQ(chain.fork(), 2u);
    EXPECT_FALSE(chain.append(cryptography, liar.entries[1], Trust::nothing).has_value());
    EXPECT_TRUE(chain.verify_fork(cryptography, proof).has_value());
    chain.end_before(3);
    EXPECT_EQ(chain.fork(), 2u);
}

TEST_F(ChainOfEntries, WhatIsNoForkProvesNothing) {
    liar.enter(liar.node());
    liar.enter(liar.tenant("one"));
    const Chain chain = read_all(liar);
    // One text signed twice is one entry.
    const ForkProof same{liar.member, 2, liar.entries[1], liar.entries[1]};
    EXPECT_FALSE(chain.verify_fork(cryptography, same).has_value());
    // Made up by another member.
    DirectoryEntry made_up = liar.next(liar.tenant("two"));
    made_up.number = 2;
    const auto forged = sign_entry(cryptography, lecos.key, made_up).value();
    EXPECT_FALSE(chain.contradicts(cryptography, forged).has_value());
    EXPECT_FALSE(
        chain.verify_fork(cryptography, {liar.member, 2, liar.entries[1], forged}).has_value());
    // Two different numbers.
    liar.enter(liar.tenant("two"));
    EXPECT_FALSE(chain.verify_fork(cryptography, {liar.member, 2, liar.entries[1], liar.entries[2]})
                     .has_value());
}

}  // namespace
}  // namespace schwarm::exchange
