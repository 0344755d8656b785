// Conditional events: asked when they begin to wait, and when a variable they see changes. As in
// Camunda 8, one that does not interrupt is triggered by each change after which it holds, not
// only by the first.
#pragma once

#include "transition.hpp"

namespace schwarm::engine::conditions {

struct Change {
    std::string name;
    bool created = false;  // else updated
};

// What the event will change; nothing while nobody waits for a condition.
std::vector<Change> changes(const CaseState& state, const VariablesSetV1& event);
// Has those triggered that see the change and hold, outer ones first.
void ask(Transition& t, ElementKey scope, const std::vector<Change>& changes);
// Has those of one host triggered that hold, after the limit of steps stopped one.
void ask_again(Transition& t, ElementKey host);
// False also if the condition is null.
bool holds(const Transition& t, const bpmn::ConditionDefinition& condition, ElementKey scope);

}  // namespace schwarm::engine::conditions
