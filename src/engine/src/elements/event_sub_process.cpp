// Event subprocess (BPMN 2.0.2 clause 13.3.4): starts inside the scope that contains it when its
// start event is triggered. Interrupting: everything else in that scope ends first, and no other
// event subprocess of it can start any more. The variables of the event are local to it.
#include "behaviors/triggers.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

void event_sub_process_triggered(Transition& t, const Active& scope, const bpmn::Node& start,
                                 const Variables& variables) {
    if (start.interrupting) {
        triggers::close_event_sub_processes(t, scope);
        t.terminate_children(scope.key);
        t.discard_tokens(scope.key);
    }
    const ElementKey key = t.activate(scope.key, scope.definition, start.parent);
    if (!variables.empty()) t.emit(VariablesSetV1{key, variables});
    t.begin(key);
}

MaybeFailure start_event_sub_process(Transition& t, const Active& at) {
    if (auto failure = too_deep(t, at, IncidentKind::step_limit)) return failure;
    if (auto failure = triggers::open_event_sub_processes(t, at)) return failure;
    t.start_node(at.key, at.definition, at.node->start_events.at(0));
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
