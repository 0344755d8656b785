#include "schwarm/dmn/program.hpp"

#include <gmock/gmock.h>

#include "model_text.hpp"
#include "schwarm/feel/function.hpp"

namespace schwarm::dmn {
namespace {

using feel::Value;
using testing::HasSubstr;

TEST(Program, evaluates_what_is_required_once_and_in_order) {
    const auto program = loaded(
        {model(input("Miete") + decision("a", requires_input("Miete") + literal("Miete * 2")) +
               decision("b", requires_decision("a") + literal("a + 1")) +
               decision("c", requires_decision("a") + requires_decision("b") + literal("a + b")) +
               decision("unused", literal("1")))});
    EvaluationOptions options;
    options.decisions = true;
    options.trace = true;
    const auto outcome = program.evaluate("c", Value::context({{"Miete", 10}}), options);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->value, Value(41));
    EXPECT_EQ(outcome->decisions, Value::context({{"a", 20}, {"b", 21}, {"c", 41}}));
    ASSERT_EQ(outcome->trace.size(), 3U);
    EXPECT_EQ(outcome->trace[2].inputs, Value::context({{"a", 20}, {"b", 21}}));
    EXPECT_TRUE(outcome->diagnostics.empty());
}

TEST(Program, reads_the_namespaces_of_all_versions) {
    for (const auto* version : {"http://www.omg.org/spec/DMN/20151101/dmn.xsd",
                                "http://www.omg.org/spec/DMN/20180521/MODEL/",
                                "https://www.omg.org/spec/DMN/20191111/MODEL/",
                                "https://www.omg.org/spec/DMN/20211108/MODEL/",
                                "https://www.omg.org/spec/DMN/20230324/MODEL/"}) {
        const auto program = loaded({model(decision("d", literal("1+1")), "urn:t", version)});
        EXPECT_EQ(evaluated(program, "d"), Value(2));
    }
}

TEST(Program, converts_results_to_their_type) {
    const auto program =
        loaded({model(decision("number", literal("\"x\""), "number") +
                      decision("single", literal("[5]"), "number") +
                      "<itemDefinition name=\"tStufe\"><typeRef>string</typeRef><allowedValues>"
                      "<text>\"I\", \"II\"</text></allowedValues></itemDefinition>" +
                      decision("good", literal("\"II\""), "tStufe") +
                      decision("bad", literal("\"IX\""), "tStufe"))});
    EXPECT_EQ(evaluated(program, "number"), Value());
    EXPECT_EQ(evaluated(program, "single"), Value(5));
    EXPECT_EQ(evaluated(program, "good"), Value("II"));
    const auto outcome = program.evaluate("bad", Value());
    EXPECT_EQ(outcome->value, Value());
    ASSERT_FALSE(outcome->diagnostics.empty());
    EXPECT_THAT(outcome->diagnostics.front().reason, HasSubstr("not among the allowed values"));
    EXPECT_EQ(outcome->diagnostics.front().subject, "bad");
}

TEST(Program, checks_inputs_against_their_types) {
    const auto program =
        loaded({model(input("n") + decision("d", requires_input("n") + literal("n = null")))});
    EXPECT_EQ(evaluated(program, "d", Value::context({{"n", "x"}})), Value(true));
    const auto missing = program.evaluate("d", Value::context({}));
    EXPECT_EQ(missing->value, Value(true));
    ASSERT_EQ(missing->diagnostics.size(), 1U);
    EXPECT_THAT(missing->diagnostics[0].reason, HasSubstr("no value for 'n'"));
}

TEST(Program, calls_knowledge_models_also_themselves) {
    const auto program =
        loaded({model("<businessKnowledgeModel id=\"f\" name=\"fact\"><variable name=\"fact\"/>"
                      "<encapsulatedLogic><formalParameter name=\"n\" typeRef=\"number\"/>" +
                      literal("if n < 2 then 1 else n * fact(n - 1)") +
                      "</encapsulatedLogic><knowledgeRequirement><requiredKnowledge href=\"#f\"/>"
                      "</knowledgeRequirement></businessKnowledgeModel>" +
                      decision("d",
                               "<knowledgeRequirement><requiredKnowledge href=\"#f\"/>"
                               "</knowledgeRequirement>" +
                                   literal("fact(5)")) +
                      decision("as value",
                               "<knowledgeRequirement><requiredKnowledge href=\"#f\"/>"
                               "</knowledgeRequirement>" +
                                   literal("fact")))});
    EXPECT_EQ(evaluated(program, "d"), Value(120));
    EXPECT_EQ(evaluated(program, "f", Value::context({{"n", 4}})), Value(24));
}

TEST(Program, a_function_outlives_the_program_in_its_outcome) {
    Outcome outcome;
    {
        const auto program =
            loaded({model("<businessKnowledgeModel id=\"f\" name=\"f\"><encapsulatedLogic>"
                          "<formalParameter name=\"n\"/>" +
                          literal("n + 1") + "</encapsulatedLogic></businessKnowledgeModel>" +
                          decision("d",
                                   "<knowledgeRequirement><requiredKnowledge href=\"#f\"/>"
                                   "</knowledgeRequirement>" +
                                       literal("f")))});
        outcome = *program.evaluate("d", Value());
    }
    feel::Evaluation evaluation;
    const std::vector<Value> arguments = {Value(1)};
    EXPECT_EQ(feel::invoke(outcome.value, std::span<const Value>(arguments), evaluation), Value(2));
}

TEST(Program, services_take_input_data_then_decisions) {
    const auto program = loaded({model(
        "<decisionService id=\"s\" name=\"s\"><outputDecision href=\"#out\"/>"
        "<inputDecision href=\"#mid\"/><inputData href=\"#p\"/></decisionService>" +
        input("p", "string") + decision("mid", literal("\"never\"")) +
        decision("out", requires_input("p") + requires_decision("mid") + literal("p + mid")) +
        decision("d",
                 "<knowledgeRequirement><requiredKnowledge href=\"#s\"/>"
                 "</knowledgeRequirement>" +
                     literal("s(\"a\", \"b\")")))});
    EXPECT_EQ(evaluated(program, "d"), Value("ab"));
    EXPECT_EQ(evaluated(program, "s", Value::context({{"p", "x"}, {"mid", "y"}})), Value("xy"));
    EXPECT_EQ(evaluated(program, "out", Value::context({{"p", "x"}})), Value("xnever"));
}

TEST(Program, imports_among_the_files_and_by_the_resolver) {
    const std::string library = model(
        "<itemDefinition name=\"tP\"><itemComponent name=\"first name\"><typeRef>string</typeRef>"
        "</itemComponent></itemDefinition>" +
            input("person", "tP") +
            decision("greeting", requires_input("person") + literal("\"Hi \" + person.first name")),
        "urn:lib");
    const std::string main = model(
        "<import name=\"lib\" namespace=\"urn:lib\" "
        "importType=\"https://www.omg.org/spec/DMN/20230324/MODEL/\"/>" +
        decision("d",
                 "<informationRequirement><requiredDecision href=\"urn:lib#greeting\"/>"
                 "</informationRequirement>" +
                     literal("lib.greeting + \"!\"")));
    const auto person = Value::context({{"first name", "Ada"}});
    const auto program = loaded({main, library});
    EXPECT_EQ(evaluated(program, "d", Value::context({{"person", person}})), Value("Hi Ada!"));
    EXPECT_EQ(
        evaluated(program, "d", Value::context({{"lib", Value::context({{"person", person}})}})),
        Value("Hi Ada!"));
    const auto resolved = Program::load(
        {"main.dmn", main}, [&](std::string_view, std::string_view) -> Result<SourceFile> {
            return SourceFile{"lib.dmn", library};
        });
    ASSERT_TRUE(resolved);
    EXPECT_EQ(evaluated(*resolved, "d", Value::context({{"person", person}})), Value("Hi Ada!"));
    EXPECT_EQ(refused(main).code, ErrorCode::unresolved);
}

TEST(Program, takes_undeclared_names_from_the_input) {
    const auto program = loaded({model(decision("d", literal("season")))});
    EXPECT_EQ(evaluated(program, "d", Value::context({{"season", "Winter"}})), Value("Winter"));
    ASSERT_EQ(program.findings().size(), 1U);
    EXPECT_THAT(program.findings()[0].message, HasSubstr("'season'"));
}

TEST(Program, does_not_see_what_is_not_required) {
    const auto program =
        loaded({model(input("n") + decision("other", literal("5")) +
                      decision("d", literal("other")) + decision("e", literal("n")))});
    EXPECT_EQ(evaluated(program, "d"), Value());
    EXPECT_EQ(evaluated(program, "e", Value::context({{"n", 1}})), Value());
}

TEST(Program, refuses_bad_models_naming_place_and_reason) {
    auto error = refused("<definitions");
    EXPECT_EQ(error.code, ErrorCode::not_well_formed);
    error = refused(model("<decisoin id=\"x\" name=\"x\"/>"));
    EXPECT_EQ(error.text(),
              "f.dmn:2:1 element x: the element 'decisoin' is unknown within 'definitions' "
              "(unsupported)");
    error = refused(model(decision("d", requires_input("nowhere") + literal("1"))));
    EXPECT_EQ(error.code, ErrorCode::unresolved);
    EXPECT_THAT(error.message, HasSubstr("#nowhere"));
    error = refused(model(decision("d", literal("1 +"))));
    EXPECT_EQ(error.code, ErrorCode::invalid_input);
    EXPECT_THAT(error.text(), HasSubstr("f.dmn:2:"));
    error = refused(model("<decision id=\"d\"/>"));
    EXPECT_THAT(error.message, HasSubstr("'name' is missing"));
    error = refused(model(decision("d", literal("1"), "tUnknown")));
    EXPECT_THAT(error.text(), HasSubstr("the type 'tUnknown' is unknown"));
    error = refused(model(decision("a", requires_decision("b") + literal("1")) +
                          decision("b", requires_decision("a") + literal("1"))));
    EXPECT_THAT(error.message, HasSubstr("requires itself"));
    EXPECT_EQ(refused("<x/>").code, ErrorCode::unsupported);
    EXPECT_EQ(refused(model(decision("d", literal("1")) + decision("d", literal("2")))).code,
              ErrorCode::invalid_input);
}

TEST(Program, finds_by_name_id_and_namespace) {
    const auto program = loaded(
        {model(decision("d", literal("1")), "urn:a"), model(decision("d", literal("2")), "urn:b")});
    EXPECT_EQ(program.evaluate("d", Value()).error().code, ErrorCode::conflict);
    EXPECT_EQ(program.evaluate("e", Value()).error().code, ErrorCode::not_found);
    EXPECT_EQ(evaluated(program, "urn:b#d"), Value(2));
    EXPECT_EQ(program.invocables().size(), 2U);
}

}  // namespace
}  // namespace schwarm::dmn
