#include "check_events.hpp"

#include <set>

namespace schwarm::bpmn {

void EventChecker::check_caught(const Node& node, bool at_border) {
    for (const EventDefinition& d : node.event_definitions()) {
        switch (d.kind) {
            case EventKind::message:
                if (!d.message.name.present()) {
                    invalid(node, "a message of it is missing or has no name");
                }
                break;
            case EventKind::timer:
            case EventKind::signal:
            case EventKind::conditional:
                break;
            case EventKind::error:
            case EventKind::escalation:
                check_coded(node, d, at_border);
                break;
            default:
                not_executable(node, "a " + std::string(name_of(d.kind)) + " in a multiple event");
        }
    }
}

void EventChecker::check_coded(const Node& node, const EventDefinition& d, bool at_border) {
    const bool error = d.kind == EventKind::error;
    const bool starts = node.kind == NodeKind::start_event;
    const std::string what = "an " + std::string(name_of(d.kind));
    if (!at_border) {
        invalid(node, what + (starts ? " cannot start a process" : " is caught only at a border"));
    } else if (error ? d.error.code_value.present() : d.escalation.code_value.present()) {
        invalid(node, "the code of " + what + " that is caught is a text");
    } else if (error && !node.interrupting) {
        invalid(node, starts ? "an error start event is always interrupting"
                             : "an error boundary event always interrupts");
    } else if (node.details.parallel_multiple) {
        not_executable(node, what + " in a parallel multiple event");
    }
}

void EventChecker::check_thrown(const Node& node) {
    const bool end = node.kind == NodeKind::end_event;
    for (const EventDefinition& d : node.event_definitions()) {
        const std::string what(name_of(d.kind));
        const bool ends = d.kind == EventKind::error || d.kind == EventKind::terminate;
        if (d.kind == EventKind::message) {
            if (!node.details.job && !d.message.name.present()) {
                invalid(node, "a message of it is missing or has no name");
            }
        } else if (d.kind == EventKind::escalation || d.kind == EventKind::error) {
            const bool coded =
                d.kind == EventKind::error ? has_code(d.error) : has_code(d.escalation);
            if (!coded) invalid(node, "an " + what + " it throws has no code");
        } else if (d.kind != EventKind::signal && d.kind != EventKind::terminate) {
            not_executable(node, "a " + what + " in a multiple event");
        }
        if (ends && !end) invalid(node, "only end events throw an " + what);
        if (node.details.job && (ends || d.kind == EventKind::escalation)) {
            invalid(node, "beside zeebe:taskDefinition there can be no " + what);
        }
    }
}

void EventChecker::check_link(const Node& node) {
    const std::string& name = node.details.event.link;
    const bool throws = node.kind == NodeKind::intermediate_throw_event;
    if (node.kind == NodeKind::end_event) {
        not_executable(node, "a link end event");
        return;
    }
    if (name.empty()) {
        invalid(node, "the link has no name");
        return;
    }
    if (throws && !node.outgoing.empty()) {
        invalid(node, "a throwing link event has no outgoing flows");
    }
    if (throws && node.link_target == kNoNode) {
        invalid(node, "no link event catches '" + name + "' in the same scope");
    }
    if (throws) return;
    if (!node.incoming.empty()) invalid(node, "a catching link event has no incoming flows");
    for (const Node& other : process_.nodes) {
        if (other.index < node.index && other.kind == node.kind && other.event == node.event &&
            other.parent == node.parent && other.details.event.link == name) {
            invalid(node, "two link events catch '" + name + "' in the same scope");
        }
    }
}

void EventChecker::check_duplicates(const Node& at) {
    std::set<std::string> codes;
    std::set<std::string> conditions;
    const auto add = [&](const Node& catching, bool starts) {
        for (const EventDefinition& d : catching.event_definitions()) {
            const bool error = d.kind == EventKind::error;
            if (error || d.kind == EventKind::escalation) {
                const std::string& code = error ? d.error.code : d.escalation.code;
                if (codes.insert((error ? "r" : "e") + code).second) continue;
                invalid(catching, "the " + std::string(name_of(d.kind)) + " '" + code +
                                      "' is already caught here");
            } else if (starts && d.kind == EventKind::conditional &&
                       !conditions.insert(d.condition.condition.source).second) {
                invalid(catching, "another start event has the same condition");
            }
        }
    };
    for (const NodeIndex b : at.boundary_events) add(process_.node(b), false);
    codes.clear();
    for (const NodeIndex e : at.event_sub_processes) {
        for (const NodeIndex s : process_.node(e).start_events) add(process_.node(s), false);
    }
    if (at.kind != NodeKind::process) return;
    for (const NodeIndex s : at.start_events) add(process_.node(s), true);
}

}  // namespace schwarm::bpmn
