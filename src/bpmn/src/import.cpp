#include <unordered_map>

#include "model_impl.hpp"
#include "reader.hpp"
#include "schwarm/bpmn/model.hpp"
#include "vocabulary.hpp"

namespace schwarm::bpmn {
namespace {

void check_collaboration(Reader& reader, const Model::Impl& model, const Collaboration& c,
                         xml::Element element) {
    for (const Participant& p : c.participants) {
        if (p.process_id.empty()) continue;
        bool found = false;
        for (const auto& process : model.processes) found = found || process->id == p.process_id;
        if (!found) {
            reader.report(ProblemKind::unresolved_reference, element,
                          "participant '" + p.id + "': processRef '" + p.process_id +
                              "' points to nothing in this file");
        }
    }
}

// Elements in the BPMN namespace that BPMN does not have. Foreign content is not looked into.
void check_vocabulary(Reader& reader, xml::Element element) {
    for (const xml::Element e : element.children()) {
        if (e.ns() == kBpmnNs) {
            if (!is_bpmn_element(e.name())) {
                reader.report(ProblemKind::unknown_element, Severity::error, e,
                              "'" + std::string(e.name()) + "' is not an element of BPMN 2.0.2");
                continue;
            }
            if (e.name() != "extensionElements") check_vocabulary(reader, e);
        }
    }
}

void check_ids(Reader& reader, xml::Element element, std::unordered_map<std::string, int>& seen) {
    for (const xml::Element e : element.children()) {
        if (e.ns() != kBpmnNs || e.name() == "extensionElements") continue;
        if (const auto id = e.attribute("id")) {
            const int line = static_cast<int>(e.position().line);
            const auto [at, added] = seen.emplace(std::string(*id), line);
            if (!added) {
                reader.report(ProblemKind::invalid_model, Severity::error, e,
                              "the id is used twice, first in line " + std::to_string(at->second));
            }
        }
        check_ids(reader, e, seen);
    }
}

std::size_t count_nodes(xml::Element element) {
    std::size_t n = 0;
    for (const xml::Element e : element.children()) {
        if (e.ns() == kBpmnNs && node_kind_of(e.name()))
            n += 1 + count_nodes(e);
        else if (e.ns() == kBpmnNs && e.name() == "process")
            n += count_nodes(e);
    }
    return n;
}

Problem whole_file(ProblemKind kind, const std::string& file, std::string reason) {
    Problem p;
    p.kind = kind;
    p.file = file;
    p.reason = std::move(reason);
    return p;
}

// The line stands in "file:line:column".
int line_of(const Error& error) {
    const auto first = error.where.find(':');
    if (first == std::string::npos) return 0;
    int line = 0;
    for (std::size_t i = first + 1; i < error.where.size(); ++i) {
        if (error.where[i] < '0' || error.where[i] > '9') break;
        line = line * 10 + (error.where[i] - '0');
    }
    return line;
}

}  // namespace

Import import_model(std::string_view bytes, std::string file, const ImportLimits& limits) {
    Import out;
    xml::Limits xml_limits;
    xml_limits.bytes = limits.bytes_max;
    xml_limits.depth = limits.depth_max;
    auto parsed = xml::Document::parse(std::string(bytes), file, xml_limits);
    if (parsed.has_error()) {
        Problem p = whole_file(parsed.error().code == ErrorCode::limit_exceeded
                                   ? ProblemKind::limit
                                   : ProblemKind::not_well_formed,
                               file, parsed.error().message);
        p.line = line_of(parsed.error());
        out.problems.push_back(std::move(p));
        return out;
    }
    auto impl = std::make_unique<Model::Impl>(std::move(parsed.value()));
    impl->file = file;
    const xml::Element root = impl->document.root();
    if (!root.is(kBpmnNs, "definitions")) {
        Problem p = whole_file(ProblemKind::not_well_formed, file,
                               "the root element is not 'definitions' of BPMN 2.0");
        p.line = static_cast<int>(root.position().line);
        p.element = std::string(root.name());
        out.problems.push_back(std::move(p));
        return out;
    }
    if (count_nodes(root) > limits.nodes_max) {
        out.problems.push_back(
            whole_file(ProblemKind::limit, file,
                       "more than " + std::to_string(limits.nodes_max) + " flow nodes"));
        return out;
    }
    Reader reader(impl->document, file, limits, out.problems);
    check_vocabulary(reader, root);
    std::unordered_map<std::string, int> ids;
    check_ids(reader, root, ids);
    std::vector<xml::Element> collaborations;
    for (const xml::Element e : root.children()) {
        if (!e.is(kBpmnNs, "collaboration")) continue;
        collaborations.push_back(e);
        impl->collaborations.push_back(read_collaboration(reader, e));
    }
    for (const xml::Element e : root.children()) {
        if (e.is(kBpmnNs, "process")) impl->processes.push_back(read_process(reader, e));
    }
    reader.set_severity(Severity::error);
    for (std::size_t i = 0; i < collaborations.size(); ++i) {
        check_collaboration(reader, *impl, impl->collaborations[i], collaborations[i]);
    }
    for (const auto& [id, message] : reader.messages()) {
        impl->messages.push_back({id, message.name.source});
    }
    impl->references = std::move(reader.references);
    out.model = std::make_shared<const Model>(std::move(impl));
    return out;
}

}  // namespace schwarm::bpmn
