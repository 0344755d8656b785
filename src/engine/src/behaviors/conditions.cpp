#include "behaviors/conditions.hpp"

#include <algorithm>

#include "behaviors/expressions.hpp"

namespace schwarm::engine {
namespace conditions {
namespace {

// Variables of `scope` are seen by everything inside, but not by called processes.
bool sees(const CaseState& state, ElementKey host, ElementKey scope) {
    const ElementInstance* at = state.element(host);
    while (at != nullptr && at->key != scope) {
        if (at->node == bpmn::kProcessNode) return false;
        at = state.element(at->scope);
    }
    return at != nullptr;
}

bool concerns(const bpmn::ConditionDefinition& condition, const std::vector<Change>& changes) {
    return std::any_of(changes.begin(), changes.end(), [&](const Change& c) {
        if (!(c.created ? condition.on_create : condition.on_update)) return false;
        return std::find(condition.variables.begin(), condition.variables.end(), c.name) !=
               condition.variables.end();
    });
}

}  // namespace

std::vector<Change> changes(const CaseState& state, const VariablesSetV1& event) {
    std::vector<Change> out;
    const bool asked =
        std::any_of(state.subscriptions.begin(), state.subscriptions.end(),
                    [](const Subscription& s) { return s.kind == SubscriptionKind::condition; });
    if (!asked) return out;
    const ElementInstance* at = state.element(event.scope);
    const bool of_case = at == nullptr || at->scope == ElementKey();
    const Variables& now = of_case ? state.variables : at->variables;
    for (const Variables::Entry& entry : event.variables) {
        const feel::Value* old = now.find(entry.name.text());
        if (old != nullptr && *old == entry.value) continue;
        out.push_back({std::string(entry.name.text()), old == nullptr});
    }
    return out;
}

void ask(Transition& t, ElementKey scope, const std::vector<Change>& changes) {
    const CaseState& state = t.state();
    if (scope == ElementKey()) scope = state.elements.front().key;
    std::vector<std::pair<std::uint32_t, SubscriptionKey>> found;
    for (const Subscription& s : state.subscriptions) {
        if (s.kind != SubscriptionKind::condition || !sees(state, s.host, scope)) continue;
        const bpmn::Node& node = t.process(s.definition).node(s.node);
        const auto& condition = node.event_definitions()[s.part].condition;
        if (!concerns(condition, changes) || !holds(t, condition, s.host)) continue;
        found.emplace_back(t.depth(s.host), s.key);
    }
    std::sort(found.begin(), found.end());
    for (const auto& [depth, key] : found) t.trigger_later(key);
}

void ask_again(Transition& t, ElementKey host) {
    for (const Subscription& s : t.state().subscriptions) {
        if (s.kind != SubscriptionKind::condition || s.host != host) continue;
        const bpmn::Node& node = t.process(s.definition).node(s.node);
        if (holds(t, node.event_definitions()[s.part].condition, host)) t.trigger_later(s.key);
    }
}

bool holds(const Transition& t, const bpmn::ConditionDefinition& condition, ElementKey scope) {
    const feel::Value value = expressions::evaluate(t, condition.condition, scope);
    return value.is_boolean() && value.is_true();
}

}  // namespace conditions

std::vector<bpmn::NodeIndex> conditional_starts(const bpmn::Process& process,
                                                const Variables& variables, Instant now) {
    std::vector<bpmn::NodeIndex> out;
    const feel::Value context = variables.to_context();
    const ManualClock clock(now);
    for (const bpmn::ProcessStart& start : process.starts()) {
        if (start.kind != bpmn::EventKind::conditional) continue;
        const auto& condition = process.node(start.node).event_definitions()[start.part].condition;
        const feel::Value value =
            feel::evaluate(condition.condition.compiled, context, nullptr, &clock);
        if (value.is_boolean() && value.is_true()) out.push_back(start.node);
    }
    return out;
}

}  // namespace schwarm::engine
