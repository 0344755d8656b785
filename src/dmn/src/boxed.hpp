// The boxed expressions other than tables and functions.
#pragma once

#include "logic.hpp"

namespace schwarm::dmn::detail {

// Converts the result of the logic to a declared type; the logic itself if there is none.
LogicPtr typed(LogicPtr logic, ItemTypePtr type);

}  // namespace schwarm::dmn::detail
