#include "check_events.hpp"
#include "node_checker.hpp"

namespace schwarm::bpmn {
namespace {

class Checker : NodeChecker {
  public:
    Checker(Reader& reader, const Process& process, const std::vector<xml::Element>& elements,
            const std::vector<xml::Element>& flow_elements)
        : NodeChecker(reader, process, elements),
          flow_elements_(flow_elements),
          events_(reader, process, elements) {}

    void run() {
        for (const Node& node : process_.nodes) check_node(node);
        for (FlowIndex i = 0; i < process_.flows.size(); ++i) check_flow(i);
        check_structure(reader_, process_, elements_);
    }

  private:
    void check_node(const Node& node) {
        if (node.id.empty() && node.kind != NodeKind::process) invalid(node, "the id is missing");
        if (node.has_loop && !is_activity(node.kind)) {
            invalid(node, "only activities may be loops or multi-instance");
        }
        switch (node.kind) {
            case NodeKind::process:
            case NodeKind::sub_process:
            case NodeKind::transaction:
            case NodeKind::event_sub_process:
                check_scope(node);
                break;
            case NodeKind::start_event:
                check_start(node);
                break;
            case NodeKind::end_event:
            case NodeKind::intermediate_throw_event:
                check_throw(node);
                break;
            case NodeKind::intermediate_catch_event:
                check_catch(node);
                break;
            case NodeKind::boundary_event:
                check_boundary(node);
                break;
            case NodeKind::event_based_gateway:
                check_event_based(node);
                break;
            case NodeKind::receive_task:
                check_message(node);
                check_instantiating(node);
                break;
            case NodeKind::service_task:
                need_job(node, "zeebe:taskDefinition");
                break;
            case NodeKind::send_task:
                if (!node.details.job && node.details.event.message.id.empty()) {
                    invalid(node, "a send task needs zeebe:taskDefinition or messageRef");
                }
                break;
            case NodeKind::business_rule_task:
                if (!node.details.called_decision) {
                    need_job(node, "zeebe:calledDecision or zeebe:taskDefinition");
                }
                break;
            case NodeKind::script_task:
                if (!node.details.script) need_job(node, "zeebe:script or zeebe:taskDefinition");
                break;
            default:
                break;
        }
        if (node.default_flow != kNoFlow && node.outgoing.size() > 1) check_default(node);
        events_.check_duplicates(node);
    }

    void need_job(const Node& node, const std::string& what) {
        if (!node.details.job) invalid(node, "it needs " + what);
    }

    void check_message(const Node& node) {
        if (!node.details.event.message.id.empty()) {
            if (!node.details.event.message.name.present()) {
                reader_.report(ProblemKind::invalid_model, elements_[node.index],
                               "its message has no name");
            }
            return;
        }
        // A messageRef that points to nothing has been reported where it was read.
        if (!has_message_ref(elements_[node.index])) {
            reader_.report(ProblemKind::unresolved_reference, elements_[node.index],
                           "messageRef is missing");
        }
    }

    static bool has_message_ref(xml::Element element) {
        if (!element.attribute_or("messageRef", "").empty()) return true;
        for (const xml::Element e : element.children()) {
            if (e.name() == "messageEventDefinition") {
                return !e.attribute_or("messageRef", "").empty();
            }
        }
        return false;
    }

    void check_scope(const Node& node) {
        std::size_t none = 0;
        for (const NodeIndex s : node.start_events) {
            if (process_.node(s).event == EventKind::none) ++none;
        }
        const bool begins = node.kind == NodeKind::process ? !process_.starts().empty()
                                                           : !node.start_events.empty();
        if (!begins) {
            invalid(node, "there is no start event");
        } else if (none > 1) {
            invalid(node, "there is more than one none start event");
        } else if ((node.kind == NodeKind::sub_process || node.kind == NodeKind::transaction) &&
                   node.start_events.size() != 1) {
            invalid(node, "a subprocess needs exactly one start event");
        } else if (node.kind == NodeKind::event_sub_process && node.start_events.size() != 1) {
            invalid(node, "an event subprocess needs exactly one start event");
        }
        if (node.kind == NodeKind::event_sub_process &&
            (!node.incoming.empty() || !node.outgoing.empty())) {
            invalid(node, "an event subprocess has no sequence flows");
        }
    }

    void check_start(const Node& node) {
        if (!node.incoming.empty()) invalid(node, "a start event has no incoming flows");
        if (node.parent == kNoNode) return;
        const NodeKind scope = process_.node(node.parent).kind;
        const std::string what = std::string(name_of(node.event)) + " start event";
        if (scope == NodeKind::sub_process || scope == NodeKind::transaction) {
            if (node.event != EventKind::none) {
                invalid(node, "a " + what + " cannot start a subprocess");
            }
            return;
        }
        switch (node.event) {
            case EventKind::none:
                if (scope == NodeKind::event_sub_process) {
                    invalid(node, "an event subprocess needs a start event with a trigger");
                }
                break;
            case EventKind::message:
                check_message(node);
                break;
            case EventKind::timer:
            case EventKind::signal:
            case EventKind::conditional:
            case EventKind::compensation:  // check_structure.cpp
                break;
            case EventKind::error:
            case EventKind::escalation:
            case EventKind::multiple:
                events_.check_caught(node, scope == NodeKind::event_sub_process);
                break;
            default:
                not_executable(node, "a " + what);
        }
    }

    void check_throw(const Node& node) {
        const bool end = node.kind == NodeKind::end_event;
        if (end && !node.outgoing.empty()) invalid(node, "an end event has no outgoing flows");
        const std::string what =
            std::string(name_of(node.event)) + (end ? " end event" : " intermediate throw event");
        switch (node.event) {
            case EventKind::none:
                break;
            case EventKind::message:
                if (!node.details.job && node.details.event.message.id.empty()) {
                    invalid(node, "a " + what + " needs zeebe:taskDefinition or messageRef");
                }
                break;
            case EventKind::terminate:
                if (!end) invalid(node, "only end events terminate");
                break;
            case EventKind::compensation:  // check_structure.cpp
                break;
            case EventKind::cancel:
                if (!end) invalid(node, "only end events cancel");
                break;
            case EventKind::error:
                if (!end)
                    invalid(node, "only end events throw errors");
                else if (!EventChecker::has_code(node.details.event.error)) {
                    invalid(node, "an error end event needs an error with an errorCode");
                }
                break;
            case EventKind::signal:
                break;
            case EventKind::escalation:
                if (!EventChecker::has_code(node.details.event.escalation)) {
                    invalid(node, "a " + what + " needs an escalation with an escalationCode");
                }
                break;
            case EventKind::link:
                events_.check_link(node);
                break;
            case EventKind::multiple:
                events_.check_thrown(node);
                break;
            default:
                not_executable(node, "a " + what);
        }
    }

    void check_catch(const Node& node) {
        if (node.event == EventKind::message) {
            check_message(node);
        } else if (node.event == EventKind::none) {
            invalid(node, "an intermediate catch event needs an event definition");
        } else if (node.event == EventKind::link) {
            events_.check_link(node);
        } else if (node.event == EventKind::multiple) {
            events_.check_caught(node, false);
        } else if (node.event != EventKind::timer && node.event != EventKind::signal &&
                   node.event != EventKind::conditional) {
            not_executable(node,
                           "a " + std::string(name_of(node.event)) + " intermediate catch event");
        }
    }

    void check_boundary(const Node& node) {
        if (!node.incoming.empty()) invalid(node, "a boundary event has no incoming flows");
        if (node.attached_to != kNoNode) {
            const Node& host = process_.node(node.attached_to);
            if (!is_activity(host.kind)) invalid(node, "it is attached to something else");
            if (host.parent != node.parent) invalid(node, "it is attached across subprocesses");
        }
        switch (node.event) {
            case EventKind::message:
                check_message(node);
                break;
            case EventKind::timer:
            case EventKind::signal:
            case EventKind::conditional:
            case EventKind::compensation:  // check_structure.cpp
            case EventKind::cancel:
                break;
            case EventKind::error:
            case EventKind::escalation:
            case EventKind::multiple:
                events_.check_caught(node, true);
                break;
            case EventKind::none:
                invalid(node, "it needs an event definition");
                break;
            default:
                not_executable(node, "a " + std::string(name_of(node.event)) + " boundary event");
        }
    }

    void check_event_based(const Node& node) {
        check_instantiating(node);
        if (node.parallel_events && !node.instantiates) {
            invalid(node, "only an instantiating event-based gateway can be parallel");
        }
        if (node.outgoing.empty()) invalid(node, "an event-based gateway needs outgoing flows");
        for (const FlowIndex f : node.outgoing) {
            if (process_.flow(f).target == kNoNode) continue;
            const Node& target = process_.node(process_.flow(f).target);
            const bool good = (target.kind == NodeKind::intermediate_catch_event &&
                               target.event != EventKind::link) ||
                              target.kind == NodeKind::receive_task;
            if (!good) {
                invalid(node, "'" + target.id +
                                  "' after the event-based gateway is not a catching event");
            } else if (target.incoming.size() != 1) {
                invalid(node, "'" + target.id +
                                  "' after the event-based gateway has other incoming flows");
            }
        }
    }

    void check_instantiating(const Node& node) {
        if (!node.instantiates) return;
        if (!node.incoming.empty()) {
            invalid(node, "what instantiates a process has no incoming flows");
        }
        if (node.parent != kProcessNode) {
            invalid(node, "only at the top of a process it can be instantiated");
        }
    }

    void check_default(const Node& node) {
        if (process_.flow(node.default_flow).condition.present()) {
            reader_.report(ProblemKind::invalid_model, flow_elements_[node.default_flow],
                           "a default flow has no condition");
        }
    }

    void check_flow(FlowIndex i) {
        const Flow& flow = process_.flow(i);
        if (flow.source == kNoNode || flow.target == kNoNode) return;
        const Node& source = process_.node(flow.source);
        const Node& target = process_.node(flow.target);
        if (source.parent != target.parent) {
            reader_.report(ProblemKind::invalid_model, flow_elements_[i],
                           "a sequence flow cannot cross the border of a subprocess");
        }
        const bool decides = source.kind == NodeKind::exclusive_gateway ||
                             source.kind == NodeKind::inclusive_gateway;
        if (decides && source.outgoing.size() > 1 && !flow.condition.present() &&
            source.default_flow != i && !flow_elements_[i].child("conditionExpression")) {
            reader_.report(ProblemKind::invalid_model, flow_elements_[i],
                           "a flow out of the " + std::string(name_of(source.kind)) + " '" +
                               source.id + "' needs a condition, or must be its default flow");
        }
    }

    const std::vector<xml::Element>& flow_elements_;
    EventChecker events_;
};

}  // namespace

void check_process(Reader& reader, const Process& process,
                   const std::vector<xml::Element>& elements,
                   const std::vector<xml::Element>& flow_elements) {
    Checker(reader, process, elements, flow_elements).run();
}

}  // namespace schwarm::bpmn
