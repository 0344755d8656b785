// Signing and sealing for tests: repeatable and cheap, and it refuses what the port must refuse. A
// "signature" is an HMAC under a key that follows from the kid, so whoever knows the kid could
// forge it; tests that play liars only use the port.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/exchange/cryptography.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange::test {

class FakeCryptography final : public Cryptography {
  public:
    Result<KeyPair> make_key(KeyUse use, Random& random) const override {
        const std::string kid = crypto::random_token(random, 32);  // as long as a real one
        return KeyPair{PublicKey{kid, jwk_text(use, kid)}, "secret of " + kid};
    }
    Result<PublicKey> read_key(KeyUse use, std::string_view jwk) const override {
        SCHWARM_TRY(value, json::parse(jwk));
        const std::string kid = value.string_or("kid", "");
        if (kid.empty() || jwk != jwk_text(use, kid)) {
            return fail(ErrorCode::invalid_input, "no key for this use");
        }
        return PublicKey{kid, std::string(jwk)};
    }
    Result<std::string> sign(const KeyPair& key, std::string_view type,
                             std::string_view payload) const override {
        if (key.secret != "secret of " + key.public_key.kid) {
            return fail(ErrorCode::crypto_failed, "not the secret of this key");
        }
        json::Writer header;
        header.begin_object().member("alg", kSign).member("typ", type);
        header.member("kid", key.public_key.kid).end_object();
        std::string text = crypto::base64url_encode(header.take());
        text += "." + crypto::base64url_encode(payload);
        return text + "." + mac(key.public_key.kid, text);
    }
    Result<std::string> verify(const PublicKey& key, std::string_view type,
                               std::string_view jws) const override {
        verified.fetch_add(1, std::memory_order_relaxed);
        const auto first = jws.find('.');
        const auto last = jws.rfind('.');
        if (first == std::string_view::npos || first == last) {
            return fail(ErrorCode::invalid_input, "not a compact JWS");
        }
        SCHWARM_TRY(header_text, crypto::base64url_decode(jws.substr(0, first)));
        SCHWARM_TRY(header, json::parse(header_text));
        if (header.string_or("alg", "") != kSign || header.string_or("typ", "") != type ||
            header.string_or("kid", "") != key.kid) {
            return fail(ErrorCode::invalid_input, "another algorithm, type or key");
        }
        if (mac(key.kid, jws.substr(0, last)) != jws.substr(last + 1)) {
            return fail(ErrorCode::crypto_failed, "not signed with this key");
        }
        return crypto::base64url_decode(jws.substr(first + 1, last - first - 1));
    }
    Result<std::string> seal(const PublicKey& key, const json::Value& header,
                             std::string_view plain, Random& random) const override {
        json::Value all = header;
        all.set("alg", kAgree).set("enc", "A256GCM").set("kid", key.kid);
        all.set("epk", json::Value::object({{"kty", "EC"},
                                            {"crv", "P-256"},
                                            {"x", crypto::random_token(random, 32)},
                                            {"y", crypto::random_token(random, 32)}}));
        std::string text = crypto::base64url_encode(json::to_string(all)) + "..";
        text += crypto::random_token(random, 12);
        const std::string iv = text;
        text += "." + crypto::base64url_encode(masked(key.kid + iv, plain));
        return text + "." + mac(key.kid, text);
    }
    Result<std::string> open(const KeyPair& key, std::string_view jwe) const override {
        const auto last = jwe.rfind('.');
        const auto third = last == 0 || last == std::string_view::npos ? std::string_view::npos
                                                                       : jwe.rfind('.', last - 1);
        if (third == std::string_view::npos) {
            return fail(ErrorCode::invalid_input, "not a compact JWE");
        }
        SCHWARM_TRY(header_text, crypto::base64url_decode(jwe.substr(0, jwe.find('.'))));
        SCHWARM_TRY(header, json::parse(header_text));
        if (header.string_or("alg", "") != kAgree ||
            header.string_or("kid", "") != key.public_key.kid) {
            return fail(ErrorCode::invalid_input, "another algorithm or key");
        }
        if (mac(key.public_key.kid, jwe.substr(0, last)) != jwe.substr(last + 1)) {
            return fail(ErrorCode::crypto_failed, "changed, or not sealed for this key");
        }
        SCHWARM_TRY(sealed, crypto::base64url_decode(jwe.substr(third + 1, last - third - 1)));
        return masked(key.public_key.kid + std::string(jwe.substr(0, third)), sealed);
    }

    // How often verify() was called.
    mutable std::atomic<std::uint64_t> verified{0};

  private:
    // Whoever looks for the key reads the headers as those of JOSE.
    static constexpr const char* kSign = "ES256";
    static constexpr const char* kAgree = "ECDH-ES+A256KW";

    static std::string jwk_text(KeyUse use, const std::string& kid) {
        return R"({"kty":"fake","use":")" + std::string(use == KeyUse::sign ? "sig" : "enc") +
               R"(","kid":")" + kid + R"("})";
    }
    static std::string mac(std::string_view kid, std::string_view text) {
        const auto hash = crypto::hmac_sha256(kid, text);
        return crypto::base64url_encode(crypto::bytes_of(hash).substr(0, 12));
    }
    static std::string masked(const std::string& seed, std::string_view text) {
        std::string out(text);
        std::string block;
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (i % 32 == 0) {
                block = crypto::bytes_of(crypto::hmac_sha256(seed, std::to_string(i)));
            }
            out[i] = static_cast<char>(out[i] ^ block[i % 32]);
        }
        return out;
    }
};

}  // namespace schwarm::exchange::test
