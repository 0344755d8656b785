// Intermediate throw event: none (a milestone), or a message: by a job, or as an effect;
// compensation.
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure start_intermediate_throw_event(Transition& t, const Active& at) {
    if (at.node->details.job) return start_job(t, at);
    if (at.node->event == bpmn::EventKind::compensation) return throw_compensation(t, at);
    if (at.node->event == bpmn::EventKind::message) return send_message(t, at);
    t.complete(at.key);
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
