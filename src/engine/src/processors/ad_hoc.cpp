#include "elements/elements.hpp"
#include "processors/processors.hpp"

namespace schwarm::engine::processors {

Rejection process(Transition& t, const ActivateAdHoc& command) {
    const ElementInstance* instance = t.state().element(command.ad_hoc);
    const std::string name = "element " + std::to_string(command.ad_hoc.value());
    if (instance == nullptr) return fail(ErrorCode::not_found, name + " is not active");
    const Active at = t.active(command.ad_hoc);
    if (at.node->kind != bpmn::NodeKind::ad_hoc_sub_process || at.inner || at.is_loop_body()) {
        return fail(ErrorCode::invalid_input, name + " is no ad-hoc subprocess");
    }
    if (instance->phase != ElementPhase::active) {
        return fail(ErrorCode::conflict, name + " activates nothing any more, or not yet");
    }
    if (command.elements.empty()) {
        return fail(ErrorCode::invalid_input, "there is no element to activate");
    }
    for (const ActivateElement& e : command.elements) {
        if (auto rejection = check_size(t, e.variables)) return rejection;
    }
    if (auto error = elements::check_ad_hoc_elements(t, at, command.elements)) return error;
    elements::activate_in_ad_hoc(t, at, command.elements, command.cancel_remaining);
    return std::nullopt;
}

}  // namespace schwarm::engine::processors
