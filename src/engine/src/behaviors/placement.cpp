#include "behaviors/placement.hpp"

#include "behaviors/triggers.hpp"
#include "behaviors/variable_mapping.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::placement {
namespace {

std::string quoted(const bpmn::Node& node) {
    return "'" + node.id + "'";
}

// Why no token can be put on the element; nothing if one can.
std::optional<Error> refused(const bpmn::Process& in, const bpmn::Node& node) {
    using bpmn::NodeKind;
    if (node.kind == NodeKind::process || node.kind == NodeKind::start_event ||
        node.kind == NodeKind::boundary_event) {
        return fail(ErrorCode::invalid_input,
                    "a " + std::string(bpmn::name_of(node.kind)) + " cannot be activated");
    }
    const bool compensates =
        node.compensation_handler ||
        (node.kind == NodeKind::event_sub_process &&
         in.node(node.start_events.at(0)).event == bpmn::EventKind::compensation);
    if (compensates) {
        return fail(ErrorCode::invalid_input, "a compensation handler cannot be activated");
    }
    for (const bpmn::FlowIndex f : node.incoming) {
        if (in.node(in.flow(f).source).kind == NodeKind::event_based_gateway) {
            return fail(ErrorCode::invalid_input,
                        "an event behind an event-based gateway cannot be activated");
        }
    }
    return std::nullopt;
}

bool is_leaving(const CaseState& state, ElementKey key, const std::set<ElementKey>& leaving) {
    for (const ElementInstance* at = state.element(key); at != nullptr;
         at = state.element(at->scope)) {
        if (leaving.contains(at->key)) return true;
    }
    return false;
}

// The active instances of a scope in which elements can be.
std::vector<ElementKey> open_scopes(const Transition& t, ElementKey root, bpmn::NodeIndex node,
                                    const std::set<ElementKey>& leaving) {
    std::vector<ElementKey> out;
    const std::uint16_t definition = t.state().element(root)->definition;
    for (const ElementInstance& e : t.state().elements) {
        if (e.node != node || e.definition != definition || e.inner) continue;
        if (root_of(t.state(), e.key) != root) continue;
        if (t.active(e.key).is_loop_body() || is_leaving(t.state(), e.key, leaving)) continue;
        out.push_back(e.key);
    }
    return out;
}

// The nearest scope around the element that is active.
Result<ElementKey> nearest_scope(const Transition& t, ElementKey root, const bpmn::Process& in,
                                 bpmn::NodeIndex parent, const std::set<ElementKey>& leaving) {
    for (bpmn::NodeIndex at = parent; at != bpmn::kProcessNode; at = in.node(at).parent) {
        const auto found = open_scopes(t, root, at, leaving);
        if (found.size() > 1) {
            return fail(ErrorCode::conflict, std::to_string(found.size()) + " instances of " +
                                                 quoted(in.node(at)) +
                                                 " are active; name one of them as ancestor");
        }
        if (found.size() == 1) return found.front();
    }
    return root;
}

Result<ElementKey> check_ancestor(const Transition& t, ElementKey root, const bpmn::Process& in,
                                  const bpmn::Node& node, ElementKey ancestor,
                                  const std::set<ElementKey>& leaving) {
    const std::string named = "the ancestor " + std::to_string(ancestor.value());
    if (t.state().element(ancestor) == nullptr || root_of(t.state(), ancestor) != root) {
        return fail(ErrorCode::not_found, named + " is not active in this process instance");
    }
    const Active at = t.active(ancestor);
    if (!encloses(in, at.node->index, node.index)) {
        return fail(ErrorCode::invalid_input,
                    named + " is an instance of " + quoted(*at.node) + ", which is not around it");
    }
    if (at.is_loop_body()) {
        return fail(ErrorCode::invalid_input, named +
                                                  " is a multi-instance activity as a whole; "
                                                  "name one of its iterations");
    }
    if (is_leaving(t.state(), ancestor, leaving)) {
        return fail(ErrorCode::conflict, named + " is terminated by the same command");
    }
    return ancestor;
}

void set_variables(Transition& t, const Active& at,
                   const std::vector<VariableInstruction>& variables) {
    for (const VariableInstruction& v : variables) {
        const bool of_process = at.node->kind == bpmn::NodeKind::process && v.scope.empty();
        if ((of_process || v.scope == at.node->id) && !v.variables.empty()) {
            t.emit(VariablesSetV1{at.key, v.variables});
        }
    }
}

// A scope without its start event: only what lies around the element.
Result<ElementKey> create_scope(Transition& t, ElementKey in, std::uint16_t definition,
                                const bpmn::Node& node,
                                const std::vector<VariableInstruction>& variables) {
    if (node.has_loop) {
        return fail(ErrorCode::invalid_input, "it is inside the multi-instance activity " +
                                                  quoted(node) +
                                                  "; name one of its iterations as ancestor");
    }
    const ElementKey key = t.activate(in, definition, node.index);
    const Active at = t.active(key);
    set_variables(t, at, variables);
    MaybeFailure failure = variable_mapping::map_inputs(t, at);
    if (!failure) failure = triggers::open_boundary_events(t, at);
    if (!failure) failure = elements::too_deep(t, at, IncidentKind::step_limit);
    if (!failure) {
        failure = node.kind == bpmn::NodeKind::ad_hoc_sub_process
                      ? elements::open_ad_hoc(t, at)
                      : triggers::open_event_sub_processes(t, at);
    }
    if (failure) return fail(ErrorCode::invalid_input, failure->reason);
    return key;
}

// Inside an ad-hoc subprocess each element stands in an activation of its own.
Result<ElementKey> inner_scope(Transition& t, ElementKey in, const bpmn::Node& node) {
    const Active at = t.active(in);
    if (at.node->kind != bpmn::NodeKind::ad_hoc_sub_process || at.inner ||
        node.kind == bpmn::NodeKind::event_sub_process) {
        return in;
    }
    if (auto error = elements::check_ad_hoc_elements(t, at, {{node.id, {}}})) return *error;
    return elements::activate_inner(t, at, node.index);
}

// Each instruction must mean the element or something around it.
std::optional<Error> check_variables(const bpmn::Process& in, const bpmn::Node& node,
                                     const std::vector<VariableInstruction>& variables) {
    for (const VariableInstruction& v : variables) {
        if (v.scope.empty() || v.scope == node.id) continue;
        const bpmn::NodeIndex scope = in.find(v.scope);
        if (scope == bpmn::kNoNode || !encloses(in, scope, node.index)) {
            return fail(ErrorCode::invalid_input, "the variables are for '" + v.scope +
                                                      "', which is neither the element nor around "
                                                      "it");
        }
    }
    return std::nullopt;
}

}  // namespace

ElementKey root_of(const CaseState& state, ElementKey key) {
    const ElementInstance* at = state.element(key);
    while (at != nullptr && at->node != bpmn::kProcessNode) at = state.element(at->scope);
    return at == nullptr ? ElementKey() : at->key;
}

std::optional<ElementKey> process_instance(const CaseState& state, ElementKey key) {
    if (key == ElementKey()) return state.elements.front().key;
    const ElementInstance* at = state.element(key);
    if (at == nullptr || at->node != bpmn::kProcessNode) return std::nullopt;
    return key;
}

Error no_process_instance(ElementKey key) {
    return fail(ErrorCode::not_found, "there is no active process instance " +
                                          std::to_string(key.value()) + " in this case");
}

bool encloses(const bpmn::Process& in, bpmn::NodeIndex outer, bpmn::NodeIndex inner) {
    for (bpmn::NodeIndex at = inner; at != bpmn::kProcessNode;) {
        at = in.node(at).parent;
        if (at == outer) return true;
    }
    return false;
}

Error at_instruction(const Error& error, std::string_view kind, std::size_t index,
                     const std::string& element) {
    std::string out = std::string(kind) + " instruction " + std::to_string(index + 1);
    if (!element.empty()) out += " ('" + element + "')";
    return fail(error.code, out + ": " + error.message, error.where);
}

Result<ElementKey> activate(Transition& t, ElementKey root, const std::string& element,
                            ElementKey ancestor, const std::vector<VariableInstruction>& variables,
                            const std::set<ElementKey>& leaving) {
    const std::uint16_t definition = t.state().element(root)->definition;
    const bpmn::Process& in = t.process(definition);
    const bpmn::NodeIndex index = in.find(element);
    if (index == bpmn::kNoNode) {
        return fail(ErrorCode::not_found, "the process has no such element");
    }
    const bpmn::Node& node = in.node(index);
    if (auto error = refused(in, node)) return *error;
    if (auto error = check_variables(in, node, variables)) return *error;
    auto scope = ancestor == ElementKey() ? nearest_scope(t, root, in, node.parent, leaving)
                                          : check_ancestor(t, root, in, node, ancestor, leaving);
    if (scope.has_error()) return scope.error();
    ElementKey key = *scope;
    for (ElementKey outer = key;; outer = t.state().element(outer)->scope) {
        const Active at = t.active(outer);
        if (!at.is_loop_body()) set_variables(t, at, variables);
        if (outer == root) break;
    }
    std::vector<bpmn::NodeIndex> missing;
    for (bpmn::NodeIndex at = node.parent; at != t.active(key).node->index;
         at = in.node(at).parent) {
        missing.push_back(at);
    }
    for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
        SCHWARM_TRY(around, inner_scope(t, key, in.node(*at)));
        SCHWARM_TRY(created, create_scope(t, around, definition, in.node(*at), variables));
        key = created;
    }
    SCHWARM_TRY(inside, inner_scope(t, key, node));
    key = t.activate(inside, definition, index);
    set_variables(t, t.active(key), variables);
    return key;
}

}  // namespace schwarm::engine::placement
