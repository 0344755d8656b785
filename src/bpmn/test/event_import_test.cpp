// Reading and checking of events, and cron expressions.
#include <gtest/gtest.h>

#include "schwarm/bpmn/model.hpp"
#include "schwarm/bpmn/timer_text.hpp"

namespace schwarm::bpmn {
namespace {

std::string process(const std::string& body) {
    return R"(<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d">
<message id="M" name="m"/><signal id="S" name="s"/>
<escalation id="E" escalationCode="e"/><escalation id="EX" escalationCode="=c"/>
<error id="R" errorCode="r"/>
<process id="p" isExecutable="true">)" +
           body + "</process></definitions>";
}
std::string with_start(const std::string& body) {
    return process(R"(<startEvent id="s"/>)" + body);
}

std::string problems_of(const std::string& xml) {
    const Import import = import_model(xml, "x.bpmn");
    std::string all;
    for (const Problem& p : import.problems) all += p.text() + "\n";
    return all;
}

std::shared_ptr<const Process> deployed(const std::string& xml) {
    const Import import = import_model(xml, "x.bpmn");
    EXPECT_TRUE(import.deployable()) << problems_of(xml);
    return import.model->process("p");
}

void refused(const std::string& xml, const std::string& why) {
    EXPECT_FALSE(import_model(xml, "x.bpmn").deployable()) << why;
    EXPECT_NE(problems_of(xml).find(why), std::string::npos) << problems_of(xml);
}

std::string caught(const std::string& what, const std::string& attributes = {}) {
    return with_start("<intermediateCatchEvent id=\"c\" " + attributes + ">" + what +
                      "</intermediateCatchEvent>");
}
std::string thrown(const std::string& what) {
    return with_start("<intermediateThrowEvent id=\"t\">" + what + "</intermediateThrowEvent>");
}

const std::string kSignal = R"(<signalEventDefinition signalRef="S"/>)";
const std::string kMessage = R"(<messageEventDefinition messageRef="M"/>)";
const std::string kEscalation = R"(<escalationEventDefinition escalationRef="E"/>)";

TEST(EventImport, SignalsNeedTheirSignal) {
    EXPECT_EQ(deployed(caught(kSignal))->node(2).details.event.signal.name.source, "s");
    refused(caught("<signalEventDefinition/>"), "signalRef is missing");
    refused(thrown(R"(<signalEventDefinition signalRef="no"/>)"), "'no' points to nothing");
}

TEST(EventImport, EscalationsAreThrownWithACodeAndCaughtAtABorder) {
    deployed(thrown(kEscalation));
    deployed(thrown(R"(<escalationEventDefinition escalationRef="EX"/>)"));
    refused(thrown("<escalationEventDefinition/>"), "needs an escalation with an escalationCode");
    refused(process("<startEvent id=\"s\">" + kEscalation + "</startEvent>"),
            "an escalation cannot start a process");
    refused(with_start(R"(<task id="a"/><boundaryEvent id="b" attachedToRef="a">
              <escalationEventDefinition escalationRef="EX"/></boundaryEvent>)"),
            "the code of an escalation that is caught is a text");
    refused(with_start(R"(<task id="a"/><boundaryEvent id="b" attachedToRef="a">)" + kEscalation +
                       R"(</boundaryEvent><boundaryEvent id="b2" attachedToRef="a">)" +
                       kEscalation + "</boundaryEvent>"),
            "already caught");
}

TEST(EventImport, ConditionsKnowWhatTheyRead) {
    const auto p = deployed(caught(R"(<conditionalEventDefinition><extensionElements>
        <zeebe:conditionalFilter variableEvents="create"/></extensionElements>
        <condition>=x.y > 1 and z</condition></conditionalEventDefinition>)"));
    const ConditionDefinition& c = p->node(2).details.event.condition;
    EXPECT_EQ(c.variables, (std::vector<std::string>{"x", "z"}));
    EXPECT_TRUE(c.on_create);
    EXPECT_FALSE(c.on_update);
    refused(caught("<conditionalEventDefinition/>"), "the condition is missing");
    refused(caught(R"(<conditionalEventDefinition><extensionElements>
        <zeebe:conditionalFilter variableEvents="delete"/></extensionElements>
        <condition>=x</condition></conditionalEventDefinition>)"),
            "not 'delete'");
    refused(process(R"(<startEvent id="a"><conditionalEventDefinition><condition>=x</condition>
        </conditionalEventDefinition></startEvent><startEvent id="b"><conditionalEventDefinition>
        <condition>=x</condition></conditionalEventDefinition></startEvent>)"),
            "the same condition");
}

TEST(EventImport, LinksMeetInTheirScope) {
    const std::string out = R"(<intermediateThrowEvent id="t"><linkEventDefinition name="l"/>
        </intermediateThrowEvent>)";
    const std::string in = R"(<intermediateCatchEvent id="c"><linkEventDefinition name="l"/>
        </intermediateCatchEvent>)";
    const auto p = deployed(with_start(out + in));
    EXPECT_EQ(p->node(p->find("t")).link_target, p->find("c"));
    EXPECT_TRUE(p->reaches(p->find("t"), p->find("c"), kNoNode));
    refused(with_start(out), "no link event catches 'l'");
    refused(with_start(out + "<subProcess id=\"u\"><startEvent id=\"s2\"/>" + in + "</subProcess>"),
            "no link event catches 'l'");
    refused(with_start(out + in + R"(<intermediateCatchEvent id="c2"><linkEventDefinition name="l"/>
        </intermediateCatchEvent>)"),
            "two link events catch 'l'");
}

TEST(EventImport, MultipleEventsKeepTheirParts) {
    const auto p = deployed(caught(kSignal + kMessage, R"(parallelMultiple="true")"));
    const Node& c = p->node(2);
    EXPECT_EQ(c.event, EventKind::multiple);
    EXPECT_TRUE(c.details.parallel_multiple);
    ASSERT_EQ(c.event_definitions().size(), 2U);
    EXPECT_EQ(c.event_definitions()[1].kind, EventKind::message);
    refused(caught(kSignal + kEscalation), "an escalation is caught only at a border");
    refused(caught(kSignal + R"(<linkEventDefinition name="l"/>)"), "a link in a multiple event");
    for (const std::string& kind : {std::string("compensate"), std::string("cancel")}) {
        const std::string both = kSignal + "<" + kind + "EventDefinition/>";
        const std::string named =
            "a " + (kind == "cancel" ? kind : "compensation") + " in a multiple event";
        refused(caught(both), named);
        refused(thrown(both), named);
        refused(with_start("<endEvent id=\"x\">" + both + "</endEvent>"), named);
    }
    refused(thrown(kSignal + R"(<errorEventDefinition errorRef="R"/>)"), "only end events throw");
}

TEST(EventImport, StartsAreListedWithTheirKinds) {
    const auto p = deployed(process(
        R"(<startEvent id="n"/><startEvent id="t"><timerEventDefinition><timeCycle>@daily</timeCycle>
        </timerEventDefinition></startEvent><startEvent id="m">)" +
        kSignal + kMessage + R"(</startEvent><receiveTask id="r" instantiate="true" messageRef="M"/>
        <eventBasedGateway id="g" instantiate="true"/><intermediateCatchEvent id="c">)" +
        kSignal +
        R"(</intermediateCatchEvent><sequenceFlow id="f" sourceRef="g" targetRef="c"/>)"));
    std::string all;
    for (const ProcessStart& s : p->starts()) {
        all += p->node(s.node).id + ":" + std::string(name_of(s.kind)) + " ";
    }
    EXPECT_EQ(all, "n:none t:timer m:signal m:message r:message c:signal ");
    refused(with_start(R"(<receiveTask id="r" instantiate="true" messageRef="M"/>
        <sequenceFlow id="f" sourceRef="s" targetRef="r"/>)"),
            "what instantiates a process has no incoming flows");
}

TEST(Cron, TheNextMoment) {
    const Instant now = *parse_instant("2026-01-01T00:00:00Z");  // a Thursday
    const auto next = [&](const char* text, Instant from) {
        const auto cron = Cron::parse(text);
        EXPECT_TRUE(cron) << text;
        const auto at = cron ? cron->next(from) : std::optional<Instant>();
        return at ? DateTime::from_instant(*at, Zone::utc()).to_string() : std::string();
    };
    EXPECT_EQ(next("* * * * * *", now), "2026-01-01T00:00:01Z");
    EXPECT_EQ(next("0 0 9-17 * * MON-FRI", now), "2026-01-01T09:00:00Z");
    EXPECT_EQ(next("0 0/30 8-10 * * *", now), "2026-01-01T08:00:00Z");
    EXPECT_EQ(next("0 0 0 * * sat,sun", now), "2026-01-03T00:00:00Z");
    EXPECT_EQ(next("0 0 0 ? * 0", now), "2026-01-04T00:00:00Z");
    EXPECT_EQ(next("0 0 0 ? * SUN-TUE", now), "2026-01-04T00:00:00Z");
    EXPECT_EQ(next("0 0 0 29 2 *", now), "2028-02-29T00:00:00Z");
    EXPECT_EQ(next("0 0 0 13 * FRI", now), "2026-02-13T00:00:00Z");
    EXPECT_EQ(next("0 0 0 L * *", now), "2026-01-31T00:00:00Z");
    EXPECT_EQ(next("0 0 0 L-3 * *", now), "2026-01-28T00:00:00Z");
    EXPECT_EQ(next("0 0 0 LW * *", now), "2026-01-30T00:00:00Z");
    EXPECT_EQ(next("0 0 0 3W * *", now), "2026-01-02T00:00:00Z");
    EXPECT_EQ(next("0 0 0 ? * 5L", now), "2026-01-30T00:00:00Z");
    EXPECT_EQ(next("0 0 0 ? * FRI#2", now), "2026-01-09T00:00:00Z");
    EXPECT_EQ(next("0 0 0 30 2 *", now), "");
    EXPECT_EQ(next("@hourly", now), "2026-01-01T01:00:00Z");
    EXPECT_EQ(next("@daily", now), "2026-01-02T00:00:00Z");
    EXPECT_EQ(next("@weekly", now), "2026-01-04T00:00:00Z");
    EXPECT_EQ(next("@monthly", now), "2026-02-01T00:00:00Z");
    EXPECT_EQ(next("@yearly", now), "2027-01-01T00:00:00Z");
    for (const char* bad :
         {"", "@never", "* * * * *", "60 * * * * *", "* * 24 * * *", "* * * 0 * *", "* * * * 13 *",
          "* * * * * 8", "5-1 * * * * *", "*/0 * * * * *", "? * * * * *", "a * * * * *",
          "* * * * * FRI#6", "* * * 40W * *"}) {
        EXPECT_FALSE(Cron::parse(bad)) << bad;
    }
}

TEST(TimerText, FiringsOfIntervalsAndCron) {
    const Instant now = *parse_instant("2026-01-01T00:00:00Z");
    EXPECT_EQ(first_firing("R3/PT1H", now)->repetitions, 2);
    EXPECT_EQ(first_firing("@daily", now)->repetitions, -1);
    EXPECT_EQ(next_firing("@daily", now), now + std::chrono::days(1));
    EXPECT_EQ(next_firing("R/PT1H", now), now + std::chrono::hours(1));
    EXPECT_FALSE(first_firing("R0/PT1H", now));
    EXPECT_FALSE(first_firing("0 0 0 30 2 *", now));
    EXPECT_EQ(*Cycle::parse("R/2022-01-01T10:00:00+02:00[Europe/Berlin]/P1D")->start,
              *parse_instant("2022-01-01T08:00:00Z"));
    EXPECT_EQ(*parse_instant("2022-01-01T10:00:00+02:00[Europe/Berlin]"),
              *parse_instant("2022-01-01T08:00:00Z"));
    EXPECT_EQ(*parse_instant("2022-01-01T10:00:00[Europe/Berlin]"),
              *parse_instant("2022-01-01T09:00:00Z"));
}

}  // namespace
}  // namespace schwarm::bpmn
