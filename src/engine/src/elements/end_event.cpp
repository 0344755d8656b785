// End event (BPMN 2.0.2 clause 13.5.6): none, message, terminate (ends everything in its scope),
// error, compensation, cancel (of a transaction).
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
    if (at.node->event == bpmn::EventKind::compensation) return throw_compensation(t, at);
    if (at.node->event == bpmn::EventKind::cancel) return start_cancel_end_event(t, at);
    if (at.node->details.job) return start_job(t, at);
    if (at.node->event == bpmn::EventKind::message) return send_message(t, at);
    t.complete(at.key);
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
