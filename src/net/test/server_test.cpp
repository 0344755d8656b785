#include "schwarm/net/server.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

#include "client.hpp"

namespace schwarm::net {
namespace {

using http::Request;
using http::Respond;
using http::Response;

std::uint64_t resident_kb() {
    std::ifstream in("/proc/self/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    in >> size >> resident;
    return resident * 4;
}

class ServerTest : public testing::Test {
  protected:
    void start(ServerOptions options = {}) {
        router_.get("/hello", [](const Request& request, const Respond& respond) {
            respond(Response::text("hello " + request.query));
        });
        router_.get("/target/{rest...}", [](const Request& request, const Respond& respond) {
            respond(Response::text(request.target));
        });
        router_.post("/echo", [](const Request& request, const Respond& respond) {
            respond(Response::text(std::to_string(request.body.size())));
        });
        router_.post("/upload",
                     [](const Request& request, const Respond& respond) {
                         respond(Response::text(std::to_string(request.body.size())));
                     },
                     {http::kUploadBytesMax});
        router_.get("/later", [this](const Request& request, const Respond& respond) {
            workers_.emplace_back(
                [respond, id = request.query] { respond(Response::text("later " + id)); });
        });
        router_.get("/wait", [this](const Request&, const Respond& respond) {
            const std::lock_guard lock(mutex_);
            waiting_ = std::make_unique<Respond>(respond);
            changed_.notify_all();
        });
        auto server = Server::start(std::move(options), router_);
        ASSERT_TRUE(server.has_value()) << server.error().text();
        server_ = std::move(server.value());
    }
    void TearDown() override {
        for (std::thread& worker : workers_) worker.join();
    }
    Respond take_waiting() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_ != nullptr; });
        Respond respond = *waiting_;
        waiting_.reset();
        return respond;
    }
    std::string ask(std::string_view bytes) { return TestClient(server_->port()).ask(bytes); }
    static int status_of(std::string_view answer) {
        return answer.size() > 12 ? std::stoi(std::string(answer.substr(9, 3))) : 0;
    }
    int status(std::string_view bytes) { return status_of(ask(bytes)); }

    http::Router router_;
    std::vector<std::thread> workers_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::unique_ptr<Respond> waiting_;
    std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, TheTargetIsAsItCame) {
    start();
    for (const char* target :
         {"/target/a", "/target/f%C3%bchrung%2D?a=%2F&b", "/target/a?", "/target/a?b?c"}) {
        const std::string answer =
            ask("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_TRUE(answer.ends_with("\r\n\r\n" + std::string(target))) << answer;
    }
}

TEST_F(ServerTest, AnswersWithSecurityHeaders) {
    start();
    const std::string answer = ask("GET /hello?x HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nhello x"));
    EXPECT_NE(answer.find("Content-Security-Policy: default-src 'none';"), std::string::npos);
    EXPECT_NE(answer.find("Cache-Control: no-store"), std::string::npos);
    EXPECT_NE(answer.find("X-Content-Type-Options: nosniff"), std::string::npos);
    EXPECT_EQ(answer.find("Strict-Transport-Security"), std::string::npos);
}

TEST_F(ServerTest, KeepsTheConnectionAndTakesRequestsSentAhead) {
    start();
    TestClient client(server_->port());
    const std::string one = "GET /later?1 HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::string two = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    const std::string three = "GET /hello?3 HTTP/1.1\r\nHost: a\r\n\r\n";
    ASSERT_TRUE(client.send(one + two + three));
    EXPECT_TRUE(client.receive().ends_with("later 1"));
    EXPECT_TRUE(client.receive().ends_with("\r\n\r\n3"));
    EXPECT_TRUE(client.receive().ends_with("hello 3"));
    ASSERT_TRUE(client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    EXPECT_NE(client.receive().find("Connection: close"), std::string::npos);
    EXPECT_EQ(client.receive_all(), "");
}

TEST_F(ServerTest, ReadsARequestByteByByte) {
    start();
    TestClient client(server_->port());
    for (const char c :
         std::string("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\nX-Trailer: 1\r\n\r\n")) {
        ASSERT_TRUE(client.send({&c, 1}));
    }
    EXPECT_TRUE(client.receive().ends_with("\r\n\r\n8"));
}

TEST_F(ServerTest, HeadHasNoContent) {
    start();
    TestClient client(server_->port());
    client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const std::string answer = client.receive_all();
    EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
    EXPECT_NE(answer.find("Content-Length: 6"), std::string::npos);
}

TEST_F(ServerTest, RefusesMalformedRequests) {
    start();
    const std::vector<std::pair<int, std::string>> cases = {
        {400, "nonsense\r\n\r\n"},
        {400, "GET /hello HTTP/1.1\r\n\r\n"},
        {400, "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
        {400, "GET hello HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /a/../hello HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /hello HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n"},
        {505, "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n"},
        {400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"},
        {400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"},
        {400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"},
        {400,
         "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {501, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
        {417, "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 1\r\n\r\n"},
        {400, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
        {431, "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"},
        {405, "BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n"},
        {404, "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"},
    };
    for (const auto& [expected, bytes] : cases) {
        EXPECT_EQ(status(bytes), expected) << bytes.substr(0, 200);
    }
    std::string many = "GET /hello HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 101; ++i) many += "A: b\r\n";
    EXPECT_EQ(status(many + "\r\n"), 431);
    EXPECT_EQ(status("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
}

TEST_F(ServerTest, RefusesLargeBodiesByTheirLengthBeforeReading) {
    start();
    EXPECT_EQ(status("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n"), 413);
    EXPECT_EQ(status("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 10485761\r\n\r\n"), 413);
    EXPECT_EQ(status("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n"), 413);
    EXPECT_EQ(status("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" +
                     std::string(1'048'576, 'x')),
              200);
}

TEST_F(ServerTest, ContinuesOnlyWhatItTakes) {
    start();
    TestClient small(server_->port());
    small.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_TRUE(small.receive().starts_with("HTTP/1.1 100 "));
    EXPECT_EQ(status_of(small.ask("abc")), 200);
    EXPECT_EQ(status("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n"
                     "Expect: 100-continue\r\n\r\n"),
              413);
}

TEST_F(ServerTest, RefusedUploadsDoNotGrowTheMemory) {
    start();
    const std::string block(256 * 1024, 'x');
    ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::uint64_t before = resident_kb();
    for (int i = 0; i < 8; ++i) {
        TestClient declared(server_->port());
        declared.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
        for (int n = 0; n < 40 && declared.send(block); ++n) {
        }
        EXPECT_EQ(status_of(declared.receive()), 413);
        TestClient chunked(server_->port());
        chunked.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int n = 0; n < 40 && chunked.send("40000\r\n" + block + "\r\n"); ++n) {
        }
        EXPECT_EQ(status_of(chunked.receive()), 413);
    }
    EXPECT_LT(resident_kb(), before + 4 * 1024);
    EXPECT_EQ(server_->counts().body_bytes_held, 0U);
}

TEST_F(ServerTest, HoldsOnlySoManyBodyBytesAtOnce) {
    ServerOptions options;
    options.limits.body_bytes_total_max = 100'000;
    start(std::move(options));
    TestClient holder(server_->port());
    const std::string half(60'000, 'x');
    holder.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60001\r\n\r\n" + half);
    while (server_->counts().body_bytes_held < half.size()) std::this_thread::yield();
    EXPECT_EQ(status("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n" + half),
              503);
    EXPECT_EQ(status_of(holder.ask("x")), 200);
    EXPECT_EQ(status("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n" + half),
              200);
}

TEST_F(ServerTest, SlowClientsLoseTheirConnection) {
    ServerOptions options;
    options.limits.header_timeout = std::chrono::seconds(1);
    options.limits.body_timeout = std::chrono::seconds(1);
    options.limits.idle_timeout = std::chrono::seconds(1);
    start(std::move(options));
    TestClient header(server_->port());
    TestClient body(server_->port());
    TestClient idle(server_->port());
    header.send("GET /hello HTTP/1.1\r\nHost: ");
    body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
    EXPECT_EQ(status_of(header.receive()), 408);
    EXPECT_EQ(status_of(body.receive()), 408);
    EXPECT_EQ(idle.receive_all(), "");
}

TEST_F(ServerTest, RefusesConnectionsOverTheLimit) {
    ServerOptions options;
    options.limits.connections_max = 2;
    start(std::move(options));
    TestClient one(server_->port());
    TestClient two(server_->port());
    EXPECT_EQ(status_of(one.ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")), 200);
    EXPECT_EQ(status_of(two.ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")), 200);
    EXPECT_EQ(status_of(TestClient(server_->port()).receive()), 503);
    EXPECT_EQ(status_of(one.ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")), 200);
}

TEST_F(ServerTest, AnswersOnlyForItsNames) {
    ServerOptions options;
    options.hosts = {"localhost", "[::1]"};
    start(std::move(options));
    EXPECT_EQ(status("GET /hello HTTP/1.1\r\nHost: LOCALHOST:80\r\n\r\n"), 200);
    EXPECT_EQ(status("GET /hello HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), 200);
    EXPECT_EQ(status("GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 421);
    EXPECT_EQ(status("GET /hello HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n"), 421);
}

TEST_F(ServerTest, StopAnswersWhatIsUnderWay) {
    start();
    TestClient busy(server_->port());
    TestClient idle(server_->port());
    idle.ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    Respond respond = take_waiting();
    std::thread stopper([this] { server_->stop(std::chrono::seconds(10)); });
    EXPECT_EQ(idle.receive_all(), "");
    respond(Response::text("done"));
    EXPECT_TRUE(busy.receive().ends_with("done"));
    stopper.join();
    EXPECT_FALSE(TestClient(server_->port()).connected());
}

TEST_F(ServerTest, StopDoesNotWaitForeverAndLateAnswersAreDropped) {
    start();
    TestClient busy(server_->port());
    busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    Respond respond = take_waiting();
    server_->stop(std::chrono::milliseconds(50));
    EXPECT_EQ(busy.receive_all(), "");
    respond(Response::text("late"));
}

TEST_F(ServerTest, AddressInUseIsOneSentence) {
    start();
    ServerOptions again;
    again.port = server_->port();
    const auto second = Server::start(std::move(again), router_);
    ASSERT_TRUE(second.has_error());
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_NE(second.error().message.find("cannot listen on 127.0.0.1 port"), std::string::npos);
}

TEST_F(ServerTest, ReportsWhatHappened) {
    std::mutex mutex;
    std::vector<std::string> seen;
    ServerOptions options;
    options.observe = [&](const Observation& o) {
        const std::lock_guard lock(mutex);
        seen.push_back(std::string(http::name_of(o.method)) + " " + std::string(o.route) + " " +
                       std::to_string(o.status));
    };
    start(std::move(options));
    ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    ask("GET /nix HTTP/1.1\r\nHost: a\r\n\r\n");
    server_->stop(std::chrono::seconds(1));
    EXPECT_EQ(seen, (std::vector<std::string>{"GET /hello 200", "GET  404"}));
}

}  // namespace
}  // namespace schwarm::net
