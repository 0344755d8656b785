// Instructions of modifications and migrations, which single instances and batches share.
#pragma once

#include "call.hpp"
#include "schwarm/engine/command.hpp"

namespace schwarm::api::v2 {

// `in`: the case whose elements may be named by key; case 0: none may. Errors: invalid_input.
Result<engine::MoveInstruction> read_move(const json::Value& from, CaseId in);
// targetProcessDefinitionKey and mappingInstructions. Errors: invalid_input, not_found.
Result<engine::MigrateCase> read_migration(const Call& call, const json::Value& body);

}  // namespace schwarm::api::v2
