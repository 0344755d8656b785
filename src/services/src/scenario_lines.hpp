// The one table of what a line of a scenario can say, and the reading of one line by it.
#pragma once

#include <string_view>

#include "schwarm/services/scenario.hpp"

namespace schwarm::services {

// Reads a line (continuation lines joined) into step.verb and what belongs to it.
Result<void> read_scenario_line(std::string_view text, ScenarioKind kind,
                                const ScenarioFiles& files, ScenarioStep& step);

}  // namespace schwarm::services
