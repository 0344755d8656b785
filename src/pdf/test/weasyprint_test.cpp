#include "schwarm/pdf/weasyprint.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>

namespace schwarm::pdf {
namespace {

Result<std::string> render(WeasyPrintRenderer& renderer, std::string html) {
    std::promise<Result<std::string>> promise;
    auto future = promise.get_future();
    renderer.render(std::move(html),
                    [&](Result<std::string> out) { promise.set_value(std::move(out)); });
    return future.get();
}

// The output of a tool over a PDF.
std::string tool(const std::string& command, const std::string& pdf) {
    char path[] = "/tmp/schwarm-pdf-XXXXXX";
    const int file = mkstemp(path);
    close(file);
    std::ofstream(path, std::ios::binary) << pdf;
    std::string out;
    FILE* pipe = popen((command + " " + path + " - 2>&1").c_str(), "r");
    char buffer[4096];
    for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
    pclose(pipe);
    unlink(path);
    return out;
}

std::string page(const std::string& body) {
    return "<!doctype html><html lang=\"de\"><head><meta charset=\"utf-8\"><title>Bescheid</title>"
           "<style>body { font-family: 'Fira Sans' }</style></head><body>" +
           body + "</body></html>";
}

class WeasyPrint : public ::testing::Test {
  protected:
    void SetUp() override {
        if (std::system("/usr/bin/python3 -I -c 'import weasyprint' 2>/dev/null") != 0) {
            GTEST_SKIP() << "weasyprint is not installed";
        }
    }
};

TEST_F(WeasyPrint, MakesATaggedPdfWithItsOwnFonts) {
    WeasyPrintRenderer renderer;
    const auto out = render(renderer, page("<h1>Höhe</h1><p>368 Euro für Größe</p>"));
    ASSERT_TRUE(out.has_value()) << out.error().text();
    EXPECT_TRUE(out->starts_with("%PDF-"));
    EXPECT_NE(tool("pdftotext", *out).find("368 Euro für Größe"), std::string::npos);
    char path[] = "/tmp/schwarm-pdf-XXXXXX";
    close(mkstemp(path));
    std::ofstream(path, std::ios::binary) << *out;
    FILE* pipe = popen((std::string("pdfinfo ") + path + "; pdffonts " + path).c_str(), "r");
    std::string info(10000, '\0');
    info.resize(fread(info.data(), 1, info.size(), pipe));
    pclose(pipe);
    unlink(path);
    EXPECT_NE(info.find("Tagged:          yes"), std::string::npos) << info;
    EXPECT_NE(info.find("Title:           Bescheid"), std::string::npos) << info;
    EXPECT_NE(info.find("Fira-Sans"), std::string::npos) << info;
}

TEST_F(WeasyPrint, TheWorkerIsReused) {
    WeasyPrintRenderer renderer;
    const auto start = std::chrono::steady_clock::now();
    ASSERT_TRUE(render(renderer, page("<p>1</p>")).has_value());
    const auto first = std::chrono::steady_clock::now() - start;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(render(renderer, page("<p>2</p>")).has_value());
    const auto others = (std::chrono::steady_clock::now() - start - first) / 3;
    EXPECT_LT(others, first);
}

TEST_F(WeasyPrint, FetchesNothing) {
    const std::string secret = "/tmp/schwarm-pdf-secret-" + std::to_string(getpid()) + ".html";
    std::ofstream(secret) << "Geheimnis";
    WeasyPrintRenderer renderer;
    const auto out = render(
        renderer, page("<p>Text</p><img src=\"http://127.0.0.1:1/x.png\"><img src=\"file://" +
                       secret + "\"><object data=\"file://" + secret +
                       "\"></object><link rel=attachment href=\"file://" + secret + "\">"));
    unlink(secret.c_str());
    ASSERT_TRUE(out.has_value()) << out.error().text();
    EXPECT_NE(tool("pdftotext", *out).find("Text"), std::string::npos);
    EXPECT_EQ(out->find("Geheimnis"), std::string::npos);
    EXPECT_EQ(out->find("EmbeddedFile"), std::string::npos);
}

TEST_F(WeasyPrint, TooSlowPagesAreGivenUpAndTheNextOneIsServed) {
    Options options;
    options.time_max = std::chrono::seconds(10);
    WeasyPrintRenderer renderer(options);
    std::string rows;
    for (int i = 0; i < 120'000; ++i) rows += "<tr><td>1</td><td>2</td></tr>";
    const auto out = render(renderer, page("<table>" + rows + "</table>"));
    ASSERT_TRUE(out.has_error());
    EXPECT_EQ(out.error().code, ErrorCode::limit_exceeded) << out.error().text();
    const auto next = render(renderer, page("<p>1</p>"));
    EXPECT_TRUE(next.has_value()) << next.error().text();
}

// In place of WeasyPrint a script that tries to open a socket and tells how that went.
TEST_F(WeasyPrint, WorkersHaveNoSocketsAndNoEnvironment) {
    char path[] = "/tmp/schwarm-worker-XXXXXX";
    close(mkstemp(path));
    std::ofstream(path) << R"(#!/usr/bin/python3 -I
import os, socket, struct, sys
said = ""
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):
    try:
        kind = socket.SOCK_RAW if family == socket.AF_NETLINK else socket.SOCK_STREAM
        socket.socket(family, kind)
        said += "open "
    except PermissionError:
        said += "refused "
said += str([name for name in os.environ if name != "LC_CTYPE"])
answer = bytes([0]) + said.encode()
sys.stdout.buffer.write(struct.pack(">I", len(answer)) + answer)
sys.stdout.buffer.flush()
sys.stdin.buffer.read()
)";
    chmod(path, 0700);
    Options options;
    options.python = path;
    {
        WeasyPrintRenderer renderer(options);
        const auto out = render(renderer, "<p>");
        ASSERT_TRUE(out.has_value()) << out.error().text();
        EXPECT_EQ(*out, "refused refused refused refused []");
    }
    unlink(path);
}

TEST(WeasyPrintLimits, WithoutWeasyPrintItSaysSo) {
    Options options;
    options.python = "/nonexistent/python3";
    WeasyPrintRenderer renderer(options);
    EXPECT_EQ(render(renderer, "<p>").error().code, ErrorCode::unavailable);
    options.page_bytes_max = 10;
    WeasyPrintRenderer small(options);
    EXPECT_EQ(render(small, std::string(11, 'x')).error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace schwarm::pdf
