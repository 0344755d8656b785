// Exclusive gateway (BPMN 2.0.2 clause 13.4.2): the first flow whose condition is true, in the
// order of the document, else the default flow, else an incident. Merging lets each token pass.
#include "behaviors/expressions.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

Outcome<FlowList> choose_exclusive(const Transition& t, ElementKey scope, const bpmn::Process& in,
                                   const bpmn::Node& node) {
    for (const bpmn::FlowIndex f : node.outgoing) {
        if (f == node.default_flow) continue;
        const bpmn::Flow& flow = in.flow(f);
        if (!flow.condition.present()) return FlowList{f};
        const auto holds = expressions::boolean(t, flow.condition, scope,
                                                "the condition of flow '" + flow.id + "'");
        if (holds.has_error()) return holds.error();
        if (*holds) return FlowList{f};
    }
    if (node.default_flow != bpmn::kNoFlow) return FlowList{node.default_flow};
    return Failure{IncidentKind::no_flow,
                   "no condition after '" + node.id + "' is true and there is no default flow",
                   {}};
}

}  // namespace schwarm::engine::elements
