// What all parts of the importer share: the problems, the names known to expressions, and the
// root elements that others refer to.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schwarm/bpmn/model.hpp"
#include "schwarm/bpmn/problem.hpp"
#include "schwarm/bpmn/process.hpp"
#include "schwarm/feel/feel.hpp"
#include "schwarm/xml/document.hpp"

namespace schwarm::bpmn {

class Reader {
  public:
    Reader(const xml::Document& document, std::string file, const ImportLimits& limits,
           Problems& problems);

    const xml::Document& document() const { return document_; }
    const ImportLimits& limits() const { return limits_; }

    // Of the process being read: problems of one that is not marked executable are warnings.
    void set_severity(Severity severity) { severity_ = severity; }
    void report(ProblemKind kind, xml::Element at, std::string reason);
    void report(ProblemKind kind, Severity severity, xml::Element at, std::string reason);

    // How a text says that it is FEEL.
    enum class Style {
        prefixed,  // leading '=', else the text itself
        required,  // leading '=' needed; without one only if the language is declared as FEEL
    };
    // Compiles and reports; `at` is the element to blame. An absent or empty text is no
    // expression.
    Expression expression(xml::Element at, std::string_view text, Style style,
                          std::string_view language = {});

    const MessageDefinition* message(std::string_view reference) const;
    const ErrorDefinition* error(std::string_view reference) const;
    const SignalDefinition* signal(std::string_view reference) const;
    const EscalationDefinition* escalation(std::string_view reference) const;
    xml::Element global_event_definition(std::string_view reference) const;
    const std::map<std::string, MessageDefinition, std::less<>>& messages() const {
        return messages_;
    }

    std::vector<ExternalReference> references;
    // By the id of the node that sends to or hears a tenant of the network.
    std::map<std::string, std::shared_ptr<const Partner>, std::less<>> partners;

  private:
    void scan_names(xml::Element element);
    void read_roots();
    // A code that is text, or FEEL if it begins with '='.
    void read_code(xml::Element at, std::string_view attribute, std::string& code,
                   Expression& value);

    const xml::Document& document_;
    std::string file_;
    ImportLimits limits_;
    Problems& problems_;
    Severity severity_ = Severity::error;
    feel::NameScope names_;
    std::set<std::string, std::less<>> known_names_;
    std::string default_language_;
    std::map<std::string, MessageDefinition, std::less<>> messages_;
    std::map<std::string, ErrorDefinition, std::less<>> errors_;
    std::map<std::string, SignalDefinition, std::less<>> signals_;
    std::map<std::string, EscalationDefinition, std::less<>> escalations_;
    std::map<std::string, xml::Element, std::less<>> event_definitions_;
};

// "ns:Task_1" -> "Task_1": references are QNames, but modellers write plain ids.
std::string_view without_prefix(std::string_view qname);
xml::Element zeebe_child(xml::Element element, std::string_view local_name);

// A collaboration, and into reader.partners who in it is a tenant of the network.
Collaboration read_collaboration(Reader& reader, xml::Element element);

// One process with its nodes and flows, compiled; reports everything that is wrong with it.
std::shared_ptr<const Process> read_process(Reader& reader, xml::Element element);
// What the node catches or throws.
void read_events(Reader& reader, xml::Element element, Node& node);
void read_message_reference(Reader& reader, xml::Element element, EventDefinition& event);
// Event definition, extension elements and all else a node carries.
void read_node_details(Reader& reader, xml::Element element, Process& process, Node& node);
// The parts of it in read_structure.cpp: standard loop, ad-hoc subprocess, complex gateway,
// compensation, listeners, data associations.
void read_structure(Reader& reader, xml::Element element, Process& process, Node& node);
// bindingType and versionTag of a zeebe element.
Binding read_binding(Reader& reader, xml::Element element);
// The handlers of compensation boundary events, by the associations of `scope` and below.
void read_associations(Reader& reader, xml::Element scope, Process& process);
// What can only be checked when the graph is complete.
void check_process(Reader& reader, const Process& process,
                   const std::vector<xml::Element>& elements,
                   const std::vector<xml::Element>& flow_elements);

// The part of it in check_structure.cpp: compensation, transactions, ad-hoc subprocesses, complex
// gateways, loops, listeners.
void check_structure(Reader& reader, const Process& process,
                     const std::vector<xml::Element>& elements);

}  // namespace schwarm::bpmn
