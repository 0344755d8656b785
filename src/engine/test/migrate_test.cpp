#include "schwarm/engine/migration.hpp"

#include "world.hpp"

namespace schwarm::engine::test {
namespace {

std::string process(const std::string& id, const std::string& body) {
    return "<process id=\"" + id + "\" isExecutable=\"true\">" + body + "</process>";
}
std::string models(const std::string& processes) {
    return definitions_xml(R"(<message id="Withdraw" name="withdraw"/>
<message id="Paper" name="paper"/><error id="Bad" name="bad" errorCode="bad"/>)" +
                           processes);
}
// One file each, since ids are unique in a file.
void deploy_each(World& w, std::string processes) {
    const std::string end = "</process>";
    while (!processes.empty()) {
        const std::size_t n = processes.find(end) + end.size();
        w.deploy(models(processes.substr(0, n)));
        processes.erase(0, n);
    }
}
std::string on(const std::string& id, const std::string& host, const std::string& event,
               bool interrupting = true) {
    return element(
        "boundaryEvent", id, "", event,
        "attachedToRef=\"" + host + "\"" + (interrupting ? "" : " cancelActivity=\"false\""));
}
const std::string kWithdraw = R"(<messageEventDefinition messageRef="Withdraw"/>)";

MigrateCase to(const std::string& target,
               const std::vector<std::pair<std::string, std::string>>& mappings) {
    MigrateCase m;
    m.target = DefinitionKey(target);
    for (const auto& [from, into] : mappings) m.mappings.push_back({from, into});
    return m;
}

// The dry run finds exactly this, and the command is refused with it.
void expect_problems(World& w, const MigrateCase& command,
                     const std::vector<std::pair<std::string, std::string>>& expected) {
    const auto problems = check_migration(w.state, w.definitions(), command, w.now);
    ASSERT_EQ(problems.size(), expected.size()) << text_of(problems);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(problems[i].element_id, expected[i].first);
        EXPECT_NE(problems[i].reason.find(expected[i].second), std::string::npos)
            << problems[i].reason;
    }
    const auto result = w.try_run(command);
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().code, ErrorCode::conflict);
    EXPECT_NE(result.error().message.find(text_of(problems)), std::string::npos);
}
void migrate(World& w, const MigrateCase& command) {
    const auto problems = check_migration(w.state, w.definitions(), command, w.now);
    ASSERT_TRUE(problems.empty()) << text_of(problems);
    w.run(command);
}

TEST(Migrate, ATaskGoesOnInTheNewProcess) {
    World w;
    deploy_each(w,
                process("p", start() + user("a") + end() + flow("start", "a") + flow("a", "end")) +
                    process("q", start("s2") + user("before") + user("b") + user("c") + end("e2") +
                                     flow("s2", "before") + flow("before", "b") + flow("b", "c") +
                                     flow("c", "e2")));
    w.create();
    w.run(AssignUserTask{w.task("a"), "bert", true});
    const ElementKey key = w.task("a");
    migrate(w, to("q", {{"a", "b"}}));
    EXPECT_EQ(w.task("b"), key);
    EXPECT_EQ(w.state.user_task(key)->assignee, "bert");
    EXPECT_EQ(w.projection().definition.value(), "q");
    w.complete_task("b");
    w.complete_task("c");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.projection().definition.value(), "q");
}

TEST(Migrate, JobsIncidentsAndVariablesAreKept) {
    World w;
    deploy_each(
        w, process("p", start() + job("j", "old") + end() + flow("start", "j") + flow("j", "end")) +
               process("q", start() + user("u") + job("k", "new") + end() + flow("start", "u") +
                                flow("u", "k") + flow("k", "end")));
    w.create({{"n", 1}});
    w.run(FailJob{w.job_of("j"), 0, "broken", {}, {{"local", 2}}});
    const Incident before = w.state.incidents.at(0);
    migrate(w, to("q", {{"j", "k"}}));
    EXPECT_EQ(w.state.incidents.at(0), before);
    EXPECT_EQ(w.state.jobs.at(0).type, "old");
    EXPECT_EQ(*w.state.variable(before.element, "local"), feel::Value(2));
    w.run(ResolveIncident{before.key, 1});
    w.complete_job("k");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Migrate, AnIncidentBeforeTheWorkIsTriedInTheNewProcess) {
    World w;
    const std::string wait = timer("timeDuration", "=wait");
    deploy_each(
        w, process("p", start() + element("intermediateCatchEvent", "c", "", wait) + end() +
                            flow("start", "c") + flow("c", "end")) +
               process("q", start() + user("u") +
                                element("intermediateCatchEvent", "d", "",
                                        timer("timeDuration", "PT1H")) +
                                end() + flow("start", "u") + flow("u", "d") + flow("d", "end")));
    w.create();
    ASSERT_EQ(w.state.incidents.size(), 1U);
    migrate(w, to("q", {{"c", "d"}}));
    w.run(ResolveIncident{w.state.incidents.at(0).key});
    w.fire_timer("d");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

std::string with_events(const std::string& id, const std::string& task,
                        const std::string& boundaries) {
    return process(id, start() + user("first") + user(task) + end() + user("after") + end("e2") +
                           boundaries + flow("start", "first") + flow("first", task) +
                           flow(task, "end") + flow("after", "e2"));
}

TEST(Migrate, BoundaryEvents) {
    World w;
    deploy_each(w, with_events("p", "a",
                               on("t1", "a", timer("timeDuration", "PT1H")) +
                                   on("t2", "a", timer("timeDuration", "PT2H")) +
                                   on("m1", "a", kWithdraw, false) + flow("t1", "after") +
                                   flow("t2", "after") + flow("m1", "after")) +
                       with_events("q", "b",
                                   on("u9", "b", timer("timeDuration", "PT9H"), false) +
                                       on("u1", "b", timer("timeDuration", "PT7H")) +
                                       on("n1", "b", kWithdraw, false) + flow("u9", "after") +
                                       flow("u1", "after") + flow("n1", "after")));
    w.create();
    w.complete_task("first");
    ASSERT_EQ(w.state.timers.size(), 2U);
    const Timer kept = w.state.timers[0];
    const SubscriptionKey subscription = w.state.subscriptions.at(0).key;
    w.now += std::chrono::minutes(10);
    migrate(w, to("q", {{"a", "b"}, {"t1", "u1"}, {"m1", "n1"}}));
    // t1 keeps key and due date, t2 is closed, u9 is new.
    ASSERT_EQ(w.state.timers.size(), 2U);
    EXPECT_EQ(w.state.timer(kept.key)->due, kept.due);
    EXPECT_EQ(w.projection().timers[0].element_id, "u1");
    EXPECT_EQ(w.projection().timers[1].element_id, "u9");
    EXPECT_EQ(w.state.timers[1].due, w.now + std::chrono::hours(9));
    ASSERT_EQ(w.state.subscriptions.size(), 1U);
    EXPECT_EQ(w.state.subscriptions[0].key, subscription);
    w.message("withdraw");
    EXPECT_EQ(w.open_tasks(), "b after");
    w.fire_timer("u1");
    EXPECT_EQ(w.open_tasks(), "after after");
}

TEST(Migrate, AMappedEventThatHasFiredStaysSo) {
    World w;
    deploy_each(
        w,
        with_events("p", "a",
                    on("t1", "a", timer("timeDuration", "PT1H"), false) + flow("t1", "after")) +
            with_events("q", "a",
                        on("u1", "a", timer("timeDuration", "PT1H"), false) + flow("u1", "after")));
    w.create();
    w.complete_task("first");
    w.fire_timer("t1");
    migrate(w, to("q", {{"a", "a"}, {"after", "after"}, {"t1", "u1"}}));
    EXPECT_TRUE(w.state.timers.empty());
    EXPECT_EQ(w.open_tasks(), "a after");
}

std::string with_esp(const std::string& id, const std::string& suffix, bool interrupting) {
    return process(
        id, (suffix.empty() ? "" : element("task", "unused") + end("eu") + flow("unused", "eu")) +
                start() + user("a") + end() + flow("start", "a") + flow("a", "end") +
                element("subProcess", "esp" + suffix, "",
                        element("startEvent", "es" + suffix, "", kWithdraw,
                                interrupting ? "" : R"(isInterrupting="false")") +
                            user("et") + end("ee") + flow("es" + suffix, "et") + flow("et", "ee"),
                        R"(triggeredByEvent="true")"));
}

TEST(Migrate, EventSubProcesses) {
    World w;
    deploy_each(w, with_esp("p", "", false) + with_esp("q", "2", false));
    w.create();
    const SubscriptionKey open = w.state.subscriptions.at(0).key;
    migrate(w, to("q", {{"a", "a"}, {"esp", "esp2"}}));
    EXPECT_EQ(w.state.subscriptions.at(0).key, open);
    EXPECT_EQ(w.projection().subscriptions[0].element_id, "es2");
    w.message("withdraw");
    EXPECT_EQ(w.open_tasks(), "a et");
}

TEST(Migrate, AnInterruptedScopeStartsNoOtherEventSubProcess) {
    World w;
    deploy_each(w, with_esp("p", "", true) + with_esp("q", "2", true));
    w.create();
    w.message("withdraw");
    migrate(w, to("q", {{"esp", "esp2"}, {"et", "et"}}));
    EXPECT_TRUE(w.state.subscriptions.empty());
    w.complete_task("et");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

std::string joining(const std::string& id, const std::string& prefix, const std::string& gateway,
                    bool third) {
    const std::string f = prefix + "f";
    const std::string j = prefix + "j";
    std::string out = start() + element("parallelGateway", f) + user("a") + user("b") +
                      element(gateway, j) + user("last") + end() + flow("start", f) + flow(f, "a") +
                      flow(f, "b") + flow("b", j) + flow("a", j) + flow(j, "last") +
                      flow("last", "end");
    if (third) out += user("c") + flow(f, "c") + flow("c", j);
    return process(id, out);
}

TEST(Migrate, WaitingTokens) {
    for (const char* gateway : {"parallelGateway", "inclusiveGateway"}) {
        World w;
        deploy_each(w, joining("p", "", gateway, false) + joining("q", "x", gateway, false));
        w.create();
        w.complete_task("a");
        expect_problems(w, to("q", {{"b", "b"}}), {{"j", "a token waits there"}});
        expect_problems(w, to("q", {{"b", "b"}, {"j", "xj"}}), {{"j", "flow 'a_j'"}});
        migrate(w, to("q", {{"a", "a"}, {"b", "b"}, {"j", "xj"}}));
        EXPECT_EQ(w.open_tasks(), "b");
        w.complete_task("b");
        EXPECT_EQ(w.open_tasks(), "last") << gateway;
    }
}

TEST(Migrate, AGatewayThatNeedsFewerTokensOpens) {
    World w;
    deploy_each(
        w, joining("p", "", "parallelGateway", true) + joining("q", "", "parallelGateway", false));
    w.create();
    w.complete_task("a");
    w.complete_task("b");
    w.run([&] {
        ModifyCase m;
        m.terminate.push_back({{}, "c"});
        return m;
    }());
    EXPECT_EQ(w.state.status, CaseStatus::active);
    migrate(w, to("q", {{"j", "j"}}));
    EXPECT_EQ(w.open_tasks(), "last");
}

std::string loop_process(const std::string& id, const std::string& task, bool sequential,
                         bool loops = true) {
    const std::string characteristics =
        std::string("<multiInstanceLoopCharacteristics isSequential=\"") +
        (sequential ? "true" : "false") +
        R"("><extensionElements><zeebe:loopCharacteristics inputCollection="=[1, 2, 3]"
           inputElement="i" outputCollection="out" outputElement="=i * 2"/></extensionElements>
           </multiInstanceLoopCharacteristics>)";
    return process(id, start() + user("x" + id) +
                           element("userTask", task, "", loops ? characteristics : "") + end() +
                           flow("start", "x" + id) + flow("x" + id, task) + flow(task, "end"));
}

TEST(Migrate, MultiInstance) {
    World w;
    deploy_each(w, loop_process("p", "m", true) + loop_process("q", "n", true) +
                       loop_process("r", "n", false) + loop_process("s", "n", true, false));
    w.create();
    w.complete_task("xp");
    w.complete_task("m");
    expect_problems(w, to("r", {{"m", "n"}}), {{"m", "alike"}, {"m", "alike"}});
    expect_problems(w, to("s", {{"m", "n"}}), {{"m", "alike"}, {"m", "alike"}});
    migrate(w, to("q", {{"m", "n"}}));
    w.complete_task("n");
    w.complete_task("n");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.variable("out"), feel::Value::list({2, 4, 6}));
}

TEST(Migrate, EventBasedGateway) {
    const auto gateway = [](const std::string& id, const std::string& s) {
        return process(
            id, start() + element("eventBasedGateway", "g" + s) +
                    element("intermediateCatchEvent", "t" + s, "", timer("timeDuration", "PT1M")) +
                    element("intermediateCatchEvent", "m" + s, "", kWithdraw) + end("e1") +
                    end("e2") + flow("start", "g" + s) + flow("g" + s, "t" + s) +
                    flow("g" + s, "m" + s) + flow("t" + s, "e1") + flow("m" + s, "e2"));
    };
    World w;
    deploy_each(w, gateway("p", "") + gateway("q", "2"));
    w.create();
    const Timer kept = w.state.timers.at(0);
    const SubscriptionKey closed = w.state.subscriptions.at(0).key;
    w.now += std::chrono::seconds(10);
    migrate(w, to("q", {{"g", "g2"}, {"t", "t2"}}));
    EXPECT_EQ(w.state.timers.at(0).due, kept.due);
    EXPECT_NE(w.state.subscriptions.at(0).key, closed);
    w.message("withdraw");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Migrate, ACalledProcessAndItsCallerOneByOne) {
    World w;
    const auto caller = [](const std::string& id, const std::string& call) {
        return process(
            id, start() +
                    element("callActivity", call, R"(<zeebe:calledElement processId="sub"/>)") +
                    end() + flow("start", call) + flow(call, "end"));
    };
    deploy_each(
        w, caller("p", "call") + caller("q", "ring") +
               process("sub", start() + user("a") + end() + flow("start", "a") + flow("a", "end")) +
               process("sub2", start("s2") + user("z") + user("b") + end() + flow("s2", "z") +
                                   flow("z", "b") + flow("b", "end")));
    w.create();
    MigrateCase called = to("sub2", {{"a", "b"}});
    called.process_instance = w.state.element(w.task("a"))->scope;
    migrate(w, called);
    EXPECT_EQ(w.open_tasks(), "b");
    EXPECT_EQ(w.projection().definition.value(), "p");
    migrate(w, to("q", {{"call", "ring"}}));
    EXPECT_EQ(w.projection().definition.value(), "q");
    w.complete_task("b");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Migrate, EveryProblemIsNamed) {
    World w;
    const auto body = [](const std::string& s) {
        return start() + element("parallelGateway", "f") + user("a") + job("j") +
               element("subProcess", "sub", "",
                       start("ss") + user("x") + end("se") + flow("ss", "x") + flow("x", "se")) +
               user("late") + end() + on("t", "a", timer("timeDuration", "PT1H")) +
               on("u", "a", timer("timeDuration", s)) + on("tj", "j", kWithdraw) + end("et") +
               flow("t", "et") + flow("u", "et") + flow("tj", "et") + flow("start", "f") +
               flow("f", "a") + flow("f", "j") + flow("f", "sub") + flow("f", "late") +
               flow("a", "end") + flow("j", "end") + flow("sub", "end") + flow("late", "end");
    };
    deploy_each(w, process("p", body("PT2H")) + process("q", body("=missing")));
    w.create();
    expect_problems(w, to("nowhere", {}), {{"", "'nowhere' is not deployed"}});
    expect_problems(w,
                    to("q", {{"a", "j"},
                             {"a", "a"},
                             {"gone", "a"},
                             {"late", "gone"},
                             {"sub", "sub"},
                             {"x", "late"}}),
                    {{"a", "more than once"},
                     {"gone", "no such element to map"},
                     {"late", "the target has no element 'gone'"},
                     {"a", "a userTask cannot become 'j', a serviceTask"},
                     {"j", "has no mapping"},
                     {"late", "has no mapping"},
                     {"x", "its scope becomes 'sub', but 'late' is in 'q'"}});
    const std::vector<std::pair<std::string, std::string>> good = {
        {"a", "a"}, {"j", "j"}, {"sub", "sub"}, {"x", "x"}, {"late", "late"}};
    auto wrong = good;
    wrong.insert(wrong.end(), {{"t", "tj"}, {"u", "t"}});
    expect_problems(w, to("q", wrong), {{"t", "does not belong to 'a'"}});
    wrong = good;
    wrong.insert(wrong.end(), {{"t", "t"}, {"u", "t"}});
    expect_problems(w, to("q", wrong), {{"u", "'t' is mapped to 't' as well"}});
    // A new timer that cannot be armed.
    expect_problems(w, to("q", good), {{"u", "the timer of 'u'"}});
    wrong = good;
    wrong.emplace_back("u", "u");
    migrate(w, to("q", wrong));
    EXPECT_EQ(w.state.timers.size(), 2U);
}

TEST(Migrate, TheRootNeedsAnActiveCase) {
    World w;
    deploy_each(w,
                process("p", start() + user("a") + end() + flow("start", "a") + flow("a", "end")));
    w.create();
    MigrateCase m = to("p", {{"a", "a"}});
    m.process_instance = ElementKey(50);
    expect_problems(w, m, {{"", "no active process instance 50"}});
    migrate(w, to("p", {{"a", "a"}}));
    w.complete_task("a");
    EXPECT_EQ(check_migration(w.state, w.definitions(), m, w.now).size(), 1U);
}

}  // namespace
}  // namespace schwarm::engine::test
