#include "world.hpp"

namespace schwarm::engine::test {
namespace {

std::string ad_hoc(const std::string& extension, const std::string& more = {},
                   const std::string& attributes = {}) {
    return process_xml(start() +
                       element("adHocSubProcess", "ah", extension,
                               user("a") + user("b") + element("task", "c") + flow("a", "c") + more,
                               attributes) +
                       end() + flow("start", "ah") + flow("ah", "end"));
}
const std::string kCollection =
    R"(<zeebe:adHoc activeElementsCollection="=wanted" outputCollection="results"
        outputElement="=r"/>)";
feel::Value ids(std::initializer_list<const char*> names) {
    feel::Value::List out;
    for (const char* name : names) out.emplace_back(name);
    return feel::Value::list(std::move(out));
}
ElementKey instance_of(const World& w, const std::string& id) {
    const auto* p = w.process(DefinitionKey("p"));
    for (const ElementInstance& e : w.state.elements) {
        if (!e.inner && e.node == p->find(id)) return e.key;
    }
    return {};
}

TEST(AdHoc, EndsWithItsLastActivationAndCollectsOutput) {
    World w;
    w.deploy(ad_hoc(kCollection));
    w.create({{"wanted", ids({"a", "b"})}});
    EXPECT_EQ(w.open_tasks(), "a b");
    w.complete_task("a", {{"r", 1}});
    EXPECT_TRUE(w.variable("r").is_null()) << "variables stay in their activation";
    EXPECT_EQ(w.path(), "start > ah > a > b > c");
    w.complete_task("b", {{"r", 2}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.variable("results"), feel::Value::list({feel::Value(1), feel::Value(2)}));
}

TEST(AdHoc, CompletionConditionCancelsTheRestOrWaits) {
    const std::string condition = "<completionCondition>=done</completionCondition>";
    World w;
    w.deploy(ad_hoc(kCollection, condition));
    w.create({{"wanted", ids({"a", "b"})}, {"done", true}});
    w.complete_task("a");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    World v;
    v.deploy(ad_hoc(kCollection, condition, R"(cancelRemainingInstances="false")"));
    v.create({{"wanted", ids({"a", "b"})}, {"done", true}});
    v.complete_task("a");
    EXPECT_EQ(v.open_tasks(), "b");
    v.complete_task("b");
    EXPECT_EQ(v.state.status, CaseStatus::completed);
}

TEST(AdHoc, WrongElementsAreAnIncident) {
    World w;
    w.deploy(ad_hoc(kCollection));
    w.create({{"wanted", ids({"nobody"})}});
    ASSERT_EQ(w.state.incidents.size(), 1U);
    w.run(UpdateVariables{{}, {{"wanted", ids({"b"})}}, false});
    w.run(ResolveIncident{w.state.incidents[0].key});
    EXPECT_EQ(w.open_tasks(), "b");
}

TEST(AdHoc, ActivatesByCommand) {
    World w;
    w.deploy(ad_hoc("<zeebe:adHoc/>"));
    w.create();
    EXPECT_EQ(w.state.status, CaseStatus::active) << "without elements it waits";
    const ElementKey key = instance_of(w, "ah");
    EXPECT_TRUE(w.try_run(ActivateAdHoc{key, {{"gone", {}}}, false}).has_error());
    w.run(ActivateAdHoc{key, {{"a", {{"x", 1}}}, {"a", {}}}, false});
    EXPECT_EQ(w.open_tasks(), "a a");
    EXPECT_EQ(*w.state.variable(w.state.user_tasks[0].key, "x"), feel::Value(1));
    w.run(ActivateAdHoc{key, {{"b", {}}}, true});
    EXPECT_EQ(w.open_tasks(), "b");
    w.complete_task("b");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(AdHoc, SequentialOrderingActivatesOneAfterAnother) {
    World w;
    w.deploy(ad_hoc(kCollection, "", R"(ordering="Sequential")"));
    w.create({{"wanted", ids({"b", "a"})}});
    EXPECT_EQ(w.open_tasks(), "b");
    w.complete_task("b");
    EXPECT_EQ(w.open_tasks(), "a");
    w.complete_task("a");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(AdHoc, AWorkerDecides) {
    World w;
    w.deploy(ad_hoc(R"(<zeebe:taskDefinition type="agent"/>)"));
    w.create();
    ASSERT_EQ(w.state.jobs.size(), 1U);
    EXPECT_EQ(w.state.jobs[0].kind, JobKind::ad_hoc_sub_process);
    const feel::Value* known = w.state.variable(w.state.jobs[0].element, "adHocSubProcessElements");
    ASSERT_TRUE(known != nullptr && known->is_list());
    EXPECT_EQ(known->as_list().size(), 2U) << "c has an incoming flow";
    JobResult result;
    result.activate_elements = {{"a", {}}, {"b", {{"y", 2}}}};
    w.run(CompleteJob{w.state.jobs[0].key, {}, result});
    EXPECT_TRUE(w.state.jobs.empty());
    w.complete_task("a");
    ASSERT_EQ(w.state.jobs.size(), 1U) << "the worker is asked again";
    JobResult done;
    done.completion_condition_fulfilled = true;
    w.run(CompleteJob{w.state.jobs[0].key, {}, done});
    EXPECT_EQ(w.open_tasks(), "b");
    w.complete_task("b");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

}  // namespace
}  // namespace schwarm::engine::test
