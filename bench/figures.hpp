// What several measurements read out of reports and histories.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "schwarm/json/value.hpp"
#include "schwarm/runtime/rows.hpp"

namespace schwarm::bench {

// A member that is a number; 0 if it is not there.
double number(const json::Value& value, std::string_view name);

// Elements that were completed, processes and bodies of multi-instance activities among them.
std::uint64_t completed_elements(std::span<const runtime::HistoryEntry> history);

}  // namespace schwarm::bench
