// Call activity: runs another process inside the same case, with variables of its own.
#include "behaviors/expressions.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure start_call_activity(Transition& t, const Active& at) {
    const auto& called = *at.node->details.called_process;
    auto id =
        expressions::text(t, called.process_id, at.key, "the process id of '" + at.node->id + "'");
    if (id.has_error()) return id.error();
    if (auto failure = too_deep(t, at, IncidentKind::called_process)) return failure;
    const DefinitionKey caller = t.state().definitions[at.definition];
    const auto& processes = t.definitions().processes;
    const auto key = called.binding.type == bpmn::BindingType::latest
                         ? processes.called_process(caller, *id)
                         : processes.bound_process(caller, *id, called.binding);
    const auto definition = key ? t.use_definition(*key) : std::nullopt;
    if (!definition) {
        return Failure{
            IncidentKind::called_process, "there is no process '" + *id + "' to call", {}};
    }
    if (t.process(*definition).node(bpmn::kProcessNode).none_start == bpmn::kNoNode) {
        return Failure{
            IncidentKind::called_process, "process '" + *id + "' has no none start event", {}};
    }
    const Variables variables = called.propagate_all_parent_variables
                                    ? ScopeView(t.state(), at.key).all()
                                    : t.state().element(at.key)->variables;
    const ElementKey root = t.activate(at.key, *definition, bpmn::kProcessNode);
    if (!variables.empty()) t.emit(VariablesSetV1{root, variables});
    t.begin(root);
    return std::nullopt;
}

void called_process_ended(Transition& t, ElementKey call_activity, const Variables& brought) {
    const Active at = t.active(call_activity);
    const bool bring = at.node->details.called_process->propagate_all_child_variables ||
                       !at.node->details.outputs.empty();
    t.finish(call_activity, bring ? brought : Variables());
}

}  // namespace schwarm::engine::elements
