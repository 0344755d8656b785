// Variables as rows: their keys, and how they are told.
#pragma once

#include "histories.hpp"

namespace schwarm::api::v2 {

using VariableRow = Row<engine::HistoricVariable>;

// A value longer than this is cut off in searches unless ?truncateValues=false.
inline constexpr std::size_t kValueBytesShown = 8'191;

// POST .../variables/search: all that can be seen from a scope, the nearest of each name.
void search_visible(const Call& call, const Answer& answer, Histories& all,
                    const engine::CaseHistory& in, ElementKey scope);

}  // namespace schwarm::api::v2
