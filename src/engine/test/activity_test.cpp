#include "world.hpp"

namespace schwarm::engine::test {
namespace {

TEST(SubProcess, IsAScopeWithVariablesOfItsOwn) {
    World w;
    w.deploy(process_xml(start() +
                         element("subProcess", "sub",
                                 R"(<zeebe:ioMapping><zeebe:input source="=a + 1" target="inner"/>
                <zeebe:output source="=inner" target="brought"/></zeebe:ioMapping>)",
                                 start("s1") + script("calc", "inner * 10", "inner") + user("t") +
                                     end("e1") + flow("s1", "calc") + flow("calc", "t") +
                                     flow("t", "e1")) +
                         end() + flow("start", "sub") + flow("sub", "end")));
    w.create({{"a", 1}});
    EXPECT_EQ(w.path(), "start > sub > s1 > calc > t");
    EXPECT_TRUE(w.variable("inner").is_null());
    w.complete_task("t");
    EXPECT_EQ(w.variable("brought"), feel::Value(20));
    EXPECT_TRUE(w.variable("inner").is_null());
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

std::string loop(const std::string& task, bool sequential, const std::string& more = {},
                 const std::string& condition = {}) {
    return element(task, "t", "<zeebe:taskDefinition type=\"w\"/>",
                   std::string("<multiInstanceLoopCharacteristics isSequential=\"") +
                       (sequential ? "true" : "false") +
                       R"("><extensionElements><zeebe:loopCharacteristics inputCollection="=items"
            inputElement="item" outputCollection="results" outputElement="=r"/>
            </extensionElements>)" +
                       condition + "</multiInstanceLoopCharacteristics>" + more);
}

std::string with_loop(const std::string& activity) {
    return process_xml(start() + activity + end() + flow("start", "t") + flow("t", "end"));
}
const feel::Value kItems = feel::Value::list({feel::Value(1), feel::Value(2), feel::Value(3)});

TEST(MultiInstance, ParallelCollectsInOrder) {
    World w;
    w.deploy(with_loop(loop("serviceTask", false)));
    w.create({{"items", kItems}});
    ASSERT_EQ(w.state.jobs.size(), 3U);
    const auto jobs = w.state.jobs;
    EXPECT_EQ(*w.state.variable(jobs[1].element, "item"), feel::Value(2));
    EXPECT_EQ(*w.state.variable(jobs[1].element, "loopCounter"), feel::Value(2));
    w.run(CompleteJob{jobs[2].key, {{"r", "c"}}});
    w.run(CompleteJob{jobs[0].key, {{"r", "a"}}});
    EXPECT_EQ(w.state.status, CaseStatus::active);
    w.run(CompleteJob{jobs[1].key, {{"r", "b"}}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.variable("results").as_list().size(), 3U);
}

TEST(MultiInstance, SequentialRunsOneAfterAnother) {
    World w;
    w.deploy(with_loop(loop("serviceTask", true)));
    w.create({{"items", kItems}});
    for (int i = 1; i <= 3; ++i) {
        ASSERT_EQ(w.state.jobs.size(), 1U);
        w.complete_job("t", {{"r", i * 10}});
    }
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(MultiInstance, EmptyAndWrongCollections) {
    World w;
    w.deploy(with_loop(loop("serviceTask", false)));
    w.create({{"items", feel::Value::list()}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    World v;
    v.deploy(with_loop(loop("serviceTask", false)));
    v.create();
    ASSERT_EQ(v.state.incidents.size(), 1U);
    v.run(UpdateVariables{{}, {{"items", kItems}}, false});
    v.run(ResolveIncident{v.state.incidents[0].key});
    EXPECT_EQ(v.state.jobs.size(), 3U);
}

TEST(MultiInstance, CompletionConditionEndsTheRest) {
    World w;
    w.deploy(with_loop(loop("serviceTask", false, "",
                            "<completionCondition>=numberOfCompletedInstances >= 2"
                            "</completionCondition>")));
    w.create({{"items", kItems}});
    w.run(CompleteJob{w.state.jobs[0].key, {}});
    w.run(CompleteJob{w.state.jobs[0].key, {}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(MultiInstance, ManySequentialStepsInOneCommandNeedNoStack) {
    World w;
    w.deploy(process_xml(
        start() +
        element("subProcess", "t", "",
                R"(<multiInstanceLoopCharacteristics isSequential="true"><extensionElements>
                <zeebe:loopCharacteristics inputCollection="=items" inputElement="i"/>
                </extensionElements></multiInstanceLoopCharacteristics>)" +
                    start("s1") + script("sum", "total + i", "total") + end("e1") +
                    flow("s1", "sum") + flow("sum", "e1")) +
        end() + flow("start", "t") + flow("t", "end")));
    feel::Value::List items;
    for (int i = 1; i <= 2000; ++i) items.emplace_back(i);
    w.create({{"items", feel::Value::list(items)}, {"total", 0}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.variable("total"), feel::Value(2'001'000));
}

TEST(CallActivity, RunsAnotherProcessWithItsOwnVariables) {
    World w;
    w.deploy(definitions_xml(
        R"(<process id="p" isExecutable="true">)" + start() +
        element("callActivity", "call",
                R"(<zeebe:calledElement processId="child" propagateAllChildVariables="false"/>
                <zeebe:ioMapping><zeebe:output source="=answer" target="got"/>
                </zeebe:ioMapping>)") +
        end() + flow("start", "call") + flow("call", "end") + "</process>" +
        R"(<process id="child" isExecutable="true">)" + start("cs") + user("ask") + end("ce") +
        flow("cs", "ask") + flow("ask", "ce") + "</process>"));
    w.create({{"a", 5}});
    EXPECT_EQ(w.path(), "start > call > cs > ask");
    EXPECT_EQ(*w.state.variable(w.task("ask"), "a"), feel::Value(5));
    w.complete_task("ask", {{"answer", 42}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.variable("got"), feel::Value(42));
    EXPECT_TRUE(w.variable("answer").is_null());
    EXPECT_EQ(w.state.definitions.size(), 2U);
}

TEST(CallActivity, AMissingProcessIsAnIncident) {
    World w;
    w.deploy(process_xml(
        start() + element("callActivity", "call", R"(<zeebe:calledElement processId="nobody"/>)") +
        end() + flow("start", "call") + flow("call", "end")));
    w.create();
    ASSERT_EQ(w.state.incidents.size(), 1U);
    EXPECT_EQ(w.state.incidents[0].kind, IncidentKind::called_process);
}

TEST(CallActivity, EndlessRecursionIsAnIncident) {
    World w;
    w.deploy(process_xml(
        start() + element("callActivity", "call", R"(<zeebe:calledElement processId="p"/>)") +
        end() + flow("start", "call") + flow("call", "end")));
    w.create();
    ASSERT_EQ(w.state.incidents.size(), 1U);
    w.run(CancelCase{"recursion"});
    EXPECT_EQ(w.state.status, CaseStatus::cancelled);
}

}  // namespace
}  // namespace schwarm::engine::test
