// Complex gateway (BPMN 2.0.2 clause 13.4.5). Tokens wait until activationCondition is true
// (absent: at the first one); then one of each incoming flow goes on. After that it waits for each
// other incoming flow until a token is there or none can come any more, takes those tokens too, and
// starts anew. Outgoing conditions see waitingForStart: true at the activation, false at the reset.
// At the reset only flows with a true condition are taken, never a default flow.
#include <algorithm>

#include "behaviors/expressions.hpp"
#include "elements/conditional_flows.hpp"

namespace schwarm::engine::elements {
namespace {

struct Place {
    ElementKey scope;
    std::uint16_t definition = 0;
    const bpmn::Process* in = nullptr;
    const bpmn::Node* node = nullptr;
};

FlowList arrived_at(const CaseState& state, const Place& at) {
    FlowList out;
    for (const WaitingTokens& w : state.waiting) {
        if (w.scope == at.scope && w.definition == at.definition &&
            at.in->flow(w.flow).target == at.node->index) {
            out.push_back(w.flow);
        }
    }
    return out;
}

// activationCount: tokens at all incoming flows; activationCounts: by the id of the flow.
Variables counts(const CaseState& state, const Place& at) {
    std::int64_t all = 0;
    feel::ContextBuilder by_flow;
    for (const bpmn::FlowIndex f : at.node->incoming) {
        std::int64_t n = 0;
        for (const WaitingTokens& w : state.waiting) {
            if (w.scope == at.scope && w.definition == at.definition && w.flow == f) n = w.count;
        }
        all += n;
        by_flow.set(at.in->flow(f).id, feel::Value(n));
    }
    Variables out;
    out.set("activationCount", feel::Value(all));
    out.set("activationCounts", by_flow.build());
    out.set("waitingForStart", feel::Value(true));
    return out;
}

Outcome<bool> may_start(const Transition& t, const Place& at) {
    const auto& condition = at.node->details.activation_condition;
    if (!condition.present()) return true;
    const Variables names = counts(t.state(), at);
    const feel::Value value = expressions::evaluate(t, condition, at.scope, &names);
    if (value.is_boolean()) return value.is_true();
    return Failure{
        IncidentKind::expression,
        "the activation condition of '" + at.node->id + "' must be true or false, but " +
            expressions::explain(t, condition, at.scope, "is " + value.to_string(), &names),
        {}};
}

const GatewayReset* reset_of(const CaseState& state, const Place& at) {
    for (const GatewayReset& g : state.gateway_resets) {
        if (g.scope == at.scope && g.definition == at.definition && g.node == at.node->index) {
            return &g;
        }
    }
    return nullptr;
}

void activate_gateway(Transition& t, const Place& at) {
    const FlowList arrived = arrived_at(t.state(), at);
    t.start_node(at.scope, at.definition, at.node->index, arrived);
    if (arrived.size() < at.node->incoming.size() && t.state().element(at.scope) != nullptr) {
        t.emit(GatewayActivatedV1{at.scope, at.definition, at.node->index, arrived});
    }
}

// Activates the gateway if its condition is true; `last`: the token that came.
void try_to_start(Transition& t, const Place& at, bpmn::FlowIndex last) {
    const auto starts = may_start(t, at);
    if (starts.has_error()) {
        t.raise(t.activate(at.scope, at.definition, at.node->index, 0, {last}, last),
                starts.error(), ElementPhase::activating);
    } else if (*starts) {
        activate_gateway(t, at);
    }
}

bool can_still_come(const Transition& t, const Place& at, bpmn::FlowIndex flow) {
    const bpmn::NodeIndex source = at.in->flow(flow).source;
    const auto leads_here = [&](bpmn::NodeIndex from) {
        return from != at.node->index &&
               (from == source || at.in->reaches(from, source, at.node->index));
    };
    for (const ElementInstance& e : t.state().elements) {
        if (e.scope == at.scope && e.definition == at.definition && leads_here(e.node)) return true;
    }
    for (const WaitingTokens& w : t.state().waiting) {
        if (w.scope == at.scope && w.definition == at.definition &&
            leads_here(at.in->flow(w.flow).target)) {
            return true;
        }
    }
    return false;
}

FlowList flows_at_reset(const Transition& t, const Place& at) {
    Variables names;
    names.set("waitingForStart", feel::Value(false));
    FlowList out;
    for (const bpmn::FlowIndex f : at.node->outgoing) {
        const bpmn::Expression& condition = at.in->flow(f).condition;
        if (condition.present() &&
            expressions::evaluate(t, condition, at.scope, &names).is_true()) {
            out.push_back(f);
        }
    }
    return out;
}

Outcome<bool> is_true(const Transition& t, const bpmn::Flow& flow, ElementKey scope) {
    const Variables names{{"waitingForStart", true}};
    const feel::Value value = expressions::evaluate(t, flow.condition, scope, &names);
    if (value.is_boolean()) return value.is_true();
    return Failure{
        IncidentKind::expression,
        "the condition of flow '" + flow.id + "' must be true or false, but " +
            expressions::explain(t, flow.condition, scope, "is " + value.to_string(), &names),
        {}};
}

bool reset(Transition& t, const Place& at, const FlowList& consumed) {
    const FlowList arrived = arrived_at(t.state(), at);
    FlowList rest;
    for (const bpmn::FlowIndex f : at.node->incoming) {
        if (std::find(consumed.begin(), consumed.end(), f) != consumed.end()) continue;
        if (std::find(arrived.begin(), arrived.end(), f) != arrived.end())
            rest.push_back(f);
        else if (can_still_come(t, at, f))
            return false;
    }
    t.emit(GatewayResetV1{at.scope, at.definition, at.node->index});
    FlowList flows = flows_at_reset(t, at);
    if (!rest.empty() || !flows.empty()) {
        t.pass(at.scope, at.definition, *at.node, std::move(rest), std::move(flows));
    } else {
        t.check_scope_later(at.scope);
    }
    const FlowList left = arrived_at(t.state(), at);
    if (!left.empty()) try_to_start(t, at, left.back());
    return true;
}

}  // namespace

void complex_gateway_reached(Transition& t, const Token& token, const bpmn::Node& node) {
    const Place at{token.scope, token.definition, &t.process(token.definition), &node};
    t.emit(TokenWaitingV1{token.scope, token.definition, token.flow});
    if (reset_of(t.state(), at) == nullptr) try_to_start(t, at, token.flow);
}

bool reset_complex_gateway(Transition& t) {
    const auto pending = t.state().gateway_resets;
    for (const GatewayReset& g : pending) {
        const bpmn::Process& in = t.process(g.definition);
        if (reset(t, {g.scope, g.definition, &in, &in.node(g.node)}, g.consumed)) return true;
    }
    return false;
}

Outcome<FlowList> choose_complex(const Transition& t, ElementKey scope, const bpmn::Process& in,
                                 const bpmn::Node& node) {
    return choose_conditional(in, node,
                              [&](const bpmn::Flow& flow) { return is_true(t, flow, scope); });
}

}  // namespace schwarm::engine::elements
