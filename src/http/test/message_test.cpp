#include "schwarm/http/message.hpp"

#include <gtest/gtest.h>

#include "schwarm/base/check.hpp"
#include "schwarm/http/negotiate.hpp"

namespace schwarm::http {
namespace {

TEST(Headers, IgnoreCase) {
    Headers headers;
    headers.add("Content-Type", "a");
    EXPECT_EQ(headers.get("content-type"), "a");
    headers.set("CONTENT-TYPE", "b");
    EXPECT_EQ(headers.size(), 1U);
    EXPECT_EQ(headers.get("content-type"), "b");
}

TEST(Request, ReadsCookies) {
    Request request;
    request.headers.add("Cookie", "a=1; schwarm_session=x.y; b=\"2\"; broken");
    EXPECT_EQ(request.cookie("schwarm_session"), "x.y");
    EXPECT_EQ(request.cookie("b"), "2");
    EXPECT_EQ(request.cookie("c"), std::nullopt);
    EXPECT_EQ(request.cookie("session"), std::nullopt);
}

TEST(Request, MediaTypeWithoutParameters) {
    Request request;
    request.headers.add("content-type", "Application/JSON ; charset=utf-8");
    EXPECT_EQ(request.content_type(), "application/json");
}

TEST(Response, CookiesAreHttpOnly) {
    Response response;
    response.set_cookie({"s", "abc", 60, true, SameSite::strict});
    EXPECT_EQ(response.headers.get("Set-Cookie"),
              "s=abc; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=60");
    EXPECT_THROW(response.set_cookie({"s", "a;b", {}, false, SameSite::lax}), CheckFailed);
    EXPECT_THROW(response.set_cookie({"s;", "a", {}, false, SameSite::lax}), CheckFailed);
}

TEST(Response, RefusesHeaderInjectionAndForeignRedirects) {
    Response response;
    EXPECT_THROW(response.header("X", "a\r\nSet-Cookie: b"), CheckFailed);
    EXPECT_THROW(Response::see_other("//evil.example/"), CheckFailed);
    EXPECT_THROW(Response::see_other("https://evil.example/"), CheckFailed);
    EXPECT_THROW(Response::see_other("/\\evil.example/"), CheckFailed);
    EXPECT_EQ(Response::see_other("/ok").status, 303);
}

TEST(Problem, HidesWhatIsForTheLog) {
    const Response open = problem(fail(ErrorCode::invalid_input, "falsch", "body /a"), "r7");
    EXPECT_EQ(open.status, 400);
    EXPECT_NE(open.body.find("\"detail\":\"falsch\""), std::string::npos) << open.body;
    EXPECT_NE(open.body.find("body /a"), std::string::npos);
    EXPECT_NE(open.body.find("r7"), std::string::npos);
    const Response hidden = problem(fail(ErrorCode::storage_failed, "/var/x"), "r7");
    EXPECT_EQ(hidden.status, 503);
    EXPECT_EQ(hidden.body.find("/var/x"), std::string::npos);
    EXPECT_TRUE(hidden.headers.has("Retry-After"));
}

TEST(Negotiate, Language) {
    static constexpr std::string_view kBoth[] = {"de", "en"};
    EXPECT_EQ(negotiate_language("", kBoth), "de");
    EXPECT_EQ(negotiate_language("en-GB,en;q=0.9", kBoth), "en");
    EXPECT_EQ(negotiate_language("fr, en;q=0.5, de;q=0.6", kBoth), "de");
    EXPECT_EQ(negotiate_language("fr", kBoth), "de");
    EXPECT_EQ(negotiate_language("*", kBoth), "de");
    EXPECT_EQ(negotiate_language("en;q=0", kBoth), "de");
    EXPECT_EQ(negotiate_language("end", kBoth), "de");
    EXPECT_EQ(negotiate_language("en;q=x,,;;", kBoth), "de");
}

TEST(Negotiate, HtmlAndGzip) {
    EXPECT_TRUE(accepts_html("text/html,application/xhtml+xml,*/*;q=0.8"));
    EXPECT_FALSE(accepts_html("application/json"));
    EXPECT_FALSE(accepts_html("*/*"));
    EXPECT_TRUE(accepts_gzip("br, gzip;q=0.5"));
    EXPECT_FALSE(accepts_gzip("gzip;q=0"));
}

TEST(StaticResponse, AnswersConditionalRequests) {
    const StaticFile file{"inhalt", "gz", "text/css", "abc", true};
    Request request;
    const Response plain = static_response(request, file);
    EXPECT_EQ(plain.content(), "inhalt");
    EXPECT_EQ(plain.headers.get("ETag"), "\"abc\"");
    request.headers.add("Accept-Encoding", "gzip");
    const Response gzip = static_response(request, file);
    EXPECT_EQ(gzip.content(), "gz");
    EXPECT_EQ(gzip.headers.get("Content-Encoding"), "gzip");
    request.headers.add("If-None-Match", "\"x\", W/\"abc-gz\"");
    const Response unchanged = static_response(request, file);
    EXPECT_EQ(unchanged.status, 304);
    EXPECT_TRUE(unchanged.content().empty());
}

}  // namespace
}  // namespace schwarm::http
