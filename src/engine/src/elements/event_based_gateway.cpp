// Event-based gateway (BPMN 2.0.2 clause 13.4.4): waits for the first of the events behind it.
#include "behaviors/triggers.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure start_event_based_gateway(Transition& t, const Active& at) {
    for (const bpmn::FlowIndex f : at.node->outgoing) {
        const bpmn::Node& event = at.process->node(at.process->flow(f).target);
        if (auto failure = triggers::open(t, at.key, at.definition, event)) return failure;
    }
    return std::nullopt;
}

void event_based_gateway_triggered(Transition& t, const Active& gateway, const bpmn::Node& event,
                                   const Variables& variables) {
    t.emit(ElementCompletedV1{gateway.key, {event.incoming.at(0)}});
    t.pass_triggered(gateway.scope, gateway.definition, event, variables);
}

}  // namespace schwarm::engine::elements
