#include "feel_helpers.hpp"

namespace schwarm::feel {
namespace {

TEST(Language, ArithmeticBindsAsTheStandardSays) {
    const Row rows[] = {
        {"1 + 2 * 3", "7"},
        {"(1 + 2) * 3", "9"},
        {"-3 ** 2", "9"},
        {"3 ** 4 ** 5", "3486784401"},
        {"10 ** -5", "0.00001"},
        {"-10--5", "-5"},
        {"10 + 20 / -5 - 3", "3"},
        {"0.1 + 0.2", "0.3"},
        {"1 / 3", "0.3333333333333333333333333333333333"},
        {"1 / 0", "null"},
        {"\"a\" + \"b\"", "\"ab\""},
        {"\"a\" + 1", "null"},
        {"1.2e3", "1200"},
        {"-9 instance of number", "true"},
        {"-.5 instance of number", "true"},
        {"2-1", "1"},
        {"2 - -1", "3"},
        {"--1", "1"},
        {".5", "0.5"},
    };
    expect_all(rows);
}

TEST(Language, LogicHasThreeValues) {
    const Row rows[] = {
        {"false and 123", "false"}, {"true and 123", "null"}, {"true or null", "true"},
        {"false or null", "null"},  {"not(0)", "null"},       {"null = null", "true"},
        {"1 = null", "false"},      {"1 = \"1\"", "null"},    {"[] = 0", "null"},
        {"null < 1", "null"},       {"1 != 2", "true"},       {"if null then 1 else 2", "2"},
    };
    expect_all(rows);
}

TEST(Language, TestsAndRanges) {
    const Row rows[] = {
        {"5 in [1..10]", "true"},
        {"5 in (5..10]", "false"},
        {"5 in ]4..6[", "true"},
        {"5 in (1, < 3, >= 5)", "true"},
        {"5 in (null..10]", "null"},
        {"5 in [null..10]", "null"},
        {"1 in [[2..4], [1..3]]", "true"},
        {"5 between 1 and 10 and true", "true"},
        {"(<10) = (null..10)", "false"},
        {"(!=10) = (!=10)", "true"},
        {"[1..10[ = [1..10)", "true"},
        {"[1..10].end", "10"},
        {"2 in [1..[7, 8][1]]", "true"},
        {"(1..[7, 8][2]).end", "8"},
        {"2 in ]1..3[ and true", "true"},
        {"{a: ]1..3[, b: 4}.b", "4"},
        {"7 in (function(x) [x..9])(5)", "true"},
        {"1 in ([[1, 2], [3]])[1]", "true"},
        {"[1..10].start included", "true"},
    };
    expect_all(rows);
}

TEST(Language, NamesMayContainSpacesOperatorsAndKeywords) {
    const Value context = Value::context({
        {"Monthly rent", 500},
        {"Monthly", 1},
        {"a-b", 7},
        {"a", 3},
        {"b", 2},
        {"Mike's daughter", "Anna"},
        {"days in weekend", Value::list({"saturday", "sunday"})},
        {"loan", Value::context({{"annual rate", 12}, {"annual", 1}})},
    });
    const Row rows[] = {
        {"Monthly rent * 12", "6000"},
        {"Monthly  \n rent", "500"},
        {"Monthly + 1", "2"},
        {"a-b", "7"},
        {"a - b", "1"},
        {"Mike's daughter", "\"Anna\""},
        {"for d in days in weekend return d", "[\"saturday\", \"sunday\"]"},
        {"loan.annual rate", "12"},
        {"loan.annual", "1"},
        {"{x y: 1, z: x y + 1}.z", "2"},
        {"{\"a b\": 1}.a b", "1"},
    };
    expect_all(rows, context);
}

TEST(Language, FiltersSeeTheEntriesOfTheItem) {
    const Value context = Value::context({
        {"persons", Value::list({Value::context({{"name", "A"}, {"monthly income", 100}}),
                                 Value::context({{"name", "B"}, {"monthly income", 300}})})},
        {"limit", 200},
    });
    const Row rows[] = {
        {"persons[monthly income > limit].name", "[\"B\"]"},
        {"persons[item.monthly income < limit][1].name", "\"A\""},
        {"persons[-1].name", "\"B\""},
        {"persons[name = \"C\"]", "[]"},
        {"[1, 2, 3][item >= 2]", "[2, 3]"},
        {"[{item: 1}, {item: 2}][item >= 2]", "[{item: 2}]"},
        {"[{x: 1}, {y: 2}][y > 1]", "[{y: 2}]"},
        {"100[1]", "100"},
        {"[1, 2][3]", "null"},
        {"[[1, 2], [3]][count(item) = 2]", "[[1, 2]]"},
        {"sum(persons.monthly income)", "400"},
        {"[1, 2, 3][[2, 3][item > limit - 198]]", "[]"},
    };
    expect_all(rows, context);
}

TEST(Language, LoopsAndQuantifiers) {
    const Row rows[] = {
        {"for i in 1..3 return i * i", "[1, 4, 9]"},
        {"for i in 4..2 return i", "[4, 3, 2]"},
        {"for i in [2..1] return i", "null"},
        {"for x in [[1, 2], [3]], y in x return y", "[1, 2, 3]"},
        {"for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"},
        {"for d in @\"1980-01-01\"..@\"1980-01-02\" return string(d)",
         "[\"1980-01-01\", \"1980-01-02\"]"},
        {"some x in [1, 2], y in [2, 3] satisfies x > y", "false"},
        {"every x in [1, 2] satisfies x > 0", "true"},
        {"every x in [] satisfies false", "true"},
        {"some x in [null] satisfies x", "null"},
    };
    expect_all(rows);
}

TEST(Language, FunctionsAreValues) {
    const Row rows[] = {
        {"(function(x, y) x + y)(1, 2)", "3"},
        {"(function(x, y) x - y)(y: 1, x: 3)", "2"},
        {"{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(20)}.r", "2432902008176640000"},
        {"{k: 10, add: function(x) x + k, r: for i in [1, 2] return add(i)}.r", "[11, 12]"},
        {"(function(a) function(b) a * b)(3)(4)", "12"},
        {"[abs, sqrt][1](-2)", "2"},
        {"{p: 7, r: (function(x) [{q: 2}, p, {a: 3, b: 4}, p])(1)}.r",
         "[{q: 2}, 7, {a: 3, b: 4}, 7]"},
        {"{p: 7, r: (function(x) [(for i in [1, 2] return i), p, x])(1)}.r", "[[1, 2], 7, 1]"},
        {"{p: 7, q: 8, r: (function(x) [{a: p}, {b: q, c: x}, p, q])(1)}.r",
         "[{a: 7}, {b: 8, c: 1}, 7, 8]"},
        {"(function(x: number) x)(\"a\")", "null"},
        {"(function(x: string) x)([\"a\"])", "\"a\""},
        {"(function(x) x)()", "null"},
        {"sort([3, 1, 2], function(a, b) a < b)", "[1, 2, 3]"},
        {"(function(f, x) f(f(x)))(function(n) n * 2, 5)", "20"},
        {"(for i in 1..3 return function(x) x + i)[2](10)", "12"},
    };
    expect_all(rows);
}

TEST(Language, TypesAreTested) {
    const Row rows[] = {
        {"1 instance of number", "true"},
        {"null instance of Any", "false"},
        {"[1, 2] instance of list<number>", "true"},
        {"{a: \"x\", b: 1} instance of context<a: string>", "true"},
        {"@\"P1D\" instance of days and time duration", "true"},
        {"(function() 1) instance of function<>->number", "true"},
        {"[1..2] instance of range<number>", "true"},
    };
    expect_all(rows);
}

TEST(Language, StringsAreCodePoints) {
    const Row rows[] = {
        {R"~(string length("\uD83D\uDCA9"))~", "1"}, {R"~(string length("\U01F40E"))~", "1"},
        {R"~("\\u0009")~", R"~("\\u0009")~"},        {R"~({"😀": 1}.😀)~", "1"},
        {R"~(substring("aß😀c", 2, 2))~", "\"ß😀\""},  {"/* note */ 1 // end\n + 1", "2"},
    };
    expect_all(rows);
}

TEST(Language, DatesAndDurations) {
    const Row rows[] = {
        {"string(@\"2024-01-31\" + duration(\"P1M\"))", "\"2024-02-29\""},
        {"@\"2021-01-01\" + @\"PT36H\" = @\"2021-01-02\"", "true"},
        {"date(\"2026-03-01\") - date(\"2026-02-01\") = duration(\"P28D\")", "true"},
        {"@\"2018-10-08T00:00:00+02:00\" = @\"2018-10-08T00:00:00@Europe/Paris\"", "true"},
        {"is(@\"23:00:50Z\", @\"23:00:50+00:00\")", "true"},
        {"date and time(\"2018-12-10T10:30:00+05:00\").time offset = @\"PT5H\"", "true"},
        {"years and months duration(date(\"2011-12-22\"), date(\"2013-08-24\")) = @\"P1Y8M\"",
         "true"},
        {"now() > @\"2020-01-01T00:00:00Z\"", "true"},
        {"@\"2021-01-02T10:00:00\" - @\"2021-01-01T10:00:00Z\"", "null"},
    };
    expect_all(rows);
}

TEST(Compile, NamesPlaceAndReason) {
    const Row rows[] = {
        {"1 +", "error: 1:4: something is missing at the end (not_well_formed)"},
        {"(1", "error: 1:3: expected \")\" instead of the end (not_well_formed)"},
        {"1 +\n foo", "error: 2:2: there is no \"foo\" (unresolved)"},
        {"\"abc", "error: 1:1: the string does not end (not_well_formed)"},
        {"1 2", "error: 1:3: unexpected \"2\" (not_well_formed)"},
        {"x instance of wrong", "error: 1:1: there is no \"x\" (unresolved)"},
        {"1 instance of wrong", "error: 1:15: this is no known type: \"wrong\" (unresolved)"},
        {"if true then 1", "error: 1:15: expected \"else\" instead of the end (not_well_formed)"},
        {"{a 1}", "error: 1:5: unexpected \"}\" in the name of an entry (not_well_formed)"},
        {"{a b", "error: 1:5: expected \":\" instead of the end (not_well_formed)"},
    };
    expect_all(rows);
}

TEST(Compile, KeepsLimits) {
    EXPECT_EQ(compile_expression(std::string(100'000, '(')).error().code,
              ErrorCode::limit_exceeded);
    EXPECT_EQ(compile_expression(std::string(100'000, '-') + "1").error().code,
              ErrorCode::limit_exceeded);
    EXPECT_EQ(compile_expression(std::string(300'000, ' ')).error().code,
              ErrorCode::limit_exceeded);
    EXPECT_EQ(compile_expression("\"\xff\"").error().code, ErrorCode::not_well_formed);
    std::string many = "1";
    for (int i = 0; i < 10'000; ++i) many += "+1";
    EXPECT_EQ(compile_expression(many).error().code, ErrorCode::limit_exceeded);
}

TEST(Compile, TellsWhatItUses) {
    NameScope scope;
    scope.add("a").add("b").add("unused");
    const Expression e = compile_expression("a + b + a + count([a])", scope).value();
    ASSERT_EQ(e.references().size(), 2U);
    EXPECT_EQ(e.references()[0], "a");
    EXPECT_EQ(e.constant(), nullptr);
    EXPECT_EQ(compile_expression("[1, -2, date(\"2026-01-01\")]")->constant()->to_feel(),
              "[1, -2, @\"2026-01-01\"]");
    NameScope open;
    open.set_open();
    const Expression unknown = compile_expression("x + 1", open).value();
    Diagnostics diagnostics;
    EXPECT_TRUE(evaluate(unknown, Value(), &diagnostics).is_null());
    EXPECT_NE(diagnostics.text().find("there is no \"x\""), std::string::npos);
    EXPECT_EQ(evaluate(unknown, Value::context({{"x", 4}})).to_string(), "5");
}

TEST(Evaluate, ReportsReasonsWithPlace) {
    Diagnostics diagnostics;
    const Expression e = compile_expression("[1,\n  2 / 0]").value();
    EXPECT_EQ(evaluate(e, Value(), &diagnostics).to_feel(), "[1, null]");
    ASSERT_EQ(diagnostics.items().size(), 1U);
    EXPECT_EQ(diagnostics.items()[0].reason, "division by zero");
    EXPECT_EQ(diagnostics.items()[0].line, 2U);
    EXPECT_EQ(diagnostics.items()[0].column, 5U);
}

TEST(Evaluate, FunctionsWithoutArguments) {
    EXPECT_EQ(run("is()"), "true");
    for (const char* name :
         {"all", "any", "min", "max", "count", "sum", "mean", "product", "median", "stddev", "mode",
          "and", "or", "context merge", "sort", "string join", "flatten", "append"}) {
        EXPECT_EQ(run(std::string(name) + "()"), "null") << name;
    }
    EXPECT_EQ(run("union()"), "[]");
    EXPECT_EQ(run("put all()"), "{}");
}

TEST(Evaluate, APositionMayBeNull) {
    EXPECT_EQ(run("[][[1][2]]"), "[]");
    EXPECT_EQ(run("[7][[1][2]]"), "[]");
}

TEST(Evaluate, NestsValuesOnlySoDeep) {
    EXPECT_EQ(run("for i in 1..2000 return [partial[-1]]"), "null");
    EXPECT_EQ(run("count(for i in 1..3000 return function() partial)"), "3000");
}

TEST(Evaluate, EndsWhatWouldNotEnd) {
    EvaluationLimits limits;
    limits.max_steps = 10'000;
    const auto bounded = [&](std::string_view text) {
        Diagnostics diagnostics;
        Evaluation evaluation(&diagnostics, nullptr, limits);
        const Expression e = compile_expression(text).value();
        const Value value = evaluate(e, ContextEnvironment(Value()), evaluation);
        return value.to_feel() + " " + (diagnostics.empty() ? "" : diagnostics.items()[0].reason);
    };
    EXPECT_EQ(bounded("count(for i in 1..1000000000 return i)"),
              "null the evaluation took more than 10000 steps");
    EXPECT_EQ(bounded("{f: function(n) f(n + 1), r: f(0)}.r"),
              "null function calls are nested too deep");
    EXPECT_EQ(bounded("matches(\"" + std::string(40, 'a') + "b\", \"(a+)+$\")"),
              "null the evaluation took more than 10000 steps");
}

TEST(Tests, DecideCells) {
    struct Cell {
        const char* tests;
        Value input;
        const char* expected;
    };
    const Cell cells[] = {
        {"-", Value(), "true"},
        {"5", Value(5), "true"},
        {"\"a\", \"b\"", Value("b"), "true"},
        {"not(\"a\", \"b\")", Value("b"), "false"},
        {"not(\"a\", \"b\")", Value("c"), "true"},
        {"< 10", Value(9), "true"},
        {"[10..20)", Value(20), "false"},
        {"> limit", Value(150), "true"},
        {"? > 5 and ? < 10", Value(7), "true"},
        {"count(?) > 1", Value::list({1, 2}), "true"},
        {"null", Value(), "true"},
        {"> 20", Value(), "null"},
        {"[1, 2, 3]", Value(2), "true"},
        {"limit > 50", Value(3), "true"},
        {"true", Value(false), "false"},
        {"starts with(?, \"Leip\")", Value("Leipzig"), "true"},
        {"date(\"2026-01-01\")", Value(*Date::parse("2026-01-01")), "true"},
    };
    NameScope scope;
    scope.add("limit");
    const ContextEnvironment environment(Value::context({{"limit", 100}}));
    for (const Cell& cell : cells) {
        const auto tests = compile_unary_tests(cell.tests, scope);
        ASSERT_TRUE(tests.has_value()) << cell.tests << tests.error().text();
        Evaluation evaluation;
        EXPECT_EQ(evaluate_tests(*tests, cell.input, environment, evaluation).to_feel(),
                  cell.expected)
            << cell.tests;
    }
}

TEST(Tests, TellTheirShape) {
    using Shape = Expression::TestShape;
    const auto shape = [](const char* text) {
        NameScope scope;
        scope.add("x");
        return compile_unary_tests(text, scope)->test_shape();
    };
    EXPECT_EQ(shape("-"), Shape::any);
    EXPECT_EQ(shape("\"a\", \"b\""), Shape::equality);
    EXPECT_EQ(shape("-5"), Shape::equality);
    EXPECT_EQ(shape("[1..5]"), Shape::interval);
    EXPECT_EQ(shape(">= 18"), Shape::interval);
    EXPECT_EQ(shape("x"), Shape::general);
    EXPECT_EQ(shape("not(1)"), Shape::general);
    EXPECT_EQ(compile_unary_tests("\"a\", \"b\"")->test_values()[1].to_string(), "b");
}

}  // namespace
}  // namespace schwarm::feel
