#include "world.hpp"

namespace schwarm::engine::test {
namespace {

std::string listener(const std::string& event, const std::string& type) {
    return "<zeebe:executionListener eventType=\"" + event + "\" type=\"" + type + "\"/>";
}
std::string listeners(const std::string& inside) {
    return "<zeebe:executionListeners>" + inside + "</zeebe:executionListeners>";
}
std::string task_listeners(const std::string& event, const std::string& more = {}) {
    return "<zeebe:taskListeners><zeebe:taskListener eventType=\"" + event + "\" type=\"l1\"/>" +
           more + "</zeebe:taskListeners>";
}
std::string single(const std::string& middle) {
    return process_xml(start() + middle + end() + flow("start", "t") + flow("t", "end"));
}
std::string open_jobs(const World& w) {
    std::string out;
    for (const Job& j : w.state.jobs) {
        out += (out.empty() ? "" : " ") + j.type + ":" + j.listener_event;
    }
    return out;
}
void work(World& w, Variables variables = {}, JobResult result = {}) {
    ASSERT_EQ(w.state.jobs.size(), 1U) << open_jobs(w);
    w.run(CompleteJob{w.state.jobs[0].key, std::move(variables), std::move(result)});
}

TEST(ExecutionListeners, RunInOrderAroundATask) {
    World w;
    w.deploy(single(user("t", listeners(listener("start", "one") + listener("start", "two") +
                                        listener("end", "three")))));
    w.create();
    EXPECT_EQ(open_jobs(w), "one:start");
    EXPECT_EQ(w.state.jobs[0].kind, JobKind::execution_listener);
    work(w, {{"local", 1}});
    EXPECT_EQ(open_jobs(w), "two:start");
    EXPECT_EQ(*w.state.variable(w.state.jobs[0].element, "local"), feel::Value(1));
    EXPECT_TRUE(w.variable("local").is_null());
    work(w);
    EXPECT_EQ(w.open_tasks(), "t");
    w.complete_task("t");
    EXPECT_EQ(open_jobs(w), "three:end");
    work(w, {{"result", 2}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.variable("result"), feel::Value(2));
}

TEST(ExecutionListeners, AFailedOneIsAnIncidentAndOnlyThatOneIsRepeated) {
    World w;
    w.deploy(single(user("t", listeners(listener("start", "one") + listener("start", "two")))));
    w.create();
    work(w);
    w.run(FailJob{w.state.jobs[0].key, 0, "no", {}, {}});
    ASSERT_EQ(w.state.incidents.size(), 1U);
    w.run(ResolveIncident{w.state.incidents[0].key});
    EXPECT_EQ(open_jobs(w), "two:start");
    EXPECT_TRUE(w.try_run(ThrowError{w.state.jobs[0].key, "bad", "", {}}).has_error());
    work(w);
    EXPECT_EQ(w.open_tasks(), "t");
}

TEST(ExecutionListeners, OfTheProcessAndOfAGateway) {
    World w;
    w.deploy(process_xml("<extensionElements>" +
                         listeners(listener("start", "ps") + listener("end", "pe")) +
                         "</extensionElements>" + start() +
                         element("exclusiveGateway", "t", listeners(listener("start", "gs"))) +
                         end() + end("other") + flow("start", "t") + flow("t", "end", "way = 1") +
                         flow("t", "other", "way = 2")));
    w.create();
    EXPECT_EQ(open_jobs(w), "ps:start");
    EXPECT_EQ(w.path(), "");
    work(w);
    EXPECT_EQ(open_jobs(w), "gs:start");
    work(w, {{"way", 2}});
    EXPECT_EQ(w.path(), "start > t > other");
    EXPECT_EQ(open_jobs(w), "pe:end");
    EXPECT_EQ(w.state.status, CaseStatus::active);
    work(w);
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(ExecutionListeners, ASubprocessEndsOnceAlthoughTwoTokensEndInIt) {
    World w;
    w.deploy(single(element("subProcess", "t", listeners(listener("end", "e")),
                            start("s1") + element("parallelGateway", "f") + end("e1") + end("e2") +
                                flow("s1", "f") + flow("f", "e1") + flow("f", "e2"))));
    w.create();
    EXPECT_EQ(open_jobs(w), "e:end");
    work(w);
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(TaskListeners, CompletionIsDeniedThenCorrected) {
    World w;
    w.deploy(single(user("t", task_listeners("completing"))));
    w.create();
    const ElementKey key = w.task("t");
    w.run(CompleteUserTask{key, {{"x", 1}}, false});
    EXPECT_EQ(open_jobs(w), "l1:completing");
    EXPECT_TRUE(w.try_run(CompleteUserTask{key, {}, false}).has_error());
    JobResult no;
    no.denied = true;
    no.denied_reason = "not yet";
    work(w, {}, no);
    EXPECT_EQ(w.open_tasks(), "t");
    EXPECT_TRUE(w.variable("x").is_null());
    w.run(CompleteUserTask{key, {{"x", 2}}, false});
    work(w);
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.variable("x"), feel::Value(2));
}

TEST(TaskListeners, CreatingAndAssigningCorrectTheTask) {
    World w;
    w.deploy(
        single(user("t", R"(<zeebe:assignmentDefinition assignee="bert"/>)" +
                             task_listeners("creating", R"(<zeebe:taskListener eventType="assigning"
                          type="l2"/>)"))));
    w.create();
    EXPECT_EQ(open_jobs(w), "l1:creating");
    JobResult urgent;
    urgent.corrections.priority = 90;
    work(w, {}, urgent);
    EXPECT_EQ(w.state.user_tasks[0].priority, 90U);
    EXPECT_EQ(w.state.user_tasks[0].assignee, "");
    EXPECT_EQ(open_jobs(w), "l2:assigning");
    JobResult other;
    other.corrections.assignee = "anna";
    work(w, {}, other);
    EXPECT_EQ(w.state.user_tasks[0].assignee, "anna");
    EXPECT_TRUE(w.state.task_actions.empty());
}

TEST(TaskListeners, UpdatingSeesAttributesAndLocalVariables) {
    World w;
    w.deploy(single(user("t", task_listeners("updating"))));
    w.create();
    const ElementKey key = w.task("t");
    UpdateUserTask update;
    update.task = key;
    update.priority = 70;
    w.run(update);
    EXPECT_EQ(open_jobs(w), "l1:updating");
    EXPECT_EQ(w.state.user_tasks[0].priority, 50U);
    EXPECT_EQ(w.try_run(update).error().code, ErrorCode::conflict);
    EXPECT_EQ(w.try_run(UpdateVariables{key, {{"x", 1}}, true}).error().code, ErrorCode::conflict);
    JobResult corrected;
    corrected.corrections.candidate_users = std::vector<std::string>{"bert"};
    corrected.corrections.assignee = "cleo";
    work(w, {}, corrected);
    EXPECT_EQ(w.state.user_tasks[0].priority, 70U);
    EXPECT_EQ(w.state.user_tasks[0].candidate_users, (std::vector<std::string>{"bert"}));
    EXPECT_EQ(w.state.user_tasks[0].assignee, "cleo");
    w.run(UpdateVariables{key, {{"x", 1}}, true});
    EXPECT_EQ(w.state.variable(key, "x"), nullptr);
    work(w);
    EXPECT_EQ(*w.state.variable(key, "x"), feel::Value(1));
    w.run(UpdateVariables{key, {{"x", 2}}, true});
    JobResult no;
    no.denied = true;
    work(w, {}, no);
    EXPECT_EQ(*w.state.variable(key, "x"), feel::Value(1));
    w.run(UpdateVariables{key, {{"y", 2}}, false});
    EXPECT_TRUE(w.state.jobs.empty()) << "variables of the case are not the task's";
    w.complete_task("t");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(JobPriority, IsEvaluated) {
    World w;
    w.deploy(single(job("t", "work", R"(<zeebe:jobPriorityDefinition priority="=10 + n"/>)")));
    w.create({{"n", 5}});
    ASSERT_EQ(w.state.jobs.size(), 1U);
    EXPECT_EQ(w.projection().jobs[0].priority, 15U);
}

}  // namespace
}  // namespace schwarm::engine::test
