// One applier for each record of records.def: the only code that writes a CaseState. An applier
// of a released record never changes; a new version of a record gets a new applier.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "schwarm/base/check.hpp"
#include "schwarm/engine/event.hpp"
#include "schwarm/engine/state.hpp"

namespace schwarm::engine {

#define SCHWARM_RECORD(type, record, version, tag) \
    void apply_record(CaseState& state, const type& event);
#define SCHWARM_FIELD(type, name)
#define SCHWARM_END
#include "schwarm/engine/records.def"
#undef SCHWARM_RECORD
#undef SCHWARM_FIELD
#undef SCHWARM_END

namespace appliers {

// Keys come from one counter; an event that brings a key moves the counter behind it.
template <class Key>
void used(CaseState& state, Key key) {
    state.next_key = std::max(state.next_key, key.value() + 1);
}

template <class T, class K, class Field>
T& at(std::vector<T>& items, K key, Field field, const char* what) {
    const auto found = std::lower_bound(items.begin(), items.end(), key,
                                        [field](const T& a, K k) { return a.*field < k; });
    CHECK(found != items.end() && (*found).*field == key,
          std::string(what) + " " + std::to_string(key.value()) + " does not exist");
    return *found;
}

inline ElementInstance& element(CaseState& state, ElementKey key) {
    return at(state.elements, key, &ElementInstance::key, "element");
}

template <class T, class K, class Field>
void erase(std::vector<T>& items, K key, Field field, const char* what) {
    T& found = at(items, key, field, what);
    items.erase(items.begin() + (&found - items.data()));
}

// Removes an instance and everything that hangs on it.
void end_element(CaseState& state, ElementKey key);
// Its compensation log, complex gateways and pending task action (structure_v1.cpp).
void end_structures(CaseState& state, ElementKey key);
void consume(CaseState& state, ElementKey scope, std::uint16_t definition, const FlowList& flows);

}  // namespace appliers
}  // namespace schwarm::engine
