// A state as text, for people and tests.
#pragma once

#include <string>

#include "schwarm/engine/state.hpp"

namespace schwarm::engine {

// A line for each field that is not empty, and for each part of it. Contains personal data: never
// for logs.
std::string text_of(const CaseState& state);

}  // namespace schwarm::engine
