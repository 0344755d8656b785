// What net refuses already is refused here once more: this module does not rely on its listener.
#include "fixture.hpp"
#include "schwarm/http/url.hpp"

namespace schwarm::xroad {
namespace {

using AttackTest = Node;

// As net does: a target that http refuses goes to the error page.
TEST_F(AttackTest, TargetsAsTheyComeByTheWire) {
    for (const char* target : {
             "/r1/SCHWARM/GOV/lecos/meldeamt/../meldeamt/meldebescheinigung",
             "/r1/SCHWARM/GOV/lecos/meldeamt/%2e%2e/x",
             "/r1/SCHWARM/GOV/lecos/meldeamt/meldebescheinigung/%2E%2E/x",
             "/r1/SCHWARM/GOV/lecos/meldeamt/melde%2fbescheinigung",
             "/r1/SCHWARM/GOV/lecos/meldeamt/melde%2Fbescheinigung",
             "/r1/SCHWARM/GOV/lecos/meldeamt/melde%5cbescheinigung",
             "/r1/SCHWARM/GOV/lecos/meldeamt/melde\\bescheinigung",
             "/r1/SCHWARM/GOV/lecos/meldeamt/melde%00bescheinigung",
             "/r1/SCHWARM/GOV/lecos/meldeamt/melde%0d%0abescheinigung",
             "/r1/SCHWARM/GOV/lecos/meldeamt/melde%c0%afbescheinigung",
             "/r1/SCHWARM/GOV/lecos/meldeamt/melde%zz",
             "/r1/SCHWARM/GOV/lecos/meldeamt/%252e%252e",
             "/r1/SCHWARM/GOV/lecos/meldeamt/melde%252fbescheinigung",
             "/r1/SCHWARM/GOV/lecos/meldeamt/meldebescheinigung;x=1",
             "/r1/SCHWARM/GOV/lecos/meldeamt/meldebescheinigung/..;/x",
             "/r1/SCHWARM/GOV/lecos//meldeamt/meldebescheinigung",
             "/r1/SCHWARM/GOV/lecos/meldeamt/meldebescheinigung//",
             "/r1//SCHWARM/GOV/lecos/meldeamt/meldebescheinigung",
             "//r1/SCHWARM/GOV/lecos/meldeamt/meldebescheinigung",
             "/r2/SCHWARM/GOV/lecos/meldeamt/meldebescheinigung",
             "/R1/SCHWARM/GOV/lecos/meldeamt/meldebescheinigung",
             "/r1/SCHWARM%2FGOV%2Flecos%2Fmeldeamt%2Fmeldebescheinigung",
             "/r1",
             "/r1/",
             "/",
             "/asic",
             "/listClients/..",
             "/etc/passwd",
         }) {
        const auto parsed = http::parse_target(target);
        if (parsed.has_error()) {
            EXPECT_EQ(fault(error_page(get(""), parsed.error(), 400)), "client.bad_request")
                << target;
        } else {
            EXPECT_EQ(fault(call(get(parsed->path, parsed->query))), "client.bad_request")
                << target;
        }
    }
    EXPECT_TRUE(gateway_.questions.empty());
}

// As if the listener had let it through.
TEST_F(AttackTest, PathsThatHttpWouldRefuse) {
    const std::string service(kService);
    for (const std::string& path :
         {service + "/..", service + "/.", service + "/../x", service + "/a\\b",
          service + "/a\r\nb", service + "/" + std::string(1, '\0'), service + "/\xFF",
          service + "/" + "%2e%2e", service + "/\xE2\x80\xAE",
          service + "/" + std::string(256, 'a'), service + "/" + std::string(3000, 'a'),
          service + std::string(500, '/')}) {
        EXPECT_EQ(fault(call(get(path, std::string(kQuery)))), "client.bad_request");
    }
    EXPECT_EQ(fault(call(get(service, std::string(4001, 'a')))), "client.bad_request");
    EXPECT_TRUE(gateway_.questions.empty());
}

TEST_F(AttackTest, IdentifiersInHeaders) {
    for (const char* name :
         {"X-Road-Client", "X-Road-Security-Server", "X-Road-Represented-Party"}) {
        for (const std::string& value :
             {std::string("SCHWARM/GOV/halle/.."), std::string("SCHWARM/GOV/halle/%2e%2e"),
              std::string("SCHWARM/GOV/halle/a%2fb"), std::string("SCHWARM/GOV/halle/a%252fb"),
              std::string("SCHWARM/GOV/halle/a%5Cb"), std::string("SCHWARM/GOV/halle/a%00"),
              std::string("SCHWARM/GOV/halle/wohngeld%0d%0aX: y"),
              std::string("SCHWARM/GOV/halle/wohngeld\r\nX: y"),
              std::string("SCHWARM/GOV/halle/%zz"), std::string("SCHWARM/GOV/halle/%"),
              std::string("SCHWARM/GOV/halle/a:b"), std::string("SCHWARM/GOV/halle/\xFF"),
              std::string("SCHWARM//halle/wohngeld"), "SCHWARM/GOV/halle/" + std::string(256, 'a'),
              std::string(3000, 'a'), std::string(3000, '/')}) {
            auto request = question();
            request.headers.set(name, value);
            EXPECT_EQ(fault(call(std::move(request))), "client.bad_request") << name << value;
        }
    }
}

TEST_F(AttackTest, NothingIsInjectedIntoHeadersAndLog) {
    for (const char* name : {"X-Road-Id", "X-Road-UserId", "X-Road-Issue"}) {
        for (const std::string& value :
             {std::string("a\r\nSet-Cookie: b"), std::string("a\nb"), std::string("a\rb"),
              std::string("a\0b", 3), std::string("a\tb"), std::string("a\x7F"),
              std::string("a\xC2\x85"), std::string("a\xE2\x80\xA8"), std::string("\xFF"),
              std::string(256, 'a')}) {
            auto request = question();
            request.headers.add(name, value);
            const auto response = call(std::move(request));
            EXPECT_EQ(fault(response), "client.bad_request") << name;
            EXPECT_FALSE(response.headers.has("X-Road-Id"));
            for (const Record& record : gateway_.records) {
                EXPECT_EQ((record.id + record.user + record.issue).find_first_of("\r\n"),
                          std::string::npos);
            }
        }
    }
    auto request = question();
    request.headers.add("X-Road-Id", "first\r\nbad");
    request.headers.add("x-road-id", "last");
    EXPECT_EQ(call(std::move(request)).headers.get("X-Road-Id"), "last");
}

TEST_F(AttackTest, ErrorsOfRoutingAndOfNet) {
    const http::Request request = get("/");
    EXPECT_EQ(fault(error_page(request, fail(ErrorCode::limit_exceeded, "too long"), 413)),
              "client.bad_request");
    EXPECT_EQ(fault(error_page(request, fail(ErrorCode::internal, "/var/secret"), 500)),
              "server.clientproxy.internal_error");
    EXPECT_EQ(message(error_page(request, fail(ErrorCode::internal, "/var/secret"), 500)),
              "an error of the node");
    http::Router router;
    add_routes(router, {gateway_, clock_, random_, settings_});
    EXPECT_EQ(router.body_bytes_max(http::Method::post, kService), kBodyBytesMax);
    EXPECT_EQ(router.body_bytes_max(http::Method::put, kService), kBodyBytesMax);
}

TEST_F(AttackTest, DeepAndWideBodies) {
    std::string deep = "{\"familienname\":";
    for (int i = 0; i < 40; ++i) deep += "[";
    EXPECT_EQ(call(post(deep)).status, 400);
    std::string wide = "{\"familienname\":[";
    for (int i = 0; i < 5000; ++i) wide += "0,";
    EXPECT_EQ(call(post(wide + "0],\"geburtsdatum\":\"a\"}")).status, 400);
    EXPECT_TRUE(gateway_.questions.empty());
}

}  // namespace
}  // namespace schwarm::xroad
