// Signals in every position (BPMN 2.0.2 clause 10.5.5).
#include "events.hpp"

namespace schwarm::engine::test {
namespace {

TEST(Signal, AThrowEventGivesAnEffectWithItsLocalVariables) {
    World w;
    w.deploy(events_xml(line(
        thrown("t", R"(<signalEventDefinition signalRef="Any"/>)",
               R"(<zeebe:ioMapping><zeebe:input source="=n + 1" target="m"/></zeebe:ioMapping>)"),
        "t")));
    w.create({{"n", 1}, {"name", "fire"}});
    ASSERT_EQ(w.effects.size(), 1U);
    EXPECT_EQ(w.effects[0].kind, "signal");
    EXPECT_EQ(w.effects[0].name, "fire");
    EXPECT_EQ(w.effects[0].payload, feel::Value::context({{"m", 2}}));
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Signal, AnEndEventThrowsOne) {
    World w;
    w.deploy(events_xml(start() + element("endEvent", "e", "", kAlarm) + flow("start", "e")));
    w.create({{"n", 1}});
    ASSERT_EQ(w.effects.size(), 1U);
    EXPECT_EQ(w.effects[0].payload, feel::Value::context({}));
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Signal, ANameThatIsNullIsAnIncidentAndThrowsNothingTwice) {
    World w;
    w.deploy(
        events_xml(line(thrown("t", kAlarm + R"(<signalEventDefinition signalRef="Any"/>)"), "t")));
    w.create();
    ASSERT_EQ(w.state.incidents.size(), 1U);
    EXPECT_TRUE(w.effects.empty());
    set(w, {{"name", "fire"}});
    w.run(ResolveIncident{w.state.incidents[0].key, 1});
    ASSERT_EQ(w.effects.size(), 2U);
    EXPECT_EQ(w.effects[1].name, "fire");
}

TEST(Signal, ACatchEventWaitsForIt) {
    World w;
    w.deploy(events_xml(line(caught("c", kAlarm), "c")));
    w.create();
    const auto subscriptions = w.projection().subscriptions;
    ASSERT_EQ(subscriptions.size(), 1U);
    EXPECT_EQ(subscriptions[0].kind, SubscriptionKind::signal);
    EXPECT_EQ(subscriptions[0].message_name, "alarm");
    // A message of that name is something else.
    EXPECT_TRUE(w.try_run(CorrelateMessage{"alarm", {}, {}}).has_error());
    signal(w, "alarm", {{"x", 1}});
    EXPECT_EQ(w.variable("x"), feel::Value(1));
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Signal, ASubscriptionThatIsGoneIsNotFound) {
    World w;
    w.deploy(events_xml(line(caught("c", kAlarm) + "", "c")));
    w.create();
    const auto gone = w.try_run(TriggerSubscription{SubscriptionKey(99), {}});
    ASSERT_TRUE(gone.has_error());
    EXPECT_EQ(gone.error().code, ErrorCode::not_found);
}

TEST(Signal, MessagesCanBeTriggeredByTheirSubscription) {
    World w;
    w.deploy(events_xml(line(caught("c", kWithdrawal), "c")));
    w.create();
    w.run(TriggerSubscription{w.state.subscriptions.at(0).key, {{"x", 1}}});
    EXPECT_EQ(w.variable("x"), feel::Value(1));
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Signal, BoundaryEvents) {
    for (const bool interrupting : {true, false}) {
        World w;
        w.deploy(events_xml(line(user("t") + border("b", "t", kAlarm, interrupting) + user("u") +
                                     end("e2") + flow("b", "u") + flow("u", "e2"),
                                 "t")));
        w.create();
        signal(w, "alarm");
        EXPECT_EQ(w.open_tasks(), interrupting ? "u" : "t u");
        if (interrupting) {
            EXPECT_TRUE(w.state.subscriptions.empty());
        } else {
            signal(w, "alarm");
            EXPECT_EQ(w.open_tasks(), "t u u");
        }
    }
}

TEST(Signal, EventSubProcesses) {
    for (const bool interrupting : {true, false}) {
        World w;
        w.deploy(
            events_xml(line(user("t"), "t") + event_sub_process("s", kAlarm, "u", interrupting)));
        w.create();
        signal(w, "alarm");
        EXPECT_EQ(w.open_tasks(), interrupting ? "u" : "t u");
        while (!w.state.user_tasks.empty()) {
            w.run(CompleteUserTask{w.state.user_tasks[0].key, {}, false});
        }
        EXPECT_EQ(w.state.status, CaseStatus::completed);
    }
}

TEST(Signal, BehindAnEventBasedGateway) {
    World w;
    w.deploy(events_xml(start() + element("eventBasedGateway", "g") + caught("a", kAlarm) +
                        element("receiveTask", "r", "", "", R"(messageRef="Withdraw")") +
                        caught("c", condition("n > 1")) + user("t") + end() + flow("start", "g") +
                        flow("g", "a") + flow("g", "r") + flow("g", "c") + flow("a", "t") +
                        flow("r", "t") + flow("c", "t") + flow("t", "end")));
    w.create({{"n", 1}});
    signal(w, "alarm");
    EXPECT_EQ(w.open_tasks(), "t");
    EXPECT_TRUE(w.state.subscriptions.empty());
    EXPECT_EQ(w.path(), "start > g > a > t");
}

TEST(Signal, StartsAProcess) {
    World w;
    w.deploy(events_xml(element("startEvent", "s", "", kAlarm) + user("t") + end() +
                        flow("s", "t") + flow("t", "end")));
    CreateCase c;
    c.case_id = CaseId(1);
    c.definition = DefinitionKey("p");
    c.start_signal = "smoke";
    EXPECT_EQ(w.try_run(c).error().code, ErrorCode::invalid_input);
    c.start_signal = "alarm";
    w.run(c);
    EXPECT_EQ(w.open_tasks(), "t");
    const auto& starts = w.process(DefinitionKey("p"))->starts();
    ASSERT_EQ(starts.size(), 1U);
    EXPECT_EQ(starts[0].kind, bpmn::EventKind::signal);
}

}  // namespace
}  // namespace schwarm::engine::test
