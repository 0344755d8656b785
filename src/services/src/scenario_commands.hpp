// What lines of a scenario ask of operators and workers, as commands to the instance looked at.
#pragma once

#include "schwarm/engine/command.hpp"
#include "schwarm/engine/state.hpp"
#include "schwarm/services/scenario.hpp"

namespace schwarm::services::commands {

Result<engine::Variables> variables_of(const ScenarioStep& step);
// 0 if it is none; lines with numbers were checked when they were read.
std::uint32_t number(const std::string& text);
// "PT5M"
Result<std::chrono::milliseconds> period(const std::string& text);

// "A,B": begins before these elements.
Result<std::vector<engine::ActivateInstruction>> start_instructions(const ScenarioStep& step);
// "activate A", "terminate A", "move A > B"
Result<engine::ModifyCase> modification(const ScenarioStep& step);
// "A > B"
Result<engine::MigrateCase> migration(const ScenarioStep& step, engine::DefinitionKey target);
Result<engine::UpdateUserTask> task_update(const ScenarioStep& step, ElementKey task);
engine::UpdateJob job_update(const ScenarioStep& step, engine::JobKey job);
// What a worker answers beside variables: denied, corrections, elements to activate.
engine::JobResult job_result(const ScenarioStep& step);

}  // namespace schwarm::services::commands
