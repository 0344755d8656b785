// How evaluated decisions are told, by those that evaluate and by those that ask about it later.
#pragma once

#include "call.hpp"
#include "schwarm/services/decision_evaluation.hpp"

namespace schwarm::api::v2 {

std::string_view type_name(services::CompiledDecisions::Logic logic);  // "DECISION_TABLE", ...
// decisionEvaluationInstanceKey: "<decisionEvaluationKey>-<1, 2, ... within that evaluation>".
std::string evaluation_instance_key(std::uint64_t evaluation_key, std::size_t position);
// evaluatedInputs and matchedRules. Values are JSON in a text.
void write_evaluated(const services::EvaluatedDecision& evaluated, json::Writer& out);

}  // namespace schwarm::api::v2
