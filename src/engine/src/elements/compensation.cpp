// Compensation (BPMN 2.0.2 clauses 10.7 and 13.5.5). What has completed and has a handler stands
// in the compensation log. A throw event compensates the entries of its scope, the last completed
// first and one after another. A completed subprocess becomes active once more, with the
// variables it had, and what it contains is compensated inside it; its own handler comes before.
#include <algorithm>

#include "elements/elements.hpp"

namespace schwarm::engine::elements {
namespace {

const Compensable* entry_by_handler(const CaseState& state, ElementKey handler) {
    for (const Compensable& c : state.compensables) {
        if (c.handler == handler) return &c;
    }
    return nullptr;
}

bool contains_some(const CaseState& state, ElementKey scope) {
    return std::any_of(state.compensables.begin(), state.compensables.end(),
                       [scope](const Compensable& c) { return c.scope == scope; });
}

void remember(Transition& t, const Active& at, bool by_scope) {
    t.emit(CompensableV1{t.new_key<ElementKey>(), at.key, at.scope, at.definition, at.node->index,
                         at.loop_counter, at.inner, by_scope,
                         by_scope ? t.state().element(at.key)->variables : Variables()});
}

// The entries of these scopes that nobody compensates yet, of one activity or of all.
ElementKeyList entries_of(const CaseState& state, const ElementKeyList& scopes,
                          bpmn::NodeIndex activity) {
    ElementKeyList out;
    for (const Compensable& c : state.compensables) {
        const bool inside = std::find(scopes.begin(), scopes.end(), c.scope) != scopes.end();
        if (!inside || c.thrower != ElementKey() || c.handler != ElementKey()) continue;
        if (activity == bpmn::kNoNode || c.node == activity) out.push_back(c.key);
    }
    return out;
}

void begin_entry(Transition& t, const Compensable& entry) {
    const bpmn::Node& node = t.process(entry.definition).node(entry.node);
    if (!entry.by_scope) {
        const ElementKey handler = t.activate(entry.scope, entry.definition, node.compensated_by);
        t.emit(CompensationStartedV1{entry.key, handler});
        t.begin(handler);
        return;
    }
    const ElementKey scope =
        t.activate(entry.scope, entry.definition, entry.node, entry.loop_counter);
    if (!entry.variables.empty()) t.emit(VariablesSetV1{scope, entry.variables});
    t.emit(CompensationStartedV1{entry.key, scope});
    if (node.compensation_event_sub_process != bpmn::kNoNode && !entry.inner &&
        !t.active(scope).is_loop_body()) {
        t.begin(t.activate(scope, entry.definition, node.compensation_event_sub_process));
        return;
    }
    t.emit(CompensationTriggeredV1{scope, entries_of(t.state(), {scope}, bpmn::kNoNode)});
    t.continue_compensation_later(scope);
}

void leave_transaction(Transition& t, const Active& cancel_end) {
    Active host = t.active(cancel_end.scope);
    t.emit(ElementCompletedV1{cancel_end.key, {}});
    if (host.loop_counter > 0) host = t.active(host.scope);
    for (const bpmn::NodeIndex b : host.node->boundary_events) {
        const bpmn::Node& event = host.process->node(b);
        if (event.event != bpmn::EventKind::cancel) continue;
        boundary_event_triggered(t, host, event, {});
        return;
    }
    CHECK(false, "a transaction without cancel boundary event should have been refused");
}

bool is_throw_event(const bpmn::Node& node) {
    return node.event == bpmn::EventKind::compensation &&
           (node.kind == bpmn::NodeKind::end_event ||
            node.kind == bpmn::NodeKind::intermediate_throw_event);
}

}  // namespace

void remember_completion(Transition& t, const Active& completed) {
    const bpmn::Node& node = *completed.node;
    const CaseState& state = t.state();
    const bool has_log = !state.compensables.empty();
    if (node.compensated_by == bpmn::kNoNode && !has_log &&
        node.compensation_event_sub_process == bpmn::kNoNode) {
        return;
    }
    if (has_log && entry_by_handler(state, completed.key) != nullptr) return;
    if (node.compensation_handler) return;
    const bool own_event = node.compensation_event_sub_process != bpmn::kNoNode &&
                           !completed.is_loop_body() && !completed.inner &&
                           node.kind != bpmn::NodeKind::process;
    if (own_event || contains_some(state, completed.key)) remember(t, completed, true);
    if (node.compensated_by != bpmn::kNoNode && completed.loop_counter == 0 && !completed.inner) {
        remember(t, completed, false);
    }
}

MaybeFailure throw_compensation(Transition& t, const Active& at) {
    const auto& definition = at.node->details.event.compensation;
    ElementKeyList scopes{at.scope};
    for (Active scope = t.active(at.scope); scope.node->kind == bpmn::NodeKind::event_sub_process;
         scope = t.active(scope.scope)) {
        scopes.push_back(scope.scope);
    }
    ElementKeyList entries = entries_of(t.state(), scopes, definition.activity);
    if (entries.empty()) {
        t.complete(at.key);
        return std::nullopt;
    }
    // Without waiting, the handlers belong to the scope, which waits for what it contains.
    const ElementKey thrower = definition.wait_for_completion ? at.key : scopes.back();
    t.emit(CompensationTriggeredV1{thrower, std::move(entries)});
    t.continue_compensation_later(thrower);
    if (!definition.wait_for_completion) t.complete(at.key);
    return std::nullopt;
}

MaybeFailure start_cancel_end_event(Transition& t, const Active& at) {
    const Active transaction = t.active(at.scope);
    const bool iteration = transaction.loop_counter > 0;
    std::vector<ElementKey> others;
    for (const ElementInstance& e : t.state().elements) {
        const bool inside = e.scope == transaction.key && e.key != at.key;
        const bool beside = iteration && e.scope == transaction.scope && e.key != transaction.key;
        if (inside || beside) others.push_back(e.key);
    }
    for (const ElementKey other : others) t.terminate(other);
    t.discard_tokens(transaction.key);
    ElementKeyList scopes{transaction.key};
    if (iteration) scopes.push_back(transaction.scope);
    t.emit(CompensationTriggeredV1{at.key, entries_of(t.state(), scopes, bpmn::kNoNode)});
    t.continue_compensation_later(at.key);
    return std::nullopt;
}

void continue_compensation(Transition& t, const Active& thrower) {
    const Compensable* next = nullptr;
    for (const Compensable& c : t.state().compensables) {
        if (c.thrower != thrower.key) continue;
        if (c.handler != ElementKey()) return;
        next = &c;
    }
    if (next != nullptr) {
        const Compensable entry = *next;
        begin_entry(t, entry);
    } else if (is_throw_event(*thrower.node)) {
        t.complete(thrower.key);
    } else if (thrower.node->event == bpmn::EventKind::cancel) {
        leave_transaction(t, thrower);
    } else {
        t.check_scope_later(thrower.key);
    }
}

std::optional<ElementKey> thrower_of_handler(const Transition& t, ElementKey key) {
    if (t.state().compensables.empty()) return std::nullopt;
    const Compensable* entry = entry_by_handler(t.state(), key);
    if (entry == nullptr || entry->thrower == ElementKey()) return std::nullopt;
    return entry->thrower;
}

bool end_compensated_scope(Transition& t, const Active& scope) {
    if (t.state().compensables.empty()) return false;
    const Compensable* entry = entry_by_handler(t.state(), scope.key);
    if (entry == nullptr || !entry->by_scope) return false;
    for (const Compensable& c : t.state().compensables) {
        if (c.thrower == scope.key) return true;
    }
    const ElementKey thrower = entry->thrower;
    t.emit(ElementCompletedV1{scope.key, {}});
    if (thrower != ElementKey()) t.continue_compensation_later(thrower);
    t.check_scope_later(scope.scope);
    return true;
}

}  // namespace schwarm::engine::elements
