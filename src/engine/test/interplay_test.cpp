// Escalations and errors out of ad-hoc subprocesses, transactions, multi-instance activities and
// called processes; what an inclusive join can see; how deep scopes may be nested.
#include "events.hpp"

namespace schwarm::engine::test {
namespace {

const std::string kBad = R"(<errorEventDefinition errorRef="Bad"/>)";

TEST(Interplay, AnAdHocSubprocessIsLeftByAnErrorAndNotByAnEscalation) {
    World w;
    w.deploy(events_xml(
        start() +
        element("adHocSubProcess", "ah",
                R"(<zeebe:adHoc activeElementsCollection="=[&quot;x&quot;,&quot;j&quot;]"/>)",
                thrown("x", kLate) + job("j")) +
        border("late", "ah", kLate, false) + user("told") + border("bad", "ah", kBad) +
        user("failed") + end() + flow("start", "ah") + flow("ah", "end") + flow("late", "told") +
        flow("bad", "failed")));
    w.create();
    EXPECT_EQ(w.open_tasks(), "told");
    EXPECT_EQ(w.state.jobs.size(), 1U);
    w.throw_error("j", "bad");
    EXPECT_EQ(w.open_tasks(), "told failed");
    EXPECT_TRUE(w.state.jobs.empty());
}

TEST(Interplay, AnErrorEndsAllIterationsOfATransaction) {
    World w;
    w.deploy(events_xml(start() +
                        element("transaction", "tx", "",
                                R"(<multiInstanceLoopCharacteristics><extensionElements>
                   <zeebe:loopCharacteristics inputCollection="=[1,2]"/></extensionElements>
                   </multiInstanceLoopCharacteristics>)" +
                                    start("s1") + job("j") + end("e1") + flow("s1", "j") +
                                    flow("j", "e1")) +
                        border("bad", "tx", kBad) + user("failed") + end() + flow("start", "tx") +
                        flow("tx", "end") + flow("bad", "failed")));
    w.create();
    EXPECT_EQ(w.state.jobs.size(), 2U);
    w.throw_error("j", "bad");
    EXPECT_TRUE(w.state.jobs.empty());
    EXPECT_EQ(w.open_tasks(), "failed");
}

TEST(Interplay, EachIterationEscalatesToTheBorderOfTheWhole) {
    World w;
    w.deploy(events_xml(
        start() +
            element("callActivity", "call", R"(<zeebe:calledElement processId="child"/>)",
                    R"(<multiInstanceLoopCharacteristics isSequential="true"><extensionElements>
                   <zeebe:loopCharacteristics inputCollection="=[1,2]"/></extensionElements>
                   </multiInstanceLoopCharacteristics>)") +
            border("late", "call", kLate, false) + user("told") + end() + flow("start", "call") +
            flow("call", "end") + flow("late", "told"),
        R"(<process id="child" isExecutable="true">)" + start("cs") + thrown("x", kLate) +
            job("j") + end("ce") + flow("cs", "x") + flow("x", "j") + flow("j", "ce") +
            "</process>"));
    w.create();
    EXPECT_EQ(w.open_tasks(), "told");
    w.complete_job("j");
    EXPECT_EQ(w.open_tasks(), "told told");
    w.complete_job("j");
    w.complete_task("told");
    w.complete_task("told");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

// A token at a task whose boundary event leads straight into the join.
TEST(InclusiveJoin, WaitsForABoundaryEvent) {
    World w;
    w.deploy(events_xml(start() + element("inclusiveGateway", "f") + user("a") + user("b") +
                        border("late", "b", timer("timeDuration", "PT1H")) +
                        element("inclusiveGateway", "j") + user("t") + user("other") +
                        flow("start", "f") + flow("f", "a", "true") + flow("f", "b", "true") +
                        flow("a", "j") + flow("b", "other") + flow("late", "j") + flow("j", "t")));
    w.create();
    w.complete_task("a");
    EXPECT_EQ(w.open_tasks(), "b");
    w.fire_timer("late");
    EXPECT_EQ(w.open_tasks(), "t");
}

TEST(InclusiveJoin, DoesNotWaitForAnEventSubprocess) {
    World w;
    w.deploy(events_xml(start() + element("inclusiveGateway", "f") + user("a") + user("b") +
                        element("inclusiveGateway", "j") + user("t") + flow("start", "f") +
                        flow("f", "a", "true") + flow("f", "b", "false") + flow("a", "j") +
                        flow("b", "j") + flow("j", "t") +
                        event_sub_process("esp", kAlarm, "beside", false)));
    w.create();
    signal(w, "alarm");
    EXPECT_EQ(w.open_tasks(), "a beside");
    w.complete_task("a");
    EXPECT_EQ(w.open_tasks(), "beside t");
}

TEST(InclusiveJoin, WaitsForTheResetOfAComplexGateway) {
    World w;
    w.deploy(events_xml(
        start() + element("inclusiveGateway", "f") + user("a") + user("b") + user("c") +
        element("complexGateway", "g", "",
                "<activationCondition>=activationCount >= 1</activationCondition>") +
        user("first") + element("inclusiveGateway", "j") + user("t") + flow("start", "f") +
        flow("f", "a", "true") + flow("f", "b", "true") + flow("f", "c", "true") + flow("a", "g") +
        flow("b", "g") + flow("g", "first", "waitingForStart") +
        flow("g", "j", "not(waitingForStart)") + flow("c", "j") + flow("j", "t")));
    w.create();
    w.complete_task("a");
    w.complete_task("c");
    EXPECT_EQ(w.open_tasks(), "b first") << "the reset will give the join a token";
    w.complete_task("b");
    EXPECT_EQ(w.open_tasks(), "first t");
}

// Nothing is nested deeper than the limit, whatever the scope is.
TEST(Limits, DepthOfEveryScope) {
    const auto inside = [](const std::string& id) {
        return start(id + "s") + user(id + "t") + end(id + "e") + flow(id + "s", id + "t") +
               flow(id + "t", id + "e");
    };
    const std::string scopes[] = {
        element("subProcess", "x", "", inside("i")), element("transaction", "x", "", inside("i")),
        element("adHocSubProcess", "x",
                R"(<zeebe:adHoc activeElementsCollection="=[&quot;y&quot;]"/>)", user("y")),
        element("callActivity", "x", R"(<zeebe:calledElement processId="child"/>)")};
    const std::string child =
        R"(<process id="child" isExecutable="true">)" + inside("c") + "</process>";
    for (const std::string& scope : scopes) {
        World w;
        w.definitions().limits.depth_max = 1;
        w.deploy(events_xml(line(scope, "x"), child));
        w.create();
        ASSERT_EQ(w.state.incidents.size(), 1U) << scope;
        EXPECT_NE(w.state.incidents[0].reason.find("inside one another"), std::string::npos);
        w.definitions().limits.depth_max = 2;
        w.run(ResolveIncident{w.state.incidents[0].key});
        EXPECT_EQ(w.state.user_tasks.size(), 1U) << scope;
    }
    World w;
    w.definitions().limits.depth_max = 1;
    w.deploy(events_xml(line(user("t"), "t") + event_sub_process("esp", kAlarm, "beside", false)));
    w.create();
    signal(w, "alarm");
    EXPECT_EQ(w.state.incidents.size(), 1U);
    EXPECT_EQ(w.open_tasks(), "t");
}

TEST(Limits, ACaseWithoutKeysCanStillBeCancelled) {
    World w;
    w.deploy(events_xml(start() + user("a") + user("b") + end() + flow("start", "a") +
                        flow("a", "b") + flow("b", "end")));
    w.create();
    w.state.next_key = kKeysEnd;
    const auto refused = w.try_run(CompleteUserTask{w.task("a"), {}, false});
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, ErrorCode::limit_exceeded);
    w.state.next_key = kKeysEnd - 1;
    w.complete_task("a");
    EXPECT_EQ(w.task("b").value(), kKeysEnd - 1);
    w.run(CancelCase{"no more keys"});
    EXPECT_EQ(w.state.status, CaseStatus::cancelled);
}

}  // namespace
}  // namespace schwarm::engine::test
