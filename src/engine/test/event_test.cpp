#include "world.hpp"

namespace schwarm::engine::test {
namespace {

std::string boundary(const std::string& id, const std::string& host, const std::string& what,
                     bool interrupting = true) {
    return element(
        "boundaryEvent", id, "", what,
        "attachedToRef=\"" + host + "\"" + (interrupting ? "" : " cancelActivity=\"false\""));
}
const std::string kWithdraw = R"(<messageEventDefinition messageRef="Withdraw"/>)";
const std::string kBad = R"(<errorEventDefinition errorRef="Bad"/>)";
const std::string kAnyError = "<errorEventDefinition/>";

TEST(BoundaryTimer, InterruptingEndsTheActivity) {
    World w;
    w.deploy(process_xml(start() + user("t") + boundary("late", "t", timer("timeDuration", "=d")) +
                         user("remind") + end() + flow("start", "t") + flow("t", "end") +
                         flow("late", "remind") + flow("remind", "end")));
    w.create({{"d", feel::Value("P14D")}});
    ASSERT_EQ(w.state.timers.size(), 1U);
    EXPECT_EQ(w.state.timers[0].due, w.now + std::chrono::days(14));
    auto early = w.try_run(TriggerTimer{w.state.timers[0].key});
    ASSERT_TRUE(early.has_error());
    w.fire_timer("late");
    EXPECT_EQ(w.open_tasks(), "remind");
    EXPECT_TRUE(w.state.timers.empty());
}

TEST(BoundaryTimer, CycleRepeatsBesideTheActivity) {
    World w;
    w.deploy(process_xml(start() + user("t") +
                         boundary("tick", "t", timer("timeCycle", "R2/PT1H"), false) +
                         script("count", "n + 1", "n") + end() + end("end2") + flow("start", "t") +
                         flow("t", "end") + flow("tick", "count") + flow("count", "end2")));
    w.create({{"n", 0}});
    const Instant begun = w.now;
    w.fire_timer("tick");
    ASSERT_EQ(w.state.timers.size(), 1U);
    EXPECT_EQ(w.state.timers[0].due, begun + std::chrono::hours(2));
    w.fire_timer("tick");
    EXPECT_TRUE(w.state.timers.empty());
    EXPECT_EQ(w.variable("n"), feel::Value(2));
    w.complete_task("t");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(BoundaryMessage, NonInterruptingStaysOpen) {
    World w;
    w.deploy(process_xml(start() + user("t") + boundary("note", "t", kWithdraw, false) +
                         user("read") + end() + flow("start", "t") + flow("t", "end") +
                         flow("note", "read") + flow("read", "end")));
    w.create();
    w.message("withdraw");
    w.message("withdraw");
    EXPECT_EQ(w.open_tasks(), "t read read");
    w.complete_task("t");
    EXPECT_TRUE(w.state.subscriptions.empty());
    w.complete_task("read");
    w.complete_task("read");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(BoundaryError, TheExactCodeGoesFirst) {
    World w;
    w.deploy(process_xml(start() + job("t") + boundary("any", "t", kAnyError) +
                         boundary("bad", "t", kBad) + user("a") + user("b") + end() +
                         flow("start", "t") + flow("t", "end") + flow("any", "a") +
                         flow("bad", "b") + flow("a", "end") + flow("b", "end")));
    w.create();
    w.throw_error("t", "bad");
    EXPECT_EQ(w.open_tasks(), "b");
    EXPECT_TRUE(w.state.jobs.empty());
}

TEST(ErrorEnd, IsCaughtAtTheSubprocess) {
    World w;
    w.deploy(process_xml(
        start() +
        element("subProcess", "sub", "",
                start("s1") + element("parallelGateway", "f") + user("inner") +
                    element("endEvent", "fail", "", kBad) + end("e1") + flow("s1", "f") +
                    flow("f", "inner") + flow("f", "fail") + flow("inner", "e1")) +
        boundary("caught", "sub", kAnyError) + user("repair") + end() + flow("start", "sub") +
        flow("sub", "end") + flow("caught", "repair") + flow("repair", "end")));
    w.create();
    EXPECT_EQ(w.open_tasks(), "repair");
    EXPECT_EQ(w.state.elements.size(), 2U);
}

TEST(ErrorEnd, UncaughtIsAnIncidentOfTheEndEvent) {
    World w;
    w.deploy(process_xml(start() + element("endEvent", "fail", "", kBad) + flow("start", "fail")));
    w.create();
    ASSERT_EQ(w.state.incidents.size(), 1U);
    EXPECT_EQ(w.state.incidents[0].kind, IncidentKind::unhandled_error);
    EXPECT_EQ(w.state.status, CaseStatus::active);
}

TEST(TerminateEnd, EndsEverythingInItsScope) {
    World w;
    w.deploy(process_xml(start() + element("parallelGateway", "f") + user("a") + user("b") +
                         element("endEvent", "stop", "", "<terminateEventDefinition/>") + end() +
                         flow("start", "f") + flow("f", "a") + flow("f", "b") + flow("a", "stop") +
                         flow("b", "end")));
    w.create();
    w.complete_task("a");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_TRUE(w.state.user_tasks.empty());
}

TEST(IntermediateCatch, TimerByDateAndThrowMilestone) {
    World w;
    w.deploy(process_xml(
        start() +
        element("intermediateCatchEvent", "wait", "", timer("timeDate", "2026-03-01T00:00:00Z")) +
        element("intermediateThrowEvent", "done", "", "", R"(name="Geprüft")") + end() +
        flow("start", "wait") + flow("wait", "done") + flow("done", "end")));
    w.create();
    w.fire_timer("wait");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    const auto milestones = w.projection().milestones;
    ASSERT_EQ(milestones.size(), 3U);
    EXPECT_EQ(milestones[1].name, "Geprüft");
}

TEST(Timer, ANullDurationIsAnIncidentThatResolves) {
    World w;
    w.deploy(process_xml(
        start() + element("intermediateCatchEvent", "wait", "", timer("timeDuration", "=d")) +
        end() + flow("start", "wait") + flow("wait", "end")));
    w.create();
    ASSERT_EQ(w.state.incidents.size(), 1U);
    w.run(UpdateVariables{{}, {{"d", feel::Value("PT1M")}}, false});
    w.run(ResolveIncident{w.state.incidents[0].key});
    w.fire_timer("wait");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

std::string withdrawal(bool interrupting) {
    return process_xml(start() + element("parallelGateway", "f") + user("a") + user("b") +
                       element("parallelGateway", "j") + end() + flow("start", "f") +
                       flow("f", "a") + flow("f", "b") + flow("a", "j") + flow("b", "j") +
                       flow("j", "end") +
                       element("subProcess", "withdrawn", "",
                               element("startEvent", "w_start", "", kWithdraw,
                                       interrupting ? "" : R"(isInterrupting="false")") +
                                   user("confirm") + end("w_end") + flow("w_start", "confirm") +
                                   flow("confirm", "w_end"),
                               R"(triggeredByEvent="true")") +
                       element("subProcess", "yearly", "",
                               element("startEvent", "y_start", "", timer("timeDuration", "P1Y"),
                                       R"(isInterrupting="false")") +
                                   end("y_end") + flow("y_start", "y_end"),
                               R"(triggeredByEvent="true")"));
}

TEST(EventSubProcess, InterruptingEndsTheRestAtAnyTime) {
    World w;
    w.deploy(withdrawal(true));
    w.create();
    w.complete_task("a");
    ASSERT_EQ(w.state.waiting.size(), 1U);
    w.message("withdraw", {{"reason", "moved"}});
    EXPECT_EQ(w.open_tasks(), "confirm");
    EXPECT_TRUE(w.state.waiting.empty());
    EXPECT_TRUE(w.state.timers.empty());
    EXPECT_TRUE(w.state.subscriptions.empty());
    EXPECT_EQ(*w.state.variable(w.task("confirm"), "reason"), feel::Value("moved"));
    w.complete_task("confirm");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(EventSubProcess, NonInterruptingRunsBeside) {
    World w;
    w.deploy(withdrawal(false));
    w.create();
    w.message("withdraw");
    w.message("withdraw");
    EXPECT_EQ(w.open_tasks(), "a b confirm confirm");
    w.fire_timer("y_start");
    EXPECT_TRUE(w.state.timers.empty());
    w.complete_task("a");
    w.complete_task("b");
    EXPECT_EQ(w.state.status, CaseStatus::active);
    w.complete_task("confirm");
    w.complete_task("confirm");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(EventSubProcess, CatchesErrorsOfItsScope) {
    World w;
    w.deploy(process_xml(start() + job("t") + end() + flow("start", "t") + flow("t", "end") +
                         element("subProcess", "handler", "",
                                 element("startEvent", "h", "", kBad) + user("repair") +
                                     end("h_end") + flow("h", "repair") + flow("repair", "h_end"),
                                 R"(triggeredByEvent="true")")));
    w.create();
    w.throw_error("t", "bad");
    EXPECT_EQ(w.open_tasks(), "repair");
    EXPECT_TRUE(w.state.jobs.empty());
    w.complete_task("repair");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(StartEvent, ByMessageAndByElement) {
    const std::string xml =
        process_xml(start() + element("startEvent", "by_message", "", kWithdraw) +
                    element("startEvent", "by_time", "", timer("timeCycle", "R/P1Y")) + user("t") +
                    user("m") + user("y") + end() + flow("start", "t") + flow("by_message", "m") +
                    flow("by_time", "y") + flow("t", "end") + flow("m", "end") + flow("y", "end"));
    CreateCase c;
    c.case_id = CaseId(1);
    c.definition = DefinitionKey("p");
    World w;
    w.deploy(xml);
    c.start_message = "withdraw";
    w.run(c);
    EXPECT_EQ(w.open_tasks(), "m");
    World v;
    v.deploy(xml);
    c.start_message.clear();
    c.start_element = "by_time";
    v.run(c);
    EXPECT_EQ(v.open_tasks(), "y");
    World u;
    u.deploy(xml);
    c.start_element = "nowhere";
    EXPECT_EQ(u.try_run(c).error().code, ErrorCode::invalid_input);
}

}  // namespace
}  // namespace schwarm::engine::test
