// Inclusive gateway (BPMN 2.0.2 clause 13.4.3). Diverging: every flow whose condition is true,
// else the default flow. Converging: it goes on when each token that could still arrive at an
// empty incoming flow could also arrive at one where a token waits already.
#include <algorithm>

#include "behaviors/expressions.hpp"
#include "elements/conditional_flows.hpp"

namespace schwarm::engine::elements {
namespace {

struct Join {
    ElementKey scope;
    std::uint16_t definition = 0;
    bpmn::NodeIndex node = 0;
    bool operator==(const Join&) const = default;
};

bool reaches_flow(const bpmn::Process& in, bpmn::NodeIndex from, bpmn::FlowIndex flow,
                  bpmn::NodeIndex join) {
    const bpmn::NodeIndex source = in.flow(flow).source;
    return from == source || in.reaches(from, source, join);
}

// True if a token at `from` keeps the join waiting.
bool holds_back(const bpmn::Process& in, const bpmn::Node& join, const FlowList& arrived,
                bpmn::NodeIndex from) {
    bool to_empty = false;
    for (const bpmn::FlowIndex f : join.incoming) {
        if (std::find(arrived.begin(), arrived.end(), f) != arrived.end()) {
            if (reaches_flow(in, from, f, join.index)) return false;
        } else {
            to_empty = to_empty || reaches_flow(in, from, f, join.index);
        }
    }
    return to_empty;
}

bool may_open(const Transition& t, const Join& join, const FlowList& arrived) {
    const bpmn::Process& in = t.process(join.definition);
    const bpmn::Node& node = in.node(join.node);
    if (arrived.size() == node.incoming.size()) return true;
    for (const ElementInstance& e : t.state().elements) {
        if (e.scope != join.scope || e.definition != join.definition) continue;
        if (e.node != join.node && holds_back(in, node, arrived, e.node)) return false;
    }
    for (const WaitingTokens& w : t.state().waiting) {
        if (w.scope != join.scope || w.definition != join.definition) continue;
        const bpmn::NodeIndex at = in.flow(w.flow).target;
        if (at != join.node && holds_back(in, node, arrived, at)) return false;
    }
    // At its reset a complex gateway may give tokens without one being in front of it.
    for (const GatewayReset& g : t.state().gateway_resets) {
        if (g.scope != join.scope || g.definition != join.definition) continue;
        const bpmn::Node& gateway = in.node(g.node);
        const bool gives =
            std::any_of(gateway.outgoing.begin(), gateway.outgoing.end(),
                        [&in](bpmn::FlowIndex f) { return in.flow(f).condition.present(); });
        // In a circle each would wait for the other.
        if (!gives || in.reaches(join.node, g.node, bpmn::kNoNode)) continue;
        if (holds_back(in, node, arrived, g.node)) return false;
    }
    return true;
}

}  // namespace

Outcome<FlowList> choose_inclusive(const Transition& t, ElementKey scope, const bpmn::Process& in,
                                   const bpmn::Node& node) {
    return choose_conditional(in, node, [&](const bpmn::Flow& flow) {
        return expressions::boolean(t, flow.condition, scope,
                                    "the condition of flow '" + flow.id + "'");
    });
}

bool open_inclusive_join(Transition& t) {
    std::vector<Join> seen;
    for (const WaitingTokens& w : t.state().waiting) {
        const bpmn::Process& in = t.process(w.definition);
        const bpmn::Node& node = in.node(in.flow(w.flow).target);
        if (node.kind != bpmn::NodeKind::inclusive_gateway) continue;
        const Join join{w.scope, w.definition, node.index};
        if (std::find(seen.begin(), seen.end(), join) != seen.end()) continue;
        seen.push_back(join);
        FlowList arrived;
        for (const WaitingTokens& other : t.state().waiting) {
            if (other.scope == join.scope && other.definition == join.definition &&
                in.flow(other.flow).target == join.node) {
                arrived.push_back(other.flow);
            }
        }
        if (may_open(t, join, arrived)) {
            t.start_node(join.scope, join.definition, join.node, std::move(arrived));
            return true;
        }
    }
    return false;
}

}  // namespace schwarm::engine::elements
