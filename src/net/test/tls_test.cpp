#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "client.hpp"
#include "schwarm/crypto/certificate.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/net/client.hpp"
#include "schwarm/net/server.hpp"

namespace schwarm::net {
namespace {

// A self-signed certificate and its key, as files.
TlsFiles make_certificate(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    TlsFiles files{folder / "certificate.pem", folder / "key.pem"};
    const auto made = crypto::make_certificate("test", SystemClock().now(), std::chrono::hours(1));
    std::ofstream(files.certificate_chain) << made.value().certificate;
    std::ofstream(files.private_key) << made.value().private_key;
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
    TestClient client(server.value()->port());
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

class BetweenNodes : public TlsTest {
  protected:
    BetweenNodes() {
        router_.post("/key", [](const http::Request& request, const http::Respond& respond) {
            respond(http::Response::text(request.peer_key + " " + request.body));
        });
        files_ = make_certificate(folder_ / "server");
        options_.tls = files_;
        options_.client_certificates = true;
        server_ = std::move(Server::start(options_, router_).value());
        ClientOptions client;
        client.tls = make_certificate(folder_ / "client");
        client.timeout = std::chrono::seconds(5);
        client_ = std::move(Client::start(client).value());
    }
    static std::string key_of(const TlsFiles& files) {
        std::ifstream in(files.certificate_chain);
        const std::string pem{std::istreambuf_iterator<char>(in), {}};
        return crypto::hex_encode(crypto::bytes_of(crypto::certificate_key(pem).value()));
    }
    Result<Answer> ask(const std::vector<std::string>& keys, std::uint16_t port,
                       std::string body = "frage") {
        std::promise<Result<Answer>> promise;
        client_->post({"127.0.0.1", port, "/key", keys}, "text/plain", std::move(body),
                      [&](Result<Answer> answer) { promise.set_value(std::move(answer)); });
        return promise.get_future().get();
    }
    std::string server_key() const { return key_of(files_); }
    static TlsTexts texts_of(const TlsFiles& files) {
        const auto read = [](const std::string& file) {
            std::ifstream in(file);
            return std::string{std::istreambuf_iterator<char>(in), {}};
        };
        return {read(files.certificate_chain), read(files.private_key), "the pair of the test"};
    }

    TlsFiles files_;
    ServerOptions options_;
    std::unique_ptr<Server> server_;
    std::unique_ptr<Client> client_;
};

TEST_F(BetweenNodes, BothSidesKnowTheOthersKey) {
    const std::string own = key_of({folder_ / "client/certificate.pem", {}});
    for (int i = 0; i < 3; ++i) {
        const auto answer = ask({"00", server_key()}, server_->port());
        ASSERT_TRUE(answer.has_value()) << answer.error().text();
        EXPECT_EQ(answer.value().status, 200);
        EXPECT_EQ(answer.value().body, own + " frage");
    }
    EXPECT_EQ(server_->counts().connections_accepted, 1U);
    EXPECT_EQ(ask({server_key()}, server_->port(), std::string(2 << 20, 'x')).value().status, 413);
}

TEST_F(BetweenNodes, AnotherKeyIsNotTalkedTo) {
    const auto answer = ask({std::string(64, '0')}, server_->port());
    EXPECT_EQ(answer.error().code, ErrorCode::crypto_failed);
}

TEST_F(BetweenNodes, WithoutCertificateNobodyIsServed) {
    TestClient client(server_->port());
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, client.fd());
    SSL_connect(ssl);  // TLS 1.3 tells the client with the first read
    char byte = 0;
    EXPECT_LE(SSL_read(ssl, &byte, 1), 0);
    SSL_free(ssl);
    SSL_CTX_free(context);
}

TEST_F(BetweenNodes, AConnectionThatBrokeWhileIdleIsReplaced) {
    ASSERT_TRUE(ask({server_key()}, server_->port()).has_value());
    const std::uint16_t port = server_->port();
    server_.reset();
    EXPECT_EQ(ask({server_key()}, port).error().code, ErrorCode::unavailable);
    options_.port = port;
    server_ = std::move(Server::start(options_, router_).value());
    EXPECT_EQ(ask({server_key()}, port).value().status, 200);
}

TEST_F(BetweenNodes, CertificatesAreExchangedWhileTheyWork) {
    const std::string first = server_key();
    const std::string own = key_of({folder_ / "client/certificate.pem", {}});
    ASSERT_EQ(ask({first}, server_->port()).value().body, own + " frage");
    const TlsFiles server = make_certificate(folder_ / "server-2");
    const TlsFiles client = make_certificate(folder_ / "client-2");
    EXPECT_EQ(server_->renew(TlsFiles{folder_ / "nirgends.pem", server.private_key}).error().code,
              ErrorCode::invalid_input);
    ASSERT_TRUE(server_->renew(server).has_value());
    EXPECT_EQ(ask({first}, server_->port()).value().body, own + " frage") << "as it lay idle";
    EXPECT_EQ(ask({first, "00"}, server_->port()).error().code, ErrorCode::crypto_failed);
    ASSERT_TRUE(client_->renew(client).has_value());
    EXPECT_EQ(ask({first}, server_->port()).error().code, ErrorCode::crypto_failed);
    EXPECT_EQ(ask({first, key_of(server)}, server_->port()).value().body,
              key_of(client) + " frage");
}

TEST_F(BetweenNodes, PairsComeFromMemoryAsFromFiles) {
    const TlsFiles server = make_certificate(folder_ / "server-2");
    const TlsFiles client = make_certificate(folder_ / "client-2");
    ServerOptions options;
    options.client_certificates = true;
    options.tls = texts_of(server);
    const TlsTexts client_texts = texts_of(client);
    // No file is looked at any more.
    for (const TlsFiles& files : {server, client}) std::filesystem::remove(files.private_key);
    const auto second = std::move(Server::start(options, router_).value());
    client_ = std::move(Client::start({.tls = client_texts}).value());
    EXPECT_EQ(ask({key_of(server)}, second->port()).value().body, key_of(client) + " frage");
    // Renewed from memory while they work.
    ASSERT_TRUE(second->renew(texts_of(files_)).has_value());
    const TlsTexts other = texts_of(make_certificate(folder_ / "client-3"));
    ASSERT_TRUE(client_->renew(other).has_value());
    EXPECT_EQ(ask({server_key()}, second->port()).value().body,
              key_of({folder_ / "client-3/certificate.pem", {}}) + " frage");
    // A pair that is none changes nothing, and is named.
    const TlsTexts mixed(other.certificate_chain(), client_texts.private_key(), "network.key");
    const auto refused = second->renew(mixed);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_input);
    EXPECT_EQ(refused.error().where, "network.key");
    EXPECT_EQ(client_->renew(TlsTexts("nothing", "nothing", "x")).error().code,
              ErrorCode::invalid_input);
    EXPECT_TRUE(ask({server_key()}, second->port()).has_value());
}

TEST_F(TlsTest, BadFilesStopTheStartWithTheirName) {
    ServerOptions options;
    TlsFiles files = make_certificate(folder_);
    files.private_key = folder_ / "missing.pem";
    options.tls = files;
    const auto server = Server::start(std::move(options), router_);
    ASSERT_TRUE(server.has_error());
    EXPECT_EQ(server.error().code, ErrorCode::invalid_input);
    EXPECT_NE(server.error().where.find("missing.pem"), std::string::npos);
}

}  // namespace
}  // namespace schwarm::net
