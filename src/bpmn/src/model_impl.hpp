#pragma once

#include "schwarm/bpmn/model.hpp"
#include "schwarm/xml/document.hpp"

namespace schwarm::bpmn {

struct Model::Impl {
    explicit Impl(xml::Document d) : document(std::move(d)) {}
    std::string file;
    xml::Document document;
    std::vector<std::shared_ptr<const Process>> processes;
    std::vector<Collaboration> collaborations;
    std::vector<MessageDeclaration> messages;
    std::vector<ExternalReference> references;
};

}  // namespace schwarm::bpmn
