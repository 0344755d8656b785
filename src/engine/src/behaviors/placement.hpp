// Activating an element that no token reached: start instructions and modification.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "transition.hpp"

namespace schwarm::engine::placement {

// Activates `element` of the process instance `root` and the scopes around it that are missing,
// and sets the variables; the element has not begun then. `leaving`: instances that the same
// command terminates; nothing is activated in them. Errors: invalid_input, not_found, conflict.
Result<ElementKey> activate(Transition& t, ElementKey root, const std::string& element,
                            ElementKey ancestor, const std::vector<VariableInstruction>& variables,
                            const std::set<ElementKey>& leaving);

// The root element of the process instance an active element belongs to; the element `key` if it
// is one (0: that of the case itself), else nothing and an error to answer with.
ElementKey root_of(const CaseState& state, ElementKey key);
std::optional<ElementKey> process_instance(const CaseState& state, ElementKey key);
Error no_process_instance(ElementKey key);

// True if the element encloses the other (neither is the other).
bool encloses(const bpmn::Process& in, bpmn::NodeIndex outer, bpmn::NodeIndex inner);

// "activate instruction 2 ('task'): reason"
Error at_instruction(const Error& error, std::string_view kind, std::size_t index,
                     const std::string& element);

}  // namespace schwarm::engine::placement
