// Changing jobs, tasks and variables from outside, cancelling, and resolving every incident.
#include "world.hpp"

namespace schwarm::engine::test {
namespace {

std::string one_job() {
    return process_xml(start() + job("j") + end() + flow("start", "j") + flow("j", "end"));
}

TEST(UpdateJob, RetriesAndPriorityKeepTheIncident) {
    World w;
    w.deploy(one_job());
    w.create();
    const JobKey key = w.job_of("j");
    w.run(FailJob{key, 0, "broken", {}, {}});
    ASSERT_EQ(w.state.incidents.size(), 1U);
    EXPECT_EQ(w.try_run(ResolveIncident{w.state.incidents[0].key, 0}).error().code,
              ErrorCode::invalid_input);
    w.run(UpdateJob{key, 5, {}});
    w.run(UpdateJob{key, {}, -3});
    EXPECT_EQ(w.state.job(key)->retries, 5U);
    EXPECT_EQ(w.state.job(key)->priority, -3);
    EXPECT_EQ(w.state.job(key)->status, JobStatus::failed);
    EXPECT_EQ(w.state.incidents.size(), 1U);
    w.run(ResolveIncident{w.state.incidents[0].key, 0});
    EXPECT_EQ(w.state.job(key)->retries, 5U);
    EXPECT_EQ(w.state.job(key)->status, JobStatus::open);
    w.complete_job("j");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(UpdateJob, Refusals) {
    World w;
    w.deploy(one_job());
    w.create();
    EXPECT_EQ(w.try_run(UpdateJob{JobKey(99), 1, {}}).error().code, ErrorCode::not_found);
    EXPECT_EQ(w.try_run(UpdateJob{w.job_of("j"), 0, {}}).error().code, ErrorCode::invalid_input);
    EXPECT_EQ(w.try_run(UpdateJob{w.job_of("j"), {}, {}}).error().code, ErrorCode::invalid_input);
}

TEST(FailJob, BackoffAndVariables) {
    World w;
    w.deploy(one_job());
    w.create();
    w.run(FailJob{w.job_of("j"), 2, "later", std::chrono::minutes(5), {{"why", "busy"}}});
    const Job& job = w.state.jobs.at(0);
    EXPECT_EQ(job.retries, 2U);
    EXPECT_EQ(job.not_before, w.now + std::chrono::minutes(5));
    EXPECT_EQ(*w.state.variable(job.element, "why"), feel::Value("busy"));
    EXPECT_TRUE(w.state.incidents.empty());
}

TEST(UpdateUserTask, ChangesWhatIsGiven) {
    World w;
    w.deploy(process_xml(start() +
                         user("t", R"(<zeebe:assignmentDefinition candidateGroups="a,b"/>)") +
                         end() + flow("start", "t") + flow("t", "end")));
    w.create();
    const ElementKey key = w.task("t");
    UpdateUserTask u;
    u.task = key;
    u.candidate_users = std::vector<std::string>{"bert"};
    u.due = w.now;
    u.follow_up = w.now;
    u.priority = 90;
    w.run(u);
    const UserTask& task = *w.state.user_task(key);
    EXPECT_EQ(task.candidate_groups, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(task.candidate_users, (std::vector<std::string>{"bert"}));
    EXPECT_EQ(task.due, w.now);
    EXPECT_EQ(task.priority, 90U);
    UpdateUserTask clear;
    clear.task = key;
    clear.due = std::optional<Instant>();
    clear.candidate_groups = std::vector<std::string>();
    w.run(clear);
    EXPECT_FALSE(w.state.user_task(key)->due);
    EXPECT_TRUE(w.state.user_task(key)->follow_up);
    EXPECT_TRUE(w.state.user_task(key)->candidate_groups.empty());
    // Nothing new, no event but that of the command.
    const auto same = w.try_run(clear);
    ASSERT_TRUE(same.has_value());
    EXPECT_EQ(same->events.size(), 1U);
    UpdateUserTask wrong;
    wrong.task = key;
    wrong.priority = 101;
    EXPECT_EQ(w.try_run(wrong).error().code, ErrorCode::invalid_input);
    wrong.task = ElementKey(99);
    EXPECT_EQ(w.try_run(wrong).error().code, ErrorCode::not_found);
}

TEST(UpdateVariables, ScopesAsInCamunda) {
    World w;
    w.deploy(process_xml(
        start() +
        element("subProcess", "s",
                R"(<zeebe:ioMapping><zeebe:input source="=1" target="inner"/></zeebe:ioMapping>)",
                start("ss") + user("x") + end("se") + flow("ss", "x") + flow("x", "se")) +
        end() + flow("start", "s") + flow("s", "end")));
    w.create({{"outer", 0}});
    const ElementKey x = w.task("x");
    const ElementKey s = w.state.element(x)->scope;
    w.run(UpdateVariables{x, {{"inner", 2}, {"outer", 3}, {"fresh", 4}}, false});
    EXPECT_EQ(*w.state.element(s)->variables.find("inner"), feel::Value(2));
    EXPECT_EQ(w.variable("outer"), feel::Value(3));
    EXPECT_EQ(w.variable("fresh"), feel::Value(4));
    w.run(UpdateVariables{x, {{"inner", 5}, {"outer", 6}}, true});
    EXPECT_EQ(*w.state.variable(x, "inner"), feel::Value(5));
    EXPECT_EQ(*w.state.variable(s, "inner"), feel::Value(2));
    EXPECT_EQ(w.variable("outer"), feel::Value(3));
    EXPECT_EQ(w.try_run(UpdateVariables{ElementKey(99), {}, false}).error().code,
              ErrorCode::not_found);
}

std::string calling() {
    return definitions_xml(
        R"(<error id="Bad" name="bad" errorCode="bad"/><process id="p" isExecutable="true">)" +
        start() + element("callActivity", "call", R"(<zeebe:calledElement processId="q"/>)") +
        element(
            "boundaryEvent", "caught",
            R"(<zeebe:ioMapping><zeebe:output source="=reason" target="why"/></zeebe:ioMapping>)",
            R"(<errorEventDefinition errorRef="Bad"/>)", R"(attachedToRef="call")") +
        end() + user("after") + end("e2") + flow("start", "call") + flow("call", "end") +
        flow("caught", "after") + flow("after", "e2") +
        R"(</process><process id="q" isExecutable="true">)" + start("qs") + job("j") + end("qe") +
        flow("qs", "j") + flow("j", "qe") + "</process>");
}

TEST(CancelCase, EndsCalledProcessesAndOnlyTheRoot) {
    World w;
    w.deploy(calling());
    w.create();
    const ElementKey called = w.state.element(w.state.job(w.job_of("j"))->element)->scope;
    const auto refused = w.try_run(CancelCase{"", called});
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_NE(refused.error().message.find("was called by 'call'"), std::string::npos);
    EXPECT_EQ(w.try_run(CancelCase{"", ElementKey(99)}).error().code, ErrorCode::not_found);
    w.run(CancelCase{"enough", w.state.elements.front().key});
    EXPECT_EQ(w.state.status, CaseStatus::cancelled);
    EXPECT_TRUE(w.state.elements.empty() && w.state.jobs.empty());
}

TEST(ThrowError, BringsVariablesOutOfACalledProcess) {
    World w;
    w.deploy(calling());
    w.create();
    w.run(ThrowError{w.job_of("j"), "bad", "no", {{"reason", "paper"}}});
    EXPECT_EQ(w.open_tasks(), "after");
    EXPECT_EQ(w.variable("why"), feel::Value("paper"));
    EXPECT_TRUE(w.variable("reason").is_null());
}

TEST(ResolveIncident, InACalledProcess) {
    World w;
    w.deploy(calling());
    w.create();
    w.run(FailJob{w.job_of("j"), 0, "x", {}, {}});
    w.run(ResolveIncident{w.state.incidents.at(0).key, 2});
    EXPECT_EQ(w.state.jobs.at(0).retries, 2U);
    w.run(ThrowError{w.job_of("j"), "worse", "", {}});
    ASSERT_EQ(w.state.incidents.size(), 1U);
    EXPECT_EQ(w.state.incidents[0].kind, IncidentKind::unhandled_error);
    EXPECT_EQ(w.try_run(CompleteJob{w.state.jobs.at(0).key, {}}).error().code, ErrorCode::conflict);
    w.run(ResolveIncident{w.state.incidents[0].key, 0});
    EXPECT_EQ(w.state.jobs.at(0).retries, 2U);
    w.complete_job("j");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

void resolve_only(World& w, IncidentKind kind) {
    ASSERT_EQ(w.state.incidents.size(), 1U) << w.history_text();
    EXPECT_EQ(w.state.incidents[0].kind, kind);
    w.run(ResolveIncident{w.state.incidents[0].key});
}

TEST(ResolveIncident, ExpressionNoFlowAndCalledProcess) {
    World w;
    w.deploy(process_xml(
        start() + element("intermediateCatchEvent", "c", "", timer("timeDuration", "=wait")) +
        element("exclusiveGateway", "g") +
        element("callActivity", "call", R"(<zeebe:calledElement processId="=called"/>)") + end() +
        flow("start", "c") + flow("c", "g") + flow("g", "call", "ok") + flow("call", "end")));
    w.deploy(definitions_xml(R"(<process id="q" isExecutable="true">)" + start("qs") + end("qe") +
                             flow("qs", "qe") + "</process>"));
    w.create({{"called", "nobody"}});
    w.run(UpdateVariables{{}, {{"wait", "PT1M"}, {"ok", false}}, false});
    resolve_only(w, IncidentKind::expression);
    w.fire_timer("c");
    resolve_only(w, IncidentKind::no_flow);
    resolve_only(w, IncidentKind::no_flow);
    w.run(UpdateVariables{{}, {{"ok", true}}, false});
    resolve_only(w, IncidentKind::no_flow);
    w.run(UpdateVariables{{}, {{"called", "q"}}, false});
    resolve_only(w, IncidentKind::called_process);
    EXPECT_EQ(w.state.status, CaseStatus::completed) << w.history_text();
}

TEST(ResolveIncident, DecisionAndInlineTask) {
    World w;
    w.deploy(process_xml(start() +
                         element("businessRuleTask", "d",
                                 R"(<zeebe:calledDecision decisionId="x" resultVariable="r"/>)") +
                         job("n", "schwarm:unknown") + end() + flow("start", "d") + flow("d", "n") +
                         flow("n", "end")));
    w.create();
    w.decisions["x"] = [](const DecisionCall&) -> Result<DecisionOutcome> {
        return DecisionOutcome{feel::Value(1), "1", {}, {}, {}};
    };
    resolve_only(w, IncidentKind::decision);
    w.inline_tasks.add("schwarm:unknown", [](const InlineCall&) -> Result<InlineResult> {
        return InlineResult{{{"done", true}}, {}, {}, {}};
    });
    resolve_only(w, IncidentKind::inline_task);
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.variable("done"), feel::Value(true));
}

TEST(ResolveIncident, AnErrorEndEventIsTriedAgain) {
    World w;
    w.deploy(process_xml(
        start() + element("endEvent", "bad", "", R"(<errorEventDefinition errorRef="Bad"/>)") +
        flow("start", "bad")));
    w.create();
    resolve_only(w, IncidentKind::unhandled_error);
    ASSERT_EQ(w.state.incidents.size(), 1U);
    w.run(CancelCase{});
    EXPECT_EQ(w.state.status, CaseStatus::cancelled);
}

TEST(ResolveIncident, ATerminateEndEventEndsTheOthersThen) {
    World w;
    w.deploy(process_xml(
        start() + element("parallelGateway", "f") + user("other") +
        element("endEvent", "stop",
                R"(<zeebe:ioMapping><zeebe:output source="=1" target="a"/></zeebe:ioMapping>)",
                "<terminateEventDefinition/>") +
        end() + flow("start", "f") + flow("f", "other") + flow("f", "stop") +
        flow("other", "end")));
    w.definitions().limits.variables_bytes_max = 1;
    w.create();
    resolve_only(w, IncidentKind::variables_limit);
    EXPECT_EQ(w.open_tasks(), "other");
    w.definitions().limits.variables_bytes_max = 4U << 20;
    resolve_only(w, IncidentKind::variables_limit);
    EXPECT_EQ(w.state.status, CaseStatus::completed) << w.history_text();
}

}  // namespace
}  // namespace schwarm::engine::test
