#include "schwarm/crypto/seal.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <array>
#include <cstring>
#include <span>

#include "openssl.hpp"

namespace schwarm::crypto {
namespace {
using openssl::Owned;
using openssl::readable;
using openssl::writable;

// Longer texts would overflow the library's int lengths; rows are far smaller.
constexpr std::size_t kMaxText = std::size_t{1} << 30;

EVP_CIPHER_CTX* thread_cipher() {
    thread_local const Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
    return context.get();
}

Error failed(const char* what) {
    ERR_clear_error();
    return fail(ErrorCode::crypto_failed, what);
}

// Writes plain.size() + kTagSize bytes.
bool encrypt(const Key& key, const unsigned char* nonce, std::string_view associated,
             std::string_view plain, char* body) {
    EVP_CIPHER_CTX* const context = thread_cipher();
    char* const tag = body + plain.size();
    int written = 0;
    int last = 0;
    return EVP_EncryptInit_ex2(context, openssl::gcm_algorithm(), readable(key.bytes().data()),
                               nonce, nullptr) == 1 &&
           (associated.empty() ||
            EVP_EncryptUpdate(context, nullptr, &written, readable(associated.data()),
                              static_cast<int>(associated.size())) == 1) &&
           (plain.empty() ||
            EVP_EncryptUpdate(context, writable(body), &written, readable(plain.data()),
                              static_cast<int>(plain.size())) == 1) &&
           EVP_EncryptFinal_ex(context, writable(tag), &last) == 1 && last == 0 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagSize), tag) == 1;
}

// `sealed` is ciphertext || tag; `out` has the length of the plain text and is wiped on failure.
bool decrypt(const Key& key, const unsigned char* nonce, std::string_view associated,
             std::string_view sealed, std::string& out) {
    EVP_CIPHER_CTX* const context = thread_cipher();
    const std::string_view body = sealed.substr(0, sealed.size() - kTagSize);
    std::string tag(sealed.substr(body.size()));
    int written = 0;
    int last = 0;
    unsigned char nothing = 0;
    const bool done = EVP_DecryptInit_ex2(context, openssl::gcm_algorithm(),
                                          readable(key.bytes().data()), nonce, nullptr) == 1 &&
                      (associated.empty() ||
                       EVP_DecryptUpdate(context, nullptr, &written, readable(associated.data()),
                                         static_cast<int>(associated.size())) == 1) &&
                      (body.empty() || EVP_DecryptUpdate(context, writable(out.data()), &written,
                                                         readable(body.data()),
                                                         static_cast<int>(body.size())) == 1) &&
                      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTagSize),
                                          tag.data()) == 1 &&
                      EVP_DecryptFinal_ex(context, &nothing, &last) == 1;
    if (!done) wipe(out);
    return done;
}

std::array<unsigned char, kNonceSize> segment_nonce(std::uint64_t number, bool last) {
    std::array<unsigned char, kNonceSize> nonce{};
    for (std::size_t i = 0; i < sizeof number; ++i) {
        nonce[kNonceSize - 2 - i] = static_cast<unsigned char>(number >> (8 * i));
    }
    nonce.back() = last ? 1 : 0;
    return nonce;
}
}  // namespace

Key Key::random(Random& random) {
    Key key;
    random.fill(std::as_writable_bytes(std::span(key.bytes_)));
    return key;
}

Result<Key> Key::from_bytes(std::string_view bytes) {
    if (bytes.size() != kKeySize) return fail(ErrorCode::crypto_failed, "a key has 32 bytes");
    Key key;
    std::memcpy(key.bytes_.data(), bytes.data(), kKeySize);
    return key;
}

Key::~Key() {
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

std::string_view Key::bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
}

Result<std::string> seal(const Key& key, std::string_view associated, std::string_view plain,
                         Random& random) {
    if (plain.size() > kMaxText || associated.size() > kMaxText) {
        return fail(ErrorCode::limit_exceeded, "a text to be sealed is longer than 1 GiB");
    }
    std::string out(kNonceSize + plain.size() + kTagSize, '\0');
    random.fill(std::as_writable_bytes(std::span(out.data(), kNonceSize)));
    if (!encrypt(key, readable(out.data()), associated, plain, out.data() + kNonceSize)) {
        return failed("sealing failed");
    }
    return out;
}

Result<std::string> open(const Key& key, std::string_view associated, std::string_view sealed) {
    if (sealed.size() < kSealOverhead) {
        return fail(ErrorCode::crypto_failed, "a sealed text is cut short");
    }
    if (sealed.size() > kMaxText || associated.size() > kMaxText) {
        return fail(ErrorCode::limit_exceeded, "a sealed text is longer than 1 GiB");
    }
    std::string out(sealed.size() - kSealOverhead, '\0');
    if (!decrypt(key, readable(sealed.data()), associated, sealed.substr(kNonceSize), out)) {
        return failed("a sealed text does not open: wrong key, wrong place or damaged");
    }
    return out;
}

Result<std::string> seal_segment(const Key& key, std::uint64_t number, bool last,
                                 std::string_view plain) {
    if (plain.size() > kMaxText) {
        return fail(ErrorCode::limit_exceeded, "a segment is longer than 1 GiB");
    }
    std::string out(plain.size() + kTagSize, '\0');
    if (!encrypt(key, segment_nonce(number, last).data(), {}, plain, out.data())) {
        return failed("sealing failed");
    }
    return out;
}

Result<std::string> open_segment(const Key& key, std::uint64_t number, bool last,
                                 std::string_view sealed) {
    if (sealed.size() < kTagSize) {
        return fail(ErrorCode::crypto_failed, "a segment is cut short");
    }
    if (sealed.size() > kMaxText) {
        return fail(ErrorCode::limit_exceeded, "a segment is longer than 1 GiB");
    }
    std::string out(sealed.size() - kTagSize, '\0');
    if (!decrypt(key, segment_nonce(number, last).data(), {}, sealed, out)) {
        return failed("a segment does not open: wrong key, wrong place or damaged");
    }
    return out;
}

Result<std::string> wrap_key(const Key& wrapping, std::string_view associated, const Key& key,
                             Random& random) {
    return seal(wrapping, associated, key.bytes(), random);
}

Result<Key> unwrap_key(const Key& wrapping, std::string_view associated, std::string_view wrapped) {
    SCHWARM_TRY(bytes, open(wrapping, associated, wrapped));
    auto key = Key::from_bytes(bytes);
    wipe(bytes);
    return key;
}

void wipe(std::string& text) {
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

}  // namespace schwarm::crypto
