#include "schwarm/engine/history.hpp"

#include "world.hpp"

namespace schwarm::engine::test {
namespace {

CaseHistory history(const World& w) {
    return project_history(w.history, w);
}
const HistoricElement& find(const CaseHistory& h, const std::string& id, std::size_t nth = 0) {
    for (const HistoricElement& e : h.elements) {
        if (e.element_id == id && nth-- == 0) return e;
    }
    ADD_FAILURE() << "no element " << id;
    return h.elements.front();
}

std::string model() {
    return definitions_xml(
        R"(<message id="Withdraw" name="withdraw"/><error id="Bad" name="bad" errorCode="bad"/>
<process id="p" name="Antrag" isExecutable="true">)" +
        start() + element("task", "pass", "", "", R"(name="Pass")") + user("a") +
        element("boundaryEvent", "late", "", timer("timeDuration", "PT1H"),
                R"(attachedToRef="a")") +
        element("boundaryEvent", "note", "", R"(<messageEventDefinition messageRef="Withdraw"/>)",
                R"(attachedToRef="a" cancelActivity="false")") +
        end("noted") + end("lateEnd") +
        element("businessRuleTask", "d",
                R"(<zeebe:calledDecision decisionId="x" resultVariable="r"/>)") +
        element("callActivity", "call", R"(<zeebe:calledElement processId="q"/>)") + end() +
        flow("start", "pass") + flow("pass", "a") + flow("a", "d") + flow("d", "call") +
        flow("call", "end") + flow("late", "lateEnd") + flow("note", "noted") +
        R"(</process><process id="q" isExecutable="true">)" + start("qs") + job("j") + end("qe") +
        flow("qs", "j") + flow("j", "qe") + "</process>");
}

TEST(History, AllThatACaseDid) {
    World w;
    w.deploy(model());
    w.decisions["x"] = [](const DecisionCall&) -> Result<DecisionOutcome> {
        return DecisionOutcome{feel::Value(1), "1.0", feel::Value(2), feel::Value(3), {}};
    };
    CreateCase c;
    c.case_id = CaseId(7);
    c.tenant = TenantId("leipzig");
    c.definition = DefinitionKey("p");
    c.variables = {{"n", 1}};
    c.business_id = "B-7";
    c.tags = {"vip"};
    w.run(c);
    const Instant created = w.now;
    w.now += std::chrono::minutes(1);
    w.message("withdraw", {{"n", 2}});
    w.now += std::chrono::minutes(1);
    w.run(AssignUserTask{w.task("a"), "bert", true});
    w.actor = "bert";
    w.complete_task("a");
    w.run(FailJob{w.job_of("j"), 2, "busy", {}, {}});
    CaseHistory h = history(w);
    EXPECT_EQ(h.jobs.at(0).state, HistoricJobState::failed);
    EXPECT_TRUE(h.jobs[0].failed_with_retries_left);
    w.run(FailJob{w.job_of("j"), 0, "broken", {}, {}});
    h = history(w);
    EXPECT_FALSE(h.jobs[0].failed_with_retries_left);
    EXPECT_EQ(h.jobs[0].error_message, "broken");
    ASSERT_EQ(h.processes.size(), 2U);
    EXPECT_EQ(h.processes[0].incidents, 1U);
    EXPECT_EQ(h.processes[1].incidents, 1U);
    EXPECT_EQ(find(h, "call").incidents, 1U);
    EXPECT_EQ(find(h, "call").incident, IncidentKey());
    EXPECT_EQ(find(h, "j").incident, w.state.incidents.at(0).key);
    w.run(ResolveIncident{w.state.incidents[0].key, 4});
    EXPECT_EQ(history(w).jobs[0].state, HistoricJobState::retries_updated);
    w.complete_job("j");
    ASSERT_EQ(w.state.status, CaseStatus::completed);

    h = history(w);
    EXPECT_EQ(h.status, CaseStatus::completed);
    EXPECT_EQ(h.business_id, "B-7");
    EXPECT_EQ(h.tags, std::vector<std::string>{"vip"});
    std::string elements;
    for (const HistoricElement& e : h.elements) {
        elements += e.element_id + ":" + std::string(element_type_of(e)) + " ";
        EXPECT_EQ(e.state, HistoryState::completed) << e.element_id;
        EXPECT_EQ(e.incidents, 0U);
        EXPECT_TRUE(e.end) << e.element_id;
    }
    EXPECT_EQ(elements,
              "p:PROCESS start:START_EVENT pass:TASK a:USER_TASK note:BOUNDARY_EVENT "
              "noted:END_EVENT d:BUSINESS_RULE_TASK call:CALL_ACTIVITY q:PROCESS qs:START_EVENT "
              "j:SERVICE_TASK qe:END_EVENT end:END_EVENT ");
    EXPECT_EQ(find(h, "pass").name, "Pass");
    EXPECT_EQ(find(h, "p").start, created);
    EXPECT_EQ(find(h, "j").process_instance, h.processes[1].key);
    EXPECT_EQ(h.processes[1].parent, h.processes[0].key);
    EXPECT_EQ(h.processes[1].parent_element, find(h, "call").key);
    EXPECT_EQ(h.processes[1].definition.value(), "q");
    EXPECT_EQ(h.process(h.processes[1].key), &h.processes[1]);
    EXPECT_EQ(h.element(find(h, "j").key), &find(h, "j"));

    ASSERT_EQ(h.user_tasks.size(), 1U);
    EXPECT_EQ(h.user_tasks[0].state, HistoricTaskState::completed);
    EXPECT_EQ(h.user_tasks[0].completed_by, "bert");
    EXPECT_EQ(h.user_tasks[0].task.assignee, "bert");
    ASSERT_EQ(h.jobs.size(), 1U);
    EXPECT_EQ(name_of(h.jobs[0].state), "COMPLETED");
    EXPECT_EQ(h.jobs[0].retries, 4U);
    ASSERT_EQ(h.incidents.size(), 1U);
    EXPECT_EQ(h.incidents[0].resolved, w.now);
    EXPECT_EQ(h.incidents[0].job, h.jobs[0].key);
    ASSERT_EQ(h.decisions.size(), 1U);
    EXPECT_EQ(h.decisions[0].inputs, feel::Value(2));
    EXPECT_EQ(h.decisions[0].element_id, "d");
    ASSERT_EQ(h.timers.size(), 1U);
    EXPECT_EQ(h.timers[0].state, HistoricTimerState::cancelled);
    EXPECT_EQ(h.timers[0].element_id, "late");
    ASSERT_EQ(h.subscriptions.size(), 1U);
    EXPECT_EQ(h.subscriptions[0].state, HistoricSubscriptionState::deleted);
    ASSERT_EQ(h.correlations.size(), 1U);
    EXPECT_EQ(h.correlations[0].at, created + std::chrono::minutes(1));
    std::string flows;
    for (const HistoricFlow& f : h.flows) flows += f.flow_id + " ";
    EXPECT_EQ(flows, "start_pass pass_a note_noted a_d d_call qs_j j_qe call_end ");
    ASSERT_EQ(h.variables.at(0).name, "n");
    EXPECT_EQ(h.variables[0].value, feel::Value(2));
    EXPECT_EQ(h.variables[0].scope, h.processes[0].key);
    EXPECT_EQ(h.variables[0].number, 1U);
}

TEST(History, WhatEndsFromOutside) {
    World w;
    w.deploy(model());
    w.create();
    w.run(CancelCase{});
    const CaseHistory h = history(w);
    EXPECT_EQ(h.processes.at(0).state, HistoryState::terminated);
    EXPECT_EQ(find(h, "a").state, HistoryState::terminated);
    EXPECT_EQ(find(h, "pass").state, HistoryState::completed);
    EXPECT_EQ(name_of(h.user_tasks.at(0).state), "CANCELED");
    EXPECT_FALSE(h.subscriptions.at(0).open);
    EXPECT_EQ(h.timers.at(0).end, w.now);
}

TEST(History, ErrorsThrown) {
    World w;
    w.deploy(
        process_xml(start() + job("j") +
                    element("boundaryEvent", "b", "", R"(<errorEventDefinition errorRef="Bad"/>)",
                            R"(attachedToRef="j")") +
                    end() + end("e2") + flow("start", "j") + flow("j", "end") + flow("b", "e2")));
    w.create();
    w.run(ThrowError{w.job_of("j"), "bad", "no", {}});
    const CaseHistory h = history(w);
    EXPECT_EQ(name_of(h.jobs.at(0).state), "ERROR_THROWN");
    EXPECT_EQ(h.jobs[0].error_code, "bad");
    EXPECT_EQ(h.jobs[0].end, w.now);
}

TEST(History, MigrationRenamesWhatIsActive) {
    World w;
    w.deploy(process_xml(start() + user("a") + end() + flow("start", "a") + flow("a", "end")));
    std::string other = process_xml(start("s2") + user("x") + user("b") + end("e2") +
                                    flow("s2", "x") + flow("x", "b") + flow("b", "e2"));
    other.replace(other.find("id=\"p\""), 6, "id=\"q\"");
    w.deploy(other);
    w.create();
    MigrateCase m;
    m.target = DefinitionKey("q");
    m.mappings.push_back({"a", "b"});
    w.run(m);
    const CaseHistory h = history(w);
    EXPECT_EQ(h.processes.at(0).definition.value(), "q");
    EXPECT_EQ(h.user_tasks.at(0).element_id, "b");
    EXPECT_EQ(find(h, "b").definition.value(), "q");
    EXPECT_EQ(find(h, "start").definition.value(), "p");
}

TEST(History, ActivationsAndJobsOfAnAdHocSubprocess) {
    World w;
    w.deploy(process_xml(start() +
                         element("adHocSubProcess", "ah", R"(<zeebe:taskDefinition type="agent"/>)",
                                 user("a") + user("b")) +
                         end() + flow("start", "ah") + flow("ah", "end")));
    w.create();
    JobResult both;
    both.activate_elements = {{"a", {}}, {"b", {}}};
    w.run(CompleteJob{w.state.jobs[0].key, {}, both});
    w.complete_task("a");
    w.run(FailJob{w.state.jobs[0].key, 0, "no", {}, {}});
    w.complete_task("b");
    CaseHistory h = history(w);
    std::size_t inner = 0;
    for (const HistoricElement& e : h.elements) {
        if (!e.inner) continue;
        ++inner;
        EXPECT_EQ(e.element_id, "ah");
        EXPECT_EQ(element_type_of(e), "AD_HOC_SUB_PROCESS_INNER_INSTANCE");
        EXPECT_EQ(e.state, HistoryState::completed);
    }
    EXPECT_EQ(inner, 2U);
    ASSERT_EQ(h.jobs.size(), 3U);
    EXPECT_EQ(h.jobs[1].kind, JobKind::ad_hoc_sub_process);
    EXPECT_EQ(h.jobs[1].state, HistoricJobState::canceled) << "something in it has ended";
    ASSERT_EQ(h.incidents.size(), 1U);
    EXPECT_TRUE(h.incidents[0].resolved);
    EXPECT_EQ(find(h, "ah").incidents, 0U);
}

TEST(History, ListenersOfAUserTask) {
    World w;
    w.deploy(process_xml(start() + user("a", R"(<zeebe:taskListeners>
                              <zeebe:taskListener eventType="completing" type="l"/>
                              </zeebe:taskListeners>)") +
                         end() + flow("start", "a") + flow("a", "end")));
    w.create();
    w.actor = "bert";
    w.complete_task("a");
    w.actor = "worker";
    CaseHistory h = history(w);
    EXPECT_EQ(h.user_tasks[0].pending, bpmn::ListenerEvent::completing);
    EXPECT_EQ(h.jobs.at(0).kind, JobKind::task_listener);
    EXPECT_EQ(h.jobs[0].listener_event, "completing");
    EXPECT_FALSE(h.jobs[0].denied);
    JobResult no;
    no.denied = true;
    no.denied_reason = "not yet";
    w.run(CompleteJob{w.state.jobs[0].key, {}, no});
    h = history(w);
    EXPECT_FALSE(h.user_tasks[0].pending);
    EXPECT_EQ(h.user_tasks[0].denied_reason, "not yet");
    EXPECT_EQ(h.user_tasks[0].completed_by, "");
    EXPECT_EQ(h.jobs[0].denied, true);
    EXPECT_EQ(h.jobs[0].denied_reason, "not yet");
    w.actor = "cleo";
    w.complete_task("a");
    w.actor = "worker";
    JobResult later;
    later.corrections.priority = 90;
    w.run(CompleteJob{w.state.jobs[0].key, {}, later});
    h = history(w);
    EXPECT_EQ(h.user_tasks[0].state, HistoricTaskState::completed);
    EXPECT_EQ(h.user_tasks[0].completed_by, "cleo");
    EXPECT_EQ(h.user_tasks[0].denied_reason, "");
    EXPECT_EQ(h.user_tasks[0].task.priority, 90U);
    EXPECT_EQ(h.jobs[1].denied, false);
}

TEST(History, LoopsAndManyElements) {
    World w;
    w.deploy(process_xml(
        start() +
        element("serviceTask", "m", R"(<zeebe:taskDefinition type="schwarm:noop"/>)",
                R"(<multiInstanceLoopCharacteristics isSequential="false"><extensionElements>
                   <zeebe:loopCharacteristics inputCollection="=many" inputElement="i"/>
                   </extensionElements></multiInstanceLoopCharacteristics>)") +
        end() + flow("start", "m") + flow("m", "end")));
    w.inline_tasks.add("schwarm:noop",
                       [](const InlineCall&) -> Result<InlineResult> { return InlineResult{}; });
    feel::Value::List items(2000, feel::Value(1));
    w.create({{"many", feel::Value::list(items)}});
    ASSERT_EQ(w.state.status, CaseStatus::completed);
    const CaseHistory h = history(w);
    EXPECT_EQ(h.elements.size(), 2004U);
    EXPECT_EQ(element_type_of(find(h, "m")), "MULTI_INSTANCE_BODY");
    EXPECT_EQ(element_type_of(find(h, "m", 1)), "SERVICE_TASK");
    EXPECT_EQ(find(h, "m", 2).loop_counter, 2U);
    EXPECT_EQ(h.variables.size(), 4001U);
}

}  // namespace
}  // namespace schwarm::engine::test
