// End event (BPMN 2.0.2 clause 13.5.6): none, message, terminate (ends everything in its scope),
// error.
#include "elements/elements.hpp"

namespace schwarm::engine::elements {
namespace {

MaybeFailure end_with_error(Transition& t, const Active& at) {
    const std::string& code = at.node->details.event.error.code;
    t.emit(ErrorThrownV1{at.key, code, at.node->details.event.error.name});
    if (throw_error(t, at.key, code, {})) return std::nullopt;
    return Failure{IncidentKind::unhandled_error, "nobody catches the error '" + code + "'", {}};
}

}  // namespace

MaybeFailure start_end_event(Transition& t, const Active& at) {
    if (at.node->event == bpmn::EventKind::error) return end_with_error(t, at);
    if (at.node->event == bpmn::EventKind::terminate) {
        complete_again(t, at.key);
        return std::nullopt;
    }
    if (at.node->details.job) return start_job(t, at);
    if (at.node->event == bpmn::EventKind::message) return send_message(t, at);
    t.complete(at.key);
    return std::nullopt;
}

void complete_again(Transition& t, ElementKey key) {
    const Active at = t.active(key);
    t.complete(key);
    const bool terminates =
        at.node->kind == bpmn::NodeKind::end_event && at.node->event == bpmn::EventKind::terminate;
    // An output mapping that failed keeps it here; the others go on until it is resolved.
    if (!terminates || t.state().element(key) != nullptr) return;
    t.terminate_children(at.scope);
    t.discard_tokens(at.scope);
}

}  // namespace schwarm::engine::elements
