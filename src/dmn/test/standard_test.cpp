// What the versions of the standard write, hit policies with several outputs, types, imports.
#include <gmock/gmock.h>

#include "model_text.hpp"

namespace schwarm::dmn {
namespace {

using feel::Value;
using testing::HasSubstr;
using Rows = std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>>;

// As tools of the time of DMN 1.1 wrote: qualified types, a knowledge model that is invoked.
TEST(Versions, dmn_1_1) {
    const auto program = loaded({R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions id="fees" name="Fees" namespace="http://example.org/fees"
    xmlns="http://www.omg.org/spec/DMN/20151101/dmn.xsd"
    xmlns:feel="http://www.omg.org/spec/FEEL/20140401" xmlns:tns="http://example.org/fees"
    xmlns:vendor="http://example.org/vendor" expressionLanguage="http://www.omg.org/spec/FEEL/20140401">
  <extensionElements><vendor:note>kept aside</vendor:note></extensionElements>
  <itemDefinition name="tKind">
    <typeRef>feel:string</typeRef>
    <allowedValues><text>"small", "large"</text></allowedValues>
  </itemDefinition>
  <inputData id="i1" name="Area"><variable name="Area" typeRef="feel:number"/></inputData>
  <businessKnowledgeModel id="b1" name="Fee of">
    <variable name="Fee of"/>
    <encapsulatedLogic>
      <formalParameter name="kind" typeRef="tns:tKind"/>
      <decisionTable hitPolicy="UNIQUE" outputLabel="fee" preferredOrientation="Rule-as-Row">
        <input id="in" label="kind"><inputExpression typeRef="tns:tKind"><text>kind</text>
        </inputExpression></input>
        <output typeRef="feel:number"/>
        <rule><inputEntry><text>"small"</text></inputEntry>
          <outputEntry><text>10</text></outputEntry></rule>
        <rule><inputEntry><text>"large"</text></inputEntry>
          <outputEntry><text>25.5</text></outputEntry></rule>
      </decisionTable>
    </encapsulatedLogic>
  </businessKnowledgeModel>
  <decision id="d1" name="Kind">
    <variable name="Kind" typeRef="tns:tKind"/>
    <informationRequirement><requiredInput href="#i1"/></informationRequirement>
    <literalExpression><text>if Area &lt; 50 then "small" else "large"</text></literalExpression>
  </decision>
  <decision id="d2" name="Fee">
    <question>What does it cost?</question>
    <allowedAnswers>An amount</allowedAnswers>
    <variable name="Fee" typeRef="feel:number"/>
    <informationRequirement><requiredDecision href="#d1"/></informationRequirement>
    <knowledgeRequirement><requiredKnowledge href="#b1"/></knowledgeRequirement>
    <authorityRequirement><requiredAuthority href="#k1"/></authorityRequirement>
    <invocation>
      <literalExpression><text>Fee of</text></literalExpression>
      <binding><parameter name="kind"/><literalExpression><text>Kind</text></literalExpression></binding>
    </invocation>
  </decision>
  <knowledgeSource id="k1" name="Statute"><type>law</type></knowledgeSource>
</definitions>)"});
    EXPECT_EQ(evaluated(program, "Fee", Value::context({{"Area", 20}})), Value(10));
    EXPECT_EQ(evaluated(program, "Fee", Value::context({{"Area", 80}})),
              Value(*Decimal::parse("25.5")));
}

TEST(Versions, dmn_1_2_with_its_diagram_and_a_service) {
    const auto program = loaded({R"(<?xml version="1.0" encoding="UTF-8"?>
<dmn:definitions id="m" name="m" namespace="urn:m"
    xmlns:dmn="http://www.omg.org/spec/DMN/20180521/MODEL/"
    xmlns:feel="http://www.omg.org/spec/DMN/20180521/FEEL/"
    xmlns:dmndi="http://www.omg.org/spec/DMN/20180521/DMNDI/"
    xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/">
  <dmn:inputData id="x" name="x" label="The x"><dmn:variable name="x" typeRef="number"/></dmn:inputData>
  <dmn:decision id="inner" name="inner"><dmn:variable name="inner" typeRef="number"/>
    <dmn:informationRequirement id="r1"><dmn:requiredInput href="#x"/></dmn:informationRequirement>
    <dmn:literalExpression><dmn:text>x + 1</dmn:text></dmn:literalExpression></dmn:decision>
  <dmn:decision id="outer" name="outer"><dmn:variable name="outer" typeRef="number"/>
    <dmn:informationRequirement id="r2"><dmn:requiredDecision href="#inner"/></dmn:informationRequirement>
    <dmn:literalExpression><dmn:text>inner * 10</dmn:text></dmn:literalExpression></dmn:decision>
  <dmn:decisionService id="s" name="service">
    <dmn:variable name="service" typeRef="number"/>
    <dmn:outputDecision href="#outer"/><dmn:encapsulatedDecision href="#inner"/>
    <dmn:inputData href="#x"/>
  </dmn:decisionService>
  <dmn:textAnnotation id="t"><dmn:text>a remark</dmn:text></dmn:textAnnotation>
  <dmn:association id="a"><dmn:sourceRef href="#outer"/><dmn:targetRef href="#t"/></dmn:association>
  <dmndi:DMNDI><dmndi:DMNDiagram id="g"><dmndi:DMNShape id="sh" dmnElementRef="x">
    <dc:Bounds x="1" y="2" width="3" height="4"/></dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
</dmn:definitions>)"});
    EXPECT_EQ(evaluated(program, "service", Value::context({{"x", 4}})), Value(50));
}

TEST(Versions, dmn_1_3_with_groups_and_function_types) {
    const auto program = loaded({R"(<definitions id="m" name="m" namespace="urn:m"
    xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/">
  <itemDefinition name="tScale"><functionItem outputTypeRef="number">
    <parameters name="n" typeRef="number"/></functionItem></itemDefinition>
  <group id="g" name="Group"/>
  <decision id="d" name="d"><variable name="d" typeRef="number"/>
    <context>
      <contextEntry><variable name="scale" typeRef="tScale"/>
        <functionDefinition kind="FEEL"><formalParameter name="n" typeRef="number"/>
          <literalExpression><text>n * 3</text></literalExpression></functionDefinition>
      </contextEntry>
      <contextEntry><literalExpression><text>scale(14)</text></literalExpression></contextEntry>
    </context>
  </decision>
</definitions>)"});
    EXPECT_EQ(evaluated(program, "d"), Value(42));
}

TEST(Versions, dmn_1_4_with_boxed_iterators) {
    const auto program = loaded({R"(<definitions id="m" name="m" namespace="urn:m"
    xmlns="https://www.omg.org/spec/DMN/20211108/MODEL/">
  <inputData id="n" name="n"><variable name="n" typeRef="number"/></inputData>
  <decision id="d" name="d"><variable name="d"/>
    <informationRequirement><requiredInput href="#n"/></informationRequirement>
    <conditional>
      <if><literalExpression><text>n &gt; 0</text></literalExpression></if>
      <then><for iteratorVariable="i">
        <in><filter><in><literalExpression><text>[1, 2, 3, 4]</text></literalExpression></in>
          <match><literalExpression><text>item &lt;= n</text></literalExpression></match></filter></in>
        <return><literalExpression><text>i * i</text></literalExpression></return></for></then>
      <else><some iteratorVariable="i"><in><literalExpression><text>[n]</text></literalExpression></in>
        <satisfies><literalExpression><text>i = 0</text></literalExpression></satisfies></some></else>
    </conditional>
  </decision>
</definitions>)"});
    EXPECT_EQ(evaluated(program, "d", Value::context({{"n", 3}})), Value::list({1, 4, 9}));
    EXPECT_EQ(evaluated(program, "d", Value::context({{"n", 0}})), Value(true));
}

// ---- tables

Program table_of(const std::string& attributes, const std::vector<std::string>& outputs,
                 const Rows& rows, const std::string& before = "") {
    return loaded(
        {model(before + input("n") +
               decision("d", requires_input("n") + table(attributes, {"n"}, outputs, rows)))});
}

const std::vector<std::string> kTwoOutputs = {
    "<output name=\"a\"><outputValues><text>\"x\",\"y\"</text></outputValues></output>",
    "<output name=\"b\"><outputValues><text>2, 1</text></outputValues></output>"};
const Rows kTwo = {{{"> 0"}, {"\"y\"", "2"}}, {{"> 1"}, {"\"x\"", "1"}}, {{"> 2"}, {"\"x\"", "2"}}};

Value two(const char* a, int b) {
    return Value::context({{"a", a}, {"b", b}});
}

TEST(HitPolicy, several_outputs) {
    const auto n = Value::context({{"n", 5}});
    const auto of = [&](const std::string& attributes) {
        return evaluated(table_of(attributes, kTwoOutputs, kTwo), "d", n);
    };
    EXPECT_EQ(of("hitPolicy=\"FIRST\""), two("y", 2));
    EXPECT_EQ(of("hitPolicy=\"PRIORITY\""), two("x", 2));
    EXPECT_EQ(of("hitPolicy=\"OUTPUT ORDER\""),
              Value::list({two("x", 2), two("x", 1), two("y", 2)}));
    EXPECT_EQ(of("hitPolicy=\"RULE ORDER\""), Value::list({two("y", 2), two("x", 1), two("x", 2)}));
    EXPECT_EQ(of("hitPolicy=\"COLLECT\""), Value::list({two("y", 2), two("x", 1), two("x", 2)}));
    EXPECT_EQ(of("hitPolicy=\"COLLECT\" aggregation=\"COUNT\""), Value(3));
    EXPECT_EQ(of("hitPolicy=\"COLLECT\" aggregation=\"SUM\""), Value());
    EXPECT_EQ(of("hitPolicy=\"ANY\""), Value());
    EXPECT_EQ(of("hitPolicy=\"UNIQUE\""), Value());
}

TEST(HitPolicy, aggregators_work_on_what_compares_or_adds) {
    const Rows durations = {{{"> 0"}, {"@\"P2D\""}}, {{"> 0"}, {"@\"PT5H\""}}};
    const auto of = [&](const char* aggregation, const Rows& rows) {
        return evaluated(
            table_of(std::string("hitPolicy=\"COLLECT\" aggregation=\"") + aggregation + "\"",
                     {"<output/>"}, rows),
            "d", Value::context({{"n", 5}}));
    };
    EXPECT_EQ(of("SUM", durations).to_feel(), "@\"P2DT5H\"");
    EXPECT_EQ(of("MIN", durations).to_feel(), "@\"PT5H\"");
    EXPECT_EQ(of("MAX", durations).to_feel(), "@\"P2D\"");
    const Rows mixed = {{{"> 0"}, {"1"}}, {{"> 0"}, {"\"a\""}}};
    EXPECT_EQ(of("SUM", mixed), Value());
    EXPECT_EQ(of("MAX", mixed), Value());
    EXPECT_EQ(of("COUNT", mixed), Value(2));
}

TEST(HitPolicy, defaults_stand_in_where_no_rule_matches) {
    const std::vector<std::string> output = {
        "<output><defaultOutputEntry><text>n * 100</text></defaultOutputEntry></output>"};
    for (const auto* policy : {"UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "COLLECT"}) {
        const auto program =
            table_of(std::string("hitPolicy=\"") + policy + "\"", output, {{{"> 0"}, {"n"}}});
        EXPECT_EQ(evaluated(program, "d", Value::context({{"n", -2}})), Value(-200)) << policy;
    }
}

TEST(HitPolicy, the_type_of_an_output_orders_it) {
    const std::string types =
        "<itemDefinition name=\"tAll\"><typeRef>string</typeRef><allowedValues>"
        "<text>\"low\", \"mid\", \"high\"</text></allowedValues></itemDefinition>"
        "<itemDefinition name=\"tFew\"><typeRef>tAll</typeRef><typeConstraint>"
        "<text>\"high\", \"low\"</text></typeConstraint></itemDefinition>"
        "<itemDefinition name=\"tOwn\"><typeRef>tAll</typeRef><allowedValues>"
        "<text>\"high\", \"low\"</text></allowedValues></itemDefinition>";
    const Rows rows = {{{"> 0"}, {"\"low\""}}, {{"> 1"}, {"\"high\""}}};
    const auto of = [&](const std::string& type) {
        const auto program =
            table_of("hitPolicy=\"PRIORITY\"", {"<output typeRef=\"" + type + "\"/>"}, rows, types);
        return evaluated(program, "d", Value::context({{"n", 5}}));
    };
    EXPECT_EQ(of("tAll"), Value("low"));
    EXPECT_EQ(of("tFew"), Value("high"));
    EXPECT_EQ(of("tOwn"), Value("high"));
}

// ---- types

TEST(Types, constraints_hold_for_items_members_and_whole_lists) {
    const std::string types =
        "<itemDefinition name=\"tAge\"><typeRef>number</typeRef><typeConstraint>"
        "<text>[0..150]</text></typeConstraint></itemDefinition>"
        "<itemDefinition name=\"tAges\" isCollection=\"true\"><typeRef>tAge</typeRef>"
        "<typeConstraint><text>count(?) &lt;= 2</text></typeConstraint></itemDefinition>"
        "<itemDefinition name=\"tPerson\"><itemComponent name=\"age\"><typeRef>tAge</typeRef>"
        "</itemComponent></itemDefinition>";
    const auto program = loaded({model(
        types + decision("good", literal("150"), "tAge") + decision("bad", literal("151"), "tAge") +
        decision("list", literal("[1, 2]"), "tAges") + decision("one", literal("7"), "tAges") +
        decision("long", literal("[1, 2, 3]"), "tAges") +
        decision("item", literal("[1, -2]"), "tAges") +
        decision("person", literal("{age: 3, name: \"A\"}"), "tPerson") +
        decision("old", literal("{age: 300}"), "tPerson"))});
    EXPECT_EQ(evaluated(program, "good"), Value(150));
    EXPECT_EQ(evaluated(program, "bad"), Value());
    EXPECT_EQ(evaluated(program, "list"), Value::list({1, 2}));
    EXPECT_EQ(evaluated(program, "one"), Value::list({7}));
    EXPECT_EQ(evaluated(program, "long"), Value());
    EXPECT_EQ(evaluated(program, "item"), Value());
    EXPECT_EQ(evaluated(program, "person").get("age"), Value(3));
    EXPECT_EQ(evaluated(program, "old"), Value());
}

// ---- imports

TEST(Imports, reach_over_several_files) {
    const std::string type = "https://www.omg.org/spec/DMN/20230324/MODEL/";
    const auto import = [&](const std::string& name, const std::string& name_space) {
        return "<import name=\"" + name + "\" namespace=\"" + name_space + "\" importType=\"" +
               type + "\"/>";
    };
    const auto types = model(
        "<itemDefinition name=\"tAmount\"><typeRef>number</typeRef><allowedValues>"
        "<text>&gt;= 0</text></allowedValues></itemDefinition>",
        "urn:types");
    const auto rates =
        model(import("types", "urn:types") + input("income", "types.tAmount") +
                  decision("rate", requires_input("income") +
                                       literal("if income > 100 then 0.2 else 0.1")) +
                  "<businessKnowledgeModel id=\"half\" name=\"half\"><variable name=\"half\"/>"
                  "<encapsulatedLogic><formalParameter name=\"v\" typeRef=\"number\"/>"
                  "<literalExpression><text>v / 2</text></literalExpression></encapsulatedLogic>"
                  "</businessKnowledgeModel>",
              "urn:rates");
    const auto main =
        model(import("types", "urn:types") + import("rates", "urn:rates") +
                  decision("tax",
                           "<informationRequirement><requiredInput href=\"urn:rates#income\"/>"
                           "</informationRequirement><informationRequirement>"
                           "<requiredDecision href=\"urn:rates#rate\"/></informationRequirement>"
                           "<knowledgeRequirement><requiredKnowledge href=\"urn:rates#half\"/>"
                           "</knowledgeRequirement>" +
                               literal("rates.half(rates.income * rates.rate)"),
                           "types.tAmount"),
              "urn:main");
    const auto program = loaded({main, rates, types});
    EXPECT_EQ(evaluated(program, "tax", Value::context({{"income", 200}})), Value(20));
    const auto outcome = program.evaluate("tax", Value::context({{"income", -1}}));
    EXPECT_EQ(outcome->value, Value());
    ASSERT_FALSE(outcome->diagnostics.empty());
    EXPECT_THAT(outcome->diagnostics.front().reason, HasSubstr("not among the allowed values"));
}

// ---- diagnostics and randomness

TEST(Outcome, tells_errors_from_notes) {
    const auto program = loaded(
        {model(input("n") +
               decision("note", requires_input("n") + literal("if n > 1 then 1 else [1][2]")) +
               decision("error", requires_input("n") + literal("n + 1")))});
    using Severity = feel::Diagnostic::Severity;
    const auto input = Value::context({{"n", Value()}});
    const auto note = program.evaluate("note", input);
    ASSERT_EQ(note->diagnostics.size(), 2U);
    EXPECT_EQ(note->diagnostics[0].reason, "cannot compare null with number");
    EXPECT_EQ(note->diagnostics[0].severity, Severity::note);
    EXPECT_EQ(note->diagnostics[1].severity, Severity::note);
    const auto error = program.evaluate("error", input);
    ASSERT_EQ(error->diagnostics.size(), 1U);
    EXPECT_EQ(error->diagnostics[0].severity, Severity::error);
}

TEST(Outcome, randomness_is_an_option) {
    const auto program = loaded({model(decision("id", literal("uuid()")))});
    EXPECT_EQ(evaluated(program, "id"), Value());
    SeededRandom random(1);
    EvaluationOptions options;
    options.random = &random;
    const auto first = program.evaluate("id", Value(), options)->value;
    EXPECT_EQ(first.as_string().size(), 36U);
    EXPECT_NE(first, program.evaluate("id", Value(), options)->value);
}

}  // namespace
}  // namespace schwarm::dmn
