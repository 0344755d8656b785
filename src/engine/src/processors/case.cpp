#include "behaviors/placement.hpp"
#include "behaviors/task_listeners.hpp"
#include "behaviors/triggers.hpp"
#include "behaviors/variable_mapping.hpp"
#include "processors/processors.hpp"

namespace schwarm::engine::processors {
namespace {

// kNoNode with a reason in `error` if there is no such start.
bpmn::NodeIndex find_start(const bpmn::Process& in, const CreateCase& command, std::string& error) {
    if (!command.start_element.empty()) {
        for (const bpmn::ProcessStart& s : in.starts()) {
            if (in.node(s.node).id == command.start_element) return s.node;
        }
        error = "the process has no start event '" + command.start_element + "'";
        return bpmn::kNoNode;
    }
    const bool message = !command.start_message.empty();
    const std::string& wanted = message ? command.start_message : command.start_signal;
    if (!wanted.empty()) {
        const auto kind = message ? bpmn::EventKind::message : bpmn::EventKind::signal;
        for (const bpmn::ProcessStart& s : in.starts()) {
            if (s.kind != kind) continue;
            const auto& event = in.node(s.node).event_definitions()[s.part];
            const auto& name = message ? event.message.name : event.signal.name;
            if (name.is_static && name.source == wanted) return s.node;
        }
        error = std::string("no start event waits for the ") + (message ? "message" : "signal") +
                " '" + wanted + "'";
        return bpmn::kNoNode;
    }
    if (!command.start_instructions.empty()) return bpmn::kNoNode;
    const bpmn::Node& root = in.node(bpmn::kProcessNode);
    if (root.none_start == bpmn::kNoNode) error = "the process has no none start event";
    return root.none_start;
}

// Begins at the elements of the start instructions instead of a start event.
Rejection start_at(Transition& t, ElementKey root, const CreateCase& command) {
    if (auto failure = triggers::open_event_sub_processes(t, t.active(root))) {
        return fail(ErrorCode::invalid_input, failure->reason);
    }
    std::vector<ElementKey> begun;
    for (std::size_t i = 0; i < command.start_instructions.size(); ++i) {
        const ActivateInstruction& instruction = command.start_instructions[i];
        if (auto rejection = check_size(t, instruction.variables)) return rejection;
        const auto activated =
            placement::activate(t, root, instruction.element, {}, instruction.variables, {});
        if (activated.has_error()) {
            return placement::at_instruction(activated.error(), "start", i, instruction.element);
        }
        begun.push_back(*activated);
    }
    for (const ElementKey key : begun) {
        if (t.state().element(key) != nullptr) t.begin(key);
    }
    return std::nullopt;
}

}  // namespace

Rejection check_size(const Transition& t, const Variables& variables) {
    const std::size_t most = t.definitions().limits.variables_bytes_max;
    if (variable_mapping::size_of(variables, most + 1) <= most) return std::nullopt;
    return fail(ErrorCode::limit_exceeded,
                "the variables are larger than " + std::to_string(most) + " bytes");
}

Rejection check_size(const Transition& t, const std::vector<VariableInstruction>& variables) {
    for (const VariableInstruction& v : variables) {
        if (auto rejection = check_size(t, v.variables)) return rejection;
    }
    return std::nullopt;
}

Rejection process(Transition& t, const CreateCase& command) {
    const bpmn::Process* in = t.definitions().processes.process(command.definition);
    if (in == nullptr) {
        return fail(ErrorCode::not_found,
                    "process '" + command.definition.value() + "' is not deployed");
    }
    if (command.case_id.value() == 0) {
        return fail(ErrorCode::invalid_input, "the case has no number");
    }
    if (auto rejection = check_size(t, command.variables)) return rejection;
    std::string error;
    const bpmn::NodeIndex start = find_start(*in, command, error);
    if (start == bpmn::kNoNode && command.start_instructions.empty()) {
        return fail(ErrorCode::invalid_input, error);
    }
    const bool partly =
        start != bpmn::kNoNode && command.start_part && in->node(start).details.parallel_multiple;
    if (partly && *command.start_part >= in->node(start).details.parts.size()) {
        return fail(ErrorCode::invalid_input, "the start event has no such part");
    }
    const auto root = t.new_key<ElementKey>();
    t.emit(CaseCreatedV1{command.case_id, command.tenant, command.definition, root, start,
                         t.actor(), t.now()});
    if (!command.business_id.empty() || !command.tags.empty()) {
        t.emit(CaseLabelledV1{command.business_id, command.tags});
    }
    if (!command.variables.empty()) t.emit(VariablesSetV1{root, command.variables});
    if (!command.start_instructions.empty()) return start_at(t, root, command);
    if (partly) t.emit(TriggerHeldV1{root, 0, start, *command.start_part, {}});
    t.begin(root);
    return std::nullopt;
}

Rejection process(Transition& t, const CancelCase& command) {
    const ElementKey root = t.state().elements.front().key;
    const auto instance = placement::process_instance(t.state(), command.process_instance);
    if (!instance) return placement::no_process_instance(command.process_instance);
    if (*instance != root) {
        return fail(ErrorCode::conflict,
                    "process instance " + std::to_string(instance->value()) + " was called by '" +
                        t.active(t.state().element(*instance)->scope).node->id +
                        "'; cancel the process instance that called it, or terminate the call "
                        "activity");
    }
    t.terminate(root);
    t.emit(CaseEndedV1{CaseStatus::cancelled, command.reason, t.now()});
    return std::nullopt;
}

Rejection process(Transition& t, const UpdateVariables& command) {
    if (auto rejection = check_size(t, command.variables)) return rejection;
    const ElementKey root = t.state().elements.front().key;
    const ElementKey scope = command.scope == ElementKey() ? root : command.scope;
    if (t.state().element(scope) == nullptr) {
        return fail(ErrorCode::not_found,
                    "element " + std::to_string(scope.value()) + " is not active");
    }
    if (command.variables.empty()) return std::nullopt;
    const UserTask* task = command.local ? t.state().user_task(scope) : nullptr;
    if (task != nullptr) {
        if (auto rejection = task_listeners::check_idle(t, scope)) return rejection;
        task_listeners::request(t, bpmn::ListenerEvent::updating, *task, command.variables,
                                "update");
        return std::nullopt;
    }
    if (command.local)
        t.emit(VariablesSetV1{scope, command.variables});
    else
        variable_mapping::propagate(t, scope, command.variables);
    return std::nullopt;
}

}  // namespace schwarm::engine::processors
