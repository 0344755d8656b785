// Every built-in of DMN 1.5 (clause 10.3.4), by position and with the names of its parameters.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "builtins/builtins.hpp"
#include "feel_helpers.hpp"

namespace schwarm::feel {
namespace {

struct Call {
    const char* function;
    const char* positional;
    const char* named;
    const char* expected;
};

const Call kCalls[] = {
    // 10.3.4.1 conversion
    {"date", "(\"2012-12-25\")", "(from: \"2012-12-25\")", "@\"2012-12-25\""},
    {"date", "(2012, 12, 25)", "(day: 25, year: 2012, month: 12)", "@\"2012-12-25\""},
    {"time", "(\"23:59:00Z\")", "(from: \"23:59:00Z\")", "@\"23:59:00Z\""},
    {"time", "(23, 59, 0)", "(second: 0, minute: 59, hour: 23)", "@\"23:59:00\""},
    {"time", "(23, 59, 0, @\"PT1H\")", "(hour: 23, minute: 59, second: 0, offset: @\"PT1H\")",
     "@\"23:59:00+01:00\""},
    {"date and time", "(\"2012-12-24T23:59:00\")", "(from: \"2012-12-24T23:59:00\")",
     "@\"2012-12-24T23:59:00\""},
    {"date and time", "(@\"2012-12-24\", @\"23:59:00\")",
     "(time: @\"23:59:00\", date: @\"2012-12-24\")", "@\"2012-12-24T23:59:00\""},
    {"duration", "(\"P26M\")", "(from: \"P26M\")", "@\"P2Y2M\""},
    {"years and months duration", "(@\"2011-12-22\", @\"2013-08-24\")",
     "(to: @\"2013-08-24\", from: @\"2011-12-22\")", "@\"P1Y8M\""},
    {"number", "(\"1 000,0\", \" \", \",\")",
     "(from: \"1 000,0\", decimal separator: \",\", grouping separator: \" \")", "1000"},
    {"string", "(1.1)", "(from: 1.1)", "\"1.1\""},
    {"range", "(\"[18..21)\")", "(from: \"[18..21)\")", "[18..21)"},
    // 10.3.4.2 boolean
    {"not", "(true)", "(negand: true)", "false"},
    // 10.3.4.3 strings
    {"substring", "(\"foobar\", 3)", "(start position: 3, string: \"foobar\")", "\"obar\""},
    {"substring", "(\"foobar\", 3, 3)", "(string: \"foobar\", start position: 3, length: 3)",
     "\"oba\""},
    {"string length", "(\"\\U01F40Eab\")", "(string: \"\\U01F40Eab\")", "3"},
    {"upper case", "(\"aBc4\")", "(string: \"aBc4\")", "\"ABC4\""},
    {"lower case", "(\"aBc4\")", "(string: \"aBc4\")", "\"abc4\""},
    {"substring before", "(\"foobar\", \"bar\")", "(match: \"bar\", string: \"foobar\")",
     "\"foo\""},
    {"substring after", "(\"foobar\", \"ob\")", "(match: \"ob\", string: \"foobar\")", "\"ar\""},
    {"replace", "(\"banana\", \"a\", \"o\")",
     "(pattern: \"a\", replacement: \"o\", input: \"banana\")", "\"bonono\""},
    {"replace", "(\"bAnana\", \"a\", \"o\", \"i\")",
     "(input: \"bAnana\", pattern: \"a\", replacement: \"o\", flags: \"i\")", "\"bonono\""},
    {"contains", "(\"foobar\", \"of\")", "(match: \"of\", string: \"foobar\")", "false"},
    {"starts with", "(\"foobar\", \"fo\")", "(match: \"fo\", string: \"foobar\")", "true"},
    {"ends with", "(\"foobar\", \"r\")", "(match: \"r\", string: \"foobar\")", "true"},
    {"matches", "(\"foobar\", \"^fo*b\")", "(pattern: \"^fo*b\", input: \"foobar\")", "true"},
    {"matches", "(\"FOO\", \"foo\", \"i\")", "(input: \"FOO\", flags: \"i\", pattern: \"foo\")",
     "true"},
    {"split", "(\"John Doe\", \"\\s\")", "(delimiter: \"\\s\", string: \"John Doe\")",
     "[\"John\", \"Doe\"]"},
    {"string join", "([\"a\", \"b\"], \"_\")", "(delimiter: \"_\", list: [\"a\", \"b\"])",
     "\"a_b\""},
    {"string join", "([\"a\", null])", "(list: [\"a\", null])", "\"a\""},
    // 10.3.4.4 lists
    {"list contains", "([1, null], null)", "(element: null, list: [1, null])", "true"},
    {"count", "([1, [2, 3]])", "(list: [1, [2, 3]])", "2"},
    {"min", "([1, 2, 3])", "(list: [1, 2, 3])", "1"},
    {"max", "([1, 2, 3])", "(list: [1, 2, 3])", "3"},
    {"sum", "([1, 2, 3])", "(list: [1, 2, 3])", "6"},
    {"mean", "([1, 2, 3])", "(list: [1, 2, 3])", "2"},
    {"all", "([true, false])", "(list: [true, false])", "false"},
    {"any", "([true, false])", "(list: [true, false])", "true"},
    {"sublist", "([4, 5, 6], 2)", "(start position: 2, list: [4, 5, 6])", "[5, 6]"},
    {"sublist", "([4, 5, 6], 1, 2)", "(list: [4, 5, 6], start position: 1, length: 2)", "[4, 5]"},
    {"append", "([1], 2)", "(item: 2, list: [1])", "[1, 2]"},
    {"concatenate", "([1, 2])", "(list: [1, 2])", "[1, 2]"},
    {"insert before", "([1, 3], 1, 2)", "(position: 1, newItem: 2, list: [1, 3])", "[2, 1, 3]"},
    {"remove", "([1, 2, 3], 2)", "(position: 2, list: [1, 2, 3])", "[1, 3]"},
    {"list replace", "([2, 4, 7, 8], 3, 6)", "(list: [2, 4, 7, 8], position: 3, newItem: 6)",
     "[2, 4, 6, 8]"},
    {"list replace", "([2, 7], function(item, newItem) item < newItem, 5)",
     "(list: [2, 7], match: function(item, newItem) item < newItem, newItem: 5)", "[5, 7]"},
    {"reverse", "([1, 2, 3])", "(list: [1, 2, 3])", "[3, 2, 1]"},
    {"index of", "([1, 2, 3, 2], 2)", "(match: 2, list: [1, 2, 3, 2])", "[2, 4]"},
    {"union", "([1, 2, 1])", "(list: [1, 2, 1])", "[1, 2]"},
    {"distinct values", "([1, 2, 1])", "(list: [1, 2, 1])", "[1, 2]"},
    {"flatten", "([[1, 2], [[3]], 4])", "(list: [[1, 2], [[3]], 4])", "[1, 2, 3, 4]"},
    {"product", "([2, 3, 4])", "(list: [2, 3, 4])", "24"},
    {"median", "([6, 1, 2, 3])", "(list: [6, 1, 2, 3])", "2.5"},
    {"stddev", "([2, 4, 7, 5])", "(list: [2, 4, 7, 5])", "2.081665999466132735282297706979931"},
    {"mode", "([6, 1, 9, 6, 1])", "(list: [6, 1, 9, 6, 1])", "[1, 6]"},
    // 10.3.4.5 numbers
    {"decimal", "(1/3, 2)", "(scale: 2, n: 1/3)", "0.33"},
    {"floor", "(1.5)", "(n: 1.5)", "1"},
    {"floor", "(-1.56, 1)", "(scale: 1, n: -1.56)", "-1.6"},
    {"ceiling", "(1.5)", "(n: 1.5)", "2"},
    {"ceiling", "(-1.56, 1)", "(scale: 1, n: -1.56)", "-1.5"},
    {"round up", "(1.121, 2)", "(scale: 2, n: 1.121)", "1.13"},
    {"round down", "(1.126, 2)", "(scale: 2, n: 1.126)", "1.12"},
    {"round half up", "(-1.125, 2)", "(scale: 2, n: -1.125)", "-1.13"},
    {"round half down", "(-1.125, 2)", "(scale: 2, n: -1.125)", "-1.12"},
    {"abs", "(@\"-PT5H\")", "(n: @\"-PT5H\")", "@\"PT5H\""},
    {"modulo", "(-10.1, 4.5)", "(divisor: 4.5, dividend: -10.1)", "3.4"},
    {"sqrt", "(16)", "(number: 16)", "4"},
    {"log", "(1)", "(number: 1)", "0"},
    {"exp", "(0)", "(number: 0)", "1"},
    {"odd", "(5)", "(number: 5)", "true"},
    {"even", "(5)", "(number: 5)", "false"},
    // 10.3.4.6 and 10.3.4.8 dates and times
    {"is", "(@\"23:00:50Z\", @\"23:00:50+00:00\")",
     "(value1: @\"23:00:50Z\", value2: @\"23:00:50+00:00\")", "true"},
    {"day of year", "(@\"2019-09-17\")", "(date: @\"2019-09-17\")", "260"},
    {"day of week", "(@\"2019-09-17\")", "(date: @\"2019-09-17\")", "\"Tuesday\""},
    {"month of year", "(@\"2019-09-17\")", "(date: @\"2019-09-17\")", "\"September\""},
    {"week of year", "(@\"2005-01-01\")", "(date: @\"2005-01-01\")", "53"},
    {"now", "()", "()", "@\"2023-11-14T22:13:20Z\""},
    {"today", "()", "()", "@\"2023-11-14\""},
    // 10.3.4.7 ranges
    {"before", "(1, 10)", "(point2: 10, point1: 1)", "true"},
    {"before", "(1, (1..10])", "(range: (1..10], point: 1)", "true"},
    // before(range, point) has the names of before(point, range): only its positions tell.
    {"before", "([1..10), [10..20])", "(range2: [10..20], range1: [1..10))", "true"},
    {"after", "(10, 5)", "(point2: 5, point1: 10)", "true"},
    {"after", "([11..20], [1..10])", "(range2: [1..10], range1: [11..20])", "true"},
    {"meets", "([1..5], [5..10])", "(range2: [5..10], range1: [1..5])", "true"},
    {"met by", "([5..10], [1..5])", "(range2: [1..5], range1: [5..10])", "true"},
    {"overlaps", "([1..5], [3..8])", "(range2: [3..8], range1: [1..5])", "true"},
    {"overlaps before", "([1..5], [3..8])", "(range2: [3..8], range1: [1..5])", "true"},
    {"overlaps after", "([3..8], [1..5])", "(range2: [1..5], range1: [3..8])", "true"},
    {"finishes", "(10, [1..10])", "(range: [1..10], point: 10)", "true"},
    {"finishes", "([5..10], [1..10])", "(range2: [1..10], range1: [5..10])", "true"},
    {"finished by", "([1..10], 10)", "(point: 10, range: [1..10])", "true"},
    {"finished by", "([1..10], [5..10])", "(range2: [5..10], range1: [1..10])", "true"},
    {"includes", "([1..10], 5)", "(point: 5, range: [1..10])", "true"},
    {"includes", "([1..10], [4..6])", "(range2: [4..6], range1: [1..10])", "true"},
    {"during", "(5, [1..10])", "(range: [1..10], point: 5)", "true"},
    {"during", "([4..6], [1..10])", "(range2: [1..10], range1: [4..6])", "true"},
    {"starts", "(1, [1..10])", "(range: [1..10], point: 1)", "true"},
    {"starts", "([1..5], [1..10])", "(range2: [1..10], range1: [1..5])", "true"},
    {"started by", "([1..10], 1)", "(point: 1, range: [1..10])", "true"},
    {"started by", "([1..10], [1..5])", "(range2: [1..5], range1: [1..10])", "true"},
    {"coincides", "(5, 5)", "(point2: 5, point1: 5)", "true"},
    {"coincides", "([1..5], [1..5])", "(range2: [1..5], range1: [1..5])", "true"},
    // 10.3.4.9 and 10.3.4.10 sorting and contexts
    {"sort", "([3, 1, 2], function(x, y) x < y)",
     "(precedes: function(x, y) x < y, list: [3, 1, 2])", "[1, 2, 3]"},
    {"get value", "({a: 1}, \"a\")", "(key: \"a\", m: {a: 1})", "1"},
    {"get entries", "({a: 1})", "(m: {a: 1})", "[{key: \"a\", value: 1}]"},
    {"context", "([{key: \"a\", value: 1}])", "(entries: [{key: \"a\", value: 1}])", "{a: 1}"},
    {"context put", "({x: 1}, \"y\", 2)", "(value: 2, key: \"y\", context: {x: 1})",
     "{x: 1, y: 2}"},
    {"context put", "({x: 1, y: {z: 1}}, [\"y\", \"z\"], 2)",
     "(keys: [\"y\", \"z\"], value: 2, context: {x: 1, y: {z: 1}})", "{x: 1, y: {z: 2}}"},
    {"context merge", "([{x: 1}, {y: 2}])", "(contexts: [{x: 1}, {y: 2}])", "{x: 1, y: 2}"},
};

TEST(Standard, EveryBuiltinByPositionAndByName) {
    std::set<std::string> covered;
    for (const Call& call : kCalls) {
        covered.insert(call.function);
        const std::string function(call.function);
        EXPECT_EQ(run(function + call.named), call.expected) << function << call.named;
        EXPECT_EQ(run(function + call.positional), call.expected) << function << call.positional;
    }
    std::set<std::string> standard;
    for (const std::string_view name : builtin_names()) {
        if (!is_extension(*find_builtin(name))) standard.emplace(name);
    }
    EXPECT_EQ(standard.size(), 86U);
    EXPECT_EQ(covered, standard);
}

TEST(Standard, WrongNamesOfParametersAreErrors) {
    for (const std::string_view name : builtin_names()) {
        const auto text = std::string(name) + "(no such parameter: 1)";
        const auto expression = compile_expression(text);
        ASSERT_TRUE(expression) << text << ": " << expression.error().text();
        Diagnostics diagnostics;
        EXPECT_TRUE(evaluate(*expression, Value(), &diagnostics).is_null()) << text;
        EXPECT_TRUE(diagnostics.has_errors()) << text;
    }
}

TEST(Standard, DatesAndZones) {
    const Row rows[] = {
        {"date(\"999999999-12-31\")", "@\"999999999-12-31\""},
        {"date(\"-999999999-01-01\")", "@\"-999999999-01-01\""},
        {"date(\"1000000000-01-01\")", "null"},
        {"date(\"-999999999-01-01\") - @\"P1D\"", "null"},
        {"date(\"999999999-12-31\").year", "999999999"},
        {"@\"-999999999-12-31T23:59:59.999999999Z\" < @\"0001-01-01T00:00:00Z\"", "true"},
        // The rules of a zone go on after the last change that its table lists.
        {"@\"2038-07-01T12:00:00@Europe/Berlin\" = @\"2038-07-01T10:00:00Z\"", "true"},
        {"@\"2500-01-15T12:00:00@Europe/Berlin\" = @\"2500-01-15T11:00:00Z\"", "true"},
        {"@\"2500-07-15T12:00:00@Europe/Berlin\".time offset", "@\"PT2H\""},
        {"@\"2500-07-15T12:00:00@America/New_York\".time offset", "@\"-PT4H\""},
        {"date and time(\"2017-08-10T10:20:00@Europe/Nowhere\")", "null"},
    };
    expect_all(rows);
}

TEST(Standard, RangesInAllForms) {
    const Row rows[] = {
        {"5 in [1..5]", "true"},
        {"5 in [1..5)", "false"},
        {"5 in [1..5[", "false"},
        {"1 in (1..5]", "false"},
        {"1 in ]1..5]", "false"},
        {"5 in (>=5)", "true"},
        {"5 in (<5)", "false"},
        {"5 in (=5)", "true"},
        {"5 in (!=5)", "false"},
        {"5 in > 3", "true"},
        {"5 in (1, [4..6], >10)", "true"},
        {"[1..10].start", "1"},
        {"(1..10].start included", "false"},
        {"(<=10).end included", "true"},
        {"(<=10).start", "null"},
        {"[@\"2026-01-01\"..@\"2026-12-31\"] instance of range<date>", "true"},
        {"for d in @\"2026-02-27\"..@\"2026-03-01\" return d.day", "[27, 28, 1]"},
        {"for i in 3..1 return i", "[3, 2, 1]"},
        {"for i in [1..3] return i * 2", "[2, 4, 6]"},
        {"for i in (1..3) return i", "[2]"},
        {"for i in 0..5 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24, 120]"},
        {"for i in [1, 2], j in [10, 20] return i + j", "[11, 21, 12, 22]"},
        {"some i in [1..10] satisfies i = 4", "true"},
        {"every i in (1..3] satisfies i > 1", "true"},
    };
    expect_all(rows);
}

TEST(Standard, InstanceOf) {
    const Row rows[] = {
        {"[1, 2] instance of list<number>", "true"},
        {"[1, \"a\"] instance of list<number>", "false"},
        {"{a: 1, b: \"x\"} instance of context<a: number>", "true"},
        {"{a: 1} instance of context<a: number, b: string>", "false"},
        {"[{a: 1}] instance of list<context<a: number>>", "true"},
        {"(function(x: number) x + 1) instance of function<number> -> number", "true"},
        {"(function(x: number) x + 1) instance of function<> -> Any", "false"},
        {"[1..3] instance of range<number>", "true"},
        {"[1..3] instance of range<string>", "false"},
        {"@\"P1D\" instance of days and time duration", "true"},
        {"@\"P1Y\" instance of years and months duration", "true"},
        {"@\"2026-01-01T00:00:00\" instance of date and time", "true"},
        {"null instance of Any", "false"},
        {"null instance of Null", "true"},
    };
    expect_all(rows);
}

}  // namespace
}  // namespace schwarm::feel
