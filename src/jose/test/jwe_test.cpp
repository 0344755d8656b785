#include "schwarm/jose/jwe.hpp"

#include <gtest/gtest.h>

#include "schwarm/base/calendar.hpp"
#include "schwarm/jose/jws.hpp"
#include "schwarm/json/json.hpp"
#include "text.hpp"

namespace schwarm::jose {
namespace {

const Instant kNow = DateTime::parse("2026-03-01T10:00:00Z")->to_instant();
const std::string kPlain = "Erika Mustermann, geboren am 12.08.1964";

json::Value members(std::string_view text) {
    return json::parse(text).value();
}

class Jwe : public testing::Test {
  protected:
    std::string place(const std::string& given) const {
        const auto opened = open_jwe(key, given);
        return opened ? "accepted" : opened.error().where;
    }
    ErrorCode code(const std::string& given) const { return open_jwe(key, given).error().code; }
    std::string with(std::string_view from, std::string_view to) const {
        return with_header(text, replaced(header_of(text), from, to));
    }

    SeededRandom random{12};
    PrivateJwk key = PrivateJwk::generate(KeyUse::seal, random).value();
    std::string text =
        seal_jwe(key.public_jwk(), members(R"({"from":"a@b"})"), kPlain, random, kNow).value();
};

TEST_F(Jwe, IsOpenedByItsReceiverOnly) {
    EXPECT_EQ(open_jwe(key, text).value(), kPlain);
    const auto header = read_jwe_header(text).value();
    EXPECT_EQ(header.members().size(), 5U);
    EXPECT_EQ(header.string_or("alg", ""), "ECDH-ES+A256KW");
    EXPECT_EQ(header.string_or("enc", ""), "A256GCM");
    EXPECT_EQ(header.string_or("kid", ""), key.kid());
    EXPECT_EQ(header.string_or("from", ""), "a@b");
    EXPECT_EQ(crypto::base64url_decode(text.substr(0, text.find('.')))->find("Erika"),
              std::string::npos);
    const auto other = PrivateJwk::generate(KeyUse::seal, random).value();
    EXPECT_EQ(open_jwe(other, text).error().where, "JWE header /kid");
    const std::string named = with_header(text, replaced(header_of(text), key.kid(), other.kid()));
    EXPECT_EQ(open_jwe(other, named).error().code, ErrorCode::crypto_failed);
}

TEST_F(Jwe, NoTwoAreAlike) {
    const std::string again =
        seal_jwe(key.public_jwk(), members(R"({"from":"a@b"})"), kPlain, random, kNow).value();
    const auto one = parts_of(text);
    const auto two = parts_of(again);
    for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NE(one[i], two[i]) << i;
    EXPECT_EQ(open_jwe(key, again).value(), kPlain);
    EXPECT_EQ(
        open_jwe(key, seal_jwe(key.public_jwk(), members("{}"), "", random, kNow).value()).value(),
        "");
}

TEST_F(Jwe, AlgorithmConfusionIsRefused) {
    for (const char* const name :
         {"dir", "none", "ECDH-ES", "ECDH-ES+A128KW", "RSA1_5", "RSA-OAEP-256", "A256KW",
          "A256GCMKW", "PBES2-HS512+A256KW", "ES256", "A256GCM"}) {
        EXPECT_EQ(place(with("ECDH-ES+A256KW", name)), "JWE header /alg") << name;
    }
    for (const char* const name :
         {"none", "A128GCM", "A256CBC-HS512", "A128CBC-HS256", "ES256", "ECDH-ES+A256KW"}) {
        EXPECT_EQ(place(with("A256GCM", name)), "JWE header /enc") << name;
    }
}

TEST_F(Jwe, KeyConfusionIsRefused) {
    const auto signing = PrivateJwk::from_scalar(KeyUse::sign, key.scalar()).value();
    EXPECT_EQ(signing.kid(), key.kid());
    EXPECT_EQ(open_jwe(signing, text).error().code, ErrorCode::invalid_input);
    EXPECT_EQ(seal_jwe(signing.public_jwk(), members("{}"), "", random, kNow).error().code,
              ErrorCode::invalid_input);
    EXPECT_FALSE(verify_jws(key.public_jwk(), "t", sign_jws(signing, "t", "", kNow).value()));
    // A signed text is no sealed one and the reverse.
    EXPECT_EQ(place(sign_jws(signing, "t", "", kNow).value()), "JWE");
    EXPECT_EQ(read_jws(text).error().where, "JWS");
}

TEST_F(Jwe, MembersThatBringKeysOrRulesAreRefused) {
    for (const char* const name : {"crit", "zip", "b64", "jku", "jwk", "x5u", "x5c", "x5t",
                                   "x5t#S256", "apu", "apv", "iv", "tag", "p2s", "p2c"}) {
        const std::string more = std::string(R"({")") + name + R"(":"DEF","alg")";
        EXPECT_EQ(place(with(R"({"alg")", more)), std::string("JWE header /") + name);
        EXPECT_EQ(seal_jwe(key.public_jwk(), json::Value::object({{name, "x"}}), "", random, kNow)
                      .error()
                      .where,
                  std::string("JWE header /") + name);
    }
    for (const char* const own : {"alg", "enc", "kid", "epk"}) {
        EXPECT_FALSE(
            seal_jwe(key.public_jwk(), json::Value::object({{own, "x"}}), "", random, kNow));
    }
    EXPECT_EQ(code(with(R"({"alg")", R"({"enc":"A256GCM","alg")")), ErrorCode::not_well_formed);
}

// The receiver's scalar leaks if the reader multiplies it with points beside the curve.
TEST_F(Jwe, InvalidCurveAttackIsRefused) {
    const std::string header = header_of(text);
    const auto epk = json::parse(header)->find("epk")->string_or("y", "");
    EXPECT_EQ(place(with_header(text, replaced(header, epk, changed_at(epk, 0)))),
              "JWE header /epk");
    EXPECT_EQ(place(with("P-256", "P-521")), "JWE header /epk /crv");
    EXPECT_EQ(place(with(R"("epk":{)", R"("epk":{"d":"AA",)")), "JWE header /epk /d");
    EXPECT_EQ(place(with(R"("epk":{)", R"("epk":"x","x":{)")), "JWE header /epk");
    EXPECT_EQ(place(with(R"("epk":{)", R"("epc":{)")), "JWE header /epk");
}

TEST_F(Jwe, NoCharacterMayBeChanged) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        EXPECT_NE(place(changed_at(text, i)), "accepted") << i;
        EXPECT_NE(place(text.substr(0, i)), "accepted") << i;
    }
    EXPECT_EQ(place(text + "="), "JWE authentication tag");
    EXPECT_EQ(place(text + ".A"), "JWE");
    // What is authenticated of the header is its text, not its meaning.
    EXPECT_EQ(code(with_header(text, " " + header_of(text))), ErrorCode::crypto_failed);
}

TEST_F(Jwe, PartsOfOneDoNotFitAnother) {
    const auto one = parts_of(text);
    const auto two = parts_of(
        seal_jwe(key.public_jwk(), members(R"({"from":"c@d"})"), kPlain, random, kNow).value());
    for (std::size_t i = 0; i < one.size(); ++i) {
        auto mixed = one;
        mixed[i] = two[i];
        EXPECT_EQ(code(joined(mixed)), ErrorCode::crypto_failed) << i;
    }
    auto cut = one;
    cut[4] = cut[4].substr(0, 16);
    EXPECT_EQ(place(joined(cut)), "JWE authentication tag");
    cut = one;
    cut[2] = crypto::base64url_encode(std::string(16, 'n'));
    EXPECT_EQ(place(joined(cut)), "JWE initialization vector");
    cut = one;
    cut[1] = "";
    EXPECT_EQ(place(joined(cut)), "JWE encrypted key");
}

TEST_F(Jwe, Limits) {
    EXPECT_EQ(code(std::string(kMaxCompactBytes + 1, 'A')), ErrorCode::limit_exceeded);
    EXPECT_EQ(code(with_header(text, std::string(kMaxHeaderBytes, ' '))),
              ErrorCode::limit_exceeded);
    EXPECT_EQ(code(with_header(text, std::string(3000, '['))), ErrorCode::limit_exceeded);
    EXPECT_EQ(code(with(R"({"alg")", R"({"a":[[[[1]]]],"alg")")), ErrorCode::limit_exceeded);
    const auto sealed = [&](const json::Value& header, std::size_t size) {
        return seal_jwe(key.public_jwk(), header, std::string(size, 'x'), random, kNow);
    };
    EXPECT_TRUE(sealed(members("{}"), 190'000).has_value());
    EXPECT_EQ(sealed(members("{}"), 200'000).error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(sealed(members("{}"), 300'000).error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(sealed(members(R"({"a":[1]})"), 1).error().code, ErrorCode::invalid_input);
    EXPECT_EQ(sealed(json::Value::object({{"a", "\xff"}}), 1).error().code,
              ErrorCode::invalid_input);
    EXPECT_EQ(sealed(json::Value::object({{"a", std::string(7000, 'x')}}), 1).error().code,
              ErrorCode::limit_exceeded);
    EXPECT_EQ(sealed(members("[]"), 1).error().code, ErrorCode::invalid_input);
}

TEST_F(Jwe, WhatWasSealedIsReadAfterTheAlgorithmEnds) {
    const Instant late = DateTime::parse("2032-01-01T00:00:00Z")->to_instant();
    EXPECT_EQ(seal_jwe(key.public_jwk(), members("{}"), "", random, late).error().code,
              ErrorCode::unsupported);
    EXPECT_EQ(place(text), "accepted");
}

}  // namespace
}  // namespace schwarm::jose
