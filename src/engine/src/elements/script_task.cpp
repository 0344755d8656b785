// Script task: a FEEL expression into a variable.
#include "behaviors/expressions.hpp"
#include "behaviors/variable_mapping.hpp"
#include "elements/elements.hpp"

namespace schwarm::engine::elements {

MaybeFailure start_script_task(Transition& t, const Active& at) {
    if (!at.node->details.script) return start_job(t, at);
    const auto& script = *at.node->details.script;
    Variables result;
    result.set(script.result_variable, expressions::evaluate(t, script.expression, at.key));
    const std::size_t most = t.definitions().limits.variables_bytes_max;
    if (variable_mapping::size_of(result, most + 1) > most) {
        return Failure{IncidentKind::variables_limit,
                       "the script gave more than " + std::to_string(most) + " bytes",
                       {}};
    }
    t.finish(at.key, result);
    return std::nullopt;
}

}  // namespace schwarm::engine::elements
