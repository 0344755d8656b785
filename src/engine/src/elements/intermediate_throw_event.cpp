// Intermediate throw event (BPMN 2.0.2 clause 13.5.4): none (a milestone), a link (the token goes
// on at the catching link event), or it throws something.
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure start_intermediate_throw_event(Transition& t, const Active& at) {
    if (at.node->event == bpmn::EventKind::compensation) return throw_compensation(t, at);
    if (at.node->event == bpmn::EventKind::none && at.node->details.job) return start_job(t, at);
    return throw_events(t, at);
}

}  // namespace schwarm::engine::elements
