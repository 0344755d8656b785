// Errors (BPMN 2.0.2 clause 10.5.1 and 13.5.3): from the thrower outwards, the boundary events of
// each activity and the event subprocesses of each scope are asked; one with the very code goes
// before one that catches every error.
#include "elements/elements.hpp"

namespace schwarm::engine::elements {
namespace {

bool catches(const bpmn::Node& node, const std::string& code, bool exactly) {
    if (node.event != bpmn::EventKind::error) return false;
    const std::string& wanted = node.details.event.error.code;
    return exactly ? wanted == code : wanted.empty();
}

const bpmn::Node* boundary_of(const Active& at, const std::string& code) {
    if (at.loop_counter > 0 || at.inner) return nullptr;
    for (const bool exactly : {true, false}) {
        for (const bpmn::NodeIndex b : at.node->boundary_events) {
            if (catches(at.process->node(b), code, exactly)) return &at.process->node(b);
        }
    }
    return nullptr;
}

const bpmn::Node* event_sub_process_of(const Active& scope, const std::string& code) {
    for (const bool exactly : {true, false}) {
        for (const bpmn::NodeIndex e : scope.node->event_sub_processes) {
            const bpmn::Node& start =
                scope.process->node(scope.process->node(e).start_events.at(0));
            if (catches(start, code, exactly)) return &start;
        }
    }
    return nullptr;
}

}  // namespace

bool throw_error(Transition& t, ElementKey thrower, const std::string& code,
                 const Variables& variables) {
    Active at = t.active(thrower);
    while (true) {
        if (const bpmn::Node* boundary = boundary_of(at, code)) {
            boundary_event_triggered(t, at, *boundary, variables);
            return true;
        }
        if (at.scope == ElementKey()) return false;
        const bool handling = at.node->kind == bpmn::NodeKind::event_sub_process;
        at = t.active(at.scope);
        // An error inside an event subprocess is for the outside, not for its neighbours.
        if (handling || !at.node->is_scope() || at.is_loop_body() || at.inner) continue;
        if (const bpmn::Node* start = event_sub_process_of(at, code)) {
            event_sub_process_triggered(t, at, *start, variables);
            return true;
        }
    }
}

}  // namespace schwarm::engine::elements
