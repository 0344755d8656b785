// Evaluating one FEEL expression.
#include <array>

#include "routes.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/feel/feel.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr std::size_t kWarningsMax = 100;

// The asker waits, and nobody checked the expression before.
feel::EvaluationLimits limits() {
    feel::EvaluationLimits out;
    out.max_steps = 1'000'000;
    out.max_items = 100'000;
    out.max_bytes = 32U << 20;
    return out;
}

void evaluate(const Call& call, const Answer& answer) {
    const auto body = json_body(call);
    if (!body) return answer.problem(body.error());
    const auto source = text_member(*body, "expression");
    if (!source) return answer.problem(source.error());
    const auto tenant = text_member(*body, "tenantId");
    if (!tenant) return answer.problem(tenant.error());
    if (const auto own = check_tenant(call, *tenant); own.has_error()) {
        return answer.problem(own.error());
    }
    const auto variables = variables_member(*body);
    if (!variables) return answer.problem(variables.error());
    if (source->size() < 2 || source->front() != '=') {
        return answer.problem(400, "INVALID_ARGUMENT",
                              "expression: this must be FEEL and begin with '='");
    }
    feel::NameScope scope;
    scope.add_entries(*variables).set_open();
    const auto compiled = feel::compile_expression(std::string_view(*source).substr(1), scope);
    if (!compiled) return answer.problem(400, "INVALID_ARGUMENT", compiled.error().text());
    feel::Diagnostics diagnostics;
    feel::Evaluation evaluation(&diagnostics, &call.api.clock, limits());
    const feel::ContextEnvironment environment(*variables);
    const auto result = feel::evaluate(*compiled, environment, evaluation);
    json::Writer out;
    out.begin_object().member("expression", *source).name("result");
    feel::write_json(result, out);
    out.name("warnings").begin_array();
    std::size_t count = 0;
    for (const auto& one : diagnostics.items()) {
        if (count++ == kWarningsMax) break;
        out.begin_object().member("message", one.reason).end_object();
    }
    out.end_array().end_object();
    answer.json(out.take());
}

constexpr std::array kRoutes = {
    Route{http::Method::post, "/expression/evaluation", "evaluateExpression", "Expression",
          "Evaluate a FEEL expression", app::Action::evaluate, evaluate,
          "ExpressionEvaluationRequest", "ExpressionEvaluationResult"},
};

}  // namespace

std::span<const Route> expression_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
