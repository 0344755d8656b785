// Process instances as a table, for the families that choose by them.
#pragma once

#include "histories.hpp"

namespace schwarm::api::v2 {

using InstanceRow = Row<engine::HistoricProcess>;
extern const Table<engine::HistoricProcess> kInstanceTable;

// The instance of the key in the path.
Result<InstanceRow> instance_of(const Call& call, Histories& all);

}  // namespace schwarm::api::v2
