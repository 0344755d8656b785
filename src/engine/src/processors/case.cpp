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
    const bpmn::Node& root = in.node(bpmn::kProcessNode);
    if (root.none_start == bpmn::kNoNode) error = "the process has no none start event";
    return root.none_start;
}

}  // namespace

Rejection check_size(const Transition& t, const Variables& variables) {
    const std::size_t most = t.definitions().limits.variables_bytes_max;
    if (variable_mapping::size_of(variables, most + 1) <= most) return std::nullopt;
    return fail(ErrorCode::limit_exceeded,
                "the variables are larger than " + std::to_string(most) + " bytes");
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
    if (start == bpmn::kNoNode) return fail(ErrorCode::invalid_input, error);
    const bool partly = command.start_part && in->node(start).details.parallel_multiple;
    if (partly && *command.start_part >= in->node(start).details.parts.size()) {
        return fail(ErrorCode::invalid_input, "the start event has no such part");
    }
    const auto root = t.new_key<ElementKey>();
    t.emit(CaseCreatedV1{command.case_id, command.tenant, command.definition, root, start,
                         t.actor(), t.now()});
    if (!command.variables.empty()) t.emit(VariablesSetV1{root, command.variables});
    if (partly) t.emit(TriggerHeldV1{root, 0, start, *command.start_part, {}});
    t.begin(root);
    return std::nullopt;
}

Rejection process(Transition& t, const CancelCase& command) {
    const ElementKey root = t.state().elements.front().key;
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
    if (command.local)
        t.emit(VariablesSetV1{scope, command.variables});
    else
        variable_mapping::propagate(t, scope, command.variables);
    return std::nullopt;
}

}  // namespace schwarm::engine::processors
