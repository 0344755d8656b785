// What the checks of a finished graph share: the process, and how a node is blamed.
#pragma once

#include <string>
#include <vector>

#include "reader.hpp"

namespace schwarm::bpmn {

inline bool is_task(NodeKind kind) {
    switch (kind) {
        case NodeKind::task:
        case NodeKind::manual_task:
        case NodeKind::user_task:
        case NodeKind::service_task:
        case NodeKind::send_task:
        case NodeKind::receive_task:
        case NodeKind::script_task:
        case NodeKind::business_rule_task:
            return true;
        default:
            return false;
    }
}

inline bool is_embedded(NodeKind kind) {
    return kind == NodeKind::sub_process || kind == NodeKind::transaction ||
           kind == NodeKind::ad_hoc_sub_process;
}

inline bool is_activity(NodeKind kind) {
    return is_task(kind) || is_embedded(kind) || kind == NodeKind::call_activity;
}

// elements: those of the nodes, by index. All is borrowed.
class NodeChecker {
  protected:
    NodeChecker(Reader& reader, const Process& process, const std::vector<xml::Element>& elements)
        : reader_(reader), process_(process), elements_(elements) {}

    void invalid(const Node& node, std::string reason) const {
        reader_.report(ProblemKind::invalid_model, elements_[node.index], std::move(reason));
    }
    void not_executable(const Node& node, const std::string& what) const {
        reader_.report(ProblemKind::not_executable, elements_[node.index],
                       what + " is not executable");
    }

    Reader& reader_;
    const Process& process_;
    const std::vector<xml::Element>& elements_;
};

}  // namespace schwarm::bpmn
