// Compensation, transactions, ad-hoc subprocesses, loops, complex gateways, listeners, bindings and
// data associations: what is read, and what is refused.
#include <gtest/gtest.h>

#include "schwarm/bpmn/model.hpp"

namespace schwarm::bpmn {
namespace {

Import read(const std::string& body) {
    return import_model(
        "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" "
        "xmlns:zeebe=\"http://camunda.org/schema/zeebe/1.0\" id=\"d\">"
        "<process id=\"p\" isExecutable=\"true\"><startEvent id=\"s\"/>" +
            body + "</process></definitions>",
        "x.bpmn");
}

std::string problems_of(const Import& import) {
    std::string out;
    for (const Problem& p : import.problems) out += p.text() + "\n";
    return out;
}

void expect_refused(const std::string& body, const std::string& reason) {
    const Import import = read(body);
    EXPECT_FALSE(import.deployable()) << body;
    EXPECT_NE(problems_of(import).find(reason), std::string::npos) << problems_of(import);
}

TEST(Structure, CompensationHandlersAreFoundByTheirAssociation) {
    const Import import = read(R"(<task id="a"/><task id="undo" isForCompensation="true"/>
        <boundaryEvent id="b" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>
        <association id="x" sourceRef="b" targetRef="undo"/>
        <intermediateThrowEvent id="t"><compensateEventDefinition activityRef="a"
          waitForCompletion="false"/></intermediateThrowEvent>)");
    ASSERT_TRUE(import.deployable()) << problems_of(import);
    const auto p = import.model->process("p");
    EXPECT_EQ(p->node(p->find("a")).compensated_by, p->find("undo"));
    const auto& thrown = p->node(p->find("t")).details.event.compensation;
    EXPECT_EQ(thrown.activity, p->find("a"));
    EXPECT_FALSE(thrown.wait_for_completion);
}

TEST(Structure, WrongCompensationIsRefused) {
    expect_refused(R"(<task id="a"/><boundaryEvent id="b" attachedToRef="a">
        <compensateEventDefinition/></boundaryEvent>)",
                   "needs an association");
    expect_refused(R"(<task id="a"/><task id="u"/><boundaryEvent id="b" attachedToRef="a">
        <compensateEventDefinition/></boundaryEvent>
        <association id="x" sourceRef="b" targetRef="u"/>)",
                   "not marked isForCompensation");
    expect_refused(R"(<task id="a" isForCompensation="true"/>
        <sequenceFlow id="f" sourceRef="s" targetRef="a"/>)",
                   "has no sequence flows");
    expect_refused(R"(<task id="a"/><endEvent id="e"><compensateEventDefinition activityRef="a"/>
        </endEvent>)",
                   "has no compensation handler");
    expect_refused(R"(<endEvent id="e"><compensateEventDefinition activityRef="no"/></endEvent>)",
                   "points to nothing");
}

TEST(Structure, CancelEventsBelongToTransactions) {
    expect_refused(R"(<endEvent id="e"><cancelEventDefinition/></endEvent>)",
                   "directly in a transaction");
    expect_refused(R"(<transaction id="t"><startEvent id="s2"/><endEvent id="e">
        <cancelEventDefinition/></endEvent></transaction>)",
                   "no cancel boundary event");
    expect_refused(R"(<task id="a"/><boundaryEvent id="b" attachedToRef="a">
        <cancelEventDefinition/></boundaryEvent>)",
                   "attached to a transaction");
}

TEST(Structure, AdHocSubProcesses) {
    const Import import = read(R"(<adHocSubProcess id="a" ordering="Sequential"
        cancelRemainingInstances="false"><extensionElements>
        <zeebe:adHoc activeElementsCollection="=wanted" outputCollection="out" outputElement="=r"/>
        </extensionElements><task id="x"/><completionCondition>=done</completionCondition>
        </adHocSubProcess>)");
    ASSERT_TRUE(import.deployable()) << problems_of(import);
    const auto p = import.model->process("p");
    const AdHocDefinition& a = *p->node(p->find("a")).details.ad_hoc;
    EXPECT_TRUE(a.sequential && !a.cancel_remaining);
    EXPECT_EQ(a.active_elements.source, "wanted");
    EXPECT_EQ(a.output_collection, "out");
    EXPECT_EQ(a.completion_condition.source, "done");
    expect_refused(R"(<adHocSubProcess id="a"/>)", "at least one activity");
    expect_refused(R"(<adHocSubProcess id="a"><task id="x"/><endEvent id="e"/></adHocSubProcess>)",
                   "no end events");
}

TEST(Structure, HowLongAHistoryIsKept) {
    const auto kept = [](const std::string& attributes, const std::string& body = {}) {
        return import_model(
            "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" "
            "xmlns:zeebe=\"http://camunda.org/schema/zeebe/1.0\" "
            "xmlns:camunda=\"http://camunda.org/schema/1.0/bpmn\" "
            "xmlns:operaton=\"http://operaton.org/schema/1.0/bpmn\" id=\"d\">"
            "<process id=\"p\" isExecutable=\"true\" " +
                attributes + ">" + body + "<startEvent id=\"s\"/></process></definitions>",
            "x.bpmn");
    };
    const auto seconds = [&](const Import& import) {
        EXPECT_TRUE(import.deployable()) << problems_of(import);
        return import.model->process("p")->history_time_to_live->time.seconds;
    };
    constexpr std::int64_t kDay = 86'400;
    EXPECT_FALSE(kept("").model->process("p")->history_time_to_live);
    EXPECT_EQ(seconds(kept("camunda:historyTimeToLive=\"180\"")), 180 * kDay);
    EXPECT_EQ(seconds(kept("operaton:historyTimeToLive=\"P2W\"")), 14 * kDay);
    const std::string property =
        "<extensionElements><zeebe:properties><zeebe:property name=\"historyTimeToLive\" "
        "value=\"P5D\"/></zeebe:properties></extensionElements>";
    EXPECT_EQ(seconds(kept("", property)), 5 * kDay);
    EXPECT_EQ(seconds(kept("camunda:historyTimeToLive=\"1\"", property)), kDay);
    for (const char* wrong : {"P0D", "0", "-5", "lange", "99999999999"}) {
        const Import import = kept(std::string("camunda:historyTimeToLive=\"") + wrong + "\"");
        EXPECT_FALSE(import.deployable()) << wrong;
        EXPECT_NE(problems_of(import).find("historyTimeToLive"), std::string::npos) << wrong;
    }
}

TEST(Structure, LoopsListenersAndBindings) {
    const Import import = read(R"(<task id="l"><extensionElements><zeebe:executionListeners>
        <zeebe:executionListener eventType="start" type="a" retries="2"/>
        <zeebe:executionListener eventType="end" type="=b"/></zeebe:executionListeners>
        </extensionElements><standardLoopCharacteristics testBefore="true" loopMaximum="3">
        <loopCondition>=more</loopCondition></standardLoopCharacteristics></task>
        <callActivity id="c"><extensionElements><zeebe:calledElement processId="q"
          bindingType="versionTag" versionTag="2.0"/></extensionElements></callActivity>
        <task id="d"><dataInputAssociation id="i"><targetRef>x</targetRef><assignment>
          <from>=a + 1</from><to>b</to></assignment></dataInputAssociation></task>)");
    ASSERT_TRUE(import.deployable()) << problems_of(import);
    const auto p = import.model->process("p");
    const Node& l = p->node(p->find("l"));
    EXPECT_EQ(l.details.loop->standard->maximum, 3U);
    EXPECT_TRUE(l.details.loop->standard->test_before);
    EXPECT_EQ(l.details.start_listeners.at(0).type.source, "a");
    EXPECT_EQ(l.details.end_listeners.at(0).type.source, "b");
    const auto& called = *p->node(p->find("c")).details.called_process;
    EXPECT_EQ(called.binding.type, BindingType::version_tag);
    EXPECT_EQ(called.binding.version_tag, "2.0");
    const auto& inputs = p->node(p->find("d")).details.inputs;
    ASSERT_EQ(inputs.size(), 1U);
    EXPECT_EQ(inputs[0].target, "b");
    expect_refused(R"(<task id="l"><standardLoopCharacteristics/></task>)",
                   "needs a loopCondition or loopMaximum");
    expect_refused(R"(<exclusiveGateway id="g"><extensionElements><zeebe:executionListeners>
        <zeebe:executionListener eventType="end" type="a"/></zeebe:executionListeners>
        </extensionElements></exclusiveGateway>)",
                   "no end listeners");
}

}  // namespace
}  // namespace schwarm::bpmn
