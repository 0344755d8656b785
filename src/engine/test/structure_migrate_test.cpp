// Migration of what the structures keep beside active elements: the compensation log, complex
// gateways, ad-hoc subprocesses, loops and listeners.
#include "events.hpp"
#include "schwarm/engine/migration.hpp"

namespace schwarm::engine::test {
namespace {

// Two files, since ids are unique in one; the second process is "q".
void deploy_both(World& w, const std::string& before, const std::string& after) {
    w.deploy(events_xml(before));
    std::string xml = events_xml(after);
    const std::string id = "<process id=\"p\"";
    xml.replace(xml.find(id), id.size(), "<process id=\"q\"");
    w.deploy(xml);
}
// Gives the nodes behind it other indexes.
const std::string kMore = event_sub_process("more", kWithdrawal, "more_task", false);

MigrateCase to_q(std::initializer_list<std::pair<const char*, const char*>> mappings) {
    MigrateCase m;
    m.target = DefinitionKey("q");
    for (const auto& [from, into] : mappings) m.mappings.push_back({from, into});
    return m;
}
void migrate(World& w, const MigrateCase& command) {
    const auto problems = check_migration(w.state, w.definitions(), command, w.now);
    ASSERT_TRUE(problems.empty()) << text_of(problems);
    w.run(command);
}
void expect_problem(World& w, const MigrateCase& command, const std::string& id,
                    const std::string& reason) {
    const auto problems = check_migration(w.state, w.definitions(), command, w.now);
    ASSERT_EQ(problems.size(), 1U) << text_of(problems);
    EXPECT_EQ(problems[0].element_id, id);
    EXPECT_NE(problems[0].reason.find(reason), std::string::npos) << problems[0].reason;
    EXPECT_TRUE(w.try_run(command).has_error());
}
std::string jobs(const World& w) {
    std::string out;
    for (const auto& j : w.projection().jobs) out += (out.empty() ? "" : " ") + j.element_id;
    return out;
}

// start > a (with a handler) > wait > compensate > end; `p` is put before each id but the ends.
std::string compensated(const std::string& p) {
    std::string handler = job(p + "undo");
    handler.insert(handler.find(" id="), R"( isForCompensation="true")");
    const std::string a = p + "a";
    const std::string wait = p + "wait";
    const std::string c = p + "c";
    return start() + user(wait) + element("task", a) + handler + end() +
           border(p + "b", a, "<compensateEventDefinition/>") + "<association id=\"" + p +
           "as\" sourceRef=\"" + p + "b\" targetRef=\"" + p + "undo\"/>" +
           thrown(c, "<compensateEventDefinition/>") + flow("start", a) + flow(a, wait) +
           flow(wait, c) + flow(c, "end");
}

TEST(MigrateStructures, WhatCanBeCompensatedGoesAlong) {
    World w;
    deploy_both(w, compensated(""), compensated("new_"));
    w.create();
    ASSERT_EQ(w.state.compensables.size(), 1U);
    expect_problem(w, to_q({{"wait", "new_wait"}}), "a", "has completed, can be compensated");
    migrate(w, to_q({{"wait", "new_wait"}, {"a", "new_a"}}));
    w.complete_task("new_wait");
    EXPECT_EQ(jobs(w), "new_undo");
    w.complete_job("new_undo");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(MigrateStructures, AHandlerAtWorkIsMappedToTheHandler) {
    World w;
    deploy_both(w, compensated(""), compensated("new_"));
    w.create();
    w.complete_task("wait");
    EXPECT_EQ(jobs(w), "undo");
    expect_problem(w, to_q({{"c", "new_c"}, {"undo", "new_undo"}}), "a", "has no mapping");
    migrate(w, to_q({{"c", "new_c"}, {"undo", "new_undo"}, {"a", "new_a"}}));
    w.complete_job("new_undo");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(MigrateStructures, WithoutAHandlerNothingCanBeCompensated) {
    World w;
    deploy_both(w, compensated(""),
                start() + user("wait") + element("task", "a") + end() + flow("start", "a") +
                    flow("a", "wait") + flow("wait", "end"));
    w.create();
    expect_problem(w, to_q({{"wait", "wait"}, {"a", "a"}}), "a", "cannot be in the same way");
}

std::string complex(const std::string& gateway, const std::string& more = {}) {
    return start() + more + element("parallelGateway", "f") + user("a") + user("b") + user("c") +
           element("complexGateway", gateway, "",
                   "<activationCondition>=activationCount >= 2</activationCondition>") +
           user("after") + user("late") + flow("start", "f") + flow("f", "a") + flow("f", "b") +
           flow("f", "c") + flow("a", gateway) + flow("b", gateway) + flow("c", gateway) +
           flow(gateway, "after", "waitingForStart") +
           flow(gateway, "late", "not(waitingForStart)");
}

TEST(MigrateStructures, AComplexGatewayWaitsForItsReset) {
    World w;
    deploy_both(w, complex("g"), complex("h", kMore));
    w.create();
    w.complete_task("a");
    w.complete_task("b");
    EXPECT_EQ(w.open_tasks(), "c after");
    expect_problem(w, to_q({{"c", "c"}, {"after", "after"}}), "g", "waits for its reset");
    migrate(w, to_q({{"c", "c"}, {"after", "after"}, {"g", "h"}, {"a", "a"}, {"b", "b"}}));
    ASSERT_EQ(w.state.gateway_resets.size(), 1U);
    EXPECT_EQ(w.state.gateway_resets[0].consumed.size(), 2U);
    w.complete_task("c");
    EXPECT_EQ(w.open_tasks(), "after late");
    EXPECT_TRUE(w.state.gateway_resets.empty());
}

std::string ad_hoc(const std::string& p, const std::string& attributes = {}) {
    return start() +
           element("adHocSubProcess", p + "ah",
                   R"(<zeebe:adHoc activeElementsCollection="=wanted"/>)",
                   user(p + "x") + user(p + "y") + user(p + "z"), attributes) +
           border(p + "late", p + "ah", timer("timeDuration", "PT1H"), false) + end() +
           end("late_end") + flow("start", p + "ah") + flow(p + "ah", "end") +
           flow(p + "late", "late_end");
}
const feel::Value kXyx = feel::Value::list({feel::Value("x"), feel::Value("y"), feel::Value("x")});

TEST(MigrateStructures, ActivationsOfAnAdHocSubprocess) {
    World w;
    deploy_both(w, ad_hoc(""), ad_hoc("n_"));
    w.create({{"wanted", kXyx}});
    migrate(w, to_q({{"ah", "n_ah"}, {"x", "n_x"}, {"y", "n_y"}, {"late", "n_late"}}));
    EXPECT_EQ(w.open_tasks(), "n_x n_y n_x");
    EXPECT_EQ(w.state.timers.size(), 1U) << "only the subprocess itself has boundary events";
    for (const char* task : {"n_x", "n_x", "n_y"}) w.complete_task(task);
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(MigrateStructures, WhatASequentialAdHocSubprocessHasStillToBegin) {
    const std::string sequential = R"(ordering="Sequential")";
    World w;
    deploy_both(w, ad_hoc("", sequential), ad_hoc("n_", sequential));
    w.create({{"wanted", kXyx}});
    w.complete_task("x");
    EXPECT_EQ(w.open_tasks(), "y");
    expect_problem(w, to_q({{"ah", "n_ah"}, {"y", "n_y"}}), "x", "still to be activated");
    migrate(w, to_q({{"ah", "n_ah"}, {"y", "n_y"}, {"x", "n_z"}}));
    w.complete_task("n_y");
    EXPECT_EQ(w.open_tasks(), "n_z");
    w.complete_task("n_z");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    World v;
    deploy_both(v, ad_hoc("", sequential), ad_hoc("n_"));
    v.create({{"wanted", kXyx}});
    expect_problem(v, to_q({{"ah", "n_ah"}, {"x", "n_x"}, {"y", "n_y"}}), "ah", "is sequential");
}

std::string looped(const std::string& loop) {
    return line(element("userTask", "t", "", loop), "t");
}
const std::string kTwice = R"(<standardLoopCharacteristics loopMaximum="2"/>)";
std::string several(const std::string& output = {}) {
    return R"(<multiInstanceLoopCharacteristics isSequential="true"><extensionElements>
              <zeebe:loopCharacteristics inputCollection="=[1,2]")" +
           output + "/></extensionElements></multiInstanceLoopCharacteristics>";
}

TEST(MigrateStructures, LoopsStayWhatTheyAre) {
    World w;
    deploy_both(w, looped(kTwice), kMore + looped(kTwice));
    w.create();
    w.complete_task("t");
    migrate(w, to_q({{"t", "t"}}));
    w.complete_task("t");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    const std::string collects = R"( outputCollection="o" outputElement="=1")";
    const std::pair<std::string, std::string> different[] = {
        {kTwice, several()}, {several(), kTwice}, {several(), several(collects)}};
    for (const auto& [before, after] : different) {
        World v;
        deploy_both(v, looped(before), looped(after));
        v.create();
        const auto problems = check_migration(v.state, v.definitions(), to_q({{"t", "t"}}), v.now);
        ASSERT_FALSE(problems.empty());
        EXPECT_NE(problems[0].reason.find("alike"), std::string::npos) << problems[0].reason;
    }
}

std::string listened(const std::string& starts, const std::string& ends) {
    std::string out;
    for (const char c : starts) {
        out += std::string(R"(<zeebe:executionListener eventType="start" type=")") + c + "\"/>";
    }
    for (const char c : ends) {
        out += std::string(R"(<zeebe:executionListener eventType="end" type=")") + c + "\"/>";
    }
    if (!out.empty()) out = "<zeebe:executionListeners>" + out + "</zeebe:executionListeners>";
    return line(user("t", out), "t");
}
std::string types(const World& w) {
    std::string out;
    for (const Job& j : w.state.jobs) out += j.type;
    return out;
}

TEST(MigrateStructures, ListenersAtWorkMustStay) {
    World w;
    deploy_both(w, listened("ab", "x"), listened("ac", "yz"));
    w.create();
    w.run(CompleteJob{w.state.jobs[0].key, {}});
    EXPECT_EQ(types(w), "b");
    expect_problem(w, to_q({{"t", "t"}}), "t", "other listeners");
    w.run(CompleteJob{w.state.jobs[0].key, {}});
    migrate(w, to_q({{"t", "t"}}));
    w.complete_task("t");
    EXPECT_EQ(types(w), "y");
    w.run(CompleteJob{w.state.jobs[0].key, {}});
    EXPECT_EQ(types(w), "z");
    w.run(CompleteJob{w.state.jobs[0].key, {}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(MigrateStructures, TheNumberOfStartListenersMayChangeLater) {
    for (const char* after : {"", "a", "abc"}) {
        World w;
        deploy_both(w, listened("ab", "xy"), listened(after, "xy"));
        w.create();
        w.run(CompleteJob{w.state.jobs[0].key, {}});
        w.run(CompleteJob{w.state.jobs[0].key, {}});
        w.complete_task("t");
        w.run(CompleteJob{w.state.jobs[0].key, {}});
        EXPECT_EQ(types(w), "y");
        migrate(w, to_q({{"t", "t"}}));
        w.run(CompleteJob{w.state.jobs[0].key, {}});
        EXPECT_EQ(w.state.status, CaseStatus::completed) << after;
    }
}

TEST(MigrateStructures, ATaskWhoseListenerWorks) {
    const auto task = [](const std::string& type) {
        return line(user("t",
                         "<zeebe:taskListeners><zeebe:taskListener eventType=\"completing\" "
                         "type=\"" +
                             type + "\"/></zeebe:taskListeners>"),
                    "t");
    };
    World w;
    deploy_both(w, task("l"), task("other"));
    w.create();
    w.complete_task("t");
    expect_problem(w, to_q({{"t", "t"}}), "t", "other listeners");
    World v;
    deploy_both(v, task("l"), kMore + task("l"));
    v.create();
    v.complete_task("t", {{"x", 1}});
    migrate(v, to_q({{"t", "t"}}));
    v.run(CompleteJob{v.state.jobs[0].key, {}});
    EXPECT_EQ(v.state.status, CaseStatus::completed);
    EXPECT_EQ(v.variable("x"), feel::Value(1));
}

TEST(MigrateStructures, ATransactionIsCancelledInTheNewProcess) {
    const auto model = [](const std::string& p) {
        const std::string c = compensated(p);
        return start("s0") +
               element("transaction", p + "tx", "",
                       c.substr(0, c.find("<intermediateThrowEvent")) +
                           element("endEvent", p + "c", "", "<cancelEventDefinition/>") +
                           flow("start", p + "a") + flow(p + "a", p + "wait") +
                           flow(p + "wait", p + "c")) +
               border(p + "cancelled", p + "tx", "<cancelEventDefinition/>") + end("e0") +
               user(p + "after") + flow("s0", p + "tx") + flow(p + "tx", "e0") +
               flow(p + "cancelled", p + "after");
    };
    World w;
    deploy_both(w, model(""), model("n_"));
    w.create();
    w.complete_task("wait");
    EXPECT_EQ(jobs(w), "undo");
    migrate(w, to_q({{"tx", "n_tx"}, {"c", "n_c"}, {"undo", "n_undo"}, {"a", "n_a"}}));
    w.complete_job("n_undo");
    EXPECT_EQ(w.open_tasks(), "n_after");
}

}  // namespace
}  // namespace schwarm::engine::test
