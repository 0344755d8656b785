#include "schwarm/exchange/receipt.hpp"

#include <gtest/gtest.h>

#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

class Receipts : public testing::Test {
  protected:
    Result<ReceiptList> read(std::string_view jws) {
        return read_receipts(
            jws,
            [this](const Address& from, std::string_view kid) -> Result<PublicKey> {
                if (from != list.from || kid != key.public_key.kid) {
                    return fail(ErrorCode::not_found, "no such key");
                }
                return key.public_key;
            },
            cryptography);
    }
    // The text of a list with one member changed.
    std::string signed_with(std::string_view member, json::Value value) {
        json::Value text = json::parse(peek_jws(sign()).value().payload).value();
        text.set(member, std::move(value));
        return cryptography.sign(key, "schwarm-receipts", json::to_string(text)).value();
    }
    std::string sign() { return sign_receipts(list, key, cryptography).value(); }

    ManualClock clock{Instant(std::chrono::milliseconds(1'767'225'600'000))};
    SeededRandom random{1};
    JoseCryptography cryptography{clock};
    KeyPair key = cryptography.make_key(KeyUse::sign, random).value();
    ReceiptList list{parse_address("kba@bund").value(),
                     parse_address("kfz@lecos").value(),
                     clock.now(),
                     {{"eins", crypto::sha256("1"), ReceiptState::processed, ""},
                      {"zwei", crypto::sha256("2"), ReceiptState::refused, "kein Vertrag"}}};
};

TEST_F(Receipts, ComeBackAsTheyWereSigned) {
    const auto back = read(sign());
    ASSERT_TRUE(back.has_value()) << back.error().text();
    EXPECT_EQ(back.value().to, list.to);
    EXPECT_EQ(back.value().time, list.time);
    ASSERT_EQ(back.value().receipts.size(), 2U);
    EXPECT_EQ(back.value().receipts[0].envelope, crypto::sha256("1"));
    EXPECT_EQ(back.value().receipts[1].state, ReceiptState::refused);
    EXPECT_EQ(back.value().receipts[1].reason, "kein Vertrag");
}

TEST_F(Receipts, OnlyTheReceiverCanSignThem) {
    const KeyPair other = cryptography.make_key(KeyUse::sign, random).value();
    EXPECT_EQ(read(sign_receipts(list, other, cryptography).value()).error().code,
              ErrorCode::not_found);
    // Another's signature under the right name.
    std::string jws = sign();
    const std::string foreign = sign_receipts(list, other, cryptography).value();
    jws = jws.substr(0, jws.rfind('.')) + foreign.substr(foreign.rfind('.'));
    EXPECT_EQ(read(jws).error().code, ErrorCode::crypto_failed);
    // A signature made for something else.
    const auto payload = peek_jws(sign()).value().payload;
    EXPECT_FALSE(read(cryptography.sign(key, "schwarm-entry+jws", payload).value()).has_value());
}

TEST_F(Receipts, WhatIsWrongIsNamed) {
    EXPECT_EQ(read(signed_with("version", 2)).error().where, "receipts /version");
    EXPECT_EQ(read(signed_with("receipts", "x")).error().where, "receipts /receipts");
    json::Value one = json::Value::object({{"id", "a"}, {"sha256", "00"}, {"state", "processed"}});
    EXPECT_EQ(read(signed_with("receipts", json::Value::array({one}))).error().where,
              "receipts /receipts/0/sha256");
    one.set("sha256", std::string(64, '0'));
    one.set("state", "maybe");
    EXPECT_EQ(read(signed_with("receipts", json::Value::array({one}))).error().where,
              "receipts /receipts/0/state");
    EXPECT_FALSE(read("no JWS").has_value());
}

}  // namespace
}  // namespace schwarm::exchange
