#include "feel_helpers.hpp"

namespace schwarm::feel {
namespace {

TEST(Builtins, Conversions) {
    const Row rows[] = {
        {"number(\"1.000.000,01\", \".\", \",\")", "1000000.01"},
        {"number(\"12.5\")", "12.5"},
        {"number(\"1,000\", \",\", \",\")", "null"},
        {"string(1.50)", "\"1.5\""},
        {"string([1, \"a\", {b: null}])", R"~("[1, \"a\", {b: null}]")~"},
        {"string(duration(\"PT49H\"))", "\"P2DT1H\""},
        {"date(2017, 13, 1)", "null"},
        {"date(\"2012-12-25T\")", "null"},
        {"time(11, 59, 45, duration(\"PT2H45M55S\"))", "@\"11:59:45+02:45:55\""},
        {"time(date(\"2017-08-10\"))", "@\"00:00:00Z\""},
        {"date and time(\"2012-12-24\")", "@\"2012-12-24T00:00:00\""},
        {"range(\"[1..3]\") = [1..3]", "true"},
        {"range(\"[3..1]\")", "null"},
        {"range(\"[date(string(1))..2]\")", "null"},
        {"range(\"[2..)\") = (>=2)", "true"},
        {"range(\"]2..[\") = (>2)", "true"},
        {"range(\"(..2)\") = (<2)", "true"},
        {"range(\"(..2]\") = (<=2)", "true"},
        {"range(\"[..2]\")", "null"},
        {"range(\"[1..]\")", "null"},
        {"range(\"(..)\")", "null"},
        {R"~(range("[\"a..b\"..\"c\"]") = ["a..b".."c"])~", "true"},
        {R"~(range("[-1..@\"2020-01-01\"]"))~", "null"},
    };
    expect_all(rows);
}

TEST(Builtins, Numbers) {
    const Row rows[] = {
        {"decimal(2.5, 0)", "2"},
        {"round half up(1.005, 2)", "1.01"},
        {"round half up(-2.5, 0)", "-3"},
        {"round half down(2.5, 0)", "2"},
        {"round up(5.5, 6176)", "5.5"},
        {"round up(5.5, 6177)", "null"},
        {"floor(-1.56, 1)", "-1.6"},
        {"ceiling(1.5)", "2"},
        {"modulo(-12, 5)", "3"},
        {"abs(@\"-P1D\")", "@\"P1D\""},
        {"even(-2)", "true"},
        {"sqrt(16)", "4"},
        {"log(0)", "null"},
        {"abs(n: -1)", "1"},
        {"abs(number: -1)", "null"},
        {"abs()", "null"},
    };
    expect_all(rows);
}

TEST(Builtins, Strings) {
    const Row rows[] = {
        {"substring(\"foobar\", -2, 1)", "\"a\""},
        {"substring(\"foobar\", 0)", "null"},
        {"upper case(\"straße\")", "\"STRASSE\""},
        {"substring before(\"foobar\", \"bar\")", "\"foo\""},
        {"substring after(\"foobar\", \"x\")", "\"\""},
        {"string join([\"a\", null, \"c\"], \"-\")", "\"a-c\""},
        {"split(\"a;b;;\", \";\")", "[\"a\", \"b\", \"\", \"\"]"},
        {"replace(\"abracadabra\", \"a(.)\", \"a$1$1\")", "\"abbraccaddabbra\""},
        {R"~(replace("0123456789", "(\d{3})(\d{3})(\d{4})", "($1) $2-$3"))~", "\"(012) 345-6789\""},
        {"replace(\"abc\", \"x*\", \"-\")", "null"},
        {R"~(replace("a.b", ".", "#", "q"))~", "\"a#b\""},
        {"contains(\"foobar\", \"oba\")", "true"},
        {"upper case([\"a\"])", "\"A\""},
    };
    expect_all(rows);
}

TEST(Builtins, RegularExpressionsOfXPath) {
    const Row rows[] = {
        {R"~(matches("x", "[A-Z-[OI]]", "i"))~", "true"},
        {R"~(matches("O", "[A-Z-[OI]]", "i"))~", "false"},
        {R"~(matches("hello world", "\p{ IsBasicLatin}+", "x"))~", "true"},
        {R"~(matches("hello world", "hello\ sworld", "x"))~", "true"},
        {R"~(matches("h", "(.)\3"))~", "null"},
        {R"~(matches("abcd", "(asd)[\1]"))~", "null"},
        {R"~(matches("aA", "(a)\1", "i"))~", "true"},
        {"matches(\"\\u212A\", \"k\", \"i\")", "true"},
        {"matches(\"Mary\\u000DJones\", \"Mary.Jones\")", "false"},
        {"matches(\"abcd\\n\\ndefg\\n \", \"^$\", \"m\")", "true"},
        {R"~(matches("a", "a", "p"))~", "null"},
        {R"~(matches("a", "a++"))~", "null"},
        {R"~(matches("a", "(?=a)"))~", "null"},
        {R"~(matches("04109", "^\d{5}$"))~", "true"},
        {R"~(matches("é", "^\w$"))~", "true"},
        {R"~(matches("a:b", "^\c+$"))~", "true"},
        // Negated sets inside of classes.
        {R"~(matches("1", "^[\I]$"))~", "true"},
        {R"~(matches("a", "^[\I]$"))~", "false"},
        {R"~(matches("a", "^[\Ia]$"))~", "true"},
        {R"~(matches("+", "^[^\I]$"))~", "false"},
        {R"~(matches("ä", "^[^\I]$"))~", "true"},
        {R"~(matches("1 ", "^[\i\d][\C]$"))~", "true"},
        {R"~(matches("é", "^[\P{IsBasicLatin}]$"))~", "true"},
        {R"~(matches("e", "^[\P{IsBasicLatin}]$"))~", "false"},
        {R"~(matches("5", "^[\P{IsBasicLatin}0-9]$"))~", "true"},
        {R"~(matches("e", "^[^\P{IsBasicLatin}]$"))~", "true"},
        {R"~(matches("\u00a0", "^[\S]$"))~", "true"},
        {R"~(matches("\t", "^[\S]$"))~", "false"},
        {R"~(matches("x", "^[\P{Lu}-[a-f]]$"))~", "true"},
        {R"~(matches("b", "^[\P{Lu}-[a-f]]$"))~", "false"},
        {R"~(matches("b", "^[a-z-[b-[b]]]$"))~", "true"},
        {R"~(matches("α", "^\p{IsGreek}\p{IsGreekandCoptic}?$"))~", "true"},
        {R"~(matches("ᚠ", "^\p{IsRunic}$"))~", "true"},
        {R"~(matches("a", "\p{IsNoSuchBlock}"))~", "null"},
        {R"~(matches("a", "\p{IsHighSurrogates}"))~", "null"},
        {R"~(matches("a", "\p{L&}"))~", "null"},
        {R"~(matches("a", "\p{Lx}"))~", "null"},
        // The i flag does not touch categories and blocks.
        {R"~(matches("a", "^\p{Lu}$", "i"))~", "false"},
        {R"~(matches("a", "^[\p{Lu}]$", "i"))~", "false"},
        {R"~(matches("\u212A", "^\p{IsBasicLatin}$", "i"))~", "false"},
        {R"~(matches("\u212A", "^[\p{IsBasicLatin}]$", "i"))~", "false"},
        {R"~(matches("\u212A", "^[\p{IsBasicLatin}k]$", "i"))~", "true"},
        {R"~(matches("\u212A", "^[^\p{IsBasicLatin}]$", "i"))~", "true"},
        {R"~(matches("K", "^[^\P{IsBasicLatin}k]$", "i"))~", "false"},
        // References.
        {R"~(matches("b", "^(a)?b\1$"))~", "true"},
        {R"~(matches("aba", "^(a)?b\1$"))~", "true"},
        {R"~(matches("a", "(a\1)"))~", "null"},
        {R"~(matches("aa0", "^(a)\10$"))~", "true"},
        // Flags.
        {R"~(matches("a\nb", "a.b"))~", "false"},
        {R"~(matches("a\nb", "a.b", "s"))~", "true"},
        {R"~(matches("a\nb", "^b$", "m"))~", "true"},
        {R"~(matches("a\n", "a$"))~", "false"},
        {R"~(matches("a.c", "a.c", "q"))~", "true"},
        {R"~(matches("abc", "a.c", "q"))~", "false"},
        {R"~(matches("A.C", "a.c", "qi"))~", "true"},
        {R"~(matches("ab", " a b ", "x"))~", "true"},
        // Neither may hold up the evaluation.
        {R"~(matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$"))~", "null"},
        {R"~(matches("a", "(((((a{1000}){1000}){1000}){1000}){1000})"))~", "null"},
    };
    expect_all(rows);
}

TEST(Builtins, Lists) {
    const Row rows[] = {
        {"min([3, 1, 2])", "1"},
        {"max(1, 5, 2)", "5"},
        {"max(\"a\", \"b\")", "\"b\""},
        {"sum([])", "null"},
        {"sum(1, 2, 3)", "6"},
        {"mean([1, 2])", "1.5"},
        {"median([8, 2, 5, 3, 4])", "4"},
        {"mode([6, 1, 9, 6, 1])", "[1, 6]"},
        {"stddev([2, 4])", "1.414213562373095048801688724209698"},
        {"product([2, 3])", "6"},
        {"count(null)", "null"},
        {"all([true, null])", "null"},
        {"any([false, true, null])", "true"},
        {"sublist([1, 2, 3], -2)", "[2, 3]"},
        {"append([1], 2, 3)", "[1, 2, 3]"},
        {"concatenate([1], [2], 3)", "[1, 2, 3]"},
        {"insert before([1, 3], 2, 2)", "[1, 2, 3]"},
        {"remove([1, 2, 3], -1)", "[1, 2]"},
        {"list replace([2, 4, 7], function(item, newItem) item < newItem, 5)", "[5, 5, 7]"},
        {"reverse([1, 2])", "[2, 1]"},
        {"index of([1, 2, 1], 1)", "[1, 3]"},
        {"union([1, 2], [2, 3])", "[1, 2, 3]"},
        {"distinct values([1, 1.0, \"a\", \"a\"])", "[1, \"a\"]"},
        {"flatten([[1, [2]], 3])", "[1, 2, 3]"},
        {"list contains([1, null], null)", "true"},
        {"sort([3, 1, 2])", "[1, 2, 3]"},
    };
    expect_all(rows);
}

TEST(Builtins, ContextsAndRanges) {
    const Row rows[] = {
        {"get value({a: 1}, \"a\")", "1"},
        {"get entries({a: 1})", "[{key: \"a\", value: 1}]"},
        {"context([{key: \"a\", value: 1}])", "{a: 1}"},
        {"context put({x: 1, y: {a: 0}}, [\"y\", \"b\"], 2)", "{x: 1, y: {a: 0, b: 2}}"},
        {"context put(context: {x: 1}, key: [\"x\"], value: 2)", "null"},
        {"context merge([{a: 1}, {a: 2, b: 3}])", "{a: 2, b: 3}"},
        {"{a: 1, a: 2}", "null"},
        {"before([1..5), 5)", "true"},
        {"meets([1..5], [5..10])", "true"},
        {"overlaps([1..5], (5..8])", "false"},
        {"overlaps before([1..5], (1..5])", "true"},
        {"includes([5..8], 5)", "true"},
        {"during(5, (5..8))", "false"},
        {"starts((1..5], (1..8))", "true"},
        {"finished by([1..5), (1..5))", "true"},
        {"coincides([1..5], [1..5])", "true"},
    };
    expect_all(rows);
}

}  // namespace
}  // namespace schwarm::feel
