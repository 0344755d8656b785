// Intermediate catch event: waits for its timer, message, signal or condition, or for several of
// them; a link event is where the token of a throwing one goes on.
#include "behaviors/triggers.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure start_intermediate_catch_event(Transition& t, const Active& at) {
    if (at.node->event != bpmn::EventKind::link) {
        return triggers::open(t, at.key, at.definition, *at.node);
    }
    t.complete(at.key);
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
