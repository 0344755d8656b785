// Algorithms fetched once a process and contexts kept once a thread: in OpenSSL 3 the look-up
// costs more than sealing 2 KB.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>

#include "schwarm/base/check.hpp"

namespace schwarm::crypto::openssl {

struct Free {
    void operator()(EVP_CIPHER_CTX* p) const { EVP_CIPHER_CTX_free(p); }
    void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
    void operator()(EVP_MAC_CTX* p) const { EVP_MAC_CTX_free(p); }
    void operator()(EVP_KDF_CTX* p) const { EVP_KDF_CTX_free(p); }
    void operator()(EVP_MAC* p) const { EVP_MAC_free(p); }
    void operator()(EVP_KDF* p) const { EVP_KDF_free(p); }
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
    void operator()(EC_POINT* p) const { EC_POINT_clear_free(p); }
    void operator()(BIGNUM* p) const { BN_clear_free(p); }
    void operator()(BN_CTX* p) const { BN_CTX_free(p); }
    void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

inline EVP_MD* sha256_algorithm() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    CHECK(algorithm != nullptr, "OpenSSL offers no SHA-256");
    return algorithm;
}

inline EVP_MD* sha512_algorithm() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA512", nullptr);
    CHECK(algorithm != nullptr, "OpenSSL offers no SHA-512");
    return algorithm;
}

inline EVP_CIPHER* gcm_algorithm() {
    static EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    CHECK(algorithm != nullptr, "OpenSSL offers no AES-256-GCM");
    return algorithm;
}

inline EVP_CIPHER* wrap_algorithm() {
    static EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-WRAP", nullptr);
    CHECK(algorithm != nullptr, "OpenSSL offers no AES-256 key wrap");
    return algorithm;
}

inline const EC_GROUP* p256() {
    static const EC_GROUP* const group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    CHECK(group != nullptr, "OpenSSL offers no curve P-256");
    return group;
}

inline unsigned char* writable(char* p) {
    return reinterpret_cast<unsigned char*>(p);
}
inline const unsigned char* readable(const char* p) {
    return reinterpret_cast<const unsigned char*>(p);
}

}  // namespace schwarm::crypto::openssl
