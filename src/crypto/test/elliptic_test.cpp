#include "schwarm/crypto/elliptic.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <span>
#include <thread>
#include <vector>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/key_wrap.hpp"

namespace schwarm::crypto {
namespace {

std::string unhex(std::string_view text) {
    return hex_decode(text).value();
}
std::string unbase64(std::string_view text) {
    return base64url_decode(text).value();
}

// Gives out the blocks of a text one after another and then zeros.
class BlocksRandom final : public Random {
  public:
    explicit BlocksRandom(std::string bytes) : bytes_(std::move(bytes)) {}
    void fill(std::span<std::byte> out) override {
        const std::size_t size = std::min(out.size(), bytes_.size());
        std::memset(out.data(), 0, out.size());
        std::memcpy(out.data(), bytes_.data(), size);
        bytes_.erase(0, size);
    }

  private:
    std::string bytes_;
};

// RFC 6979 A.2.5.
const char* const kScalar = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
const char* const kX = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
const char* const kY = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
const char* const kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

TEST(Elliptic, KeyAndSignaturesOfRfc6979) {
    const auto own = EcPrivateKey::from_scalar(unhex(kScalar));
    ASSERT_TRUE(own.has_value());
    EXPECT_EQ(hex_encode(own->public_key().x()), kX);
    EXPECT_EQ(hex_encode(own->public_key().y()), kY);
    EXPECT_EQ(hex_encode(own->scalar().bytes()), kScalar);
    const auto key = EcPublicKey::from_coordinates(unhex(kX), unhex(kY)).value();
    EXPECT_TRUE(key == own->public_key());
    EXPECT_TRUE(
        verify_es256(key, "sample",
                     unhex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                           "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"))
            .has_value());
    EXPECT_TRUE(
        verify_es256(key, "test",
                     unhex("f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
                           "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"))
            .has_value());
}

TEST(Elliptic, SignatureOfRfc7515AppendixA3) {
    const auto key =
        EcPublicKey::from_coordinates(unbase64("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                                      unbase64("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"))
            .value();
    const std::string text =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const std::string signature = unbase64(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    EXPECT_TRUE(verify_es256(key, text, signature).has_value());
    EXPECT_EQ(verify_es256(key, text + "=", signature).error().code, ErrorCode::crypto_failed);
    const auto own =
        EcPrivateKey::from_scalar(unbase64("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"));
    EXPECT_TRUE(own->public_key() == key);
}

TEST(Elliptic, OnlyTheUnchangedSignatureOfThisKeyAndTextIsAccepted) {
    SeededRandom random(4);
    const auto own = EcPrivateKey::generate(random).value();
    const auto other = EcPrivateKey::generate(random).value();
    const std::string signature = sign_es256(own, "text").value();
    ASSERT_EQ(signature.size(), kSignatureSize);
    EXPECT_NE(signature, sign_es256(own, "text").value());
    EXPECT_TRUE(verify_es256(own.public_key(), "text", signature).has_value());
    EXPECT_FALSE(verify_es256(own.public_key(), "Text", signature).has_value());
    EXPECT_FALSE(verify_es256(other.public_key(), "text", signature).has_value());
    for (std::size_t i = 0; i < signature.size(); ++i) {
        std::string changed = signature;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(verify_es256(own.public_key(), "text", changed).has_value()) << i;
        EXPECT_FALSE(verify_es256(own.public_key(), "text", signature.substr(0, i)).has_value());
    }
    // Zeros, and numbers from the order on ("psychic signatures").
    const std::string zeros(32, '\0');
    const std::string order = unhex(kOrder);
    for (const std::string& r : {zeros, order, signature.substr(0, 32)}) {
        for (const std::string& s : {zeros, order}) {
            EXPECT_FALSE(verify_es256(own.public_key(), "text", r + s).has_value());
        }
    }
    EXPECT_FALSE(verify_es256(own.public_key(), "text", zeros + signature.substr(32)).has_value());
    EXPECT_FALSE(verify_es256(own.public_key(), "text", signature + '\0').has_value());
}

TEST(Elliptic, PointsBesideTheCurveAreRefused) {
    std::string y = unhex(kY);
    y[31] = static_cast<char>(y[31] ^ 1);
    const std::string field =
        unhex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    const std::string zero(32, '\0');
    for (const auto& [left, right] :
         std::vector<std::pair<std::string, std::string>>{{unhex(kX), y},
                                                          {zero, zero},
                                                          {field, unhex(kY)},
                                                          {unhex(kX), field},
                                                          {"", ""},
                                                          {unhex(kX).substr(1), unhex(kY)},
                                                          {unhex(kX) + unhex(kY), ""}}) {
        const auto key = EcPublicKey::from_coordinates(left, right);
        ASSERT_FALSE(key.has_value());
        EXPECT_EQ(key.error().code, ErrorCode::invalid_input);
    }
}

TEST(Elliptic, ScalarsComeFromTheGivenRandomness) {
    const std::string order = unhex(kOrder);
    // Zero and the order are out of range and drawn again.
    BlocksRandom blocks(std::string(32, '\0') + order + std::string(32, '\xff') + unhex(kScalar));
    EXPECT_EQ(hex_encode(EcPrivateKey::generate(blocks)->scalar().bytes()), kScalar);
    BlocksRandom nothing("");
    EXPECT_EQ(EcPrivateKey::generate(nothing).error().code, ErrorCode::crypto_failed);
    for (const std::string& bad :
         {std::string(32, '\0'), order, std::string(32, '\xff'), std::string("short")}) {
        EXPECT_EQ(EcPrivateKey::from_scalar(bad).error().code, ErrorCode::invalid_input);
    }
    std::string last = order;
    last.back() = static_cast<char>(last.back() - 1);
    EXPECT_TRUE(EcPrivateKey::from_scalar(last).has_value());
}

// RFC 7518 appendix C.
TEST(Elliptic, AgreementAndDerivationOfRfc7518) {
    const auto alice =
        EcPrivateKey::from_scalar(unbase64("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo")).value();
    const auto bob =
        EcPrivateKey::from_scalar(unbase64("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw")).value();
    EXPECT_EQ(base64url_encode(alice.public_key().x()),
              "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0");
    EXPECT_EQ(base64url_encode(bob.public_key().y()),
              "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck");
    const Key secret = agree(alice, bob.public_key()).value();
    EXPECT_EQ(hex_encode(secret.bytes()),
              "9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4");
    EXPECT_EQ(agree(bob, alice.public_key())->bytes(), secret.bytes());
    EXPECT_EQ(base64url_encode(concat_kdf(secret, "A128GCM", "Alice", "Bob", 16)),
              "VqqN6vgjbSBcIijNcacQGg");
    EXPECT_NE(concat_kdf(secret, "A128GCM", "Alice", "Bob", 32).substr(0, 16),
              concat_kdf(secret, "A128GCM", "Alice", "Bob", 16));
    EXPECT_NE(concat_kdf(secret, "A128GCM", "AliceB", "ob", 16),
              concat_kdf(secret, "A128GCM", "Alice", "Bob", 16));
    EXPECT_EQ(concat_kdf(secret, "a", "", "", 70).size(), 70U);
}

// RFC 3394 4.6.
TEST(KeyWrap, Rfc3394) {
    const Key wrapping =
        Key::from_bytes(unhex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"))
            .value();
    const Key key =
        Key::from_bytes(unhex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f"))
            .value();
    const std::string wrapped = aes_wrap_key(wrapping, key).value();
    EXPECT_EQ(hex_encode(wrapped),
              "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
              "cbc7f0e71a99f43bfb988b9b7a02dd21");
    EXPECT_EQ(aes_unwrap_key(wrapping, wrapped)->bytes(), key.bytes());
    for (std::size_t i = 0; i < wrapped.size(); ++i) {
        std::string changed = wrapped;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_EQ(aes_unwrap_key(wrapping, changed).error().code, ErrorCode::crypto_failed) << i;
    }
    EXPECT_FALSE(aes_unwrap_key(key, wrapped).has_value());
    EXPECT_FALSE(aes_unwrap_key(wrapping, wrapped.substr(8)).has_value());
    EXPECT_FALSE(aes_unwrap_key(wrapping, "").has_value());
    EXPECT_EQ(aes_unwrap_key(wrapping, wrapped)->bytes(), key.bytes());
}

TEST(Segments, NumberAndMarkBelongToTheNonce) {
    SeededRandom random(5);
    const Key key = Key::random(random);
    const std::string first = seal_segment(key, 0, false, "eins").value();
    const std::string last = seal_segment(key, 1, true, "zwei").value();
    EXPECT_EQ(first.size(), 4 + kTagSize);
    EXPECT_EQ(open_segment(key, 0, false, first).value(), "eins");
    EXPECT_EQ(open_segment(key, 1, true, last).value(), "zwei");
    EXPECT_EQ(open_segment(key, 0, true, first).error().code, ErrorCode::crypto_failed);
    EXPECT_EQ(open_segment(key, 1, false, first).error().code, ErrorCode::crypto_failed);
    EXPECT_EQ(open_segment(key, 1, false, last).error().code, ErrorCode::crypto_failed);
    EXPECT_EQ(
        open_segment(key, 1ULL << 32, true, seal_segment(key, 0, true, "").value()).error().code,
        ErrorCode::crypto_failed);
    EXPECT_EQ(open_segment(key, 0, false, "short").error().code, ErrorCode::crypto_failed);
    // The nonce of segment 1 that is the last, as the general function takes it.
    EXPECT_EQ(open(key, "", std::string(10, '\0') + std::string(2, '\1') + last).value(), "zwei");
}

TEST(Elliptic, OneKeyOnManyThreads) {
    SystemRandom random;
    const auto own = EcPrivateKey::generate(random).value();
    const EcPublicKey key = own.public_key();
    std::array<bool, 4> good{};
    std::vector<std::thread> threads;
    for (bool& result : good) {
        threads.emplace_back([&] {
            result = true;
            for (int i = 0; i < 50; ++i) {
                const std::string text = std::to_string(i);
                result = result && verify_es256(key, text, sign_es256(own, text).value());
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (const bool result : good) EXPECT_TRUE(result);
}

}  // namespace
}  // namespace schwarm::crypto
