// The methods of the Java platform that are computed natively: all twelve, and others are refused.
#include <fmt/format.h>

#include "feel_helpers.hpp"

namespace schwarm::feel {
namespace {

std::string call(const char* class_name, const char* signature, const char* parameters,
                 const char* arguments) {
    return fmt::format(
        "(function({}) external {{java: {{class: \"{}\", method signature: \"{}\"}}}})({})",
        parameters, class_name, signature, arguments);
}

TEST(External, TwelveMethods) {
    struct Method {
        const char* class_name;
        const char* signature;
        const char* parameters;
        const char* arguments;
        const char* expected;
    };
    const Method methods[] = {
        {"java.lang.Math", "cos(double)", "a", "0", "1"},
        {"java.lang.Math", "max(int, int)", "a, b", "1, 2", "2"},
        {"java.lang.Math", "max(int, int)", "a, b", "1, 3000000000", "null"},
        {"java.lang.Math", "max(long,long)", "a, b", "1, 3000000000", "3000000000"},
        {"java.lang.Math", "max(float, float)", "a, b", "123.46, 456.78", "456.78"},
        {"java.lang.Math", "max(double,double)", "a, b", "-1.5, -2", "-1.5"},
        {"java.lang.Short", "valueOf(short)", "a", "123", "123"},
        {"java.lang.Short", "valueOf(short)", "a", "32768", "null"},
        {"java.lang.Byte", "valueOf(byte)", "a", "-128", "-128"},
        {"java.lang.Byte", "valueOf(byte)", "a", "128", "null"},
        {"java.lang.String", "valueOf(char)", "a", "\"ä\"", "\"ä\""},
        {"java.lang.String", "valueOf(char)", "a", "\"ab\"", "null"},
        {"java.lang.Integer", "valueOf(java.lang.String)", "a", "\"-12\"", "-12"},
        {"java.lang.Integer", "valueOf(java.lang.String)", "a", "\"1.5\"", "null"},
        {"java.lang.Float", "valueOf(java.lang.String)", "a", "\"1234.56\"", "1234.56"},
        {"java.lang.Double", "valueOf(java.lang.String)", "a", "\"1e3\"", "1000"},
        {"java.lang.Double", "valueOf(java.lang.String)", "a", "\"inf\"", "null"},
        {"java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", "a, b",
         "\"%s and %s, 100 %%\", [1, \"x\"]", "\"1 and x, 100 %\""},
        {"java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", "a, b", "\"%d\", [1]",
         "null"},
        {"java.lang.Runtime", "exec(java.lang.String)", "a", "\"ls\"", "null"},
        {"java.lang.Math", "max(int, int)", "a", "1", "null"},
    };
    for (const Method& m : methods) {
        const auto text = call(m.class_name, m.signature, m.parameters, m.arguments);
        EXPECT_EQ(run(text), m.expected) << text;
    }
}

TEST(External, OthersAreRefusedWithTheirName) {
    const auto expression =
        compile_expression(call("java.lang.Runtime", "exec(java.lang.String)", "a", "\"ls\""));
    ASSERT_TRUE(expression) << expression.error().text();
    Diagnostics diagnostics;
    EXPECT_TRUE(evaluate(*expression, Value(), &diagnostics).is_null());
    ASSERT_FALSE(diagnostics.empty());
    EXPECT_NE(diagnostics.items()[0].reason.find("java.lang.Runtime"), std::string::npos)
        << diagnostics.items()[0].reason;
}

}  // namespace
}  // namespace schwarm::feel
