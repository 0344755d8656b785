#include "schwarm/exchange/directory_epoch.hpp"

#include <gtest/gtest.h>

#include "directory/world.hpp"
#include "schwarm/exchange/directory_merkle.hpp"
#include "schwarm/exchange/directory_vote.hpp"

namespace schwarm::exchange {
namespace {

using test::Author;
using test::FakeCryptography;

struct Epochs : testing::Test {
    FakeCryptography cryptography;
    SeededRandom random{3};
    std::vector<Author> authors;
    Epoch founding;

    void SetUp() override { found(4); }
    void found(int members) {
        authors.clear();
        EpochContent content;
        content.time = test::kStart;
        for (int i = 0; i < members; ++i) {
            Author& a = authors.emplace_back(std::string(1, static_cast<char>('a' + i)),
                                             cryptography, random);
            content.members.push_back({a.member, a.key.public_key.kid, a.key.public_key, 0, {}});
        }
        founding = read_founding(write_content(content)).value();
    }
    EpochContent next() const {
        EpochContent content = founding.content;
        content.epoch = 1;
        content.predecessor = founding.hash;
        content.time += test::kDay;
        return content;
    }
    std::string vote(std::size_t author, VoteKind kind, std::uint64_t round,
                     const crypto::Hash& content, std::optional<Locked> locked = {}) {
        Vote v;
        v.kind = kind;
        v.member = authors[author].member;
        v.predecessor = founding.hash;
        v.round = round;
        v.content = content;
        v.locked = locked;
        return sign_vote(cryptography, authors[author].key, v).value();
    }
    std::vector<std::string> votes(std::initializer_list<std::size_t> from, VoteKind kind,
                                   std::uint64_t round, const crypto::Hash& content = {}) {
        std::vector<std::string> out;
        for (const std::size_t i : from) out.push_back(vote(i, kind, round, content));
        return out;
    }
    Vote proposal(std::uint64_t round, const EpochContent& content,
                  std::vector<std::string> promises, std::vector<std::string> certificate = {}) {
        Vote v;
        v.kind = VoteKind::proposal;
        v.member = owner_of(founding, round);
        v.predecessor = founding.hash;
        v.round = round;
        v.content_text = write_content(content);
        v.content = crypto::sha256(v.content_text);
        v.promises = std::move(promises);
        v.certificate = std::move(certificate);
        return v;
    }
    std::string sign(const Vote& v) {
        for (const Author& a : authors) {
            if (a.member == v.member) return sign_vote(cryptography, a.key, v).value();
        }
        return "";
    }
    bool lies(LieKind kind, std::size_t author, std::vector<std::string> statements,
              std::vector<std::string> certificate = {}) {
        const Lie lie{kind, authors[author].member, founding.hash, std::move(statements),
                      std::move(certificate)};
        const auto read = read_lie(write_lie(lie));
        EXPECT_TRUE(read.has_value() && read.value() == lie);
        return verify_lie(cryptography, founding, lie).has_value();
    }
};

TEST_F(Epochs, ContentIsReadStrictly) {
    const std::string text = write_content(next());
    ASSERT_TRUE(read_content(text).has_value());
    EXPECT_TRUE(read_content(text).value() == next());
    EpochContent other = next();
    std::swap(other.members[0], other.members[1]);
    EXPECT_EQ(read_content(write_content(other)).error().where, "/members/1/member");
    other = next();
    other.members[1].key = other.members[0].key;
    EXPECT_EQ(read_content(write_content(other)).error().where, "/members/1/key");
    other = next();
    other.members[2].head = test::some_hash("x");
    EXPECT_EQ(read_content(write_content(other)).error().where, "/members/2/number");
    std::string forged = text;
    forged.replace(forged.find("\"root\":\"") + 8, 3, "xyz");
    EXPECT_EQ(read_content(forged).error().where, "/root");
    EXPECT_FALSE(read_founding(text).has_value());
}

TEST_F(Epochs, MoreThanTwoThirdsMakeOne) {
    Epoch epoch{next(), write_content(next()), {}, 5, {}};
    const crypto::Hash hash = crypto::sha256(epoch.content_text);
    const auto verdict = [&] {
        const auto r = verify_epoch(cryptography, founding, write_epoch(epoch));
        return r.has_value() ? std::string("valid") : std::string(name_of(r.error().code));
    };
    epoch.signatures = votes({0, 1}, VoteKind::signature, 5, hash);
    EXPECT_EQ(verdict(), "unavailable");
    epoch.signatures = votes({0, 1, 1}, VoteKind::signature, 5, hash);
    EXPECT_EQ(verdict(), "invalid_input");
    epoch.signatures = votes({0, 1, 2}, VoteKind::assent, 5, hash);
    EXPECT_EQ(verdict(), "invalid_input");
    epoch.signatures = votes({0, 1, 2}, VoteKind::signature, 6, hash);
    EXPECT_EQ(verdict(), "invalid_input");
    epoch.signatures = votes({0, 1, 3}, VoteKind::signature, 5, hash);
    EXPECT_EQ(verdict(), "valid");
}

TEST_F(Epochs, ASuccessorContinuesEveryChain) {
    EpochContent content = next();
    EXPECT_TRUE(check_successor(founding, content).has_value());
    content.time = test::kStart - test::kDay;
    EXPECT_EQ(check_successor(founding, content).error().where, "/time");
    content = next();
    content.epoch = 2;
    EXPECT_FALSE(check_successor(founding, content).has_value());
    content = next();
    content.members[1].key = authors[0].key.public_key;
    EXPECT_EQ(check_successor(founding, content).error().where, "/members b");
}

TEST_F(Epochs, AProposalObeysTheRule) {
    const auto check = [&](const Vote& v) {
        const auto r = check_proposal(cryptography, founding, v);
        return r.has_error() ? r.error().where : r.value().locked ? "locked" : "free";
    };
    const EpochContent mine = next();
    EpochContent other = next();
    other.time += test::kDay;
    const crypto::Hash hash = crypto::sha256(write_content(other));
    const auto promises = [&](std::uint64_t round, std::optional<Locked> locked) {
        return std::vector<std::string>{vote(0, VoteKind::promise, round, {}),
                                        vote(1, VoteKind::promise, round, {}, locked),
                                        vote(2, VoteKind::promise, round, {})};
    };
    EXPECT_EQ(check(proposal(8, mine, promises(8, {}))), "free");
    EXPECT_EQ(check(proposal(8, mine, promises(12, {}))), "/promises/0");
    auto few = promises(8, {});
    few.pop_back();
    EXPECT_EQ(check(proposal(8, mine, few)), "/promises");
    few.push_back(few.back());
    EXPECT_EQ(check(proposal(8, mine, few)), "/promises/2");
    Vote stolen = proposal(8, mine, promises(8, {}));
    stolen.member = authors[3].member;
    EXPECT_EQ(check(stolen), "/round");

    const auto certificate = votes({0, 1, 3}, VoteKind::assent, 5, hash);
    const Locked locked{5, hash, certificate_hash(certificate)};
    EXPECT_EQ(check(proposal(8, other, promises(8, locked), certificate)), "locked");
    EXPECT_EQ(check(proposal(8, mine, promises(8, locked), certificate)), "/content");
    EXPECT_EQ(check(proposal(8, other, promises(8, locked))), "/certificate");
    EXPECT_EQ(
        check(proposal(8, other, promises(8, locked), votes({0, 1, 3}, VoteKind::assent, 4, hash))),
        "/certificate/0");
    EXPECT_EQ(check(proposal(8, mine, promises(8, {}), certificate)), "/certificate");

    // Signed, each of these is a proof against the proposer; an honest one is none.
    const std::size_t owner = 8 % 4;
    EXPECT_TRUE(lies(LieKind::forged_proposal, owner,
                     {sign(proposal(8, mine, promises(8, locked), certificate))}));
    EXPECT_FALSE(lies(LieKind::forged_proposal, owner,
                      {sign(proposal(8, other, promises(8, locked), certificate))}));
}

TEST_F(Epochs, LiesAreProvenAndTruthIsNot) {
    const crypto::Hash x = test::some_hash("x");
    const crypto::Hash y = test::some_hash("y");
    using enum VoteKind;
    EXPECT_TRUE(lies(LieKind::two_votes, 0, {vote(0, assent, 5, x), vote(0, assent, 5, y)}));
    EXPECT_TRUE(lies(LieKind::two_votes, 0, {vote(0, assent, 5, x), vote(0, signature, 5, y)}));
    EXPECT_FALSE(lies(LieKind::two_votes, 0, {vote(0, assent, 5, x), vote(0, assent, 6, y)}));
    EXPECT_FALSE(lies(LieKind::two_votes, 0, {vote(0, assent, 5, x), vote(0, signature, 5, x)}));
    EXPECT_FALSE(lies(LieKind::two_votes, 0, {vote(0, assent, 5, x), vote(1, assent, 5, y)}));
    EXPECT_FALSE(lies(LieKind::two_votes, 0, {vote(0, assent, 5, x)}));

    const Locked at5{5, x, test::some_hash("certificate")};
    EXPECT_TRUE(
        lies(LieKind::broken_promise, 0, {vote(0, promise, 9, {}), vote(0, signature, 5, x)}));
    EXPECT_TRUE(
        lies(LieKind::broken_promise, 0, {vote(0, signature, 6, x), vote(0, promise, 9, {}, at5)}));
    EXPECT_FALSE(
        lies(LieKind::broken_promise, 0, {vote(0, signature, 5, x), vote(0, promise, 9, {}, at5)}));
    EXPECT_FALSE(
        lies(LieKind::broken_promise, 0, {vote(0, signature, 9, x), vote(0, promise, 9, {})}));
    EXPECT_FALSE(
        lies(LieKind::broken_promise, 0, {vote(0, assent, 5, x), vote(0, promise, 9, {})}));
    EXPECT_TRUE(
        lies(LieKind::two_votes, 0, {vote(0, promise, 9, {}), vote(0, promise, 9, {}, at5)}));

    const auto good = votes({0, 1, 2}, assent, 5, x);
    const auto bad = votes({0, 1, 2}, assent, 5, y);
    EXPECT_TRUE(lies(LieKind::forged_report, 0,
                     {vote(0, promise, 9, {}, Locked{5, x, certificate_hash(bad)})}, bad));
    EXPECT_FALSE(lies(LieKind::forged_report, 0,
                      {vote(0, promise, 9, {}, Locked{5, x, certificate_hash(good)})}, good));
    EXPECT_FALSE(lies(LieKind::forged_report, 0,
                      {vote(0, promise, 9, {}, Locked{5, x, certificate_hash(good)})}, bad));
}

TEST(MerkleTree, ProvesEveryLeafAndNoOther) {
    std::vector<crypto::Hash> leaves;
    for (std::size_t size = 1; size <= 40; ++size) {
        leaves.push_back(merkle_leaf(MemberId("m" + std::to_string(size)), size, {}));
        const crypto::Hash root = merkle_root(leaves);
        for (std::size_t i = 0; i < size; ++i) {
            const auto proof = merkle_proof(leaves, i);
            EXPECT_TRUE(merkle_includes(root, leaves[i], i, size, proof));
            EXPECT_FALSE(merkle_includes(root, leaves[(i + 1) % size], i, size, proof) && size > 1);
            EXPECT_FALSE(merkle_includes(root, leaves[i], i + size, size, proof));
            if (!proof.empty()) {
                auto cut = proof;
                cut.pop_back();
                EXPECT_FALSE(merkle_includes(root, leaves[i], i, size, cut));
            }
        }
    }
}

// The tree of one leaf, and of the texts of RFC 6962's public test data, hashed as it says.
TEST(MerkleTree, HashesAsRfc6962) {
    EXPECT_EQ(crypto::hex_encode(crypto::bytes_of(merkle_root({}))),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const auto leaf = [](std::string bytes) {
        return crypto::sha256(std::string(1, '\0') + bytes);
    };
    using namespace std::string_literals;
    const std::vector<crypto::Hash> leaves = {
        leaf(""s),
        leaf("\x00"s),
        leaf("\x10"s),
        leaf("\x20\x21"s),
        leaf("\x30\x31"s),
        leaf("\x40\x41\x42\x43"s),
        leaf("\x50\x51\x52\x53\x54\x55\x56\x57"s),
        leaf("\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"s)};
    EXPECT_EQ(crypto::hex_encode(crypto::bytes_of(leaves[0])),
              "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    EXPECT_EQ(crypto::hex_encode(crypto::bytes_of(merkle_root(leaves))),
              "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

}  // namespace
}  // namespace schwarm::exchange
