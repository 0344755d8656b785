// Camunda's functions beyond DMN.
#include <gtest/gtest.h>

#include <set>

#include "feel_helpers.hpp"

namespace schwarm::feel {
namespace {

std::string run_with(std::string_view text, Random* random, Diagnostics* diagnostics = nullptr) {
    const auto expression = compile_expression(text);
    if (!expression) return "error: " + expression.error().text();
    Evaluation evaluation(diagnostics);
    evaluation.set_random(random);
    return evaluate(*expression, ContextEnvironment(Value()), evaluation).to_feel();
}

TEST(Camunda, AnyValue) {
    const Row rows[] = {
        {"is defined(1)", "true"},
        {"is defined(null)", "false"},
        {"is defined(value: [])", "true"},
        {"is defined({a: 1}.b)", "false"},
        {"get or else(\"this\", \"default\")", "\"this\""},
        {"get or else(null, \"default\")", "\"default\""},
        {"get or else(value: null, default: null)", "null"},
        {"assert (4, 4 >= 0)", "4"},
        {"assert (4, 4 < 0)", "null"},
        {"assert (value: 4, condition: null, cause: \"no\")", "null"},
        {"fromAi(\"A\", \"what it is\", \"string\")", "\"A\""},
        {"fromAi(value: 5, type: \"number\")", "5"},
    };
    expect_all(rows);
}

TEST(Camunda, AskingForWhatIsMissingIsNoError) {
    NameScope open;
    open.set_open();
    for (const auto* text : {"is defined(x)", "is defined(x.y)", "is defined({a: 1}.b.c)",
                             "get or else(x.y, 3) != 3", "get or else(value: x, default: false)"}) {
        const auto expression = compile_expression(text, open);
        ASSERT_TRUE(expression) << text << expression.error().text();
        Diagnostics diagnostics;
        EXPECT_EQ(evaluate(*expression, Value(), &diagnostics).to_feel(), "false") << text;
        EXPECT_FALSE(diagnostics.has_errors()) << text << ": " << diagnostics.text();
    }
    Diagnostics diagnostics;
    const auto expression = compile_expression("is defined(x) or x > 1", open);
    ASSERT_TRUE(expression);
    EXPECT_TRUE(evaluate(*expression, Value(), &diagnostics).is_null());
    EXPECT_TRUE(diagnostics.has_errors());
}

TEST(Diagnostics, NotesDoNotCrowdOutErrors) {
    Diagnostics diagnostics;
    const auto expression = compile_expression("[(for i in 1..500 return {x: i})[y > 1], 1 / 0]");
    ASSERT_TRUE(expression) << expression.error().text();
    static_cast<void>(evaluate(*expression, Value(), &diagnostics));
    EXPECT_EQ(diagnostics.items().size(), Diagnostics::kMax);
    EXPECT_EQ(diagnostics.dropped(), 401U);
    EXPECT_EQ(diagnostics.items().back().reason, "division by zero");
    EXPECT_TRUE(diagnostics.has_errors());
}

TEST(Camunda, AssertGivesItsCause) {
    Diagnostics diagnostics;
    EXPECT_EQ(run_with("assert (-1, -1 > 0, \"must be positive\")", nullptr, &diagnostics), "null");
    ASSERT_EQ(diagnostics.items().size(), 1U);
    EXPECT_EQ(diagnostics.items()[0].reason, "must be positive");
}

TEST(Camunda, Strings) {
    const Row rows[] = {
        {"trim(\"  hello   world \")", "\"hello   world\""},
        {"trim(\"\\u00a0\\t\\u3000\")", "\"\""},
        {"trim(string: \"ä \")", "\"ä\""},
        {"trim(1)", "null"},
        {"is blank(\"\")", "true"},
        {"is blank(\" \\t\\u2003\")", "true"},
        {"is blank(string: \"hello world\")", "false"},
        {"extract(\"references are 1234, 1256, 1378\", \"12[0-9]*\")", R"(["1234", "1256"])"},
        {"extract(string: \"abc\", pattern: \"x\")", "[]"},
        {"extract(input: \"äb\", pattern: \".\")", R"(["ä", "b"])"},
        {"extract(\"äb\", \"x*\")", R"(["", "", ""])"},
        {"extract(\"a\", \"(\")", "null"},
        {"to base64(\"FEEL\")", "\"RkVFTA==\""},
        {"to base64(value: \"\")", "\"\""},
        {"to base64(\"ä\")", "\"w6Q=\""},
        {"from base64(\"RkVFTA==\")", "\"FEEL\""},
        {"from base64(value: \"RkVFTA\")", "\"FEEL\""},
        {"from base64(\"w6Q=\")", "\"ä\""},
        {"from base64(\"//8=\")", "null"},
        {"from base64(\"R\")", "null"},
        {"from base64(\"R===\")", "null"},
        {"from base64(\"Rk V\")", "null"},
        {"from base64(\"RkVFTB==\")", "null"},
        {"string join([\"a\", \"b\"], \", \", \"[\", \"]\")", "\"[a, b]\""},
        {"string join(list: [\"a\"], delimiter: null, prefix: \"<\", suffix: \">\")", "\"<a>\""},
        {"string join([\"a\"], \"X\", \"foo\")", "null"},
    };
    expect_all(rows);
}

TEST(Camunda, Json) {
    const Row rows[] = {
        {R"(from json("{\"a\": 1, \"b\": [true, null]}"))", "{a: 1, b: [true, null]}"},
        {R"(from json(value: "true"))", "true"},
        {R"(from json(json: "\"2023-06-14\""))", "\"2023-06-14\""},
        {"from json(\"1E400\") = 1e400", "true"},
        {"from json(\"1E6145\")", "null"},
        {"from json(\"{\")", "null"},
        {"from json(null)", "null"},
        {"to json({a: 1, b: [\"x\", null]})", R"("{\"a\":1,\"b\":[\"x\",null]}")"},
        {"to json(value: true)", "\"true\""},
        {"to json(@\"2023-06-14\")", R"("\"2023-06-14\"")"},
        {"to json(@\"P3Y\")", R"("\"P3Y\"")"},
        {"from json(to json({a: [1.5, \"ä\"]})) = {a: [1.5, \"ä\"]}", "true"},
    };
    expect_all(rows);
}

TEST(Camunda, ListsAndContexts) {
    const Row rows[] = {
        {"partition([1, 2, 3, 4, 5], 2)", "[[1, 2], [3, 4], [5]]"},
        {"partition(list: [], size: 2)", "[]"},
        {"partition([1], 1e30)", "null"},
        {"partition([1], 9223372036854775807)", "[[1]]"},
        {"partition([1, 2], 0)", "null"},
        {"duplicate values([1, 2, 3, 2, 1])", "[1, 2]"},
        {"duplicate values(list: [1, null, 2, null, 2])", "[null, 2]"},
        {"duplicate values([{a: 1}, {a: 2}, {a: 1}])", "[{a: 1}]"},
        {"is empty([])", "true"},
        {"is empty(list: [null])", "false"},
        {"is empty(null)", "null"},
        {"and([true, false])", "false"},
        {"and(false, null, true)", "false"},
        {"or([false, true]) and and(list: [true])", "true"},
        {"put({x: 1}, \"y\", 2)", "{x: 1, y: 2}"},
        {"put(context: {x: 1}, key: \"x\", value: 2)", "{x: 2}"},
        {"put all([{x: 1}, {y: 2}])", "{x: 1, y: 2}"},
        {"put all({x: 1}, {x: 3})", "{x: 3}"},
        {"get value({y: {z: 0}}, [\"y\", \"z\"])", "0"},
        {"get value(context: {foo: 123}, key: \"foo\")", "123"},
        {"get value(context: {a: {b: 3}}, keys: [\"b\"])", "null"},
        {"get value({a: 1}, [])", "null"},
        {"get entries(context: {a: 1})", "[{key: \"a\", value: 1}]"},
        {"context put({x: 1}, [], 2)", "null"},
    };
    expect_all(rows);
}

TEST(Camunda, NumbersAndDates) {
    const Row rows[] = {
        {"decimal(2.5, 0, \"half_up\")", "3"},
        {"decimal(n: -1.21, scale: 1, mode: \"CEILING\")", "-1.2"},
        {"decimal(2.5, 0, \"sideways\")", "null"},
        {"number(\"1,500\", \",\")", "1500"},
        {"last day of month(date(\"2024-02-01\"))", "@\"2024-02-29\""},
        {"last day of month(date: date and time(\"2022-10-16T12:00:00\"))", "@\"2022-10-31\""},
        {"last day of month(\"2022-10\")", "null"},
        {"date and time(@\"2020-07-31T14:27:30@Europe/Berlin\", \"America/Los_Angeles\")",
         "@\"2020-07-31T05:27:30@America/Los_Angeles\""},
        {"date and time(date: @\"2020-07-31T14:27:30+02:00\", timezone: \"Z\")",
         "@\"2020-07-31T12:27:30Z\""},
    };
    expect_all(rows);
}

TEST(Camunda, RandomnessIsAParameter) {
    Diagnostics diagnostics;
    EXPECT_EQ(run_with("uuid()", nullptr, &diagnostics), "null");
    EXPECT_EQ(run_with("random number()", nullptr, &diagnostics), "null");
    ASSERT_EQ(diagnostics.items().size(), 2U);
    EXPECT_EQ(diagnostics.items()[0].reason, "there is no source of randomness here");

    SeededRandom random(7);
    std::set<std::string> ids;
    for (int i = 0; i < 100; ++i) ids.insert(run_with("uuid()", &random));
    EXPECT_EQ(ids.size(), 100U);
    EXPECT_EQ(run_with("matches(uuid(), "
                       "\"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$\")",
                       &random),
              "true");
    EXPECT_EQ(run_with("every x in for i in 1..200 return random number() "
                       "satisfies x >= 0 and x < 1",
                       &random),
              "true");
    EXPECT_EQ(run_with("count(distinct values(for i in 1..200 return random number()))", &random),
              "200");
    SeededRandom again(7);
    SeededRandom same(7);
    EXPECT_EQ(run_with("random number()", &again), run_with("random number()", &same));
}

TEST(Camunda, NamesOfVariablesComeFirstWhereNamesAreOpen) {
    NameScope open;
    open.set_open();
    const auto expression = compile_expression("partition = 3 and is empty([])", open);
    ASSERT_TRUE(expression) << expression.error().text();
    EXPECT_EQ(evaluate(*expression, Value::context({{"partition", Value(3)}})).to_feel(), "true");
    const auto value = compile_expression("(function(f) f(\" a \"))(trim)");
    ASSERT_TRUE(value) << value.error().text();
    EXPECT_EQ(evaluate(*value).to_feel(), "\"a\"");
}

}  // namespace
}  // namespace schwarm::feel
