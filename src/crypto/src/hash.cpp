#include "schwarm/crypto/hash.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <cstring>

#include "openssl.hpp"

namespace schwarm::crypto {
namespace {
using openssl::Owned;
using openssl::readable;

EVP_MD_CTX* thread_digest() {
    thread_local const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    return context.get();
}
}  // namespace

std::string_view bytes_of(const Hash& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

Hash hash_from_bytes(std::string_view bytes) {
    Hash out;
    CHECK(bytes.size() == out.size(), "a SHA-256 hash has 32 bytes");
    std::memcpy(out.data(), bytes.data(), out.size());
    return out;
}

Hash sha256(std::string_view data) {
    Hash out;
    EVP_MD_CTX* const context = thread_digest();
    const bool done = EVP_DigestInit_ex2(context, openssl::sha256_algorithm(), nullptr) == 1 &&
                      EVP_DigestUpdate(context, data.data(), data.size()) == 1 &&
                      EVP_DigestFinal_ex(context, out.data(), nullptr) == 1;
    CHECK(done, "SHA-256 failed");
    return out;
}

std::string sha512(std::string_view data) {
    std::string out(64, '\0');
    EVP_MD_CTX* const context = thread_digest();
    const bool done = EVP_DigestInit_ex2(context, openssl::sha512_algorithm(), nullptr) == 1 &&
                      EVP_DigestUpdate(context, data.data(), data.size()) == 1 &&
                      EVP_DigestFinal_ex(context, openssl::writable(out.data()), nullptr) == 1;
    CHECK(done, "SHA-512 failed");
    return out;
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    const bool done = EVP_DigestInit_ex2(static_cast<EVP_MD_CTX*>(context_),
                                         openssl::sha256_algorithm(), nullptr) == 1;
    CHECK(done, "SHA-256 failed");
}

Sha256::~Sha256() {
    EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_));
}

void Sha256::update(std::string_view data) {
    const bool done =
        EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), data.data(), data.size()) == 1;
    CHECK(done, "SHA-256 failed");
}

Hash Sha256::finish() {
    Hash out;
    const bool done =
        EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), out.data(), nullptr) == 1;
    CHECK(done, "SHA-256 failed");
    return out;
}

Hash hmac_sha256(std::string_view key, std::string_view data) {
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    CHECK(algorithm != nullptr, "OpenSSL offers no HMAC");
    // It keeps the digest; naming it each time would look it up each time.
    thread_local const Owned<EVP_MAC_CTX> context = [] {
        Owned<EVP_MAC_CTX> out(EVP_MAC_CTX_new(algorithm));
        char digest[] = "SHA256";
        const OSSL_PARAM parameters[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
            OSSL_PARAM_construct_end()};
        CHECK(EVP_MAC_CTX_set_params(out.get(), parameters) == 1, "OpenSSL offers no SHA-256");
        return out;
    }();
    // An empty key must still be given as a pointer, or the context keeps the last one.
    const char* const key_bytes = key.empty() ? "" : key.data();
    Hash out;
    std::size_t written = 0;
    const bool done = EVP_MAC_init(context.get(), readable(key_bytes), key.size(), nullptr) == 1 &&
                      EVP_MAC_update(context.get(), readable(data.data()), data.size()) == 1 &&
                      EVP_MAC_final(context.get(), out.data(), &written, out.size()) == 1;
    CHECK(done && written == out.size(), "HMAC failed");
    return out;
}

std::string hkdf_sha256(std::string_view input_key, std::string_view salt, std::string_view info,
                        std::size_t length) {
    CHECK(length > 0 && length <= 255 * 32, "HKDF gives 1 to 8160 bytes");
    static EVP_KDF* const algorithm = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
    CHECK(algorithm != nullptr, "OpenSSL offers no HKDF");
    const Owned<EVP_KDF_CTX> context(EVP_KDF_CTX_new(algorithm));
    char digest[] = "SHA256";
    // OpenSSL takes octets as void*, but does not write to them.
    const auto octets = [](const char* name, std::string_view value) {
        return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()),
                                                 value.size());
    };
    OSSL_PARAM parameters[5];
    std::size_t count = 0;
    parameters[count++] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
    parameters[count++] = octets(OSSL_KDF_PARAM_KEY, input_key);
    if (!salt.empty()) parameters[count++] = octets(OSSL_KDF_PARAM_SALT, salt);
    if (!info.empty()) parameters[count++] = octets(OSSL_KDF_PARAM_INFO, info);
    parameters[count] = OSSL_PARAM_construct_end();
    std::string out(length, '\0');
    const bool done =
        EVP_KDF_derive(context.get(), openssl::writable(out.data()), out.size(), parameters) == 1;
    CHECK(done, "HKDF failed");
    return out;
}

Hash chain_step(const Hash& previous, std::string_view header, const Hash& ciphertext_hash) {
    std::string text;
    text.reserve(previous.size() + header.size() + ciphertext_hash.size());
    text += bytes_of(previous);
    text += header;
    text += bytes_of(ciphertext_hash);
    return sha256(text);
}

bool equal_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace schwarm::crypto
