// Intermediate catch event: waits for its timer or message.
#include "behaviors/triggers.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure start_intermediate_catch_event(Transition& t, const Active& at) {
    return triggers::open(t, at.key, at.definition, *at.node);
}

}  // namespace schwarm::engine::elements
