// Decision definitions and requirements: search, one, XML, evaluation.
#include <array>

#include "evaluated.hpp"
#include "routes.hpp"
#include "schwarm/feel/codec.hpp"
#include "search.hpp"
#include "views.hpp"

namespace schwarm::api::v2 {
namespace {

using services::CompiledDecisions;
using services::DecisionRequirements;
using services::DefinitionSet;

constexpr std::string_view kTag = "Decision definition";
constexpr std::string_view kGraphTag = "Decision requirements";

// --- decision definitions ------------------------------------------------------------------

struct Row {
    DefinitionSet::Decision found;
    std::string_view tenant;
    const services::DecisionDefinition& decision() const { return *found.decision; }
    const DecisionRequirements& graph() const { return *found.requirements; }
};

void write(const Row& row, json::Writer& out) {
    out.begin_object()
        .member("decisionDefinitionId", row.decision().id)
        .member("name", row.decision().name)
        .member("version", row.decision().version)
        .member("decisionRequirementsId", row.graph().id)
        .member("decisionRequirementsName", row.graph().name)
        .member("decisionRequirementsVersion", row.graph().version)
        .member("tenantId", row.tenant)
        .member("decisionDefinitionKey", key_text(row.decision().key))
        .member("decisionRequirementsKey", key_text(row.graph().key))
        .end_object();
}

constexpr std::array kColumns = {
    Column<Row>{"decisionDefinitionKey", FieldType::key,
                [](const Row& row) { return key_field(row.decision().key); }},
    Column<Row>{"decisionDefinitionId", FieldType::text,
                [](const Row& row) { return text_field(row.decision().id); }},
    Column<Row>{"name", FieldType::text,
                [](const Row& row) { return text_field(row.decision().name); }},
    Column<Row>{"version", FieldType::integer,
                [](const Row& row) { return FieldValue(std::int64_t{row.decision().version}); }},
    Column<Row>{"decisionRequirementsId", FieldType::text,
                [](const Row& row) { return text_field(row.graph().id); }},
    Column<Row>{"decisionRequirementsKey", FieldType::key,
                [](const Row& row) { return key_field(row.graph().key); }},
    Column<Row>{"tenantId", FieldType::text,
                [](const Row& row) { return text_field(row.tenant); }}};

void search_decisions(const Call& call, const Answer& answer) {
    const auto set = definitions_of(call);
    if (!set) return answer.problem(set.error());
    std::vector<Row> rows;
    for (const auto& graph : (*set)->requirements()) {
        for (const auto& decision : graph->decisions) {
            rows.push_back({{graph, &decision}, call.tenant().value()});
        }
    }
    search<Row>(call, answer, rows, kColumns, write);
}

// The decision of the key in the path.
Result<DefinitionSet::Decision> decision_param(const Call& call) {
    SCHWARM_TRY(key, key_param(call, "decisionDefinitionKey"));
    return find_definition(
        call, key, "decision definition", [](const DefinitionSet& set, std::uint64_t wanted) {
            auto found = set.decision(wanted);
            return found && !found.requirements->deleted ? found : DefinitionSet::Decision();
        });
}

void decision(const Call& call, const Answer& answer) {
    const auto found = decision_param(call);
    if (!found) return answer.problem(found.error());
    json::Writer out;
    write({*found, call.tenant().value()}, out);
    answer.json(out.take());
}

void decision_xml(const Call& call, const Answer& answer) {
    const auto found = decision_param(call);
    if (!found) return answer.problem(found.error());
    answer_content(call, answer, *found->requirements, "text/xml; charset=utf-8");
}

// --- decision requirements -----------------------------------------------------------------

struct Graph {
    std::shared_ptr<const DecisionRequirements> graph;
    std::string_view tenant;
};

void write_graph(const Graph& row, json::Writer& out) {
    out.begin_object()
        .member("decisionRequirementsName", row.graph->name)
        .member("version", row.graph->version)
        .member("decisionRequirementsId", row.graph->id)
        .member("resourceName", row.graph->resource_name)
        .member("tenantId", row.tenant)
        .member("decisionRequirementsKey", key_text(row.graph->key))
        .end_object();
}

constexpr std::array kGraphColumns = {
    Column<Graph>{"decisionRequirementsKey", FieldType::key,
                  [](const Graph& row) { return key_field(row.graph->key); }},
    Column<Graph>{"decisionRequirementsName", FieldType::text,
                  [](const Graph& row) { return text_field(row.graph->name); }},
    Column<Graph>{"version", FieldType::integer,
                  [](const Graph& row) { return FieldValue(std::int64_t{row.graph->version}); }},
    Column<Graph>{"decisionRequirementsId", FieldType::text,
                  [](const Graph& row) { return text_field(row.graph->id); }},
    Column<Graph>{"resourceName", FieldType::text,
                  [](const Graph& row) { return text_field(row.graph->resource_name); }},
    Column<Graph>{"tenantId", FieldType::text,
                  [](const Graph& row) { return text_field(row.tenant); }}};

void search_graphs(const Call& call, const Answer& answer) {
    const auto set = definitions_of(call);
    if (!set) return answer.problem(set.error());
    std::vector<Graph> rows;
    for (auto& graph : (*set)->requirements()) {
        rows.push_back({std::move(graph), call.tenant().value()});
    }
    search<Graph>(call, answer, rows, kGraphColumns, write_graph);
}

Result<std::shared_ptr<const DecisionRequirements>> graph_param(const Call& call) {
    SCHWARM_TRY(key, key_param(call, "decisionRequirementsKey"));
    SCHWARM_TRY(set, definitions_of(call));
    auto found = unless_deleted(set->requirements(key));
    if (found != nullptr) return found;
    return fail(ErrorCode::not_found, "no decision requirements have the key " + key_text(key));
}

void graph(const Call& call, const Answer& answer) {
    auto found = graph_param(call);
    if (!found) return answer.problem(found.error());
    json::Writer out;
    write_graph({std::move(*found), call.tenant().value()}, out);
    answer.json(out.take());
}

void graph_xml(const Call& call, const Answer& answer) {
    const auto found = graph_param(call);
    if (!found) return answer.problem(found.error());
    answer_content(call, answer, **found, "text/xml; charset=utf-8");
}

// --- evaluation ----------------------------------------------------------------------------

// What an evaluation is told with; the values and the decisions stay alive as long as it.
struct Evaluated {
    DefinitionSet::Decision asked;
    std::shared_ptr<const CompiledDecisions> compiled;
    services::DecisionEvaluation evaluation;
    std::string tenant;
};

void write_one(const Evaluated& evaluated, std::uint64_t key, std::size_t position,
               json::Writer& out) {
    const auto& one = evaluated.evaluation.decisions[position];
    out.begin_object();
    for (const auto& known : evaluated.asked.requirements->decisions) {
        if (known.id != one.decision->id) continue;
        out.member("decisionDefinitionKey", key_text(known.key))
            .member("decisionDefinitionVersion", known.version);
    }
    out.member("decisionDefinitionId", one.decision->id)
        .member("decisionDefinitionName", one.decision->name)
        .member("decisionDefinitionType", type_name(one.decision->logic))
        .member("decisionEvaluationInstanceKey", evaluation_instance_key(key, position + 1))
        .member("output", feel::to_json_text(one.output))
        .member("tenantId", evaluated.tenant);
    write_evaluated(one, out);
    out.end_object();
}

std::string evaluation_json(const Evaluated& evaluated, std::uint64_t key) {
    const auto& [graph, decision] = evaluated.asked;
    const auto& evaluation = evaluated.evaluation;
    json::Writer out;
    out.begin_object()
        .member("decisionDefinitionId", decision->id)
        .member("decisionDefinitionName", decision->name)
        .member("decisionDefinitionVersion", decision->version)
        .member("decisionDefinitionKey", key_text(decision->key))
        .member("decisionRequirementsId", graph->id)
        .member("decisionRequirementsKey", key_text(graph->key))
        .member("output", feel::to_json_text(evaluation.output))
        .member("tenantId", evaluated.tenant)
        .member("decisionInstanceKey", key_text(key))
        .member("decisionEvaluationKey", key_text(key));
    write_text_or_null(out, "failedDecisionDefinitionId", evaluation.failed_decision_id);
    write_text_or_null(out, "failureMessage", evaluation.failure);
    out.name("evaluatedDecisions").begin_array();
    for (std::size_t i = 0; i < evaluation.decisions.size(); ++i) {
        write_one(evaluated, key, i, out);
    }
    out.end_array().end_object();
    return out.take();
}

// The decision that the body names: by key, or the latest version of an id.
Result<DefinitionSet::Decision> asked_decision(const Call& call, const json::Value& body) {
    SCHWARM_TRY(tenant, text_member(body, "tenantId"));
    SCHWARM_TRY_VOID(check_tenant(call, tenant));
    SCHWARM_TRY(key, key_member(body, "decisionDefinitionKey"));
    SCHWARM_TRY(id, text_member(body, "decisionDefinitionId"));
    if (key.has_value() == !id.empty()) {
        return fail(ErrorCode::invalid_input,
                    "exactly one of decisionDefinitionKey and decisionDefinitionId must be given");
    }
    SCHWARM_TRY(set, definitions_of(call));
    const auto found = key ? set->decision(*key) : set->decision(id);
    if (found && !found.requirements->deleted) return found;
    return fail(ErrorCode::not_found,
                "there is no decision with the " + (key ? "key " + key_text(*key) : "id " + id));
}

Result<Evaluated> evaluated_decision(const Call& call) {
    SCHWARM_TRY(body, json_body(call));
    SCHWARM_TRY(asked, asked_decision(call, body));
    SCHWARM_TRY(variables, variables_member(body));
    SCHWARM_TRY(compiled, call.api.deployments.compiled(call.tenant(), *asked.requirements));
    const auto* decision = compiled->find(asked.decision->id);
    if (decision == nullptr) return fail(ErrorCode::corrupt, "a deployed file lost a decision");
    Evaluated out{asked, compiled, {}, call.tenant().value()};
    out.evaluation = services::evaluate_decision(*compiled, *decision, variables,
                                                 call.api.clock.now(), call.api.decisions);
    return out;
}

void evaluate(const Call& call, const Answer& answer) {
    auto evaluated = evaluated_decision(call);
    if (!evaluated) return answer.problem(evaluated.error());
    draw_key(call, [answer, evaluated = std::make_shared<Evaluated>(std::move(*evaluated))](
                       const Result<std::uint64_t>& key) {
        if (!key) return answer.problem(key.error());
        answer.json(evaluation_json(*evaluated, *key));
    });
}

using http::Method;
constexpr auto kRead = app::Action::read_definition;
constexpr std::string_view kXml = "text/xml";
constexpr std::string_view kJson = "application/json";
constexpr std::array kRoutes = {
    Route{Method::post, "/decision-definitions/search", "searchDecisionDefinitions", kTag,
          "Search decision definitions", kRead, search_decisions, "DecisionDefinitionSearchQuery",
          "DecisionDefinitionSearchQueryResult"},
    Route{Method::get, "/decision-definitions/{decisionDefinitionKey}", "getDecisionDefinition",
          kTag, "One decision definition", kRead, decision, "", "DecisionDefinitionResult"},
    Route{Method::get, "/decision-definitions/{decisionDefinitionKey}/xml",
          "getDecisionDefinitionXML", kTag, "The DMN file it stands in", kRead, decision_xml, "",
          "Content", 200, kJson, kXml},
    Route{Method::post, "/decision-definitions/evaluation", "evaluateDecision", kTag,
          "Evaluate a decision by key or id", app::Action::evaluate, evaluate,
          "DecisionEvaluationInstruction", "EvaluateDecisionResult"},
    Route{Method::post, "/decision-requirements/search", "searchDecisionRequirements", kGraphTag,
          "Search decision requirements", kRead, search_graphs, "DecisionRequirementsSearchQuery",
          "DecisionRequirementsSearchQueryResult"},
    Route{Method::get, "/decision-requirements/{decisionRequirementsKey}",
          "getDecisionRequirements", kGraphTag, "One DMN file", kRead, graph, "",
          "DecisionRequirementsResult"},
    Route{Method::get, "/decision-requirements/{decisionRequirementsKey}/xml",
          "getDecisionRequirementsXML", kGraphTag, "The DMN file itself", kRead, graph_xml, "",
          "Content", 200, kJson, kXml},
};

}  // namespace

std::span<const Route> decision_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
