#include "behaviors/variable_mapping.hpp"

#include <utility>
#include <vector>

#include "behaviors/expressions.hpp"

namespace schwarm::engine::variable_mapping {
namespace {

// The context with the value at path "b.c"; what is no context on the way is replaced.
feel::Value with_path(const feel::Value& base, std::string_view path, feel::Value value) {
    const auto dot = path.find('.');
    const std::string_view head = path.substr(0, dot);
    if (dot != std::string_view::npos) {
        const feel::Value* inner = base.is_context() ? base.as_context().find(head) : nullptr;
        value = with_path(inner == nullptr ? feel::Value() : *inner, path.substr(dot + 1),
                          std::move(value));
    }
    feel::ContextBuilder builder =
        base.is_context() ? feel::ContextBuilder(base.as_context()) : feel::ContextBuilder();
    builder.set(head, std::move(value));
    return builder.build();
}

// Sets "a" or "a.b.c"; `existing` is what a path is merged into if nothing was set here yet.
void set_target(Variables& out, std::string_view target, feel::Value value,
                const feel::Value* existing) {
    const auto dot = target.find('.');
    if (dot == std::string_view::npos) {
        out.set(target, std::move(value));
        return;
    }
    const std::string_view head = target.substr(0, dot);
    const feel::Value* base = out.find(head);
    if (base == nullptr) base = existing;
    out.set(head, with_path(base == nullptr ? feel::Value() : *base, target.substr(dot + 1),
                            std::move(value)));
}

std::string_view head_of(std::string_view target) {
    return target.substr(0, target.find('.'));
}

void add_size(const feel::Value& value, std::size_t& size, std::size_t enough) {
    if (size >= enough) return;
    size += 24;
    if (value.is_string()) size += value.as_string().size();
    if (value.is_list()) {
        for (const feel::Value& item : value.as_list()) add_size(item, size, enough);
    }
    if (value.is_context()) {
        for (const auto& entry : value.as_context()) {
            size += entry.key.text().size();
            add_size(entry.value, size, enough);
        }
    }
}

MaybeFailure check_size(const Transition& t, const Variables& variables) {
    const std::size_t most = t.definitions().limits.variables_bytes_max;
    if (size_of(variables, most + 1) <= most) return std::nullopt;
    return Failure{IncidentKind::variables_limit,
                   "the variables are larger than " + std::to_string(most) + " bytes",
                   {}};
}

}  // namespace

std::size_t size_of(const Variables& variables, std::size_t enough) {
    std::size_t size = 0;
    for (const Variables::Entry& entry : variables) {
        size += entry.name.text().size();
        add_size(entry.value, size, enough);
    }
    return size;
}

MaybeFailure map_inputs(Transition& t, const Active& at) {
    const auto& inputs = at.node->details.inputs;
    if (inputs.empty()) return std::nullopt;
    Variables local;
    for (const bpmn::Mapping& mapping : inputs) {
        // Later mappings see what earlier ones made.
        feel::Value value = expressions::evaluate(t, mapping.source, at.key, &local);
        set_target(local, mapping.target, std::move(value), nullptr);
    }
    if (auto failure = check_size(t, local)) return failure;
    t.emit(VariablesSetV1{at.key, std::move(local)});
    return std::nullopt;
}

MaybeFailure map_outputs(Transition& t, const Active& at) {
    const auto& outputs = at.node->details.outputs;
    if (outputs.empty()) return std::nullopt;
    Variables results;
    for (const bpmn::Mapping& mapping : outputs) {
        feel::Value value = expressions::evaluate(t, mapping.source, at.key, &results);
        set_target(results, mapping.target, std::move(value),
                   t.state().variable(at.scope, head_of(mapping.target)));
    }
    if (auto failure = check_size(t, results)) return failure;
    // The results of a start event stay inside the scope it starts.
    if (at.node->kind == bpmn::NodeKind::start_event) {
        t.emit(VariablesSetV1{at.scope, std::move(results)});
    } else {
        propagate(t, at.scope, results);
    }
    return std::nullopt;
}

void propagate(Transition& t, ElementKey scope, const Variables& variables) {
    if (variables.empty()) return;
    const CaseState& state = t.state();
    std::vector<std::pair<ElementKey, Variables>> targets;
    for (const Variables::Entry& entry : variables) {
        ElementKey target = scope;
        while (const ElementInstance* at = state.element(target)) {
            if (at->scope == ElementKey() || at->node == bpmn::kProcessNode || at->inner) break;
            if (at->variables.find(entry.name.text()) != nullptr) break;
            target = at->scope;
        }
        auto found = targets.begin();
        while (found != targets.end() && found->first != target) ++found;
        if (found == targets.end()) {
            targets.emplace_back(target, Variables());
            found = targets.end() - 1;
        }
        found->second.set(entry.name, entry.value);
    }
    for (auto& [target, values] : targets) t.emit(VariablesSetV1{target, std::move(values)});
}

}  // namespace schwarm::engine::variable_mapping
