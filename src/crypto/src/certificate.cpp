#include "schwarm/crypto/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <cstdint>
#include <ctime>
#include <memory>

namespace schwarm::crypto {
namespace {

template <class T, void (*Free)(T*)>
struct Freed {
    void operator()(T* what) const { Free(what); }
};
struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509, X509_free>>;
using Bio = std::unique_ptr<BIO, FreeBio>;

Error failed() {
    return fail(ErrorCode::crypto_failed, "the certificate could not be made");
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

Result<Hash> key_of(X509* certificate) {
    unsigned char* bytes = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &bytes);
    if (size <= 0) return fail(ErrorCode::crypto_failed, "the certificate has no key");
    const std::string spki(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return sha256(spki);
}

Result<X509Ptr> parse(std::string_view pem) {
    const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    X509Ptr certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) {
        return fail(ErrorCode::invalid_input, "this is no certificate (PEM)");
    }
    return certificate;
}

}  // namespace

Result<Certificate> make_certificate(std::string_view name, Instant from,
                                     std::chrono::hours valid) {
    const Key key(EVP_EC_gen("P-256"));
    const X509Ptr certificate(X509_new());
    if (key == nullptr || certificate == nullptr) return failed();
    std::uint64_t serial = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return failed();
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1U);
    std::time_t begin =
        std::chrono::duration_cast<std::chrono::seconds>(from.time_since_epoch()).count();
    X509_time_adj_ex(X509_getm_notBefore(certificate.get()), 0, -300, &begin);
    X509_time_adj_ex(X509_getm_notAfter(certificate.get()), static_cast<int>(valid.count() / 24), 0,
                     &begin);
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.data()),
                               static_cast<int>(name.size()), -1, 0);
    const Bio out(BIO_new(BIO_s_mem()));
    const Bio secret(BIO_new(BIO_s_mem()));
    if (X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
        X509_set_issuer_name(certificate.get(), subject) != 1 ||
        X509_set_pubkey(certificate.get(), key.get()) != 1 ||
        X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0 ||
        PEM_write_bio_X509(out.get(), certificate.get()) != 1 ||
        PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
            1) {
        return failed();
    }
    SCHWARM_TRY(hash, key_of(certificate.get()));
    return Certificate{text_of(out.get()), text_of(secret.get()), hash};
}

Result<Hash> certificate_key(std::string_view pem) {
    SCHWARM_TRY(certificate, parse(pem));
    return key_of(certificate.get());
}

Result<Instant> certificate_end(std::string_view pem) {
    SCHWARM_TRY(certificate, parse(pem));
    std::tm last{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &last) != 1) {
        return fail(ErrorCode::invalid_input, "the certificate does not say when it ends");
    }
    return Instant(std::chrono::seconds(timegm(&last) + 1));
}

}  // namespace schwarm::crypto
