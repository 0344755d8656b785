#include "behaviors/migration.hpp"
#include "processors/processors.hpp"

namespace schwarm::engine {

std::string text_of(const std::vector<MigrationProblem>& problems) {
    std::string out;
    for (const MigrationProblem& p : problems) {
        if (!out.empty()) out += "; ";
        if (!p.element_id.empty()) out += "'" + p.element_id + "'";
        if (p.element != ElementKey()) {
            out += (p.element_id.empty() ? "" : " ") + std::string("(element ") +
                   std::to_string(p.element.value()) + ")";
        }
        if (!p.element_id.empty() || p.element != ElementKey()) out += ": ";
        out += p.reason;
    }
    return out;
}

std::vector<MigrationProblem> check_migration(const CaseState& state,
                                              const Definitions& definitions,
                                              const MigrateCase& migration, Instant now) {
    if (state.status != CaseStatus::active) return {{{}, {}, "the case is not active"}};
    for (const DefinitionKey& key : state.definitions) {
        if (definitions.processes.process(key) != nullptr) continue;
        return {{{}, {}, "process '" + key.value() + "' is not deployed"}};
    }
    const Command command{{}, now, {}, migration};
    Transition t(state, definitions, command);
    return Migration(t, migration).run();
}

namespace processors {

Rejection process(Transition& t, const MigrateCase& command) {
    const auto problems = Migration(t, command).run();
    if (problems.empty()) return std::nullopt;
    return fail(ErrorCode::conflict, "the migration is not possible: " + text_of(problems));
}

}  // namespace processors
}  // namespace schwarm::engine
