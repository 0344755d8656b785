// Multiple and parallel multiple events, links, and what instantiates a process (BPMN 2.0.2
// clauses 10.5.5, 13.4.4 and 13.5.1).
#include "events.hpp"

namespace schwarm::engine::test {
namespace {

const std::string kBoth = kWithdrawal + kAlarm;
const std::string kParallel = R"(parallelMultiple="true")";

CreateCase creation(const std::string& start_element) {
    CreateCase c;
    c.case_id = CaseId(1);
    c.definition = DefinitionKey("p");
    c.start_element = start_element;
    return c;
}

TEST(Multiple, TheFirstPartIsEnough) {
    World w;
    w.deploy(events_xml(line(caught("c", kBoth + timer("timeDuration", "PT1H")), "c")));
    w.create();
    EXPECT_EQ(w.state.subscriptions.size(), 2U);
    EXPECT_EQ(w.state.timers.size(), 1U);
    signal(w, "alarm");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    World v;
    v.deploy(events_xml(line(caught("c", kBoth + timer("timeDuration", "PT1H")), "c")));
    v.create();
    v.fire_timer("c");
    EXPECT_EQ(v.state.status, CaseStatus::completed);
}

TEST(Multiple, BoundaryWithAnErrorAndAMessage) {
    const std::string xml = events_xml(line(
        job("t") + border("b", "t", kWithdrawal + R"(<errorEventDefinition errorRef="Bad"/>)") +
            user("u") + end("e2") + flow("b", "u") + flow("u", "e2"),
        "t"));
    World w;
    w.deploy(xml);
    w.create();
    w.throw_error("t", "bad");
    EXPECT_EQ(w.open_tasks(), "u");
    World v;
    v.deploy(xml);
    v.create();
    v.message("withdraw");
    EXPECT_EQ(v.open_tasks(), "u");
    EXPECT_TRUE(v.state.jobs.empty());
}

TEST(Multiple, ThrowEventsThrowEachPart) {
    World w;
    w.deploy(events_xml(
        start() +
        element("subProcess", "sub", "",
                start("s1") + element("endEvent", "up", "", kAlarm + kLate + kWithdrawal) +
                    flow("s1", "up")) +
        border("b", "sub", kLate, false) + user("u") + end() + end("e2") + flow("start", "sub") +
        flow("sub", "end") + flow("b", "u") + flow("u", "e2")));
    w.create();
    EXPECT_EQ(w.open_tasks(), "u");
    ASSERT_EQ(w.effects.size(), 2U);
    EXPECT_EQ(w.effects[0].kind, "signal");
    EXPECT_EQ(w.effects[1].kind, "send");
}

TEST(ParallelMultiple, WaitsForAllItsParts) {
    World w;
    w.deploy(events_xml(line(
        element("intermediateCatchEvent", "c", "", kBoth + condition("n > 1"), kParallel), "c")));
    w.create({{"n", 1}});
    w.message("withdraw", {{"a", 1}});
    EXPECT_EQ(w.state.held.size(), 1U);
    EXPECT_TRUE(w.variable("a").is_null());
    set(w, {{"n", 2}});
    EXPECT_EQ(w.state.status, CaseStatus::active);
    signal(w, "alarm", {{"b", 2}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.variable("a"), feel::Value(1));
    EXPECT_EQ(w.variable("b"), feel::Value(2));
    EXPECT_TRUE(w.state.held.empty());
}

TEST(ParallelMultiple, NonInterruptingBeginsAnew) {
    World w;
    w.deploy(
        events_xml(line(user("t") +
                            element("boundaryEvent", "b", "", kBoth,
                                    kParallel + R"( attachedToRef="t" cancelActivity="false")") +
                            user("u") + end("e2") + flow("b", "u") + flow("u", "e2"),
                        "t")));
    w.create();
    w.message("withdraw");
    w.message("withdraw");
    EXPECT_EQ(w.open_tasks(), "t");
    signal(w, "alarm");
    EXPECT_EQ(w.open_tasks(), "t u");
    signal(w, "alarm");
    EXPECT_EQ(w.open_tasks(), "t u");
    w.message("withdraw");
    EXPECT_EQ(w.open_tasks(), "t u u");
}

TEST(ParallelMultiple, StartsAnEventSubProcess) {
    World w;
    w.deploy(events_xml(line(user("t"), "t") +
                        element("subProcess", "es", "",
                                element("startEvent", "s", "", kBoth, kParallel) + user("u") +
                                    end("e2") + flow("s", "u") + flow("u", "e2"),
                                R"(triggeredByEvent="true")")));
    w.create();
    w.message("withdraw");
    EXPECT_EQ(w.open_tasks(), "t");
    signal(w, "alarm");
    EXPECT_EQ(w.open_tasks(), "u");
}

TEST(ParallelMultiple, StartsAProcessThatWaitsForTheRest) {
    World w;
    w.deploy(events_xml(element("startEvent", "s", "", kBoth, kParallel) + user("t") + end() +
                        flow("s", "t") + flow("t", "end")));
    const auto& starts = w.process(DefinitionKey("p"))->starts();
    ASSERT_EQ(starts.size(), 2U);
    EXPECT_EQ(starts[1].kind, bpmn::EventKind::signal);
    CreateCase c = creation("s");
    c.start_part = starts[1].part;
    c.variables = {{"a", 1}};
    w.run(c);
    EXPECT_EQ(w.open_tasks(), "");
    w.message("withdraw");
    EXPECT_EQ(w.open_tasks(), "t");
    EXPECT_EQ(w.variable("a"), feel::Value(1));
    World v;
    v.deploy(events_xml(element("startEvent", "s", "", kBoth, kParallel) + user("t") + end() +
                        flow("s", "t") + flow("t", "end")));
    c.start_part = 7;
    EXPECT_EQ(v.try_run(c).error().code, ErrorCode::invalid_input);
    c.start_part.reset();
    v.run(c);
    EXPECT_EQ(v.open_tasks(), "t");
}

TEST(Link, SeveralThrowsLeadToOneCatch) {
    World w;
    w.deploy(events_xml(start() + element("parallelGateway", "f") +
                        thrown("x", R"(<linkEventDefinition name="on"/>)") +
                        thrown("y", R"(<linkEventDefinition name="on"/>)") +
                        caught("c", R"(<linkEventDefinition name="on"/>)") + user("t") + end() +
                        flow("start", "f") + flow("f", "x") + flow("f", "y") + flow("c", "t") +
                        flow("t", "end")));
    w.create();
    EXPECT_EQ(w.open_tasks(), "t t");
    EXPECT_EQ(w.path(), "start > f > x > c > y > c > t > t");
    w.complete_task("t");
    w.complete_task("t");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Link, AnInclusiveJoinSeesThem) {
    World w;
    w.deploy(events_xml(start() + element("inclusiveGateway", "f") + user("a") + user("b") +
                        thrown("x", R"(<linkEventDefinition name="on"/>)") +
                        caught("c", R"(<linkEventDefinition name="on"/>)") +
                        element("inclusiveGateway", "j") + user("t") + end() + flow("start", "f") +
                        flow("f", "a", "true") + flow("f", "b", "true") + flow("a", "j") +
                        flow("b", "x") + flow("c", "j") + flow("j", "t") + flow("t", "end")));
    w.create();
    w.complete_task("a");
    EXPECT_EQ(w.open_tasks(), "b");
    w.complete_task("b");
    EXPECT_EQ(w.open_tasks(), "t");
}

TEST(Instantiating, AReceiveTaskStartsAProcess) {
    World w;
    w.deploy(events_xml(
        element("receiveTask", "r", "", "", R"(messageRef="Withdraw" instantiate="true")") +
        user("t") + end() + flow("r", "t") + flow("t", "end")));
    CreateCase c = creation("");
    c.start_message = "withdraw";
    c.variables = {{"a", 1}};
    w.run(c);
    EXPECT_EQ(w.path(), "r > t");
    EXPECT_TRUE(w.state.subscriptions.empty());
}

std::string gateway(const std::string& attributes) {
    return events_xml(element("eventBasedGateway", "g", "", "", attributes) +
                      caught("a", kWithdrawal) + caught("b", kAlarm) + user("ta") + user("tb") +
                      end() + flow("g", "a") + flow("g", "b") + flow("a", "ta") + flow("b", "tb") +
                      flow("ta", "end") + flow("tb", "end"));
}

TEST(Instantiating, AnExclusiveEventBasedGatewayTakesTheFirst) {
    World w;
    w.deploy(gateway(R"(instantiate="true")"));
    w.run(creation("b"));
    EXPECT_EQ(w.path(), "g > b > tb");
    w.complete_task("tb");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Instantiating, AParallelEventBasedGatewayNeedsAll) {
    World w;
    w.deploy(gateway(R"(instantiate="true" eventGatewayType="Parallel")"));
    w.run(creation("b"));
    EXPECT_EQ(w.open_tasks(), "tb");
    w.complete_task("tb");
    EXPECT_EQ(w.state.status, CaseStatus::active);
    w.message("withdraw");
    w.complete_task("ta");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Timer, CronExpressionsRepeat) {
    World w;
    w.deploy(events_xml(line(user("t") +
                                 border("b", "t", timer("timeCycle", "0 0 8 * * MON-FRI"), false) +
                                 end("e2") + flow("b", "e2"),
                             "t")));
    w.create();
    // 2026-01-01 is a Thursday.
    ASSERT_EQ(w.state.timers.size(), 1U);
    EXPECT_EQ(w.state.timers[0].due, w.now + std::chrono::hours(8));
    w.fire_timer("b");
    w.fire_timer("b");
    ASSERT_EQ(w.state.timers.size(), 1U);
    EXPECT_EQ(w.state.timers[0].due, w.now + std::chrono::days(3));
}

}  // namespace
}  // namespace schwarm::engine::test
