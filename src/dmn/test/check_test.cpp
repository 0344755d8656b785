// Checks of models: what is found in small tables, that each example really shows it, and that
// nothing is found or missed against an exhaustive enumeration.
#include "schwarm/dmn/check.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "model_text.hpp"

namespace schwarm::dmn {
namespace {

using feel::Value;
using testing::HasSubstr;
using Rows = std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>>;
using Kind = Finding::Kind;
using Severity = Finding::Severity;

const std::string kOut = "<output/>";

Checked checked(std::string text) {
    std::vector<SourceFile> files = {{"f.dmn", std::move(text)}};
    auto out = load_checked(std::move(files));
    if (!out) throw std::runtime_error(out.error().text());
    return std::move(*out);
}

// A table over inputs with these types, as decision "d".
std::string table_model(const std::string& attributes,
                        const std::vector<std::pair<std::string, std::string>>& inputs,
                        const Rows& rows, const std::string& output = kOut,
                        const std::string& types = "") {
    std::string content = types;
    std::string required;
    std::vector<std::string> names;
    for (const auto& [name, type] : inputs) {
        content += input(name, type);
        required += requires_input(name);
        names.push_back(name);
    }
    return model(content + decision("d", required + table(attributes, names, {output}, rows)));
}

std::vector<Finding> of_kind(const Checked& checked, Kind kind) {
    std::vector<Finding> out;
    for (const auto& finding : checked.findings) {
        if (finding.kind == kind) out.push_back(finding);
    }
    return out;
}

std::string only(const Checked& checked, Kind kind) {
    const auto found = of_kind(checked, kind);
    EXPECT_EQ(found.size(), 1U);
    EXPECT_EQ(checked.findings.size(), found.size());
    for (const auto& finding : checked.findings) {
        if (checked.findings.size() > 1) ADD_FAILURE() << finding.where << ": " << finding.message;
    }
    return found.empty() ? "" : found.front().message;
}

std::string all(const Checked& checked) {
    std::string out;
    for (const auto& finding : checked.findings) {
        out += fmt::format("{} {}: {}\n", name_of(finding.severity), name_of(finding.kind),
                           finding.message);
    }
    return out;
}

const std::string kRisk =
    "<itemDefinition name=\"tRisk\"><typeRef>string</typeRef><allowedValues><text>\"low\", "
    "\"mid\", \"high\"</text></allowedValues></itemDefinition>\n";

TEST(Check, overlap_of_a_unique_table_is_an_error_with_place_and_example) {
    const auto found = checked(table_model("", {{"age", "number"}, {"risk", "tRisk"}},
                                           {{{"< 18", "-"}, {"1"}},
                                            {{"[18..65]", "\"low\""}, {"2"}},
                                            {{">= 65", "not(\"mid\")"}, {"3"}},
                                            {{"> 65", "\"mid\""}, {"4"}},
                                            {{"[18..65]", "\"mid\", \"high\""}, {"5"}}},
                                           kOut, kRisk));
    const auto overlaps = of_kind(found, Kind::overlap);
    ASSERT_EQ(overlaps.size(), 2U) << all(found);
    EXPECT_EQ(overlaps[0].severity, Severity::error);
    EXPECT_EQ(overlaps[0].message,
              "rules 2 and 3 both match where age is 65 and risk is \"low\", but the hit policy is "
              "UNIQUE; for example {\"age\": 65, \"risk\": \"low\"}");
    const auto place = place_of(overlaps[0]);
    EXPECT_EQ(place.file, "f.dmn");
    EXPECT_EQ(place.line, 5U);
    EXPECT_EQ(place.element, "r3");
    const auto outcome = found.program.evaluate("d", overlaps[0].example);
    ASSERT_EQ(outcome->diagnostics.size(), 1U);
    EXPECT_THAT(outcome->diagnostics[0].reason, HasSubstr("the rules 2, 3 match together"));
    EXPECT_EQ(of_kind(found, Kind::gap).size(), 0U) << all(found);
}

TEST(Check, any_tables_may_overlap_with_the_same_output) {
    EXPECT_EQ(all(checked(table_model("hitPolicy=\"ANY\"", {{"n", "number"}},
                                      {{{"<= 5"}, {"1"}}, {{">= 5"}, {"1"}}}))),
              "");
    EXPECT_EQ(only(checked(table_model("hitPolicy=\"ANY\"", {{"n", "number"}},
                                       {{{"<= 5"}, {"1"}}, {{">= 5"}, {"2"}}})),
                   Kind::overlap),
              "rules 1 and 2 both match where n is 5, but the hit policy is ANY and their outputs "
              "differ; for example {\"n\": 5}");
}

TEST(Check, gaps_have_an_example) {
    EXPECT_EQ(only(checked(table_model("", {{"n", "number"}},
                                       {{{"< 1000"}, {"1"}}, {{"> 1000.5"}, {"2"}}})),
                   Kind::gap),
              "no rule matches where n is [1000..1000.5]; for example {\"n\": 1000.2}");
    EXPECT_EQ(only(checked(table_model("", {{"b", "boolean"}}, {{{"true"}, {"1"}}})), Kind::gap),
              "no rule matches where b is false; for example {\"b\": false}");
    EXPECT_EQ(only(checked(table_model("", {{"r", "tRisk"}},
                                       {{{"\"low\""}, {"1"}}, {{"\"mid\""}, {"1"}}}, kOut, kRisk)),
                   Kind::gap),
              "no rule matches where r is \"high\"; for example {\"r\": \"high\"}");
    EXPECT_EQ(only(checked(table_model("", {{"s", "string"}}, {{{"\"a\""}, {"1"}}})), Kind::gap),
              "no rule matches where s is any other value; for example {\"s\": \"any other "
              "value\"}");
    EXPECT_EQ(only(checked(table_model(
                       "", {{"t", "date"}},
                       {{{"< date(\"2025-01-01\")"}, {"1"}}, {{"> date(\"2025-01-02\")"}, {"2"}}})),
                   Kind::gap),
              "no rule matches where t is [@\"2025-01-01\"..@\"2025-01-02\"]; for example {\"t\": "
              "@\"2025-01-01\"}");
    const std::string fallback =
        "<output><defaultOutputEntry><text>0</text></defaultOutputEntry></output>";
    EXPECT_EQ(all(checked(table_model("", {{"b", "boolean"}}, {{{"true"}, {"1"}}}, fallback))), "");
    EXPECT_EQ(
        all(checked(table_model("hitPolicy=\"COLLECT\"", {{"b", "boolean"}}, {{{"true"}, {"1"}}}))),
        "");
}

TEST(Check, kinds_of_values_have_their_neighbours) {
    const auto clean = [](const std::string& type, const Rows& rows) {
        EXPECT_EQ(all(checked(table_model("", {{"x", type}}, rows))), "") << type;
    };
    // Between two days, two months, two seconds there is nothing.
    clean("date", {{{"<= @\"2025-01-01\""}, {"1"}}, {{">= @\"2025-01-02\""}, {"2"}}});
    clean("years and months duration", {{{"<= @\"P1Y\""}, {"1"}}, {{">= @\"P1Y1M\""}, {"2"}}});
    clean("time", {{{"<= @\"11:59:59\""}, {"1"}}, {{">= @\"12:00:00\""}, {"2"}}});
    clean("date and time",
          {{{"<= @\"2025-01-01T11:59:59\""}, {"1"}}, {{">= @\"2025-01-01T12:00:00\""}, {"2"}}});
    clean("integer", {{{"<= 1"}, {"1"}}, {{">= 2"}, {"2"}}});
    clean("string", {{{"< \"m\""}, {"1"}}, {{">= \"m\""}, {"2"}}});
    EXPECT_THAT(only(checked(table_model("", {{"x", "days and time duration"}},
                                         {{{"<= @\"P6D\""}, {"1"}}, {{">= @\"P7D\""}, {"2"}}})),
                     Kind::gap),
                HasSubstr("for example {\"x\": @\"P6DT12H\"}"));
    EXPECT_THAT(
        only(checked(table_model("", {{"x", "number"}}, {{{"<= 1"}, {"1"}}, {{">= 2"}, {"2"}}})),
             Kind::gap),
        HasSubstr("x is (1..2)"));
}

TEST(Check, rules_that_never_decide) {
    EXPECT_EQ(only(checked(table_model("hitPolicy=\"FIRST\"", {{"n", "number"}, {"b", "boolean"}},
                                       {{{"< 10", "-"}, {"1"}},
                                        {{">= 10", "true"}, {"2"}},
                                        {{"[0..20]", "true"}, {"3"}},
                                        {{"-", "-"}, {"4"}}})),
                   Kind::unreachable),
              "rule 3 never decides: the rules 1, 2 cover whatever it matches");
    // Null is not covered by the two halves: the last rule decides for it.
    EXPECT_EQ(all(checked(table_model("hitPolicy=\"FIRST\"", {{"n", "number"}},
                                      {{{"< 10"}, {"1"}}, {{">= 10"}, {"2"}}, {{"-"}, {"3"}}}))),
              "");
    const std::string output =
        "<output><outputValues><text>\"high\", \"low\"</text></outputValues></output>";
    EXPECT_EQ(only(checked(table_model("hitPolicy=\"PRIORITY\"", {{"n", "number"}},
                                       {{{"> 5"}, {"\"low\""}}, {{"-"}, {"\"high\""}}}, output)),
                   Kind::unreachable),
              "rule 1 never decides: rule 2 covers whatever it matches");
    EXPECT_EQ(all(checked(table_model("hitPolicy=\"PRIORITY\"", {{"n", "number"}},
                                      {{{"> 5"}, {"\"high\""}}, {{"-"}, {"\"low\""}}}, output))),
              "");
}

TEST(Check, values_that_are_not_allowed) {
    EXPECT_EQ(all(checked(table_model("hitPolicy=\"COLLECT\"", {{"r", "tRisk"}},
                                      {{{"\"none\", \"low\""}, {"1"}}}, kOut, kRisk))),
              "error value: rule 1: \"none\" is not among the allowed values of r: \"low\", "
              "\"mid\", \"high\"\n");
    const std::string output =
        "<output typeRef=\"number\"><outputValues><text>1, 2</text></outputValues></output>";
    EXPECT_EQ(
        all(checked(table_model("hitPolicy=\"COLLECT\"", {{"n", "number"}},
                                {{{"1"}, {"3"}}, {{"2"}, {"\"x\""}}, {{"3"}, {"2"}}}, output))),
        "error value: rule 1: 3 is not among the output values of the output: 1, 2\n"
        "error type: rule 2: \"x\" does not fit the type of the output: string is not of the "
        "type number\n");
    EXPECT_EQ(all(checked(table_model("hitPolicy=\"COLLECT\"", {{"n", "number"}},
                                      {{{"\"x\""}, {"1"}}, {{"[5..1]"}, {"1"}}}))),
              "error type: rule 1: \"x\" is of the type string, but n is of the type number\n"
              "error value: rule 2: the range [5..1] is empty\n");
    EXPECT_THAT(
        all(checked(table_model("hitPolicy=\"PRIORITY\"", {{"n", "number"}}, {{{"-"}, {"1"}}}))),
        HasSubstr("needs output values"));
}

TEST(Check, required_tables_say_what_they_give) {
    const auto risk =
        input("n") +
        decision("risk",
                 requires_input("n") +
                     table("", {"n"}, {kOut}, {{{"< 5"}, {"\"low\""}}, {{">= 5"}, {"\"high\""}}}),
                 "string");
    const auto said = [&](const Rows& rows) {
        return all(checked(model(
            risk + decision("d", requires_decision("risk") + table("", {"risk"}, {kOut}, rows)))));
    };
    EXPECT_EQ(said({{{"\"low\""}, {"1"}}, {{"\"high\""}, {"2"}}}), "");
    EXPECT_EQ(said({{{"\"low\""}, {"1"}}, {{"\"mid\""}, {"2"}}}),
              "warning gap: no rule matches where risk is \"high\"; for example {\"risk\": "
              "\"high\"}\n"
              "warning value: rule 2: risk is never \"mid\", its table only gives \"low\", "
              "\"high\"\n");
}

TEST(Check, repeated_rules) {
    EXPECT_EQ(only(checked(table_model("hitPolicy=\"COLLECT\"", {{"n", "number"}},
                                       {{{"1, 2"}, {"1"}}, {{"2, 1"}, {"2"}}, {{"2,1"}, {"1"}}})),
                   Kind::duplicate),
              "rule 3 repeats rule 1");
}

TEST(Check, conditions_that_are_no_constants_prove_nothing) {
    EXPECT_EQ(only(checked(table_model(
                       "", {{"n", "number"}, {"m", "number"}},
                       {{{"> m", "-"}, {"1"}}, {{"<= 5", "-"}, {"2"}}, {{"> 5", "-"}, {"3"}}})),
                   Kind::not_analysed),
              "rule 1: conditions that are no constants are not analysed; overlaps and gaps with "
              "them are not looked for");
}

TEST(Check, unknown_rules_fill_gaps_perhaps) {
    const auto found = checked(table_model("", {{"n", "number"}, {"m", "number"}},
                                           {{{"< 5", "> n"}, {"1"}}, {{"> 5", "-"}, {"2"}}}));
    ASSERT_EQ(of_kind(found, Kind::gap).size(), 1U) << all(found);
    EXPECT_THAT(of_kind(found, Kind::gap)[0].message, HasSubstr("where n is 5;"));
    EXPECT_EQ(of_kind(found, Kind::not_analysed).size(), 1U);
    // On a finite domain a condition without other names can be tried out.
    EXPECT_EQ(all(checked(table_model("", {{"r", "tRisk"}},
                                      {{{"contains(?, \"i\")"}, {"1"}}, {{"\"low\""}, {"2"}}}, kOut,
                                      kRisk))),
              "");
}

TEST(Check, columns_that_depend_on_one_another_are_only_suspected) {
    const auto found = checked(
        model(input("n") + decision("d", requires_input("n") + table("", {"n", "n * 2"}, {kOut},
                                                                     {{{"< 5", "> 20"}, {"1"}},
                                                                      {{"< 4", "> 21"}, {"2"}},
                                                                      {{">= 5", "-"}, {"3"}}}))));
    for (const auto& finding : found.findings) {
        EXPECT_NE(finding.severity, Severity::error) << finding.message;
    }
    EXPECT_THAT(all(found), HasSubstr("rules 1 and 2 may both match"));
    EXPECT_THAT(all(found), HasSubstr("perhaps no rule matches"));
    // The same expression twice is one dimension.
    EXPECT_EQ(all(checked(model(input("n") + decision("d", requires_input("n") +
                                                               table("", {"n", "n"}, {kOut},
                                                                     {{{"< 5", "-"}, {"1"}},
                                                                      {{">= 5", "< 9"}, {"2"}},
                                                                      {{"-", ">= 9"}, {"3"}}}))))),
              "");
}

TEST(Check, entries_of_contexts_make_a_whole_example) {
    const std::string type =
        "<itemDefinition name=\"tP\"><itemComponent name=\"age\"><typeRef>number</typeRef>"
        "</itemComponent><itemComponent name=\"full name\"><typeRef>string</typeRef>"
        "</itemComponent></itemDefinition>";
    const auto found = checked(model(
        type + input("p", "tP") +
        decision("d", requires_input("p") + table("", {"p.age"}, {kOut}, {{{"> 5"}, {"1"}}}))));
    EXPECT_EQ(
        only(found, Kind::gap),
        "no rule matches where p.age is <= 5; for example {\"p\": {\"age\": 4, \"full name\": "
        "null}}");
    const auto outcome = found.program.evaluate("d", found.findings[0].example);
    ASSERT_EQ(outcome->diagnostics.size(), 1U);
    EXPECT_EQ(outcome->diagnostics[0].reason, "no rule of the table matches");
}

TEST(Check, type_errors_inside_of_expressions) {
    const auto said = [](const std::string& expression, const std::string& type = "Any") {
        return all(checked(model(input("n") + input("s", "string") + input("t", "date") +
                                 decision("d",
                                          requires_input("n") + requires_input("s") +
                                              requires_input("t") + literal(expression),
                                          type))));
    };
    EXPECT_EQ(said("n + s"), "error type: cannot add number and string, at 1:3 of n + s\n");
    EXPECT_EQ(said("if n > s then 1 else 2"),
              "error type: cannot compare number with string, at 1:6 of if n > s then 1 else 2\n");
    EXPECT_THAT(said("t - n"), HasSubstr("cannot subtract date and number"));
    EXPECT_THAT(said("upper case(n)"), HasSubstr("upper case needs a string, not number"));
    EXPECT_THAT(said("substring(s)"), HasSubstr("wrong number of arguments for substring"));
    EXPECT_THAT(said("t.hour"), HasSubstr("there is no \"hour\" in date"));
    EXPECT_THAT(said("{a: 1}.b"), HasSubstr("there is no \"b\" in context<a: number>"));
    EXPECT_THAT(said("date(\"2025-02-30\")"), HasSubstr("this string is no date"));
    EXPECT_THAT(said("n in [\"a\"..\"b\"]"), HasSubstr("cannot compare number with string"));
    EXPECT_THAT(said("s and true"), HasSubstr("an operand of \"and\" must be a boolean"));
    EXPECT_THAT(said("string length(s) + 1", "string"),
                HasSubstr("what the logic gives is of the type number, but string is declared"));
    EXPECT_THAT(said("(function(a: number) a + 1)(s)"),
                HasSubstr("the argument a must be number, not string"));
    // What may be right is not spoken of.
    for (const auto* right :
         {"t + duration(\"P1D\") > t", "n = null", "[1, 2][n]", "[1, 2][n] + 1", "sum([1, n]) + 1",
          "[{a: 1}, {a: 1, b: 2}].b", "(if n > 1 then {a: 1} else {b: 1}).b", "max(n, 2) - 1",
          "for i in [1, 2] return i + n", "s in (\"a\", \"b\")", "n in [1, 2, 3]",
          "n in (> 5, [1..2])", "append([1], \"a\")", "string(n) + s", "abs(n) + 1",
          "(t - t) / duration(\"PT1H\") + n", "sort([3, 1], function(x, y) x < y)[1]",
          "{f: sum, r: f(1, 2, 3)}.r", "get value({a: 1}, \"a\") + 1"}) {
        EXPECT_EQ(said(right), "") << right;
    }
}

TEST(Check, invocations_of_knowledge_models) {
    const std::string bkm =
        "<businessKnowledgeModel id=\"f\" name=\"f\"><variable name=\"f\" typeRef=\"number\"/>"
        "<encapsulatedLogic><formalParameter name=\"a\" typeRef=\"number\"/>" +
        literal("a * 2") + "</encapsulatedLogic></businessKnowledgeModel>";
    const std::string knows =
        "<knowledgeRequirement><requiredKnowledge href=\"#f\"/></knowledgeRequirement>";
    const auto said = [&](const std::string& logic) {
        return all(checked(model(bkm + input("s", "string") +
                                 decision("d", requires_input("s") + knows + logic))));
    };
    EXPECT_THAT(said(literal("f(s)")), HasSubstr("the argument a must be number, not string"));
    EXPECT_THAT(said(literal("f(1, 2)")), HasSubstr("the function takes 1 arguments, not 2"));
    EXPECT_EQ(said(literal("f(3) + 1")), "");
    const auto boxed = [](const std::string& parameter, const std::string& argument) {
        return "<invocation>" + literal("f") + "<binding><parameter name=\"" + parameter + "\"/>" +
               literal(argument) + "</binding></invocation>";
    };
    EXPECT_EQ(said(boxed("a", "1")), "");
    EXPECT_THAT(said(boxed("a", "s")), HasSubstr("the argument 'a' is of the type string"));
    EXPECT_THAT(said(boxed("b", "1")), HasSubstr("the function has no parameter 'b'"));
}

TEST(Check, keeps_what_loading_noticed) {
    const auto found = checked(model("<inputData id=\"n\" name=\"n\"/>" +
                                     decision("d", requires_input("n") + literal("n + season"))));
    EXPECT_EQ(of_kind(found, Kind::missing_type).size(), 1U);
    EXPECT_EQ(of_kind(found, Kind::name).size(), 1U);
}

TEST(Check, says_when_it_gives_up) {
    Rows rows;
    for (int i = 0; i < 60; ++i) {
        rows.push_back({{fmt::format(">= {}", i), fmt::format("<= {}", i)}, {std::to_string(i)}});
    }
    CheckLimits limits;
    limits.work = 100;
    std::vector<SourceFile> files = {
        {"f.dmn", table_model("hitPolicy=\"FIRST\"", {{"a", "number"}, {"b", "number"}}, rows)}};
    const auto found = load_checked(std::move(files), {}, {}, limits);
    ASSERT_TRUE(found);
    EXPECT_THAT(all(*found), HasSubstr("too large to be analysed fully"));
}

// Ten thousand rules over four inputs: complete, without overlaps, and with one rule too many.
TEST(Check, large_tables) {
    Rows rows;
    for (int i = 0; i < 10'000; ++i) {
        const auto cell = [](int digit) {
            return digit == 0   ? std::string("< 1")
                   : digit == 9 ? std::string(">= 9")
                                : fmt::format("[{}..{})", digit, digit + 1);
        };
        rows.push_back(
            {{cell(i % 10), cell(i / 10 % 10), cell(i / 100 % 10), cell(i / 1000)}, {"1"}});
    }
    const std::vector<std::pair<std::string, std::string>> inputs = {
        {"a", "number"}, {"b", "number"}, {"c", "number"}, {"e", "number"}};
    for (const auto* policy : {"UNIQUE", "FIRST"}) {
        const auto attributes = fmt::format("hitPolicy=\"{}\"", policy);
        EXPECT_EQ(all(checked(table_model(attributes, inputs, rows))), "");
    }
    auto more = rows;
    more[777].first[2] = "-";
    more.erase(more.begin() + 5432);
    const auto found = checked(table_model("", inputs, more));
    EXPECT_EQ(of_kind(found, Kind::overlap).size(), 9U);
    EXPECT_EQ(of_kind(found, Kind::gap).size(), 1U);
    EXPECT_EQ(found.findings.size(), 10U);
    more.push_back({{"-", "[0..5]", "-", "-"}, {"2"}});
    const auto first = checked(table_model("hitPolicy=\"FIRST\"", inputs, more));
    EXPECT_EQ(of_kind(first, Kind::unreachable).size(), 2U) << all(first);
}

// ---- property: small random tables against enumeration ----

class RandomTable {
  public:
    explicit RandomTable(std::uint32_t seed) : random_(seed) {
        const std::size_t columns = 1 + random_() % 3;
        for (std::size_t c = 0; c < columns; ++c) {
            static const std::vector<std::string> kTypes = {"number", "string", "boolean", "date"};
            types_.push_back(kTypes[random_() % kTypes.size()]);
            names_.push_back(fmt::format("x{}", c));
        }
        const std::size_t rules = 1 + random_() % 7;
        for (std::size_t r = 0; r < rules; ++r) {
            std::vector<std::string> cells;
            for (const auto& type : types_) cells.push_back(cell(type));
            rows_.push_back({cells, {std::to_string(random_() % 2)}});
        }
    }

    std::string text(const std::string& policy) const {
        std::vector<std::pair<std::string, std::string>> inputs;
        for (std::size_t c = 0; c < types_.size(); ++c) inputs.emplace_back(names_[c], types_[c]);
        const std::string output =
            "<output><outputValues><text>1, 0</text></outputValues></output>";
        return table_model("hitPolicy=\"" + policy + "\"", inputs, rows_, output);
    }

    // Every input that any cell can tell from another; with null.
    std::vector<Value> inputs() const {
        std::vector<std::vector<Value>> values;
        for (const auto& type : types_) values.push_back(values_of(type));
        std::vector<Value> out;
        std::vector<std::size_t> at(types_.size(), 0);
        while (true) {
            feel::ContextBuilder one;
            for (std::size_t c = 0; c < at.size(); ++c) one.set(names_[c], values[c][at[c]]);
            out.push_back(one.build());
            std::size_t c = 0;
            while (c < at.size() && ++at[c] == values[c].size()) at[c++] = 0;
            if (c == at.size()) return out;
        }
    }
    const Rows& rows() const { return rows_; }

  private:
    static std::string date(int day) { return fmt::format("@\"2025-01-{:02}\"", day); }

    static std::vector<Value> values_of(const std::string& type) {
        if (type == "boolean") return {Value(true), Value(false), Value()};
        if (type == "string") {
            return {Value("a"), Value("b"), Value("c"), Value("another"), Value()};
        }
        std::vector<Value> out = {Value()};
        for (int i = 0; i <= 10; ++i) {
            if (type == "date") {
                out.emplace_back(*Date::from_civil(2025, 1, 9 + i));
            } else {
                out.emplace_back(Decimal::scaled(5 * i - 5, -1));
            }
        }
        return out;
    }

    std::string literal_of(const std::string& type) {
        if (type == "boolean") return random_() % 2 == 0 ? "true" : "false";
        if (type == "string") return fmt::format("\"{}\"", "abc"[random_() % 3]);
        const int n = static_cast<int>(random_() % 4);
        return type == "date" ? date(10 + 2 * n) : std::to_string(n);
    }

    std::string test(const std::string& type) {
        const bool ordered = type == "number" || type == "date";
        switch (ordered ? random_() % 4 : 0) {
            case 1: {
                static const std::vector<std::string> kComparisons = {"<", "<=", ">", ">="};
                return kComparisons[random_() % 4] + " " + literal_of(type);
            }
            case 2: {
                const int low = static_cast<int>(random_() % 3);
                const int high = low + 1 + static_cast<int>(random_() % 2);
                const auto end = [&](int n) {
                    return type == "date" ? date(10 + 2 * n) : std::to_string(n);
                };
                return fmt::format("{}{}..{}{}", random_() % 2 == 0 ? '[' : '(', end(low),
                                   end(high), random_() % 2 == 0 ? ']' : ')');
            }
            default:
                return literal_of(type);
        }
    }

    std::string cell(const std::string& type) {
        switch (random_() % 6) {
            case 0:
                return "-";
            case 1:
                return "not(" + test(type) + ")";
            case 2:
                return test(type) + ", " + test(type);
            case 3:
                return random_() % 4 == 0 ? "null" : test(type);
            default:
                return test(type);
        }
    }

    std::mt19937 random_;
    std::vector<std::string> types_;
    std::vector<std::string> names_;
    Rows rows_;
};

// Which rules match an input: the policy RULE ORDER lets the trace name all of them.
std::vector<std::size_t> matches(const Program& program, const Value& input) {
    EvaluationOptions options;
    options.trace = true;
    const auto outcome = program.evaluate("d", input, options);
    std::vector<std::size_t> out;
    for (const auto& table : outcome->trace.front().tables) {
        for (const auto& rule : table.rules) out.push_back(rule.number);
    }
    return out;
}

bool has_null(const Value& input) {
    return std::any_of(input.as_context().begin(), input.as_context().end(),
                       [](const auto& entry) { return entry.value.is_null(); });
}

std::set<std::size_t> unreachable_of(const Checked& found) {
    std::set<std::size_t> out;
    for (const auto& finding : of_kind(found, Kind::unreachable)) {
        out.insert(std::stoul(finding.message.substr(5)));
    }
    return out;
}

class RandomTables : public testing::TestWithParam<std::uint32_t> {};

// What an enumeration of all inputs says.
struct Truth {
    std::set<std::pair<std::size_t, std::size_t>> overlaps;
    std::set<std::size_t> first;     // rules that decide under FIRST
    std::set<std::size_t> priority;  // under PRIORITY
    bool gap = false;
};

Truth enumerate(const RandomTable& table, const Program& program) {
    Truth out;
    for (const auto& input : table.inputs()) {
        const auto rules = matches(program, input);
        for (std::size_t a = 0; a < rules.size(); ++a) {
            for (std::size_t b = 0; b < a; ++b) out.overlaps.emplace(rules[b], rules[a]);
        }
        if (rules.empty()) {
            out.gap = out.gap || !has_null(input);
            continue;
        }
        out.first.insert(rules.front());
        // The output values are 1, 0: the first rule with 1 decides, else the first.
        const auto best = std::find_if(rules.begin(), rules.end(), [&](std::size_t rule) {
            return table.rows()[rule - 1].second[0] == "1";
        });
        out.priority.insert(best == rules.end() ? rules.front() : *best);
    }
    return out;
}

Checked check_fully(const RandomTable& table, const std::string& policy) {
    CheckLimits limits;
    limits.findings = 1000;
    std::vector<SourceFile> files = {{"f.dmn", table.text(policy)}};
    auto found = load_checked(std::move(files), {}, {}, limits);
    if (!found) throw std::runtime_error(found.error().text());
    return std::move(*found);
}

void expect_overlaps_and_gaps(const RandomTable& table, const Program& program,
                              const Truth& truth) {
    const auto unique = check_fully(table, "UNIQUE");
    EXPECT_EQ(of_kind(unique, Kind::not_analysed).size(), 0U);
    std::set<std::pair<std::size_t, std::size_t>> said;
    for (const auto& overlap : of_kind(unique, Kind::overlap)) {
        std::size_t a = 0;
        std::size_t b = 0;
        ASSERT_EQ(sscanf(overlap.message.c_str(), "rules %zu and %zu", &a, &b), 2);
        said.emplace(a, b);
        const auto rules = matches(program, overlap.example);
        EXPECT_EQ(std::count(rules.begin(), rules.end(), a), 1) << overlap.message;
        EXPECT_EQ(std::count(rules.begin(), rules.end(), b), 1) << overlap.message;
    }
    EXPECT_EQ(said, truth.overlaps);
    EXPECT_EQ(!of_kind(unique, Kind::gap).empty(), truth.gap);
    for (const auto& gap : of_kind(unique, Kind::gap)) {
        EXPECT_TRUE(matches(program, gap.example).empty()) << gap.message;
    }
}

void expect_unreachable(const RandomTable& table, const std::string& policy,
                        const std::set<std::size_t>& decides) {
    const auto found = check_fully(table, policy);
    const auto unreachable = unreachable_of(found);
    auto reported = unreachable;
    // Rules whose condition has a finding of its own are not repeated.
    for (const auto& finding : of_kind(found, Kind::value)) {
        std::size_t rule = 0;
        if (sscanf(finding.message.c_str(), "rule %zu", &rule) == 1) reported.insert(rule);
    }
    for (std::size_t rule = 1; rule <= table.rows().size(); ++rule) {
        if (decides.contains(rule)) {
            EXPECT_FALSE(unreachable.contains(rule)) << policy << " " << rule;
        } else {
            EXPECT_TRUE(reported.contains(rule)) << policy << " " << rule;
        }
    }
}

TEST_P(RandomTables, findings_are_those_of_an_enumeration) {
    for (std::uint32_t i = 0; i < 150; ++i) {
        const RandomTable table(GetParam() * 1000 + i);
        SCOPED_TRACE(fmt::format("seed {}: {}", GetParam() * 1000 + i, table.text("UNIQUE")));
        const auto program = loaded({table.text("RULE ORDER")});
        const auto truth = enumerate(table, program);
        expect_overlaps_and_gaps(table, program, truth);
        expect_unreachable(table, "FIRST", truth.first);
        expect_unreachable(table, "PRIORITY", truth.priority);
        if (HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTables, testing::Range(1U, 9U));

}  // namespace
}  // namespace schwarm::dmn
