// The API over the real app, runtime and test package; no sockets.
#include "schwarm/api/api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../app/test/app_fixture.hpp"

namespace schwarm::api {
namespace {

using testing::HasSubstr;

// A network of two that remembers what the operator said.
class TwoMembers final : public app::Network {
  public:
    app::NetworkView view() const override {
        app::NetworkView out;
        out.epoch = 3;
        out.members = {{"lecos", "Lecos GmbH", {"10.0.0.1:9443"}, true}, {"aachen", "", {}, false}};
        out.warnings = {{"key_expires", "The signing key of kfz@lecos expires in 9 days."}};
        out.consents = {{"halle", "first-key"}, {"aachen", ""}};
        return out;
    }
    std::vector<app::WaitingMessage> waiting(const TenantId& tenant, std::size_t) const override {
        return {{tenant, CaseId(1), "", "kba@aachen", "ikfz/1/anfrage", "waiting", Instant(),
                 Instant(), 3, "no answer"}};
    }
    Result<app::CaseMail> mail(const TenantId&, CaseId) const override { return app::CaseMail{}; }
    Result<void> admit(std::string_view member, std::string_view key) override {
        said = "admit " + std::string(member) + " " + std::string(key);
        return {};
    }
    Result<void> remove(std::string_view member) override {
        said = "remove " + std::string(member);
        return {};
    }
    Result<void> choose(std::string_view epoch) override {
        return fail(ErrorCode::not_found, "no epoch in dispute: " + std::string(epoch));
    }
    std::string said;
};

class ApiTest : public testing::Test, protected app::AppFixture {
  protected:
    ApiTest() {
        Dependencies dependencies{member_app_, sessions_, identities_, {}};
        dependencies.packages_directory =
            std::string(SCHWARM_SOURCE_DIR) + "/src/services/test/data";
        add_routes(router_, dependencies);
    }

    struct Call {
        http::Method method = http::Method::get;
        std::string path{};
        std::string body{};
        std::string type = "application/json";
        std::string token{};
        std::string cookie{};
        std::string key{};
        std::string accept{};
        std::string query{};
    };

    http::Response send(const Call& call) {
        http::Request request;
        request.method = call.method;
        request.path = call.path;
        request.query = call.query;
        request.body = call.body;
        if (!call.body.empty()) request.headers.add("Content-Type", call.type);
        if (!call.token.empty()) request.headers.add("Authorization", "Bearer " + call.token);
        if (!call.cookie.empty()) request.headers.add("Cookie", call.cookie);
        if (!call.key.empty()) request.headers.add("Idempotency-Key", call.key);
        if (!call.accept.empty()) request.headers.add("Accept", call.accept);
        std::promise<http::Response> promise;
        auto future = promise.get_future();
        router_.dispatch(request, http::Respond([&promise](http::Response response) {
                             promise.set_value(std::move(response));
                         }));
        return future.get();
    }

    static std::string application(std::string_view answers) {
        return R"({"tenant": "leipzig", "service": "parkausweis", "answers": )" +
               std::string(answers) + "}";
    }

    static constexpr std::string_view kLight =
        R"({"name": "Erika", "kennzeichen": "L-AB 123", "gewicht": 1400})";
    static constexpr std::string_view kHeavy =
        R"({"name": "Erika", "kennzeichen": "L-AB 123", "gewicht": 3000})";

    TwoMembers network_;
    app::App member_app_{*runtime_, registry_, clock_, random_, app::Limits(), &network_};
    app::Sessions sessions_{crypto::Key::random(random_), clock_, random_};
    app::DemoIdentities identities_{{{app::kLeipzig, "Stadt Leipzig", {"verkehr"}}}};
    http::Router router_;
};

TEST_F(ApiTest, AnApplicationFromReceiptToNotice) {
    const auto receipt = send({.method = http::Method::post,
                               .path = "/applications",
                               .body = application(kLight),
                               .token = "demo-erika"});
    EXPECT_EQ(receipt.status, 201);
    EXPECT_EQ(receipt.headers.get("location"), "/applications/leipzig/PA-2026-0000001");
    EXPECT_THAT(receipt.body, HasSubstr(R"("case_number":"PA-2026-0000001")"));
    EXPECT_THAT(receipt.body, HasSubstr(R"("status":"completed")"));
    const auto view =
        send({.path = "/applications/leipzig/PA-2026-0000001", .token = "demo-erika"});
    EXPECT_EQ(view.status, 200);
    EXPECT_THAT(view.body, HasSubstr(R"("amount":30.7)"));
    EXPECT_THAT(view.body, HasSubstr(R"("decision":"erteilt")"));
    const auto notice =
        send({.path = "/applications/leipzig/1/documents/1", .token = "demo-erika"});
    EXPECT_THAT(notice.body, HasSubstr(R"("data":{)"));
    const auto page = send({.path = "/applications/leipzig/1/documents/1",
                            .token = "demo-erika",
                            .accept = "text/html"});
    EXPECT_THAT(page.body, HasSubstr("<h1>Parkausweis</h1>"));
    EXPECT_THAT(send({.path = "/applications", .token = "demo-erika"}).body,
                HasSubstr("PA-2026-0000001"));
}

TEST_F(ApiTest, OthersGetNothing) {
    send({.method = http::Method::post,
          .path = "/applications",
          .body = application(kLight),
          .token = "demo-erika"});
    for (const auto* token : {"", "demo-max", "demo-betrieb"}) {
        EXPECT_EQ(send({.path = "/applications/leipzig/1", .token = token}).status, 404);
    }
    EXPECT_EQ(send({.path = "/applications/leipzig/1", .token = "wrong"}).status, 401);
    EXPECT_EQ(send({.path = "/applications/leipzig/x", .token = "demo-erika"}).status, 404);
    EXPECT_EQ(send({.path = "/applications/halle/1", .token = "demo-erika"}).status, 404);
    EXPECT_EQ(send({.path = "/tasks", .token = "demo-erika"}).status, 404);
}

TEST_F(ApiTest, AGuestSeesTheCaseWithTheSessionOfTheReceipt) {
    const auto receipt =
        send({.method = http::Method::post, .path = "/applications", .body = application(kLight)});
    EXPECT_EQ(receipt.status, 201);
    const std::string set(receipt.headers.get("set-cookie"));
    const auto cookie = set.substr(0, set.find(';'));
    EXPECT_EQ(send({.path = "/applications/leipzig/1", .cookie = cookie}).status, 200);
    EXPECT_EQ(send({.path = "/applications/leipzig/1"}).status, 404);
}

TEST_F(ApiTest, FormFieldsWorkAsWell) {
    const auto receipt =
        send({.method = http::Method::post,
              .path = "/applications",
              .body = "tenant=leipzig&service=parkausweis&name=Erika&kennzeichen=L-AB+123"
                      "&gewicht=1.400",
              .type = "application/x-www-form-urlencoded",
              .token = "demo-erika"});
    EXPECT_EQ(receipt.status, 201) << receipt.body;
    const auto rows =
        send({.method = http::Method::post,
              .path = "/applications",
              .body = "tenant=leipzig&service=parkausweis&name=Erika&kennzeichen=L-AB+123"
                      "&gewicht=1400&mitfahrende.1.vorname=Max",
              .type = "application/x-www-form-urlencoded",
              .token = "demo-erika"});
    EXPECT_EQ(rows.status, 422);
    EXPECT_THAT(rows.body, HasSubstr(R"("pointer":"/answers/mitfahrende/0/vorname")"));
}

TEST_F(ApiTest, WrongAnswersNameTheirPlace) {
    const auto refused = send({.method = http::Method::post,
                               .path = "/applications",
                               .body = application(R"({"name": "E", "kennzeichen": "?"})"),
                               .token = "demo-erika"});
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.headers.get("content-type"), "application/problem+json");
    EXPECT_THAT(refused.body, HasSubstr(R"("pointer":"/answers/kennzeichen")"));
    EXPECT_THAT(refused.body, HasSubstr(R"("pointer":"/answers/gewicht")"));
}

TEST_F(ApiTest, BadBodiesAreRefused) {
    const auto post = [&](std::string body, std::string type) {
        return send({.method = http::Method::post,
                     .path = "/applications",
                     .body = std::move(body),
                     .type = std::move(type),
                     .token = "demo-erika"})
            .status;
    };
    EXPECT_EQ(post("{", "application/json"), 400);
    EXPECT_EQ(post("[]", "application/json"), 400);
    EXPECT_EQ(post(R"({"tenant": 1})", "application/json"), 400);
    EXPECT_EQ(post("x", "text/plain"), 400);
    EXPECT_EQ(post("a=%ZZ", "application/x-www-form-urlencoded"), 400);
    std::string deep(100, '[');
    EXPECT_GE(post(application(deep), "application/json"), 400);
    EXPECT_EQ(
        post(R"({"tenant":"halle","service":"parkausweis","answers":{}})", "application/json"),
        404);
}

TEST_F(ApiTest, TheSameKeyTwiceIsOneCase) {
    const Call call{.method = http::Method::post,
                    .path = "/applications",
                    .body = application(kLight),
                    .token = "demo-erika",
                    .key = "abc"};
    EXPECT_EQ(send(call).status, 201);
    const auto again = send(call);
    EXPECT_EQ(again.status, 200);
    EXPECT_THAT(again.body, HasSubstr("PA-2026-0000001"));
}

TEST_F(ApiTest, AClerkDecides) {
    send({.method = http::Method::post,
          .path = "/applications",
          .body = application(kHeavy),
          .token = "demo-erika"});
    const std::string clerk = "demo-sachbearbeitung-leipzig";
    const auto tasks = send({.path = "/tasks", .token = clerk});
    EXPECT_THAT(tasks.body, HasSubstr(R"("element":"Pruefen")"));
    const auto parsed = json::parse(tasks.body);
    const auto key = parsed->find("tasks")->items()[0].int_or("task", 0);
    const auto path = "/tasks/leipzig/1/" + std::to_string(key);
    EXPECT_THAT(send({.path = path, .token = clerk}).body, HasSubstr("§ 12 Abs. 3a StVO"));
    const auto complete = [&](std::string body) {
        return send({.method = http::Method::post,
                     .path = path + "/completion",
                     .body = std::move(body),
                     .token = clerk})
            .status;
    };
    EXPECT_EQ(complete(R"({"answers": {"urteil": "?"}})"), 422);
    EXPECT_EQ(complete(R"({"answers": {"urteil": "ja"}})"), 204);
    EXPECT_EQ(complete(R"({"answers": {"urteil": "ja"}})"), 404);
    EXPECT_THAT(send({.path = "/applications/leipzig/1", .token = "demo-erika"}).body,
                HasSubstr(R"("milestone":"erteilt")"));
}

TEST_F(ApiTest, PackagesAreDeployedByTheOperatorOfTheNode) {
    const Call call{.method = http::Method::post,
                    .path = "/packages",
                    .body = R"({"service": "parkausweis"})",
                    .token = "demo-betrieb"};
    auto other = call;
    other.token = "demo-betrieb-leipzig";
    EXPECT_EQ(send(other).status, 404);
    const auto done = send(call);
    EXPECT_EQ(done.status, 201) << done.body;
    auto upwards = call;
    upwards.body = R"({"service": "../../etc"})";
    EXPECT_EQ(send(upwards).status, 400);
}

TEST_F(ApiTest, BrokenPackagesAreRefusedWithTheirPlace) {
    auto files = services::test_files();
    auto& model = files.at("process.bpmn");
    model.replace(model.find("decisionId=\"Gebuehr\""), 20, "decisionId=\"Fehlt\"");
    std::string body;
    const auto part = [&](const std::string& head, const std::string& content) {
        body +=
            "--grenze\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + content + "\r\n";
    };
    part("name=\"service\"", "parkausweis");
    for (const auto& [name, content] : files) {
        part("name=\"" + name + "\"; filename=\"datei\"", content);
    }
    body += "--grenze--\r\n";
    const auto refused = send({.method = http::Method::post,
                               .path = "/packages",
                               .body = body,
                               .type = "multipart/form-data; boundary=grenze",
                               .token = "demo-betrieb"});
    EXPECT_EQ(refused.status, 422) << refused.body;
    EXPECT_THAT(refused.body, HasSubstr(R"("file":"process.bpmn")"));
    EXPECT_THAT(refused.body, HasSubstr(R"("element":"Gebuehr_berechnen")"));
    EXPECT_THAT(refused.body, HasSubstr("Fehlt"));
}

TEST_F(ApiTest, TheOperatorSeesTheNetworkAndWhatWaitsThere) {
    send({.method = http::Method::post,
          .path = "/applications",
          .body = application(kHeavy),
          .token = "demo-erika"});
    for (const auto* token : {"", "demo-erika", "demo-sachbearbeitung-leipzig"}) {
        EXPECT_EQ(send({.path = "/network", .token = token}).status, 404);
    }
    for (const auto* token : {"demo-betrieb", "demo-betrieb-leipzig"}) {
        const auto seen = send({.path = "/network", .token = token});
        ASSERT_EQ(seen.status, 200) << seen.body;
        EXPECT_THAT(seen.body, HasSubstr(R"("addresses":["10.0.0.1:9443"])"));
        EXPECT_THAT(seen.body, HasSubstr(R"("kind":"key_expires")"));
        EXPECT_THAT(seen.body, HasSubstr(R"("key":"first-key","change":"admission")"));
        EXPECT_THAT(seen.body, HasSubstr(R"({"member":"aachen","change":"removal"})"));
        EXPECT_THAT(seen.body, HasSubstr(R"("case_number":"PA-2026-0000001","to":"kba@aachen")"));
        EXPECT_THAT(seen.body, HasSubstr(R"("attempts":3,"reason":"no answer")"));
    }
}

TEST_F(ApiTest, OnlyTheOperatorOfTheNodeAdmitsAndRemoves) {
    Call call{.method = http::Method::post,
              .path = "/network/admissions",
              .body = R"({"member": "halle", "key": "kid"})",
              .token = "demo-betrieb-leipzig"};
    EXPECT_EQ(send(call).status, 404);
    EXPECT_EQ(network_.said, "");
    call.token = "demo-betrieb";
    EXPECT_EQ(send(call).status, 204);
    EXPECT_EQ(network_.said, "admit halle kid");
    call.path = "/network/removals";
    EXPECT_EQ(send(call).status, 204);
    EXPECT_EQ(network_.said, "remove halle");
    call.path = "/network/choices";
    EXPECT_EQ(send(call).status, 404);
    network_.said.clear();
    call.path = "/network/removals";
    call.type = "text/plain";  // what a form of another site could send
    EXPECT_EQ(send(call).status, 400);
    EXPECT_EQ(network_.said, "");
}

TEST_F(ApiTest, UploadAndWithdrawal) {
    send({.method = http::Method::post,
          .path = "/applications",
          .body = application(kHeavy),
          .token = "demo-erika"});
    const auto uploaded =
        send({.method = http::Method::post,
              .path = "/applications/leipzig/1/documents",
              .body = "--g\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n"
                      "Content-Type: application/pdf\r\n\r\n%PDF-1.7\r\n--g--\r\n",
              .type = "multipart/form-data; boundary=g",
              .token = "demo-erika"});
    EXPECT_EQ(uploaded.status, 201) << uploaded.body;
    const Call withdrawal{.method = http::Method::post,
                          .path = "/applications/leipzig/1/withdrawal",
                          .token = "demo-erika"};
    EXPECT_EQ(send(withdrawal).status, 204);
    EXPECT_EQ(send(withdrawal).status, 409);
}

TEST_F(ApiTest, ServicesCanBeSearched) {
    EXPECT_THAT(send({.path = "/services", .query = "q=parken"}).body,
                HasSubstr(R"("service":"parkausweis")"));
    EXPECT_THAT(send({.path = "/services", .query = "q=hund"}).body, HasSubstr(R"("services":[])"));
}

}  // namespace
}  // namespace schwarm::api
