// Proposals for models of other engines: FEEL for their expressions, task types for their Java
// delegates, conditions where only names say what is meant. Somebody has to read them: a proposal
// means what the text looks like, not what another engine did with it.
//
// Pure functions, thread-safe. Languages: JUEL ("${...}", Camunda 7, Flowable) and XPath 1.0 as far
// as BPMN 2.0.2 uses it (clause 10.4.3: getDataObject, getProcessProperty, ...).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"

namespace schwarm::bpmn {

enum class ForeignLanguage { juel, xpath };
std::string_view name_of(ForeignLanguage language);

// FEEL without the leading '='. unsupported: there is no FEEL for it; the message says which part.
Result<std::string> to_feel(std::string_view expression, ForeignLanguage language);

struct Suggestion {
    int line = 0;
    std::string element_id;
    std::string element;   // local name, "conditionExpression"
    std::string written;   // what stands there; empty if something is missing
    std::string language;  // "JUEL", "XPath"; empty if it is no expression
    std::string proposed;  // empty: there is no proposal
    std::string reason;    // why there is none, or on what it rests

    // "12: conditionExpression 'Flow_1': ${a == 1} (JUEL) -> =a = 1"
    std::string text() const;
};

struct Suggestions {
    std::vector<Suggestion> items;  // in document order, of the executable processes
    std::string model;              // with all proposals put in; every other byte as it was
};

// not_well_formed, limit_exceeded, unsupported (not in UTF-8).
Result<Suggestions> suggest(std::string_view bytes, std::string file);

}  // namespace schwarm::bpmn
