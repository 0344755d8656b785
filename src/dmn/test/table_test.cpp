#include <gmock/gmock.h>

#include <fmt/format.h>

#include "model_text.hpp"

namespace schwarm::dmn {
namespace {

using feel::Value;
using testing::HasSubstr;
using Rows = std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>>;

const std::string kOut = "<output/>";
const std::string kPriorities =
    "<output><outputValues><text>\"high\", \"mid\", \"low\"</text></outputValues></output>";

Value decide(const std::string& attributes, const Rows& rows, const Value& n,
             const std::string& output = kOut) {
    const auto program = loaded(
        {model(input("n", "Any") +
               decision("d", requires_input("n") + table(attributes, {"n"}, {output}, rows)))});
    return evaluated(program, "d", Value::context({{"n", n}}));
}

const Rows kOverlapping = {
    {{"> 10"}, {"\"low\""}}, {{"> 5"}, {"\"high\""}}, {{"[6..20]"}, {"\"mid\""}}};

TEST(Table, unique) {
    EXPECT_EQ(decide("", kOverlapping, 5), Value());
    EXPECT_EQ(decide("hitPolicy=\"UNIQUE\"", {{{"<= 5"}, {"1"}}, {{"> 5"}, {"2"}}}, 5), Value(1));
    const auto program = loaded({model(
        input("n") + decision("d", requires_input("n") + table("", {"n"}, {kOut}, kOverlapping)))});
    const auto outcome = program.evaluate("d", Value::context({{"n", 15}}));
    EXPECT_EQ(outcome->value, Value());
    ASSERT_EQ(outcome->diagnostics.size(), 1U);
    EXPECT_THAT(outcome->diagnostics[0].reason, HasSubstr("the rules 1, 2, 3 match together"));
}

TEST(Table, any) {
    EXPECT_EQ(decide("hitPolicy=\"ANY\"", {{{"> 1"}, {"7"}}, {{"> 2"}, {"7"}}}, 3), Value(7));
    EXPECT_EQ(decide("hitPolicy=\"ANY\"", {{{"> 1"}, {"7"}}, {{"> 2"}, {"8"}}}, 3), Value());
}

TEST(Table, first_priority_and_orders) {
    EXPECT_EQ(decide("hitPolicy=\"FIRST\"", kOverlapping, 15), Value("low"));
    EXPECT_EQ(decide("hitPolicy=\"PRIORITY\"", kOverlapping, 15, kPriorities), Value("high"));
    EXPECT_EQ(decide("hitPolicy=\"RULE ORDER\"", kOverlapping, 15),
              Value::list({"low", "high", "mid"}));
    EXPECT_EQ(decide("hitPolicy=\"OUTPUT ORDER\"", kOverlapping, 15, kPriorities),
              Value::list({"high", "mid", "low"}));
}

TEST(Table, collect) {
    const Rows rows = {{{"> 1"}, {"3"}}, {{"> 2"}, {"4"}}, {{"> 3"}, {"3"}}};
    const std::string collect = "hitPolicy=\"COLLECT\"";
    EXPECT_EQ(decide(collect, rows, 5), Value::list({3, 4, 3}));
    EXPECT_EQ(decide(collect + " aggregation=\"SUM\"", rows, 5), Value(10));
    EXPECT_EQ(decide(collect + " aggregation=\"COUNT\"", rows, 5), Value(3));
    EXPECT_EQ(decide(collect + " aggregation=\"MIN\"", rows, 5), Value(3));
    EXPECT_EQ(decide(collect + " aggregation=\"MAX\"", rows, 5), Value(4));
}

TEST(Table, tests_refer_to_the_input_and_to_others) {
    const Rows rows = {{{"? > m and ? < 100", "-"}, {"\"more\""}}, {{"m", "not(0)"}, {"\"same\""}}};
    const auto program =
        loaded({model(input("n") + input("m") +
                      decision("d", requires_input("n") + requires_input("m") +
                                        table("hitPolicy=\"FIRST\"", {"n", "m"}, {kOut}, rows)))});
    EXPECT_EQ(evaluated(program, "d", Value::context({{"n", 5}, {"m", 3}})), Value("more"));
    EXPECT_EQ(evaluated(program, "d", Value::context({{"n", 3}, {"m", 3}})), Value("same"));
    EXPECT_EQ(evaluated(program, "d", Value::context({{"n", 1}, {"m", 3}})), Value());
}

TEST(Table, several_outputs_defaults_and_null) {
    const std::vector<std::string> outputs = {
        "<output name=\"a\"><defaultOutputEntry><text>0</text></defaultOutputEntry></output>",
        "<output name=\"b c\"/>"};
    const auto program = loaded({model(
        input("n") + decision("d", requires_input("n") +
                                       table("", {"n"}, outputs, {{{"1"}, {"10", "n + 1"}}})))});
    EXPECT_EQ(evaluated(program, "d", Value::context({{"n", 1}})),
              Value::context({{"a", 10}, {"b c", 2}}));
    EXPECT_EQ(evaluated(program, "d", Value::context({{"n", 2}})),
              Value::context({{"a", 0}, {"b c", Value()}}));
    EXPECT_EQ(decide("", {{{"null"}, {"1"}}, {{"not(null)"}, {"2"}}}, Value()), Value(1));
}

TEST(Table, refuses_inputs_outside_of_their_values) {
    const auto program = loaded({model(
        input("n", "string") +
        decision("d", requires_input("n") +
                          "<decisionTable><input><inputExpression><text>n</text></inputExpression>"
                          "<inputValues><text>\"a\",\"b\"</text></inputValues></input><output/>"
                          "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text>"
                          "</outputEntry></rule></decisionTable>"))});
    EXPECT_EQ(evaluated(program, "d", Value::context({{"n", "a"}})), Value(1));
    EXPECT_EQ(evaluated(program, "d", Value::context({{"n", "c"}})), Value());
}

TEST(Table, an_empty_cell_is_any_as_camunda_writes_it) {
    EXPECT_EQ(decide("", {{{""}, {"1"}}}, 5), Value(1));
}

// The index must answer as the scan does.
TEST(Table, index_agrees_with_the_rules) {
    Rows rows;
    for (int i = 0; i < 2000; ++i) {
        rows.push_back(
            {{fmt::format("\"L{}\"", i % 16), i % 7 == 0 ? "-" : fmt::format("{}", i % 5),
              fmt::format("\"N{}\",\"M{}\"", i / 3, i)},
             {fmt::format("{}", i)}});
    }
    const auto program = loaded({model(
        input("land", "string") + input("art") + input("name", "string") +
        decision("d",
                 requires_input("land") + requires_input("art") + requires_input("name") +
                     table("hitPolicy=\"RULE ORDER\"", {"land", "art", "name"}, {kOut}, rows)))});
    const auto ask = [&](const Value& land, const Value& art, const Value& name) {
        return evaluated(program, "d",
                         Value::context({{"land", land}, {"art", art}, {"name", name}}));
    };
    for (int i = 0; i < 2000; i += 13) {
        Value::List expected;
        const int first = i / 3 * 3;
        for (int k = first; k < first + 3 && k < 2000; ++k) {
            if (k % 16 == i % 16 && (k % 7 == 0 || k % 5 == i % 5)) expected.emplace_back(k);
        }
        EXPECT_EQ(ask(fmt::format("L{}", i % 16), i % 5, fmt::format("N{}", i / 3)),
                  expected.empty() ? Value() : Value::list(expected));
        EXPECT_EQ(ask(fmt::format("L{}", i % 16), i % 5, fmt::format("M{}", i)),
                  Value::list({Value(i)}));
    }
    EXPECT_EQ(ask("L0", 0, "nowhere"), Value());
    EXPECT_EQ(ask(Value(), 0, "N0"), Value());
}

TEST(Table, trace_names_the_rules_and_their_annotations) {
    const auto program = loaded({model(
        input("n") +
        decision("d", requires_input("n") +
                          "<decisionTable><input><inputExpression><text>n</text></inputExpression>"
                          "</input><output/><annotation name=\"Grundlage\"/>"
                          "<rule id=\"R1\"><inputEntry><text>&lt; 5</text></inputEntry>"
                          "<outputEntry><text>1</text></outputEntry></rule>"
                          "<rule id=\"R2\"><inputEntry><text>&gt;= 5</text></inputEntry>"
                          "<outputEntry><text>2</text></outputEntry><annotationEntry>"
                          "<text>§ 12 WoGG</text></annotationEntry></rule></decisionTable>"))});
    EvaluationOptions options;
    options.trace = true;
    const auto outcome = program.evaluate("d", Value::context({{"n", 7}}), options);
    ASSERT_EQ(outcome->trace.size(), 1U);
    ASSERT_EQ(outcome->trace[0].tables.size(), 1U);
    const auto& table = outcome->trace[0].tables[0];
    EXPECT_EQ(table.table, "d");
    EXPECT_EQ(table.hit_policy, "UNIQUE");
    ASSERT_EQ(table.inputs.size(), 1U);
    EXPECT_EQ(table.inputs[0].label, "n");
    EXPECT_EQ(table.inputs[0].value, Value(7));
    EXPECT_EQ(table.output, Value(2));
    ASSERT_EQ(table.rules.size(), 1U);
    const auto& rule = table.rules[0];
    EXPECT_EQ(rule.number, 2U);
    EXPECT_EQ(rule.id, "R2");
    ASSERT_EQ(rule.annotations.size(), 1U);
    EXPECT_EQ(rule.annotations[0].first, "Grundlage");
    EXPECT_EQ(rule.annotations[0].second, "§ 12 WoGG");
}

TEST(Table, refuses_rules_of_another_width) {
    EXPECT_THAT(
        refused(model(input("n") + decision("d", table("", {"n"}, {kOut}, {{{"1", "2"}, {"3"}}}))))
            .message,
        HasSubstr("the rule has 2 input and 1 output entries"));
    EXPECT_EQ(refused(model(decision("d", table("hitPolicy=\"BEST\"", {"1"}, {kOut}, {})))).code,
              ErrorCode::unsupported);
}

}  // namespace
}  // namespace schwarm::dmn
