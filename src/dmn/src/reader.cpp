#include "reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace schwarm::dmn::detail {

namespace {

constexpr std::array<std::string_view, 6> kModelNamespaces = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd", "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/", "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/", "https://www.omg.org/spec/DMN/20240513/MODEL/",
};
constexpr std::array<std::string_view, 6> kFeelNamespaces = {
    "http://www.omg.org/spec/FEEL/20140401",       "http://www.omg.org/spec/DMN/20180521/FEEL/",
    "https://www.omg.org/spec/DMN/20191111/FEEL/", "https://www.omg.org/spec/DMN/20211108/FEEL/",
    "https://www.omg.org/spec/DMN/20230324/FEEL/", "https://www.omg.org/spec/DMN/20240513/FEEL/",
};
constexpr std::array<std::string_view, 14> kExpressions = {
    "literalExpression", "decisionTable", "context",    "invocation", "functionDefinition",
    "relation",          "list",          "for",        "every",      "some",
    "conditional",       "filter",        "unaryTests", "expression"};

struct Content {
    std::vector<std::string_view> children;
    std::vector<std::string_view> required_attributes;
    bool expressions = false;
};

// What may stand in which element (DMN 1.5 schema; the older ones are subsets).
const std::map<std::string_view, Content>& contents() {
    static const std::map<std::string_view, Content> kContents = {
        {"definitions",
         {{"import", "itemDefinition", "decision", "inputData", "businessKnowledgeModel",
           "knowledgeSource", "decisionService", "group", "textAnnotation", "association",
           "elementCollection", "performanceIndicator", "organizationUnit"},
          {"name", "namespace"}}},
        {"import", {{}, {"namespace", "importType"}}},
        {"itemDefinition",
         {{"typeRef", "allowedValues", "typeConstraint", "itemComponent", "functionItem"},
          {"name"}}},
        {"itemComponent",
         {{"typeRef", "allowedValues", "typeConstraint", "itemComponent", "functionItem"},
          {"name"}}},
        {"functionItem", {{"parameters"}, {}}},
        {"decision",
         {{"question", "allowedAnswers", "variable", "informationRequirement",
           "knowledgeRequirement", "authorityRequirement", "supportedObjective",
           "impactedPerformanceIndicator", "decisionMaker", "decisionOwner", "usingProcess",
           "usingTask"},
          {"name"},
          true}},
        {"inputData", {{"variable"}, {}}},
        {"businessKnowledgeModel",
         {{"variable", "encapsulatedLogic", "knowledgeRequirement", "authorityRequirement"},
          {"name"}}},
        {"knowledgeSource", {{"authorityRequirement", "type", "owner"}, {"name"}}},
        {"decisionService",
         {{"variable", "outputDecision", "encapsulatedDecision", "inputDecision", "inputData"},
          {"name"}}},
        {"informationRequirement", {{"requiredDecision", "requiredInput"}, {}}},
        {"knowledgeRequirement", {{"requiredKnowledge"}, {}}},
        {"authorityRequirement", {{"requiredDecision", "requiredInput", "requiredAuthority"}, {}}},
        {"requiredDecision", {{}, {"href"}}},
        {"requiredInput", {{}, {"href"}}},
        {"requiredKnowledge", {{}, {"href"}}},
        {"requiredAuthority", {{}, {"href"}}},
        {"outputDecision", {{}, {"href"}}},
        {"encapsulatedDecision", {{}, {"href"}}},
        {"inputDecision", {{}, {"href"}}},
        {"elementCollection", {{"drgElement"}, {}}},
        {"performanceIndicator", {{"impactingDecision"}, {}}},
        {"organizationUnit", {{"decisionMade", "decisionOwned"}, {}}},
        {"textAnnotation", {{"text"}, {}}},
        {"association", {{"sourceRef", "targetRef"}, {}}},
        {"encapsulatedLogic", {{"formalParameter"}, {}, true}},
        {"functionDefinition", {{"formalParameter"}, {}, true}},
        {"formalParameter", {{}, {"name"}}},
        {"variable", {{}, {"name"}}},
        {"literalExpression", {{"text", "importedValues"}, {}}},
        {"importedValues", {{"importedElement"}, {}}},
        {"unaryTests", {{"text"}, {}}},
        {"allowedValues", {{"text"}, {}}},
        {"typeConstraint", {{"text"}, {}}},
        {"inputValues", {{"text"}, {}}},
        {"outputValues", {{"text"}, {}}},
        {"inputEntry", {{"text"}, {}}},
        {"inputExpression", {{"text", "importedValues"}, {}}},
        {"outputEntry", {{"text", "importedValues"}, {}}},
        {"defaultOutputEntry", {{"text", "importedValues"}, {}}},
        {"decisionTable", {{"input", "output", "annotation", "rule"}, {}}},
        {"input", {{"inputExpression", "inputValues"}, {}}},
        {"output", {{"outputValues", "defaultOutputEntry"}, {}}},
        {"annotation", {{}, {}}},
        {"rule", {{"inputEntry", "outputEntry", "annotationEntry"}, {}}},
        {"annotationEntry", {{"text"}, {}}},
        {"context", {{"contextEntry"}, {}}},
        {"contextEntry", {{"variable"}, {}, true}},
        {"invocation", {{"binding"}, {}, true}},
        {"binding", {{"parameter"}, {}, true}},
        {"parameter", {{}, {"name"}}},
        {"relation", {{"column", "row"}, {}}},
        {"column", {{}, {"name"}}},
        {"row", {{}, {}, true}},
        {"list", {{}, {}, true}},
        {"for", {{"in", "return"}, {"iteratorVariable"}}},
        {"every", {{"in", "satisfies"}, {"iteratorVariable"}}},
        {"some", {{"in", "satisfies"}, {"iteratorVariable"}}},
        {"conditional", {{"if", "then", "else"}, {}}},
        {"filter", {{"in", "match"}, {}}},
        {"in", {{}, {}, true}},
        {"return", {{}, {}, true}},
        {"satisfies", {{}, {}, true}},
        {"match", {{}, {}, true}},
        {"if", {{}, {}, true}},
        {"then", {{}, {}, true}},
        {"else", {{}, {}, true}},
    };
    return kContents;
}

template <class Range>
bool contains(const Range& range, std::string_view text) {
    return std::find(range.begin(), range.end(), text) != range.end();
}

// Elements of DMN that DMN does not know here, and attributes that are missing.
Result<> check_content(xml::Element element) {
    const auto found = contents().find(element.name());
    const bool drg_input =
        element.name() == "inputData" && element.parent().name() == "decisionService";
    if (found != contents().end()) {
        for (const auto attribute : found->second.required_attributes) {
            if (!element.attribute(attribute)) {
                return bad(ErrorCode::invalid_input,
                           fmt::format("the attribute '{}' is missing", attribute), element);
            }
        }
    }
    if (drg_input && !element.attribute("href")) {
        return bad(ErrorCode::invalid_input, "the attribute 'href' is missing", element);
    }
    for (const auto child : element.children()) {
        if (!is_dmn_namespace(child.ns())) continue;
        if (child.name() == "extensionElements" || child.name() == "description") continue;
        const bool known =
            found != contents().end() && (contains(found->second.children, child.name()) ||
                                          (found->second.expressions && is_expression(child)));
        if (!known) {
            return bad(ErrorCode::unsupported,
                       fmt::format("the element '{}' is unknown within '{}'",
                                   child.qualified_name(), element.qualified_name()),
                       child);
        }
        SCHWARM_TRY_VOID(check_content(child));
    }
    return {};
}

std::vector<Reference> references(xml::Element element, std::string_view name) {
    std::vector<Reference> out;
    for (const auto child : element.children()) {
        if (child.name() == name && is_dmn_namespace(child.ns())) {
            out.push_back({child, std::string(child.attribute_or("href", ""))});
        }
    }
    return out;
}

Result<> read_requirements(xml::Element element, DrgElement& out) {
    for (const auto child : element.children()) {
        if (!is_dmn_namespace(child.ns())) continue;
        if (child.name() == "informationRequirement") {
            auto found = references(child, "requiredDecision");
            if (found.empty()) found = references(child, "requiredInput");
            if (found.empty()) {
                return bad(ErrorCode::invalid_input,
                           "the requirement names neither a decision nor input data", child);
            }
            out.inputs.push_back(std::move(found.front()));
        } else if (child.name() == "knowledgeRequirement") {
            auto found = references(child, "requiredKnowledge");
            if (found.empty()) {
                return bad(ErrorCode::invalid_input, "the requirement names no knowledge", child);
            }
            out.knowledge.push_back(std::move(found.front()));
        }
    }
    return {};
}

Result<DrgElement> read_element(xml::Element element, DrgKind kind) {
    DrgElement out;
    out.kind = kind;
    out.element = element;
    out.id = element.attribute_or("id", "");
    out.variable = element.child("variable");
    out.name = normalized_name(element.attribute_or("name", ""));
    if (out.name.empty()) {
        out.name = normalized_name(out.variable.attribute_or("name", ""));
    }
    if (out.name.empty()) return bad(ErrorCode::invalid_input, "it has no name", element);
    out.type_ref = out.variable.attribute_or("typeRef", "");
    SCHWARM_TRY_VOID(read_requirements(element, out));
    if (kind == DrgKind::service) {
        out.output_decisions = references(element, "outputDecision");
        out.encapsulated_decisions = references(element, "encapsulatedDecision");
        out.input_decisions = references(element, "inputDecision");
        out.input_data = references(element, "inputData");
        if (out.output_decisions.empty()) {
            return bad(ErrorCode::invalid_input, "the decision service has no output decision",
                       element);
        }
    }
    return out;
}

Result<> check_unique_ids(xml::Element element, std::map<std::string_view, xml::Element>& seen) {
    if (const auto id = element.attribute("id"); id && !id->empty()) {
        const auto [at, added] = seen.emplace(*id, element);
        if (!added) {
            return bad(
                ErrorCode::invalid_input,
                fmt::format("the id '{}' is used twice, first at {}", *id, at->second.where()),
                element);
        }
    }
    return {};
}

Result<> read_child(xml::Element child, Definitions& out) {
    const auto name = child.name();
    if (name == "import") {
        const auto type = child.attribute_or("importType", "");
        if (is_dmn_namespace(type)) {
            out.imports.push_back({normalized_name(child.attribute_or("name", "")),
                                   std::string(child.attribute_or("namespace", "")),
                                   std::string(child.attribute_or("locationURI", "")), child});
            return {};
        }
        return bad(ErrorCode::unsupported,
                   fmt::format("only DMN models can be imported, not '{}'", type), child);
    }
    if (name == "itemDefinition") {
        out.item_definitions.push_back(child);
        return {};
    }
    static const std::map<std::string_view, DrgKind> kKinds = {
        {"inputData", DrgKind::input},
        {"decision", DrgKind::decision},
        {"businessKnowledgeModel", DrgKind::knowledge},
        {"decisionService", DrgKind::service},
        {"knowledgeSource", DrgKind::source},
    };
    if (const auto kind = kKinds.find(name); kind != kKinds.end()) {
        SCHWARM_TRY(element, read_element(child, kind->second));
        out.elements.push_back(std::move(element));
    }
    return {};
}

}  // namespace

bool is_dmn_namespace(std::string_view uri) {
    return contains(kModelNamespaces, uri);
}
bool is_feel_namespace(std::string_view uri) {
    return contains(kFeelNamespaces, uri);
}
bool is_expression(xml::Element element) {
    return is_dmn_namespace(element.ns()) && contains(kExpressions, element.name());
}
xml::Element expression_in(xml::Element parent) {
    for (const auto child : parent.children()) {
        if (is_expression(child)) return child;
    }
    return {};
}

std::string normalized_name(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (!space) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

Error bad(ErrorCode code, std::string message, xml::Element at) {
    return fail(code, std::move(message), at.where());
}

Result<Definitions> read_definitions(SourceFile file, const LoadLimits& limits) {
    xml::Limits xml_limits;
    xml_limits.bytes = limits.file_bytes;
    SCHWARM_TRY(document,
                xml::Document::parse(std::move(file.text), std::move(file.name), xml_limits));
    Definitions out;
    out.document = std::make_unique<xml::Document>(std::move(document));
    const auto root = out.document->root();
    if (root.name() != "definitions" || !is_dmn_namespace(root.ns())) {
        return bad(ErrorCode::unsupported,
                   fmt::format("this is not a DMN model: the root element is '{}' in the "
                               "namespace '{}'",
                               root.name(), root.ns()),
                   root);
    }
    SCHWARM_TRY_VOID(check_content(root));
    out.name = root.attribute_or("name", "");
    out.name_space = root.attribute_or("namespace", "");
    std::map<std::string_view, xml::Element> ids;
    for (const auto child : root.children()) {
        if (!is_dmn_namespace(child.ns())) continue;
        SCHWARM_TRY_VOID(check_unique_ids(child, ids));
        SCHWARM_TRY_VOID(read_child(child, out));
    }
    std::map<std::string_view, xml::Element> names;
    for (const auto& element : out.elements) {
        if (element.kind == DrgKind::source) continue;
        const auto [at, added] = names.emplace(element.name, element.element);
        if (!added) {
            return bad(ErrorCode::invalid_input,
                       fmt::format("the name '{}' is used twice, first at {}", element.name,
                                   at->second.where()),
                       element.element);
        }
    }
    return out;
}

}  // namespace schwarm::dmn::detail
