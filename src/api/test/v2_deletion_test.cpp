// Deletion of ended process instances over /v2, on order and when their time is over.
#include <gmock/gmock.h>

#include "v2_node.hpp"

namespace schwarm::api::v2 {
namespace {

using testing::HasSubstr;
using Kind = app::PrincipalKind;

constexpr auto kTask = R"(<process id="Aufgabe" isExecutable="true"><startEvent id="S"/>
  <sequenceFlow id="f1" sourceRef="S" targetRef="U"/><userTask id="U"><extensionElements>
  <zeebe:userTask/></extensionElements></userTask></process>)";
constexpr auto kShort = R"(<process id="Kurz" isExecutable="true"><startEvent id="S"/></process>)";
constexpr auto kCaller = R"(<process id="Rufer" isExecutable="true"><startEvent id="S"/>
  <sequenceFlow id="f1" sourceRef="S" targetRef="C"/><callActivity id="C"><extensionElements>
  <zeebe:calledElement processId="Kurz"/></extensionElements></callActivity></process>)";
constexpr auto kKept = R"(<process id="Frist" isExecutable="true"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:historyTimeToLive="P30D">
  <startEvent id="S"/></process>)";

class V2DeletionTest : public V2Node {
  protected:
    json::Value search(const std::string& what, const std::string& filter) {
        return object(post("/" + what + "/search", R"({"filter": )" + filter + "}"));
    }
    std::size_t found(const std::string& what, const std::string& instance) {
        const auto page = search(what, R"({"processInstanceKey": ")" + instance + R"("})");
        return page.find("items")->items().size();
    }
    std::string all(std::string_view what) {
        return std::string(post("/" + std::string(what) + "/search").content());
    }
    http::Response erase(const std::string& instance) {
        return post("/process-instances/" + instance + "/deletion");
    }
    json::Value erase_all(const std::string& filter) {
        const auto begun =
            object(post("/process-instances/deletion", R"({"filter": )" + filter + "}"));
        EXPECT_EQ(begun.string_or("batchOperationType", ""), "DELETE_PROCESS_INSTANCE");
        runtime_->wait_idle();
        return object(
            send(Method::get, "/v2/batch-operations/" + begun.string_or("batchOperationKey", "")));
    }
    static std::int64_t number(const json::Value& of, std::string_view member) {
        return of.find(member)->as_int64().value_or(-1);
    }
};

TEST_F(V2DeletionTest, AnEndedInstanceIsGoneForEverySearch) {
    deploy({kShort});
    const auto key = create("Kurz", R"({"name": "Quintilia"})");
    const auto other = create("Kurz", R"({"name": "Anna"})");
    ASSERT_EQ(found("variables", key), 1U);
    const auto variables = search("variables", R"({"processInstanceKey": ")" + key + R"("})");
    const auto variable = variables.find("items")->items()[0].string_or("variableKey", "");
    EXPECT_EQ(erase(key).status, 204);
    for (const auto* what : {"process-instances", "variables", "element-instances"}) {
        EXPECT_EQ(found(what, key), 0U) << what;
        EXPECT_EQ(found(what, other) > 0, true) << what;
        EXPECT_THAT(all(what), testing::Not(HasSubstr(key))) << what;
    }
    for (const auto& path : {"/process-instances/" + key, "/variables/" + variable,
                             "/process-instances/" + key + "/call-hierarchy"}) {
        EXPECT_EQ(send(Method::get, "/v2" + path).status, 404) << path;
    }
    EXPECT_EQ(erase(key).status, 404);
    const auto audit = runtime_->read(app::kLeipzig)->audit().value();
    EXPECT_EQ(audit.at(0).action, "delete_case");
    EXPECT_THAT(audit.at(0).actor, testing::StartsWith("client:leipzig."));
    EXPECT_THAT(audit.at(0).detail, HasSubstr("operator"));
}

TEST_F(V2DeletionTest, OnlyWhatHasEndedAndStandsForItself) {
    deploy({kTask, kShort});
    deploy({kCaller});
    const auto active = create("Aufgabe");
    EXPECT_EQ(refused(erase(active), 409), "INVALID_STATE");
    const auto caller = create("Rufer");
    const auto called = search("process-instances", R"({"processDefinitionId": "Kurz"})")
                            .find("items")
                            ->items()
                            .at(0)
                            .string_or("processInstanceKey", "");
    EXPECT_THAT(std::string(erase(called).content()), HasSubstr(caller));
    EXPECT_EQ(erase(called).status, 409);
    EXPECT_EQ(erase("99999999999").status, 404);
    EXPECT_EQ(erase("x").status, 400);
    for (const auto role : {Kind::worker, Kind::deployer}) {
        EXPECT_EQ(post("/process-instances/" + caller + "/deletion", "", {.who = as(role)}).status,
                  403);
    }
    EXPECT_EQ(erase(caller).status, 204);
    EXPECT_EQ(found("process-instances", called), 0U);
}

TEST_F(V2DeletionTest, ManyByAFilter) {
    deploy({kTask, kShort});
    const auto active = create("Aufgabe");
    const auto cancelled = create("Aufgabe");
    EXPECT_EQ(post("/process-instances/" + cancelled + "/cancellation").status, 204);
    for (int i = 0; i < 3; ++i) create("Kurz");
    const auto completed = erase_all(R"({"state": "COMPLETED"})");
    EXPECT_EQ(number(completed, "operationsCompletedCount"), 3);
    EXPECT_EQ(found("process-instances", cancelled), 1U);
    const std::string by_key = R"({"processInstanceKey": ")" + cancelled + R"(", )";
    for (const auto* other : {R"("state": "COMPLETED"})", R"("processDefinitionId": "Kurz"})"}) {
        EXPECT_EQ(
            post("/process-instances/deletion", R"({"filter": )" + by_key + other + "}").status,
            400)
            << other;
    }
    const auto one = erase_all(by_key + R"("state": "TERMINATED"})");
    EXPECT_EQ(number(one, "operationsCompletedCount"), 1);
    EXPECT_EQ(found("process-instances", cancelled), 0U);
    EXPECT_EQ(found("process-instances", active), 1U);
    EXPECT_EQ(number(erase_all("{}"), "operationsTotalCount"), 0);
    for (const auto& [filter, status] :
         {std::pair(std::string(R"({"state": "ACTIVE"})"), 400),
          std::pair(std::string(R"({"elementId": "U"})"), 400),
          std::pair(R"({"processInstanceKey": ")" + active + R"("})", 409),
          std::pair(R"({"processInstanceKey": ")" + cancelled + R"("})", 404)}) {
        EXPECT_EQ(post("/process-instances/deletion", R"({"filter": )" + filter + "}").status,
                  status)
            << filter;
    }
}

TEST_F(V2DeletionTest, TheTimeThatTheProcessNames) {
    deploy({kKept, kShort});
    const auto kept = create("Frist");
    const auto other = create("Kurz");
    const auto pass = [&](std::chrono::milliseconds time) {
        clock_.set(clock_.now() + time);
        runtime_->wake();
        runtime_->wait_idle();
        clients_made_.clear();  // tokens have run out
    };
    pass(std::chrono::hours(24 * 30) - std::chrono::milliseconds(1));
    EXPECT_EQ(found("process-instances", kept), 1U);
    pass(std::chrono::milliseconds(1));
    EXPECT_EQ(found("process-instances", kept), 0U);
    EXPECT_EQ(found("process-instances", other), 1U);
    EXPECT_EQ(runtime_->read(app::kLeipzig)->audit().value().at(0).actor, "system:retention");
}

}  // namespace
}  // namespace schwarm::api::v2
