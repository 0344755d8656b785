// One function for each command: checks that the state allows it and begins what it asks for.
// A returned error is a rejection; nothing of the transition is kept then.
#pragma once

#include <optional>

#include "transition.hpp"

namespace schwarm::engine::processors {

using Rejection = std::optional<Error>;

Rejection process(Transition& t, const CreateCase& command);
Rejection process(Transition& t, const CompleteUserTask& command);
Rejection process(Transition& t, const AssignUserTask& command);
Rejection process(Transition& t, const CorrelateMessage& command);
Rejection process(Transition& t, const TriggerSubscription& command);
Rejection process(Transition& t, const TriggerTimer& command);
Rejection process(Transition& t, const CompleteJob& command);
Rejection process(Transition& t, const FailJob& command);
Rejection process(Transition& t, const ThrowError& command);
Rejection process(Transition& t, const UpdateVariables& command);
Rejection process(Transition& t, const CancelCase& command);
Rejection process(Transition& t, const ResolveIncident& command);
Rejection process(Transition& t, const ActivateAdHoc& command);
Rejection process(Transition& t, const ModifyCase& command);
Rejection process(Transition& t, const MigrateCase& command);
Rejection process(Transition& t, const UpdateJob& command);
Rejection process(Transition& t, const UpdateUserTask& command);
Rejection process(Transition& t, const ReportUndelivered& command);

// The variables a command brings must not be larger than the limit.
Rejection check_size(const Transition& t, const Variables& variables);
Rejection check_size(const Transition& t, const std::vector<VariableInstruction>& variables);

}  // namespace schwarm::engine::processors
