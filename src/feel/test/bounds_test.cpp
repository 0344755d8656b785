// What wants too much time, memory or stack ends with an error or a null, and counts its work.
#include "feel_helpers.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::feel {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    out.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

struct Outcome {
    Value value;
    std::string reason;  // the first one
    std::uint64_t steps = 0;
};

Outcome outcome(std::string_view text, const Value& context = Value(),
                const EvaluationLimits& limits = {}) {
    NameScope scope;
    scope.add_entries(context);
    const auto expression = compile_expression(text, scope);
    EXPECT_TRUE(expression.has_value()) << text << expression.error().text();
    if (expression.has_error()) return {};
    Diagnostics diagnostics;
    Evaluation evaluation(&diagnostics, nullptr, limits);
    Outcome out;
    out.value = evaluate(*expression, ContextEnvironment(context), evaluation);
    if (!diagnostics.empty()) out.reason = diagnostics.items()[0].reason;
    out.steps = evaluation.steps();
    return out;
}

TEST(Bounds, DeepTextIsRefused) {
    constexpr std::size_t kTimes = 10'000;
    const char* const openings[] = {
        "(",
        "[",
        "{a: ",
        "-",
        "not(",
        "f(",
        "if true then ",
        "if ",
        "for i in [1] return ",
        "some i in [1] satisfies ",
        "function() ",
        "1 in (",
        "[1..",
        "l[",
        "l.a[",
        "(< ",
        "1 + (",
        "1 between ",
        "@\"",
    };
    NameScope scope;
    scope.add("l").add("f");
    for (const char* opening : openings) {
        const std::string text = repeated(opening, kTimes);
        EXPECT_TRUE(compile_expression(text, scope).has_error()) << opening;
        EXPECT_TRUE(compile_unary_tests(text, scope).has_error()) << opening;
        // Complete, and just too deep.
        const auto error = compile_expression(text + "1", scope);
        EXPECT_TRUE(error.has_error()) << opening;
    }
    EXPECT_EQ(
        compile_expression(repeated("(", 90) + "1" + repeated(")", 90))->constant()->to_feel(),
        "1");
}

TEST(Bounds, LongChainsAreRefusedAlsoWithRaisedLimits) {
    CompileLimits raised;
    raised.max_bytes = 4'000'000;
    raised.max_nodes = 4'000'000;
    NameScope scope;
    scope.add("a");
    const char* const links[] = {"+a",
                                 "-a",
                                 "*a",
                                 "/a",
                                 "**a",
                                 "=a",
                                 "<a",
                                 " in a",
                                 ".a",
                                 "[1]",
                                 "()",
                                 " instance of number",
                                 " between 1 and 2"};
    for (const char* link : links) {
        const std::string text = "a" + repeated(link, 1'000'000 / std::string_view(link).size());
        EXPECT_EQ(compile_expression(text, scope).error().code, ErrorCode::limit_exceeded) << link;
        EXPECT_EQ(compile_expression(text, scope, raised).error().code, ErrorCode::limit_exceeded)
            << link;
    }
    // These do not nest, so a megabyte of them is read.
    for (const char* link : {" and a", " or a"}) {
        const std::string text = "a" + repeated(link, 1'000'000 / std::string_view(link).size());
        EXPECT_EQ(compile_expression(text, scope).error().code, ErrorCode::limit_exceeded) << link;
        const auto compiled = compile_expression(text, scope, raised);
        ASSERT_TRUE(compiled.has_value()) << link;
        EXPECT_EQ(evaluate(*compiled, Value::context({{"a", true}})).to_feel(), "true");
    }
    const std::string list = "[" + repeated("a,", 400'000) + "a]";
    const auto compiled = compile_expression(list, scope, raised);
    ASSERT_TRUE(compiled.has_value());
    EXPECT_EQ(evaluate(*compiled, Value::context({{"a", 1}})).as_list().size(), 400'001U);
}

TEST(Bounds, ManyFunctionsShareTheirText) {
    // Each function once kept a copy of the whole text: 4 GB here.
    const std::string text = "count([" + repeated("function()1,", 19'000) + "1])";
    EXPECT_EQ(outcome(text).value, Value(19'001));
}

TEST(Bounds, HugeNumbersEnd) {
    const Row rows[] = {
        {"10**6144*10", "null"},
        {"1e999999999", "null"},
        {"1e-999999999", "0"},
        {"decimal(1, 99999999)", "null"},
        {"decimal(1, 10**40)", "null"},
        {"1.0000000001 ** 1e30", "null"},
        {"2 ** 1e6000", "null"},
        {"exp(1e6000)", "null"},
        {"modulo(1e6000, 7)", "1"},
        {"date(10**12, 1, 1)", "null"},
        {"date(\"1000000000-01-01\")", "null"},
        {"date(\"999999999-12-31\") + @\"P1D\"", "null"},
        {"@\"P999999999Y\" * 1e30", "null"},
        {"@\"P999999999999D\" * 1e30", "null"},
        {"@\"P99999999999999999999D\"", "null"},
        {"substring(\"abc\", 10**30)", "null"},
        {"sublist([1], 10**30)", "null"},
        {"[1][10**30]", "null"},
        {"string length(string(10**6144))", "6145"},
    };
    expect_all(rows);
    EXPECT_EQ(run(repeated("9", 200'000)), "null");
}

TEST(Bounds, LoopsEnd) {
    const std::string steps = "the evaluation took more than 10000000 steps";
    const char* const loops[] = {
        "count(for i in 1..1000000000000 return i)",
        "for i in 1..1000000, j in 1..1000000 return i",
        "some i in 1..1000000000 satisfies i < 0",
        "every i in 1..1000000000, j in 1..1000000000 satisfies i > 0",
        "for i in 1..100000 return count(for j in 1..100000 return j)",
        "count(for d in @\"0001-01-01\"..@\"999999999-01-01\" return d)",
        "for i in 1..5000 return partial",
        "{f: function(n) [f(n + 1), f(n + 1)], r: f(1)}.r",
    };
    for (const char* text : loops) {
        const Outcome out = outcome(text);
        EXPECT_TRUE(out.value.is_null() || std::string_view(text).starts_with("{f")) << text;
        EXPECT_TRUE(out.reason == steps || out.reason == "function calls are nested too deep" ||
                    out.reason == "\"for\" produced too many items")
            << text << ": " << out.reason;
    }
    EXPECT_EQ(outcome("{f: function(n) f(n + 1), r: f(0)}.r").reason,
              "function calls are nested too deep");
    EXPECT_EQ(outcome("{f: function(g, n) g(g, n + 1), r: f(f, 0)}.r").reason,
              "function calls are nested too deep");
    EvaluationLimits deep;
    deep.max_depth = 1'000'000'000;
    EXPECT_EQ(outcome("{f: function(n) 1 + f(n + 1), r: f(0)}.r", Value(), deep).reason,
              "function calls are nested too deep");
}

TEST(Bounds, WhatGrowsExponentiallyEnds) {
    std::string strings = "{a0: \"0123456789\"";
    std::string lists = "{a0: [1, 1]";
    std::string contexts = "{a0: {x: 1}";
    std::string ranges = "{a0: (=1)";
    for (int i = 1; i <= 90; ++i) {
        const std::string before = "a" + std::to_string(i - 1);
        const std::string name = ", a" + std::to_string(i) + ": ";
        strings += name + before + " + " + before;
        lists += name + "[" + before + ", " + before + "]";
        contexts += name + "{x: " + before + ", y: " + before + "}";
        ranges += name + "[(=" + before + "), (=" + before + ")]";
    }
    EXPECT_EQ(outcome(strings + "}.a90").value, Value());
    // Each would take 2^90 comparisons, letters or items; what is too heavy is null.
    for (const std::string& text : {lists, contexts, ranges}) {
        for (const char* use : {"a90 = a90", "string(a90)", "flatten([a90])", "is(a90, a90)",
                                "a90 instance of list<list<list<Any>>>", "a90"}) {
            const Outcome out = outcome(text + ", r: " + use + "}.r");
            EXPECT_LE(encode(out.value).size(), 1'000U) << use;
        }
        EXPECT_TRUE(outcome(text + "}.a30").value.is_null());
        const std::string few = text.substr(0, text.find(", a15:"));
        EXPECT_FALSE(outcome(few + "}.a14").value.is_null());
    }
    const Row rows[] = {
        {"count(for i in 1..40 return concatenate(partial, partial, partial))", "40"},
        {"(for i in 1..60 return if i = 1 then \"ab\" else replace(partial[-1], \"b\", "
         "\"bb$0\"))[-1]",
         "null"},
        {"(for i in 1..60 return if i = 1 then \"ab\" else "
         "string join([partial[-1], partial[-1]], partial[-1]))[-1]",
         "null"},
        {"(for i in 1..60 return if i = 1 then [1, 2] else "
         "concatenate(partial[-1], partial[-1]))[-1]",
         "null"},
        {"(for i in 1..60 return if i = 1 then \"ab\" else string([partial[-1], partial[-1]]))[-1]",
         "null"},
        {"for i in 1..2000 return (=partial[-1])", "null"},
    };
    for (const Row& row : rows) {
        const std::string got = outcome(row.text).value.to_feel(2'000'000);
        if (std::string_view(row.expected) != "null") {
            EXPECT_EQ(got, row.expected) << row.text;
        } else {
            EXPECT_LE(got.size(), 2'100'000U) << row.text;
        }
    }
}

// The whole text matched 500,000 times.
TEST(Bounds, ReplacementsAreBounded) {
    const Value context = Value::context(
        {{"s", Value(std::string(900'000, 'a'))}, {"r", Value(repeated("$0", 400'000))}});
    EXPECT_TRUE(outcome("replace(s, \"a+\", r)", context).value.is_null());
    EXPECT_TRUE(outcome("replace(s, \"a\", \"bb\")", context).value.is_null());
    EXPECT_TRUE(outcome("upper case(replace(s, \"a\", \"\\u00df\"))", context).value.is_null());
}

// Searching for half a text in a text of one letter takes no square.
TEST(Bounds, SearchingTextIsLinear) {
    const Value context = Value::context(
        {{"s", Value(std::string(1'000'000, 'a'))}, {"m", Value(std::string(499'999, 'a') + "b")}});
    EXPECT_EQ(outcome("contains(s, m)", context).value, Value(false));
    EXPECT_EQ(outcome("substring before(s, m)", context).value, Value(""));
    EXPECT_EQ(outcome("string length(substring after(m, \"b\"))", context).value, Value(0));
}

TEST(Bounds, RegularExpressionsEnd) {
    const Value context = Value::context({{"s", Value(std::string(1'000'000, 'a'))}});
    const std::string reason = "the pattern cannot be used: the pattern takes too long to match";
    for (const char* pattern : {"(a+)+$b", "(a|aa)+$b", "(a*)*b|c", "([a-z]+)*[0-9]",
                                "(.*)(.*)(.*)(.*)(.*)[^a]", "[ab]*[cd]", "(a?){50}a{50}[xy]"}) {
        const Outcome out = outcome(std::string("matches(s, \"") + pattern + "\")", context);
        EXPECT_TRUE(out.value.is_false() || out.reason == reason) << pattern << out.reason;
    }
    // Each match takes long: the steps end the loop.
    const Outcome out = outcome(
        "count(for i in 1..100000 return matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\", "
        "\"(a+)+$\"))");
    EXPECT_EQ(out.reason, reason);
    EXPECT_GE(out.steps, 10'000'000U);
    EXPECT_EQ(outcome("matches(\"a\", s)", context).reason,
              "the pattern cannot be used: it has more than 10000 bytes");
    EXPECT_NE(outcome("matches(\"a\", \"((a{1,999}){1,999}){1,999}\")").reason, "");
}

// Each of these goes through a list of 20,000 items or a text of 200,000 bytes.
TEST(Bounds, EveryFunctionCountsItsWork) {
    Value::List numbers;
    Value::List strings;
    Value::List lists;
    Value::List contexts;
    Value::List booleans;
    ContextBuilder wide;
    for (int i = 0; i < 20'000; ++i) {
        numbers.emplace_back(i);
        strings.emplace_back("s" + std::to_string(i));
        lists.push_back(Value::list({i}));
        contexts.push_back(Value::context({{"key", Value("k" + std::to_string(i))}, {"value", i}}));
        booleans.emplace_back(true);
        wide.append(Key("k" + std::to_string(i)), Value(i));
    }
    const Value context = Value::context({{"n", Value::list(numbers)},
                                          {"w", Value::list(strings)},
                                          {"ll", Value::list(lists)},
                                          {"cc", Value::list(contexts)},
                                          {"b", Value::list(booleans)},
                                          {"c", wide.build()},
                                          {"t", Value(std::string(200'000, 'x'))}});
    const char* const per_item[] = {
        "list contains(n, -1)",
        "sublist(n, 1)",
        "append(n, 1)",
        "concatenate(n, [1])",
        "insert before(n, 1, 0)",
        "remove(n, 1)",
        "list replace(n, 1, 2)",
        "reverse(n)",
        "index of(n, -1)",
        "union(w, w)",
        "distinct values(w)",
        "flatten(ll)",
        "sort(n)",
        "sort(w)",
        "min(n)",
        "max(w)",
        "sum(n)",
        "product(n)",
        "mean(n)",
        "median(n)",
        "stddev(n)",
        "mode(n)",
        "all(b)",
        "any(b)",
        "get entries(c)",
        "context(cc)",
        "context put(c, \"a\", 1)",
        "context merge([c, c])",
        "string(n)",
        "string join(w)",
        "n = n",
        "n != n",
        "c = c",
        "n in (n, n)",
        "is(n, n)",
        "n instance of list<number>",
        "n[item > 0]",
        "cc.key",
        "(function(x: list<number>) 1)(n)",
        "some x in n satisfies x < 0",
        "for x in n return x",
        "list replace(n, function(x, y) false, 1)",
        "sort(n, function(x, y) x < y)",
        "number(t, \",\", \".\")",
    };
    for (const char* text : per_item) {
        const Outcome out = outcome(text, context);
        EXPECT_GE(out.steps, std::string_view(text).starts_with("number") ? 10'000U : 20'000U)
            << text;
        EvaluationLimits few;
        few.max_steps = 9'000;
        const Outcome stopped = outcome(text, context, few);
        EXPECT_TRUE(stopped.value.is_null()) << text;
        EXPECT_EQ(stopped.reason, "the evaluation took more than 9000 steps") << text;
    }
    const char* const per_byte[] = {
        "string length(t)",
        "upper case(t)",
        "lower case(t)",
        "substring(t, 5)",
        "contains(t, \"y\")",
        "starts with(t, \"y\")",
        "ends with(t, \"y\")",
        "substring before(t, \"y\")",
        "substring after(t, \"y\")",
        "matches(t, \"y\")",
        "replace(t, \"y\", \"z\")",
        "split(t, \"y\")",
        "string join([t, t])",
        "trim(t)",
        "is blank(t)",
        "t + t",
        "t = t",
        "t < t",
        "t in (t)",
        "t between t and t",
        "range(t)",
    };
    for (const char* text : per_byte) {
        EXPECT_GE(outcome(text, context).steps, 200'000U / 64U) << text;
    }
    // Many nodes in a loop are many steps.
    const std::string body = "for i in 1..100 return i" + repeated(" + i", 3'000);
    EXPECT_GE(outcome(body).steps, 100U * 3'000U / 8U);
    EXPECT_GE(outcome("[1, 2, 3][item" + repeated(" + 1", 3'000) + " > 0]").steps, 3U * 700U);
}

TEST(Bounds, ManyReasonsTakeNoTime) {
    // A million failures behind 100,000 bytes of comment.
    const std::string text =
        "/*" + std::string(100'000, '\n') + "*/ count(for i in 1..900000 return i / 0)";
    EXPECT_EQ(outcome(text).value, Value(900'000));
}

TEST(Bounds, SizesAreConfigurable) {
    EvaluationLimits small;
    small.max_items = 100;
    const char* const texts[] = {
        "for i in 1..101 return i",  "for i in 1..20 return append(partial, i, i, i, i, i, i)",
        "concatenate(l, l)",         "append(l, 1)",
        "insert before(l, 1, 1)",    "union(l, [1000])",
        "flatten([l, [0]])",         "s + \"x\"",
        "string join([s, s])",       "string(l)",
        "replace(s, \"x\", \"yy\")", "split(s + \"\", \"x\")",
    };
    Value::List items;
    for (int i = 0; i < 100; ++i) items.emplace_back(i + 1);
    const Value context =
        Value::context({{"l", Value::list(items)}, {"s", Value(std::string(100, 'x'))}});
    for (const char* text : texts) {
        const Value value = outcome(text, context, small).value;
        EXPECT_TRUE(value.is_null() || value.as_list().size() <= 100) << text;
    }
}

// Each level holds the one below eight times: as a tree it has 8^40 parts.
TEST(Bounds, TypesThatShareTheirPartsAreSmall) {
    TypePtr type = Type::simple(TypeKind::number);
    for (int level = 0; level < 40; ++level) {
        std::vector<Type::Member> members;
        for (int i = 0; i < 8; ++i) members.push_back({"m" + std::to_string(i), type});
        type = Type::context(std::move(members));
    }
    EXPECT_LE(type->to_string().size(), 20'000U);
    NameScope scope;
    scope.add("x", type);
    EXPECT_TRUE(compile_expression("x.m1.m2", scope).has_value());
}

TEST(Bounds, DeepAndWideInputIsRefused) {
    const std::string deep = repeated("[", 100'000) + repeated("]", 100'000);
    EXPECT_EQ(from_json_text(deep).error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(from_json_text(repeated("{\"a\":", 100'000)).error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(from_json_text("[" + repeated("0,", 1'000'001) + "0]").error().code,
              ErrorCode::limit_exceeded);
    EXPECT_TRUE(from_json_text("1e6145").has_error());
    EXPECT_TRUE(Type::parse(repeated("list<", 100'000)).has_error());
    EXPECT_TRUE(Type::parse(repeated("function<", 100'000)).has_error());
    // A list that claims to have more items than there are bytes of memory.
    EXPECT_TRUE(decode(std::string("\x01\x0b\xff\xff\xff\xff\xff\xff\xff\x7f", 10)).has_error());
}

}  // namespace
}  // namespace schwarm::feel
