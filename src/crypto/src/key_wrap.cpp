#include "schwarm/crypto/key_wrap.hpp"

#include <openssl/err.h>

#include <cstdint>

#include "openssl.hpp"
#include "schwarm/crypto/hash.hpp"

namespace schwarm::crypto {
namespace {
using openssl::Owned;
using openssl::readable;
using openssl::writable;

constexpr std::size_t kRound = 32;

std::string big_endian(std::size_t number) {
    std::string out(4, '\0');
    for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<char>(number >> (8 * (3 - i)));
    return out;
}

EVP_CIPHER_CTX* thread_wrap() {
    thread_local const Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
    EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    return context.get();
}
}  // namespace

std::string concat_kdf(const Key& secret, std::string_view algorithm, std::string_view party_u,
                       std::string_view party_v, std::size_t length) {
    CHECK(length > 0 && length <= 255 * kRound, "the Concat KDF gives 1 to 8160 bytes");
    std::string out;
    out.reserve(length + kRound);
    for (std::size_t round = 1; out.size() < length; ++round) {
        Sha256 hash;
        hash.update(big_endian(round));
        hash.update(secret.bytes());
        for (const std::string_view part : {algorithm, party_u, party_v}) {
            hash.update(big_endian(part.size()));
            hash.update(part);
        }
        hash.update(big_endian(length * 8));
        const Hash block = hash.finish();
        out.append(bytes_of(block));
    }
    out.resize(length);
    return out;
}

Result<std::string> aes_wrap_key(const Key& wrapping, const Key& key) {
    EVP_CIPHER_CTX* const context = thread_wrap();
    std::string out(kAesWrappedKeySize, '\0');
    int written = 0;
    if (EVP_EncryptInit_ex2(context, openssl::wrap_algorithm(), readable(wrapping.bytes().data()),
                            nullptr, nullptr) != 1 ||
        EVP_EncryptUpdate(context, writable(out.data()), &written, readable(key.bytes().data()),
                          static_cast<int>(kKeySize)) != 1 ||
        written != static_cast<int>(out.size())) {
        ERR_clear_error();
        return fail(ErrorCode::crypto_failed, "wrapping a key failed");
    }
    return out;
}

Result<Key> aes_unwrap_key(const Key& wrapping, std::string_view wrapped) {
    if (wrapped.size() != kAesWrappedKeySize) {
        return fail(ErrorCode::crypto_failed, "a wrapped key has 40 bytes");
    }
    EVP_CIPHER_CTX* const context = thread_wrap();
    // The library writes to the output before it has checked.
    std::string out(kAesWrappedKeySize, '\0');
    int written = 0;
    const bool done =
        EVP_DecryptInit_ex2(context, openssl::wrap_algorithm(), readable(wrapping.bytes().data()),
                            nullptr, nullptr) == 1 &&
        EVP_DecryptUpdate(context, writable(out.data()), &written, readable(wrapped.data()),
                          static_cast<int>(wrapped.size())) == 1 &&
        written == static_cast<int>(kKeySize);
    if (!done) {
        wipe(out);
        ERR_clear_error();
        return fail(ErrorCode::crypto_failed, "a wrapped key does not open");
    }
    auto key = Key::from_bytes(std::string_view(out).substr(0, kKeySize));
    wipe(out);
    return key;
}

}  // namespace schwarm::crypto
