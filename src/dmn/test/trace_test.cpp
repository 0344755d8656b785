#include "schwarm/dmn/trace.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "model_text.hpp"

namespace schwarm::dmn {
namespace {

using feel::Value;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Outcome traced(const Program& program, std::string_view name, const Value& input = Value(),
               std::size_t max = 1000) {
    EvaluationOptions options;
    options.trace = true;
    options.trace_max = max;
    auto outcome = program.evaluate(name, input, options);
    if (!outcome) throw std::runtime_error(outcome.error().text());
    return std::move(*outcome);
}

std::string knowledge(std::string_view id, std::string_view parameter, std::string_view logic) {
    return "<businessKnowledgeModel id=\"" + std::string(id) + "\" name=\"" + std::string(id) +
           "\"><encapsulatedLogic><formalParameter name=\"" + std::string(parameter) + "\"/>" +
           std::string(logic) + "</encapsulatedLogic></businessKnowledgeModel>\n";
}

std::string requires_knowledge(std::string_view id) {
    return "<knowledgeRequirement><requiredKnowledge href=\"#" + std::string(id) +
           "\"/></knowledgeRequirement>";
}

TEST(Trace, calls_stand_within_the_step_with_their_arguments_and_tables) {
    const auto program =
        loaded({model(input("n") +
                      knowledge("Stufe", "x",
                                table("id=\"T\"", {"x"}, {"<output label=\"s\"/>"},
                                      {{{"< 5"}, {"1"}}, {{">= 5"}, {"2"}}})) +
                      decision("d", requires_input("n") + requires_knowledge("Stufe") +
                                        literal("Stufe(n) + Stufe(n + 10)")))});
    const auto outcome = traced(program, "d", Value::context({{"n", 1}}));
    ASSERT_THAT(outcome.trace, SizeIs(1));
    const auto& step = outcome.trace[0];
    EXPECT_EQ(step.kind, StepKind::decision);
    EXPECT_EQ(step.result, Value(3));
    EXPECT_THAT(step.tables, IsEmpty());
    ASSERT_THAT(step.calls, SizeIs(2));
    const auto& call = step.calls[1];
    EXPECT_EQ(call.kind, StepKind::knowledge_model);
    EXPECT_EQ(call.name, "Stufe");
    EXPECT_EQ(call.inputs, Value::context({{"x", 11}}));
    EXPECT_EQ(call.result, Value(2));
    ASSERT_THAT(call.tables, SizeIs(1));
    EXPECT_EQ(call.tables[0].key, "T");
    EXPECT_EQ(call.tables[0].inputs[0].value, Value(11));
    ASSERT_THAT(call.tables[0].rules, SizeIs(1));
    EXPECT_EQ(call.tables[0].rules[0].number, 2U);
}

TEST(Trace, a_decision_service_holds_its_decisions) {
    const auto program = loaded({model(
        input("n") + decision("inner", requires_input("n") + literal("n * 2")) +
        decision("outer", requires_decision("inner") + literal("inner + 1")) +
        "<decisionService id=\"s\" name=\"s\"><outputDecision href=\"#outer\"/>"
        "<encapsulatedDecision href=\"#inner\"/><inputData href=\"#n\"/></decisionService>")});
    const auto outcome = traced(program, "s", Value::context({{"n", 5}}));
    ASSERT_THAT(outcome.trace, SizeIs(1));
    EXPECT_EQ(outcome.trace[0].kind, StepKind::decision_service);
    EXPECT_EQ(outcome.trace[0].inputs, Value::context({{"n", 5}}));
    ASSERT_THAT(outcome.trace[0].calls, SizeIs(2));
    EXPECT_EQ(outcome.trace[0].calls[0].name, "inner");
    EXPECT_EQ(outcome.trace[0].calls[1].result, Value(11));
}

TEST(Trace, shows_context_entries_that_the_result_hides) {
    const auto program =
        loaded({model(decision("d", "<context><contextEntry><variable name=\"a\"/>" + literal("6") +
                                        "</contextEntry><contextEntry>" + literal("a * 7") +
                                        "</contextEntry></context>"))});
    const auto outcome = traced(program, "d");
    ASSERT_THAT(outcome.trace.at(0).entries, SizeIs(1));
    EXPECT_EQ(outcome.trace[0].entries[0].first, "a");
    EXPECT_EQ(outcome.trace[0].entries[0].second, Value(6));
}

TEST(Trace, a_null_names_expression_file_line_rule_and_column) {
    const auto program = loaded({model(
        input("n") +
        decision("d", requires_input("n") + "\n" +
                          "<decisionTable id=\"T\" hitPolicy=\"FIRST\">"
                          "<input label=\"Zahl\"><inputExpression><text>n</text></inputExpression>"
                          "</input><output name=\"x\"/>\n"
                          "<rule id=\"R1\"><inputEntry><text>? &lt; \"a\"</text></inputEntry>"
                          "<outputEntry><text>1</text></outputEntry></rule>\n"
                          "<rule id=\"R2\"><inputEntry><text>-</text></inputEntry>\n"
                          "<outputEntry><text>2 +\n number(\"zwei\")</text></outputEntry></rule>"
                          "</decisionTable>"))});
    const auto outcome = traced(program, "d", Value::context({{"n", 7}}));
    EXPECT_EQ(outcome.value, Value());
    ASSERT_THAT(outcome.trace, SizeIs(1));
    const auto& nulls = outcome.trace[0].nulls;
    EXPECT_EQ(nulls.size(), outcome.diagnostics.size());
    const auto of_rule = [&](std::uint32_t rule) {
        const auto found = std::find_if(nulls.begin(), nulls.end(), [&](const TracedNull& null) {
            return null.place.rule == rule;
        });
        return found != nulls.end() ? *found : TracedNull{"none", 0, 0, {}};
    };
    const auto input = of_rule(1);
    EXPECT_EQ(input.place.part, Place::Part::input_entry);
    EXPECT_EQ(input.place.column, "Zahl");
    EXPECT_EQ(input.place.line, 5U);
    const auto output = of_rule(2);
    EXPECT_EQ(output.place.file, "f0.dmn");
    EXPECT_EQ(output.place.element, "T");
    EXPECT_EQ(output.place.rule, 2U);
    EXPECT_EQ(output.place.number, 1U);
    EXPECT_EQ(output.place.line, 7U);
    EXPECT_EQ(output.place.part, Place::Part::output_entry);
    EXPECT_EQ(output.line, 2U);
    EXPECT_EQ(to_string(output.place), "f0.dmn:7 T rule 2 output 1 (x)");
}

TEST(Trace, a_null_belongs_to_the_call_it_arose_in) {
    const auto program = loaded({model(
        knowledge("f", "x", literal("x.fehlt + 1")) +
        decision("d", requires_knowledge("f") + literal("[number(\"a\"), f(1), number(\"b\")]")))});
    const auto outcome = traced(program, "d");
    ASSERT_THAT(outcome.trace, SizeIs(1));
    ASSERT_THAT(outcome.trace[0].calls, SizeIs(1));
    EXPECT_THAT(outcome.trace[0].nulls, SizeIs(2));
    EXPECT_FALSE(outcome.trace[0].calls[0].nulls.empty());
    EXPECT_EQ(outcome.trace[0].nulls.size() + outcome.trace[0].calls[0].nulls.size(),
              outcome.diagnostics.size());
}

TEST(Trace, what_a_table_itself_says_has_no_position_in_an_expression) {
    const auto program = loaded({model(
        input("n") + decision("d", requires_input("n") + table("id=\"T\"", {"n"}, {"<output/>"},
                                                               {{{"n.fehlt > 1"}, {"1"}}})))});
    const auto outcome = traced(program, "d", Value::context({{"n", 1}}));
    const auto& nulls = outcome.trace.at(0).nulls;
    ASSERT_GE(nulls.size(), 2U);
    EXPECT_GT(nulls.front().column, 0U);
    EXPECT_THAT(nulls.back().reason, HasSubstr("no rule of the table matches"));
    EXPECT_EQ(nulls.back().line, 0U);
    EXPECT_EQ(to_string(nulls.back().place), "f0.dmn:3 T");
}

TEST(Trace, missing_input_is_named_outside_the_steps) {
    const auto program =
        loaded({model(input("n") + decision("d", requires_input("n") + literal("n = null")))});
    const auto outcome = traced(program, "d", Value::context({}));
    ASSERT_THAT(outcome.trace_nulls, SizeIs(1));
    EXPECT_THAT(outcome.trace_nulls[0].reason, HasSubstr("no value for 'n'"));
}

TEST(Trace, rules_only_puts_tables_into_the_decision) {
    const auto program =
        loaded({model(input("n") +
                      knowledge("Stufe", "x",
                                table("id=\"T\"", {"x"}, {"<output label=\"s\"/>"},
                                      {{{"< 5"}, {"number(\"a\")"}}})) +
                      decision("d", requires_input("n") + requires_knowledge("Stufe") +
                                        literal("[Stufe(n), Stufe(n + 10)]")))});
    EvaluationOptions options;
    options.trace = true;
    options.trace_rules_only = true;
    const auto outcome = program.evaluate("d", Value::context({{"n", 1}}), options);
    ASSERT_THAT(outcome->trace, SizeIs(1));
    const auto& step = outcome->trace[0];
    EXPECT_EQ(step.inputs, Value());
    EXPECT_THAT(step.calls, IsEmpty());
    ASSERT_THAT(step.tables, SizeIs(1));
    EXPECT_EQ(step.tables[0].inputs[0].value, Value(1));
    EXPECT_EQ(step.nulls.size(), outcome->diagnostics.size());
    EXPECT_EQ(step.nulls[0].place.rule, 1U);
}

TEST(Trace, is_bounded_and_says_so) {
    const auto program = loaded(
        {model(knowledge("f", "x", literal("x + 1")) +
               decision("d", requires_knowledge("f") + literal("for i in 1..100 return f(i)")))});
    const auto outcome = traced(program, "d", Value(), 10);
    ASSERT_THAT(outcome.trace, SizeIs(1));
    EXPECT_THAT(outcome.trace[0].calls, SizeIs(9));
    EXPECT_EQ(outcome.trace_dropped, 91U);
    EXPECT_EQ(outcome.value.as_list().size(), 100U);
}

TEST(Trace, costs_nothing_and_says_nothing_unless_asked) {
    const auto program = loaded({model(decision("d", literal("number(\"a\")")))});
    const auto outcome = program.evaluate("d", Value());
    EXPECT_THAT(outcome->trace, IsEmpty());
    EXPECT_THAT(outcome->trace_nulls, IsEmpty());
    EXPECT_THAT(outcome->diagnostics, SizeIs(1));
}

TEST(Trace, tables_can_be_read_by_their_key) {
    const auto two = [](const char* name_space) {
        return model(decision("d", table("id=\"T\"", {"1"}, {"<output/>"}, {{{"1"}, {"2"}}})),
                     name_space);
    };
    const auto program = loaded({two("urn:a"), two("urn:b")});
    ASSERT_TRUE(program.table("T"));
    ASSERT_TRUE(program.table("f1.dmn#T"));
    EXPECT_EQ(program.table("T")->table, "d");
    EXPECT_EQ(program.table("T")->rules, 1U);
    EXPECT_EQ(program.rule("T", 1)->id, "r1");
    EXPECT_EQ(program.rule("T", 2).error().code, ErrorCode::not_found);
    EXPECT_EQ(program.rule("T", 0).error().code, ErrorCode::not_found);
    EXPECT_EQ(program.table("U").error().code, ErrorCode::not_found);
}

TEST(Trace, the_fingerprint_tells_sets_apart) {
    const auto one = loaded({model(decision("d", literal("1")))});
    const auto same = loaded({model(decision("d", literal("1")))});
    const auto other = loaded({model(decision("d", literal("2")))});
    EXPECT_EQ(one.fingerprint().size(), 64U);
    EXPECT_EQ(one.fingerprint(), same.fingerprint());
    EXPECT_NE(one.fingerprint(), other.fingerprint());
}

}  // namespace
}  // namespace schwarm::dmn
