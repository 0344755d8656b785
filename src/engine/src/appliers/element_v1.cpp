#include "appliers/appliers.hpp"

namespace schwarm::engine {
namespace appliers {

void end_element(CaseState& state, ElementKey key) {
    ElementInstance& ended = element(state, key);
    CHECK(ended.children == 0, "an element ended while it contains active ones");
    if (ended.scope != ElementKey()) --element(state, ended.scope).children;
    state.elements.erase(state.elements.begin() + (&ended - state.elements.data()));
    std::erase_if(state.timers, [key](const Timer& t) { return t.host == key; });
    std::erase_if(state.subscriptions, [key](const Subscription& s) { return s.host == key; });
    std::erase_if(state.held, [key](const HeldTrigger& h) { return h.host == key; });
    std::erase_if(state.jobs, [key](const Job& j) { return j.element == key; });
    std::erase_if(state.user_tasks, [key](const UserTask& t) { return t.key == key; });
    std::erase_if(state.incidents, [key](const Incident& i) { return i.element == key; });
    std::erase_if(state.waiting, [key](const WaitingTokens& w) { return w.scope == key; });
    end_structures(state, key);
}

void consume(CaseState& state, ElementKey scope, std::uint16_t definition, const FlowList& flows) {
    for (const bpmn::FlowIndex flow : flows) {
        const auto found =
            std::find_if(state.waiting.begin(), state.waiting.end(), [&](const WaitingTokens& w) {
                return w.scope == scope && w.definition == definition && w.flow == flow;
            });
        CHECK(found != state.waiting.end(), "no token waits on the flow");
        if (--found->count == 0) state.waiting.erase(found);
    }
}

}  // namespace appliers

void apply_record(CaseState& state, const ElementActivatedV1& event) {
    ElementInstance instance;
    instance.key = event.key;
    instance.scope = event.scope;
    instance.definition = event.definition;
    instance.node = event.node;
    instance.loop_counter = event.loop_counter;
    instance.via = event.via;
    CHECK(state.elements.empty() || state.elements.back().key < event.key, "keys must grow");
    ++appliers::element(state, event.scope).children;
    state.elements.push_back(std::move(instance));
    appliers::consume(state, event.scope, event.definition, event.consumed);
    appliers::used(state, event.key);
}

void apply_record(CaseState& state, const ElementPhaseChangedV1& event) {
    appliers::element(state, event.key).phase = event.phase;
}

void apply_record(CaseState& state, const ElementCompletedV1& event) {
    appliers::end_element(state, event.key);
}

void apply_record(CaseState& state, const ElementTerminatedV1& event) {
    appliers::end_element(state, event.key);
}

void apply_record(CaseState& state, const ElementPassedV1& event) {
    appliers::consume(state, event.scope, event.definition, event.consumed);
    appliers::used(state, event.key);
}

void apply_record(CaseState& state, const TokenWaitingV1& event) {
    for (WaitingTokens& w : state.waiting) {
        if (w.scope == event.scope && w.definition == event.definition && w.flow == event.flow) {
            ++w.count;
            return;
        }
    }
    state.waiting.push_back({event.scope, event.definition, event.flow, 1});
}

void apply_record(CaseState& state, const TokensDiscardedV1& event) {
    std::erase_if(state.waiting,
                  [&event](const WaitingTokens& w) { return w.scope == event.scope; });
    std::erase_if(state.gateway_resets,
                  [&event](const GatewayReset& g) { return g.scope == event.scope; });
}

void apply_record(CaseState& state, const MilestoneReachedV1& event) {
    state.milestones.push_back({event.definition, event.node, event.at});
}

}  // namespace schwarm::engine
