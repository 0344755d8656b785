#include "schwarm/exchange/jose_cryptography.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

#include "schwarm/base/calendar.hpp"

namespace schwarm::exchange {
namespace {

class JosePort : public testing::Test {
  protected:
    ManualClock clock{DateTime::parse("2026-03-01T10:00:00Z")->to_instant()};
    SeededRandom random{21};
    JoseCryptography cryptography{clock, 8};
    KeyPair signing = cryptography.make_key(KeyUse::sign, random).value();
    KeyPair sealing = cryptography.make_key(KeyUse::seal, random).value();
};

TEST_F(JosePort, SignsAndSeals) {
    const std::string jws = cryptography.sign(signing, "t", "text").value();
    EXPECT_EQ(cryptography.verify(signing.public_key, "t", jws).value(), "text");
    const auto peeked = peek_jws(jws).value();
    EXPECT_EQ(peeked.kid, signing.public_key.kid);
    EXPECT_EQ(peeked.type, "t");
    EXPECT_EQ(peeked.payload, "text");
    const std::string jwe =
        cryptography.seal(sealing.public_key, json::Value::object({{"to", "a@b"}}), "text", random)
            .value();
    EXPECT_EQ(cryptography.open(sealing, jwe).value(), "text");
    EXPECT_EQ(peek_jwe(jwe)->string_or("to", ""), "a@b");
    EXPECT_EQ(cryptography.read_key(KeyUse::sign, signing.public_key.jwk).value(),
              signing.public_key);
}

TEST_F(JosePort, KeyConfusionIsRefused) {
    EXPECT_FALSE(cryptography.sign(sealing, "t", "text").has_value());
    EXPECT_FALSE(cryptography.seal(signing.public_key, json::Value::object(), "", random));
    EXPECT_FALSE(cryptography.read_key(KeyUse::seal, signing.public_key.jwk));
    // Also when the key is known for its own use already.
    const std::string jws = cryptography.sign(signing, "t", "text").value();
    ASSERT_TRUE(cryptography.verify(signing.public_key, "t", jws).has_value());
    EXPECT_FALSE(cryptography.seal(signing.public_key, json::Value::object(), "", random));
    EXPECT_FALSE(cryptography.open(signing, "a.b.c.d.e").has_value());
    ASSERT_TRUE(cryptography.verify(signing.public_key, "t", jws).has_value());
}

TEST_F(JosePort, APairIsOneKeyAndItsName) {
    const KeyPair other = cryptography.make_key(KeyUse::sign, random).value();
    ASSERT_TRUE(cryptography.sign(signing, "t", "").has_value());
    EXPECT_FALSE(cryptography.sign({signing.public_key, other.secret}, "t", "").has_value());
    EXPECT_FALSE(cryptography.sign({other.public_key, signing.secret}, "t", "").has_value());
    EXPECT_FALSE(cryptography.sign({signing.public_key, "short"}, "t", "").has_value());
    KeyPair named = signing;
    named.public_key.kid = other.public_key.kid;
    EXPECT_FALSE(cryptography.sign(named, "t", "").has_value());
    const std::string jws = cryptography.sign(signing, "t", "").value();
    ASSERT_TRUE(cryptography.verify(signing.public_key, "t", jws).has_value());
    EXPECT_EQ(cryptography.verify(named.public_key, "t", jws).error().where, "key /kid");
}

TEST_F(JosePort, OnlySoManyKeysAreKept) {
    std::vector<KeyPair> keys;
    for (int i = 0; i < 40; ++i) {
        keys.push_back(cryptography.make_key(KeyUse::seal, random).value());
    }
    for (int round = 0; round < 2; ++round) {
        for (const KeyPair& key : keys) {
            const auto jwe =
                cryptography.seal(key.public_key, json::Value::object(), "text", random);
            ASSERT_TRUE(jwe.has_value());
            EXPECT_EQ(cryptography.open(key, *jwe).value(), "text");
            EXPECT_LE(cryptography.kept(), 16U);
        }
    }
    EXPECT_GE(cryptography.kept(), 8U);
}

TEST_F(JosePort, ManyThreadsAndFewKeys) {
    SystemRandom real;
    std::vector<KeyPair> keys;
    for (int i = 0; i < 20; ++i) keys.push_back(cryptography.make_key(KeyUse::sign, real).value());
    std::array<bool, 4> good{};
    std::vector<std::thread> threads;
    for (bool& result : good) {
        threads.emplace_back([&] {
            result = true;
            for (std::size_t i = 0; i < 60; ++i) {
                const KeyPair& key = keys[i % keys.size()];
                const auto jws = cryptography.sign(key, "t", std::to_string(i));
                result =
                    result && jws.has_value() &&
                    cryptography.verify(key.public_key, "t", *jws).value() == std::to_string(i);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (const bool result : good) EXPECT_TRUE(result);
}

TEST_F(JosePort, NothingNewIsMadeWithWhatIsNoLongerRecommended) {
    const std::string jws = cryptography.sign(signing, "t", "text").value();
    clock.set(DateTime::parse("2036-01-01T00:00:00Z")->to_instant());
    EXPECT_EQ(cryptography.sign(signing, "t", "").error().code, ErrorCode::unsupported);
    EXPECT_EQ(cryptography.make_key(KeyUse::seal, random).error().code, ErrorCode::unsupported);
    EXPECT_EQ(cryptography.verify(signing.public_key, "t", jws).value(), "text");
}

}  // namespace
}  // namespace schwarm::exchange
