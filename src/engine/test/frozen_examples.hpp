// Streams of events, one for each record, by which golden/appliers.txt was made. Only those of
// records that are not in that file yet are ever looked at.
#pragma once

#include <vector>

#include "schwarm/engine/event.hpp"

namespace schwarm::engine::test {

struct FrozenExample {
    std::uint8_t tag = 0;  // of the record that is looked at
    std::vector<Event> events;
    bool on_nothing = false;  // applied to an empty state, else to that of frozen_base()
};

// A state with something of everything in it.
std::vector<Event> frozen_base();
std::vector<FrozenExample> frozen_examples();

}  // namespace schwarm::engine::test
