#include "world.hpp"

namespace schwarm::engine::test {
namespace {

std::string single(const std::string& middle) {
    return process_xml(start() + middle + end() + flow("start", "t") + flow("t", "end"));
}

TEST(UserTask, IsProjectedWithItsAttributesAndCompletes) {
    World w;
    w.deploy(single(user("t", R"(<zeebe:formDefinition formId="pruefung"/>
        <zeebe:assignmentDefinition candidateGroups="sachbearbeitung, leitung" assignee="=who"/>
        <zeebe:taskSchedule dueDate="2026-02-01T10:00:00Z"/>)")));
    w.create({{"who", "bert"}});
    const Projection p = w.projection();
    ASSERT_EQ(p.user_tasks.size(), 1U);
    EXPECT_EQ(p.user_tasks[0].element_id, "t");
    EXPECT_EQ(p.user_tasks[0].form_id, "pruefung");
    EXPECT_EQ(p.user_tasks[0].assignee, "bert");
    EXPECT_EQ(p.user_tasks[0].candidate_groups,
              (std::vector<std::string>{"sachbearbeitung", "leitung"}));
    ASSERT_TRUE(p.user_tasks[0].due);
    EXPECT_EQ(p.user_tasks[0].due->time_since_epoch().count(), 1'769'940'000'000);
    w.complete_task("t", {{"ok", true}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.variable("ok"), feel::Value(true));
}

TEST(UserTask, IsClaimedByOnePersonAtATime) {
    World w;
    w.deploy(single(user("t")));
    w.create();
    const ElementKey key = w.task("t");
    w.run(AssignUserTask{key, "anna", false});
    w.actor = "bert";
    auto other = w.try_run(AssignUserTask{key, "bert", false});
    ASSERT_TRUE(other.has_error());
    EXPECT_EQ(other.error().code, ErrorCode::conflict);
    auto complete = w.try_run(CompleteUserTask{key, {}, true});
    ASSERT_TRUE(complete.has_error());
    w.run(AssignUserTask{key, "bert", true});
    w.run(CompleteUserTask{key, {}, true});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(ServiceTask, IsAJobThatCompletesFailsAndIsRetried) {
    World w;
    w.deploy(single(job("t", "geocode")));
    w.create();
    ASSERT_EQ(w.state.jobs.size(), 1U);
    EXPECT_EQ(w.state.jobs[0].type, "geocode");
    EXPECT_EQ(w.state.jobs[0].retries, 3U);
    const JobKey key = w.job_of("t");
    w.run(FailJob{key, 2, "timeout", std::chrono::milliseconds(5000), {}});
    EXPECT_EQ(w.state.jobs[0].retries, 2U);
    EXPECT_EQ(*w.state.jobs[0].not_before, w.now + std::chrono::seconds(5));
    w.run(FailJob{key, 0, "gone", {}, {}});
    ASSERT_EQ(w.state.incidents.size(), 1U);
    EXPECT_EQ(w.state.incidents[0].kind, IncidentKind::job_no_retries);
    auto early = w.try_run(CompleteJob{key, {}});
    ASSERT_TRUE(early.has_error());
    EXPECT_EQ(early.error().code, ErrorCode::conflict);
    w.run(ResolveIncident{w.state.incidents[0].key, 1});
    w.complete_job("t", {{"x", 1}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(ServiceTask, MapsInputsAndOutputs) {
    World w;
    w.deploy(single(job("t", "work",
                        R"(<zeebe:ioMapping><zeebe:input source="=a + 1" target="local"/>
        <zeebe:input source="=local * 2" target="deep.er"/>
        <zeebe:output source="=result + deep.er" target="out.sum"/></zeebe:ioMapping>)")));
    w.create({{"a", 1}, {"out", feel::Value::context({{"kept", true}})}});
    EXPECT_EQ(w.state.elements.back().variables.find("local")->to_string(), "2");
    w.complete_job("t", {{"result", 10}});
    EXPECT_EQ(w.variable("out").get("sum"), feel::Value(14));
    EXPECT_EQ(w.variable("out").get("kept"), feel::Value(true));
    EXPECT_TRUE(w.variable("result").is_null());
    EXPECT_TRUE(w.variable("local").is_null());
}

TEST(ServiceTask, AnErrorNobodyCatchesIsAnIncident) {
    World w;
    w.deploy(single(job("t")));
    w.create();
    w.throw_error("t", "bad");
    ASSERT_EQ(w.state.incidents.size(), 1U);
    EXPECT_EQ(w.state.incidents[0].kind, IncidentKind::unhandled_error);
    w.run(ResolveIncident{w.state.incidents[0].key, 1});
    w.complete_job("t");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(ScriptTask, SetsItsVariable) {
    World w;
    w.deploy(single(script("t", "a * 2", "b")));
    w.create({{"a", 21}});
    EXPECT_EQ(w.variable("b"), feel::Value(42));
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

std::string with_decision() {
    return single(
        element("businessRuleTask", "t",
                R"(<zeebe:calledDecision decisionId="Betrag" resultVariable="betrag"/>)"));
}

TEST(BusinessRuleTask, KeepsWhatWasDecidedAndWhy) {
    World w;
    w.deploy(with_decision());
    w.decisions["Betrag"] = [](const DecisionCall& call) -> Result<DecisionOutcome> {
        const feel::Value* income = call.variables.find(feel::Key("income"));
        EXPECT_FALSE(call.readable_rules);
        return DecisionOutcome{feel::Value(368), "3", *income, feel::Value("rule 1"), {}};
    };
    w.create({{"income", 1400}});
    EXPECT_EQ(w.variable("betrag"), feel::Value(368));
    ASSERT_EQ(w.state.decisions.size(), 1U);
    EXPECT_EQ(w.state.decisions[0].decision_id, "Betrag");
    EXPECT_EQ(w.state.decisions[0].version, "3");
    const DecisionEvaluatedV1* found = nullptr;
    for (const Event& e : w.history) {
        if (const auto* d = std::get_if<DecisionEvaluatedV1>(&e)) found = d;
    }
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->inputs, feel::Value(1400));
    EXPECT_EQ(found->explanation, feel::Value("rule 1"));
}

TEST(BusinessRuleTask, TheRulesThatMatchedBecomeAVariableWhereTheProcessNamesOne) {
    World w;
    w.deploy(
        single(element("businessRuleTask", "t",
                       R"(<zeebe:calledDecision decisionId="Betrag" resultVariable="betrag"/>)"
                       R"(<zeebe:properties><zeebe:property name="explanation" value="regeln"/>)"
                       R"(</zeebe:properties>)")));
    w.decisions["Betrag"] = [](const DecisionCall& call) -> Result<DecisionOutcome> {
        EXPECT_TRUE(call.readable_rules);
        return DecisionOutcome{feel::Value(368), "3", {}, {}, feel::Value::list({"Regel 1"})};
    };
    w.create();
    EXPECT_EQ(w.variable("betrag"), feel::Value(368));
    EXPECT_EQ(w.variable("regeln"), feel::Value::list({"Regel 1"}));
}

TEST(BusinessRuleTask, AMissingDecisionIsAnIncident) {
    World w;
    w.deploy(with_decision());
    w.create();
    ASSERT_EQ(w.state.incidents.size(), 1U);
    EXPECT_EQ(w.state.incidents[0].kind, IncidentKind::decision);
    w.decisions["Betrag"] = [](const DecisionCall&) -> Result<DecisionOutcome> {
        return DecisionOutcome{feel::Value(1), "1", {}, {}, {}};
    };
    w.run(ResolveIncident{w.state.incidents[0].key});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(ReceiveTask, WaitsForItsMessage) {
    World w;
    w.deploy(single(element("receiveTask", "t", "", "", R"(messageRef="Paper")")));
    w.create({{"nr", 17}});
    auto wrong = w.try_run(CorrelateMessage{"paper", "18", {}});
    ASSERT_TRUE(wrong.has_error());
    EXPECT_EQ(wrong.error().code, ErrorCode::not_found);
    w.run(CorrelateMessage{"paper", "17", {{"pages", 2}}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    EXPECT_EQ(w.variable("pages"), feel::Value(2));
}

TEST(SendTask, WithoutAJobIsAnEffect) {
    World w;
    w.deploy(single(element("sendTask", "t",
                            R"(<zeebe:ioMapping><zeebe:input source="=a" target="b"/>
        </zeebe:ioMapping>)",
                            "", R"(messageRef="Paper")")));
    w.create({{"a", 1}, {"nr", "n"}});
    ASSERT_EQ(w.effects.size(), 1U);
    EXPECT_EQ(w.effects[0].kind, "send");
    EXPECT_EQ(w.effects[0].name, "paper");
    EXPECT_EQ(w.effects[0].payload.get("variables.b"), feel::Value(1));
    EXPECT_EQ(w.effects[0].payload.get("correlationKey"), feel::Value("n"));
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(AbstractAndManualTask, PassAtOnce) {
    World w;
    w.deploy(process_xml(start() + element("task", "a") + element("manualTask", "b") + end() +
                         flow("start", "a") + flow("a", "b") + flow("b", "end")));
    w.create();
    EXPECT_EQ(w.path(), "start > a > b > end");
    EXPECT_EQ(w.state.status, CaseStatus::completed);
}

TEST(InlineTask, NoticePrintMessageAndArchiveInOneCommand) {
    World w;
    const auto inline_task = [](const std::string& id, const std::string& type,
                                const std::string& headers, const std::string& more = {}) {
        return element("serviceTask", id,
                       "<zeebe:taskDefinition type=\"schwarm:" + type + "\"/><zeebe:taskHeaders>" +
                           headers + "</zeebe:taskHeaders>" + more);
    };
    w.deploy(process_xml(
        start() +
        inline_task("n", "notice",
                    R"(<zeebe:header key="document" value="bescheid"/>
                       <zeebe:header key="title" value="=&quot;Bescheid &quot; + name"/>)",
                    R"(<zeebe:ioMapping><zeebe:input source="=betrag" target="betrag"/>
                    </zeebe:ioMapping>)") +
        inline_task("pr", "print", R"(<zeebe:header key="document" value="bescheid"/>)") +
        inline_task("m", "message", R"(<zeebe:header key="message" value="ready"/>)") +
        inline_task("ar", "archive",
                    R"x(<zeebe:header key="retention" value="=date(&quot;2036-12-31&quot;)"/>)x") +
        end() + flow("start", "n") + flow("n", "pr") + flow("pr", "m") + flow("m", "ar") +
        flow("ar", "end")));
    w.create({{"betrag", 368}, {"name", "Meier"}});
    EXPECT_EQ(w.state.status, CaseStatus::completed);
    ASSERT_EQ(w.state.documents.size(), 1U);
    EXPECT_EQ(w.state.documents[0].document, "bescheid");
    EXPECT_EQ(w.state.documents[0].title, "Bescheid Meier");
    EXPECT_EQ(w.state.documents[0].data.get("betrag"), feel::Value(368));
    ASSERT_EQ(w.effects.size(), 2U);
    EXPECT_EQ(w.effects[0].kind, "print");
    EXPECT_EQ(w.effects[1].kind, "message");
    EXPECT_NE(w.effects[0].key, w.effects[1].key);
    EXPECT_TRUE(w.projection().archived);
    EXPECT_EQ(w.state.retention_until->time_since_epoch().count(), 2'114'294'400'000);
}

TEST(InlineTask, AMissingHeaderOrTypeIsAnIncident) {
    World w;
    w.deploy(single(job("t", "schwarm:notice")));
    w.create();
    ASSERT_EQ(w.state.incidents.size(), 1U);
    EXPECT_EQ(w.state.incidents[0].kind, IncidentKind::inline_task);
    World v;
    v.deploy(single(job("t", "schwarm:unknown")));
    v.create();
    ASSERT_EQ(v.state.incidents.size(), 1U);
}

TEST(Activity, ConditionalFlowsWithoutAGateway) {
    World w;
    w.deploy(process_xml(start() + element("task", "t") + user("a") + user("b") + end() +
                         flow("start", "t") + flow("t", "a", "x > 1") + flow("t", "b") +
                         flow("a", "end") + flow("b", "end")));
    w.create({{"x", 2}});
    EXPECT_EQ(w.open_tasks(), "a b");
}

}  // namespace
}  // namespace schwarm::engine::test
