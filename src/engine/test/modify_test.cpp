#include "world.hpp"

namespace schwarm::engine::test {
namespace {

std::string sub_process(const std::string& id, const std::string& inner,
                        const std::string& extension = {}) {
    return element("subProcess", id, extension, inner);
}

std::string two_tasks() {
    return process_xml(start() + user("a") + user("b") + end() + flow("start", "a") +
                       flow("a", "b") + flow("b", "end"));
}

// start -> a -> s(ss -> x -> y -> se) -> end
std::string with_sub_process() {
    return process_xml(
        start() + user("a") +
        sub_process("s",
                    start("ss") + user("x") + user("y") + end("se") + flow("ss", "x") +
                        flow("x", "y") + flow("y", "se") +
                        element("subProcess", "esp", "",
                                element("startEvent", "es", "",
                                        R"(<messageEventDefinition messageRef="Withdraw"/>)") +
                                    user("et") + end("ee") + flow("es", "et") + flow("et", "ee"),
                                R"(triggeredByEvent="true")")) +
        element("boundaryEvent", "late", "", timer("timeDuration", "PT1H"),
                R"(attachedToRef="s")") +
        end() + end("lateEnd") + flow("start", "a") + flow("a", "s") + flow("s", "end") +
        flow("late", "lateEnd"));
}

ElementKey instance_of(const World& w, const std::string& id, std::size_t nth = 0) {
    for (const ElementInstance& e : w.state.elements) {
        const auto* in = w.process(w.state.definitions.at(e.definition));
        if (in->node(e.node).id != id) continue;
        if (nth-- == 0) return e.key;
    }
    ADD_FAILURE() << "no instance of " << id << "\n" << w.history_text();
    return {};
}

ModifyCase activate(const std::string& element, ElementKey ancestor = {}) {
    ModifyCase m;
    m.activate.push_back({element, ancestor, {}});
    return m;
}
ModifyCase terminate(ElementKey key) {
    ModifyCase m;
    m.terminate.push_back({key, {}});
    return m;
}
ModifyCase move(const std::string& from, const std::string& to) {
    ModifyCase m;
    m.move.push_back({from, {}, to, MoveScope::automatic, {}, {}});
    return m;
}

void expect_refused(World& w, const ModifyCase& command, ErrorCode code, const std::string& text) {
    const std::string before = encode_state(w.state);
    const auto result = w.try_run(command);
    ASSERT_TRUE(result.has_error()) << "not refused: " << text;
    EXPECT_EQ(result.error().code, code) << result.error().message;
    EXPECT_NE(result.error().message.find(text), std::string::npos) << result.error().message;
    EXPECT_EQ(encode_state(w.state), before);
}

TEST(Modify, ActivatesBesideWhatIsActive) {
    World w;
    w.deploy(two_tasks());
    w.create();
    w.run(activate("b"));
    EXPECT_EQ(w.open_tasks(), "a b");
    w.complete_task("b");
    EXPECT_EQ(w.state.status, CaseStatus::active);
    w.complete_task("a");
    w.complete_task("b");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Modify, MovesATokenForwardAndBack) {
    World w;
    w.deploy(two_tasks());
    w.create();
    w.run(move("a", "b"));
    EXPECT_EQ(w.open_tasks(), "b");
    ModifyCase back;
    back.move.push_back({{}, instance_of(w, "b"), "a", MoveScope::source_parent, {}, {}});
    w.run(back);
    EXPECT_EQ(w.open_tasks(), "a");
}

TEST(Modify, TerminatingEverythingCancelsTheCase) {
    World w;
    w.deploy(two_tasks());
    w.create();
    w.run(terminate(instance_of(w, "a")));
    EXPECT_EQ(w.state.status, CaseStatus::cancelled);
    EXPECT_TRUE(w.state.elements.empty() && w.state.user_tasks.empty());
}

TEST(Modify, ElementsThatRunAtOnceDoSo) {
    World w;
    w.deploy(process_xml(start() + user("a") + script("calc", "n + 1", "n") + end() +
                         flow("start", "a") + flow("a", "calc") + flow("calc", "end")));
    w.create({{"n", 1}});
    w.run(move("a", "calc"));
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.variable("n"), feel::Value(2));
}

TEST(Modify, MissingScopesAreCreatedWithoutTheirStart) {
    World w;
    w.deploy(with_sub_process());
    w.create();
    w.run(move("a", "y"));
    EXPECT_EQ(w.open_tasks(), "y");
    EXPECT_EQ(w.path().find("ss"), std::string::npos) << w.path();
    // The events of the scope are open, and it ends as usual.
    ASSERT_EQ(w.state.timers.size(), 1U);
    ASSERT_EQ(w.state.subscriptions.size(), 1U);
    World v;
    v.deploy(with_sub_process());
    v.create();
    v.run(move("a", "y"));
    v.message("withdraw");
    EXPECT_EQ(v.open_tasks(), "et");
    w.fire_timer("late");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Modify, AnActiveScopeIsUsed) {
    World w;
    w.deploy(with_sub_process());
    w.create();
    w.complete_task("a");
    w.run(activate("y"));
    EXPECT_EQ(w.open_tasks(), "x y");
    EXPECT_EQ(w.state.element(instance_of(w, "x"))->scope,
              w.state.element(instance_of(w, "y"))->scope);
    w.run(terminate(instance_of(w, "x")));
    w.complete_task("y");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Modify, EmptyScopesEnd) {
    World w;
    w.deploy(with_sub_process());
    w.create();
    w.complete_task("a");
    w.run(move("x", "a"));
    EXPECT_EQ(w.open_tasks(), "a");
    EXPECT_TRUE(w.state.timers.empty());
    EXPECT_TRUE(w.state.subscriptions.empty());
    EXPECT_EQ(w.state.elements.size(), 2U);
}

TEST(Modify, SeveralScopesNeedAnAncestor) {
    World w;
    w.deploy(with_sub_process());
    w.create();
    w.complete_task("a");
    // One ancestor for all scopes between: a second instance of the subprocess.
    w.run(activate("x", w.state.elements.front().key));
    EXPECT_EQ(w.open_tasks(), "x x");
    expect_refused(w, activate("y"), ErrorCode::conflict,
                   "activate instruction 1 ('y'): 2 instances of 's' are active");
    w.run(activate("y", instance_of(w, "s", 1)));
    EXPECT_EQ(w.state.element(instance_of(w, "y"))->scope, instance_of(w, "s", 1));
    // Each token stays in its scope.
    ModifyCase all;
    all.move.push_back({"x", {}, "y", MoveScope::inferred, {}, {}});
    w.run(all);
    EXPECT_EQ(w.open_tasks(), "y y y");
    EXPECT_EQ(w.state.element(instance_of(w, "s", 0))->children, 1U);
    EXPECT_EQ(w.state.element(instance_of(w, "s", 1))->children, 2U);
}

TEST(Modify, VariablesGoToTheirScope) {
    World w;
    w.deploy(with_sub_process());
    w.create({{"n", 1}});
    ModifyCase m = move("a", "y");
    m.move[0].variables = {{"", {{"n", 2}}}, {"s", {{"of_s", 3}}}, {"y", {{"of_y", 4}}}};
    w.run(m);
    EXPECT_EQ(w.variable("n"), feel::Value(2));
    EXPECT_EQ(*w.state.element(instance_of(w, "s"))->variables.find("of_s"), feel::Value(3));
    EXPECT_EQ(*w.state.element(instance_of(w, "y"))->variables.find("of_y"), feel::Value(4));
    ModifyCase wrong = activate("a");
    wrong.activate[0].variables = {{"s", {{"n", 2}}}};
    expect_refused(w, wrong, ErrorCode::invalid_input, "the variables are for 's'");
}

TEST(Modify, RefusalsNameInstructionAndReason) {
    World w;
    w.deploy(with_sub_process());
    w.create();
    expect_refused(w, ModifyCase{}, ErrorCode::invalid_input, "no instructions");
    expect_refused(w, activate("none"), ErrorCode::not_found,
                   "activate instruction 1 ('none'): the process has no such element");
    expect_refused(w, activate("ss"), ErrorCode::invalid_input, "a startEvent cannot");
    expect_refused(w, activate("late"), ErrorCode::invalid_input, "a boundaryEvent cannot");
    expect_refused(w, activate("p"), ErrorCode::invalid_input, "a process cannot");
    expect_refused(w, activate("y", ElementKey(99)), ErrorCode::not_found, "is not active in");
    expect_refused(w, activate("y", instance_of(w, "a")), ErrorCode::invalid_input,
                   "which is not around it");
    expect_refused(w, terminate(ElementKey(99)), ErrorCode::not_found,
                   "terminate instruction 1: element 99 is not active");
    ModifyCase nowhere = move("a", "y");
    nowhere.move[0].scope = MoveScope::direct;
    expect_refused(w, nowhere, ErrorCode::invalid_input,
                   "move instruction 1 ('a'): the ancestor is not named");
    expect_refused(w, terminate(w.state.elements.front().key), ErrorCode::invalid_input,
                   "is the process instance itself");
    expect_refused(w, move("x", "a"), ErrorCode::not_found,
                   "move instruction 1 ('x'): it is not active");
    ModifyCase elsewhere = activate("a");
    elsewhere.process_instance = ElementKey(77);
    expect_refused(w, elsewhere, ErrorCode::not_found, "no active process instance 77");
    // All or nothing.
    ModifyCase both = activate("a");
    both.activate.push_back({"none", {}, {}});
    expect_refused(w, both, ErrorCode::not_found, "activate instruction 2 ('none')");
    w.complete_task("a");
    ModifyCase into_leaving = activate("y", instance_of(w, "s"));
    into_leaving.terminate.push_back({instance_of(w, "s"), {}});
    expect_refused(w, into_leaving, ErrorCode::conflict, "terminated by the same command");
}

TEST(Modify, EventsBehindAnEventBasedGatewayCannotBeActivated) {
    World w;
    w.deploy(process_xml(start() + element("eventBasedGateway", "g") +
                         element("intermediateCatchEvent", "c", "",
                                 R"(<messageEventDefinition messageRef="Withdraw"/>)") +
                         element("intermediateCatchEvent", "d", "", timer("timeDuration", "PT1M")) +
                         end() + end("e2") + flow("start", "g") + flow("g", "c") + flow("g", "d") +
                         flow("c", "end") + flow("d", "e2")));
    w.create();
    expect_refused(w, activate("c"), ErrorCode::invalid_input, "behind an event-based gateway");
}

std::string with_loop(bool sequential) {
    return process_xml(
        start() +
        element("subProcess", "m", "",
                std::string("<multiInstanceLoopCharacteristics isSequential=\"") +
                    (sequential ? "true" : "false") +
                    R"("><extensionElements><zeebe:loopCharacteristics inputCollection="=[1, 2, 3]"
                    inputElement="i"/></extensionElements></multiInstanceLoopCharacteristics>)" +
                    start("ms") + user("x") + user("y") + end("me") + flow("ms", "x") +
                    flow("x", "y") + flow("y", "me")) +
        end() + flow("start", "m") + flow("m", "end"));
}

TEST(Modify, MovesInsideEachIteration) {
    World w;
    w.deploy(with_loop(false));
    w.create();
    ModifyCase m;
    m.move.push_back({"x", {}, "y", MoveScope::source_parent, {}, {}});
    w.run(m);
    EXPECT_EQ(w.open_tasks(), "y y y");
    expect_refused(w, activate("x"), ErrorCode::conflict, "3 instances of 'm' are active");
    expect_refused(w, activate("x", instance_of(w, "m", 0)), ErrorCode::invalid_input,
                   "name one of its iterations");
    w.complete_task("y");
    // An iteration that is terminated is not waited for.
    w.run(terminate(w.state.element(w.task("y"))->scope));
    w.complete_task("y");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(Modify, ALoopWithoutIterationsEnds) {
    World w;
    w.deploy(with_loop(true));
    w.create();
    w.run(terminate(w.task("x")));
    EXPECT_EQ(w.state.status, CaseStatus::cancelled);
    World v;
    v.deploy(process_xml(start() + user("a") + end() + flow("start", "a") + flow("a", "end")));
    v.create();
    World loop;
    loop.deploy(with_loop(true));
    CreateCase c;
    c.case_id = CaseId(7);
    c.definition = DefinitionKey("p");
    c.start_instructions.push_back({"x", {}, {}});
    const auto inside = loop.try_run(c);
    ASSERT_TRUE(inside.has_error());
    EXPECT_NE(inside.error().message.find("inside the multi-instance activity 'm'"),
              std::string::npos);
}

std::string calling() {
    return definitions_xml(
        R"(<process id="p" isExecutable="true">)" + start() +
        element("callActivity", "call", R"(<zeebe:calledElement processId="q"/>)") + user("after") +
        end() + flow("start", "call") + flow("call", "after") + flow("after", "end") +
        R"(</process><process id="q" isExecutable="true">)" + start("qs") + user("x") + user("y") +
        end("qe") + flow("qs", "x") + flow("x", "y") + flow("y", "qe") + "</process>");
}

TEST(Modify, ACalledProcessIsModifiedByItsOwnKey) {
    World w;
    w.deploy(calling());
    w.create();
    const ElementKey called = w.state.element(w.task("x"))->scope;
    expect_refused(w, terminate(w.task("x")), ErrorCode::not_found, "in this process instance");
    ModifyCase m = move("x", "y");
    m.process_instance = called;
    w.run(m);
    EXPECT_EQ(w.open_tasks(), "y");
    ModifyCase all = terminate(w.task("y"));
    all.process_instance = called;
    expect_refused(w, all, ErrorCode::conflict, "which was called by 'call'");
    w.run(move("call", "after"));
    EXPECT_EQ(w.open_tasks(), "after");
    w.complete_task("after");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(StartInstructions, BeginInTheMiddle) {
    World w;
    w.deploy(with_sub_process());
    CreateCase c;
    c.case_id = CaseId(7);
    c.definition = DefinitionKey("p");
    c.variables = {{"n", 1}};
    c.start_instructions.push_back({"y", {}, {}});
    c.start_instructions.push_back({"a", {}, {}});
    c.business_id = "B-7";
    c.tags = {"vip", "paper"};
    w.run(c);
    EXPECT_EQ(w.open_tasks(), "y a");
    EXPECT_EQ(w.state.business_id, "B-7");
    EXPECT_EQ(w.state.tags, (std::vector<std::string>{"vip", "paper"}));
    EXPECT_EQ(w.path(), "s > y > a");
    w.complete_task("y");
    w.complete_task("a");
    w.complete_task("x");
    w.complete_task("y");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(StartInstructions, AreRefusedWithTheirReason) {
    World w;
    w.deploy(two_tasks());
    CreateCase c;
    c.case_id = CaseId(7);
    c.definition = DefinitionKey("p");
    c.start_instructions.push_back({"start", {}, {}});
    const auto at_start = w.try_run(c);
    ASSERT_TRUE(at_start.has_error());
    EXPECT_EQ(at_start.error().message,
              "start instruction 1 ('start'): a startEvent cannot be activated");
    c.start_instructions[0].element = "zzz";
    EXPECT_EQ(w.try_run(c).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace schwarm::engine::test
