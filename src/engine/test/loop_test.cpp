// Standard loops and complex gateways.
#include "world.hpp"

namespace schwarm::engine::test {
namespace {

std::string looped(const std::string& attributes, const std::string& condition) {
    std::string inner = "<standardLoopCharacteristics " + attributes + ">";
    if (!condition.empty()) inner += "<loopCondition>=" + condition + "</loopCondition>";
    return process_xml(
        start() +
        element("scriptTask", "t",
                R"(<zeebe:script expression="=n + loopCounter" resultVariable="n"/>)",
                inner + "</standardLoopCharacteristics>") +
        end() + flow("start", "t") + flow("t", "end"));
}

feel::Value sum_of(const std::string& attributes, const std::string& condition) {
    World w;
    w.deploy(looped(attributes, condition));
    w.create({{"n", 0}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    return w.variable("n");
}

TEST(StandardLoop, TestsAfterOrBeforeAndHasAMaximum) {
    EXPECT_EQ(sum_of("", "n &lt; 5"), feel::Value(6));
    EXPECT_EQ(sum_of("", "false"), feel::Value(1));
    EXPECT_EQ(sum_of(R"(testBefore="true")", "false"), feel::Value(0));
    EXPECT_EQ(sum_of(R"(loopMaximum="4")", ""), feel::Value(10));
    EXPECT_EQ(sum_of(R"(loopMaximum="4")", "loopCounter &lt; 2"), feel::Value(3));
}

TEST(StandardLoop, AnEndlessOneIsAnIncident) {
    World w;
    w.definitions().limits.steps_max = 100;
    w.deploy(looped("", "true"));
    w.create({{"n", 0}});
    ASSERT_EQ(w.state.incidents.size(), 1U);
    EXPECT_EQ(w.state.incidents[0].kind, IncidentKind::step_limit);
    w.run(ResolveIncident{w.state.incidents[0].key});
    EXPECT_EQ(w.state.incidents.size(), 1U);
    w.run(CancelCase{"endless"});
}

std::string merged(const std::string& condition, const std::string& outgoing = {}) {
    return process_xml(
        start() + element("parallelGateway", "f") + user("a") + user("b") + user("c") +
        element("complexGateway", "g", "",
                "<activationCondition>=" + condition + "</activationCondition>") +
        user("after") + user("late") + flow("start", "f") + flow("f", "a") + flow("f", "b") +
        flow("f", "c") + flow("a", "g") + flow("b", "g") + flow("c", "g") +
        flow("g", "after", "waitingForStart") + flow("g", "late", outgoing));
}

TEST(ComplexGateway, GoesOnWithTwoOfThreeAndResetsWithTheThird) {
    World w;
    w.deploy(merged("activationCount >= 2", "not(waitingForStart)"));
    w.create();
    w.complete_task("a");
    EXPECT_EQ(w.open_tasks(), "b c");
    w.complete_task("c");
    EXPECT_EQ(w.open_tasks(), "b after");
    EXPECT_EQ(w.state.gateway_resets.size(), 1U);
    w.complete_task("b");
    EXPECT_EQ(w.open_tasks(), "after late");
    EXPECT_TRUE(w.state.gateway_resets.empty());
    w.complete_task("after");
    w.complete_task("late");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(ComplexGateway, ASingleFlowIsToldWhatItWaitsFor) {
    World w;
    w.deploy(process_xml(start() + element("parallelGateway", "f") + user("a") + user("b") +
                         element("complexGateway", "g") + user("after") + flow("start", "f") +
                         flow("f", "a") + flow("f", "b") + flow("a", "g") + flow("b", "g") +
                         flow("g", "after", "waitingForStart")));
    w.create();
    w.complete_task("a");
    EXPECT_EQ(w.open_tasks(), "b after");
    w.complete_task("b");
    EXPECT_EQ(w.open_tasks(), "after");
    w.complete_task("after");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(ComplexGateway, CountsByFlowAndAWrongConditionIsAnIncident) {
    World w;
    w.deploy(merged("activationCounts.b_g = 1", "false"));
    w.create();
    w.complete_task("a");
    EXPECT_EQ(w.open_tasks(), "b c");
    w.complete_task("b");
    EXPECT_EQ(w.open_tasks(), "c after");
    w.complete_task("c");
    w.complete_task("after");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    World v;
    v.deploy(merged("limit &lt; activationCount", "false"));
    v.create();
    v.complete_task("a");
    ASSERT_EQ(v.state.incidents.size(), 1U);
    v.run(UpdateVariables{{}, {{"limit", 0}}, false});
    v.run(ResolveIncident{v.state.incidents[0].key});
    EXPECT_EQ(v.open_tasks(), "b c after");
}

}  // namespace
}  // namespace schwarm::engine::test
