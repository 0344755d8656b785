// Orders of operators as files; cards.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "order_folder.hpp"
#include "private_file.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/exchange/directory_epoch.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/server/membership_card.hpp"
#include "schwarm/server/network_orders.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

class InAFolder : public testing::Test {
  protected:
    InAFolder() {
        std::string name = (fs::path(testing::TempDir()) / "schwarm-orders-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~InAFolder() override { fs::remove_all(folder_); }

    bool has(const std::string& name) const { return fs::exists(folder_ / name); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name) << text;
    }
    std::string outcome(const std::string& name) const {
        const auto read = read_private_json(folder_ / name);
        return read.has_value() ? read->string_or("outcome", "none") : read.error().text();
    }

    SystemClock clock_;
    SystemRandom random_;
    fs::path folder_;
};

using Orders = InAFolder;

TEST_F(Orders, EachIsCarriedOutOnceOrStaysWhereItIs) {
    const auto log = std::move(Log::open(LogLevel::error, (folder_ / "log").string()).value());
    std::vector<std::string> seen;
    bool away = true;
    OrderFolder orders(
        folder_,
        [&](const json::Value& order) -> Result<std::string> {
            const std::string kind = order.string_or("order", "");
            seen.push_back(kind);
            if (kind == "later" && away) return fail(ErrorCode::unavailable, "not yet");
            if (kind == "wrong") return fail(ErrorCode::conflict, "it cannot be");
            return "done: " + kind;
        },
        *log);
    write("1.json", R"({"order": "later"})");
    write("2.json", R"({"order": "good"})");
    write("3.json", R"({"order": "wrong"})");
    write("4.json", "no JSON");
    write("5.json.new", R"({"order": "half written"})");
    orders.look();
    EXPECT_EQ(seen, (std::vector<std::string>{"later", "good", "wrong"}));
    EXPECT_TRUE(has("1.json"));
    EXPECT_EQ(outcome("2.json.entered"), "done: good");
    EXPECT_EQ(outcome("3.json.refused"), "it cannot be");
    EXPECT_TRUE(has("4.json.refused"));
    EXPECT_FALSE(has("2.json") || has("3.json") || has("4.json"));
    away = false;
    orders.look();
    orders.look();
    EXPECT_EQ(seen.size(), 4U);
    EXPECT_EQ(outcome("1.json.entered"), "done: later");
}

TEST_F(Orders, ACommandWaitsForTheOutcomeAndForNobodyForEver) {
    const Place place{folder_ / "schwarm.db", folder_ / "node.key"};
    json::Value order = json::Value::object();
    order.set("order", "test");
    const auto given = give_order(place, order, std::chrono::milliseconds(10));
    ASSERT_TRUE(given.has_value()) << given.error().text();
    EXPECT_EQ(given->state, OrderOutcome::State::waits);
    EXPECT_TRUE(fs::exists(given->file));
    EXPECT_EQ(fs::status(order_folder(place)).permissions(), fs::perms::owner_all);
    EXPECT_EQ(order_operator_key(place).error().code, ErrorCode::not_found);
    EXPECT_EQ(order_choice(place, "xyz").error().code, ErrorCode::invalid_input);
    EXPECT_EQ(order_admission(place, "aachen", "short").error().code, ErrorCode::invalid_input);
}

struct Cards : testing::Test {
    MembershipCard card(const std::string& name) {
        MembershipCard out;
        out.member = exchange::MemberId(name);
        out.organisation = "Organisation \"" + name + "\"";
        out.address = name + ".example:9443";
        out.tls = std::string(64, 'a');
        pair = cryptography.make_key(exchange::KeyUse::sign, random).value();
        out.key = pair.public_key;
        out.origin = out.key.kid;
        return out;
    }
    // As make_card() does.
    std::string text(const MembershipCard& card) {
        const std::string shown =
            json::to_string(*json::parse(write_card(card, "")).value().find("card"));
        return write_card(card, cryptography.sign(pair, "schwarm-card+jws", shown).value());
    }

    SystemClock clock;
    SystemRandom random;
    exchange::JoseCryptography cryptography{clock};
    exchange::KeyPair pair;
};

TEST_F(Cards, SayWhatTheirKeyHasSigned) {
    const MembershipCard one = card("lecos");
    const std::string whole = text(one);
    const auto read = read_card(whole);
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(read->member, one.member);
    EXPECT_EQ(read->organisation, one.organisation);
    EXPECT_EQ(read->key, one.key);
    EXPECT_EQ(read->peer().address, "lecos.example:9443");
    for (const auto& [from, to] :
         {std::pair("lecos.example", "evil.example"),
          std::pair("\"member\": \"lecos\"", "\"member\": \"regio\""), std::pair("aaaa", "bbbb")}) {
        std::string changed = whole;
        changed.replace(changed.find(from), std::string(from).size(), to);
        EXPECT_EQ(read_card(changed).error().code, ErrorCode::crypto_failed) << from;
    }
    EXPECT_TRUE(read_card("{}").has_error());
    EXPECT_TRUE(read_card("[]").has_error());
    EXPECT_TRUE(read_card(whole.substr(0, whole.size() / 2)).has_error());
}

TEST_F(Cards, FoundANetworkWhateverTheirOrder) {
    const MembershipCard lecos = card("lecos");
    const MembershipCard aachen = card("aachen");
    const auto text = found_network({lecos, aachen});
    ASSERT_TRUE(text.has_value()) << text.error().text();
    const auto epoch = exchange::read_founding(*text);
    ASSERT_TRUE(epoch.has_value()) << epoch.error().text();
    EXPECT_EQ(epoch->content.members.size(), 2U);
    EXPECT_EQ(epoch->content.find(lecos.member)->key, lecos.key);
    EXPECT_EQ(found_network({lecos, lecos}).error().code, ErrorCode::conflict);
    EXPECT_TRUE(found_network({}).has_error());
    MembershipCard stolen = aachen;
    stolen.member = exchange::MemberId("sued");
    EXPECT_EQ(found_network({aachen, stolen}).error().code, ErrorCode::conflict);
    MembershipCard old = lecos;
    old.origin = aachen.origin;
    EXPECT_EQ(found_network({old}).error().code, ErrorCode::conflict);
    EXPECT_NE(write_peers({lecos}).find("lecos.example:9443"), std::string::npos);
}

}  // namespace
}  // namespace schwarm::server
