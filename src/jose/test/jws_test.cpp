#include "schwarm/jose/jws.hpp"

#include <gtest/gtest.h>

#include "schwarm/base/calendar.hpp"
#include "schwarm/crypto/hash.hpp"
#include "text.hpp"

namespace schwarm::jose {
namespace {

const Instant kNow = DateTime::parse("2026-03-01T10:00:00Z")->to_instant();

class Jws : public testing::Test {
  protected:
    std::string place(const std::string& given) const {
        const auto read = verify_jws(key.public_jwk(), "test+jws", given);
        return read ? "accepted" : read.error().where;
    }
    ErrorCode code(const std::string& given) const {
        return verify_jws(key.public_jwk(), "test+jws", given).error().code;
    }
    std::string with(std::string_view from, std::string_view to) const {
        return with_header(text, replaced(header_of(text), from, to));
    }

    SeededRandom random{11};
    PrivateJwk key = PrivateJwk::generate(KeyUse::sign, random).value();
    std::string text = sign_jws(key, "test+jws", R"({"a":1})", kNow).value();
};

TEST_F(Jws, IsReadByWhoKnowsTheKey) {
    EXPECT_EQ(header_of(text), R"({"alg":"ES256","kid":")" + key.kid() + R"(","typ":"test+jws"})");
    EXPECT_EQ(verify_jws(key.public_jwk(), "test+jws", text).value(), R"({"a":1})");
    const auto read = read_jws(text).value();
    EXPECT_EQ(read.kid, key.kid());
    EXPECT_EQ(read.type, "test+jws");
    EXPECT_EQ(read.payload, R"({"a":1})");
    EXPECT_EQ(verify_jws(key.public_jwk(), "t", sign_jws(key, "t", "", kNow).value()).value(), "");
}

// The algorithm of a header is never an instruction.
TEST_F(Jws, AlgorithmConfusionIsRefused) {
    for (const char* const name : {"none", "None", "nOnE", "HS256", "RS256", "ES384", "ES256K",
                                   "EdDSA", "A256GCM", "ECDH-ES+A256KW", ""}) {
        EXPECT_EQ(place(with("ES256", name)), "JWS header /alg") << name;
    }
    // The classic: no signature at all.
    auto parts = parts_of(with("ES256", "none"));
    parts[2] = "";
    EXPECT_EQ(place(joined(parts)), "JWS header /alg");
    // The classic: the public key's text taken for the secret of an HMAC.
    parts = parts_of(with("ES256", "HS256"));
    parts[2] = crypto::base64url_encode(
        crypto::bytes_of(crypto::hmac_sha256(key.public_jwk().text(), parts[0] + "." + parts[1])));
    EXPECT_EQ(place(joined(parts)), "JWS header /alg");
    EXPECT_EQ(place(with(R"("ES256")", R"(["ES256"])")), "JWS header /alg");
    EXPECT_EQ(place(with(R"("alg":"ES256",)", "")), "JWS header /alg");
}

TEST_F(Jws, MembersThatBringKeysOrRulesAreRefused) {
    for (const char* const name : {"crit", "b64", "zip", "jku", "jwk", "x5u", "x5c", "x5t",
                                   "x5t#S256", "cty", "url", "nonce", "whatever"}) {
        const std::string more = std::string(R"({")") + name + R"(":["b64"],"alg")";
        EXPECT_EQ(place(with(R"({"alg")", more)), std::string("JWS header /") + name);
    }
    // RFC 7797: an unencoded payload.
    EXPECT_EQ(place(with(R"({"alg")", R"({"b64":false,"alg")")), "JWS header /b64");
}

TEST_F(Jws, DuplicateMembersAreRefused) {
    const std::string twice = with(R"({"alg")", R"({"alg":"ES256","alg")");
    EXPECT_EQ(code(twice), ErrorCode::not_well_formed);
    EXPECT_NE(verify_jws(key.public_jwk(), "test+jws", twice).error().message.find("twice"),
              std::string::npos);
}

TEST_F(Jws, AnotherTypeKeyOrUseIsRefused) {
    EXPECT_EQ(verify_jws(key.public_jwk(), "other+jws", text).error().where, "JWS header /typ");
    const auto other = PrivateJwk::generate(KeyUse::sign, random).value();
    EXPECT_EQ(verify_jws(other.public_jwk(), "test+jws", text).error().where, "JWS header /kid");
    // The kid exchanged: the signature does not hold.
    const std::string named = with_header(text, replaced(header_of(text), key.kid(), other.kid()));
    EXPECT_EQ(verify_jws(other.public_jwk(), "test+jws", named).error().code,
              ErrorCode::crypto_failed);
    const auto sealing = PrivateJwk::from_scalar(KeyUse::seal, key.scalar()).value();
    EXPECT_EQ(sealing.kid(), key.kid());
    EXPECT_EQ(verify_jws(sealing.public_jwk(), "test+jws", text).error().code,
              ErrorCode::invalid_input);
    EXPECT_EQ(sign_jws(sealing, "test+jws", "", kNow).error().code, ErrorCode::invalid_input);
}

TEST_F(Jws, NoCharacterMayBeChanged) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        EXPECT_NE(place(changed_at(text, i)), "accepted") << i;
        EXPECT_NE(place(text.substr(0, i)), "accepted") << i;
    }
    EXPECT_EQ(place(text + "="), "JWS signature");
    EXPECT_EQ(place(text + "A"), "JWS signature");
    EXPECT_EQ(place(text + ".A"), "JWS");
    EXPECT_EQ(place(" " + text), "JWS header");
    EXPECT_EQ(place(text + "\n"), "JWS signature");
}

TEST_F(Jws, TheVectorOfRfc7515NamesNoKey) {
    const auto read = read_jws(
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5d"
        "jxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    EXPECT_EQ(read.error().where, "JWS header /kid");
}

TEST_F(Jws, Limits) {
    EXPECT_EQ(code(std::string(kMaxCompactBytes + 1, 'A')), ErrorCode::limit_exceeded);
    EXPECT_EQ(code(with_header(text, std::string(kMaxHeaderBytes, ' '))),
              ErrorCode::limit_exceeded);
    // A header nested until a reader's stack would end.
    EXPECT_EQ(code(with_header(text, std::string(5000, '['))), ErrorCode::limit_exceeded);
    EXPECT_EQ(code(""), ErrorCode::invalid_input);
    EXPECT_EQ(code(std::string(1000, '.')), ErrorCode::invalid_input);
    EXPECT_EQ(sign_jws(key, "t", std::string(200'000, 'x'), kNow).error().code,
              ErrorCode::limit_exceeded);
    EXPECT_TRUE(sign_jws(key, "t", std::string(190'000, 'x'), kNow).has_value());
    EXPECT_FALSE(sign_jws(key, "", "", kNow).has_value());
    EXPECT_FALSE(sign_jws(key, "a b", "", kNow).has_value());
    EXPECT_FALSE(sign_jws(key, std::string(kMaxTypeBytes + 1, 't'), "", kNow).has_value());
}

TEST_F(Jws, WhatWasMadeIsReadAfterTheAlgorithmEnds) {
    const Instant late = DateTime::parse("2036-01-01T00:00:00Z")->to_instant();
    EXPECT_EQ(sign_jws(key, "t", "", late).error().code, ErrorCode::unsupported);
    EXPECT_EQ(place(text), "accepted");
}

}  // namespace
}  // namespace schwarm::jose
