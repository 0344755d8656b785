#include "schwarm/exchange/directory_membership.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <list>
#include <memory>
#include <set>

#include "directory/rows.hpp"
#include "directory/world.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

using test::Author;
using test::FakeCryptography;
using test::kDay;
using test::kStart;

struct Agreeable final : MembershipJudge {
    Judgement judge(const Epoch&, const EpochContent&, Instant) const override { return verdict; }
    Judgement verdict = Judgement::accept;
};

struct MembershipOfOne : testing::Test {
    FakeCryptography cryptography;
    SeededRandom random{5};
    Agreeable judge;
    std::list<Author> authors;
    Epoch founding;
    test::MemoryRows rows;
    Instant now = kStart + kDay;

    void found(int members) {
        EpochContent content;
        content.time = kStart;
        for (int i = 0; i < members; ++i) {
            Author& a = authors.emplace_back(std::string(1, static_cast<char>('a' + i)),
                                             cryptography, random);
            content.members.push_back({a.member, a.key.public_key.kid, a.key.public_key, 0, {}});
        }
        founding = read_founding(write_content(content)).value();
    }
    Author& author(int i) { return *std::next(authors.begin(), i); }
    EpochContent next(int variant = 0) const {
        EpochContent content = founding.content;
        content.epoch = 1;
        content.predecessor = founding.hash;
        content.time += std::chrono::milliseconds(1 + variant);
        return content;
    }
    std::unique_ptr<Membership> start(int i, const Epoch& tip) {
        auto m = std::make_unique<Membership>(cryptography, judge, random, author(i).member);
        const auto row = rows.get(row_key::vote(tip.hash)).value();
        auto answer = m->follow(tip, author(i).key, row);
        EXPECT_TRUE(answer.has_value()) << answer.error().text();
        rows.store(answer.value().rows);
        return m;
    }
    MembershipAnswer say(Membership& m, int from, const json::Value& message) {
        auto answer = m.handle(author(from).member, json::to_string(message), now);
        rows.store(answer.rows);
        return answer;
    }
    json::Value ask(std::uint64_t round) const {
        return json::Value::object({{"type", "ask"},
                                    {"predecessor", hash_of(founding)},
                                    {"round", static_cast<std::int64_t>(round)}});
    }
    static std::string hash_of(const Epoch& epoch) {
        return crypto::base64url_encode(crypto::bytes_of(epoch.hash));
    }
    json::Value proposal(std::uint64_t round, const EpochContent& content) {
        Vote v;
        v.kind = VoteKind::proposal;
        v.member = owner_of(founding, round);
        v.predecessor = founding.hash;
        v.round = round;
        v.content_text = write_content(content);
        for (Author& a : authors) {
            Vote promise;
            promise.member = a.member;
            promise.predecessor = founding.hash;
            promise.round = round;
            v.promises.push_back(sign_vote(cryptography, a.key, promise).value());
        }
        const int owner = static_cast<int>(round % authors.size());
        return json::Value::object(
            {{"type", "proposal"},
             {"statement", sign_vote(cryptography, author(owner).key, v).value()}});
    }
    static std::string type_of(const MembershipAnswer& answer) {
        if (answer.messages.empty()) return "";
        return json::parse(answer.messages.front().text).value().string_or("type", "");
    }
};

TEST_F(MembershipOfOne, DecidesAloneAndStoresFirst) {
    found(1);
    auto m = start(0, founding);
    const auto answer = m->propose(next(), now);
    ASSERT_TRUE(answer.decided.has_value());
    EXPECT_TRUE(answer.decided->content == next());
    EXPECT_TRUE(verify_epoch(cryptography, founding, write_epoch(*answer.decided)).has_value());
    EXPECT_EQ(answer.rows.size(), 1u);
    // Once a successor is followed, nothing is ever signed again after this predecessor.
    rows.store(m->follow(*answer.decided, author(0).key, std::nullopt).value().rows);
    auto again = start(0, founding);
    EXPECT_FALSE(again->propose(next(1), now).decided.has_value());
}

TEST_F(MembershipOfOne, VotesOnceWhateverCrashes) {
    found(4);
    auto m = start(0, founding);
    const auto promise = say(*m, 1, ask(5));
    ASSERT_EQ(type_of(promise), "promise");
    ASSERT_EQ(promise.rows.size(), 1u);
    m = start(0, founding);
    EXPECT_EQ(say(*m, 1, ask(5)).messages[0].text, promise.messages[0].text);
    EXPECT_EQ(type_of(say(*m, 0, ask(4))), "");
    EXPECT_EQ(type_of(say(*m, 1, ask(1))), "behind");
    const auto assent = say(*m, 1, proposal(5, next()));
    ASSERT_EQ(type_of(assent), "assent");
    m = start(0, founding);
    EXPECT_EQ(say(*m, 1, proposal(5, next())).messages[0].text, assent.messages[0].text);
    EXPECT_EQ(type_of(say(*m, 1, proposal(5, next(1)))), "");
    EXPECT_EQ(type_of(say(*m, 2, proposal(2, next()))), "behind");
    EXPECT_EQ(type_of(say(*m, 3, proposal(7, next(1)))), "assent");
}

TEST_F(MembershipOfOne, SignsOnlyUponACertificate) {
    found(4);
    auto m = start(0, founding);
    const std::string content = write_content(next());
    const auto certificate = [&](std::uint64_t round, int assents, const std::string& text) {
        json::Value list = json::Value::array();
        for (int i = 0; i < assents; ++i) {
            Vote v;
            v.kind = VoteKind::assent;
            v.member = author(i).member;
            v.predecessor = founding.hash;
            v.round = round;
            v.content = crypto::sha256(text);
            list.push_back(sign_vote(cryptography, author(i).key, v).value());
        }
        return json::Value::object({{"type", "certificate"},
                                    {"predecessor", hash_of(founding)},
                                    {"round", static_cast<std::int64_t>(round)},
                                    {"content", text},
                                    {"assents", list}});
    };
    EXPECT_EQ(type_of(say(*m, 1, certificate(5, 2, content))), "");
    const auto signature = say(*m, 1, certificate(5, 3, content));
    ASSERT_EQ(type_of(signature), "signature");
    m = start(0, founding);
    EXPECT_EQ(say(*m, 1, certificate(5, 3, content)).messages[0].text, signature.messages[0].text);
    EXPECT_EQ(type_of(say(*m, 1, certificate(5, 3, write_content(next(1))))), "");
    // What it signed is reported from now on.
    const auto promise = say(*m, 2, ask(6));
    ASSERT_EQ(type_of(promise), "promise");
    EXPECT_EQ(json::parse(promise.messages[0].text).value().string_or("content", ""), content);
    // Another content than the one assented to gets no signature.
    ASSERT_EQ(type_of(say(*m, 3, proposal(7, next(2)))), "assent");
    // The others are shown what its proposer told this member.
    EXPECT_EQ(type_of(say(*m, 3, certificate(7, 3, content))), "proposal");
}

TEST_F(MembershipOfOne, FollowsItsJudgeAndTheRule) {
    found(4);
    auto m = start(0, founding);
    judge.verdict = Judgement::refuse;
    EXPECT_EQ(type_of(say(*m, 1, proposal(5, next()))), "");
    judge.verdict = Judgement::accept;
    auto forged = next();
    forged.epoch = 7;
    const auto answer = say(*m, 1, proposal(9, forged));
    EXPECT_EQ(type_of(answer), "");
    ASSERT_EQ(answer.lies.size(), 1u);
    EXPECT_EQ(answer.lies[0].kind, LieKind::forged_proposal);
    EXPECT_TRUE(verify_lie(cryptography, founding, answer.lies[0]).has_value());
    // Rounds cannot be used up, nor an attempt be interrupted at once.
    EXPECT_EQ(type_of(say(*m, 1, ask(4'000'000'001))), "");
    EXPECT_EQ(type_of(say(*m, 2, ask(6))), "promise");
    EXPECT_EQ(type_of(say(*m, 3, ask(7))), "");
    now += std::chrono::seconds(11);
    EXPECT_EQ(type_of(say(*m, 3, ask(7))), "promise");
}

TEST_F(MembershipOfOne, RefusesAnotherKeyAndADamagedRow) {
    found(4);
    Membership m(cryptography, judge, random, author(0).member);
    EXPECT_EQ(m.follow(founding, author(1).key, std::nullopt).error().code,
              ErrorCode::invalid_input);
    EXPECT_EQ(m.follow(founding, author(0).key, "{}").error().code, ErrorCode::corrupt);
    // A stranger only hands on epochs.
    Membership stranger(cryptography, judge, random, MemberId("z"));
    ASSERT_TRUE(stranger.follow(founding, author(0).key, std::nullopt).has_value());
    EXPECT_TRUE(stranger.propose(next(), now).messages.empty());
    EXPECT_TRUE(stranger.handle(author(1).member, json::to_string(ask(5)), now).rows.empty());
    EXPECT_TRUE(stranger.handle(author(1).member, "not JSON", now).messages.empty());
}

struct Forgetful : MembershipOfOne {
    // Of a member that was asked for round `round`; `locked`: what it has signed in which round.
    json::Value promise(int from, std::uint64_t round,
                        const std::optional<std::pair<std::uint64_t, EpochContent>>& locked = {}) {
        Vote v;
        v.member = author(from).member;
        v.predecessor = founding.hash;
        v.round = round;
        json::Value out = json::Value::object({{"type", "promise"}});
        if (locked) {
            const std::string content = write_content(locked->second);
            std::vector<std::string> certificate;
            json::Value list = json::Value::array();
            for (Author& a : authors) {
                Vote assent;
                assent.kind = VoteKind::assent;
                assent.member = a.member;
                assent.predecessor = founding.hash;
                assent.round = locked->first;
                assent.content = crypto::sha256(content);
                certificate.push_back(sign_vote(cryptography, a.key, assent).value());
                list.push_back(certificate.back());
            }
            v.locked =
                Locked{locked->first, crypto::sha256(content), certificate_hash(certificate)};
            out.set("content", content);
            out.set("certificate", list);
        }
        out.set("statement", sign_vote(cryptography, author(from).key, v).value());
        return out;
    }
    json::Value forgotten(std::uint64_t round) {
        json::Value out = ask(round);
        out.set("type", "forgotten");
        return out;
    }
    std::unique_ptr<Membership> restored(int members) {
        found(members);
        auto m = start(0, founding);
        rows.store({m->forgotten(founding, std::nullopt, now).value()});
        m = start(0, founding);
        now += std::chrono::seconds(2);
        return m;
    }
    // The round for which it asks the others.
    std::uint64_t asked(Membership& m) {
        const auto answer = m.tick(now);
        EXPECT_EQ(type_of(answer), "ask");
        EXPECT_EQ(answer.messages.size(), authors.size() - 1);
        const auto text = json::parse(answer.messages.front().text).value();
        return static_cast<std::uint64_t>(text.int_or("round", 0));
    }
    std::uint64_t round_of(int owner, std::uint64_t above) const {
        std::uint64_t round = above + 1;
        while (round % authors.size() != static_cast<std::uint64_t>(owner)) ++round;
        return round;
    }
};

TEST_F(Forgetful, VotesOnlyAfterOthersHaveSaidWhatTheyKnow) {
    auto m = restored(4);
    const std::uint64_t round = asked(*m);
    EXPECT_GT(round, 3600u * 4) << "above all rounds that it can have reached";
    for (int from : {1, 2}) say(*m, from, promise(from, round));
    // Its vote is not to be had: not even for what nobody has seen before.
    const std::uint64_t later = round_of(1, round);
    now += std::chrono::seconds(2);
    EXPECT_EQ(type_of(say(*m, 1, ask(later))), "forgotten");
    EXPECT_EQ(type_of(say(*m, 1, proposal(later, next()))), "");
    m = start(0, founding);
    EXPECT_EQ(type_of(say(*m, 1, ask(later))), "forgotten") << "nor after a crash";
    now += std::chrono::seconds(20);
    const std::uint64_t again = asked(*m);
    for (int from : {1, 2, 3}) say(*m, from, promise(from, again));
    m = start(0, founding);
    EXPECT_EQ(type_of(say(*m, 1, ask(round_of(1, round - 8)))), "behind");
    EXPECT_EQ(type_of(say(*m, 1, ask(round_of(1, again)))), "promise");
    EXPECT_EQ(m->forgotten(founding, "{}", now).error().code, ErrorCode::corrupt);
}

TEST_F(Forgetful, GoesOnWithTheNewestThatIsReported) {
    auto m = restored(4);
    const std::uint64_t round = asked(*m);
    say(*m, 1, promise(1, round, std::pair(5u, next(1))));
    say(*m, 2, promise(2, round, std::pair(9u, next(2))));
    say(*m, 3, promise(3, round));
    m = start(0, founding);
    now += std::chrono::seconds(20);
    const auto answer = say(*m, 1, ask(round_of(1, round)));
    ASSERT_EQ(type_of(answer), "promise");
    const auto said = json::parse(answer.messages.front().text).value();
    EXPECT_EQ(said.string_or("content", ""), write_content(next(2)));
    EXPECT_EQ(said.find("certificate")->items().size(), 4u);
}

TEST_F(Forgetful, WhoHasForgottenTooIsNotWaitedFor) {
    auto m = restored(5);
    const std::uint64_t round = asked(*m);
    say(*m, 1, promise(1, round));
    say(*m, 2, promise(2, round));
    say(*m, 3, forgotten(round));
    say(*m, 3, forgotten(round));
    const std::uint64_t later = round_of(1, round);
    now += std::chrono::seconds(2);
    EXPECT_EQ(type_of(say(*m, 1, ask(later))), "forgotten") << "one has said nothing";
    say(*m, 4, forgotten(round));
    EXPECT_EQ(type_of(say(*m, 1, ask(later))), "promise");
}

TEST_F(Forgetful, AloneThereIsNobodyToAsk) {
    auto m = restored(1);
    EXPECT_TRUE(m->tick(now).messages.empty());
    now += std::chrono::seconds(2);
    EXPECT_TRUE(m->propose(next(), now).decided.has_value());
}

// Members that hear of one another at once, but for those who are away.
struct MembershipOfSeveral : MembershipOfOne {
    struct Voter {
        std::unique_ptr<Membership> membership;
        test::MemoryRows rows;
        bool away = false;
    };
    void begin(int members) {
        found(members);
        for (int i = 0; i < members; ++i) follow(voters.emplace_back(), i);
    }
    void follow(Voter& voter, int i) {
        voter.membership =
            std::make_unique<Membership>(cryptography, judge, random, author(i).member);
        const auto row = voter.rows.get(row_key::vote(founding.hash)).value();
        voter.rows.store(voter.membership->follow(founding, author(i).key, row).value().rows);
    }
    void restore(int i) {
        Voter& voter = voters.at(static_cast<std::size_t>(i));
        test::MemoryRows lost;
        lost.store({voter.membership->forgotten(founding, std::nullopt, now).value()});
        voter.rows = lost;
        follow(voter, i);
    }
    void take(int from, MembershipAnswer answer) {
        Voter& voter = voters.at(static_cast<std::size_t>(from));
        voter.rows.store(answer.rows);
        if (answer.decided) decided.insert(answer.decided->hash);
        for (const MembershipMessage& message : answer.messages) {
            if (message.text.find(R"("type":"signature")") != std::string::npos) {
                ++signatures;
                if (signatures_lost) continue;
            }
            for (int to = 0; to < static_cast<int>(voters.size()); ++to) {
                if (author(to).member != message.to || voters.at(to).away || voter.away) continue;
                take(to, voters.at(to).membership->handle(author(from).member, message.text, now));
            }
        }
    }
    void pass(std::chrono::seconds span) {
        for (const Instant end = now + span; now < end; now += std::chrono::seconds(1)) {
            for (int i = 0; i < static_cast<int>(voters.size()); ++i) {
                if (!voters.at(i).away) take(i, voters.at(i).membership->tick(now));
            }
        }
    }
    std::deque<Voter> voters;
    std::set<crypto::Hash> decided;
    std::size_t signatures = 0;
    bool signatures_lost = false;
};

TEST_F(MembershipOfSeveral, AnEpochThatTwoHaveForgottenIsNotMadeOnceMore) {
    begin(4);
    // Three sign, the proposer among them, and nobody knows it: this epoch is valid.
    voters.at(0).away = true;
    signatures_lost = true;
    take(1, voters.at(1).membership->propose(next(1), now));
    ASSERT_EQ(signatures, 2u);
    restore(2);
    restore(3);
    signatures_lost = false;
    voters.at(0).away = false;
    voters.at(1).away = true;
    take(0, voters.at(0).membership->propose(next(2), now));
    pass(std::chrono::seconds(90));
    EXPECT_TRUE(decided.empty()) << "who remembers is away";
    voters.at(1).away = false;
    pass(std::chrono::seconds(90));
    EXPECT_EQ(decided, std::set<crypto::Hash>{crypto::sha256(write_content(next(1)))});
}

TEST_F(MembershipOfSeveral, TwoOfFiveRestoredAtOnceDoNotStopTheOthers) {
    begin(5);
    restore(1);
    restore(3);
    take(0, voters.at(0).membership->propose(next(), now));
    pass(std::chrono::seconds(90));
    EXPECT_EQ(decided.size(), 1u);
}

}  // namespace
}  // namespace schwarm::exchange
