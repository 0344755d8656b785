// /v2 over the real app, runtime and storage in memory; no sockets.
#include "schwarm/api/v2.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "../../app/test/app_fixture.hpp"
#include "../src/v2/routes.hpp"
#include "schwarm/crypto/encode.hpp"

namespace schwarm::api::v2 {
namespace {

using http::Method;
using testing::HasSubstr;

constexpr std::string_view kProcess =
    R"(<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">
  <process id="Ablauf" name="Ein Ablauf" isExecutable="true"><startEvent id="S"><extensionElements>
  <zeebe:formDefinition formId="antrag"/></extensionElements></startEvent></process></definitions>)";
constexpr std::string_view kDecision =
    R"(<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="graph" name="Graph"
  namespace="x"><decision id="doppelt" name="Doppelt"><variable name="Doppelt"/>
  <literalExpression><text>2 * zahl</text></literalExpression></decision></definitions>)";

class V2Test : public testing::Test, protected app::AppFixture {
  protected:
    V2Test() {
        add_v2_routes(router_, {.runtime = *runtime_,
                                .registry = registry_,
                                .deployments = deployments_,
                                .clients = clients_,
                                .identities = identities_,
                                .clock = clock_,
                                .random = random_,
                                .version = "1.2.3"});
    }

    app::NewApiClient make(app::PrincipalKind role) {
        auto added = app::add_api_client(*storage_, app::kLeipzig, role, "", clock_.now(), random_);
        if (!added) throw std::runtime_error(added.error().text());
        return std::move(*added);
    }
    // The Authorization of a new client, by a token.
    std::string bearer(app::PrincipalKind role) {
        const auto token = clients_.issue_token(make(role).client.principal());
        return "Bearer " + *token;
    }
    std::string as_operator() {
        if (operator_.empty()) operator_ = bearer(app::PrincipalKind::process_operator);
        return operator_;
    }
    static std::string basic(const app::NewApiClient& client) {
        return basic(client.client.id, client.secret);
    }
    static std::string basic(const std::string& id, const std::string& secret) {
        auto text = crypto::base64url_encode(id + ":" + secret);
        for (char& c : text) c = c == '-' ? '+' : (c == '_' ? '/' : c);
        return "Basic " + text;
    }

    http::Response send(Method method, std::string path, std::string body = {},
                        std::optional<std::string> who = {},
                        std::string type = "application/json") {
        http::Request request;
        request.method = method;
        if (const auto mark = path.find('?'); mark != std::string::npos) {
            request.query = path.substr(mark + 1);
            path.resize(mark);
        }
        request.path = std::move(path);
        request.body = std::move(body);
        if (!request.body.empty()) request.headers.add("Content-Type", type);
        const auto authorization = who ? *who : as_operator();
        if (!authorization.empty()) request.headers.add("Authorization", authorization);
        std::promise<http::Response> promise;
        auto future = promise.get_future();
        router_.dispatch(request, http::Respond([&promise](http::Response response) {
                             promise.set_value(std::move(response));
                         }));
        return future.get();
    }
    json::Value object(const http::Response& response, int status = 200) {
        EXPECT_EQ(response.status, status) << response.content();
        auto parsed = json::parse(response.content());
        EXPECT_TRUE(parsed) << response.content();
        return parsed ? std::move(*parsed) : json::Value::object();
    }

    static constexpr auto kForm = "multipart/form-data; boundary=xyz";
    static std::string file(std::string_view name, std::string_view content,
                            std::string_view field = "resources") {
        return "--xyz\r\nContent-Disposition: form-data; name=\"" + std::string(field) +
               "\"; filename=\"" + std::string(name) + "\"\r\n\r\n" + std::string(content) + "\r\n";
    }
    static std::string field(std::string_view name, std::string_view value) {
        return "--xyz\r\nContent-Disposition: form-data; name=\"" + std::string(name) +
               "\"\r\n\r\n" + std::string(value) + "\r\n";
    }
    http::Response deploy(std::string parts) {
        return send(Method::post, "/v2/deployments", std::move(parts) + "--xyz--\r\n", {}, kForm);
    }
    json::Value deploy_all() {
        return object(deploy(file("a.bpmn", kProcess) + file("d.dmn", kDecision) +
                             file("f.form", R"({"id": "antrag", "components": []})")));
    }
    // deployments[i].<kind>.<member>
    static std::string told(const json::Value& deployment, std::size_t i, std::string_view kind,
                            std::string_view member) {
        const auto* of_kind = deployment.find("deployments")->items().at(i).find(kind);
        return of_kind->is_null() ? std::string() : of_kind->string_or(member, "");
    }

    services::Deployments deployments_{*storage_};
    app::ApiClients clients_{*storage_, crypto::Key::random(random_), clock_, random_};
    app::DemoIdentities identities_{{{app::kLeipzig, "Stadt Leipzig", {"verkehr"}}}};
    http::Router router_;
    std::string operator_;
};

// --- the table ---------------------------------------------------------------------------------

// What {parameters} stand for nothing.
std::string address_of(const Route& route) {
    std::string path = "/v2" + std::string(route.path);
    for (auto begin = path.find('{'); begin != std::string::npos; begin = path.find('{')) {
        path.replace(begin, path.find('}', begin) - begin + 1, "77");
    }
    return path;
}

TEST_F(V2Test, EveryRouteForEveryPrincipal) {
    using Kind = app::PrincipalKind;
    const std::string worker = bearer(Kind::worker);
    const std::string deployer = bearer(Kind::deployer);
    struct Who {
        std::string authorization;
        app::Principal principal;
    };
    const auto of = [](Kind kind) {
        app::Principal principal;
        principal.kind = kind;
        principal.tenant = app::kLeipzig;
        return principal;
    };
    const std::vector<Who> machines = {{worker, of(Kind::worker)},
                                       {deployer, of(Kind::deployer)},
                                       {as_operator(), of(Kind::process_operator)}};
    app::Object own;
    own.tenant = app::kLeipzig;
    for (const auto& route : all_routes()) {
        const auto address = address_of(route);
        const auto nobody = send(route.method, address, "", "").status;
        EXPECT_EQ(nobody == 401, route.action.has_value()) << address;
        if (!route.action) continue;
        EXPECT_EQ(send(route.method, address, "", "Bearer wrong").status, 401) << address;
        EXPECT_EQ(send(route.method, address, "", basic("leipzig.0", "x")).status, 401) << address;
        EXPECT_EQ(send(route.method, address, "", "Bearer demo-erika").status, 404) << address;
        EXPECT_EQ(send(route.method, address, "", "Bearer demo-betrieb").status, 404) << address;
        EXPECT_EQ(send(route.method, address, "", "Bearer demo-fachverfahren-leipzig").status, 403)
            << address;
        for (const auto& machine : machines) {
            const bool allowed =
                app::decide_access(machine.principal, *route.action, own).has_value();
            const auto status = send(route.method, address, "", machine.authorization).status;
            // The clock cannot be set here at all.
            const bool clock = route.path.starts_with("/clock");
            EXPECT_EQ(status == 403, !allowed || clock)
                << address << " by " << name_of(machine.principal.kind) << ": " << status;
        }
    }
}

TEST_F(V2Test, TheDocumentHasEveryRouteAndEverySchema) {
    const auto document = object(send(Method::get, "/v2/openapi.json", "", ""));
    EXPECT_EQ(document.string_or("openapi", ""), "3.0.3");
    std::set<std::string> operations;
    for (const auto& route : all_routes()) {
        const auto* path = document.find("paths")->find(route.path);
        ASSERT_NE(path, nullptr) << route.path;
        std::string method(http::name_of(route.method));
        for (char& c : method) c = static_cast<char>(std::tolower(c));
        ASSERT_NE(path->find(method), nullptr) << method << " " << route.path;
        EXPECT_EQ(path->find(method)->string_or("operationId", ""), route.operation);
        EXPECT_TRUE(operations.emplace(route.operation).second) << route.operation;
    }
    const auto text = json::to_string(document);
    const std::string mark = "#/components/schemas/";
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
        const auto begin = at + mark.size();
        const auto name = text.substr(begin, text.find('"', begin) - begin);
        EXPECT_NE(document.find("components")->find("schemas")->find(name), nullptr) << name;
    }
}

// --- who asks ----------------------------------------------------------------------------------

TEST_F(V2Test, SignInByBasicAndByToken) {
    const auto client = make(app::PrincipalKind::worker);
    EXPECT_EQ(send(Method::get, "/v2/topology", "", basic(client)).status, 200);
    EXPECT_EQ(send(Method::get, "/v2/topology", "", basic(client.client.id, "wrong")).status, 401);
    const auto form = "grant_type=client_credentials&audience=x&client_id=" + client.client.id +
                      "&client_secret=" + client.secret;
    const auto answered =
        object(send(Method::post, "/oauth/token", form, "", "application/x-www-form-urlencoded"));
    EXPECT_EQ(answered.int_or("expires_in", 0), 3600);
    EXPECT_EQ(answered.string_or("token_type", ""), "Bearer");
    const auto token = "Bearer " + answered.string_or("access_token", "");
    EXPECT_EQ(send(Method::get, "/v2/topology", "", token).status, 200);
    const auto me = object(send(Method::get, "/v2/authentication/me", "", token));
    EXPECT_EQ(me.string_or("username", ""), client.client.id);
    EXPECT_EQ(me.find("roles")->items().at(0).as_string(), "worker");
    const auto by_json = R"({"grant_type": "client_credentials", "client_id": ")" +
                         client.client.id + R"(", "client_secret": ")" + client.secret + "\"}";
    EXPECT_EQ(send(Method::post, "/oauth/token", by_json, "").status, 200);
    clock_.set(clock_.now() + std::chrono::minutes(61));
    EXPECT_EQ(send(Method::get, "/v2/topology", "", token).status, 401);
}

TEST_F(V2Test, WrongSecretsAreBounded) {
    const auto client = make(app::PrincipalKind::worker);
    ASSERT_EQ(send(Method::get, "/v2/topology", "", basic(client)).status, 200);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(send(Method::get, "/v2/topology", "", basic(client.client.id, "x")).status, 401);
    }
    const auto bounded = send(Method::get, "/v2/topology", "", basic(client.client.id, "x"));
    EXPECT_EQ(bounded.status, 429);
    EXPECT_NE(bounded.headers.get("retry-after"), "");
    // Whoever showed the right one lately is not locked out by it.
    EXPECT_EQ(send(Method::get, "/v2/topology", "", basic(client)).status, 200);
    clock_.set(clock_.now() + std::chrono::seconds(61));
    EXPECT_EQ(send(Method::get, "/v2/topology", "", basic(client)).status, 200);
    const auto refused = send(Method::post, "/oauth/token", "grant_type=password", "",
                              "application/x-www-form-urlencoded");
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, HasSubstr("unsupported_grant_type"));
}

TEST_F(V2Test, ARemovedClientIsOut) {
    const auto client = make(app::PrincipalKind::worker);
    const auto token = "Bearer " + *clients_.issue_token(client.client.principal());
    EXPECT_EQ(send(Method::get, "/v2/topology", "", token).status, 200);
    ASSERT_TRUE(app::remove_api_client(*storage_, client.client.id));
    clock_.set(clock_.now() + std::chrono::seconds(6));
    EXPECT_EQ(send(Method::get, "/v2/topology", "", token).status, 401);
    EXPECT_EQ(send(Method::get, "/v2/topology", "", basic(client)).status, 401);
}

TEST_F(V2Test, AForeignTenantDoesNotExist) {
    deploy_all();
    for (const auto* path : {"/v2/decision-definitions/evaluation", "/v2/expression/evaluation"}) {
        const auto foreign = send(Method::post, path,
                                  R"({"expression": "=1", "decisionDefinitionId": "doppelt",
                                      "tenantId": "halle"})");
        EXPECT_EQ(foreign.status, 404) << path;
    }
    EXPECT_EQ(deploy(file("a.bpmn", kProcess) + field("tenantId", "halle")).status, 404);
    EXPECT_EQ(deploy(file("a.bpmn", kProcess) + field("tenantId", "<default>")).status, 200);
    EXPECT_EQ(send(Method::get, "/v2/tenants/halle").status, 404);
    EXPECT_EQ(send(Method::get, "/v2/tenants/leipzig").status, 200);
    const auto found = object(send(Method::post, "/v2/process-definitions/search",
                                   R"({"filter": {"tenantId": "halle"}})"));
    EXPECT_TRUE(found.find("items")->items().empty());
}

// --- what is deployed --------------------------------------------------------------------------

TEST_F(V2Test, FromDeploymentToDeletion) {
    const auto deployed = deploy_all();
    const auto key = told(deployed, 0, "processDefinition", "processDefinitionKey");
    const auto decision = told(deployed, 1, "decisionDefinition", "decisionDefinitionKey");
    const auto graph = told(deployed, 2, "decisionRequirements", "decisionRequirementsKey");
    const auto form = told(deployed, 3, "form", "formKey");
    const auto one = object(send(Method::get, "/v2/process-definitions/" + key));
    EXPECT_EQ(one.string_or("processDefinitionId", ""), "Ablauf");
    EXPECT_EQ(one.string_or("processDefinitionKey", ""), key);
    EXPECT_TRUE(one.boolean_or("hasStartForm", false));
    EXPECT_EQ(send(Method::get, "/v2/process-definitions/" + key + "/xml").body, kProcess);
    const auto start = object(send(Method::get, "/v2/process-definitions/" + key + "/form"));
    EXPECT_EQ(start.string_or("formKey", ""), form);
    EXPECT_EQ(start.string_or("schema", ""), R"({"id": "antrag", "components": []})");
    EXPECT_EQ(send(Method::get, "/v2/decision-definitions/" + decision + "/xml").body, kDecision);
    EXPECT_EQ(send(Method::get, "/v2/decision-requirements/" + graph + "/xml").body, kDecision);
    EXPECT_EQ(object(send(Method::get, "/v2/forms/" + form)).string_or("formId", ""), "antrag");
    EXPECT_EQ(object(send(Method::get, "/v2/resources/" + form)).string_or("resourceName", ""),
              "f.form");
    EXPECT_EQ(send(Method::get, "/v2/resources/" + key + "/content").body, kProcess);
    for (const auto* family :
         {"process-definitions", "decision-definitions", "decision-requirements"}) {
        const auto page =
            object(send(Method::post, "/v2/" + std::string(family) + "/search", R"({"page": {}})"));
        EXPECT_EQ(page.find("items")->items().size(), 1U) << family;
        EXPECT_EQ(page.find("page")->int_or("totalItems", 0), 1) << family;
    }
    EXPECT_EQ(send(Method::post, "/v2/resources/" + key + "/deletion").status, 200);
    EXPECT_EQ(send(Method::post, "/v2/resources/" + key + "/deletion").status, 404);
    for (const auto* rest : {"", "/xml", "/form"}) {
        EXPECT_EQ(send(Method::get, "/v2/process-definitions/" + key + rest).status, 404);
    }
    EXPECT_EQ(send(Method::post, "/v2/resources/" + graph + "/deletion").status, 200);
    EXPECT_EQ(send(Method::get, "/v2/decision-definitions/" + decision).status, 404);
}

TEST_F(V2Test, RefusalsNameFileLineAndElement) {
    const auto refused =
        deploy(file("a.bpmn", kProcess) +
               file("b.bpmn", R"(<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">
<process id="P" isExecutable="true"><startEvent id="S"/>
<sequenceFlow id="F" sourceRef="S" targetRef="weg"/></process></definitions>)"));
    const auto problem = object(refused, 400);
    EXPECT_EQ(refused.headers.get("content-type"), "application/problem+json");
    EXPECT_EQ(problem.string_or("title", ""), "INVALID_ARGUMENT");
    EXPECT_EQ(problem.string_or("instance", ""), "/v2/deployments");
    EXPECT_THAT(problem.string_or("detail", ""), HasSubstr("b.bpmn:3 element F"));
    EXPECT_EQ(send(Method::post, "/v2/deployments", "{}").status, 415);
    EXPECT_EQ(send(Method::get, "/v2/process-definitions/x").status, 400);
}

TEST_F(V2Test, EvaluatesDecisions) {
    const auto deployed = deploy_all();
    const auto key = told(deployed, 1, "decisionDefinition", "decisionDefinitionKey");
    for (const auto& body :
         {std::string(R"({"decisionDefinitionId": "doppelt", "variables": {"zahl": 21}})"),
          R"({"decisionDefinitionKey": ")" + key + R"(", "variables": {"zahl": 21}})"}) {
        const auto told = object(send(Method::post, "/v2/decision-definitions/evaluation", body));
        EXPECT_EQ(told.string_or("output", ""), "42");
        EXPECT_EQ(told.string_or("decisionDefinitionKey", ""), key);
        EXPECT_TRUE(told.find("failureMessage")->is_null());
        EXPECT_TRUE(told.find("failedDecisionDefinitionId")->is_null());
        const auto& items = told.find("evaluatedDecisions")->items();
        ASSERT_EQ(items.size(), 1U);
        EXPECT_EQ(items[0].string_or("decisionDefinitionType", ""), "LITERAL_EXPRESSION");
        EXPECT_EQ(items[0].string_or("output", ""), "42");
    }
    const auto failed = object(send(Method::post, "/v2/decision-definitions/evaluation",
                                    R"({"decisionDefinitionId": "doppelt"})"));
    EXPECT_EQ(failed.string_or("failedDecisionDefinitionId", ""), "doppelt");
    EXPECT_NE(failed.string_or("failureMessage", ""), "");
    const auto status = [&](std::string body) {
        return send(Method::post, "/v2/decision-definitions/evaluation", std::move(body)).status;
    };
    EXPECT_EQ(status(R"({"decisionDefinitionId": "weg"})"), 404);
    EXPECT_EQ(status(R"({})"), 400);
    EXPECT_EQ(status(R"({"decisionDefinitionId": "doppelt", "variables": []})"), 400);
}

TEST_F(V2Test, EvaluatesExpressions) {
    const auto told = object(send(Method::post, "/v2/expression/evaluation",
                                  R"({"expression": "=a + 1", "variables": {"a": 2}})"));
    EXPECT_EQ(told.int_or("result", 0), 3);
    const auto null =
        object(send(Method::post, "/v2/expression/evaluation", R"({"expression": "=1 + \"x\""})"));
    EXPECT_TRUE(null.find("result")->is_null());
    ASSERT_FALSE(null.find("warnings")->items().empty());
    EXPECT_NE(null.find("warnings")->items()[0].string_or("message", ""), "");
    for (const auto* body : {R"({"expression": "=1 +"})", R"({"expression": "1"})", R"({})"}) {
        EXPECT_EQ(send(Method::post, "/v2/expression/evaluation", body).status, 400) << body;
    }
    // Work without end is ended.
    const auto endless =
        send(Method::post, "/v2/expression/evaluation",
             R"json({"expression": "=count(for a in 1..9999, b in 1..9999 return a)"})json");
    EXPECT_TRUE(object(endless).find("result")->is_null());
}

TEST_F(V2Test, Documents) {
    const auto created =
        object(send(Method::post, "/v2/documents",
                    file("brief.txt", "Hallo", "file") +
                        field("metadata", R"({"customProperties": {"a": 1}})") + "--xyz--\r\n",
                    {}, kForm),
               201);
    EXPECT_EQ(created.string_or("camunda.document.type", ""), "camunda");
    const auto id = created.string_or("documentId", "");
    EXPECT_EQ(created.find("metadata")->string_or("fileName", ""), "brief.txt");
    EXPECT_EQ(created.find("metadata")->int_or("size", 0), 5);
    const auto path = "/v2/documents/" + id;
    EXPECT_EQ(send(Method::get, path + "?contentHash=" + created.string_or("contentHash", "")).body,
              "Hallo");
    EXPECT_EQ(send(Method::get, path + "?contentHash=00").status, 400);
    EXPECT_EQ(send(Method::get, path).headers.get("content-disposition"), "attachment");
    EXPECT_EQ(send(Method::post, "/v2/documents?documentId=" + id,
                   file("b.txt", "x", "file") + "--xyz--\r\n", {}, kForm)
                  .status,
              409);
    EXPECT_EQ(send(Method::del, path).status, 204);
    EXPECT_EQ(send(Method::get, path).status, 404);
    EXPECT_EQ(send(Method::del, path).status, 404);
    const auto batch =
        object(send(Method::post, "/v2/documents/batch",
                    file("a", "1", "files") + file("b", "2", "files") + "--xyz--\r\n", {}, kForm),
               201);
    EXPECT_EQ(batch.find("createdDocuments")->items().size(), 2U);
}

TEST_F(V2Test, WhatNeedsNoCredentials) {
    EXPECT_EQ(send(Method::get, "/v2/status", "", "").status, 204);
    EXPECT_TRUE(object(send(Method::get, "/v2/license", "", "")).boolean_or("validLicense", false));
    const auto topology = object(send(Method::get, "/v2/topology"));
    EXPECT_EQ(topology.string_or("gatewayVersion", ""), "1.2.3");
    EXPECT_EQ(topology.int_or("partitionsCount", 0), 1);
}

}  // namespace
}  // namespace schwarm::api::v2
