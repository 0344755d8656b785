// The flows that tokens leave by where several may be taken: inclusive and complex gateways, and
// activities with conditional flows (BPMN 2.0.2 clauses 13.3.1, 13.4.3, 13.4.5).
#pragma once

#include "elements/elements.hpp"

namespace schwarm::engine::elements {

// Every flow without a condition or with one that holds; the default flow if no conditional one
// was taken. `holds`: Outcome<bool>(const bpmn::Flow&).
template <class Holds>
Outcome<FlowList> choose_conditional(const bpmn::Process& in, const bpmn::Node& node,
                                     const Holds& holds) {
    FlowList taken;
    bool conditional_taken = false;
    for (const bpmn::FlowIndex f : node.outgoing) {
        if (f == node.default_flow) continue;
        const bpmn::Flow& flow = in.flow(f);
        if (!flow.condition.present()) {
            taken.push_back(f);
            continue;
        }
        const Outcome<bool> held = holds(flow);
        if (held.has_error()) return held.error();
        if (!*held) continue;
        conditional_taken = true;
        taken.push_back(f);
    }
    if (!conditional_taken && node.default_flow != bpmn::kNoFlow) {
        taken.push_back(node.default_flow);
    }
    if (!taken.empty()) return taken;
    return Failure{IncidentKind::no_flow,
                   "no condition after '" + node.id + "' is true and there is no default flow",
                   {}};
}

}  // namespace schwarm::engine::elements
