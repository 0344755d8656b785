#include "tls.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"

namespace schwarm::net {

namespace ssl = boost::asio::ssl;

Result<void> use_files(ssl::context& context, const TlsFiles& files) {
    boost::system::error_code ec;
    context.use_certificate_chain_file(files.certificate_chain, ec);
    if (ec) {
        return fail(ErrorCode::invalid_input, "the certificate cannot be read: " + ec.message(),
                    files.certificate_chain);
    }
    context.use_private_key_file(files.private_key, ssl::context::pem, ec);
    if (ec) {
        return fail(
            ErrorCode::invalid_input,
            "the private key cannot be read or does not fit the certificate: " + ec.message(),
            files.private_key);
    }
    return {};
}

void require_peer(ssl::context& context) {
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_3_VERSION);
    context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    context.set_verify_callback([](bool, ssl::verify_context&) { return true; });
}

std::string peer_key(const SSL* connection) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        SSL_get1_peer_certificate(connection), &X509_free);
    if (certificate == nullptr) return {};
    unsigned char* bytes = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &bytes);
    if (size <= 0) return {};
    const std::string spki(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return crypto::hex_encode(crypto::bytes_of(crypto::sha256(spki)));
}

}  // namespace schwarm::net
