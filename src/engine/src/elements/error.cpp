// Errors and escalations (BPMN 2.0.2 clauses 10.5.1 and 13.5.3): from the thrower outwards, the
// boundary events of each activity and the event subprocesses of each scope are asked; one with
// the very code goes before one that catches every code.
#include "elements/elements.hpp"

namespace schwarm::engine::elements {
namespace {

struct Catcher {
    Active host;
    const bpmn::Node* node = nullptr;
};

bool catches(const bpmn::Node& node, bpmn::EventKind kind, const std::string& code, bool exactly) {
    for (const bpmn::EventDefinition& event : node.event_definitions()) {
        if (event.kind != kind) continue;
        const std::string& wanted =
            kind == bpmn::EventKind::error ? event.error.code : event.escalation.code;
        if (exactly ? wanted == code : wanted.empty()) return true;
    }
    return false;
}

const bpmn::Node* boundary_of(const Active& at, bpmn::EventKind kind, const std::string& code) {
    if (at.loop_counter > 0 || at.inner) return nullptr;
    for (const bool exactly : {true, false}) {
        for (const bpmn::NodeIndex b : at.node->boundary_events) {
            if (catches(at.process->node(b), kind, code, exactly)) return &at.process->node(b);
        }
    }
    return nullptr;
}

const bpmn::Node* event_sub_process_of(const Active& scope, bpmn::EventKind kind,
                                       const std::string& code) {
    for (const bool exactly : {true, false}) {
        for (const bpmn::NodeIndex e : scope.node->event_sub_processes) {
            const bpmn::Node& start =
                scope.process->node(scope.process->node(e).start_events.at(0));
            if (catches(start, kind, code, exactly)) return &start;
        }
    }
    return nullptr;
}

std::optional<Catcher> find_catcher(const Transition& t, ElementKey thrower, bpmn::EventKind kind,
                                    const std::string& code) {
    Active at = t.active(thrower);
    while (true) {
        // A scope that is only compensated catches nothing.
        const bool compensated = thrower_of_handler(t, at.key).has_value();
        if (const bpmn::Node* boundary = boundary_of(at, kind, code); boundary && !compensated) {
            return Catcher{at, boundary};
        }
        if (at.scope == ElementKey()) return std::nullopt;
        const bool handling = at.node->kind == bpmn::NodeKind::event_sub_process;
        at = t.active(at.scope);
        // What an event subprocess throws is for the outside, not for its neighbours.
        if (handling || !at.node->is_scope() || at.is_loop_body() || at.inner) continue;
        if (thrower_of_handler(t, at.key)) continue;
        if (const bpmn::Node* start = event_sub_process_of(at, kind, code)) {
            return Catcher{at, start};
        }
    }
}

void trigger(Transition& t, const Catcher& catcher, const Variables& variables) {
    if (catcher.node->kind == bpmn::NodeKind::boundary_event) {
        boundary_event_triggered(t, catcher.host, *catcher.node, variables);
    } else {
        event_sub_process_triggered(t, catcher.host, *catcher.node, variables);
    }
}

}  // namespace

bool catches_error(const Transition& t, ElementKey thrower, const std::string& code) {
    return find_catcher(t, thrower, bpmn::EventKind::error, code).has_value();
}

bool throw_error(Transition& t, ElementKey thrower, const std::string& code,
                 const Variables& variables) {
    const auto catcher = find_catcher(t, thrower, bpmn::EventKind::error, code);
    if (catcher) trigger(t, *catcher, variables);
    return catcher.has_value();
}

void throw_escalation(Transition& t, ElementKey thrower, const std::string& code) {
    const auto catcher = find_catcher(t, thrower, bpmn::EventKind::escalation, code);
    t.emit(EscalationThrownV1{thrower, code, catcher ? catcher->host.definition : std::uint16_t{0},
                              catcher ? catcher->node->index : bpmn::kNoNode});
    if (catcher) trigger(t, *catcher, {});
}

}  // namespace schwarm::engine::elements
