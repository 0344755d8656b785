// Asking beforehand whether a process instance can be migrated: a dry run of MigrateCase.
#pragma once

#include <string>
#include <vector>

#include "schwarm/engine/command.hpp"
#include "schwarm/engine/definitions.hpp"
#include "schwarm/engine/state.hpp"

namespace schwarm::engine {

// element: the active instance concerned (of tokens that wait at a gateway: their scope); 0 if the
// mapping itself is wrong. element_id: of the source definition where there is one.
struct MigrationProblem {
    ElementKey element;
    std::string element_id;
    std::string reason;
    bool operator==(const MigrationProblem&) const = default;
};

// Everything because of which decide() would refuse the command at `now`; empty if it would not.
// Pure and reentrant, reads only.
std::vector<MigrationProblem> check_migration(const CaseState& state,
                                              const Definitions& definitions,
                                              const MigrateCase& migration, Instant now);

// One line: "'task' (element 5): reason; ..."
std::string text_of(const std::vector<MigrationProblem>& problems);

}  // namespace schwarm::engine
