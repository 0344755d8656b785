// Multi-instance activities as Camunda 8 runs them: what expressions see, and activities that are
// more than a task.
#include "events.hpp"

namespace schwarm::engine::test {
namespace {

std::string loop(bool sequential, const std::string& condition = {}) {
    return "<multiInstanceLoopCharacteristics isSequential=\"" +
           std::string(sequential ? "true" : "false") + "\">" +
           R"(<extensionElements><zeebe:loopCharacteristics inputCollection="=items"
              inputElement="item" outputCollection="results"
              outputElement="={i: item, n: loopCounter, r: r}"/></extensionElements>)" +
           (condition.empty() ? std::string()
                              : "<completionCondition>=" + condition + "</completionCondition>") +
           "</multiInstanceLoopCharacteristics>";
}
feel::Value list(std::initializer_list<int> numbers) {
    feel::Value::List out;
    for (const int n : numbers) out.emplace_back(n);
    return feel::Value::list(std::move(out));
}

TEST(MultiInstanceActivity, SequentialSubprocess) {
    World w;
    w.deploy(events_xml(line(element("subProcess", "s", "",
                                     loop(true) + start("s1") + user("t") + end("e1") +
                                         flow("s1", "t") + flow("t", "e1")),
                             "s")));
    w.create({{"items", list({10, 20})}, {"r", 0}});
    for (int n = 1; n <= 2; ++n) {
        const ElementKey task = w.task("t");
        EXPECT_EQ(*w.state.variable(task, "item"), feel::Value(n * 10));
        EXPECT_EQ(*w.state.variable(task, "loopCounter"), feel::Value(n));
        w.complete_task("t", {{"r", n}});
    }
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    const feel::Value results = w.variable("results");
    ASSERT_TRUE(results.is_list());
    ASSERT_EQ(results.as_list().size(), 2U);
    EXPECT_EQ(results.as_list()[1].to_string(), "{i: 20, n: 2, r: 2}");
    EXPECT_TRUE(w.variable("item").is_null());
    EXPECT_TRUE(w.variable("loopCounter").is_null());
}

TEST(MultiInstanceActivity, SequentialAndParallelCallActivity) {
    for (const bool sequential : {true, false}) {
        World w;
        w.deploy(
            events_xml(line(element("callActivity", "c",
                                    R"(<zeebe:calledElement processId="child"/><zeebe:ioMapping>
                            <zeebe:output source="=got" target="r"/></zeebe:ioMapping>)",
                                    loop(sequential)),
                            "c"),
                       R"(<process id="child" isExecutable="true">)" + start("cs") + user("t") +
                           end("ce") + flow("cs", "t") + flow("t", "ce") + "</process>"));
        w.create({{"items", list({1, 2})}});
        EXPECT_EQ(w.open_tasks(), sequential ? "t" : "t t");
        w.complete_task("t", {{"got", 5}});
        w.complete_task("t", {{"got", 6}});
        EXPECT_EQ(w.state.status, CaseStatus::completed);
        EXPECT_EQ(w.variable("results").as_list().size(), 2U);
    }
}

TEST(MultiInstanceActivity, ACompletionConditionSeesCountsAndWhatTheIterationHas) {
    World w;
    w.deploy(events_xml(
        line(element("userTask", "t", "",
                     loop(false,
                          "enough and numberOfInstances = 3 and numberOfActiveInstances = 1 "
                          "and numberOfCompletedInstances = 2 and loopCounter = 3 "
                          "and numberOfTerminatedInstances = 0")),
             "t")));
    w.create({{"items", list({1, 2, 3})}, {"enough", false}});
    const auto tasks = w.state.user_tasks;
    w.run(CompleteUserTask{tasks[0].key, {{"enough", true}}, false});
    EXPECT_EQ(w.state.user_tasks.size(), 2U);
    w.run(CompleteUserTask{tasks[2].key, {}, false});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    const auto results = w.variable("results");
    ASSERT_EQ(results.as_list().size(), 3U);
    EXPECT_TRUE(results.as_list()[1].is_null()) << "of the one that was terminated";
}

TEST(MultiInstanceActivity, ANullConditionIsAnIncidentThatIsAskedAgain) {
    World w;
    w.deploy(events_xml(line(element("userTask", "t", "", loop(true, "enough")), "t")));
    w.create({{"items", list({1, 2})}});
    w.complete_task("t");
    ASSERT_EQ(w.state.incidents.size(), 1U);
    set(w, {{"enough", true}});
    w.run(ResolveIncident{w.state.incidents[0].key});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(MultiInstanceActivity, BoundaryEventsBelongToTheWhole) {
    for (const bool interrupting : {true, false}) {
        World w;
        w.deploy(events_xml(line(element("userTask", "t", "", loop(false)), "t") +
                            border("alarm", "t", kAlarm, interrupting) + user("after") +
                            flow("alarm", "after")));
        w.create({{"items", list({1, 2})}, {"r", 0}});
        ASSERT_EQ(w.state.subscriptions.size(), 1U);
        signal(w, "alarm");
        EXPECT_EQ(w.open_tasks(), interrupting ? "after" : "t t after");
    }
}

TEST(MultiInstanceActivity, AnEmptyCollectionGivesAnEmptyResult) {
    for (const bool sequential : {true, false}) {
        World w;
        w.deploy(events_xml(line(element("userTask", "t", "", loop(sequential)), "t") +
                            border("alarm", "t", kAlarm) + user("after") + flow("alarm", "after")));
        w.create({{"items", list({})}});
        EXPECT_EQ(w.state.status, CaseStatus::completed);
        EXPECT_EQ(w.variable("results"), list({}));
    }
}

}  // namespace
}  // namespace schwarm::engine::test
