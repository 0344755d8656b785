// Operations on many cases by one order (batch operations): it is stored with the call, and carried
// out slice by slice between other commands, also after a restart. How far it is lies in the same
// commit as what was done, so that nothing is done twice.
// Meaning: Camunda 8, "Batch operations".
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/engine/command.hpp"
#include "schwarm/engine/event.hpp"
#include "schwarm/engine/ids.hpp"
#include "schwarm/engine/state.hpp"

namespace schwarm::runtime {

// erase: deletion by law of cases that have ended.
enum class BatchKind : std::uint8_t { resolve_incidents, cancel, modify, migrate, erase };
std::string_view name_of(BatchKind kind);

// What is open when the batch begins, of the cases that exist then. Empty members do not filter.
struct BatchFilter {
    std::vector<engine::DefinitionKey> definitions;  // of the case
    // Of resolve_incidents: only these. Of the others: active cases with such an incident.
    std::vector<engine::IncidentKind> incident_kinds;
    std::vector<std::string> element_ids;  // where the incident is; likewise
    bool with_incidents_only = false;
    std::vector<engine::CaseStatus> statuses;  // of erase: how the case ended
};

// Keys are those of global_key(). Exactly one of process_instances, incidents and filter is given.
struct BatchOrder {
    BatchKind kind = BatchKind::resolve_incidents;
    // The items of cancel, modify, migrate and erase; of resolve_incidents all that are open in
    // these cases. Not more than 1,000,000; given twice counts twice.
    std::vector<std::uint64_t> process_instances;
    std::vector<std::uint64_t> incidents;  // resolve_incidents only
    std::optional<BatchFilter> filter;
    std::uint32_t retries = 1;    // resolve_incidents: ResolveIncident::retries
    std::string reason;           // cancel: CancelCase::reason; erase: DeletionOrder::rule
    engine::ModifyCase modify;    // its process_instance is that of the item
    engine::MigrateCase migrate;  // likewise
};

// collecting: what the filter names is being listed; total grows. The last two are final.
enum class BatchStatus : std::uint8_t { collecting, running, suspended, completed, cancelled };
std::string_view name_of(BatchStatus status);

struct BatchFailure {
    std::uint64_t item = 0;  // key of the process instance or incident
    std::string code;        // name of the ErrorCode
    std::string message;
};

struct BatchRow {
    std::uint64_t key = 0;  // global_key(number)
    BatchKind kind = BatchKind::resolve_incidents;
    BatchStatus status = BatchStatus::running;
    std::string actor;
    Instant created;
    std::optional<Instant> ended;
    std::uint64_t total = 0;  // items
    std::uint64_t done = 0;   // with success
    std::uint64_t failed = 0;
    std::vector<BatchFailure> failures;  // the first 20
};

using BatchCallback = std::function<void(Result<std::uint64_t>)>;  // the batch's key

}  // namespace schwarm::runtime
