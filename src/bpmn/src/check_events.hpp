// What only a whole process shows about its events: codes, links, parts of multiple events.
#pragma once

#include <string>
#include <vector>

#include "reader.hpp"

namespace schwarm::bpmn {

class EventChecker {
  public:
    EventChecker(Reader& reader, const Process& process, const std::vector<xml::Element>& elements)
        : reader_(reader), process_(process), elements_(elements) {}

    template <class Definition>
    static bool has_code(const Definition& d) {
        return !d.code.empty() || d.code_value.present();
    }
    // Of a catching event; errors and escalations come from inside, so they are caught only at
    // a border.
    void check_caught(const Node& node, bool at_border);
    void check_thrown(const Node& node);
    void check_link(const Node& node);
    // As in Camunda 8: at one border each error and each escalation is caught once, and the
    // conditions that start a process differ.
    void check_duplicates(const Node& at);

  private:
    void check_coded(const Node& node, const EventDefinition& d, bool at_border);
    void invalid(const Node& node, std::string reason);
    void not_executable(const Node& node, const std::string& what);

    Reader& reader_;
    const Process& process_;
    const std::vector<xml::Element>& elements_;
};

}  // namespace schwarm::bpmn
