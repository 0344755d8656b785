// Deployments over the real runtime, with storage in memory.
#include "schwarm/services/deployments.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

#include "schwarm/runtime/runtime.hpp"
#include "schwarm/services/bindings.hpp"
#include "schwarm/storage/memory.hpp"

namespace schwarm::services {
namespace {

const TenantId kLeipzig("leipzig");
const TenantId kHalle("halle");

std::string process(std::string_view id, std::string_view inside = {}, std::string_view tag = {}) {
    std::string out =
        R"(<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="x">
  <message id="M" name="hallo"/>
  <process id=")" +
        std::string(id) + R"(" name="Ablauf" isExecutable="true"><extensionElements>)";
    if (!tag.empty()) out += "<zeebe:versionTag value=\"" + std::string(tag) + "\"/>";
    return out + R"(</extensionElements>
    <startEvent id="S"><extensionElements><zeebe:formDefinition formId="antrag"/>
      </extensionElements><outgoing>F</outgoing></startEvent>
    <sequenceFlow id="F" sourceRef="S" targetRef="E"/><endEvent id="E"/>)" +
           std::string(inside) + "</process></definitions>";
}
constexpr std::string_view kStarts = R"(
    <startEvent id="OnMessage"><messageEventDefinition messageRef="M"/></startEvent>
    <startEvent id="OnTimer"><timerEventDefinition><timeCycle>R/PT1H</timeCycle>
      </timerEventDefinition></startEvent>)";

std::string decision(std::string_view text) {
    return R"(<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="graph"
  name="Graph" namespace="x"><decision id="gebuehr" name="Gebuehr"><decisionTable id="t"
  hitPolicy="UNIQUE"><input id="i1" label="Alter"><inputExpression typeRef="number">
  <text>alter</text></inputExpression></input><output id="o1" name="euro" typeRef="number"/>
  <rule id="r1"><inputEntry><text>&lt; 18</text></inputEntry><outputEntry><text>0</text>
  </outputEntry></rule><rule id="r2"><inputEntry><text>&gt;= 18</text></inputEntry><outputEntry>
  <text>)" +
           std::string(text) + R"(</text></outputEntry></rule></decisionTable></decision>
  </definitions>)";
}

class DeploymentsTest : public testing::Test {
  protected:
    DeploymentsTest() {
        runtime::Environment environment{
            *storage_, clock_, random_, crypto::Key::random(random_),
            [this](const TenantId& id) { return bindings_.definitions(id); }};
        auto runtime = runtime::Runtime::open(std::move(environment));
        if (runtime.has_error()) throw std::runtime_error(runtime.error().text());
        runtime_ = std::move(*runtime);
        for (const auto& tenant : {kLeipzig, kHalle}) {
            Tenant known;
            known.id = tenant;
            EXPECT_TRUE(registry_.add_tenant(known));
            EXPECT_TRUE(runtime_->ensure_tenant(tenant));
        }
    }

    Deployment deploy(std::vector<ResourceFile> files, const TenantId& tenant = kLeipzig) {
        std::promise<Result<Deployment>> promise;
        deployments_.deploy(*runtime_, tenant, std::move(files), "test",
                            [&](Result<Deployment> done) { promise.set_value(std::move(done)); });
        auto deployed = promise.get_future().get();
        if (deployed.has_error()) throw std::runtime_error(deployed.error().text());
        return std::move(*deployed);
    }
    Result<void> remove(std::uint64_t key, const TenantId& tenant = kLeipzig) {
        std::promise<Result<void>> promise;
        deployments_.remove(*runtime_, tenant, key, "test",
                            [&](Result<void> done) { promise.set_value(std::move(done)); });
        return promise.get_future().get();
    }
    static const ProcessDefinition& first_process(const Deployment& deployment) {
        return std::get<ProcessDefinition>(deployment.definitions.at(0));
    }
    std::shared_ptr<const DefinitionSet> set(const TenantId& tenant = kLeipzig) {
        return *deployments_.of(tenant);
    }

    ManualClock clock_{Instant(std::chrono::milliseconds(1'773'478'800'000))};
    SeededRandom random_{1};
    std::unique_ptr<storage::Storage> storage_ = storage::make_memory_storage();
    Registry registry_;
    Deployments deployments_{*storage_};
    Bindings bindings_{registry_, {}, &deployments_};
    std::unique_ptr<runtime::Runtime> runtime_;
};

TEST_F(DeploymentsTest, KeysVersionsAndWhatIsFound) {
    const auto one = deploy({{"a.bpmn", process("A")}, {"d.dmn", decision("30")}});
    ASSERT_TRUE(one.problems.empty());
    const auto& a = first_process(one);
    EXPECT_EQ(a.version, 1);
    EXPECT_EQ(a.start_form_id, "antrag");
    EXPECT_EQ(a.key % (1U << 24U), 0U);
    EXPECT_EQ(a.deployment_key, one.key);
    EXPECT_EQ(set()->process("A")->key, a.key);
    EXPECT_EQ(set()->decision("gebuehr").decision->version, 1);
    EXPECT_EQ(set(kHalle)->process("A"), nullptr);
    const auto two = deploy({{"a.bpmn", process("A", {}, "v2")}});
    EXPECT_EQ(first_process(two).version, 2);
    EXPECT_NE(first_process(two).key, a.key);
    EXPECT_EQ(set()->process("A")->version_tag, "v2");
    EXPECT_EQ(set()->process("A", {VersionBinding::Kind::deployment, one.key, {}})->key, a.key);
    EXPECT_EQ(set()->process("A", {VersionBinding::Kind::version_tag, 0, "v2"})->version, 2);
    EXPECT_FALSE(set()->process("A", {VersionBinding::Kind::version_tag, 0, "v3"}));
    EXPECT_EQ(set()->processes().size(), 2U);
}

TEST_F(DeploymentsTest, EqualFilesStayWhatTheyAre) {
    const std::vector<ResourceFile> files = {{"a.bpmn", process("A")}, {"b.bpmn", process("B")}};
    const auto one = deploy(files);
    const auto again = deploy(files);
    EXPECT_NE(again.key, one.key);
    EXPECT_EQ(first_process(again).key, first_process(one).key);
    EXPECT_EQ(first_process(again).version, 1);
    // One file is new, so all of them become new versions, to be found as one deployment.
    const auto mixed = deploy({files[0], {"b.bpmn", process("B", {}, "neu")}});
    EXPECT_EQ(first_process(mixed).version, 2);
    EXPECT_EQ(first_process(mixed).deployment_key, mixed.key);
    // Another name is another file.
    EXPECT_EQ(first_process(deploy({{"c.bpmn", process("A")}})).version, 3);
}

TEST_F(DeploymentsTest, AllOrNothing) {
    const auto refused = deploy({{"a.bpmn", process("A")},
                                 {"b.bpmn", process("B", "<task id=\"T\"><foo/></task>")},
                                 {"c.form", "{\"components\": []}"},
                                 {"d.dmn", "<definitions"}});
    EXPECT_EQ(refused.key, 0U);
    std::string text;
    for (const auto& problem : refused.problems) text += problem.text() + "\n";
    EXPECT_NE(text.find("c.form: the form has no id"), std::string::npos) << text;
    EXPECT_NE(text.find("d.dmn"), std::string::npos) << text;
    EXPECT_TRUE(set()->processes().empty());
    EXPECT_EQ(first_process(deploy({{"a.bpmn", process("A")}})).version, 1);
}

TEST_F(DeploymentsTest, Refusals) {
    const auto reason = [&](std::vector<ResourceFile> files) {
        const auto deployment = deploy(std::move(files));
        EXPECT_EQ(deployment.key, 0U);
        return deployment.problems.empty() ? "" : deployment.problems.back().text();
    };
    EXPECT_EQ(reason({}), "the deployment has no file");
    EXPECT_EQ(reason({{"a.bpmn", ""}}), "a.bpmn: the file is empty");
    EXPECT_EQ(reason({{"a.bpmn", process("A")}, {"a.bpmn", process("B")}}),
              "a.bpmn: two files have this name");
    EXPECT_EQ(reason({{"a.bpmn", process("A")}, {"b.bpmn", process("A", {}, "x")}}),
              "b.bpmn element A: the id stands in this deployment twice, also in a.bpmn");
    EXPECT_EQ(reason({{"a.bpmn", std::string((4U << 20) + 1, ' ')}}),
              "a.bpmn: the file is larger than 4194304 bytes");
    EXPECT_NE(reason({{"a.bpmn", process(std::string(201, 'x'))}}).find("longer than 200 bytes"),
              std::string::npos);
}

TEST_F(DeploymentsTest, ThereAfterARestart) {
    const auto one = deploy({{"a.bpmn", process("A", kStarts)},
                             {"d.dmn", decision("30")},
                             {"f.form", R"({"id": "antrag", "components": []})"},
                             {"r.txt", "x"}});
    Deployments again(*storage_);
    const auto known = *again.of(kLeipzig);
    EXPECT_EQ(known->process("A")->starts.size(), 2U);
    EXPECT_EQ(known->form("antrag")->version, 1);
    EXPECT_EQ(known->resources().at(0)->id, "r.txt");
    EXPECT_EQ(known->decision("gebuehr").requirements->deployment_key, one.key);
    EXPECT_EQ(*again.content(kLeipzig, known->form("antrag")->checksum),
              R"({"id": "antrag", "components": []})");
    EXPECT_EQ((*again.compiled(kLeipzig, *known->process("A")))->id, "A");
    EXPECT_TRUE(again.content(kHalle, known->form("antrag")->checksum).has_error());
}

TEST_F(DeploymentsTest, DeletionBringsBackTheVersionBefore) {
    const auto one = deploy({{"a.bpmn", process("A")}});
    const auto two = deploy({{"a.bpmn", process("A", {}, "v2")}});
    ASSERT_TRUE(remove(first_process(two).key));
    EXPECT_EQ(set()->process("A")->version, 1);
    EXPECT_EQ(remove(first_process(two).key).error().code, ErrorCode::not_found);
    EXPECT_EQ(remove(first_process(one).key, kHalle).error().code, ErrorCode::not_found);
    // Cases may still run on it.
    EXPECT_NE(bindings_.definitions(kLeipzig)->processes.process(
                  definition_key_of(first_process(two).key)),
              nullptr);
    // The same file as before is still known; a deleted one comes back as a new version.
    EXPECT_EQ(first_process(deploy({{"a.bpmn", process("A")}})).version, 1);
    EXPECT_EQ(first_process(deploy({{"a.bpmn", process("A", {}, "v2")}})).version, 3);
}

TEST_F(DeploymentsTest, StartEventsOfTheLatestVersions) {
    deploy({{"a.bpmn", process("A", kStarts)}});
    const auto places = *deployments_.start_events(kLeipzig, bpmn::EventKind::message, "hallo");
    ASSERT_EQ(places.size(), 1U);
    EXPECT_EQ(places[0].process_id, "A");
    EXPECT_EQ(places[0].event.element_id, "OnMessage");
    EXPECT_TRUE(deployments_.start_events(kLeipzig, bpmn::EventKind::message, "x")->empty());
    EXPECT_TRUE(deployments_.start_events(kHalle, bpmn::EventKind::message)->empty());
    EXPECT_EQ(deployments_.start_events(kLeipzig, bpmn::EventKind::timer)->at(0).event.text,
              "R/PT1H");
    deploy({{"b.bpmn", process("B")}});
    const auto startable = *deployments_.startable_processes(kLeipzig);
    ASSERT_EQ(startable.size(), 1U);
    EXPECT_EQ(startable[0].definition, places[0].definition);
    EXPECT_EQ(startable[0].process->id, "A");
    deploy({{"a.bpmn", process("A")}});
    EXPECT_TRUE(deployments_.start_events(kLeipzig, bpmn::EventKind::message)->empty());
}

TEST_F(DeploymentsTest, TheEngineSeesThemByTenant) {
    const auto one = deploy({{"a.bpmn", process("A")}, {"b.bpmn", process("B")}});
    const auto key = definition_key_of(first_process(one).key);
    const auto definitions = bindings_.definitions(kLeipzig);
    ASSERT_NE(definitions->processes.process(key), nullptr);
    EXPECT_EQ(definitions->processes.process(key)->id, "A");
    const auto called = definitions->processes.called_process(key, "B");
    ASSERT_TRUE(called);
    EXPECT_EQ(definitions->processes.process(*called)->id, "B");
    EXPECT_FALSE(definitions->processes.called_process(key, "C"));
    EXPECT_EQ(bindings_.definitions(kHalle)->processes.process(key), nullptr);
}

TEST_F(DeploymentsTest, ADecisionIsToldWithItsRules) {
    deploy({{"d.dmn", decision("30")}});
    const auto found = set()->decision("gebuehr");
    const auto compiled = *deployments_.compiled(kLeipzig, *found.requirements);
    const auto evaluation =
        evaluate_decision(*compiled, *compiled->find("gebuehr"),
                          feel::Value::context({{"alter", feel::Value(20)}}), clock_.now());
    EXPECT_EQ(evaluation.output.to_string(), "30");
    EXPECT_EQ(evaluation.failure, "");
    ASSERT_EQ(evaluation.decisions.size(), 1U);
    const auto& told = evaluation.decisions[0];
    ASSERT_EQ(told.rules.size(), 1U);
    EXPECT_EQ(told.rules[0].id, "r2");
    EXPECT_EQ(told.rules[0].index, 2U);
    EXPECT_EQ(told.rules[0].outputs.at(0).id, "o1");
    EXPECT_EQ(told.rules[0].outputs.at(0).value.to_string(), "30");
    EXPECT_EQ(told.inputs.at(0).name, "Alter");
    EXPECT_EQ(told.inputs.at(0).value.to_string(), "20");
}

}  // namespace
}  // namespace schwarm::services
