// The families of /v2 that change something, over a node in memory.
#include <gmock/gmock.h>

#include "v2_node.hpp"

namespace schwarm::api::v2 {
namespace {

using testing::HasSubstr;
using Kind = app::PrincipalKind;
using engine::CaseStatus;

constexpr auto kWork = R"(<error id="Err" errorCode="E1"/>
  <process id="Arbeit" isExecutable="true"><startEvent id="S"/>
  <sequenceFlow id="f1" sourceRef="S" targetRef="T"/>
  <serviceTask id="T"><extensionElements><zeebe:taskDefinition type="zahlen"/><zeebe:taskHeaders>
  <zeebe:header key="weg" value="bar"/></zeebe:taskHeaders></extensionElements></serviceTask>
  <boundaryEvent id="B" attachedToRef="T"><errorEventDefinition errorRef="Err"/></boundaryEvent>
  <sequenceFlow id="f2" sourceRef="T" targetRef="E"/><endEvent id="E"/>
  <sequenceFlow id="f3" sourceRef="B" targetRef="E2"/><endEvent id="E2"/></process>)";
// The same with another task beside.
constexpr auto kWork2 = R"(<process id="Arbeit2" isExecutable="true"><startEvent id="S"/>
  <sequenceFlow id="f1" sourceRef="S" targetRef="T2"/>
  <serviceTask id="T2"><extensionElements><zeebe:taskDefinition type="zahlen"/></extensionElements>
  </serviceTask><sequenceFlow id="f2" sourceRef="T2" targetRef="U2"/>
  <serviceTask id="U2"><extensionElements><zeebe:taskDefinition type="buchen"/></extensionElements>
  </serviceTask></process>)";
constexpr auto kCaller = R"(<process id="Rufer" isExecutable="true"><startEvent id="S"/>
  <sequenceFlow id="f1" sourceRef="S" targetRef="C"/><callActivity id="C"><extensionElements>
  <zeebe:calledElement processId="Arbeit"/></extensionElements></callActivity></process>)";
constexpr auto kTask = R"(<process id="Aufgabe" isExecutable="true"><startEvent id="S"/>
  <sequenceFlow id="f1" sourceRef="S" targetRef="U"/><userTask id="U"><extensionElements>
  <zeebe:userTask/></extensionElements></userTask></process>)";
constexpr auto kShort = R"(<process id="Kurz" isExecutable="true"><startEvent id="S"/></process>)";
constexpr auto kMessage = R"(<message id="M" name="post"><extensionElements>
  <zeebe:subscription correlationKey="=nummer"/></extensionElements></message>
  <process id="Warten" isExecutable="true"><startEvent id="S"/>
  <sequenceFlow id="f1" sourceRef="S" targetRef="R"/>
  <receiveTask id="R" messageRef="M"/></process>)";
constexpr auto kSignalStart = R"(<signal id="Si" name="los"/>
  <process id="Signal" isExecutable="true"><startEvent id="S">
  <signalEventDefinition signalRef="Si"/></startEvent>
  <sequenceFlow id="f1" sourceRef="S" targetRef="T"/>
  <serviceTask id="T"><extensionElements><zeebe:taskDefinition type="gestartet"/>
  </extensionElements></serviceTask></process>)";
constexpr auto kConditional = R"(<process id="Bedingt" isExecutable="true"><startEvent id="S">
  <conditionalEventDefinition><condition>=menge &gt; 10</condition></conditionalEventDefinition>
  </startEvent></process>)";
constexpr auto kAdHoc = R"(<process id="Frei" isExecutable="true"><startEvent id="S"/>
  <sequenceFlow id="f1" sourceRef="S" targetRef="A"/><adHocSubProcess id="A">
  <userTask id="eins"><extensionElements><zeebe:userTask/></extensionElements></userTask>
  <userTask id="zwei"><extensionElements><zeebe:userTask/></extensionElements></userTask>
  </adHocSubProcess></process>)";

class V2CommandsTest : public V2Node {
  protected:
    // One job of the type; null if there is none.
    json::Value activate(const std::string& type, const std::string& more = {},
                         Options options = {}) {
        const auto told = object(post("/jobs/activation",
                                      R"({"type": ")" + type +
                                          R"(", "worker": "w", "timeout": 60000,
                                              "maxJobsToActivate": 1, "requestTimeout": -1)" +
                                          more + "}",
                                      std::move(options)));
        const auto& jobs = told.find("jobs")->items();
        return jobs.empty() ? json::Value() : jobs.front();
    }
    std::string job_key(const std::string& type) {
        const auto job = activate(type);
        EXPECT_TRUE(job.is_object()) << type;
        return job.is_object() ? job.string_or("jobKey", "") : "";
    }
    std::string begin_activation(const std::string& type) {
        return R"({"type": ")" + type +
               R"(", "timeout": 60000, "maxJobsToActivate": 5, "requestTimeout": 10000})";
    }
};

// --- process instances ---------------------------------------------------------------------

TEST_F(V2CommandsTest, CreatesByIdByVersionAndByKey) {
    const auto first = deploy({kWork});
    const auto second = deploy({std::string(kWork) + "<!-- 2 -->"});
    const auto created = [&](const std::string& what, int status = 200) {
        return object(post("/process-instances", "{" + what + R"(, "tags": ["b", "a"],
            "businessId": "B-1"})"),
                      status);
    };
    const auto latest = created(R"("processDefinitionId": "Arbeit")");
    EXPECT_EQ(latest.string_or("processDefinitionKey", ""), second);
    EXPECT_EQ(latest.int_or("processDefinitionVersion", 0), 2);
    EXPECT_EQ(latest.string_or("tenantId", ""), "leipzig");
    EXPECT_EQ(latest.string_or("businessId", ""), "B-1");
    EXPECT_EQ(latest.find("tags")->items().size(), 2U);
    EXPECT_TRUE(latest.find("variables")->members().empty());
    const auto key = latest.string_or("processInstanceKey", "");
    EXPECT_EQ(status(key), CaseStatus::active);
    EXPECT_EQ(state(key).business_id, "B-1");
    const auto old = created(R"("processDefinitionId": "Arbeit", "processDefinitionVersion": 1)");
    EXPECT_EQ(old.string_or("processDefinitionKey", ""), first);
    EXPECT_EQ(created(R"("processDefinitionKey": ")" + first + "\"")
                  .string_or("processDefinitionKey", ""),
              first);
    created(R"("processDefinitionId": "Arbeit", "processDefinitionVersion": 3)", 404);
    created(R"("processDefinitionId": "weg")", 404);
    created(R"("processDefinitionKey": "999")", 404);
    created(R"("processDefinitionId": "Arbeit", "processDefinitionKey": ")" + first + "\"", 400);
    created(R"("variables": {})", 400);
    created(R"("processDefinitionId": "Arbeit", "variables": [])", 400);
    created(R"("processDefinitionId": "Arbeit", "tenantId": "halle")", 404);
    EXPECT_EQ(
        refused(post("/process-instances", R"({"processDefinitionId": "Arbeit", "tags": ["1"]})"),
                400),
        "INVALID_ARGUMENT");
}

TEST_F(V2CommandsTest, ARepeatedCreationMakesNoSecondInstance) {
    deploy({kWork});
    const auto ask = [&](const std::string& key, Kind who = Kind::process_operator) {
        return object(post("/process-instances", R"({"processDefinitionId": "Arbeit"})",
                           {.who = as(who), .idempotency_key = key}))
            .string_or("processInstanceKey", "");
    };
    const auto first = ask("k1");
    EXPECT_EQ(ask("k1"), first);
    EXPECT_NE(ask("k2"), first);
    EXPECT_NE(ask("k1", Kind::worker), first);
    EXPECT_EQ(post("/process-instances", R"({"processDefinitionId": "Arbeit"})",
                   {.idempotency_key = std::string(300, 'x')})
                  .status,
              400);
    const auto longest = ask(std::string(200, 'x'));
    EXPECT_NE(longest, "");
    EXPECT_EQ(ask(std::string(200, 'x')), longest);
}

TEST_F(V2CommandsTest, ARepetitionAfterTheEndIsAnsweredLikeTheFirst) {
    deploy({kWork});
    const auto start = [&] {
        return object(post("/process-instances", R"({"processDefinitionId": "Arbeit"})"))
            .string_or("processInstanceKey", "");
    };
    const auto statuses = [&](const std::string& path) {
        std::vector<int> out;
        for (const auto& [key, who] : {std::pair("k1", Kind::worker), std::pair("k1", Kind::worker),
                                       std::pair("k2", Kind::worker), std::pair("", Kind::worker),
                                       std::pair("k1", Kind::process_operator)}) {
            out.push_back(post(path, "{}", {.who = as(who), .idempotency_key = key}).status);
        }
        return out;
    };
    const std::vector<int> wanted{204, 204, 404, 404, 404};
    start();
    EXPECT_EQ(statuses("/jobs/" + job_key("zahlen") + "/completion"), wanted);
    const auto cancelled = start();
    const std::string path = "/process-instances/" + cancelled + "/cancellation";
    EXPECT_EQ(post(path, "{}", {.idempotency_key = "k3"}).status, 204);
    EXPECT_EQ(post(path, "{}", {.idempotency_key = "k3"}).status, 204);
    EXPECT_EQ(post(path, "{}", {.idempotency_key = "k4"}).status, 404);
    EXPECT_EQ(
        post("/process-instances/999999/cancellation", "{}", {.idempotency_key = "k3"}).status,
        404);
}

TEST_F(V2CommandsTest, WaitsForTheEnd) {
    deploy({kShort, kWork});
    const auto done =
        object(post("/process-instances",
                    R"({"processDefinitionId": "Kurz", "variables": {"a": 1, "b": [true]},
            "awaitCompletion": true, "fetchVariables": ["b"]})"));
    EXPECT_EQ(json::to_string(*done.find("variables")), R"({"b":[true]})");
    auto waiting = begin(Method::post, "/v2/process-instances",
                         R"({"processDefinitionId": "Arbeit", "awaitCompletion": true,
                             "requestTimeout": 5000})");
    const auto key = job_key("zahlen");
    EXPECT_EQ(post("/jobs/" + key + "/completion", R"({"variables": {"bezahlt": true}})").status,
              204);
    EXPECT_EQ(json::to_string(*object(waiting.get()).find("variables")), R"({"bezahlt":true})");

    auto too_long = begin(Method::post, "/v2/process-instances",
                          R"({"processDefinitionId": "Arbeit", "awaitCompletion": true,
                              "requestTimeout": 5000})");
    runtime_->wait_idle();
    clock_.set(clock_.now() + std::chrono::seconds(6));
    runtime_->wake();
    EXPECT_EQ(refused(too_long.get(), 504), "DEADLINE_EXCEEDED");
}

TEST_F(V2CommandsTest, StartsBeforeGivenElements) {
    deploy({kWork2});
    const auto key = object(post("/process-instances",
                                 R"({"processDefinitionId": "Arbeit2",
                                     "startInstructions": [{"elementId": "U2"}]})"))
                         .string_or("processInstanceKey", "");
    EXPECT_TRUE(activate("buchen").is_object());
    EXPECT_EQ(state(key).jobs.size(), 1U);
    EXPECT_EQ(post("/process-instances", R"({"processDefinitionId": "Arbeit2",
                                             "startInstructions": [{"elementId": "weg"}]})")
                  .status,
              400);
}

TEST_F(V2CommandsTest, CancelsOnlyWhatNobodyCalled) {
    deploy({kWork, kCaller});
    const auto key = create("Rufer");
    ASSERT_EQ(state(key).elements.size(), 4U);
    const auto called = sibling(key, state(key).elements[2].key);
    EXPECT_EQ(refused(post("/process-instances/" + called + "/cancellation"), 409),
              "INVALID_STATE");
    // The call activity is no process instance.
    const auto call = sibling(key, state(key).elements[1].key);
    EXPECT_EQ(post("/process-instances/" + call + "/cancellation").status, 404);
    EXPECT_EQ(post("/process-instances/" + key + "/cancellation", "{}").status, 204);
    EXPECT_EQ(status(key), CaseStatus::cancelled);
    EXPECT_EQ(refused(post("/process-instances/" + key + "/cancellation"), 404), "NOT_FOUND");
    EXPECT_EQ(post("/process-instances/x/cancellation").status, 400);
    EXPECT_EQ(post("/process-instances/77/cancellation").status, 404);
}

TEST_F(V2CommandsTest, Modifies) {
    deploy({kWork2});
    const auto key = create("Arbeit2");
    const auto path = "/process-instances/" + key + "/modification";
    const auto task = sibling(key, state(key).elements[1].key);
    EXPECT_EQ(post(path, R"({"activateInstructions": [{"elementId": "U2", "variableInstructions":
                    [{"variables": {"a": 1}}, {"scopeId": "U2", "variables": {"b": 2}}],
                    "ancestorElementInstanceKey": "-1"}],
                    "terminateInstructions": [{"elementInstanceKey": ")" +
                             task + "\"}]}")
                  .status,
              204);
    const auto job = activate("buchen");
    ASSERT_TRUE(job.is_object());
    EXPECT_EQ(json::to_string(*job.find("variables")), R"({"a":1,"b":2})");
    EXPECT_TRUE(activate("zahlen").is_null());
    EXPECT_EQ(post(path, R"({"moveInstructions": [{"sourceElementInstruction":
                    {"sourceType": "byId", "sourceElementId": "U2"}, "targetElementId": "T2",
                    "ancestorScopeInstruction": {"ancestorScopeType": "inferred"}}]})")
                  .status,
              204);
    EXPECT_TRUE(activate("zahlen").is_object());
    EXPECT_EQ(post(path, "{}").status, 400);
    EXPECT_EQ(post(path, R"({"activateInstructions": [{"elementId": "weg"}]})").status, 400);
    EXPECT_EQ(post(path, R"({"terminateInstructions": [{"elementId": "U2"}]})").status, 400);
    EXPECT_EQ(post(path, R"({"terminateInstructions": [{}]})").status, 400);
    EXPECT_EQ(post("/process-instances/16777216001/modification", "{}").status, 404);
}

TEST_F(V2CommandsTest, Migrates) {
    deploy({kWork});
    const auto key = create("Arbeit");
    const auto target = deploy({kWork2});
    const auto path = "/process-instances/" + key + "/migration";
    const auto plan = [](const std::string& to, const std::string& element) {
        return R"({"targetProcessDefinitionKey": ")" + to +
               R"(", "mappingInstructions": [{"sourceElementId": "T", "targetElementId": ")" +
               element + "\"}]}";
    };
    EXPECT_EQ(post(path, plan("999", "T2")).status, 404);
    EXPECT_EQ(post(path, R"({"targetProcessDefinitionKey": ")" + target + "\"}").status, 400);
    const auto impossible = object(post(path, plan(target, "weg")), 409);
    EXPECT_THAT(impossible.string_or("detail", ""), HasSubstr("migration"));
    EXPECT_EQ(post(path, plan(target, "T2")).status, 204);
    EXPECT_EQ(activate("zahlen").string_or("processDefinitionKey", ""), target);
    EXPECT_EQ(post("/process-instances/77/migration", plan(target, "T2")).status, 404);
}

// --- jobs ----------------------------------------------------------------------------------

TEST_F(V2CommandsTest, AJobAsItIsToldAndCompleted) {
    const auto definition = deploy({kWork});
    const auto key = create("Arbeit", R"({"betrag": 5, "anderes": 1})");
    const auto job = activate("zahlen", R"(, "fetchVariable": ["betrag"])");
    ASSERT_TRUE(job.is_object());
    EXPECT_EQ(job.string_or("type", ""), "zahlen");
    EXPECT_EQ(job.string_or("processDefinitionId", ""), "Arbeit");
    EXPECT_EQ(job.string_or("processDefinitionKey", ""), definition);
    EXPECT_EQ(job.int_or("processDefinitionVersion", 0), 1);
    EXPECT_EQ(job.string_or("processInstanceKey", ""), key);
    EXPECT_EQ(job.string_or("elementId", ""), "T");
    EXPECT_EQ(job.find("customHeaders")->string_or("weg", ""), "bar");
    EXPECT_EQ(job.string_or("worker", ""), "w");
    EXPECT_EQ(job.int_or("retries", 0), 3);
    EXPECT_EQ(job.int_or("deadline", 0), clock_.now().time_since_epoch().count() + 60000);
    EXPECT_EQ(json::to_string(*job.find("variables")), R"({"betrag":5})");
    EXPECT_EQ(job.string_or("kind", ""), "BPMN_ELEMENT");
    EXPECT_EQ(job.string_or("listenerEventType", ""), "UNSPECIFIED");
    EXPECT_EQ(job.string_or("tenantId", ""), "leipzig");
    // It is locked.
    EXPECT_TRUE(activate("zahlen").is_null());
    const auto path = "/jobs/" + job.string_or("jobKey", "");
    EXPECT_EQ(
        post(path + "/completion", R"({"variables": {"x": 1}, "result": {"type": "y"}})").status,
        400);
    EXPECT_EQ(post(path + "/completion", R"({"variables": {"x": 1}})").status, 204);
    EXPECT_EQ(status(key), CaseStatus::completed);
    EXPECT_EQ(refused(post(path + "/completion", "{}"), 404), "NOT_FOUND");
}

TEST_F(V2CommandsTest, WhatARequestForJobsMustSay) {
    const auto status = [&](const char* body) { return post("/jobs/activation", body).status; };
    EXPECT_EQ(status(R"({"timeout": 1, "maxJobsToActivate": 1})"), 400);
    EXPECT_EQ(status(R"({"type": "a", "maxJobsToActivate": 1})"), 400);
    EXPECT_EQ(status(R"({"type": "a", "timeout": 0, "maxJobsToActivate": 1})"), 400);
    EXPECT_EQ(status(R"({"type": "a", "timeout": 1, "maxJobsToActivate": 0})"), 400);
    EXPECT_EQ(status(R"({"type": "a", "timeout": 1, "maxJobsToActivate": 1, "tenantIds": 1})"),
              400);
    EXPECT_EQ(status(R"({"type": "a", "timeout": 1, "maxJobsToActivate": 1,
                         "tenantIds": ["halle"], "requestTimeout": -1})"),
              404);
    EXPECT_EQ(status(R"({"type": "a", "timeout": 1, "maxJobsToActivate": 1,
                         "tenantIds": ["halle", "<default>"], "requestTimeout": -1})"),
              200);
    // Whole numbers as texts, as Camunda's client for JavaScript sends those of 64 bits.
    EXPECT_EQ(status(R"({"type": "a", "timeout": "1", "maxJobsToActivate": 1,
                         "requestTimeout": "-1"})"),
              200);
    EXPECT_EQ(status(R"({"type": "a", "timeout": "1s", "maxJobsToActivate": 1})"), 400);
    EXPECT_EQ(status(R"({"type": "a", "timeout": "01", "maxJobsToActivate": 1})"), 400);
}

TEST_F(V2CommandsTest, WaitsForTheFirstJob) {
    deploy({kWork});
    auto waiting = begin(Method::post, "/v2/jobs/activation", begin_activation("zahlen"));
    runtime_->wait_idle();
    create("Arbeit");
    EXPECT_EQ(object(waiting.get()).find("jobs")->items().size(), 1U);
    auto in_vain = begin(Method::post, "/v2/jobs/activation", begin_activation("zahlen"));
    auto too = begin(Method::post, "/v2/jobs/activation", begin_activation("zahlen"));
    runtime_->wait_idle();
    // As many wait as may (Options::waiting_max).
    const auto refusal = post("/jobs/activation", begin_activation("zahlen"));
    EXPECT_EQ(refused(refusal, 429), "RESOURCE_EXHAUSTED");
    EXPECT_NE(refusal.headers.get("retry-after"), "");
    clock_.set(clock_.now() + std::chrono::seconds(11));
    runtime_->wake();
    EXPECT_TRUE(object(in_vain.get()).find("jobs")->items().empty());
    EXPECT_TRUE(object(too.get()).find("jobs")->items().empty());
}

TEST_F(V2CommandsTest, FailureIncidentAndResolution) {
    deploy({kWork});
    const auto key = create("Arbeit");
    const auto job = job_key("zahlen");
    const auto fail = [&](const std::string& body) {
        return post("/jobs/" + job + "/failure", body).status;
    };
    EXPECT_EQ(fail(R"({"retries": -1})"), 400);
    EXPECT_EQ(fail(R"({"retries": 2, "errorMessage": "später", "retryBackOff": 1000,
                       "variables": {"versuch": 1}})"),
              204);
    EXPECT_TRUE(activate("zahlen").is_null());
    clock_.set(clock_.now() + std::chrono::seconds(2));
    runtime_->wake();
    runtime_->wait_idle();
    const auto again = activate("zahlen");
    ASSERT_TRUE(again.is_object());
    EXPECT_EQ(again.int_or("retries", 0), 2);
    EXPECT_EQ(again.find("variables")->int_or("versuch", 0), 1);
    EXPECT_EQ(fail(""), 204);
    EXPECT_EQ(refused(post("/jobs/" + job + "/completion"), 409), "INVALID_STATE");
    ASSERT_EQ(state(key).incidents.size(), 1U);
    const auto incident = "/incidents/" + sibling(key, state(key).incidents[0].key) + "/resolution";
    EXPECT_EQ(post(incident, "{}").status, 400);  // no retries
    const auto retries = R"({"changeset": {"retries": 1}})";
    EXPECT_EQ(send(Method::patch, "/v2/jobs/" + job, retries).status, 204);
    EXPECT_EQ(post(incident).status, 204);
    EXPECT_EQ(post(incident).status, 404);
    EXPECT_EQ(job_key("zahlen"), job);
}

TEST_F(V2CommandsTest, ErrorsAreCaughtOrMakeIncidents) {
    deploy({kWork});
    const auto caught = create("Arbeit");
    const auto path = "/jobs/" + job_key("zahlen") + "/error";
    EXPECT_EQ(post(path, "{}").status, 400);
    EXPECT_EQ(post(path, R"({"errorCode": "E1", "errorMessage": "so nicht"})").status, 204);
    EXPECT_EQ(status(caught), CaseStatus::completed);
    const auto uncaught = create("Arbeit");
    EXPECT_EQ(post("/jobs/" + job_key("zahlen") + "/error", R"({"errorCode": "E9"})").status, 204);
    EXPECT_EQ(state(uncaught).incidents.size(), 1U);
}

TEST_F(V2CommandsTest, ChangesOfJobs) {
    deploy({kWork});
    create("Arbeit");
    const auto job = job_key("zahlen");
    const auto change = [&](const std::string& body) {
        return send(Method::patch, "/v2/jobs/" + job, body).status;
    };
    EXPECT_EQ(change("{}"), 400);
    EXPECT_EQ(change(R"({"changeset": {}})"), 400);
    EXPECT_EQ(change(R"({"changeset": {"retries": 0}})"), 400);
    EXPECT_EQ(change(R"({"changeset": {"timeout": 1000, "retries": 7, "priority": 9}})"), 204);
    EXPECT_EQ(state(job).jobs[0].retries, 7U);
    EXPECT_EQ(state(job).jobs[0].priority, 9);
    clock_.set(clock_.now() + std::chrono::seconds(2));
    runtime_->wake();
    runtime_->wait_idle();
    // The lock has ended.
    EXPECT_EQ(
        refused(send(Method::patch, "/v2/jobs/" + job, R"({"changeset": {"timeout": 5}})"), 409),
        "INVALID_STATE");
    EXPECT_EQ(job_key("zahlen"), job);
    EXPECT_EQ(send(Method::patch, "/v2/jobs/99", R"({"changeset": {"retries": 1}})").status, 404);
}

// --- user tasks and elements ---------------------------------------------------------------

TEST_F(V2CommandsTest, UserTasks) {
    deploy({kTask});
    const auto key = create("Aufgabe");
    const auto task = sibling(key, state(key).user_tasks.at(0).key);
    const auto path = "/user-tasks/" + task;
    EXPECT_EQ(post(path + "/assignment", "{}").status, 400);
    EXPECT_EQ(post(path + "/assignment", R"({"assignee": "ada"})").status, 204);
    EXPECT_EQ(
        refused(post(path + "/assignment", R"({"assignee": "bob", "allowOverride": false})"), 409),
        "INVALID_STATE");
    EXPECT_EQ(post(path + "/assignment", R"({"assignee": "bob", "action": "claim"})").status, 204);
    EXPECT_EQ(state(key).user_tasks[0].assignee, "bob");
    EXPECT_EQ(send(Method::del, "/v2" + path + "/assignee").status, 204);
    EXPECT_EQ(state(key).user_tasks[0].assignee, "");
    const auto change = [&](const std::string& body) {
        return send(Method::patch, "/v2" + path, body).status;
    };
    EXPECT_EQ(change("{}"), 400);
    EXPECT_EQ(change(R"({"changeset": {"priority": 101}})"), 400);
    EXPECT_EQ(change(R"({"changeset": {"dueDate": "morgen"}})"), 400);
    EXPECT_EQ(change(R"({"changeset": {"priority": 70, "dueDate": "2026-04-01T00:00:00Z",
                          "candidateGroups": ["amt"]}})"),
              204);
    EXPECT_EQ(state(key).user_tasks[0].priority, 70U);
    EXPECT_TRUE(state(key).user_tasks[0].due.has_value());
    EXPECT_EQ(change(R"({"changeset": {"dueDate": ""}})"), 204);
    EXPECT_FALSE(state(key).user_tasks[0].due.has_value());
    EXPECT_EQ(post(path + "/completion", R"({"variables": {"urteil": "ja"}})").status, 204);
    EXPECT_EQ(status(key), CaseStatus::completed);
    for (const auto* rest : {"/completion", "/assignment"}) {
        EXPECT_EQ(post(path + rest, R"({"assignee": "x"})").status, 404) << rest;
    }
}

TEST_F(V2CommandsTest, VariablesOfElements) {
    deploy({kWork});
    const auto key = create("Arbeit", R"({"a": 1})");
    const auto task = sibling(key, state(key).elements[1].key);
    const auto put = [&](const std::string& element, const std::string& body) {
        return send(Method::put, "/v2/element-instances/" + element + "/variables", body).status;
    };
    EXPECT_EQ(put(task, R"({"variables": {"a": 2}, "local": true})"), 204);
    EXPECT_EQ(state(key).variables.find("a")->to_string(), "1");
    EXPECT_EQ(put(key, R"({"variables": {"a": 3}})"), 204);
    EXPECT_EQ(state(key).variables.find("a")->to_string(), "3");
    EXPECT_EQ(put(key, "{}"), 400);
    EXPECT_EQ(put(key, R"({"variables": 1})"), 400);
    EXPECT_EQ(put("16777300", R"({"variables": {}})"), 404);
}

TEST_F(V2CommandsTest, AdHocActivities) {
    deploy({kAdHoc});
    const auto key = create("Frei");
    const auto scope = sibling(key, state(key).elements.at(1).key);
    const auto path = "/element-instances/ad-hoc-activities/" + scope + "/activation";
    EXPECT_EQ(post(path, "{}").status, 400);
    EXPECT_EQ(post(path, R"({"elements": [{"elementId": "weg"}]})").status, 400);
    EXPECT_EQ(post(path, R"({"elements": [{"elementId": "eins", "variables": {"n": 1}},
                                          {"elementId": "zwei"}]})")
                  .status,
              204);
    EXPECT_EQ(state(key).user_tasks.size(), 2U);
    EXPECT_EQ(post("/element-instances/ad-hoc-activities/" + key + "/activation",
                   R"({"elements": [{"elementId": "eins"}]})")
                  .status,
              400);
}

// --- messages, signals, conditions ---------------------------------------------------------

TEST_F(V2CommandsTest, MessagesArePublishedAndKept) {
    deploy({kMessage});
    const auto message = [](const std::string& more) {
        return R"({"name": "post", "correlationKey": "7")" + more + "}";
    };
    const auto kept = R"(, "timeToLive": 60000, "messageId": "id-1", "variables": {"text": "ja"})";
    const auto told = object(post("/messages/publication", message(kept)));
    EXPECT_NE(told.string_or("messageKey", ""), "");
    EXPECT_EQ(told.string_or("tenantId", ""), "leipzig");
    EXPECT_EQ(refused(post("/messages/publication", message(kept)), 409), "ALREADY_EXISTS");
    const auto key = create("Warten", R"({"nummer": "7"})");
    EXPECT_EQ(status(key), CaseStatus::completed);
    EXPECT_NE(state(key).variables.find("text"), nullptr);
    EXPECT_EQ(refused(post("/messages/correlation", message("")), 404), "NOT_FOUND");
    const auto other = create("Warten", R"({"nummer": "7"})");
    const auto correlated = object(post("/messages/correlation", message("")));
    EXPECT_EQ(correlated.string_or("processInstanceKey", ""), other);
    EXPECT_EQ(status(other), CaseStatus::completed);
    EXPECT_EQ(post("/messages/publication", "{}").status, 400);
    EXPECT_EQ(post("/messages/publication", R"({"name": "a", "timeToLive": -1})").status, 400);
    EXPECT_EQ(post("/messages/publication", R"({"name": "a", "tenantId": "halle"})").status, 404);
    EXPECT_EQ(post("/messages/correlation", R"({"name": "a", "tenantId": "halle"})").status, 404);
}

TEST_F(V2CommandsTest, SignalsStartProcesses) {
    deploy({kSignalStart});
    const auto told =
        object(post("/signals/broadcast", R"({"signalName": "los", "variables": {"grund": "x"}})"));
    EXPECT_NE(told.string_or("signalKey", ""), "");
    const auto job = activate("gestartet");
    ASSERT_TRUE(job.is_object());
    EXPECT_EQ(job.find("variables")->string_or("grund", ""), "x");
    EXPECT_EQ(post("/signals/broadcast", "{}").status, 400);
    EXPECT_EQ(post("/signals/broadcast", R"({"signalName": "los", "tenantId": "halle"})").status,
              404);
}

TEST_F(V2CommandsTest, ConditionsStartProcesses) {
    const auto definition = deploy({kConditional, kShort});
    const auto ask = [&](const std::string& body) {
        return object(post("/conditionals/evaluation", body)).find("processInstances")->items();
    };
    const auto started = ask(R"({"variables": {"menge": 11}})");
    ASSERT_EQ(started.size(), 1U);
    EXPECT_EQ(started[0].string_or("processDefinitionKey", ""), definition);
    EXPECT_EQ(status(started[0].string_or("processInstanceKey", "")), CaseStatus::completed);
    EXPECT_TRUE(ask(R"({"variables": {"menge": 1}})").empty());
    EXPECT_EQ(ask(R"({"variables": {"menge": 11}, "processDefinitionKey": ")" + definition + "\"}")
                  .size(),
              1U);
    const auto status_of = [&](const char* body) {
        return post("/conditionals/evaluation", body).status;
    };
    EXPECT_EQ(status_of("{}"), 400);
    EXPECT_EQ(status_of(R"({"variables": {}, "processDefinitionKey": "99"})"), 404);
    EXPECT_EQ(status_of(R"({"variables": {}, "tenantId": "halle"})"), 404);
}

// --- who may -------------------------------------------------------------------------------

struct Attempt {
    http::Method method;
    std::string path;
    std::string body;
};
// Everything that names something in a case.
std::vector<Attempt> attempts(const std::string& instance, const std::string& task,
                              const std::string& job, const std::string& target) {
    using http::Method;
    const auto in = "/process-instances/" + instance;
    return {
        {Method::post, in + "/cancellation", "{}"},
        {Method::post, in + "/modification", R"({"activateInstructions": [{"elementId": "T"}]})"},
        {Method::post, in + "/migration",
         R"({"mappingInstructions": [{"sourceElementId": "T", "targetElementId": "T"}],
                 "targetProcessDefinitionKey": ")" +
             target + "\"}"},
        {Method::post, "/incidents/" + task + "/resolution", "{}"},
        {Method::post, "/jobs/" + job + "/completion", "{}"},
        {Method::post, "/jobs/" + job + "/failure", "{}"},
        {Method::post, "/jobs/" + job + "/error", R"({"errorCode": "E"})"},
        {Method::patch, "/jobs/" + job, R"({"changeset": {"retries": 1}})"},
        {Method::patch, "/jobs/" + job, R"({"changeset": {"timeout": 1}})"},
        {Method::post, "/user-tasks/" + task + "/completion", "{}"},
        {Method::post, "/user-tasks/" + task + "/assignment", R"({"assignee": "x"})"},
        {Method::del, "/user-tasks/" + task + "/assignee", ""},
        {Method::patch, "/user-tasks/" + task, R"({"changeset": {"priority": 1}})"},
        {Method::put, "/element-instances/" + task + "/variables", R"({"variables": {}})"},
        {Method::post, "/element-instances/ad-hoc-activities/" + task + "/activation",
         R"({"elements": [{"elementId": "x"}]})"}};
}

TEST_F(V2CommandsTest, CasesOfServicePackagesDoNotExistHere) {
    const auto target = deploy({kWork});
    app::SubmitRequest request;
    request.tenant = app::kLeipzig;
    request.service = app::kService;
    feel::ContextBuilder answers;
    answers.set("name", feel::Value("Erika"));
    answers.set("ermaessigt", feel::Value(false));
    answers.set("kennzeichen", feel::Value("L-AB 123"));
    answers.set("gewicht", feel::Value(3000));
    request.answers = answers.build();
    app::Principal erika;
    erika.kind = Kind::citizen;
    erika.subject = "demo:erika";
    std::promise<Result<app::SubmitReply>> promise;
    auto future = promise.get_future();
    app_.submit(erika, std::move(request),
                [&](Result<app::SubmitReply> reply) { promise.set_value(std::move(reply)); });
    const auto reply = future.get();
    ASSERT_TRUE(reply && reply->receipt);
    const CaseId id = reply->receipt->case_id;
    const auto instance = std::to_string(runtime::global_key(id, 1));
    ASSERT_FALSE(state(instance).user_tasks.empty());
    const auto task = sibling(instance, state(instance).user_tasks[0].key);
    const auto before = state(instance);
    for (const auto& one : attempts(instance, task, task, target)) {
        EXPECT_EQ(send(one.method, "/v2" + one.path, one.body).status, 404) << one.path;
    }
    EXPECT_TRUE(state(instance) == before);
}

TEST_F(V2CommandsTest, NothingOfAnotherTenantCanBeTouched) {
    deploy({kWork});
    const auto halle = as(Kind::process_operator, kHalle);
    const auto target = deploy({kWork}, halle);
    const auto key = create("Arbeit");
    const auto before = state(key);
    const auto task = sibling(key, before.elements[1].key);
    const auto job = sibling(key, before.jobs[0].key);
    for (const auto& one : attempts(key, task, job, target)) {
        EXPECT_EQ(send(one.method, "/v2" + one.path, one.body, {.who = halle}).status, 404)
            << one.path;
    }
    EXPECT_TRUE(activate("zahlen", "", {.who = halle}).is_null());
    EXPECT_TRUE(state(key) == before);
}

TEST_F(V2CommandsTest, TheHistoryNamesTheClient) {
    deploy({kWork});
    const auto key = create("Arbeit");
    EXPECT_THAT(state(key).started_by, testing::StartsWith("client:leipzig."));
}

}  // namespace
}  // namespace schwarm::api::v2
