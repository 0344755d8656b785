#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>

#include "client.hpp"
#include "schwarm/net/server.hpp"

namespace schwarm::net {
namespace {

// A self-signed certificate and its key, as files.
TlsFiles make_certificate(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    TlsFiles files{folder / "certificate.pem", folder / "key.pem"};
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    std::FILE* out = std::fopen(files.certificate_chain.c_str(), "w");
    PEM_write_X509(out, certificate);
    std::fclose(out);
    out = std::fopen(files.private_key.c_str(), "w");
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return files;
}

class TlsTest : public testing::Test {
  protected:
    TlsTest() {
        // One for each test, because they run beside one another.
        std::string name =
            (std::filesystem::path(testing::TempDir()) / "schwarm-tls-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        router_.get("/", [](const http::Request& request, const http::Respond& respond) {
            respond(http::Response::text(request.secure ? "secure" : "plain"));
        });
    }
    ~TlsTest() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path folder_;
    http::Router router_;
};

TEST_F(TlsTest, ServesOverTlsWithHsts) {
    ServerOptions options;
    options.tls = make_certificate(folder_);
    auto server = Server::start(std::move(options), router_);
    ASSERT_TRUE(server.has_value()) << server.error().text();
    Client client(server.value()->port());
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, client.fd());
    ASSERT_EQ(SSL_connect(ssl), 1);
    EXPECT_STREQ(SSL_get_version(ssl), "TLSv1.3");
    const std::string request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    SSL_write(ssl, request.data(), static_cast<int>(request.size()));
    std::string answer;
    char bytes[4096];
    for (int n = 0; (n = SSL_read(ssl, bytes, sizeof bytes)) > 0;) answer.append(bytes, n);
    EXPECT_TRUE(answer.ends_with("secure")) << answer;
    EXPECT_NE(answer.find("Strict-Transport-Security: max-age="), std::string::npos);
    SSL_free(ssl);
    SSL_CTX_free(context);
}

TEST_F(TlsTest, BadFilesStopTheStartWithTheirName) {
    ServerOptions options;
    options.tls = make_certificate(folder_);
    options.tls->private_key = folder_ / "missing.pem";
    const auto server = Server::start(std::move(options), router_);
    ASSERT_TRUE(server.has_error());
    EXPECT_EQ(server.error().code, ErrorCode::invalid_input);
    EXPECT_NE(server.error().where.find("missing.pem"), std::string::npos);
}

}  // namespace
}  // namespace schwarm::net
