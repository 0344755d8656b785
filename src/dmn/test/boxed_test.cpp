#include <gmock/gmock.h>

#include "model_text.hpp"

namespace schwarm::dmn {
namespace {

using feel::Value;

Value run(const std::string& logic, const std::string& before = {}) {
    return evaluated(loaded({model(before + decision("d", logic))}), "d");
}

std::string entry(const std::string& name, const std::string& logic) {
    return "<contextEntry>" + (name.empty() ? std::string() : "<variable name=\"" + name + "\"/>") +
           logic + "</contextEntry>";
}

TEST(Boxed, context_entries_see_those_before) {
    EXPECT_EQ(run("<context>" + entry("net rent", literal("400")) +
                  entry("total", literal("net rent + 50")) + "</context>"),
              Value::context({{"net rent", 400}, {"total", 450}}));
    EXPECT_EQ(
        run("<context>" + entry("a", literal("1")) + entry("", literal("a + 1")) + "</context>"),
        Value(2));
}

TEST(Boxed, functions_keep_what_they_saw) {
    EXPECT_EQ(run("<context>" + entry("base", literal("100")) +
                  entry("f",
                        "<functionDefinition><formalParameter name=\"x\" "
                        "typeRef=\"number\"/>" +
                            literal("base + x") + "</functionDefinition>") +
                  entry("", literal("f(1) + f(x: 2)")) + "</context>"),
              Value(203));
}

TEST(Boxed, invocation_by_names) {
    EXPECT_EQ(run("<context>" + entry("f", literal("function(a: number, b: number) a - b")) +
                  entry("", "<invocation>" + literal("f") + "<binding><parameter name=\"b\"/>" +
                                literal("1") + "</binding><binding><parameter name=\"a\"/>" +
                                literal("10") + "</binding></invocation>") +
                  "</context>"),
              Value(9));
}

TEST(Boxed, list_and_relation) {
    EXPECT_EQ(run("<list>" + literal("1") + literal("\"x\"") + "</list>"), Value::list({1, "x"}));
    EXPECT_EQ(run("<relation><column name=\"a\"/><column name=\"b\"/><row>" + literal("1") +
                  literal("2") + "</row></relation>"),
              Value::list({Value::context({{"a", 1}, {"b", 2}})}));
}

TEST(Boxed, conditional_and_iterators) {
    EXPECT_EQ(run("<conditional><if>" + literal("1 > 0") + "</if><then>" + literal("\"y\"") +
                  "</then><else>" + literal("\"n\"") + "</else></conditional>"),
              Value("y"));
    EXPECT_EQ(run("<for iteratorVariable=\"i\"><in>" + literal("[1,2,3]") + "</in><return>" +
                  literal("i * i + count(partial)") + "</return></for>"),
              Value::list({1, 5, 11}));
    EXPECT_EQ(run("<for iteratorVariable=\"i\"><in>" + literal("[1..3]") + "</in><return>" +
                  literal("i") + "</return></for>"),
              Value::list({1, 2, 3}));
    EXPECT_EQ(run("<some iteratorVariable=\"i\"><in>" + literal("[1,2]") + "</in><satisfies>" +
                  literal("i > 1") + "</satisfies></some>"),
              Value(true));
    EXPECT_EQ(run("<every iteratorVariable=\"i\"><in>" + literal("[1,2]") + "</in><satisfies>" +
                  literal("i > 1") + "</satisfies></every>"),
              Value(false));
}

TEST(Boxed, filter_sees_item_and_its_entries) {
    const std::string people = literal("[{age: 10, name: \"a\"}, {age: 20, name: \"b\"}]");
    EXPECT_EQ(run("<filter><in>" + people + "</in><match>" + literal("item.age > 15") +
                  "</match></filter>"),
              run(literal("[{age: 20, name: \"b\"}]")));
    EXPECT_EQ(run("<context>" + entry("limit", literal("15")) +
                  entry("", "<filter><in>" + people + "</in><match>" + literal("age > limit") +
                                "</match></filter>") +
                  "</context>"),
              run(literal("[{age: 20, name: \"b\"}]")));
}

TEST(Boxed, external_java_functions_are_a_fixed_list) {
    const auto external = [](const std::string& class_name, const std::string& signature) {
        return "<context>" +
               entry("f",
                     "<functionDefinition kind=\"Java\"><formalParameter name=\"first one\" "
                     "typeRef=\"number\"/><formalParameter name=\"b\" typeRef=\"number\"/>"
                     "<context>" +
                         entry("class", literal("\"" + class_name + "\"")) +
                         entry("method signature", literal("\"" + signature + "\"")) +
                         "</context></functionDefinition>") +
               entry("", literal("f(123, 456)")) + "</context>";
    };
    EXPECT_EQ(run(external("java.lang.Math", "max(double, double)")), Value(456));
    EXPECT_EQ(run(external("java.lang.Runtime", "exec(java.lang.String)")), Value());
}

}  // namespace
}  // namespace schwarm::dmn
