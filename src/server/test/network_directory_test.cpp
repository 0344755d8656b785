// Directories of two nodes, without sockets: one joins the network of the other and leaves it.
#include "network_directory.hpp"

#include <gtest/gtest.h>

#include "directory_exchange.hpp"
#include "network_desk.hpp"
#include "operator_key.hpp"
#include "schwarm/exchange/directory_rows.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage/faulty.hpp"
#include "schwarm/storage/memory.hpp"

namespace schwarm::server {
namespace {

using exchange::MemberId;

class Nobody final : public post::Contracts {
  public:
    Result<post::MessageTerms> terms(std::string_view, std::string_view,
                                     std::string_view) const override {
        return fail(ErrorCode::not_found, "no contract");
    }
    Result<void> check(std::string_view, std::string_view, std::string_view,
                       const json::Value&) const override {
        return fail(ErrorCode::not_found, "no contract");
    }
    Result<post::Reception> reception(const TenantId&, std::string_view, std::string_view,
                                      std::string_view) const override {
        return fail(ErrorCode::not_found, "no contract");
    }
    Result<engine::Variables> start_variables(const TenantId&, const post::Reception&,
                                              const feel::Value&, Instant,
                                              std::string_view) const override {
        return fail(ErrorCode::not_found, "no contract");
    }
};

// A node's own tenant in memory, with its directory.
struct TestNode {
    explicit TestNode(const std::string& name)
        : directory(
              cryptography, clock, random, MemberId(name),
              [this](std::string_view line) { log.emplace_back(line); }, [] {}),
          key(cryptography.make_key(exchange::KeyUse::sign, random).value()) {
        runtime::Environment environment{.storage = *disk,
                                         .clock = clock,
                                         .random = random,
                                         .node_key = crypto::Key::random(random),
                                         .definitions = [](const TenantId&) { return nullptr; }};
        runtime = runtime::Runtime::open(std::move(environment)).value();
        EXPECT_TRUE(runtime->ensure_tenant(services::node_tenant()).has_value());
    }
    void open(const std::string& founding) {
        const auto opened = directory.open(*runtime, key, founding);
        ASSERT_TRUE(opened.has_value()) << opened.error().text();
    }
    void enter_itself(const std::string& address) {
        exchange::NodeEntry node;
        node.organisation = "Organisation";
        node.operator_key = key.public_key;
        node.tls = {crypto::sha256(address)};
        node.addresses = {address};
        const auto entered = directory.enter(node);
        ASSERT_TRUE(entered.has_value()) << entered.error().text();
    }
    // Asks until neither lacks anything.
    void ask(TestNode& other) {
        std::optional<std::string> question = directory.question();
        for (int rounds = 0; question && rounds < 10; ++rounds) {
            const auto answer = other.directory.answer(directory.self(), *question);
            ASSERT_TRUE(answer.has_value()) << answer.error().text();
            auto next = directory.take(other.directory.self(), *answer);
            ASSERT_TRUE(next.has_value()) << next.error().text();
            question = next->next;
        }
        EXPECT_FALSE(question);
    }

    SystemClock clock;
    SystemRandom random;
    exchange::JoseCryptography cryptography{clock};
    std::unique_ptr<storage::Storage> storage = storage::make_memory_storage();
    storage::FaultPlan plan;
    std::unique_ptr<storage::FaultyStorage> disk = storage::make_faulty_storage(*storage, plan);
    std::vector<std::string> log;
    std::unique_ptr<runtime::Runtime> runtime;
    NetworkDirectory directory;
    exchange::KeyPair key;
};

struct TwoNodes : testing::Test {
    TwoNodes() : lecos("lecos"), aachen("aachen") {
        exchange::EpochContent content;
        content.time = lecos.clock.now();
        content.members.push_back(
            {MemberId("lecos"), lecos.key.public_key.kid, lecos.key.public_key, 0, {}});
        founding = exchange::write_content(content);
    }
    void SetUp() override {
        lecos.open(founding);
        lecos.enter_itself("10.0.0.1:9443");
    }
    std::string kid() const { return aachen.key.public_key.kid; }

    TestNode lecos;
    TestNode aachen;
    std::string founding;
};

TEST_F(TwoNodes, OneJoinsWhenTheOthersAgreeAndGoesAgain) {
    aachen.open(founding);
    aachen.enter_itself("10.0.0.2:9443");
    const MemberId member("aachen");
    EXPECT_FALSE(lecos.directory.awaits(member));
    ASSERT_TRUE(lecos.directory.consent_to_admit(member, kid()).has_value());
    EXPECT_TRUE(lecos.directory.awaits(member));
    lecos.directory.tick(true);
    EXPECT_FALSE(lecos.directory.now()->admitted(member)) << "nothing is known of it yet";
    aachen.ask(lecos);
    lecos.directory.tick(true);
    ASSERT_TRUE(lecos.directory.now()->admitted(member));
    EXPECT_FALSE(lecos.directory.awaits(member));
    EXPECT_TRUE(lecos.directory.now()->consents().empty());
    aachen.ask(lecos);
    EXPECT_TRUE(aachen.directory.now()->admitted(member));
    EXPECT_EQ(aachen.directory.now()->tip().hash, lecos.directory.now()->tip().hash);
    EXPECT_EQ(lecos.directory.now()->member(member)->node.addresses.front(), "10.0.0.2:9443");

    // Both must agree that one of them goes.
    ASSERT_TRUE(lecos.directory.consent_to_remove(member).has_value());
    lecos.directory.tick(true);
    EXPECT_TRUE(lecos.directory.now()->admitted(member));
    EXPECT_EQ(lecos.directory.now()->consents().size(), 1U);
}

// Else a crash after that would let the node vote otherwise in the same round: the proof of a lie.
TEST_F(TwoNodes, AVoteThatCouldNotBeStoredIsNotSentLater) {
    TestNode first("first");
    TestNode second("second");
    exchange::EpochContent content;
    content.time = first.clock.now();
    for (TestNode* node : {&first, &second}) {
        content.members.push_back(
            {node->directory.self(), node->key.public_key.kid, node->key.public_key, 0, {}});
    }
    const std::string both = exchange::write_content(content);
    for (TestNode* node : {&first, &second}) node->open(both);
    first.enter_itself("10.0.0.3:9443");
    const auto asked = first.directory.tick(true);
    ASSERT_EQ(asked.size(), 1U);

    second.plan.fail_from_commit = second.plan.commits + 1;
    EXPECT_TRUE(second.directory.handle(MemberId("first"), asked[0].text).empty());
    second.plan.fail_from_commit = 0;
    const auto promised = second.directory.handle(MemberId("first"), asked[0].text);
    ASSERT_EQ(promised.size(), 1U);
    const auto view = second.runtime->read(services::node_tenant());
    const auto row = view->get(storage::Space::directory,
                               exchange::row_key::vote(second.directory.now()->tip().hash));
    ASSERT_TRUE(row.has_value() && row.value());
    EXPECT_NE(row.value()->find(json::parse(promised[0].text)->string_or("statement", "-")),
              std::string::npos);
}

TEST(DirectoryExchange, TheFirstProposesAndTheOthersInTurns) {
    constexpr std::size_t kMembers = 5;
    std::vector<int> turns(kMembers);
    for (int second = 0; second < 1000; ++second) {
        const Instant now{std::chrono::seconds(1'800'000'000 + second)};
        EXPECT_TRUE(DirectoryExchange::proposes(0, kMembers, now));
        int others = 0;
        for (std::size_t place = 1; place < kMembers; ++place) {
            const bool turn = DirectoryExchange::proposes(place, kMembers, now);
            others += turn ? 1 : 0;
            turns[place] += turn ? 1 : 0;
        }
        EXPECT_LE(others, 1);
    }
    for (std::size_t place = 1; place < kMembers; ++place) EXPECT_EQ(turns[place], 200);
}

// A member that always says it lacks something is not asked for ever.
TEST_F(TwoNodes, WhoIsNeverContentIsLeftForLater) {
    aachen.open(founding);
    const std::string old =
        aachen.directory.answer(MemberId("aachen"), aachen.directory.question()).value();
    std::size_t asked = 0;
    const std::vector<NetworkPeer> no_peers;
    DirectoryExchange exchange(lecos.directory, lecos.clock, lecos.random, no_peers,
                               [&](const MemberId&, const std::string&) { ++asked; });
    const std::size_t times = 1000;
    std::size_t answered = 0;
    for (; answered < times && asked == answered; ++answered) {
        ASSERT_TRUE(exchange.answered(MemberId("aachen"), old).has_value());
    }
    EXPECT_GT(asked, 10U);
    EXPECT_LT(asked, 100U);
}

TEST_F(TwoNodes, ConsentsThatCannotBe) {
    const auto code = [](const Result<void>& result) {
        return result.has_error() ? result.error().code : ErrorCode::internal;
    };
    const MemberId member("aachen");
    EXPECT_EQ(code(lecos.directory.consent_to_admit(member, "short")), ErrorCode::invalid_input);
    EXPECT_EQ(code(lecos.directory.consent_to_admit(MemberId("lecos"), kid())),
              ErrorCode::conflict);
    EXPECT_EQ(code(lecos.directory.consent_to_remove(member)), ErrorCode::not_found);
    ASSERT_TRUE(lecos.directory.consent_to_admit(member, kid()).has_value());
    ASSERT_TRUE(lecos.directory.consent_to_remove(member).has_value()) << "taken back";
    EXPECT_TRUE(lecos.directory.now()->consents().empty());
    aachen.open(founding);
    aachen.enter_itself("10.0.0.2:9443");
    ASSERT_TRUE(lecos.directory.consent_to_admit(member, kid()).has_value());
    aachen.ask(lecos);
    EXPECT_EQ(code(lecos.directory.consent_to_admit(member, lecos.key.public_key.kid)),
              ErrorCode::conflict);
    EXPECT_EQ(code(lecos.directory.choose(crypto::sha256("x"))), ErrorCode::not_found);
}

TEST_F(TwoNodes, ConsentsOutliveARestart) {
    ASSERT_TRUE(lecos.directory.consent_to_admit(MemberId("aachen"), kid()).has_value());
    NetworkDirectory again(
        lecos.cryptography, lecos.clock, lecos.random, MemberId("lecos"), [](std::string_view) {},
        [] {});
    ASSERT_TRUE(again.open(*lecos.runtime, lecos.key, founding).has_value());
    EXPECT_TRUE(again.awaits(MemberId("aachen")));
}

TEST_F(TwoNodes, AnOperatorKeyIsExchangedWhileEpochsAreMade) {
    aachen.open(founding);
    aachen.enter_itself("10.0.0.2:9443");
    ASSERT_TRUE(lecos.directory.consent_to_admit(MemberId("aachen"), kid()).has_value());
    aachen.ask(lecos);
    lecos.directory.tick(true);
    aachen.ask(lecos);
    ASSERT_TRUE(aachen.directory.now()->admitted(MemberId("aachen")));
    const auto stored = [this](bool voting) {
        const auto view = lecos.runtime->read(services::node_tenant());
        return (voting ? read_voting_key(*view) : read_operator_key(*view)).value();
    };
    // Messages of membership go to and fro until nobody has any more.
    const auto vote = [this] {
        auto out = lecos.directory.tick(true);
        for (int rounds = 0; rounds < 50 && !out.empty(); ++rounds) {
            std::vector<exchange::MembershipMessage> next;
            for (const auto& one : out) {
                const bool here = one.to == MemberId("lecos");
                TestNode& to = here ? lecos : aachen;
                for (auto& answer :
                     to.directory.handle(MemberId(here ? "aachen" : "lecos"), one.text)) {
                    next.push_back(std::move(answer));
                }
            }
            out = std::move(next);
        }
    };
    const std::string first = lecos.key.public_key.kid;
    EXPECT_FALSE(lecos.directory.exchange_operator_key("another").value());
    ASSERT_TRUE(lecos.directory.exchange_operator_key(first).value());
    EXPECT_FALSE(lecos.directory.exchange_operator_key(first).value()) << "once";
    const std::string second = lecos.directory.operator_kid();
    EXPECT_NE(second, first);
    EXPECT_EQ(stored(false)->public_key.kid, second);
    EXPECT_EQ(stored(true)->public_key.kid, first);
    EXPECT_EQ(lecos.directory.exchange_operator_key(second).error().code, ErrorCode::unavailable);
    EXPECT_FALSE(lecos.directory.known_to_all(lecos.directory.length()));
    aachen.ask(lecos);
    aachen.ask(lecos);
    EXPECT_TRUE(lecos.directory.known_to_all(lecos.directory.length()));

    // A crash now: it votes with the old key and enters with the new one.
    NetworkDirectory again(
        lecos.cryptography, lecos.clock, lecos.random, MemberId("lecos"), [](std::string_view) {},
        [] {});
    ASSERT_TRUE(again.open(*lecos.runtime, *stored(false), founding).has_value());
    ASSERT_TRUE(
        again.enter(exchange::NodeEntry{"Organisation", {}, 1, {crypto::sha256("x")}, {"h:1"}})
            .has_value());
    // The old key alone, as from a backup, can do nothing.
    NetworkDirectory backup(
        lecos.cryptography, lecos.clock, lecos.random, MemberId("lecos"), [](std::string_view) {},
        [] {});
    ASSERT_TRUE(backup.open(*lecos.runtime, lecos.key, founding).has_value());
    const auto refused = backup.enter(exchange::NodeEntry{"Other", {}, 1, {}, {}});
    EXPECT_EQ(refused.error().code, ErrorCode::conflict) << refused.error().text();

    const auto epoch = lecos.directory.now()->tip().content.epoch;
    vote();
    const auto& tip = lecos.directory.now()->tip();
    ASSERT_EQ(tip.content.epoch, epoch + 1);
    EXPECT_EQ(tip.content.find(MemberId("lecos"))->key.kid, second);
    EXPECT_FALSE(stored(true)) << "the old key is destroyed";
}

TEST_F(TwoNodes, TheDeskShowsThemInPlainValues) {
    const Nobody contracts;
    class Silent final : public post::Transport {
        void send(const MemberId&, std::string,
                  std::function<void(Result<std::string>)> done) override {
            done(fail(ErrorCode::unavailable, "no network"));
        }
        void fetch(const MemberId& from, std::string question,
                   std::function<void(Result<std::string>)> done) override {
            send(from, std::move(question), std::move(done));
        }
    } transport;
    const post::Post post({MemberId("lecos"),
                           lecos.clock,
                           lecos.random,
                           lecos.cryptography,
                           lecos.directory,
                           contracts,
                           transport,
                           {},
                           {}});
    NetworkDesk desk(lecos.directory, post, lecos.clock);
    ASSERT_TRUE(desk.admit("aachen", kid()).has_value());
    EXPECT_EQ(desk.admit("Aachen!", kid()).error().code, ErrorCode::invalid_input);
    EXPECT_EQ(desk.choose("xyz").error().code, ErrorCode::invalid_input);
    EXPECT_EQ(desk.choose(std::string(64, 'a')).error().code, ErrorCode::not_found);
    const app::NetworkView view = desk.view();
    ASSERT_EQ(view.members.size(), 1U);
    EXPECT_TRUE(view.members[0].self);
    EXPECT_EQ(view.members[0].addresses, std::vector<std::string>{"10.0.0.1:9443"});
    ASSERT_EQ(view.consents.size(), 1U);
    EXPECT_EQ(view.consents[0].key, kid());
    EXPECT_EQ(view.epoch_hash.size(), 64U);
    EXPECT_TRUE(view.warnings.empty());
    EXPECT_TRUE(desk.waiting(TenantId("leipzig"), 10).empty());
}

}  // namespace
}  // namespace schwarm::server
