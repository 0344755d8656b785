// Variables in and out of elements (zeebe:ioMapping) and up through the scopes.
#pragma once

#include "transition.hpp"

namespace schwarm::engine::variable_mapping {

// Makes the local variables of an element from its inputs.
MaybeFailure map_inputs(Transition& t, const Active& at);
// Hands the results of its outputs to the enclosing scopes.
MaybeFailure map_outputs(Transition& t, const Active& at);
// Each variable is changed in the nearest scope from `scope` up that has it, else set in the
// outermost one of its process, or of its activation inside an ad-hoc subprocess.
void propagate(Transition& t, ElementKey scope, const Variables& variables);
// Rough size in memory, at least 1; counting stops at `enough`.
std::size_t size_of(const Variables& variables, std::size_t enough);

}  // namespace schwarm::engine::variable_mapping
