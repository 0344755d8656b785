#include "schwarm/http/router.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "schwarm/base/check.hpp"

namespace schwarm::http {
namespace {

struct Answer {
    Response response;
    int count = 0;
};

class RouterTest : public testing::Test {
  protected:
    static Handler named(std::string name) {
        return [name](const Request& request, const Respond& respond) {
            std::string text = name;
            for (const auto& [key, value] : request.params) text += " " + key + "=" + value;
            respond(Response::text(text));
        };
    }
    Response ask(Method method, std::string path) {
        auto answer = std::make_shared<Answer>();
        Request request;
        request.method = method;
        request.path = std::move(path);
        request.id = "r1";
        router.dispatch(request, Respond([answer](Response r) {
                            answer->response = std::move(r);
                            ++answer->count;
                        }));
        EXPECT_EQ(answer->count, 1);
        return answer->response;
    }
    std::string body(Method method, std::string path) {
        return std::string(ask(method, std::move(path)).content());
    }

    Router router;
};

TEST_F(RouterTest, LiteralGoesBeforeParameterBeforeRest) {
    router.get("/", named("root"));
    router.get("/a/{x}", named("param"));
    router.get("/a/b", named("literal"));
    router.get("/a/{x}/c", named("deep"));
    router.get("/a/{rest...}", named("rest"));
    EXPECT_EQ(body(Method::get, "/"), "root");
    EXPECT_EQ(body(Method::get, "/a/b"), "literal");
    EXPECT_EQ(body(Method::get, "/a/z"), "param x=z");
    EXPECT_EQ(body(Method::get, "/a/z/c"), "deep x=z");
    EXPECT_EQ(body(Method::get, "/a/b/c"), "deep x=b");
    EXPECT_EQ(body(Method::get, "/a/b/d/e"), "rest rest=b/d/e");
}

TEST_F(RouterTest, UnknownPathIs404AndOtherMethod405) {
    router.get("/a", named("get"));
    router.post("/a", named("post"));
    EXPECT_EQ(ask(Method::get, "/b").status, 404);
    EXPECT_EQ(ask(Method::get, "/a/").status, 404);
    const Response refused = ask(Method::del, "/a");
    EXPECT_EQ(refused.status, 405);
    EXPECT_EQ(refused.headers.get("allow"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(refused.headers.get("Content-Type"), "application/problem+json");
    EXPECT_EQ(ask(Method::options, "/a").status, 204);
    EXPECT_EQ(body(Method::head, "/a"), "get");
}

TEST_F(RouterTest, EmptySegmentIsNoParameter) {
    router.get("/a/{x}", named("param"));
    EXPECT_EQ(ask(Method::get, "/a/").status, 404);
}

TEST_F(RouterTest, HandlerThatThrowsIs500WithoutItsMessage) {
    router.get("/a", [](const Request&, const Respond&) { throw std::runtime_error("geheim"); });
    const Response response = ask(Method::get, "/a");
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body.find("geheim"), std::string::npos);
}

TEST_F(RouterTest, HandlerThatForgetsAnswers500) {
    router.get("/a", [](const Request&, const Respond&) {});
    EXPECT_EQ(ask(Method::get, "/a").status, 500);
}

TEST_F(RouterTest, SecondAnswerIsIgnored) {
    router.get("/a", [](const Request&, const Respond& respond) {
        respond(Response::text("1"));
        respond(Response::text("2"));
    });
    EXPECT_EQ(body(Method::get, "/a"), "1");
}

TEST_F(RouterTest, BodyLimitIsThatOfTheRoute) {
    router.post("/upload/{id}", named("upload"), {kUploadBytesMax});
    router.post("/a", named("a"));
    EXPECT_EQ(router.body_bytes_max(Method::post, "/upload/7"), kUploadBytesMax);
    EXPECT_EQ(router.body_bytes_max(Method::post, "/a"), kBodyBytesMax);
    EXPECT_EQ(router.body_bytes_max(Method::post, "/nix"), kBodyBytesMax);
}

TEST_F(RouterTest, ErrorPageReplacesProblem) {
    router.on_error([](const Request&, const Error&, int status) {
        return Response::html("<p>Fehler", status);
    });
    EXPECT_EQ(body(Method::get, "/a"), "<p>Fehler");
}

TEST_F(RouterTest, BrokenPatternsAreProgrammersErrors) {
    EXPECT_THROW(router.get("a", named("")), CheckFailed);
    EXPECT_THROW(router.get("/{x...}/a", named("")), CheckFailed);
    EXPECT_THROW(router.get("/a{x}", named("")), CheckFailed);
    router.get("/a", named(""));
    EXPECT_THROW(router.get("/a", named("")), CheckFailed);
}

}  // namespace
}  // namespace schwarm::http
