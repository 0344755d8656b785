// Searches of /v2 over what process instances did: real runtime, storage in memory, no sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

#include "../../services/test/test_package.hpp"
#include "../src/v2/histories.hpp"
#include "schwarm/api/v2.hpp"
#include "schwarm/app/app.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/services/bindings.hpp"
#include "schwarm/storage/memory.hpp"

namespace schwarm::api::v2 {
namespace {

using http::Method;
using testing::ElementsAre;
using testing::HasSubstr;

const TenantId kLeipzig("leipzig");
const TenantId kHalle("halle");

// Set by the test, read by the runtime's threads.
class TestClock final : public Clock {
  public:
    Instant now() const override { return Instant(std::chrono::milliseconds(ms_.load())); }
    void set(Instant to) { ms_.store(to.time_since_epoch().count()); }

  private:
    // 2026-03-14T09:00:00Z
    std::atomic<std::int64_t> ms_{1'773'478'800'000};
};

// A job, a decision, a user task and a called process that waits for a message.
constexpr std::string_view kOuter = R"(
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">
  <process id="Aussen" name="Der Antrag" isExecutable="true">
    <extensionElements><zeebe:versionTag value="erste"/></extensionElements>
    <startEvent id="S"/><sequenceFlow id="F1" sourceRef="S" targetRef="Pruefen"/>
    <serviceTask id="Pruefen" name="Angaben prüfen"><extensionElements>
      <zeebe:taskDefinition type="pruefen"/>
      <zeebe:taskHeaders><zeebe:header key="wie" value="genau"/></zeebe:taskHeaders>
    </extensionElements></serviceTask>
    <sequenceFlow id="F2" sourceRef="Pruefen" targetRef="Rechnen"/>
    <businessRuleTask id="Rechnen"><extensionElements>
      <zeebe:calledDecision decisionId="gebuehr" resultVariable="euro"/>
    </extensionElements></businessRuleTask>
    <sequenceFlow id="F3" sourceRef="Rechnen" targetRef="Bearbeiten"/>
    <userTask id="Bearbeiten" name="Antrag bearbeiten"><extensionElements>
      <zeebe:formDefinition formId="antrag"/>
      <zeebe:assignmentDefinition candidateGroups="team" candidateUsers="ute"/>
      <zeebe:ioMapping><zeebe:input source="=euro + 1" target="vorschlag"/></zeebe:ioMapping>
    </extensionElements></userTask>
    <sequenceFlow id="F4" sourceRef="Bearbeiten" targetRef="Rufen"/>
    <callActivity id="Rufen"><extensionElements><zeebe:calledElement processId="Innen"/>
    </extensionElements></callActivity>
    <sequenceFlow id="F5" sourceRef="Rufen" targetRef="E"/><endEvent id="E"/>
  </process></definitions>)";
constexpr std::string_view kInner = R"(
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">
  <message id="M" name="zahlung"><extensionElements>
    <zeebe:subscription correlationKey="=nummer"/></extensionElements></message>
  <process id="Innen" isExecutable="true">
    <startEvent id="S2"/><sequenceFlow id="G1" sourceRef="S2" targetRef="Warten"/>
    <intermediateCatchEvent id="Warten"><messageEventDefinition messageRef="M"/>
    </intermediateCatchEvent>
    <sequenceFlow id="G2" sourceRef="Warten" targetRef="E2"/><endEvent id="E2"/>
  </process></definitions>)";
constexpr std::string_view kDecision = R"(
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="graph" name="Graph"
  namespace="x"><decision id="gebuehr" name="Gebuehr"><decisionTable id="t" hitPolicy="UNIQUE">
  <input id="i1" label="Alter"><inputExpression typeRef="number"><text>alter</text>
  </inputExpression></input><output id="o1" name="euro" typeRef="number"/>
  <rule id="r1"><inputEntry><text>&lt; 18</text></inputEntry><outputEntry><text>0</text>
  </outputEntry></rule><rule id="r2"><inputEntry><text>&gt;= 18</text></inputEntry><outputEntry>
  <text>24</text></outputEntry></rule></decisionTable></decision></definitions>)";

void require(const Result<void>& result) {
    if (result.has_error()) throw std::runtime_error(result.error().text());
}

class V2HistoryTest : public testing::Test {
  protected:
    V2HistoryTest() {
        require(registry_.add(services::test_package(), clock_.now()));
        for (const auto& tenant : {kLeipzig, kHalle}) {
            const auto config = json::parse(R"({"id": ")" + tenant.value() +
                                            R"(", "name": "x", "services": {"parkausweis": {}}})");
            require(registry_.add_tenant(*services::parse_tenant(*config)));
        }
        runtime::Environment environment{
            *storage_, clock_, random_, crypto::Key::random(random_),
            [this](const TenantId& id) { return bindings_.definitions(id); }};
        auto runtime = runtime::Runtime::open(std::move(environment));
        if (runtime.has_error()) throw std::runtime_error(runtime.error().text());
        runtime_ = std::move(*runtime);
        for (const auto& tenant : {kLeipzig, kHalle}) require(runtime_->ensure_tenant(tenant));
        require(runtime_->ensure_tenant(services::node_tenant()));
        add_v2_routes(router_, {.runtime = *runtime_,
                                .registry = registry_,
                                .deployments = deployments_,
                                .clients = clients_,
                                .identities = identities_,
                                .clock = clock_,
                                .random = random_,
                                .version = "1.2.3"});
        leipzig_ = bearer(kLeipzig);
        halle_ = bearer(kHalle);
        deploy({{"aussen.bpmn", std::string(kOuter)},
                {"innen.bpmn", std::string(kInner)},
                {"gebuehr.dmn", std::string(kDecision)},
                {"antrag.form", R"({"id": "antrag", "components": []})"}});
    }

    std::string bearer(const TenantId& tenant) {
        const auto added = app::add_api_client(
            *storage_, tenant, app::PrincipalKind::process_operator, "", clock_.now(), random_);
        return "Bearer " + *clients_.issue_token(added->client.principal());
    }
    void deploy(std::vector<services::ResourceFile> files) {
        std::promise<Result<services::Deployment>> promise;
        deployments_.deploy(*runtime_, kLeipzig, std::move(files), "test",
                            [&](auto result) { promise.set_value(std::move(result)); });
        const auto deployed = promise.get_future().get();
        if (!deployed) throw std::runtime_error(deployed.error().text());
        for (const auto& problem : deployed->problems) {
            if (!problem.warning) throw std::runtime_error(problem.text());
        }
    }
    std::uint64_t definition(std::string_view id) {
        return (*deployments_.of(kLeipzig))->process(id)->key;
    }

    CaseId run(CaseId id, engine::CommandBody body) {
        runtime::Submission submission;
        submission.tenant = kLeipzig;
        submission.case_id = id;
        submission.command.actor = "test";
        submission.command.body = std::move(body);
        auto reply = runtime_->submit_and_wait(std::move(submission));
        if (!reply) throw std::runtime_error(reply.error().text());
        return reply->case_id;
    }
    // The key of the new process instance.
    std::string start(std::int64_t age, std::string_view number, std::string business_id = {},
                      std::vector<std::string> tags = {}) {
        engine::CreateCase create;
        create.definition = services::definition_key_of(definition("Aussen"));
        create.variables.set(feel::Key("alter"), feel::Value(age));
        create.variables.set(feel::Key("nummer"), feel::Value(number));
        create.business_id = std::move(business_id);
        create.tags = std::move(tags);
        const CaseId id = run({}, std::move(create));
        tick();
        return key_text(runtime::global_key(id, 1));
    }
    void tick() { clock_.set(clock_.now() + std::chrono::seconds(1)); }

    // What waits in the instance, by its key in a search.
    std::uint64_t waiting(const std::string& family, std::string_view member,
                          const std::string& instance) {
        const auto found = search(family, R"({"filter": {"processInstanceKey": ")" + instance +
                                              R"(", "state": "CREATED"}})");
        const auto& items = found.find("items")->items();
        if (items.size() != 1) throw std::runtime_error("not one in " + family);
        return *parse_key(items[0].string_or(member, ""));
    }
    void work(const std::string& instance) {
        const auto key = waiting("jobs", "jobKey", instance);
        run(runtime::case_of(key), engine::CompleteJob{engine::JobKey(runtime::local_of(key)), {}});
        tick();
    }
    void fail_job(const std::string& instance, std::uint32_t retries) {
        const auto key = waiting("jobs", "jobKey", instance);
        run(runtime::case_of(key), engine::FailJob{engine::JobKey(runtime::local_of(key)),
                                                   retries,
                                                   "kein Netz",
                                                   std::chrono::milliseconds(0),
                                                   {}});
        tick();
    }
    void decide(const std::string& instance) {
        const auto key = waiting("user-tasks", "userTaskKey", instance);
        engine::CompleteUserTask complete;
        complete.task = ElementKey(runtime::local_of(key));
        run(runtime::case_of(key), std::move(complete));
        tick();
    }
    void pay(const std::string& instance) {
        engine::CorrelateMessage message;
        message.name = "zahlung";
        run(runtime::case_of(*parse_key(instance)), std::move(message));
        tick();
    }
    void cancel(const std::string& instance) {
        run(runtime::case_of(*parse_key(instance)), engine::CancelCase{"zurückgezogen"});
        tick();
    }

    http::Response send(Method method, std::string path, std::string body, std::string who) {
        http::Request request;
        request.method = method;
        if (const auto mark = path.find('?'); mark != std::string::npos) {
            request.query = path.substr(mark + 1);
            path.resize(mark);
        }
        request.path = "/v2/" + path;
        request.body = std::move(body);
        if (!request.body.empty()) request.headers.add("Content-Type", "application/json");
        request.headers.add("Authorization", who);
        std::promise<http::Response> promise;
        auto future = promise.get_future();
        router_.dispatch(request, http::Respond([&promise](http::Response response) {
                             promise.set_value(std::move(response));
                         }));
        return future.get();
    }
    json::Value object(const http::Response& response) {
        EXPECT_EQ(response.status, 200) << response.content();
        auto parsed = json::parse(response.content());
        return parsed ? std::move(*parsed) : json::Value::object();
    }
    json::Value get(const std::string& path) {
        return object(send(Method::get, path, "", leipzig_));
    }
    json::Value search(const std::string& family, const std::string& body = "{}") {
        return object(send(Method::post, family + "/search", body, leipzig_));
    }
    // One member of each item found, in order.
    std::vector<std::string> found(const std::string& family, std::string_view member,
                                   const std::string& filter = "{}", const std::string& rest = {}) {
        const auto page = search(family, R"({"filter": )" + filter + rest + "}");
        std::vector<std::string> out;
        for (const auto& item : page.find("items")->items()) {
            out.push_back(item.string_or(member, "-"));
        }
        return out;
    }
    static const json::Value& item(const json::Value& page, std::size_t i = 0) {
        return page.find("items")->items().at(i);
    }

    TestClock clock_;
    SeededRandom random_{42};
    std::unique_ptr<storage::Storage> storage_ = storage::make_memory_storage();
    services::Registry registry_;
    services::Deployments deployments_{*storage_};
    services::Bindings bindings_{registry_, {}, &deployments_};
    std::unique_ptr<runtime::Runtime> runtime_;
    app::ApiClients clients_{*storage_, crypto::Key::random(random_), clock_, random_};
    app::DemoIdentities identities_{{{kLeipzig, "Stadt Leipzig", {"verkehr"}}}};
    http::Router router_;
    std::string leipzig_, halle_;
};

TEST_F(V2HistoryTest, ProcessInstances) {
    const auto one = start(30, "A-1", "ab", {"eilig"});
    const auto two = start(10, "A-2");
    work(two);
    cancel(two);
    const auto active = get("process-instances/" + one);
    EXPECT_EQ(active.string_or("processDefinitionId", ""), "Aussen");
    EXPECT_EQ(active.string_or("processDefinitionName", ""), "Der Antrag");
    EXPECT_EQ(active.int_or("processDefinitionVersion", 0), 1);
    EXPECT_EQ(active.string_or("processDefinitionVersionTag", ""), "erste");
    EXPECT_EQ(active.string_or("processDefinitionKey", ""), key_text(definition("Aussen")));
    EXPECT_EQ(active.string_or("state", ""), "ACTIVE");
    EXPECT_EQ(active.string_or("startDate", ""), "2026-03-14T09:00:00.000Z");
    EXPECT_EQ(active.string_or("tenantId", ""), "leipzig");
    EXPECT_EQ(active.string_or("businessId", ""), "ab");
    EXPECT_EQ(active.find("tags")->items().at(0).as_string(), "eilig");
    for (const auto* absent : {"endDate", "parentProcessInstanceKey", "parentElementInstanceKey"}) {
        ASSERT_NE(active.find(absent), nullptr) << absent;
        EXPECT_TRUE(active.find(absent)->is_null()) << absent;
    }
    EXPECT_EQ(get("process-instances/" + two).string_or("state", ""), "TERMINATED");
    EXPECT_EQ(get("process-instances/" + two).string_or("endDate", ""), "2026-03-14T09:00:03.000Z");

    const std::string member = "processInstanceKey";
    const auto of = [&](const std::string& filter) {
        return found("process-instances", member, filter);
    };
    EXPECT_THAT(of("{}"), ElementsAre(one, two));
    EXPECT_THAT(of(R"({"state": "ACTIVE"})"), ElementsAre(one));
    EXPECT_THAT(of(R"({"state": {"$in": ["TERMINATED", "COMPLETED"]}})"), ElementsAre(two));
    EXPECT_THAT(of(R"({"processInstanceKey": ")" + two + "\"}"), ElementsAre(two));
    EXPECT_THAT(of(R"({"processInstanceKey": {"$in": [")" + one + "\", \"" + two + "\"]}}"),
                ElementsAre(one, two));
    EXPECT_THAT(of(R"({"processDefinitionId": "Aussen", "processDefinitionVersion": 1})"),
                ElementsAre(one, two));
    EXPECT_THAT(of(R"({"processDefinitionId": "Innen"})"), ElementsAre());
    EXPECT_THAT(of(R"({"processDefinitionKey": ")" + key_text(definition("Aussen")) + "\"}"),
                ElementsAre(one, two));
    EXPECT_THAT(of(R"({"startDate": {"$gt": "2026-03-14T09:00:00Z"}})"), ElementsAre(two));
    EXPECT_THAT(of(R"({"endDate": {"$exists": false}})"), ElementsAre(one));
    EXPECT_THAT(of(R"({"businessId": "ab"})"), ElementsAre(one));
    EXPECT_THAT(of(R"({"tags": ["eilig"]})"), ElementsAre(one));
    EXPECT_THAT(of(R"({"tags": ["eilig", "weg"]})"), ElementsAre());
    EXPECT_THAT(of(R"({"variables": [{"name": "nummer", "value": "\"A-2\""}]})"), ElementsAre(two));
    EXPECT_THAT(of(R"({"variables": [{"name": "alter", "value": {"$in": ["30", "31"]}}]})"),
                ElementsAre(one));
    EXPECT_THAT(of(R"({"elementId": "Pruefen", "elementInstanceState": "ACTIVE"})"),
                ElementsAre(one));
    EXPECT_THAT(of(R"({"elementId": {"$like": "Bearb*"}})"), ElementsAre(two));
    EXPECT_THAT(of(R"({"$or": [{"state": "ACTIVE"}, {"businessId": "nie"}]})"), ElementsAre(one));
    EXPECT_THAT(of(R"({"tenantId": "halle"})"), ElementsAre());
    const auto refused = send(Method::post, "process-instances/search",
                              R"({"filter": {"batchOperationId": "7"}})", leipzig_);
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.content(), HasSubstr("batchOperationId"));
    EXPECT_EQ(send(Method::post, "process-instances/search",
                   R"({"filter": {"variables": [{"name": "alter"}]}})", leipzig_)
                  .status,
              400);
}

TEST_F(V2HistoryTest, SortAndPages) {
    std::vector<std::string> keys;
    for (int i = 0; i < 5; ++i) keys.push_back(start(20 + i, "A"));
    const auto sorted =
        found("process-instances", "processInstanceKey", "{}",
              R"(, "sort": [{"field": "startDate", "order": "DESC"}], "page": {"limit": 2})");
    EXPECT_THAT(sorted, ElementsAre(keys[4], keys[3]));
    auto page = search("process-instances", R"({"page": {"limit": 2}})");
    EXPECT_EQ(page.find("page")->int_or("totalItems", 0), 5);
    EXPECT_FALSE(page.find("page")->boolean_or("hasMoreTotalItems", true));
    const auto cursor = page.find("page")->string_or("endCursor", "");
    page = search("process-instances", R"({"page": {"limit": 2, "after": ")" + cursor + "\"}}");
    EXPECT_EQ(item(page, 0).string_or("processInstanceKey", ""), keys[2]);
    EXPECT_EQ(item(page, 1).string_or("processInstanceKey", ""), keys[3]);
    EXPECT_THAT(found("variables", "value", R"({"name": "alter"})",
                      R"(, "sort": [{"field": "value", "order": "DESC"}], "page": {"from": 3})"),
                ElementsAre("21", "20"));
}

TEST_F(V2HistoryTest, CalledInstances) {
    const auto outer = start(30, "A-1");
    work(outer);
    decide(outer);
    const auto called = search("process-instances",
                               R"({"filter": {"parentProcessInstanceKey": ")" + outer + "\"}}");
    const auto inner = item(called).string_or("processInstanceKey", "");
    EXPECT_EQ(item(called).string_or("processDefinitionId", ""), "Innen");
    EXPECT_EQ(item(called).string_or("processDefinitionName", ""), "Innen");
    const auto call = item(called).string_or("parentElementInstanceKey", "");
    EXPECT_EQ(get("element-instances/" + call).string_or("type", ""), "CALL_ACTIVITY");
    EXPECT_EQ(get("process-instances/" + inner).string_or("state", ""), "ACTIVE");
    const auto hierarchy = get("process-instances/" + inner + "/call-hierarchy");
    ASSERT_EQ(hierarchy.items().size(), 2U);
    EXPECT_EQ(hierarchy.items()[0].string_or("processInstanceKey", ""), outer);
    EXPECT_EQ(hierarchy.items()[1].string_or("processDefinitionName", ""), "Innen");
    EXPECT_TRUE(get("process-instances/" + outer + "/call-hierarchy").items().empty());
    EXPECT_THAT(
        found("element-instances", "elementId", R"({"processInstanceKey": ")" + inner + "\"}"),
        ElementsAre("S2", "Warten"));
    pay(outer);
    EXPECT_THAT(found("process-instances", "processInstanceKey", R"({"state": "COMPLETED"})"),
                ElementsAre(outer, inner));
}

TEST_F(V2HistoryTest, ElementInstances) {
    const auto key = start(30, "A-1");
    const std::string own = R"({"processInstanceKey": ")" + key + "\"}";
    EXPECT_THAT(found("element-instances", "elementId", own), ElementsAre("S", "Pruefen"));
    const auto page = search("element-instances", R"({"filter": {"state": "ACTIVE"}})");
    ASSERT_EQ(page.find("items")->items().size(), 1U);
    const auto& task = item(page);
    EXPECT_EQ(task.string_or("elementId", ""), "Pruefen");
    EXPECT_EQ(task.string_or("elementName", ""), "Angaben prüfen");
    EXPECT_EQ(task.string_or("type", ""), "SERVICE_TASK");
    EXPECT_EQ(task.string_or("processInstanceKey", ""), key);
    EXPECT_EQ(task.string_or("processDefinitionId", ""), "Aussen");
    EXPECT_TRUE(task.find("endDate")->is_null());
    EXPECT_EQ(task.string_or("rootProcessInstanceKey", ""), key);
    EXPECT_FALSE(task.boolean_or("hasIncident", true));
    const auto again = get("element-instances/" + task.string_or("elementInstanceKey", ""));
    EXPECT_EQ(json::to_string(again), json::to_string(task));
    EXPECT_THAT(found("element-instances", "elementName", R"({"type": "START_EVENT"})"),
                ElementsAre("S"));
    EXPECT_THAT(
        found("element-instances", "elementId", R"({"elementInstanceScopeKey": ")" + key + "\"}"),
        ElementsAre("S", "Pruefen"));
    // The process instance is no element instance.
    EXPECT_EQ(send(Method::get, "element-instances/" + key, "", leipzig_).status, 404);
}

TEST_F(V2HistoryTest, Variables) {
    const auto key = start(30, "A-1");
    work(key);
    const std::string own = R"({"processInstanceKey": ")" + key + "\"}";
    EXPECT_THAT(found("variables", "name", own),
                ElementsAre("alter", "nummer", "euro", "vorschlag"));
    const auto page = search("variables", R"({"filter": {"name": "nummer"}})");
    EXPECT_EQ(item(page).string_or("value", ""), "\"A-1\"");
    EXPECT_FALSE(item(page).boolean_or("isTruncated", true));
    EXPECT_EQ(item(page).string_or("scopeKey", ""), key);
    EXPECT_THAT(found("variables", "name", R"({"value": {"$like": "*A-1*"}})"),
                ElementsAre("nummer"));
    EXPECT_THAT(found("variables", "value", R"({"scopeKey": {"$neq": ")" + key + "\"}}"),
                ElementsAre("25"));
    engine::UpdateVariables update;
    const std::string text = std::string(8'190, 'x') + "\u00e4";
    update.variables.set(feel::Key("lang"), feel::Value(text));
    run(runtime::case_of(*parse_key(key)), std::move(update));
    const std::string body = R"({"filter": {"isTruncated": true}})";
    const auto cut = search("variables", body);
    ASSERT_EQ(cut.find("items")->items().size(), 1U);
    EXPECT_TRUE(item(cut).boolean_or("isTruncated", false));
    EXPECT_EQ(item(cut).string_or("value", ""), "\"" + std::string(8'190, 'x'));
    const auto whole =
        object(send(Method::post, "variables/search?truncateValues=false", body, leipzig_));
    EXPECT_EQ(item(whole).string_or("value", ""), "\"" + text + "\"");
    const auto one = get("variables/" + item(cut).string_or("variableKey", ""));
    EXPECT_EQ(one.string_or("value", ""), "\"" + text + "\"");
    EXPECT_EQ(one.string_or("name", ""), "lang");
    EXPECT_EQ(send(Method::post, "variables/search?truncateValues=x", body, leipzig_).status, 400);
}

TEST_F(V2HistoryTest, UserTasks) {
    const auto key = start(30, "A-1");
    work(key);
    const auto page = search("user-tasks", R"({"filter": {"state": "CREATED"}})");
    ASSERT_EQ(page.find("items")->items().size(), 1U);
    const auto& task = item(page);
    EXPECT_EQ(task.string_or("name", ""), "Antrag bearbeiten");
    EXPECT_EQ(task.string_or("elementId", ""), "Bearbeiten");
    EXPECT_EQ(task.find("candidateGroups")->items().at(0).as_string(), "team");
    EXPECT_EQ(task.find("candidateUsers")->items().at(0).as_string(), "ute");
    EXPECT_EQ(task.int_or("priority", 0), 50);
    EXPECT_EQ(task.string_or("processName", ""), "Der Antrag");
    EXPECT_EQ(task.string_or("processInstanceKey", ""), key);
    EXPECT_TRUE(task.find("assignee")->is_null());
    EXPECT_TRUE(task.find("completionDate")->is_null());
    EXPECT_TRUE(task.find("externalFormReference")->is_null());
    const auto task_key = task.string_or("userTaskKey", "");
    EXPECT_EQ(json::to_string(get("user-tasks/" + task_key)), json::to_string(task));
    const auto form = get("user-tasks/" + task_key + "/form");
    EXPECT_EQ(form.string_or("formId", ""), "antrag");
    EXPECT_EQ(form.string_or("formKey", ""), task.string_or("formKey", "-"));
    EXPECT_THAT(found("user-tasks/" + task_key + "/variables", "name", "{}",
                      R"(, "sort": [{"field": "name"}])"),
                ElementsAre("alter", "euro", "nummer", "vorschlag"));
    EXPECT_THAT(found("user-tasks/" + task_key + "/variables", "value", R"({"name": "euro"})"),
                ElementsAre("24"));
    const auto of = [&](const std::string& filter) {
        return found("user-tasks", "elementId", filter).size();
    };
    EXPECT_EQ(of(R"({"candidateGroup": "team"})"), 1U);
    EXPECT_EQ(of(R"({"candidateGroup": "andere"})"), 0U);
    EXPECT_EQ(of(R"({"candidateUser": {"$in": ["ute", "uwe"]}})"), 1U);
    EXPECT_EQ(of(R"({"assignee": {"$exists": false}})"), 1U);
    EXPECT_EQ(of(R"({"localVariables": [{"name": "vorschlag", "value": "25"}]})"), 1U);
    EXPECT_EQ(of(R"({"localVariables": [{"name": "euro", "value": "24"}]})"), 0U);
    EXPECT_EQ(of(R"({"processInstanceVariables": [{"name": "euro", "value": "24"}]})"), 1U);
    decide(key);
    EXPECT_EQ(of(R"({"state": "CREATED"})"), 0U);
    const auto done = get("user-tasks/" + task_key);
    EXPECT_EQ(done.string_or("state", ""), "COMPLETED");
    EXPECT_NE(done.string_or("completionDate", ""), "");
}

TEST_F(V2HistoryTest, JobsAndIncidents) {
    const auto key = start(30, "A-1");
    const auto other = start(31, "A-2");
    const auto page = search("jobs", R"({"filter": {"processInstanceKey": ")" + key + "\"}}");
    const auto& job = item(page);
    EXPECT_EQ(job.string_or("type", ""), "pruefen");
    EXPECT_EQ(job.string_or("state", ""), "CREATED");
    EXPECT_EQ(job.string_or("kind", ""), "BPMN_ELEMENT");
    EXPECT_EQ(job.string_or("listenerEventType", ""), "UNSPECIFIED");
    EXPECT_EQ(job.string_or("elementId", ""), "Pruefen");
    EXPECT_EQ(job.int_or("retries", 0), 3);
    EXPECT_EQ(job.string_or("worker", "-"), "");
    EXPECT_EQ(job.find("customHeaders")->string_or("wie", ""), "genau");
    runtime::JobRequest request;
    request.tenants = {kLeipzig};
    request.type = "pruefen";
    request.worker = "w1";
    request.lock = std::chrono::minutes(1);
    std::promise<void> locked;
    runtime_->activate_jobs(std::move(request), [&](const auto&) { locked.set_value(); });
    locked.get_future().get();
    EXPECT_THAT(found("jobs", "deadline", R"({"worker": "w1"})"),
                ElementsAre("2026-03-14T09:01:02.000Z"));
    EXPECT_EQ(found("jobs", "jobKey", R"({"state": "CREATED", "type": {"$like": "pr*"}})").size(),
              2U);

    fail_job(other, 2);
    EXPECT_THAT(found("process-instances", "processInstanceKey", R"({"hasRetriesLeft": true})"),
                ElementsAre(other));
    fail_job(key, 0);
    EXPECT_THAT(found("jobs", "errorMessage", R"({"processInstanceKey": ")" + key + "\"}"),
                ElementsAre("kein Netz"));
    const auto incidents = search("incidents", R"({"filter": {"state": "ACTIVE"}})");
    ASSERT_EQ(incidents.find("items")->items().size(), 1U);
    const auto& incident = item(incidents);
    EXPECT_EQ(incident.string_or("errorType", ""), "JOB_NO_RETRIES");
    EXPECT_THAT(incident.string_or("errorMessage", ""), HasSubstr("kein Netz"));
    EXPECT_EQ(incident.string_or("elementId", ""), "Pruefen");
    EXPECT_EQ(incident.string_or("processInstanceKey", ""), key);
    EXPECT_EQ(incident.string_or("jobKey", ""), job.string_or("jobKey", "-"));
    const auto incident_key = incident.string_or("incidentKey", "");
    EXPECT_EQ(json::to_string(get("incidents/" + incident_key)), json::to_string(incident));
    EXPECT_THAT(found("process-instances", "processInstanceKey", R"({"hasIncident": true})"),
                ElementsAre(key));
    EXPECT_THAT(found("process-instances", "processInstanceKey",
                      R"({"errorMessage": {"$like": "*Netz*"}})"),
                ElementsAre(key));
    EXPECT_THAT(found("element-instances", "incidentKey", R"({"hasIncident": true})"),
                ElementsAre(incident_key));
    EXPECT_THAT(found("process-instances/" + key + "/incidents", "incidentKey"),
                ElementsAre(incident_key));
    EXPECT_THAT(found("process-instances/" + other + "/incidents", "incidentKey"), ElementsAre());
    cancel(key);
    EXPECT_THAT(found("incidents", "state"), ElementsAre("RESOLVED"));
    EXPECT_THAT(found("jobs", "state", R"({"processInstanceKey": ")" + key + "\"}"),
                ElementsAre("CANCELED"));
}

TEST_F(V2HistoryTest, Decisions) {
    const auto key = start(30, "A-1");
    work(key);
    const auto page =
        search("decision-instances", R"({"filter": {"decisionDefinitionId": "gebuehr"}})");
    ASSERT_EQ(page.find("items")->items().size(), 1U);
    const auto& decision = item(page);
    EXPECT_EQ(decision.string_or("state", ""), "EVALUATED");
    EXPECT_EQ(decision.string_or("decisionDefinitionName", ""), "Gebuehr");
    EXPECT_EQ(decision.int_or("decisionDefinitionVersion", 0), 1);
    EXPECT_EQ(decision.string_or("result", ""), "24");
    EXPECT_EQ(decision.string_or("processInstanceKey", ""), key);
    EXPECT_EQ(decision.string_or("decisionDefinitionType", ""), "DECISION_TABLE");
    const auto instance = decision.string_or("decisionEvaluationInstanceKey", "");
    EXPECT_EQ(instance, decision.string_or("decisionEvaluationKey", "") + "-1");
    EXPECT_THAT(found("decision-instances", "result",
                      R"({"decisionEvaluationInstanceKey": ")" + instance + "\"}"),
                ElementsAre("24"));
    const auto one = get("decision-instances/" + instance);
    EXPECT_EQ(one.string_or("decisionDefinitionType", ""), "DECISION_TABLE");
    EXPECT_EQ(one.find("evaluatedInputs")->items().at(0).string_or("inputValue", ""), "30");
    const auto& rule = one.find("matchedRules")->items().at(0);
    EXPECT_EQ(rule.string_or("ruleId", ""), "r2");
    EXPECT_EQ(rule.find("evaluatedOutputs")->items().at(0).string_or("ruleId", ""), "r2");
    EXPECT_THAT(found("decision-instances", "result",
                      R"({"decisionDefinitionKey": ")" +
                          decision.string_or("decisionDefinitionKey", "") + "\"}"),
                ElementsAre("24"));
}

TEST_F(V2HistoryTest, MessageSubscriptions) {
    const auto key = start(30, "A-1");
    work(key);
    decide(key);
    const auto page =
        search("message-subscriptions", R"({"filter": {"messageSubscriptionState": "CREATED"}})");
    ASSERT_EQ(page.find("items")->items().size(), 1U);
    EXPECT_EQ(item(page).string_or("messageName", ""), "zahlung");
    EXPECT_EQ(item(page).string_or("correlationKey", ""), "A-1");
    EXPECT_EQ(item(page).string_or("elementId", ""), "Warten");
    EXPECT_EQ(item(page).string_or("processDefinitionId", ""), "Innen");
    EXPECT_THAT(found("correlated-message-subscriptions", "messageName"), ElementsAre());
    pay(key);
    EXPECT_THAT(found("message-subscriptions", "messageSubscriptionState"),
                ElementsAre("CORRELATED"));
    const auto arrived = search("correlated-message-subscriptions",
                                R"({"filter": {"messageName": "zahlung", "partitionId": 1}})");
    ASSERT_EQ(arrived.find("items")->items().size(), 1U);
    EXPECT_EQ(item(arrived).string_or("subscriptionKey", ""),
              item(page).string_or("messageSubscriptionKey", "-"));
    EXPECT_EQ(item(arrived).string_or("correlationTime", ""), "2026-03-14T09:00:03.000Z");
    EXPECT_NE(item(arrived).string_or("messageKey", ""), "");
}

TEST_F(V2HistoryTest, StatisticsAndFlows) {
    const auto one = start(30, "A-1");
    const auto two = start(30, "A-2");
    work(two);
    const auto counts = get("process-instances/" + two + "/statistics/element-instances");
    ASSERT_EQ(counts.find("items")->items().size(), 4U);
    EXPECT_EQ(item(counts, 0).string_or("elementId", ""), "Bearbeiten");
    EXPECT_EQ(item(counts, 0).int_or("active", 0), 1);
    EXPECT_EQ(item(counts, 1).int_or("completed", 0), 1);
    const auto path =
        "process-definitions/" + key_text(definition("Aussen")) + "/statistics/element-instances";
    fail_job(one, 0);
    const auto all = object(send(Method::post, path, "", leipzig_));
    ASSERT_EQ(item(all, 1).string_or("elementId", ""), "Pruefen");
    EXPECT_EQ(item(all, 1).int_or("incidents", 0), 1);
    EXPECT_EQ(item(all, 1).int_or("active", 9), 0);
    EXPECT_EQ(item(all, 1).int_or("completed", 0), 1);
    const auto some = object(send(
        Method::post, path, R"({"filter": {"processInstanceKey": ")" + one + "\"}}", leipzig_));
    EXPECT_EQ(item(some, 0).string_or("elementId", ""), "Pruefen");
    EXPECT_EQ(item(some, 0).int_or("completed", 9), 0);
    EXPECT_EQ(
        send(Method::post, "process-definitions/77/statistics/element-instances", "", leipzig_)
            .status,
        404);
    const auto flows = get("process-instances/" + two + "/sequence-flows");
    ASSERT_EQ(flows.find("items")->items().size(), 3U);
    EXPECT_EQ(item(flows, 0).string_or("sequenceFlowId", ""), two + "_F1");
    EXPECT_EQ(item(flows, 2).string_or("elementId", ""), "F3");
}

TEST_F(V2HistoryTest, ListenersAndAdHocSubprocesses) {
    deploy({{"frei.bpmn", R"(
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">
  <process id="Frei" isExecutable="true">
    <startEvent id="S"/><sequenceFlow id="F1" sourceRef="S" targetRef="T"/>
    <task id="T"><extensionElements><zeebe:executionListeners>
      <zeebe:executionListener eventType="start" type="lauschen" retries="1"/>
    </zeebe:executionListeners></extensionElements></task>
    <sequenceFlow id="F2" sourceRef="T" targetRef="A"/>
    <adHocSubProcess id="A"><extensionElements>
      <zeebe:adHoc activeElementsCollection="=[&quot;X&quot;]"/></extensionElements>
      <userTask id="X"/></adHocSubProcess>
    <sequenceFlow id="F3" sourceRef="A" targetRef="E"/><endEvent id="E"/>
  </process></definitions>)"}});
    engine::CreateCase create;
    create.definition = services::definition_key_of(definition("Frei"));
    const CaseId id = run({}, std::move(create));
    const auto key = key_text(runtime::global_key(id, 1));
    EXPECT_THAT(found("jobs", "kind"), ElementsAre("EXECUTION_LISTENER"));
    EXPECT_THAT(found("jobs", "listenerEventType", R"({"kind": "EXECUTION_LISTENER"})"),
                ElementsAre("START"));
    fail_job(key, 0);
    EXPECT_THAT(found("incidents", "errorType"), ElementsAre("EXECUTION_LISTENER_NO_RETRIES"));
    const auto incident = *parse_key(found("incidents", "incidentKey").at(0));
    run(id, engine::ResolveIncident{engine::IncidentKey(runtime::local_of(incident))});
    const auto job = *parse_key(found("jobs", "jobKey").at(0));
    run(id, engine::CompleteJob{engine::JobKey(runtime::local_of(job)), {}});
    EXPECT_THAT(
        found("element-instances", "type", R"({"state": "ACTIVE"})"),
        ElementsAre("AD_HOC_SUB_PROCESS", "AD_HOC_SUB_PROCESS_INNER_INSTANCE", "USER_TASK"));
    decide(key);
    EXPECT_THAT(found("process-instances", "state"), ElementsAre("COMPLETED"));
}

constexpr std::string_view kFamilies[] = {"process-instances",
                                          "element-instances",
                                          "variables",
                                          "user-tasks",
                                          "jobs",
                                          "incidents",
                                          "decision-instances",
                                          "message-subscriptions",
                                          "correlated-message-subscriptions"};

TEST_F(V2HistoryTest, AForeignTenantSeesNothing) {
    const auto key = start(30, "A-1");
    work(key);
    decide(key);
    pay(key);
    const auto failed = start(30, "A-2");
    fail_job(failed, 0);
    for (const auto family : kFamilies) {
        const std::string path = std::string(family) + "/search";
        const auto own = object(send(Method::post, path, "", leipzig_));
        EXPECT_FALSE(own.find("items")->items().empty()) << family;
        const auto foreign = object(send(Method::post, path, "", halle_));
        EXPECT_TRUE(foreign.find("items")->items().empty()) << family;
        for (const auto& found : own.find("items")->items()) {
            const auto by_key = object(send(Method::post, path,
                                            R"({"filter": {"processInstanceKey": ")" +
                                                found.string_or("processInstanceKey", "") + "\"}}",
                                            halle_));
            EXPECT_TRUE(by_key.find("items")->items().empty()) << family;
        }
    }
    EXPECT_EQ(send(Method::get, "process-instances/" + key, "", halle_).status, 404);
    EXPECT_EQ(send(Method::get, "process-instances/" + key, "", leipzig_).status, 200);
}

TEST_F(V2HistoryTest, CasesOfServicePackagesAreInvisible) {
    app::App app(*runtime_, registry_, clock_, random_);
    app::Principal erika;
    erika.kind = app::PrincipalKind::citizen;
    erika.subject = "demo:erika";
    app::SubmitRequest request;
    request.tenant = kLeipzig;
    request.service = ServiceId("parkausweis");
    feel::ContextBuilder answers;
    answers.set("name", feel::Value("Erika Mustermann"));
    answers.set("ermaessigt", feel::Value(false));
    answers.set("kennzeichen", feel::Value("L-AB 123"));
    answers.set("gewicht", feel::Value(3000));
    request.answers = answers.build();
    std::promise<Result<app::SubmitReply>> promise;
    app.submit(erika, std::move(request), [&](auto reply) { promise.set_value(std::move(reply)); });
    const auto reply = promise.get_future().get();
    ASSERT_TRUE(reply && reply->receipt);
    const auto view = runtime_->read(kLeipzig);
    const auto cases = view->cases({});
    ASSERT_EQ(cases->rows.size(), 1U);
    const CaseId id = cases->rows[0].id;
    ASSERT_EQ(cases->rows[0].open_tasks, 1U);
    for (const auto family : kFamilies) {
        EXPECT_THAT(found(std::string(family), "processInstanceKey"), ElementsAre()) << family;
        EXPECT_THAT(
            found(std::string(family), "processInstanceKey",
                  R"({"processInstanceKey": ")" + key_text(runtime::global_key(id, 1)) + "\"}"),
            ElementsAre())
            << family;
    }
    EXPECT_THAT(found("user-tasks", "name", R"({"state": "CREATED"})"), ElementsAre());
    for (std::uint64_t local = 1; local < 40; ++local) {
        const auto key = key_text(runtime::global_key(id, local));
        for (const auto* family :
             {"process-instances/", "element-instances/", "user-tasks/", "incidents/"}) {
            EXPECT_EQ(send(Method::get, family + key, "", leipzig_).status, 404) << family << key;
        }
        const auto variable = key_text(runtime::global_key(id, kVariableKeys + local));
        EXPECT_EQ(send(Method::get, "variables/" + variable, "", leipzig_).status, 404);
    }
}

}  // namespace
}  // namespace schwarm::api::v2
