#include "world.hpp"

namespace schwarm::engine::test {
namespace {

std::string exclusive(const std::string& default_flow) {
    return process_xml(
        start() + element("exclusiveGateway", "x", "", "", default_flow) + user("big") +
        user("small") + end() + flow("start", "x") + flow("x", "big", "amount > 100") +
        (default_flow.empty() ? flow("x", "small", "amount &lt; 10") : flow("x", "small")) +
        flow("big", "end") + flow("small", "end"));
}

TEST(ExclusiveGateway, TakesTheFirstTrueCondition) {
    World w;
    w.deploy(exclusive(R"(default="x_small")"));
    w.create({{"amount", 200}});
    EXPECT_EQ(w.open_tasks(), "big");
    w.complete_task("big");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.path(), "start > x > big > end");
}

TEST(ExclusiveGateway, TakesTheDefaultFlow) {
    World w;
    w.deploy(exclusive(R"(default="x_small")"));
    w.create({{"amount", 20}});
    EXPECT_EQ(w.open_tasks(), "small");
}

TEST(ExclusiveGateway, NoTrueConditionIsAnIncidentThatCanBeResolved) {
    World w;
    w.deploy(exclusive(""));
    w.create({{"amount", 50}});
    ASSERT_EQ(w.state.incidents.size(), 1U);
    EXPECT_EQ(w.state.incidents[0].kind, IncidentKind::no_flow);
    EXPECT_EQ(w.projection().incidents[0].element_id, "x");
    // Resolved without a change it comes back; with one it goes on.
    w.run(ResolveIncident{w.state.incidents[0].key});
    ASSERT_EQ(w.state.incidents.size(), 1U);
    w.run(UpdateVariables{{}, {{"amount", 5}}, false});
    w.run(ResolveIncident{w.state.incidents[0].key});
    EXPECT_TRUE(w.state.incidents.empty());
    EXPECT_EQ(w.open_tasks(), "small");
}

TEST(ExclusiveGateway, ANullConditionIsAnIncident) {
    World w;
    w.deploy(exclusive(R"(default="x_small")"));
    w.create();
    ASSERT_EQ(w.state.incidents.size(), 1U);
    EXPECT_EQ(w.state.incidents[0].kind, IncidentKind::expression);
    EXPECT_NE(w.state.incidents[0].reason.find("x_big"), std::string::npos);
}

TEST(ParallelGateway, ForksAndJoins) {
    World w;
    w.deploy(process_xml(start() + element("parallelGateway", "fork") + user("a") + user("b") +
                         element("parallelGateway", "join") + user("c") + end() +
                         flow("start", "fork") + flow("fork", "a") + flow("fork", "b") +
                         flow("a", "join") + flow("b", "join") + flow("join", "c") +
                         flow("c", "end")));
    w.create();
    EXPECT_EQ(w.open_tasks(), "a b");
    w.complete_task("b");
    EXPECT_EQ(w.open_tasks(), "a");
    ASSERT_EQ(w.state.waiting.size(), 1U);
    w.complete_task("a");
    EXPECT_EQ(w.open_tasks(), "c");
    EXPECT_TRUE(w.state.waiting.empty());
    w.complete_task("c");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

std::string inclusive() {
    return process_xml(
        start() + element("inclusiveGateway", "fork", "", "", R"(default="fork_c")") + user("a") +
        user("b") + user("c") + element("inclusiveGateway", "join") + user("d") + end() +
        flow("start", "fork") + flow("fork", "a", "x > 1") + flow("fork", "b", "x > 2") +
        flow("fork", "c") + flow("a", "join") + flow("b", "join") + flow("c", "join") +
        flow("join", "d") + flow("d", "end"));
}

TEST(InclusiveGateway, WaitsForAllThatWereStarted) {
    World w;
    w.deploy(inclusive());
    w.create({{"x", 3}});
    EXPECT_EQ(w.open_tasks(), "a b");
    w.complete_task("a");
    EXPECT_EQ(w.open_tasks(), "b");
    w.complete_task("b");
    EXPECT_EQ(w.open_tasks(), "d");
}

TEST(InclusiveGateway, OneFlowPassesAtOnceAndDefaultIsUsed) {
    World w;
    w.deploy(inclusive());
    w.create({{"x", 0}});
    EXPECT_EQ(w.open_tasks(), "c");
    w.complete_task("c");
    EXPECT_EQ(w.open_tasks(), "d");
}

TEST(EventBasedGateway, TheFirstEventWins) {
    const std::string xml =
        process_xml(start() + element("eventBasedGateway", "g") +
                    element("intermediateCatchEvent", "paper", "",
                            R"(<messageEventDefinition messageRef="Paper"/>)") +
                    element("intermediateCatchEvent", "late", "", timer("timeDuration", "P14D")) +
                    user("read") + user("remind") + end() + flow("start", "g") +
                    flow("g", "paper") + flow("g", "late") + flow("paper", "read") +
                    flow("late", "remind") + flow("read", "end") + flow("remind", "end"));
    World w;
    w.deploy(xml);
    w.create({{"nr", "A-1"}});
    ASSERT_EQ(w.state.subscriptions.size(), 1U);
    EXPECT_EQ(w.state.subscriptions[0].correlation_key, "A-1");
    EXPECT_EQ(w.state.timers.size(), 1U);
    w.message("paper", {{"pages", 3}});
    EXPECT_EQ(w.open_tasks(), "read");
    EXPECT_TRUE(w.state.timers.empty());
    EXPECT_TRUE(w.state.subscriptions.empty());
    EXPECT_EQ(w.variable("pages"), feel::Value(3));
    EXPECT_EQ(w.path(), "start > g > paper > read");

    World late;
    late.deploy(xml);
    late.create({{"nr", "A-1"}});
    late.fire_timer("late");
    EXPECT_EQ(late.open_tasks(), "remind");
}

}  // namespace
}  // namespace schwarm::engine::test
