#include <gtest/gtest.h>

#include "schwarm/bpmn/model.hpp"
#include "schwarm/bpmn/timer_text.hpp"

namespace schwarm::bpmn {
namespace {

std::string definitions(const std::string& body) {
    return "<?xml version=\"1.0\"?>\n"
           "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" "
           "xmlns:zeebe=\"http://camunda.org/schema/zeebe/1.0\" id=\"d\">\n" +
           body + "\n</definitions>";
}
std::string process(const std::string& body) {
    return definitions("<process id=\"p\" isExecutable=\"true\">\n" + body + "\n</process>");
}
std::string around(const std::string& middle, const std::string& id = "t") {
    return process("<startEvent id=\"s\"/><endEvent id=\"e\"/>\n" + middle +
                   "\n<sequenceFlow id=\"f1\" sourceRef=\"s\" targetRef=\"" + id +
                   "\"/><sequenceFlow id=\"f2\" sourceRef=\"" + id + "\" targetRef=\"e\"/>");
}

// The first problem of a model that must be refused.
Problem refused(const std::string& xml, ProblemKind kind) {
    const Import import = import_model(xml, "antrag.bpmn");
    EXPECT_FALSE(import.deployable());
    for (const Problem& p : import.problems) {
        if (p.kind == kind) return p;
    }
    std::string all;
    for (const Problem& p : import.problems) all += p.text() + "\n";
    ADD_FAILURE() << "not reported; instead:\n" << all;
    return {};
}

TEST(Import, ASimpleProcessBecomesAGraph) {
    const Import import = import_model(around(R"(<userTask id="t" name="Prüfen"><extensionElements>
          <zeebe:formDefinition formId="pruefen"/>
          <zeebe:assignmentDefinition candidateGroups="sachbearbeitung"/>
          <zeebe:properties><zeebe:property name="milestone" value="ja"/></zeebe:properties>
          </extensionElements></userTask>)"),
                                       "antrag.bpmn");
    ASSERT_TRUE(import.deployable());
    EXPECT_TRUE(import.problems.empty());
    const auto p = import.model->process("p");
    ASSERT_TRUE(p);
    ASSERT_EQ(p->nodes.size(), 4U);
    EXPECT_EQ(p->node(kProcessNode).none_start, p->find("s"));
    const Node& t = p->node(p->find("t"));
    EXPECT_EQ(t.kind, NodeKind::user_task);
    EXPECT_EQ(t.name, "Prüfen");
    EXPECT_EQ(t.details.user_task.form_id.source, "pruefen");
    EXPECT_EQ(t.details.properties.at(0).value, "ja");
    EXPECT_EQ(t.incoming.size(), 1U);
    EXPECT_EQ(p->flow(t.outgoing.at(0)).target, p->find("e"));
    ASSERT_EQ(import.model->references().size(), 1U);
    EXPECT_EQ(import.model->references()[0].target, "pruefen");
}

TEST(Import, NotWellFormedNamesTheLine) {
    const Problem p =
        refused("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\">\n<process>\n",
                ProblemKind::not_well_formed);
    EXPECT_EQ(p.file, "antrag.bpmn");
    EXPECT_GT(p.line, 0);
    EXPECT_FALSE(p.reason.empty());
}

TEST(Import, AnotherRootIsRefused) {
    refused("<html xmlns=\"http://www.w3.org/1999/xhtml\"/>", ProblemKind::not_well_formed);
}

TEST(Import, AnUnknownElementIsRefusedByName) {
    const Problem p = refused(around("<magicTask id=\"t\"/>"), ProblemKind::unknown_element);
    EXPECT_EQ(p.element_id, "t");
    EXPECT_EQ(p.line, 5);
    EXPECT_NE(p.reason.find("magicTask"), std::string::npos);
}

TEST(Import, WhatIsNotExecutableIsRefusedByName) {
    for (const std::string element :
         {R"(<userTask id="t"><extensionElements><zeebe:taskListeners><zeebe:taskListener
             eventType="canceling" type="x"/></zeebe:taskListeners></extensionElements>
             </userTask>)",
          R"(<task id="t"><extensionElements><zeebe:executionListeners><zeebe:executionListener
             eventType="take" type="x"/></zeebe:executionListeners></extensionElements></task>)"}) {
        const Problem p = refused(around(element), ProblemKind::not_executable);
        EXPECT_FALSE(p.reason.empty()) << element;
    }
}

TEST(Import, UnresolvedReferencesAreAllReported) {
    const Import import =
        import_model(process(R"(<startEvent id="s"/><receiveTask id="r" messageRef="nope"/>
          <boundaryEvent id="b" attachedToRef="gone"><errorEventDefinition errorRef="no"/>
          </boundaryEvent>
          <sequenceFlow id="f1" sourceRef="s" targetRef="nowhere"/>
          <sequenceFlow id="f2" sourceRef="void" targetRef="r"/>)"),
                     "x.bpmn");
    EXPECT_FALSE(import.deployable());
    std::string all;
    int unresolved = 0;
    for (const Problem& p : import.problems) {
        all += p.text() + "\n";
        if (p.kind == ProblemKind::unresolved_reference) ++unresolved;
    }
    EXPECT_EQ(unresolved, 5) << all;
    for (const char* name : {"nope", "gone", "'no'", "nowhere", "void"}) {
        EXPECT_NE(all.find(name), std::string::npos) << name << " in\n" << all;
    }
}

TEST(Import, AnExpressionThatDoesNotParseNamesFlowAndReason) {
    const Problem p = refused(process(R"(<startEvent id="s"/><endEvent id="e"/>
        <sequenceFlow id="f" sourceRef="s" targetRef="e">
        <conditionExpression>= a + </conditionExpression></sequenceFlow>)"),
                              ProblemKind::invalid_expression);
    EXPECT_EQ(p.element_id, "f");
    EXPECT_EQ(p.line, 6);
}

TEST(Import, OtherLanguagesAreRefusedByName) {
    const Problem juel = refused(process(R"(<startEvent id="s"/><endEvent id="e"/>
        <sequenceFlow id="f" sourceRef="s" targetRef="e">
        <conditionExpression>${approved}</conditionExpression></sequenceFlow>)"),
                                 ProblemKind::unsupported_language);
    EXPECT_NE(juel.reason.find("JUEL"), std::string::npos);
    const Problem xpath = refused(process(R"(<startEvent id="s"/><endEvent id="e"/>
        <sequenceFlow id="f" sourceRef="s" targetRef="e"><conditionExpression
        language="http://www.w3.org/1999/XPath">a</conditionExpression></sequenceFlow>)"),
                                  ProblemKind::unsupported_language);
    EXPECT_NE(xpath.reason.find("XPath"), std::string::npos);
}

TEST(Import, TimersAreCheckedAtDeployment) {
    const Problem p = refused(around(R"(<intermediateCatchEvent id="t"><timerEventDefinition>
        <timeDuration>14 days</timeDuration></timerEventDefinition></intermediateCatchEvent>)"),
                              ProblemKind::invalid_expression);
    EXPECT_NE(p.reason.find("14 days"), std::string::npos);
}

TEST(Import, StructureIsChecked) {
    refused(process(R"(<endEvent id="e"/>)"), ProblemKind::invalid_model);
    refused(process(R"(<startEvent id="s"/><startEvent id="s2"/>)"), ProblemKind::invalid_model);
    refused(around(R"(<serviceTask id="t"/>)"), ProblemKind::invalid_model);
    refused(around(R"(<task id="t"/><task id="t"/>)"), ProblemKind::invalid_model);
    refused(around(R"(<exclusiveGateway id="t"/><endEvent id="e2"/>
      <sequenceFlow id="f3" sourceRef="t" targetRef="e2"/>)"),
            ProblemKind::invalid_model);
    refused(around(R"(<subProcess id="t"><startEvent id="s3"/>
      <sequenceFlow id="f3" sourceRef="s3" targetRef="e"/></subProcess>)"),
            ProblemKind::invalid_model);
    refused(around(R"(<eventBasedGateway id="t"/>)"), ProblemKind::invalid_model);
}

TEST(Import, AProcessThatIsNotExecutableOnlyWarns) {
    const Import import =
        import_model(definitions(R"(<process id="q"><complexGateway id="c"/></process>
        <process id="p" isExecutable="true"><startEvent id="s"/></process>)"),
                     "x.bpmn");
    EXPECT_TRUE(import.deployable());
    EXPECT_FALSE(import.problems.empty());
}

TEST(Import, NamesWithSpacesFromDataObjectsAreKnownToFeel) {
    const Import import = import_model(process(R"(<startEvent id="s"/><endEvent id="e"/>
        <dataObject id="d1" name="Days Remaining"/>
        <sequenceFlow id="f" sourceRef="s" targetRef="e">
        <conditionExpression>=Days Remaining > 3</conditionExpression></sequenceFlow>)"),
                                       "x.bpmn");
    ASSERT_TRUE(import.deployable());
    const auto references = import.model->process("p")->flow(0).condition.compiled.references();
    ASSERT_EQ(references.size(), 1U);
    EXPECT_EQ(references[0], "Days Remaining");
}

TEST(Import, CollaborationsAreKept) {
    const Import import = import_model(definitions(R"(<message id="m" name="antrag"/>
        <collaboration id="c"><participant id="a" name="Stadt" processRef="p"/>
        <participant id="b" name="Land"/>
        <messageFlow id="mf" sourceRef="s" targetRef="b" messageRef="m"/></collaboration>
        <process id="p" isExecutable="true"><startEvent id="s"/></process>)"),
                                       "x.bpmn");
    ASSERT_TRUE(import.deployable());
    const auto& c = import.model->collaborations().at(0);
    EXPECT_EQ(c.participants.size(), 2U);
    EXPECT_EQ(c.message_flows.at(0).message_id, "m");
    EXPECT_EQ(import.model->messages().at(0).name, "antrag");
}

TEST(Import, LimitsHold) {
    ImportLimits limits;
    limits.bytes_max = 100;
    EXPECT_EQ(import_model(around("<task id=\"t\"/>"), "x", limits).problems.at(0).kind,
              ProblemKind::limit);
    limits = {};
    limits.nodes_max = 2;
    EXPECT_EQ(import_model(around("<task id=\"t\"/>"), "x", limits).problems.at(0).kind,
              ProblemKind::limit);
    std::string deep;
    for (int i = 0; i < 1000; ++i) deep += "<subProcess>";
    EXPECT_FALSE(import_model(process(deep), "x").deployable());
}

TEST(TimerText, Periods) {
    const auto p = Period::parse("P1Y2M3W4DT5H6M7S");
    ASSERT_TRUE(p);
    EXPECT_EQ(p->months, 14);
    EXPECT_EQ(p->time.seconds, 25 * 86400 + 5 * 3600 + 6 * 60 + 7);
    EXPECT_TRUE(Period::parse("PT1.5S"));
    EXPECT_EQ(Period::parse("-P1D")->time.seconds, -86400);
    for (const char* bad : {"", "P", "PT", "1D", "P1H", "P1D2M", "P-1D", "PT1D", "P1"}) {
        EXPECT_FALSE(Period::parse(bad)) << bad;
    }
    const Instant start = *parse_instant("2026-01-31T10:00:00Z");
    EXPECT_EQ(*Period::parse("P1M")->after(start), *parse_instant("2026-02-28T10:00:00Z"));
    EXPECT_EQ(*Period::parse("P2W")->after(start), start + std::chrono::days(14));
}

TEST(TimerText, Cycles) {
    EXPECT_EQ(Cycle::parse("R3/PT10M")->repetitions, 3);
    EXPECT_EQ(Cycle::parse("R/P1D")->repetitions, -1);
    EXPECT_EQ(*Cycle::parse("R5/2026-03-01T08:00:00Z/P1D")->start,
              *parse_instant("2026-03-01T08:00:00Z"));
    for (const char* bad : {"", "R", "R3", "R3/", "R3/PT0S", "3/PT1M", "R/x/P1D", "R/-P1D"}) {
        EXPECT_FALSE(Cycle::parse(bad)) << bad;
    }
}

}  // namespace
}  // namespace schwarm::bpmn
