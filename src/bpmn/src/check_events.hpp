// What only a whole process shows about its events: codes, links, parts of multiple events.
#pragma once

#include <string>
#include <vector>

#include "node_checker.hpp"

namespace schwarm::bpmn {

class EventChecker : NodeChecker {
  public:
    EventChecker(Reader& reader, const Process& process, const std::vector<xml::Element>& elements)
        : NodeChecker(reader, process, elements) {}

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
};

}  // namespace schwarm::bpmn
