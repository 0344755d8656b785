#include "schwarm/jose/jwk.hpp"

#include <gtest/gtest.h>

#include "schwarm/jose/algorithms.hpp"
#include "text.hpp"

namespace schwarm::jose {
namespace {

// RFC 7515 A.3; the thumbprint is that of `calculateJwkThumbprint` of the npm package jose.
const std::string kX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const std::string kY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const std::string kD = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const std::string kKid = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";
const std::string kText = R"({"alg":"ES256","crv":"P-256","kid":")" + kKid +
                          R"(","kty":"EC","use":"sig","x":")" + kX + R"(","y":")" + kY + R"("})";

TEST(Jwk, HasOneTextAndItsThumbprintAsKid) {
    const auto key = PublicJwk::parse(KeyUse::sign, kText);
    ASSERT_TRUE(key.has_value()) << key.error().text();
    EXPECT_EQ(key->kid(), kKid);
    EXPECT_EQ(key->text(), kText);
    const auto bare = PublicJwk::parse(
        KeyUse::sign, R"({"y":")" + kY + R"(", "x":")" + kX +
                          R"(", "ext":true, "use":"sig", "crv":"P-256", "kty":"EC"})");
    ASSERT_TRUE(bare.has_value()) << bare.error().text();
    EXPECT_EQ(bare->text(), kText);
    const auto own = PrivateJwk::from_scalar(KeyUse::sign, kD);
    ASSERT_TRUE(own.has_value());
    EXPECT_EQ(own->public_jwk().text(), kText);
    EXPECT_EQ(own->scalar(), kD);
}

TEST(Jwk, RefusalsNameTheMemberAndTheReason) {
    const auto place = [](KeyUse use, const std::string& text) {
        const auto key = PublicJwk::parse(use, text);
        return key ? std::string("accepted") : key.error().where;
    };
    const auto changed = [](std::string_view from, std::string_view to) {
        return replaced(kText, from, to);
    };
    EXPECT_EQ(place(KeyUse::sign, changed(R"("kty":"EC")", R"("kty":"oct")")), "JWK /kty");
    EXPECT_EQ(place(KeyUse::sign, changed("P-256", "P-384")), "JWK /crv");
    EXPECT_EQ(place(KeyUse::sign, changed("P-256", "secp256k1")), "JWK /crv");
    EXPECT_EQ(place(KeyUse::sign, changed(R"("x":"f)", R"("x":"=)")), "JWK /x");
    EXPECT_EQ(place(KeyUse::sign, changed(R"("x":"f)", R"("x":"g)")), "JWK");
    EXPECT_EQ(place(KeyUse::sign, changed(R"(,"use":"sig")", "")), "JWK /use");
    EXPECT_EQ(place(KeyUse::sign, changed(R"("kid":"o)", R"("kid":"p)")), "JWK /kid");
    EXPECT_EQ(place(KeyUse::sign, changed("ES256", "HS256")), "JWK /alg");
    EXPECT_EQ(place(KeyUse::sign, changed("ES256", "ECDH-ES+A256KW")), "JWK /alg");
    EXPECT_EQ(place(KeyUse::sign, changed(R"("alg":"ES256")", R"("alg":7)")), "JWK /alg");
    EXPECT_EQ(place(KeyUse::sign, changed(R"({"alg")", R"({"d":"x","alg")")), "JWK /d");
    EXPECT_EQ(place(KeyUse::sign, changed(R"({"alg")", R"({"k":"x","alg")")), "JWK /k");
    EXPECT_EQ(place(KeyUse::sign, "[]"), "JWK");
    EXPECT_EQ(place(KeyUse::sign, changed(R"({"alg")", R"({"x":"","alg")")).substr(0, 4), "JWK ");
    EXPECT_EQ(PublicJwk::parse(KeyUse::sign, std::string(kMaxJwkBytes + 1, ' ')).error().code,
              ErrorCode::limit_exceeded);
}

TEST(Jwk, AKeyOfOneUseIsNotReadForTheOther) {
    EXPECT_EQ(PublicJwk::parse(KeyUse::seal, kText).error().where, "JWK /use");
    const auto sealing = PrivateJwk::from_scalar(KeyUse::seal, kD).value();
    EXPECT_EQ(PublicJwk::parse(KeyUse::sign, sealing.public_jwk().text()).error().where,
              "JWK /use");
    EXPECT_NE(sealing.public_jwk().text().find(R"("alg":"ECDH-ES+A256KW")"), std::string::npos);
}

TEST(Jwk, ScalarsThatAreNone) {
    EXPECT_EQ(PrivateJwk::from_scalar(KeyUse::sign, "AAAA").error().where, "JWK /d");
    EXPECT_EQ(PrivateJwk::from_scalar(KeyUse::sign, "!").error().where, "JWK /d");
    EXPECT_EQ(PrivateJwk::from_scalar(KeyUse::sign, std::string(43, 'A')).error().where, "JWK /d");
    SeededRandom one(8);
    SeededRandom two(8);
    EXPECT_EQ(PrivateJwk::generate(KeyUse::sign, one)->kid(),
              PrivateJwk::generate(KeyUse::sign, two)->kid());
}

TEST(Algorithms, TheTableIsTheRecommendationOfTr02102) {
    ASSERT_EQ(algorithms().size(), 3U);
    EXPECT_NE(find_algorithm(AlgorithmKind::signature, "ES256"), nullptr);
    for (const char* const name :
         {"none", "NONE", "HS256", "es256", "ES256 ", "RS256", "PS256", "ES384", "EdDSA", ""}) {
        EXPECT_EQ(find_algorithm(AlgorithmKind::signature, name), nullptr) << name;
    }
    EXPECT_EQ(find_algorithm(AlgorithmKind::signature, "A256GCM"), nullptr);
    EXPECT_EQ(find_algorithm(AlgorithmKind::content, "A128CBC-HS256"), nullptr);
    for (const char* const name :
         {"dir", "ECDH-ES", "RSA1_5", "RSA-OAEP", "A256KW", "PBES2-HS256+A128KW"}) {
        EXPECT_EQ(find_algorithm(AlgorithmKind::key_agreement, name), nullptr) << name;
    }
}

TEST(Algorithms, NothingNewIsMadeAfterTheRecommendationEnds) {
    const auto at = [](const char* text) { return DateTime::parse(text)->to_instant(); };
    const auto made = [&](AlgorithmKind kind, const char* when) {
        return algorithm_to_make(kind, at(when)).has_value();
    };
    EXPECT_TRUE(made(AlgorithmKind::key_agreement, "2031-12-31T23:59:59Z"));
    EXPECT_FALSE(made(AlgorithmKind::key_agreement, "2032-01-01T00:00:00Z"));
    EXPECT_TRUE(made(AlgorithmKind::signature, "2035-12-31T23:59:59Z"));
    EXPECT_FALSE(made(AlgorithmKind::signature, "2036-01-01T00:00:00Z"));
    EXPECT_FALSE(made(AlgorithmKind::signature, "2019-12-31T23:59:59Z"));
    EXPECT_TRUE(made(AlgorithmKind::content, "2050-01-01T00:00:00Z"));
    EXPECT_EQ(algorithm_to_make(AlgorithmKind::signature, at("2036-01-01T00:00:00Z")).error().code,
              ErrorCode::unsupported);
}

}  // namespace
}  // namespace schwarm::jose
