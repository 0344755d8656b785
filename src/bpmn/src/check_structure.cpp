#include <set>

#include "node_checker.hpp"

namespace schwarm::bpmn {
namespace {

class StructureChecker : NodeChecker {
  public:
    StructureChecker(Reader& reader, const Process& process,
                     const std::vector<xml::Element>& elements)
        : NodeChecker(reader, process, elements) {}

    void run() {
        for (const Node& node : process_.nodes) check(node);
    }

  private:
    void check(const Node& node) {
        if (node.compensation_handler) check_handler(node);
        if (node.event == EventKind::compensation) check_compensation(node);
        if (node.event == EventKind::cancel) check_cancel(node);
        if (node.kind == NodeKind::ad_hoc_sub_process) check_ad_hoc(node);
        if (node.kind == NodeKind::complex_gateway) check_complex(node);
        if (node.kind == NodeKind::start_event && node.parent != kNoNode &&
            process_.node(node.parent).kind == NodeKind::ad_hoc_sub_process) {
            invalid(node, "an ad-hoc subprocess has no start events");
        }
        check_loops(node);
        check_listeners(node);
    }

    void check_handler(const Node& node) {
        if (!is_activity(node.kind)) invalid(node, "only activities compensate");
        if (!node.incoming.empty() || !node.outgoing.empty()) {
            invalid(node, "a compensation handler has no sequence flows");
        }
        if (!node.boundary_events.empty()) {
            not_executable(node, "a compensation handler with boundary events");
        }
        for (const Node& event : process_.nodes) {
            if (event.kind == NodeKind::boundary_event && event.compensated_by == node.index) {
                return;
            }
        }
        reader_.report(ProblemKind::invalid_model, Severity::warning, elements_[node.index],
                       "no compensation boundary event is associated with this handler");
    }

    void check_compensation(const Node& node) {
        if (node.kind == NodeKind::boundary_event) {
            if (!node.outgoing.empty()) {
                invalid(node, "a compensation boundary event has no outgoing sequence flow");
            }
            if (node.compensated_by == kNoNode) {
                invalid(node, "a compensation boundary event needs an association with a handler");
            } else {
                const Node& handler = process_.node(node.compensated_by);
                if (!handler.compensation_handler) {
                    invalid(node, "'" + handler.id + "' is not marked isForCompensation");
                }
                if (handler.parent != node.parent) {
                    invalid(node, "the handler '" + handler.id + "' is in another scope");
                }
            }
        } else if (node.kind == NodeKind::start_event) {
            const Node& scope = process_.node(node.parent);
            const bool inside = scope.kind == NodeKind::event_sub_process &&
                                is_embedded(process_.node(scope.parent).kind);
            if (!inside) {
                invalid(node,
                        "a compensation start event is for event subprocesses of subprocesses");
            }
        } else if (node.kind == NodeKind::end_event ||
                   node.kind == NodeKind::intermediate_throw_event) {
            check_activity_ref(node);
        }
    }

    void check_activity_ref(const Node& node) {
        const NodeIndex wanted = node.details.event.compensation.activity;
        if (wanted == kNoNode) return;
        const Node& activity = process_.node(wanted);
        NodeIndex scope = node.parent;
        bool same = activity.parent == scope;
        while (!same && process_.node(scope).kind == NodeKind::event_sub_process) {
            scope = process_.node(scope).parent;
            same = activity.parent == scope;
        }
        if (!same) {
            invalid(node, "activityRef '" + activity.id + "' is in another scope");
        } else if (activity.compensated_by == kNoNode && !is_embedded(activity.kind)) {
            invalid(node, "activityRef '" + activity.id + "' has no compensation handler");
        }
    }

    void check_cancel(const Node& node) {
        if (node.kind == NodeKind::end_event) {
            const Node& scope = process_.node(node.parent);
            if (scope.kind != NodeKind::transaction) {
                invalid(node, "a cancel end event stands directly in a transaction");
                return;
            }
            for (const NodeIndex b : scope.boundary_events) {
                if (process_.node(b).event == EventKind::cancel) return;
            }
            invalid(node, "the transaction '" + scope.id + "' has no cancel boundary event");
        } else if (node.kind == NodeKind::boundary_event && node.attached_to != kNoNode) {
            const Node& host = process_.node(node.attached_to);
            if (host.kind != NodeKind::transaction) {
                invalid(node, "a cancel boundary event is attached to a transaction");
            }
            if (!node.interrupting) invalid(node, "a cancel boundary event always interrupts");
            for (const NodeIndex b : host.boundary_events) {
                if (b < node.index && process_.node(b).event == EventKind::cancel) {
                    invalid(node, "the transaction has another cancel boundary event");
                }
            }
        }
    }

    void check_ad_hoc(const Node& node) {
        bool activity = false;
        for (const NodeIndex c : node.children) {
            const Node& child = process_.node(c);
            activity = activity || (is_activity(child.kind) && !child.compensation_handler);
            if (child.kind == NodeKind::end_event) {
                invalid(child, "an ad-hoc subprocess has no end events");
            }
        }
        if (!activity) invalid(node, "an ad-hoc subprocess needs at least one activity");
        const AdHocDefinition& ad_hoc = *node.details.ad_hoc;
        if (!node.details.job) return;
        if (ad_hoc.active_elements.present() || ad_hoc.completion_condition.present()) {
            invalid(node,
                    "an ad-hoc subprocess worked as a job has no activeElementsCollection and no "
                    "completionCondition");
        }
        if (ad_hoc.sequential) {
            not_executable(node, "an ad-hoc subprocess worked as a job with ordering Sequential");
        }
        const Expression& type = node.details.job->type;
        if (type.is_static && type.source.starts_with("schwarm:")) {
            invalid(node,
                    "an ad-hoc subprocess needs a worker, not the task '" + type.source + "'");
        }
    }

    void check_complex(const Node& node) {
        if (node.incoming.size() <= 1 && node.details.activation_condition.present()) {
            invalid(node, "an activationCondition needs more than one incoming sequence flow");
        }
    }

    void check_loops(const Node& node) {
        const xml::Element e = elements_[node.index];
        if (e.child("standardLoopCharacteristics") && e.child("multiInstanceLoopCharacteristics")) {
            invalid(node, "an activity is either a standard loop or multi-instance");
        }
    }

    void check_listeners(const Node& node) {
        std::set<std::pair<ListenerEvent, std::string>> seen;
        for (const auto* list : {&node.details.start_listeners, &node.details.end_listeners}) {
            for (const Listener& l : *list) {
                if (!seen.emplace(l.event, l.type.source).second) {
                    invalid(node, "two listeners have the same eventType and type '" +
                                      l.type.source + "'");
                }
            }
        }
        const bool gateway =
            node.kind == NodeKind::exclusive_gateway || node.kind == NodeKind::parallel_gateway ||
            node.kind == NodeKind::inclusive_gateway ||
            node.kind == NodeKind::event_based_gateway || node.kind == NodeKind::complex_gateway;
        const bool no_start =
            node.kind == NodeKind::start_event || node.kind == NodeKind::boundary_event;
        const bool compensation =
            node.kind == NodeKind::boundary_event && node.event == EventKind::compensation;
        const bool no_end = gateway || compensation ||
                            (node.kind == NodeKind::end_event &&
                             (node.event == EventKind::error || node.event == EventKind::cancel));
        if (no_start && !node.details.start_listeners.empty()) {
            invalid(node, "it has no start listeners");
        }
        if (no_end && !node.details.end_listeners.empty()) {
            invalid(node, "it has no end listeners");
        }
    }
};

}  // namespace

void check_structure(Reader& reader, const Process& process,
                     const std::vector<xml::Element>& elements) {
    StructureChecker(reader, process, elements).run();
}

}  // namespace schwarm::bpmn
