// Receive task: waits for its message.
#include "behaviors/triggers.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure start_receive_task(Transition& t, const Active& at) {
    return triggers::open(t, at.key, at.definition, *at.node);
}

}  // namespace schwarm::engine::elements
