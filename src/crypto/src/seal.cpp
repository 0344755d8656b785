#include "schwarm/crypto/seal.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <climits>
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
    EVP_CIPHER_CTX* const context = thread_cipher();
    char* const body = out.data() + kNonceSize;
    char* const tag = body + plain.size();
    int written = 0;
    int last = 0;
    const bool done =
        EVP_EncryptInit_ex2(context, openssl::gcm_algorithm(), readable(key.bytes().data()),
                            readable(out.data()), nullptr) == 1 &&
        (associated.empty() ||
         EVP_EncryptUpdate(context, nullptr, &written, readable(associated.data()),
                           static_cast<int>(associated.size())) == 1) &&
        (plain.empty() ||
         EVP_EncryptUpdate(context, writable(body), &written, readable(plain.data()),
                           static_cast<int>(plain.size())) == 1) &&
        EVP_EncryptFinal_ex(context, writable(tag), &last) == 1 && last == 0 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagSize), tag) == 1;
    if (!done) return failed("sealing failed");
    return out;
}

Result<std::string> open(const Key& key, std::string_view associated, std::string_view sealed) {
    if (sealed.size() < kSealOverhead) {
        return fail(ErrorCode::crypto_failed, "a sealed text is cut short");
    }
    if (sealed.size() > kMaxText || associated.size() > kMaxText) {
        return fail(ErrorCode::limit_exceeded, "a sealed text is longer than 1 GiB");
    }
    const std::string_view nonce = sealed.substr(0, kNonceSize);
    const std::string_view body = sealed.substr(kNonceSize, sealed.size() - kSealOverhead);
    std::string tag(sealed.substr(sealed.size() - kTagSize));
    std::string out(body.size(), '\0');
    EVP_CIPHER_CTX* const context = thread_cipher();
    int written = 0;
    int last = 0;
    unsigned char nothing = 0;
    const bool done =
        EVP_DecryptInit_ex2(context, openssl::gcm_algorithm(), readable(key.bytes().data()),
                            readable(nonce.data()), nullptr) == 1 &&
        (associated.empty() ||
         EVP_DecryptUpdate(context, nullptr, &written, readable(associated.data()),
                           static_cast<int>(associated.size())) == 1) &&
        (body.empty() ||
         EVP_DecryptUpdate(context, writable(out.data()), &written, readable(body.data()),
                           static_cast<int>(body.size())) == 1) &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTagSize),
                            tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context, &nothing, &last) == 1;
    if (!done) {
        wipe(out);
        return failed("a sealed text does not open: wrong key, wrong place or damaged");
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
