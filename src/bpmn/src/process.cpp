#include "schwarm/bpmn/process.hpp"

namespace schwarm::bpmn {

NodeIndex Process::find(std::string_view element_id) const {
    const auto at = by_id_.find(std::string(element_id));
    return at == by_id_.end() ? kNoNode : at->second;
}

void Process::index() {
    by_id_.clear();
    for (Node& n : nodes) {
        n.incoming.clear();
        n.outgoing.clear();
        n.children.clear();
        n.boundary_events.clear();
        n.event_sub_processes.clear();
        n.start_events.clear();
        n.none_start = kNoNode;
        n.compensation_event_sub_process = kNoNode;
    }
    for (const Node& n : nodes) {
        by_id_.emplace(n.id, n.index);
        if (n.parent != kNoNode) {
            Node& parent = nodes[n.parent];
            parent.children.push_back(n.index);
            if (n.kind == NodeKind::event_sub_process) {
                parent.event_sub_processes.push_back(n.index);
            }
            if (n.kind == NodeKind::start_event) {
                parent.start_events.push_back(n.index);
                if (n.event == EventKind::none && parent.none_start == kNoNode) {
                    parent.none_start = n.index;
                }
            }
        }
        if (n.attached_to != kNoNode) nodes[n.attached_to].boundary_events.push_back(n.index);
    }
    for (const Node& n : nodes) {
        if (n.kind != NodeKind::start_event || n.event != EventKind::compensation) continue;
        const Node& scope = nodes[n.parent];
        if (scope.kind == NodeKind::event_sub_process && scope.parent != kNoNode) {
            nodes[scope.parent].compensation_event_sub_process = scope.index;
        }
    }
    for (FlowIndex i = 0; i < flows.size(); ++i) {
        if (flows[i].source != kNoNode) nodes[flows[i].source].outgoing.push_back(i);
        if (flows[i].target != kNoNode) nodes[flows[i].target].incoming.push_back(i);
    }
}

bool Process::reaches(NodeIndex from, NodeIndex to, NodeIndex avoiding) const {
    std::vector<bool> seen(nodes.size(), false);
    std::vector<NodeIndex> open{from};
    seen[from] = true;
    const auto visit = [&](NodeIndex next) {
        if (next == avoiding || seen[next]) return;
        seen[next] = true;
        open.push_back(next);
    };
    while (!open.empty()) {
        const Node& at = nodes[open.back()];
        open.pop_back();
        for (const FlowIndex f : at.outgoing) {
            if (flows[f].target == to) return true;
            visit(flows[f].target);
        }
        for (const NodeIndex b : at.boundary_events) visit(b);
    }
    return false;
}

}  // namespace schwarm::bpmn
