// Reads one DMN file into an index of its elements: names, ids, references, checked against the
// elements DMN knows. Expressions stay in the XML; the compiler reads them from there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/dmn/program.hpp"
#include "schwarm/xml/document.hpp"

namespace schwarm::dmn::detail {

enum class DrgKind : std::uint8_t { input, decision, knowledge, service, source };

struct Reference {
    xml::Element element;
    std::string href;
};

// An element of the decision requirements graph.
struct DrgElement {
    DrgKind kind = DrgKind::input;
    std::string name;
    std::string id;
    xml::Element element;
    xml::Element variable;          // may be empty
    std::string type_ref;           // of the variable; may be empty
    std::vector<Reference> inputs;  // required input data and decisions, in their order
    std::vector<Reference> knowledge;
    // Of services.
    std::vector<Reference> output_decisions;
    std::vector<Reference> encapsulated_decisions;
    std::vector<Reference> input_decisions;
    std::vector<Reference> input_data;
};

struct Import {
    std::string name;
    std::string name_space;
    std::string location;
    xml::Element element;
};

struct Definitions {
    std::unique_ptr<xml::Document> document;
    std::string name;
    std::string name_space;
    std::vector<Import> imports;  // of DMN models only
    std::vector<xml::Element> item_definitions;
    std::vector<DrgElement> elements;
};

Result<Definitions> read_definitions(SourceFile file, const LoadLimits& limits);

bool is_dmn_namespace(std::string_view uri);
bool is_feel_namespace(std::string_view uri);
// The elements that are expressions: literalExpression, decisionTable, ...
bool is_expression(xml::Element element);
// The first child that is an expression; empty if there is none.
xml::Element expression_in(xml::Element parent);

// Names as FEEL compares them: runs of white space are one space, none at the ends.
std::string normalized_name(std::string_view text);

Error bad(ErrorCode code, std::string message, xml::Element at);

}  // namespace schwarm::dmn::detail
