// Escalations (BPMN 2.0.2 clause 10.5.1), as Camunda 8: caught by one event at most, the nearest;
// the thrower goes on unless that interrupts it; nobody needs to catch it.
#include "events.hpp"

namespace schwarm::engine::test {
namespace {

std::string escalating(const std::string& what, const std::string& events) {
    return start() +
           element("subProcess", "sub", "",
                   start("s1") + thrown("up", what) + user("in") + end("e1") + flow("s1", "up") +
                       flow("up", "in") + flow("in", "e1")) +
           events + user("after") + end() + flow("start", "sub") + flow("sub", "end") +
           flow("after", "end");
}

TEST(Escalation, NonInterruptingBoundaryLetsTheThrowerGoOn) {
    World w;
    w.deploy(events_xml(escalating(kLate, border("b", "sub", kLate, false) + flow("b", "after"))));
    w.create();
    EXPECT_EQ(w.open_tasks(), "after in");
}

TEST(Escalation, InterruptingBoundaryEndsTheThrower) {
    World w;
    w.deploy(events_xml(escalating(kLate, border("b", "sub", kLate) + flow("b", "after"))));
    w.create();
    EXPECT_EQ(w.open_tasks(), "after");
    w.complete_task("after");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Escalation, TheExactCodeGoesFirst) {
    World w;
    w.deploy(
        events_xml(escalating(kLate, border("any", "sub", kAnyEscalation, false) + user("wrong") +
                                         border("b", "sub", kLate, false) + flow("b", "after") +
                                         flow("any", "wrong") + flow("wrong", "end"))));
    w.create();
    EXPECT_EQ(w.open_tasks(), "after in");
}

TEST(Escalation, UncaughtIsNoIncident) {
    World w;
    w.deploy(events_xml(escalating(kLate, "")));
    w.create();
    EXPECT_EQ(w.open_tasks(), "in");
    EXPECT_TRUE(w.state.incidents.empty());
    EXPECT_NE(w.history_text().find("escalation_thrown"), std::string::npos);
}

TEST(Escalation, TheCodeThrownMayBeAnExpression) {
    World w;
    w.deploy(events_xml(escalating(R"(<escalationEventDefinition escalationRef="Later"/>)",
                                   border("b", "sub", kLate, false) + flow("b", "after"))));
    w.create({{"code", "late"}});
    EXPECT_EQ(w.open_tasks(), "after in");
}

TEST(Escalation, EndEventAndEventSubProcess) {
    for (const bool interrupting : {true, false}) {
        World w;
        w.deploy(events_xml(start() + element("parallelGateway", "f") + user("t") +
                            element("endEvent", "up", "", kLate) + end() + flow("start", "f") +
                            flow("f", "t") + flow("f", "up") + flow("t", "end") +
                            event_sub_process("es", kAnyEscalation, "u", interrupting)));
        w.create();
        EXPECT_EQ(w.open_tasks(), interrupting ? "u" : "t u");
        while (!w.state.user_tasks.empty()) {
            w.run(CompleteUserTask{w.state.user_tasks[0].key, {}, false});
        }
        EXPECT_EQ(w.state.status, CaseStatus::completed);
    }
}

TEST(Escalation, GoesThroughACallActivity) {
    World w;
    w.deploy(events_xml(
        start() + element("callActivity", "call", R"(<zeebe:calledElement processId="child"/>)") +
            border("b", "call", kLate, false) + user("u") + end() + end("e2") +
            flow("start", "call") + flow("call", "end") + flow("b", "u") + flow("u", "e2"),
        R"(<process id="child" isExecutable="true">)" + start("cs") + thrown("up", kLate) +
            end("ce") + flow("cs", "up") + flow("up", "ce") + "</process>"));
    w.create();
    EXPECT_EQ(w.open_tasks(), "u");
    EXPECT_EQ(w.state.elements.size(), 2U);
}

TEST(Escalation, OfAMultiInstanceActivityIsCaughtByTheWhole) {
    const std::string loop =
        R"(<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics
           inputCollection="=[1, 2]" inputElement="i"/></extensionElements>
           </multiInstanceLoopCharacteristics>)";
    for (const bool interrupting : {true, false}) {
        World w;
        w.deploy(events_xml(
            start() +
            element("subProcess", "sub", "",
                    start("s1") + thrown("up", kLate) + user("in") + end("e1") + flow("s1", "up") +
                        flow("up", "in") + flow("in", "e1") + loop) +
            border("b", "sub", kLate, interrupting) + user("after") + end() + flow("start", "sub") +
            flow("sub", "end") + flow("b", "after") + flow("after", "end")));
        w.create();
        EXPECT_EQ(w.open_tasks(), interrupting ? "after" : "after in after in");
    }
}

TEST(Escalation, OfAnEventSubProcessIsForTheOutside) {
    World w;
    w.deploy(events_xml(
        line(user("t"), "t") +
        element("subProcess", "es", "",
                element("startEvent", "s1", "", kWithdrawal, R"(isInterrupting="false")") +
                    element("endEvent", "up", "", kLate) + flow("s1", "up"),
                R"(triggeredByEvent="true")") +
        event_sub_process("other", kLate, "u")));
    w.create();
    w.message("withdraw");
    EXPECT_EQ(w.open_tasks(), "t");
}

TEST(Error, TheCodeThrownMayBeAnExpression) {
    World w;
    w.deploy(events_xml(
        start() +
        element("subProcess", "sub", "",
                start("s1") +
                    element("endEvent", "up", "", R"(<errorEventDefinition errorRef="Dynamic"/>)") +
                    flow("s1", "up")) +
        border("b", "sub", R"(<errorEventDefinition errorRef="Bad"/>)") + user("u") + end() +
        flow("start", "sub") + flow("sub", "end") + flow("b", "u") + flow("u", "end")));
    w.create({{"code", "bad"}});
    EXPECT_EQ(w.open_tasks(), "u");
}

}  // namespace
}  // namespace schwarm::engine::test
