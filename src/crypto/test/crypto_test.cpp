#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/crypto/password.hpp"
#include "schwarm/crypto/seal.hpp"

namespace schwarm::crypto {
namespace {

std::string unhex(std::string_view text) {
    return hex_decode(text).value();
}
std::string hex(const Hash& hash) {
    return hex_encode(bytes_of(hash));
}

// Gives out the bytes of a text, so that a published nonce can be used.
class FixedRandom final : public Random {
  public:
    explicit FixedRandom(std::string bytes) : bytes_(std::move(bytes)) {}
    void fill(std::span<std::byte> out) override {
        ASSERT_LE(out.size(), bytes_.size());
        std::memcpy(out.data(), bytes_.data(), out.size());
        bytes_.erase(0, out.size());
    }

  private:
    std::string bytes_;
};

TEST(Hashing, Sha256OfFips180) {
    EXPECT_EQ(hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    Sha256 pieces;
    pieces.update("a");
    pieces.update("bc");
    EXPECT_EQ(pieces.finish(), sha256("abc"));
}

TEST(Hashing, Sha512OfFips180) {
    EXPECT_EQ(hex_encode(sha512("")),
              "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
              "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e");
    EXPECT_EQ(hex_encode(sha512("abc")),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    EXPECT_EQ(hex_encode(sha512(std::string(1'000'000, 'a'))),
              "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
              "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b");
}

TEST(Hashing, Sha512AroundTheEndOfABlock) {
    const std::pair<std::size_t, const char*> expected[] = {
        {111, "fa9121c7b32b9e01733d034cfc78cbf67f926c7ed83e8220"},
        {112, "c01d080efd492776a1c43bd23dd99d0a2e626d481e16782e"},
        {113, "55ddd8ac210a6e18ba1ee055af84c966e0dbff091c43580a"},
        {127, "828613968b501dc00a97e08c73b118aa8876c26b8aac93df"},
        {128, "b73d1929aa615934e61a871596b3f3b33359f42b8175602e"},
        {129, "4f681e0bd53cda4b5a2041cc8a06f2eabde44fb16c951fbd"},
        {240, "4c296d90c61052a62ffb1dd196f1b7b09373b1f93e71836b"},
    };
    for (const auto& [size, begin] : expected) {
        EXPECT_EQ(hex_encode(sha512(std::string(size, 'a'))).substr(0, 48), begin) << size;
    }
}

TEST(Hashing, HmacOfRfc4231) {
    EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'),
                              "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hashing, HmacWithAnEmptyKeyDoesNotReuseTheLastKey) {
    const Hash empty = hmac_sha256("", "");
    EXPECT_EQ(hex(empty), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    hmac_sha256("other", "");
    EXPECT_EQ(hmac_sha256("", ""), empty);
}

TEST(Hashing, HkdfOfRfc5869) {
    EXPECT_EQ(hex_encode(hkdf_sha256(std::string(22, '\x0b'), unhex("000102030405060708090a0b0c"),
                                     unhex("f0f1f2f3f4f5f6f7f8f9"), 42)),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
              "34007208d5b887185865");
    EXPECT_EQ(hex_encode(hkdf_sha256(std::string(22, '\x0b'), "", "", 42)),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
              "9d201395faa4b61a96c8");
}

TEST(Hashing, ChainDependsOnEachPart) {
    const Hash zero{};
    const Hash one = chain_step(zero, "header", sha256("body"));
    EXPECT_NE(one, chain_step(sha256(""), "header", sha256("body")));
    EXPECT_NE(one, chain_step(zero, "Header", sha256("body")));
    EXPECT_NE(one, chain_step(zero, "header", sha256("Body")));
    EXPECT_EQ(one,
              sha256(std::string(32, '\0') + "header" + std::string(bytes_of(sha256("body")))));
}

TEST(Hashing, ConstantTimeCompare) {
    EXPECT_TRUE(equal_constant_time("abc", "abc"));
    EXPECT_TRUE(equal_constant_time("", ""));
    EXPECT_FALSE(equal_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_constant_time("abc", "ab"));
}

// McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16.
TEST(Sealing, GcmTestCase16) {
    const Key key =
        Key::from_bytes(unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
            .value();
    FixedRandom nonce(unhex("cafebabefacedbaddecaf888"));
    const std::string plain = unhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    const std::string aad = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const std::string sealed = seal(key, aad, plain, nonce).value();
    EXPECT_EQ(hex_encode(sealed),
              "cafebabefacedbaddecaf888"
              "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
              "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
              "76fc6ece0f4e1768cddf8853bb2d551b");
    EXPECT_EQ(open(key, aad, sealed).value(), plain);
}

TEST(Sealing, NothingOpensThatWasChanged) {
    SeededRandom random(1);
    const Key key = Key::random(random);
    const std::string sealed = seal(key, "tenant/case/1", "Erika Mustermann", random).value();
    EXPECT_EQ(sealed.size(), std::strlen("Erika Mustermann") + kSealOverhead);
    EXPECT_EQ(sealed.find("Erika"), std::string::npos);
    EXPECT_EQ(open(key, "tenant/case/1", sealed).value(), "Erika Mustermann");
    EXPECT_EQ(open(key, "tenant/case/2", sealed).error().code, ErrorCode::crypto_failed);
    EXPECT_EQ(open(Key::random(random), "tenant/case/1", sealed).error().code,
              ErrorCode::crypto_failed);
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_TRUE(open(key, "tenant/case/1", changed).has_error()) << i;
        EXPECT_TRUE(open(key, "tenant/case/1", sealed.substr(0, i)).has_error()) << i;
    }
}

TEST(Sealing, EmptyTextsAndAssociatedData) {
    SeededRandom random(2);
    const Key key = Key::random(random);
    const std::string sealed = seal(key, "", "", random).value();
    EXPECT_EQ(sealed.size(), kSealOverhead);
    EXPECT_EQ(open(key, "", sealed).value(), "");
    EXPECT_NE(sealed, seal(key, "", "", random).value());
}

TEST(Sealing, WrappedKeys) {
    SeededRandom random(3);
    const Key outer = Key::random(random);
    const Key inner = Key::random(random);
    const std::string wrapped = wrap_key(outer, "case 7", inner, random).value();
    EXPECT_EQ(wrapped.size(), kWrappedKeySize);
    EXPECT_EQ(unwrap_key(outer, "case 7", wrapped).value().bytes(), inner.bytes());
    EXPECT_TRUE(unwrap_key(outer, "case 8", wrapped).has_error());
    EXPECT_TRUE(Key::from_bytes("short").has_error());
}

TEST(Sealing, ManyThreadsAtOnce) {
    SystemRandom random;
    const Key key = Key::random(random);
    std::array<bool, 4> good{};
    std::vector<std::thread> threads;
    for (bool& result : good) {
        threads.emplace_back([&] {
            result = true;
            for (int i = 0; i < 500; ++i) {
                const std::string text = std::to_string(i);
                const auto sealed = seal(key, text, text, random);
                result = result && open(key, text, sealed.value()).value() == text;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (const bool result : good) EXPECT_TRUE(result);
}

TEST(Encoding, Base64UrlOfRfc4648) {
    EXPECT_EQ(base64url_encode(""), "");
    EXPECT_EQ(base64url_encode("f"), "Zg");
    EXPECT_EQ(base64url_encode("fo"), "Zm8");
    EXPECT_EQ(base64url_encode("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
    for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
        EXPECT_EQ(base64url_decode(base64url_encode(text)).value(), text);
    }
    for (const std::string bad : {"A", "Zg==", "Zh", "Zm+v", "Z g", "Zm9vY"}) {
        EXPECT_EQ(base64url_decode(bad).error().code, ErrorCode::invalid_input) << bad;
    }
}

TEST(Encoding, HexAndTokens) {
    EXPECT_EQ(hex_encode(std::string("\x00\xff\x1a", 3)), "00ff1a");
    EXPECT_EQ(hex_decode("00FF1a").value(), std::string("\x00\xff\x1a", 3));
    EXPECT_TRUE(hex_decode("0").has_error());
    EXPECT_TRUE(hex_decode("0g").has_error());
    SystemRandom random;
    const std::string token = random_token(random);
    EXPECT_EQ(token.size(), 43U);
    EXPECT_NE(token, random_token(random));
}

TEST(Password, MatchesOnlyWhatItWasMadeFrom) {
    SeededRandom random(7);
    const auto encoded = hash_password("geheim", random);
    ASSERT_TRUE(encoded) << encoded.error().text();
    EXPECT_TRUE(encoded->starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    EXPECT_TRUE(password_matches(*encoded, "geheim"));
    EXPECT_FALSE(password_matches(*encoded, "geheim "));
    EXPECT_FALSE(password_matches(*encoded, ""));
    EXPECT_FALSE(password_matches("", "geheim"));
    EXPECT_FALSE(password_matches("$argon2id$v=19$m=1", "geheim"));
    const auto again = hash_password("geheim", random);
    EXPECT_NE(*again, *encoded) << "two salts";
}

// RFC 9106 has no encoded vector; this one is the reference implementation's own (test.c).
TEST(Password, KnowsTheEncodingOfTheReferenceImplementation) {
    EXPECT_TRUE(
        password_matches("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
                         "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                         "password"));
}

}  // namespace
}  // namespace schwarm::crypto
