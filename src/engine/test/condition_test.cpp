// Conditional events, as Camunda 8: asked when they begin to wait and when a variable they see
// changes; one that does not interrupt is triggered by each such change after which it holds.
#include "events.hpp"

namespace schwarm::engine::test {
namespace {

std::string watched(const std::string& what, bool interrupting) {
    return events_xml(line(user("t") + border("b", "t", what, interrupting) + user("u") +
                               end("e2") + flow("b", "u") + flow("u", "e2"),
                           "t"));
}

TEST(Condition, ACatchEventWaitsUntilItHolds) {
    World w;
    w.deploy(events_xml(line(caught("c", condition("n > 10")), "c")));
    w.create();
    ASSERT_EQ(w.projection().conditions.size(), 1U);
    EXPECT_EQ(w.projection().conditions[0].condition, "n > 10");
    EXPECT_TRUE(w.projection().subscriptions.empty());
    EXPECT_TRUE(w.state.incidents.empty());
    set(w, {{"n", 5}});
    EXPECT_EQ(w.state.status, CaseStatus::active);
    set(w, {{"n", 11}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Condition, OneThatHoldsAlreadyDoesNotWait) {
    World w;
    w.deploy(events_xml(line(caught("c", condition("n > 10")), "c")));
    w.create({{"n", 11}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    World v;
    v.deploy(watched(condition("n > 10"), true));
    v.create({{"n", 11}});
    EXPECT_EQ(v.open_tasks(), "u");
}

TEST(Condition, NonInterruptingIsTriggeredByEachChange) {
    World w;
    w.deploy(watched(condition("n > 10"), false));
    w.create({{"n", 1}});
    set(w, {{"n", 11}});
    EXPECT_EQ(w.open_tasks(), "t u");
    set(w, {{"n", 11}});  // no change
    set(w, {{"m", 1}});   // not read
    EXPECT_EQ(w.open_tasks(), "t u");
    set(w, {{"n", 12}});
    EXPECT_EQ(w.open_tasks(), "t u u");
}

TEST(Condition, OneCommandTriggersItOnce) {
    World w;
    w.deploy(watched(condition("n > 10 or m > 10"), false));
    w.create({{"n", 1}, {"m", 1}});
    set(w, {{"n", 11}, {"m", 11}});
    EXPECT_EQ(w.open_tasks(), "t u");
}

TEST(Condition, TheFilterKnowsNewAndChangedVariables) {
    World w;
    w.deploy(watched(condition("n > 10", "create"), false));
    w.create({{"n", 1}});
    set(w, {{"n", 11}});
    EXPECT_EQ(w.open_tasks(), "t");
    World v;
    v.deploy(watched(condition("n > 10", "update"), false));
    v.create();
    set(v, {{"n", 11}});
    EXPECT_EQ(v.open_tasks(), "t");
    set(v, {{"n", 12}});
    EXPECT_EQ(v.open_tasks(), "t u");
}

TEST(Condition, TheVariablesOfAnotherScopeAreNotSeen) {
    World w;
    w.deploy(events_xml(start() + element("parallelGateway", "f") + user("a") + user("b") +
                        border("ba", "a", condition("n > 10")) + user("ua") + end() +
                        flow("start", "f") + flow("f", "a") + flow("f", "b") + flow("a", "end") +
                        flow("b", "end") + flow("ba", "ua") + flow("ua", "end")));
    w.create();
    w.run(UpdateVariables{w.task("b"), {{"n", 11}}, true});
    EXPECT_EQ(w.open_tasks(), "a b");
    w.run(UpdateVariables{w.task("a"), {{"n", 11}}, true});
    EXPECT_EQ(w.open_tasks(), "b ua");
}

TEST(Condition, TheOuterScopeIsAskedFirst) {
    World w;
    w.deploy(events_xml(start() +
                        element("subProcess", "sub", "",
                                start("s1") + user("in") + border("bi", "in", condition("n > 10")) +
                                    user("ui") + end("e1") + flow("s1", "in") + flow("in", "e1") +
                                    flow("bi", "ui") + flow("ui", "e1")) +
                        border("bo", "sub", condition("n > 10")) + user("uo") + end() +
                        flow("start", "sub") + flow("sub", "end") + flow("bo", "uo") +
                        flow("uo", "end")));
    w.create();
    set(w, {{"n", 11}});
    EXPECT_EQ(w.open_tasks(), "uo");
}

TEST(Condition, InputMappingsTriggerAndOutputMappingsDoNot) {
    const std::string maps =
        R"(<zeebe:ioMapping><zeebe:input source="=m" target="n"/>
           <zeebe:output source="=m" target="n"/></zeebe:ioMapping>)";
    World w;
    w.deploy(events_xml(line(user("t", maps) + border("b", "t", condition("n > 10")) + user("u") +
                                 end("e2") + flow("b", "u") + flow("u", "e2"),
                             "t")));
    w.create({{"m", 11}});
    EXPECT_EQ(w.open_tasks(), "u");
    World v;
    v.deploy(watched(condition("n > 10"), true));
    v.create({{"n", 1}});
    v.complete_task("t", {{"n", 11}});
    EXPECT_EQ(v.state.status, CaseStatus::completed);
}

TEST(Condition, EventSubProcesses) {
    for (const bool interrupting : {true, false}) {
        World w;
        w.deploy(events_xml(line(user("t") + user("t2") + flow("t", "t2"), "t") +
                            event_sub_process("es", condition("stop"), "u", interrupting)));
        w.create({{"stop", false}});
        set(w, {{"stop", true}});
        EXPECT_EQ(w.open_tasks(), interrupting ? "u" : "t u");
    }
}

TEST(Condition, ACircleIsAnIncident) {
    World w;
    w.definitions().limits.steps_max = 50;
    w.deploy(events_xml(line(user("t") + border("b", "t", condition("n > 0"), false) +
                                 script("more", "n + 1", "n") + end("e2") + flow("b", "more") +
                                 flow("more", "e2"),
                             "t")));
    w.create({{"n", 1}});
    ASSERT_FALSE(w.state.incidents.empty());
    EXPECT_EQ(w.state.incidents[0].kind, IncidentKind::step_limit);
    EXPECT_LT(w.history.size(), 1000U);
    const feel::Value before = w.variable("n");
    w.run(ResolveIncident{w.state.incidents[0].key, 1});
    EXPECT_FALSE(w.state.incidents.empty());
    EXPECT_FALSE(w.variable("n") == before);
}

TEST(Condition, StartsOfAProcess) {
    World w;
    w.deploy(events_xml(element("startEvent", "a", "", condition("n > 10")) +
                        element("startEvent", "b", "", condition("n > 20")) + user("t") +
                        user("u") + end() + flow("a", "t") + flow("b", "u") + flow("t", "end") +
                        flow("u", "end")));
    const bpmn::Process& p = *w.process(DefinitionKey("p"));
    EXPECT_TRUE(conditional_starts(p, {}, w.now).empty());
    EXPECT_EQ(conditional_starts(p, {{"n", 15}}, w.now), (std::vector{p.find("a")}));
    EXPECT_EQ(conditional_starts(p, {{"n", 25}}, w.now), (std::vector{p.find("a"), p.find("b")}));
    CreateCase c;
    c.case_id = CaseId(1);
    c.definition = DefinitionKey("p");
    c.start_element = "b";
    w.run(c);
    EXPECT_EQ(w.open_tasks(), "u");
}

}  // namespace
}  // namespace schwarm::engine::test
