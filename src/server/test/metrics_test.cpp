#include "schwarm/server/metrics.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "runtime_metrics.hpp"
#include "schwarm/server/log.hpp"

namespace schwarm::server {
namespace {

TEST(RequestMetrics, CountsByRouteAndStatus) {
    RequestMetrics metrics;
    metrics.count("GET", "/a/{x}", 200, std::chrono::microseconds(700));
    metrics.count("GET", "/a/{x}", 200, std::chrono::microseconds(3'000'000));
    metrics.count("GET", "", 404, std::chrono::microseconds(10));
    MetricsText text;
    metrics.write(text);
    const std::string out = text.take();
    EXPECT_NE(out.find("schwarm_http_requests_total{route=\"GET /a/{x}\",status=\"200\"} 2\n"),
              std::string::npos)
        << out;
    EXPECT_NE(out.find("{route=\"GET none\",status=\"404\"} 1\n"), std::string::npos);
    EXPECT_NE(out.find("_bucket{route=\"GET /a/{x}\",le=\"0.000500\"} 0\n"), std::string::npos);
    EXPECT_NE(out.find("_bucket{route=\"GET /a/{x}\",le=\"0.001000\"} 1\n"), std::string::npos);
    EXPECT_NE(out.find("_bucket{route=\"GET /a/{x}\",le=\"+Inf\"} 2\n"), std::string::npos);
    EXPECT_NE(out.find("_sum{route=\"GET /a/{x}\"} 3.000700\n"), std::string::npos);
}

TEST(Metrics, DirectoryWarningsByKind) {
    app::NetworkView network;
    network.epoch = 7;
    network.members.resize(3);
    network.warnings = {{"key_expires", "a"}, {"key_expires", "b"}, {"lie", "c"}};
    MetricsText text;
    write_metrics(network, text);
    const std::string out = text.take();
    EXPECT_NE(out.find("schwarm_directory_epoch 7\n"), std::string::npos) << out;
    EXPECT_NE(out.find("schwarm_directory_members 3\n"), std::string::npos);
    EXPECT_NE(out.find("schwarm_directory_warnings{kind=\"key_expires\"} 2\n"), std::string::npos);
    EXPECT_NE(out.find("schwarm_directory_warnings{kind=\"lie\"} 1\n"), std::string::npos);
    EXPECT_NE(out.find("schwarm_directory_warnings{kind=\"fork\"} 0\n"), std::string::npos);
}

TEST(Metrics, LabelsAreEscaped) {
    EXPECT_EQ(label("a", "x\"y\\\n"), "a=\"x\\\"y\\\\ \"");
}

TEST(Log, WritesOneLineAnEvent) {
    const std::string file = testing::TempDir() + "schwarm-log-test";
    std::remove(file.c_str());
    auto log = Log::open(LogLevel::info, file);
    ASSERT_TRUE(log.has_value());
    log.value()->info("ready", {{"port", 8080}, {"text", "a \"b\"\nc"}, {"empty", ""}});
    log.value()->debug("hidden");
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    const std::string line = text.str();
    EXPECT_NE(line.find(" info ready port=8080 text=\"a \\\"b\\\" c\" empty=\"\"\n"),
              std::string::npos)
        << line;
    EXPECT_EQ(line.find("hidden"), std::string::npos);
    std::remove(file.c_str());
    EXPECT_EQ(Log::open(LogLevel::info, "/proc/nonexistent/x").error().code,
              ErrorCode::unavailable);
}

}  // namespace
}  // namespace schwarm::server
