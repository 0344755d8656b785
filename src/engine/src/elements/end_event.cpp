// End event (BPMN 2.0.2 clause 13.5.6): none, or it throws something; terminate ends everything in
// its scope.
#include <algorithm>

#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure start_end_event(Transition& t, const Active& at) {
    if (at.node->event == bpmn::EventKind::none && at.node->details.job) return start_job(t, at);
    return throw_events(t, at);
}

void complete_again(Transition& t, ElementKey key) {
    const Active at = t.active(key);
    t.complete(key);
    const auto events = at.node->event_definitions();
    const bool terminates = at.node->kind == bpmn::NodeKind::end_event &&
                            std::any_of(events.begin(), events.end(), [](const auto& event) {
                                return event.kind == bpmn::EventKind::terminate;
                            });
    // An output mapping that failed keeps it here; the others go on until it is resolved.
    if (!terminates || t.state().element(key) != nullptr) return;
    t.terminate_children(at.scope);
    t.discard_tokens(at.scope);
}

}  // namespace schwarm::engine::elements
