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
    index_links();
    index_starts();
}

void Process::index_links() {
    for (Node& from : nodes) {
        from.link_target = kNoNode;
        if (from.kind != NodeKind::intermediate_throw_event || from.event != EventKind::link) {
            continue;
        }
        for (const Node& to : nodes) {
            if (to.kind == NodeKind::intermediate_catch_event && to.event == EventKind::link &&
                to.parent == from.parent && to.details.event.link == from.details.event.link) {
                from.link_target = to.index;
                break;
            }
        }
    }
}

void Process::index_starts() {
    starts_.clear();
    const auto add = [this](const Node& node) {
        std::uint32_t part = 0;
        if (node.event == EventKind::none) starts_.push_back({node.index, 0, EventKind::none});
        for (const EventDefinition& d : node.event_definitions()) {
            starts_.push_back({node.index, part++, d.kind});
        }
    };
    for (const Node& n : nodes) {
        if (n.parent != kProcessNode) continue;
        if (n.kind == NodeKind::start_event) add(n);
        if (n.kind == NodeKind::receive_task && n.instantiates) add(n);
        if (n.kind != NodeKind::event_based_gateway || !n.instantiates) continue;
        for (const FlowIndex f : n.outgoing) {
            if (flows[f].target != kNoNode) add(nodes[flows[f].target]);
        }
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
        for (const NodeIndex b : at.boundary_events) {
            if (b == to) return true;
            visit(b);
        }
        if (at.link_target == to) return true;
        if (at.link_target != kNoNode) visit(at.link_target);
    }
    return false;
}

}  // namespace schwarm::bpmn
