// Boundary event (BPMN 2.0.2 clause 13.5.3): interrupting, it ends the activity it is attached
// to; else the activity goes on beside it.
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

void boundary_event_triggered(Transition& t, const Active& host, const bpmn::Node& event,
                              const Variables& variables) {
    if (event.interrupting) t.terminate(host.key);
    t.pass_triggered(host.scope, host.definition, event, variables);
}

}  // namespace schwarm::engine::elements
