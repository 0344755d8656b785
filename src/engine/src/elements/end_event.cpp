// End event (BPMN 2.0.2 clause 13.5.6): none, or it throws something; terminate ends everything in
// its scope, cancel ends a transaction.
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure start_end_event(Transition& t, const Active& at) {
    if (at.node->event == bpmn::EventKind::compensation) return throw_compensation(t, at);
    if (at.node->event == bpmn::EventKind::cancel) return start_cancel_end_event(t, at);
    if (at.node->event == bpmn::EventKind::none && at.node->details.job) return start_job(t, at);
    return throw_events(t, at);
}

}  // namespace schwarm::engine::elements
