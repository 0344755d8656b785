#include <atomic>

#include "appliers/appliers.hpp"

namespace schwarm::engine {

void apply_record(CaseState& state, const LoopStartedV1& event) {
    auto loop = std::make_shared<LoopState>();
    loop->items = event.items;
    if (event.collects) loop->outputs.resize(event.items.size());
    appliers::element(state, event.key).loop = std::move(loop);
}

void apply_record(CaseState& state, const LoopAdvancedV1& event) {
    ElementInstance& body = appliers::element(state, event.key);
    CHECK(body.loop != nullptr, "the element is no multi-instance activity");
    // Made non-const above; copied only while an older copy of the state still shows it.
    auto loop = body.loop.use_count() == 1 ? std::const_pointer_cast<LoopState>(body.loop)
                                           : std::make_shared<LoopState>(*body.loop);
    std::atomic_thread_fence(std::memory_order_acquire);  // as Variables::set()
    if (event.started) {
        loop->next = event.loop_counter;
    } else {
        ++loop->finished;
        if (!loop->outputs.empty()) loop->outputs.at(event.loop_counter - 1) = event.output;
    }
    body.loop = std::move(loop);
}

}  // namespace schwarm::engine
