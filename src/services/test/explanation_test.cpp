#include "schwarm/services/explanation.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

#include "schwarm/dmn/program.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::services {
namespace {

using feel::Value;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kModel = R"(<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">
<inputData id="n" name="n"><variable name="n" typeRef="Any"/></inputData>
<decision id="Stufe" name="Stufe"><variable name="Stufe" typeRef="Any"/>
<informationRequirement><requiredInput href="#n"/></informationRequirement>
<decisionTable id="T" hitPolicy="FIRST"><input label="Zahl"><inputExpression><text>n</text>
</inputExpression></input><output name="stufe"/><output name="text"/><annotation name="Fundstelle"/>
<rule><inputEntry><text>&lt; 5</text></inputEntry><outputEntry><text>1</text></outputEntry>
<outputEntry><text>"klein"</text></outputEntry>
<annotationEntry><text>§ 1 WoGG</text></annotationEntry></rule>
<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>2</text></outputEntry>
<outputEntry><text>number("x")</text></outputEntry></rule></decisionTable></decision>
<decision id="Alle" name="Alle"><variable name="Alle" typeRef="Any"/>
<informationRequirement><requiredInput href="#n"/></informationRequirement>
<decisionTable id="C" hitPolicy="COLLECT"><input label="Zahl"><inputExpression><text>n</text>
</inputExpression></input><output name="a"/><output name="b"/>
<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry>
<outputEntry><text>2</text></outputEntry></rule>
<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>3</text></outputEntry>
<outputEntry><text>4</text></outputEntry></rule></decisionTable></decision>
<businessKnowledgeModel id="f" name="f"><encapsulatedLogic><formalParameter name="x"/>
<decisionTable id="F" hitPolicy="FIRST"><input><inputExpression><text>x</text></inputExpression>
</input><output label="y"/><rule><inputEntry><text>-</text></inputEntry>
<outputEntry><text>x</text></outputEntry></rule></decisionTable></encapsulatedLogic>
</businessKnowledgeModel>
<decision id="Viele" name="Viele"><variable name="Viele" typeRef="Any"/>
<informationRequirement><requiredInput href="#n"/></informationRequirement>
<knowledgeRequirement><requiredKnowledge href="#f"/></knowledgeRequirement>
<literalExpression><text>count(for i in 1..n return f(i))</text></literalExpression></decision>
<decision id="Doppelt" name="Doppelt"><variable name="Doppelt" typeRef="Any"/>
<informationRequirement><requiredInput href="#n"/></informationRequirement>
<literalExpression><text>n * 2</text></literalExpression></decision>
<decision id="Ergebnis" name="Ergebnis"><variable name="Ergebnis" typeRef="Any"/>
<informationRequirement><requiredDecision href="#Doppelt"/></informationRequirement>
<informationRequirement><requiredDecision href="#Stufe"/></informationRequirement>
<literalExpression><text>Stufe.stufe * 10</text></literalExpression></decision>
</definitions>)";

const dmn::Program& program() {
    static const auto loaded = [] {
        auto made = dmn::Program::load({"m.dmn", std::string(kModel)});
        if (!made) throw std::runtime_error(made.error().text());
        return std::move(*made);
    }();
    return loaded;
}

dmn::Outcome traced(std::string_view decision, const Value& n) {
    dmn::EvaluationOptions options;
    options.trace = true;
    options.trace_rules_only = true;
    return *program().evaluate(decision, Value::context({{"n", n}}), options);
}

// As the history keeps it.
Explanation kept(const dmn::Outcome& outcome, const ExplanationLimits& limits = {}) {
    const auto packed = pack_explanation(outcome, limits);
    return explain(program(), *feel::decode(feel::encode(packed)));
}

TEST(Explanation, survives_the_history_and_gets_its_texts_back) {
    const auto found = kept(traced("Ergebnis", 3));
    ASSERT_THAT(found.tables, SizeIs(1));
    EXPECT_EQ(found.tables[0].name, "Stufe");
    EXPECT_EQ(found.tables[0].rules, std::vector<std::size_t>{1});
    EXPECT_EQ(found.tables[0].inputs, (Pairs{{"Zahl", "3"}}));
    EXPECT_EQ(found.tables[0].outputs, (Pairs{{"stufe", "1"}, {"text", "klein"}}));
    EXPECT_EQ(found.tables[0].annotations, std::vector<std::string>{"§ 1 WoGG"});
    EXPECT_EQ(found.steps, (Pairs{{"Doppelt", "6"}, {"Stufe", "{stufe: 1, text: \"klein\"}"}}));
    EXPECT_THAT(found.nulls, IsEmpty());
    EXPECT_EQ(found.left_out, 0U);
}

TEST(Explanation, names_nulls_and_where_they_stand) {
    const auto found = kept(traced("Ergebnis", 7));
    ASSERT_FALSE(found.nulls.empty());
    EXPECT_FALSE(found.nulls[0].reason.empty());
    EXPECT_THAT(found.nulls[0].place, HasSubstr("m.dmn:12 T rule 2 output 2 (text)"));
}

TEST(Explanation, several_rules_of_a_collect_table_give_lists) {
    const auto found = kept(traced("Alle", 1));
    ASSERT_THAT(found.tables, SizeIs(1));
    EXPECT_EQ(found.tables[0].rules, (std::vector<std::size_t>{1, 2}));
    EXPECT_EQ(found.tables[0].outputs, (Pairs{{"a", "1, 3"}, {"b", "2, 4"}}));
}

TEST(Explanation, is_bounded_and_counts_what_it_leaves_out) {
    ExplanationLimits limits;
    const auto many = kept(traced("Viele", 100), limits);
    EXPECT_THAT(many.tables, SizeIs(limits.tables));
    EXPECT_EQ(many.left_out, 100 - limits.tables);
    const std::string large(1000, 'x');
    const auto one = kept(traced("Alle", Value(large)));
    ASSERT_THAT(one.tables, SizeIs(1));
    EXPECT_EQ(one.tables[0].inputs, (Pairs{{"Zahl", "…"}}));
    EXPECT_EQ(one.left_out, 1U);
    limits.total_bytes = 100;
    EXPECT_LT(feel::encode(pack_explanation(traced("Viele", 100), limits)).size(), 400U);
}

TEST(Explanation, equal_evaluations_stand_once) {
    const auto twice = [] {
        auto outcome = traced("Stufe", 3);
        outcome.trace.push_back(outcome.trace.front());
        return outcome;
    }();
    EXPECT_THAT(kept(twice).tables, SizeIs(1));
    EXPECT_THAT(readable_rules(program(), twice).as_list(), SizeIs(1));
}

TEST(Explanation, documents_get_rules_with_a_source) {
    const auto rules = readable_rules(program(), traced("Ergebnis", 3));
    ASSERT_THAT(rules.as_list(), SizeIs(1));
    const auto& rule = rules.as_list()[0];
    EXPECT_EQ(rule.get("regel"), Value("Stufe"));
    EXPECT_EQ(rule.get("nummern"), Value::list({1}));
    EXPECT_EQ(rule.get("fundstelle"), Value("§ 1 WoGG"));
    EXPECT_EQ(rule.get("angaben"), Value::list({"Zahl: 3"}));
    EXPECT_EQ(rule.get("ergebnis"), Value::list({"stufe: 1", "text: klein"}));
    // Rule 2 says nothing about its source.
    EXPECT_THAT(readable_rules(program(), traced("Ergebnis", 7)).as_list(), IsEmpty());
}

TEST(Explanation, reads_whatever_an_event_holds) {
    for (const auto& odd :
         {Value(), Value("rule 1"), Value::list({1}), Value::context({{"rules", 7}}),
          Value::context({{"rules", Value::list({1, Value::list({"no such table"})})}}),
          Value::context({{"rules", Value::list({Value::list({"T", Value::list({0, 99, "x"})})})},
                          {"steps", Value::list({Value(), Value::list({})})},
                          {"nulls", Value::list({Value(), Value::list({1, 2})})},
                          {"left_out", "many"}})}) {
        const auto found = explain(program(), odd);
        EXPECT_LE(found.tables.size(), 1U);
        EXPECT_THAT(found.steps, IsEmpty());
        EXPECT_EQ(found.left_out, 0U);
    }
}

TEST(Explanation, a_failure_names_its_place) {
    const auto outcome = traced("Viele", Value());
    ASSERT_TRUE(outcome.value.is_null());
    EXPECT_THAT(place_of_failure(outcome), HasSubstr("m.dmn:"));
}

}  // namespace
}  // namespace schwarm::services
