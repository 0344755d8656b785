#include "tls.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/buffer.hpp>
#include <memory>

#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/crypto/seal.hpp"

namespace schwarm::net {

namespace ssl = boost::asio::ssl;

namespace {

Error bad_certificate(const boost::system::error_code& ec, const std::string& where) {
    return fail(ErrorCode::invalid_input, "the certificate cannot be read: " + ec.message(), where);
}

Error bad_key(const boost::system::error_code& ec, const std::string& where) {
    return fail(ErrorCode::invalid_input,
                "the private key cannot be read or does not fit the certificate: " + ec.message(),
                where);
}

Result<void> use_files(ssl::context& context, const TlsFiles& files) {
    boost::system::error_code ec;
    context.use_certificate_chain_file(files.certificate_chain, ec);
    if (ec) return bad_certificate(ec, files.certificate_chain);
    context.use_private_key_file(files.private_key, ssl::context::pem, ec);
    if (ec) return bad_key(ec, files.private_key);
    return {};
}

Result<void> use_texts(ssl::context& context, const TlsTexts& texts) {
    boost::system::error_code ec;
    context.use_certificate_chain(boost::asio::buffer(texts.certificate_chain()), ec);
    if (ec) return bad_certificate(ec, texts.place());
    context.use_private_key(boost::asio::buffer(texts.private_key()), ssl::context::pem, ec);
    if (ec) return bad_key(ec, texts.place());
    return {};
}

}  // namespace

TlsTexts::TlsTexts(std::string certificate_chain, std::string private_key, std::string place)
    : certificate_chain_(std::move(certificate_chain)),
      private_key_(std::move(private_key)),
      place_(std::move(place)) {}

TlsTexts::~TlsTexts() {
    crypto::wipe(private_key_);
}

// What it held before is wiped with `other`.
TlsTexts& TlsTexts::operator=(TlsTexts other) {
    certificate_chain_.swap(other.certificate_chain_);
    private_key_.swap(other.private_key_);
    place_.swap(other.place_);
    return *this;
}

Result<void> use_certificate(ssl::context& context, const TlsSource& source) {
    const auto* texts = std::get_if<TlsTexts>(&source);
    return texts != nullptr ? use_texts(context, *texts)
                            : use_files(context, std::get<TlsFiles>(source));
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
