// Process instances as a table, for the families that choose by them.
#pragma once

#include "histories.hpp"

namespace schwarm::api::v2 {

using InstanceRow = Row<engine::HistoricProcess>;
extern const Table<engine::HistoricProcess> kInstanceTable;

// The instance of the key in the path.
Result<InstanceRow> instance_of(const Call& call, Histories& all);

// What the deletion protocol says where nobody named a rule.
inline constexpr std::string_view kDeletionRule = "on order of an operator";
// The case of an instance that may be deleted: one that has ended and that nobody called. conflict
// for any other one.
Result<runtime::CaseRow> deletable(Histories& all, std::uint64_t key);

}  // namespace schwarm::api::v2
