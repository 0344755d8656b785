#include "schwarm/exchange/directory.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <list>

#include "directory/rows.hpp"
#include "directory/world.hpp"

namespace schwarm::exchange {
namespace {

using test::Author;
using test::FakeCryptography;
using test::kDay;
using test::kStart;
using test::MemoryRows;

Address address(const char* text) {
    return parse_address(text).value();
}

struct Host {  // a node that stores what it is told to
    MemoryRows rows;
    std::optional<Directory> directory;
    std::vector<std::string> alarms;
    std::vector<Error> refused;

    void store(DirectoryAnswer answer) {
        rows.store(answer.rows);
        std::move(answer.alarms.begin(), answer.alarms.end(), std::back_inserter(alarms));
        std::move(answer.refused.begin(), answer.refused.end(), std::back_inserter(refused));
    }
    void own(const std::string& jws) { store(directory->accept_own(jws, rows)); }
    // What `from` has and this one lacks.
    void learn(const Host& from) {
        for (int rounds = 0; rounds < 20; ++rounds) {
            const auto summary = read_summary(write_summary(directory->summary())).value();
            const auto batch = from.directory->missing(summary, from.rows).value();
            if (batch.empty()) return;
            const auto before = rows.rows.size();
            store(directory->accept(read_batch(write_batch(batch)).value(), rows));
            if (rows.rows.size() == before) return;
        }
    }
};

struct DirectoryOfANode : testing::Test {
    FakeCryptography cryptography;
    SeededRandom random{4};
    std::list<Author> authors;
    std::string founding;
    Host host;
    Instant now = kStart + kDay;

    void SetUp() override {
        EpochContent content;
        content.time = kStart;
        for (const char* name : {"lecos", "regio", "sued"}) {
            Author& a = authors.emplace_back(name, cryptography, random);
            content.members.push_back({a.member, a.key.public_key.kid, a.key.public_key, 0, {}});
        }
        founding = write_content(content);
        start(host);
        for (Author& a : authors) host.own(a.enter(a.node()));
    }
    void start(Host& h) {
        DirectoryAnswer answer;
        auto made = Directory::found(cryptography, founding, answer);
        ASSERT_TRUE(made.has_value()) << made.error().text();
        h.directory.emplace(std::move(made.value()));
        h.store(std::move(answer));
    }
    Author& author(const std::string& name) {
        for (Author& a : authors) {
            if (a.member.value() == name) return a;
        }
        return authors.front();
    }
    const Directory& directory() const { return *host.directory; }
    void enter(const std::string& member, EntryBody body) {
        host.own(author(member).enter(std::move(body)));
        ASSERT_TRUE(host.refused.empty()) << host.refused.front().text();
    }
    void enter_at(const std::string& member, Instant at, EntryBody body) {
        author(member).now = at;
        enter(member, std::move(body));
    }
    // Signed by the members whose authors are given.
    Epoch epoch(const Epoch& after, const EpochContent& content, std::size_t signers) {
        Epoch e{content, write_content(content), {}, 1, {}};
        e.hash = crypto::sha256(e.content_text);
        for (Author& a : authors) {
            if (e.signatures.size() == signers) break;
            Vote v;
            v.kind = VoteKind::signature;
            v.member = a.member;
            v.predecessor = after.hash;
            v.round = 1;
            v.content = e.hash;
            e.signatures.push_back(sign_vote(cryptography, a.first_key, v).value());
        }
        return verify_epoch(cryptography, after, write_epoch(e)).value();
    }
    Directory load(const PublicKey* own, Directory::LoadReport* report = nullptr) {
        auto loaded = Directory::load(cryptography, host.rows, own, report);
        EXPECT_TRUE(loaded.has_value()) << loaded.error().text();
        return std::move(loaded.value());
    }
    std::string load_error(const PublicKey* own) {
        const auto loaded = Directory::load(cryptography, host.rows, own);
        return loaded.has_error() ? loaded.error().where : "loaded";
    }
    AgreementEntry agreement(const Agreement& a) {
        const auto sign = [&](const Address& who) {
            return cryptography
                .sign(author(who.member.value()).signing.at(who.tenant.value()), kAgreementType,
                      agreement_text(a))
                .value();
        };
        return {a, sign(a.client), sign(a.provider)};
    }
};

TEST_F(DirectoryOfANode, FindsMembersAndTenants) {
    enter("lecos", author("lecos").tenant("kfz"));
    const auto info = directory().member(MemberId("lecos"));
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info.value().node.addresses.front(), "lecos.example:7443");
    EXPECT_EQ(info.value().operator_key, author("lecos").key.public_key);
    EXPECT_EQ(directory().tenant(address("kfz@lecos"), now).value().name, "Authority kfz");
    EXPECT_EQ(directory().tenant(address("kfz@regio"), now).error().code, ErrorCode::unresolved);
    EXPECT_EQ(directory().tenant(address("kfz@lecos"), kStart - kDay).error().code,
              ErrorCode::unresolved);
    EXPECT_EQ(directory().member(MemberId("nobody")).error().code, ErrorCode::unresolved);
}

TEST_F(DirectoryOfANode, ATlsKeyThatWasGivenUpIsKnownAsSuch) {
    const MemberId lecos("lecos");
    const auto first = directory().member(lecos).value().node.tls.front();
    const auto second = test::some_hash("another");
    const auto enter_keys = [&](std::vector<crypto::Hash> keys) {
        NodeEntry node = directory().member(lecos).value().node;
        node.operator_key.reset();
        node.tls = std::move(keys);
        enter("lecos", node);
    };
    enter_keys({first, second});
    EXPECT_FALSE(directory().gave_up(lecos, first));
    enter_keys({second});
    EXPECT_TRUE(directory().gave_up(lecos, first));
    EXPECT_FALSE(directory().gave_up(lecos, second));
    EXPECT_FALSE(directory().gave_up(MemberId("regio"), first));
    EXPECT_TRUE(load(nullptr).gave_up(lecos, first));
    enter_keys({first});
    EXPECT_FALSE(directory().gave_up(lecos, first));
}

TEST_F(DirectoryOfANode, AReplacedKeyIsGoodForWhatIsUnderWay) {
    Author& lecos = author("lecos");
    const Address kfz = address("kfz@lecos");
    enter_at("lecos", kStart + kDay, lecos.tenant("kfz"));
    const std::string old = lecos.signing.at("kfz").public_key.kid;
    enter_at("lecos", kStart + 10 * kDay, lecos.tenant("kfz"));
    const std::string fresh = lecos.signing.at("kfz").public_key.kid;
    const auto counts = [&](const std::string& kid, int day) {
        return directory().signing_key(kfz, kid, kStart + day * kDay).has_value();
    };
    EXPECT_FALSE(counts(old, 0));
    EXPECT_TRUE(counts(old, 5));
    EXPECT_TRUE(counts(old, 10));
    EXPECT_TRUE(counts(old, 53));
    EXPECT_FALSE(counts(old, 54));
    EXPECT_FALSE(counts(fresh, 5));
    EXPECT_TRUE(counts(fresh, 10));
    EXPECT_FALSE(counts(fresh, 10 + 400));
    // A key that was lost counts no more from the day it was lost on, in the past as well.
    enter_at("lecos", kStart + 20 * kDay,
             WithdrawalEntry{lecos.member, lecos.chain.length(), kStart + 15 * kDay, "lost"});
    EXPECT_TRUE(counts(fresh, 14));
    EXPECT_FALSE(counts(fresh, 15));
    EXPECT_TRUE(counts(old, 14));
    EXPECT_FALSE(counts(old, 15)) << "of a tenant that is not there";
    EXPECT_EQ(directory().tenant(kfz, kStart + 16 * kDay).error().code, ErrorCode::gone);
    TenantEntry suspended = lecos.tenant("kfz");
    enter_at("lecos", kStart + 21 * kDay, suspended);
    EXPECT_TRUE(directory().sealing_key(kfz, kStart + 22 * kDay).has_value());
    suspended.suspended = true;
    enter_at("lecos", kStart + 23 * kDay, suspended);
    EXPECT_TRUE(counts(suspended.signing.kid, 22));
    EXPECT_FALSE(counts(suspended.signing.kid, 23));
    EXPECT_EQ(directory().sealing_key(kfz, kStart + 24 * kDay).error().code, ErrorCode::conflict);
    suspended.suspended = false;
    suspended.moved = address("kfz@regio");
    enter_at("lecos", kStart + 25 * kDay, suspended);
    EXPECT_NE(directory().sealing_key(kfz, kStart + 25 * kDay).error().message.find("kfz@regio"),
              std::string::npos);
}

TEST_F(DirectoryOfANode, TheNarrowestJurisdictionIsResponsible) {
    enter("lecos", author("lecos").tenant("leipzig", {{"zulassung", {"14713"}}}));
    enter("regio", author("regio").tenant("sachsen", {{"zulassung", {"14"}}}));
    enter("sued", author("sued").tenant("kba", {{"zulassung", {"*"}}, {"register", {"*"}}}));
    const auto who = [&](const char* role, const char* key) {
        const auto r = directory().responsible(role, key, now);
        return r.has_value() ? r.value().text() : std::string(name_of(r.error().code));
    };
    EXPECT_EQ(who("zulassung", "14713000"), "leipzig@lecos");
    EXPECT_EQ(who("zulassung", "147130000000"), "leipzig@lecos");
    EXPECT_EQ(who("zulassung", "14729010"), "sachsen@regio");
    EXPECT_EQ(who("zulassung", "05334002"), "kba@sued");
    EXPECT_EQ(who("register", "05334002"), "kba@sued");
    EXPECT_EQ(who("other", "05334002"), "unresolved");
    EXPECT_EQ(who("zulassung", "14713"), "invalid_input");
    // An ARS and an AGS name the same municipality.
    enter("regio", author("regio").tenant("dorf", {{"zulassung", {"147290010010"}}}));
    EXPECT_EQ(who("zulassung", "147290010010"), "dorf@regio");
    enter("lecos", author("lecos").tenant("zwei", {{"zulassung", {"14729010"}}}));
    EXPECT_EQ(who("zulassung", "147290010010"), "conflict");
    TenantEntry suspended = author("lecos").tenant("zwei", {{"zulassung", {"14729010"}}});
    suspended.suspended = true;
    enter("lecos", suspended);
    EXPECT_EQ(who("zulassung", "147290010010"), "dorf@regio");
}

TEST_F(DirectoryOfANode, FindsServicesAndEvidence) {
    enter("lecos", author("lecos").tenant("kfz"));
    const ServiceEntry service{TenantId("kfz"), "ikfz", "2", "zulassung", {{"antrag", {}}}};
    enter("lecos", service);
    const Address kfz = address("kfz@lecos");
    EXPECT_TRUE(directory().service(kfz, "ikfz", "2", now).value() == service);
    EXPECT_EQ(directory().service(kfz, "ikfz", "3", now).error().code, ErrorCode::unresolved);
    EXPECT_FALSE(directory().service(kfz, "ikfz", "2", kStart - kDay).has_value());
    enter("lecos", EvidenceEntry{TenantId("kfz"), "halter", {"§ 35 StVG"}, true});
    ASSERT_EQ(directory().evidence("halter", now).size(), 1u);
    EXPECT_EQ(directory().evidence("halter", now)[0].provider, kfz);
    enter("lecos", WithdrawalEntry{MemberId("lecos"), 3, kStart, "over"});
    EXPECT_FALSE(directory().service(kfz, "ikfz", "2", now).has_value());
    enter("lecos", WithdrawalEntry{MemberId("lecos"), 4, kStart + 2 * kDay, "over"});
    EXPECT_EQ(directory().evidence("halter", now).size(), 1u);
    EXPECT_TRUE(directory().evidence("halter", now + 2 * kDay).empty());
}

TEST_F(DirectoryOfANode, ATenantPlaysSeveralRolesOfACollaboration) {
    enter("lecos", author("lecos").tenant("land"));
    const ServiceEntry paying{TenantId("land"), "ikfz", "2", "bezahldienst", {}};
    const ServiceEntry filing{TenantId("land"), "ikfz", "2", "fachverfahren", {}};
    const ServiceEntry again{TenantId("land"), "ikfz", "2", "bezahldienst", {{"zahlung", {}}}};
    for (const ServiceEntry& one : {paying, filing, again}) enter("lecos", one);
    const auto listed = directory().services(now);
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_TRUE(listed[0].second == again);
    EXPECT_TRUE(listed[1].second == filing);
    const auto plays = [&](const char* who, std::string_view role, std::string_view version) {
        return directory().plays(address(who), role, "ikfz", version, now);
    };
    EXPECT_TRUE(plays("land@lecos", "bezahldienst", "2"));
    EXPECT_TRUE(plays("land@lecos", "fachverfahren", "2"));
    EXPECT_FALSE(plays("land@lecos", "bezahldienst", "1"));
    EXPECT_FALSE(plays("land@lecos", "zulassungsbehoerde", "2"));
    EXPECT_FALSE(plays("kfz@lecos", "bezahldienst", "2"));
    EXPECT_TRUE(directory().service(address("land@lecos"), "ikfz", "2", now).value() == again);
    enter("lecos", WithdrawalEntry{MemberId("lecos"), 5, kStart, "over"});
    ASSERT_EQ(directory().services(now).size(), 2u);
    EXPECT_TRUE(directory().services(now)[0].second == paying);
    enter("lecos", WithdrawalEntry{MemberId("lecos"), 3, kStart, "over"});
    ASSERT_EQ(directory().services(now).size(), 1u);
    EXPECT_TRUE(directory().services(now)[0].second == filing);
}

TEST_F(DirectoryOfANode, AnAgreementNeedsBothTenants) {
    enter("lecos", author("lecos").tenant("kfz"));
    const Address client = address("kfz@lecos");
    const Address provider = address("amt@regio");
    const Agreement a{client,     provider,  "melderegister", "Zulassung",
                      "§ 34 BMG", "wohnung", kStart,          kStart + 90 * kDay};
    // The provider is not known yet when the agreement comes.
    TenantEntry amt = author("regio").tenant("amt");
    enter("lecos", agreement(a));
    EXPECT_TRUE(directory().agreements(client, provider, now).empty());
    enter("regio", amt);
    ASSERT_EQ(directory().agreements(client, provider, now).size(), 1u);
    EXPECT_EQ(directory().agreements(client, provider, now)[0], a);
    EXPECT_TRUE(directory().agreements(provider, client, now).empty());
    EXPECT_TRUE(directory().agreements(client, provider, kStart + 90 * kDay).empty());
    EXPECT_TRUE(directory().agreements(client, provider, kStart - kDay).empty());
    // Signed twice by the client's own key: nothing.
    AgreementEntry forged = agreement(a);
    forged.provider_signature = forged.client_signature;
    enter("lecos", forged);
    EXPECT_EQ(directory().agreements(client, provider, now).size(), 1u);
    const auto checked = directory().check_agreements();
    ASSERT_EQ(checked.size(), 2u);
    EXPECT_TRUE(checked[0].known && checked[0].good);
    EXPECT_TRUE(checked[1].known && !checked[1].good);
    EXPECT_EQ(checked[1].number, 4u);
    // The other side, and only it, ends it in its own chain.
    enter("sued", WithdrawalEntry{MemberId("lecos"), 3, kStart, "meddling"});
    EXPECT_EQ(directory().agreements(client, provider, now).size(), 1u);
    enter("regio", WithdrawalEntry{MemberId("lecos"), 3, kStart + 2 * kDay, "ended"});
    EXPECT_EQ(directory().agreements(client, provider, now).size(), 1u);
    EXPECT_TRUE(directory().agreements(client, provider, now + 2 * kDay).empty());
    // Entered again with the old signatures it stays ended; a new one does not.
    enter("lecos", agreement(a));
    EXPECT_TRUE(directory().agreements(client, provider, now + 2 * kDay).empty());
    EXPECT_EQ(directory().check_agreements().back().withdrawn, kStart + 2 * kDay);
    Agreement anew = a;
    anew.from = kStart + kDay;
    enter("lecos", agreement(anew));
    EXPECT_EQ(directory().agreements(client, provider, now + 2 * kDay).size(), 1u);
    EXPECT_FALSE(directory().check_agreements().back().withdrawn);
    // Signed before the client's key was replaced, entered afterwards.
    anew.from = kStart + 20 * kDay;
    const AgreementEntry late = agreement(anew);
    enter_at("lecos", kStart + 10 * kDay, author("lecos").tenant("kfz"));
    enter_at("lecos", kStart + 21 * kDay, late);
    EXPECT_EQ(directory().agreements(client, provider, kStart + 22 * kDay).size(), 2u);
}

TEST_F(DirectoryOfANode, WhatALostKeySignsCountsNoMore) {
    TenantEntry first = author("lecos").tenant("kfz");
    enter("lecos", first);
    enter("regio", author("regio").tenant("amt"));
    const Address kfz = address("kfz@lecos");
    const Address amt = address("amt@regio");
    Agreement kept{kfz,        amt,       "melderegister", "Zulassung",
                   "§ 34 BMG", "wohnung", kStart,          kStart + 90 * kDay};
    Agreement elsewhere = kept;
    elsewhere.evidence = "meldung";
    enter("lecos", agreement(kept));
    enter("regio", agreement(elsewhere));
    Agreement stolen = kept;
    stolen.evidence = "vermoegen";
    const AgreementEntry forged = agreement(stolen);
    // The same key again under other roles: of the two entries the newer one is meant.
    first.roles = {{"zulassungsbehoerde", {"14713"}}};
    enter_at("lecos", kStart + 2 * kDay, first);
    const std::string lost = first.signing.kid;
    const auto named = directory().key_entry(kfz, lost);
    ASSERT_TRUE(named && !named->withdrawn);
    EXPECT_EQ(named->number, 4U);
    EXPECT_FALSE(directory().key_entry(kfz, author("regio").signing.at("amt").public_key.kid));

    enter_at("lecos", kStart + 5 * kDay, author("lecos").tenant("kfz"));
    const Instant since = kStart + 5 * kDay;
    // Others cannot take a key from a tenant.
    enter_at("sued", since, WithdrawalEntry{MemberId("lecos"), named->number, since, "meddling"});
    EXPECT_FALSE(directory().key_entry(kfz, lost)->withdrawn);
    EXPECT_TRUE(directory().signing_key(kfz, lost, since + kDay).has_value());
    enter_at("lecos", since, WithdrawalEntry{MemberId("lecos"), named->number, since, "lost"});
    EXPECT_EQ(directory().key_entry(kfz, lost)->withdrawn, since);
    const auto keys = directory().signing_keys(kfz);
    ASSERT_EQ(keys.size(), 2U);
    EXPECT_EQ(keys[0].kid, lost);
    EXPECT_EQ(keys[0].since, kStart);
    EXPECT_EQ(keys[0].withdrawn, since);
    EXPECT_FALSE(keys[1].withdrawn);

    EXPECT_TRUE(directory().signing_key(kfz, lost, since - kDay).has_value()) << "signed before";
    EXPECT_EQ(directory().signing_key(kfz, lost, since).error().code, ErrorCode::unresolved);
    const std::string fresh = author("lecos").signing.at("kfz").public_key.kid;
    EXPECT_TRUE(directory().signing_key(kfz, fresh, since).has_value());
    EXPECT_TRUE(directory().tenant(kfz, since).has_value());

    // The other side is in it, and enters with a time of before what the thief has signed.
    enter_at("regio", kStart + kDay, forged);
    // Or an old file is laid down once more.
    enter_at("lecos", since, forged);
    const auto count = [&](Instant at) { return directory().agreements(kfz, amt, at).size(); };
    EXPECT_EQ(count(since - kDay), 3U) << "before the loss, as far as can be said";
    ASSERT_EQ(count(since + kDay), 1U);
    EXPECT_EQ(directory().agreements(kfz, amt, since + kDay)[0], kept);
    std::size_t good = 0;
    for (const CheckedAgreement& one : directory().check_agreements()) {
        good += one.good ? 1 : 0;
        EXPECT_NE(one.good, one.lost_key);
    }
    EXPECT_EQ(good, 1U);
    // Signed anew, with the same words.
    enter_at("regio", since, agreement(elsewhere));
    EXPECT_EQ(count(since + kDay), 2U);
    // An older backup enters it anew.
    TenantEntry back = first;
    back.name = "Authority of before";
    enter_at("lecos", since + kDay, back);
    EXPECT_EQ(directory().key_entry(kfz, lost)->number, author("lecos").chain.length());
    EXPECT_EQ(directory().key_entry(kfz, lost)->withdrawn, since);
    EXPECT_FALSE(directory().signing_key(kfz, lost, since + 2 * kDay).has_value());
    EXPECT_TRUE(directory().signing_key(kfz, fresh, since + 2 * kDay).has_value());
    const Directory again = load(nullptr);
    EXPECT_EQ(again.key_entry(kfz, lost)->withdrawn, since);
    EXPECT_EQ(again.agreements(kfz, amt, since + kDay).size(), 2U);
}

TEST_F(DirectoryOfANode, PeersLearnWhatTheyLack) {
    enter("lecos", author("lecos").tenant("kfz"));
    Host other;
    start(other);
    other.learn(host);
    EXPECT_TRUE(other.refused.empty());
    EXPECT_EQ(other.directory->summary(), directory().summary());
    EXPECT_TRUE(other.directory->tenant(address("kfz@lecos"), now).has_value());
    const auto verified = cryptography.verified.load();
    other.learn(host);
    EXPECT_EQ(cryptography.verified.load(), verified) << "nothing is verified twice";
    // Epochs too, several at once.
    Host late;
    start(late);
    for (int i = 0; i < 9; ++i) {
        now += kDay;
        const Epoch next = epoch(directory().tip(), directory().next_content(now), 3);
        host.store(host.directory->accept_epoch(next));
    }
    EXPECT_EQ(directory().tip().content.epoch, 9u);
    late.learn(host);
    EXPECT_EQ(late.directory->tip().hash, directory().tip().hash);
    // Not from another network.
    auto summary = directory().summary();
    summary.network = test::some_hash("other");
    EXPECT_FALSE(directory().missing(summary, host.rows).has_value());
}

TEST_F(DirectoryOfANode, ManyEntriesTravelInBatches) {
    for (int i = 0; i < 4200; ++i) enter("lecos", author("lecos").tenant("t" + std::to_string(i)));
    Host other;
    start(other);
    const auto batch = directory().missing(other.directory->summary(), host.rows).value();
    EXPECT_TRUE(batch.more);
    EXPECT_LT(write_batch(batch).size(), kBatchBytesMax);
    other.learn(host);
    EXPECT_EQ(other.directory->summary(), directory().summary());
}

TEST_F(DirectoryOfANode, StrangersAreNotHeard) {
    Author stranger("fremd", cryptography, random);
    stranger.enter(stranger.node());
    host.own(stranger.entries[0]);
    ASSERT_EQ(host.refused.size(), 1u);
    EXPECT_EQ(host.refused[0].code, ErrorCode::unresolved);
    // Who is about to join is read, but found only as a member.
    host.store(host.directory->consent_to_admit(stranger.member, stranger.key.public_key.kid));
    host.own(stranger.entries[0]);
    host.own(stranger.enter(stranger.tenant("amt")));
    EXPECT_EQ(directory().chain(stranger.member)->length(), 2u);
    EXPECT_FALSE(directory().tenant(address("amt@fremd"), now).has_value());
    const EpochContent content = directory().next_content(now);
    ASSERT_NE(content.find(stranger.member), nullptr);
    EXPECT_EQ(directory().judge(directory().tip(), content, now), Judgement::accept);
    host.store(host.directory->accept_epoch(epoch(directory().tip(), content, 3)));
    EXPECT_TRUE(directory().tenant(address("amt@fremd"), now).has_value());
    // And out again.
    EpochContent without = directory().next_content(now);
    std::erase_if(without.members, [&](const auto& m) { return m.member == stranger.member; });
    EXPECT_EQ(directory().judge(directory().tip(), without, now), Judgement::refuse);
    host.store(host.directory->consent_to_remove(stranger.member));
    EXPECT_EQ(directory().judge(directory().tip(), without, now), Judgement::accept);
    EXPECT_EQ(directory().next_content(now), without);
    // Nobody who agreed once proposes it again.
    host.store(host.directory->accept_epoch(epoch(directory().tip(), without, 3)));
    EXPECT_FALSE(directory().admitted(stranger.member));
    EXPECT_EQ(directory().next_content(now).members, without.members);
    Host again;
    again.rows = host.rows;
    again.directory.emplace(Directory::load(cryptography, again.rows, nullptr, nullptr).value());
    EXPECT_EQ(again.directory->next_content(now).members, without.members);
}

TEST_F(DirectoryOfANode, JudgesWhatIsProposed) {
    Host other;
    start(other);
    other.learn(host);
    enter("lecos", author("lecos").tenant("kfz"));
    EpochContent content = directory().next_content(now);
    EXPECT_EQ(directory().judge(directory().tip(), content, now), Judgement::accept);
    EXPECT_EQ(other.directory->judge(other.directory->tip(), content, now), Judgement::wait);
    content.time = now + kDay;
    EXPECT_EQ(directory().judge(directory().tip(), content, now), Judgement::wait);
    content.time = now;
    content.members[0].head = test::some_hash("made up");
    EXPECT_EQ(directory().judge(directory().tip(), content, now), Judgement::refuse);
    // The next epoch lists a rotated key.
    host.own(author("regio").rotate());
    content = directory().next_content(now);
    EXPECT_EQ(content.members[1].key, author("regio").key.public_key);
    EXPECT_EQ(directory().judge(directory().tip(), content, now), Judgement::accept);
    content = directory().next_content(now);
    content.members[0].key = author("regio").tenant("x").signing;
    EXPECT_EQ(directory().judge(directory().tip(), content, now), Judgement::refuse);
}

TEST_F(DirectoryOfANode, AForkEndsTheChainEverywhere) {
    Author& liar = author("sued");
    Host other;
    start(other);
    other.learn(host);
    TenantEntry one = liar.tenant("amt", {{"r", {"*"}}});
    DirectoryEntry second = liar.next(liar.tenant("amt"));
    const std::string other_story = liar.sign(second);
    enter("sued", one);
    enter("sued", liar.tenant("mehr"));
    other.own(other_story);
    ASSERT_TRUE(directory().tenant(address("amt@sued"), now).has_value());

    other.learn(host);
    EXPECT_EQ(other.alarms.size(), 1u);
    EXPECT_FALSE(other.directory->tenant(address("amt@sued"), now).has_value());
    host.learn(other);
    EXPECT_EQ(host.alarms.size(), 1u);
    EXPECT_EQ(directory().chain(liar.member)->length(), 1u);
    EXPECT_FALSE(directory().tenant(address("amt@sued"), now).has_value());
    EXPECT_EQ(directory().responsible("r", "14713000", now).error().code, ErrorCode::unresolved);
    EXPECT_EQ(directory().warnings(now)[0].kind, DirectoryWarning::Kind::fork);
    // After a restart, and for who comes later.
    EXPECT_EQ(load(nullptr).summary(), directory().summary());
    Host late;
    start(late);
    late.learn(host);
    EXPECT_EQ(late.directory->summary(), directory().summary());
}

TEST_F(DirectoryOfANode, AForkIsFoundBelowARotation) {
    Author& liar = author("sued");
    Host other;
    start(other);
    other.learn(host);
    const std::string other_story = liar.sign(liar.next(liar.tenant("amt")));
    host.own(liar.rotate());
    enter("sued", liar.tenant("amt"));
    enter("sued", liar.tenant("mehr"));
    other.own(other_story);
    other.learn(host);
    EXPECT_EQ(other.directory->chain(liar.member)->fork(), 2u);
}

TEST_F(DirectoryOfANode, TwoEpochsAreADispute) {
    const Epoch base = directory().tip();
    const Epoch one = epoch(base, directory().next_content(now), 3);
    const Epoch two = epoch(base, directory().next_content(now + kDay), 3);
    host.store(host.directory->accept_epoch(one));
    EXPECT_EQ(directory().tip().hash, one.hash);
    host.store(host.directory->accept_epoch(two));
    EXPECT_TRUE(directory().disputed());
    EXPECT_EQ(directory().tip().hash, base.hash);
    EXPECT_EQ(host.alarms.size(), 1u);
    EXPECT_EQ(directory().judge(base, directory().next_content(now), now), Judgement::refuse);
    EXPECT_EQ(directory().warnings(now)[0].kind, DirectoryWarning::Kind::disputed);
    // Whoever knows one learns of the other.
    Host other;
    start(other);
    other.store(other.directory->accept_epoch(one));
    other.learn(host);
    EXPECT_TRUE(other.directory->disputed());
    Host ahead;
    start(ahead);
    ahead.store(ahead.directory->accept_epoch(two));
    other.learn(ahead);
    ahead.learn(other);
    EXPECT_TRUE(ahead.directory->disputed());

    EXPECT_FALSE(host.directory->choose(base.hash).has_value());
    host.store(host.directory->choose(two.hash).value());
    EXPECT_FALSE(directory().disputed());
    EXPECT_EQ(directory().tip().hash, two.hash);
    EXPECT_EQ(load(nullptr).tip().hash, two.hash);
}

TEST_F(DirectoryOfANode, WarnsOfAnotherChainThanTheEpochLists) {
    Host other;
    start(other);
    other.learn(host);
    Author& liar = author("sued");
    const std::string other_story = liar.sign(liar.next(liar.tenant("amt")));
    enter("sued", liar.tenant("amt"));
    const Epoch next = epoch(directory().tip(), directory().next_content(now), 3);
    other.own(other_story);
    other.store(other.directory->accept_epoch(next));
    ASSERT_EQ(other.directory->warnings(now).size(), 1u);
    EXPECT_EQ(other.directory->warnings(now)[0].kind, DirectoryWarning::Kind::fork);
    EXPECT_TRUE(host.directory->warnings(now).empty());
}

TEST_F(DirectoryOfANode, AgesAndWarns) {
    EXPECT_EQ(directory().standing(kStart + 14 * kDay), Standing::current);
    EXPECT_EQ(directory().standing(kStart + 15 * kDay), Standing::aging);
    EXPECT_EQ(directory().standing(kStart + 30 * kDay), Standing::expired);
    EXPECT_TRUE(directory().warnings(now).empty());
    EXPECT_EQ(directory().warnings(kStart + 16 * kDay)[0].text,
              "The directory's epoch 0 is 16 days old.");
    TenantEntry tenant = author("lecos").tenant("kfz");
    tenant.sealing_until = now + 29 * kDay;
    enter("lecos", tenant);
    ASSERT_EQ(directory().warnings(now).size(), 1u);
    EXPECT_EQ(directory().warnings(now)[0].text,
              "The sealing key of kfz@lecos expires in 29 days.");
}

TEST_F(DirectoryOfANode, WarnsOfTheOwnCertificateBeforeItsEnd) {
    const MemberId self("lecos");
    const Instant end = now + 400 * kDay;
    const auto warned = [&](Instant at) { return directory().own_warnings(self, end, at); };
    constexpr std::chrono::milliseconds kOne{1};
    EXPECT_TRUE(warned(end - 30 * kDay - kOne).empty());
    for (const auto& [at, text] :
         {std::pair(end - 30 * kDay, "expires in 30 days"),
          std::pair(end - 30 * kDay + kOne, "expires in 29 days"),
          std::pair(end - kOne, "expires in 0 days"), std::pair(end, "has expired")}) {
        ASSERT_EQ(warned(at).size(), 1u);
        EXPECT_EQ(warned(at)[0].kind, DirectoryWarning::Kind::certificate_expires);
        EXPECT_EQ(warned(at)[0].text, "The TLS certificate of lecos " + std::string(text) +
                                          "; exchange it with 'schwarm directory rotate tls'.");
    }
    EXPECT_TRUE(directory().own_warnings(self, std::nullopt, end).empty());
}

TEST_F(DirectoryOfANode, WarnsOfOwnKeysFromAnAgeOn) {
    using Kind = DirectoryWarning::Kind;
    constexpr auto kAge = 730 * kDay;
    constexpr std::chrono::milliseconds kOne{1};
    Author& lecos = author("lecos");
    const auto texts = [&](const Directory& of, Instant at) {
        std::vector<std::string> out;
        for (const DirectoryWarning& one : of.own_warnings(lecos.member, std::nullopt, at)) {
            EXPECT_EQ(one.kind, Kind::key_ages);
            out.push_back(one.text);
        }
        return out;
    };
    const auto old = [](const std::string& key, int days, const std::string& what) {
        return "The " + key + " key of lecos is " + std::to_string(days) +
               " days old; exchange it with 'schwarm directory rotate " + what + "'.";
    };
    using Texts = std::vector<std::string>;
    const Instant first = kStart;
    EXPECT_EQ(texts(directory(), first + kAge - kOne), Texts{});
    EXPECT_EQ(texts(directory(), first + kAge),
              (Texts{old("operator", 730, "operator"), old("TLS", 730, "tls")}));
    // Only its own operator is told, and others' entries change nothing.
    EXPECT_TRUE(directory().own_warnings(MemberId("nobody"), std::nullopt, first + kAge).empty());

    // An entry that says the same of the keys makes them no younger.
    now = lecos.now = first + 10 * kDay;
    NodeEntry node = lecos.node();
    node.organisation = "Renamed";
    enter("lecos", node);
    EXPECT_EQ(texts(directory(), first + kAge).size(), 2u);

    now = lecos.now = first + 20 * kDay;
    host.own(lecos.rotate());
    EXPECT_EQ(texts(directory(), first + kAge), Texts{old("TLS", 730, "tls")});
    // Announced beside the old one the new key counts; alone, too.
    const crypto::Hash before = node.tls.front();
    const crypto::Hash next = test::some_hash("the next one");
    now = lecos.now = first + 30 * kDay;
    node.tls = {before, next};
    enter("lecos", node);
    EXPECT_EQ(texts(directory(), first + kAge), Texts{});
    now = lecos.now = first + 31 * kDay;
    node.tls = {next};
    enter("lecos", node);
    for (const Directory& of : {directory(), load(nullptr)}) {
        EXPECT_EQ(texts(of, first + 20 * kDay + kAge - kOne), Texts{});
        EXPECT_EQ(texts(of, first + 20 * kDay + kAge), Texts{old("operator", 730, "operator")});
        EXPECT_EQ(texts(of, first + 30 * kDay + kAge - kOne).size(), 1u);
        EXPECT_EQ(texts(of, first + 30 * kDay + kAge),
                  (Texts{old("operator", 740, "operator"), old("TLS", 730, "tls")}));
    }
    // One that comes back is as old as it was.
    node.tls = {before};
    enter("lecos", node);
    EXPECT_EQ(texts(directory(), first + kAge), Texts{old("TLS", 730, "tls")});
}

TEST_F(DirectoryOfANode, StartsFromItsOwnCheckpoint) {
    enter("lecos", author("lecos").tenant("kfz"));
    now += kDay;
    host.store(
        host.directory->accept_epoch(epoch(directory().tip(), directory().next_content(now), 3)));
    const KeyPair& own = author("lecos").key;
    host.rows.store({directory().checkpoint(own, now).value()});
    enter("regio", author("regio").tenant("amt"));  // after it

    Directory::LoadReport report;
    auto before = cryptography.verified.load();
    EXPECT_EQ(load(&own.public_key, &report).summary(), directory().summary());
    EXPECT_TRUE(report.checkpoint);
    EXPECT_EQ(report.entries, 5u);
    EXPECT_EQ(report.verified, 1u);
    EXPECT_EQ(cryptography.verified.load() - before, 2u) << "the checkpoint and the new entry";

    // From nothing each signature once: five entries, three signatures of the epoch.
    before = cryptography.verified.load();
    EXPECT_EQ(load(nullptr, &report).summary(), directory().summary());
    EXPECT_EQ(cryptography.verified.load() - before, 5u + 3u);
    // Another's checkpoint counts nothing.
    const PublicKey other = author("regio").key.public_key;
    report = {};
    load(&other, &report);
    EXPECT_FALSE(report.checkpoint);
    EXPECT_EQ(report.verified, report.entries);
}

// SCHWARM_ENTRIES=100000 for the size that the target names; the times are printed.
TEST_F(DirectoryOfANode, ManyEntriesAreVerifiedOnce) {
    const char* wanted = std::getenv("SCHWARM_ENTRIES");
    const std::size_t entries = wanted == nullptr ? 5'000 : std::strtoul(wanted, nullptr, 10);
    const std::size_t tenants = entries / 30 + 1;  // of each member: a tenth in all
    while (3 * author("lecos").chain.length() < entries) {
        for (Author& a : authors) {
            const std::string name = "t" + std::to_string(a.chain.length() % tenants);
            EntryBody body = ServiceEntry{TenantId(name),
                                          "c" + std::to_string(a.chain.length()),
                                          "1",
                                          "role",
                                          {{"m", test::some_hash("m")}}};
            if (a.chain.length() <= tenants) body = a.tenant(name, {{"role", {"14713000"}}});
            host.own(a.enter(std::move(body)));
        }
    }
    ASSERT_TRUE(host.refused.empty()) << host.refused.front().text();
    const KeyPair& own = author("lecos").key;
    host.rows.store({directory().checkpoint(own, now).value()});
    const SystemClock clock;
    Directory::LoadReport report;
    auto verified = cryptography.verified.load();
    auto start = clock.now();
    EXPECT_EQ(load(&own.public_key, &report).summary(), directory().summary());
    const auto quick = clock.now() - start;
    EXPECT_EQ(cryptography.verified.load() - verified, 1u) << "the checkpoint alone";
    verified = cryptography.verified.load();
    start = clock.now();
    EXPECT_EQ(load(nullptr).summary(), directory().summary());
    const auto all = clock.now() - start;
    EXPECT_EQ(cryptography.verified.load() - verified, report.entries);
    std::printf("%llu entries: start %lld ms, all signatures %lld ms (cheap ones)\n",
                static_cast<unsigned long long>(report.entries),
                static_cast<long long>(quick.count()), static_cast<long long>(all.count()));
}

TEST_F(DirectoryOfANode, FindsWhatWasChangedOnTheDisk) {
    Author& lecos = author("lecos");
    enter("lecos", lecos.tenant("kfz"));
    enter("lecos", lecos.tenant("amt"));
    const PublicKey own = lecos.key.public_key;
    host.rows.store({directory().checkpoint(lecos.key, now).value()});
    const auto rows = host.rows.rows;
    const std::string second = row_key::entry(lecos.member, 2);
    const std::string third = row_key::entry(lecos.member, 3);

    host.rows.rows.erase(third);
    EXPECT_EQ(load_error(&own), "row " + third);
    host.rows.rows = rows;
    host.rows.rows.erase(second);
    EXPECT_EQ(load_error(&own), "row " + third);
    host.rows.rows = rows;
    // The last entry by another one, even signed by the member itself: the checkpoint knows better.
    DirectoryEntry other = lecos.next(lecos.tenant("neu"));
    other.number = 3;
    other.previous = lecos.chain.hash_at(2);
    host.rows.rows[third] = lecos.sign(other);
    EXPECT_EQ(load_error(&own), "row " + third);
    host.rows.rows = rows;
    host.rows.rows[second][host.rows.rows[second].size() / 2] ^= 1;
    EXPECT_NE(load_error(&own), "loaded");
    host.rows.rows = rows;
    EXPECT_EQ(load_error(&own), "loaded");
    host.rows.rows.erase("founding");
    EXPECT_EQ(Directory::load(cryptography, host.rows, &own).error().code, ErrorCode::not_found);
}

TEST_F(DirectoryOfANode, LiesArePassedOn) {
    const Epoch& base = directory().tip();
    Vote vote;
    vote.kind = VoteKind::assent;
    vote.member = author("sued").member;
    vote.predecessor = base.hash;
    vote.round = 5;
    Lie lie{LieKind::two_votes, vote.member, base.hash, {}, {}};
    for (const char* content : {"x", "y"}) {
        vote.content = test::some_hash(content);
        lie.statements.push_back(sign_vote(cryptography, author("sued").key, vote).value());
    }
    Lie none = lie;
    none.statements[1] = none.statements[0];
    EXPECT_EQ(host.directory->accept_lie(none).refused.size(), 1u);
    host.store(host.directory->accept_lie(lie));
    EXPECT_EQ(host.alarms.size(), 1u);
    Host other;
    start(other);
    other.learn(host);
    EXPECT_EQ(other.directory->lies(), std::vector<Lie>{lie});
    EXPECT_EQ(other.alarms.size(), 1u);
    EXPECT_EQ(load(nullptr).lies().size(), 1u);
}

}  // namespace
}  // namespace schwarm::exchange
