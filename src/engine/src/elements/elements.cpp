#include "elements/elements.hpp"

#include "behaviors/task_listeners.hpp"
#include "behaviors/triggers.hpp"

namespace schwarm::engine::elements {

// It waits only where a part of a parallel multiple event has begun the process.
static MaybeFailure start_start_event(Transition& t, const Active& at) {
    for (const HeldTrigger& h : t.state().held) {
        if (h.host == at.key) return triggers::open(t, at.key, at.definition, *at.node);
    }
    t.complete(at.key);
    return std::nullopt;
}

MaybeFailure on_activate(Transition& t, const Active& at) {
    using bpmn::NodeKind;
    switch (at.node->kind) {
        case NodeKind::process:
            return start_process(t, at);
        case NodeKind::sub_process:
        case NodeKind::transaction:
            return start_sub_process(t, at);
        case NodeKind::ad_hoc_sub_process:
            return start_ad_hoc(t, at);
        case NodeKind::event_sub_process:
            return start_event_sub_process(t, at);
        case NodeKind::user_task:
            return start_user_task(t, at);
        case NodeKind::service_task:
            return start_job(t, at);
        case NodeKind::send_task:
            return at.node->details.job ? start_job(t, at) : send_message(t, at);
        case NodeKind::business_rule_task:
            return start_business_rule_task(t, at);
        case NodeKind::script_task:
            return start_script_task(t, at);
        case NodeKind::receive_task:
            return start_receive_task(t, at);
        case NodeKind::intermediate_catch_event:
            return start_intermediate_catch_event(t, at);
        case NodeKind::intermediate_throw_event:
            return start_intermediate_throw_event(t, at);
        case NodeKind::end_event:
            return start_end_event(t, at);
        case NodeKind::event_based_gateway:
            return start_event_based_gateway(t, at);
        case NodeKind::call_activity:
            return start_call_activity(t, at);
        case NodeKind::start_event:
            return start_start_event(t, at);
        case NodeKind::task:
        case NodeKind::manual_task:
        case NodeKind::boundary_event:
        case NodeKind::exclusive_gateway:
        case NodeKind::parallel_gateway:
        case NodeKind::inclusive_gateway:
        case NodeKind::complex_gateway:
            t.complete(at.key);
            return std::nullopt;
    }
    CHECK(false, std::string(bpmn::name_of(at.node->kind)) + " should have been refused");
    return std::nullopt;
}

// Outside of gateways: every flow without a condition or with a true one; the default flow if no
// conditional one was taken (BPMN 2.0.2 clause 13.3.1).
Outcome<FlowList> choose_flows(const Transition& t, ElementKey scope, const bpmn::Process& in,
                               const bpmn::Node& node) {
    if (node.outgoing.size() > 1) {
        if (node.kind == bpmn::NodeKind::exclusive_gateway) {
            return choose_exclusive(t, scope, in, node);
        }
        if (node.kind == bpmn::NodeKind::inclusive_gateway) {
            return choose_inclusive(t, scope, in, node);
        }
    }
    if (node.kind == bpmn::NodeKind::complex_gateway && !node.outgoing.empty()) {
        return choose_complex(t, scope, in, node);
    }
    const bool gateway = node.kind == bpmn::NodeKind::parallel_gateway ||
                         node.kind == bpmn::NodeKind::event_based_gateway;
    bool conditional = false;
    for (const bpmn::FlowIndex f : node.outgoing) {
        conditional = conditional || in.flow(f).condition.present();
    }
    if (gateway || !conditional) return FlowList(node.outgoing);
    return choose_inclusive(t, scope, in, node);
}

void resume(Transition& t, const Active& at) {
    if (at.is_loop_body()) {
        t.continue_loop_later(at.key);
    } else if (at.node->kind == bpmn::NodeKind::ad_hoc_sub_process && !at.inner) {
        decide_ad_hoc(t, at);
    } else if (at.node->kind == bpmn::NodeKind::user_task) {
        task_listeners::resume(t, at);
    }
}

}  // namespace schwarm::engine::elements
