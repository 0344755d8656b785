// What is wrong with a model, each with its place. All of them are collected, not only the first.
#pragma once

#include <string>
#include <vector>

namespace schwarm::bpmn {

// error: the process cannot be deployed. warning: it can, but something in the file is not used
// (an element of a process that is not marked executable, for example).
enum class Severity { warning, error };

enum class ProblemKind {
    not_well_formed,  // XML
    invalid_model,    // against BPMN 2.0.2 or the zeebe schema
    unknown_element,  // in the BPMN namespace, but not of BPMN 2.0.2
    not_executable,   // of BPMN 2.0.2, but this version does not execute it
    unresolved_reference,
    invalid_expression,
    unsupported_language,  // an expression in another language than FEEL
    limit,
};

struct Problem {
    Severity severity = Severity::error;
    ProblemKind kind = ProblemKind::invalid_model;
    std::string file;
    int line = 0;            // from 1; 0 if the file has no such place
    std::string element_id;  // empty if the element has none
    std::string element;     // local name, for example "complexGateway"
    std::string reason;      // one sentence

    // "file:line: complexGateway 'Gateway_1': reason"
    std::string text() const;
};

using Problems = std::vector<Problem>;
bool has_errors(const Problems& problems);

}  // namespace schwarm::bpmn
