// Short DMN models for tests.
#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/dmn/program.hpp"

namespace schwarm::dmn {

inline std::string model(
    std::string_view content, std::string_view name_space = "urn:test",
    std::string_view version = "https://www.omg.org/spec/DMN/20230324/MODEL/") {
    std::string out = "<definitions xmlns=\"";
    out += version;
    out += "\" name=\"m\" id=\"m\" namespace=\"";
    out += name_space;
    out += "\">\n";
    out += content;
    out += "</definitions>";
    return out;
}

inline std::string literal(std::string_view text) {
    return "<literalExpression><text><![CDATA[" + std::string(text) +
           "]]></text></literalExpression>";
}

inline std::string requires_input(std::string_view id) {
    return "<informationRequirement><requiredInput href=\"#" + std::string(id) +
           "\"/></informationRequirement>";
}

inline std::string requires_decision(std::string_view id) {
    return "<informationRequirement><requiredDecision href=\"#" + std::string(id) +
           "\"/></informationRequirement>";
}

// id is also the name.
inline std::string input(std::string_view id, std::string_view type = "number") {
    return "<inputData id=\"" + std::string(id) + "\" name=\"" + std::string(id) +
           "\"><variable name=\"" + std::string(id) + "\" typeRef=\"" + std::string(type) +
           "\"/></inputData>\n";
}

inline std::string decision(std::string_view id, std::string_view content,
                            std::string_view type = "Any") {
    return "<decision id=\"" + std::string(id) + "\" name=\"" + std::string(id) +
           "\"><variable name=\"" + std::string(id) + "\" typeRef=\"" + std::string(type) + "\"/>" +
           std::string(content) + "</decision>\n";
}

// A table: inputs are expressions, rows are cells "in|in=>out|out".
inline std::string table(
    std::string_view attributes, const std::vector<std::string>& inputs,
    const std::vector<std::string>& outputs,
    const std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>>& rows) {
    std::string out = "<decisionTable " + std::string(attributes) + ">";
    const auto cell = [](const char* tag, const std::string& text) {
        return std::string("<") + tag + "><text><![CDATA[" + text + "]]></text></" + tag + ">";
    };
    for (const auto& one : inputs) {
        out += "<input>" + cell("inputExpression", one) + "</input>";
    }
    for (const auto& one : outputs) out += one;
    int number = 0;
    for (const auto& [tests, results] : rows) {
        out += "<rule id=\"r" + std::to_string(++number) + "\">";
        for (const auto& one : tests) out += cell("inputEntry", one);
        for (const auto& one : results) out += cell("outputEntry", one);
        out += "</rule>";
    }
    return out + "</decisionTable>";
}

inline Program loaded(std::vector<std::string> texts) {
    std::vector<SourceFile> files;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        files.push_back({"f" + std::to_string(i) + ".dmn", std::move(texts[i])});
    }
    auto program = Program::load_set(std::move(files));
    if (!program) throw std::runtime_error(program.error().text());
    return std::move(*program);
}

inline Error refused(std::string text) {
    auto program = Program::load({"f.dmn", std::move(text)});
    EXPECT_FALSE(program);
    return program ? Error() : program.error();
}

inline feel::Value evaluated(const Program& program, std::string_view name,
                             const feel::Value& input = feel::Value::context({})) {
    auto outcome = program.evaluate(name, input);
    if (!outcome) throw std::runtime_error(outcome.error().text());
    return outcome->value;
}

}  // namespace schwarm::dmn
