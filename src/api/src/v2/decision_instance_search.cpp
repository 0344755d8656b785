// Decisions that business rule tasks evaluated: search, one with its inputs and rules.
#include <array>

#include "histories.hpp"
#include "history_routes.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::api::v2 {
namespace {

using engine::HistoricDecision;
using services::CompiledDecisions;
using services::DefinitionSet;
using DecisionRow = Row<HistoricDecision>;

constexpr std::string_view kTag = "Decision instance";
constexpr std::string_view kState = "EVALUATED";

std::uint64_t key_of(const DecisionRow& row) {
    return row.key(kDecisionKeys + row->number);
}

// The version that was evaluated; a history names it by its key.
DefinitionSet::Decision decision_of(const DecisionRow& row) {
    const auto key = parse_key(row->version);
    return key ? row.all->definitions().decision(*key) : DefinitionSet::Decision();
}

std::uint64_t decision_key(const DecisionRow& row) {
    const auto found = decision_of(row);
    return found ? found.decision->key : 0;
}
std::int64_t decision_version(const DecisionRow& row) {
    const auto found = decision_of(row);
    return found ? found.decision->version : 0;
}
std::string decision_name(const DecisionRow& row) {
    const auto found = decision_of(row);
    return found && !found.decision->name.empty() ? found.decision->name : row->decision_id;
}

void write_members(const DecisionRow& row, json::Writer& out) {
    write_instance(row, out);
    out.member("decisionEvaluationInstanceKey", key_text(key_of(row)))
        .member("decisionEvaluationKey", key_text(key_of(row)))
        .member("state", kState)
        .member("evaluationDate", time_text(row->at))
        .member("decisionDefinitionId", row->decision_id)
        .member("decisionDefinitionName", decision_name(row))
        .member("decisionDefinitionVersion", decision_version(row))
        .member("result", feel::to_json_text(row->output))
        .member("elementInstanceKey", key_text(row.key(row->element)));
    write_key(out, "decisionDefinitionKey", decision_key(row));
}

void write(const DecisionRow& row, json::Writer& out) {
    out.begin_object();
    write_members(row, out);
    out.end_object();
}

FieldValue instance_number(const DecisionRow& row) {
    return key_field(key_of(row));
}

constexpr std::array kColumns = {
    Column<DecisionRow>{"decisionEvaluationInstanceKey", FieldType::key, instance_number},
    Column<DecisionRow>{"decisionEvaluationKey", FieldType::key, instance_number},
    Column<DecisionRow>{"decisionDefinitionId", FieldType::text,
                        [](const DecisionRow& row) { return text_field(row->decision_id); }},
    Column<DecisionRow>{"decisionDefinitionKey", FieldType::key,
                        [](const DecisionRow& row) { return key_field(decision_key(row)); }},
    Column<DecisionRow>{"decisionDefinitionName", FieldType::text,
                        [](const DecisionRow& row) { return text_field(decision_name(row)); }},
    Column<DecisionRow>{"decisionDefinitionVersion", FieldType::integer,
                        [](const DecisionRow& row) { return FieldValue(decision_version(row)); }},
    Column<DecisionRow>{"elementInstanceKey", FieldType::key, element_key},
    Column<DecisionRow>{"evaluationDate", FieldType::time,
                        [](const DecisionRow& row) { return time_field(row->at); }},
    Column<DecisionRow>{"processDefinitionKey", FieldType::key, definition_key},
    Column<DecisionRow>{"processInstanceKey", FieldType::key, instance_key},
    Column<DecisionRow>{"state", FieldType::text,
                        [](const DecisionRow&) { return text_field(kState); }},
    Column<DecisionRow>{"tenantId", FieldType::text, tenant_id}};

const Table<HistoricDecision> kTable = {
    &engine::CaseHistory::decisions, kColumns, write, {}, {}, nullptr};

void search_instances(const Call& call, const Answer& answer) {
    search_histories(call, answer, kTable);
}

// --- one -----------------------------------------------------------------------------------

std::string_view type_name(CompiledDecisions::Logic logic) {
    switch (logic) {
        case CompiledDecisions::Logic::decision_table:
            return "DECISION_TABLE";
        case CompiledDecisions::Logic::literal_expression:
            return "LITERAL_EXPRESSION";
        case CompiledDecisions::Logic::other:
            break;
    }
    return "UNKNOWN";
}

void write_items(const std::vector<services::EvaluatedItem>& items, const std::string& prefix,
                 json::Writer& out) {
    out.begin_array();
    for (const auto& item : items) {
        out.begin_object()
            .member(prefix + "Id", item.id)
            .member(prefix + "Name", item.name)
            .member(prefix + "Value", feel::to_json_text(item.value))
            .end_object();
    }
    out.end_array();
}

void write_evaluated(const services::EvaluatedDecision& evaluated, json::Writer& out) {
    out.member("decisionDefinitionType", type_name(evaluated.decision->logic))
        .name("evaluatedInputs");
    write_items(evaluated.inputs, "input", out);
    out.name("matchedRules").begin_array();
    for (const auto& rule : evaluated.rules) {
        out.begin_object().member("ruleId", rule.id).member("ruleIndex", rule.index);
        out.name("evaluatedOutputs");
        write_items(rule.outputs, "output", out);
        out.end_object();
    }
    out.end_array();
}

// Inputs and rules are not kept: the same version is evaluated once more on what it read, at the
// time of then, which gives the same again.
Result<void> write_again(const Call& call, const DecisionRow& row, json::Writer& out) {
    const auto found = decision_of(row);
    if (!found) return {};
    SCHWARM_TRY(compiled, call.api.deployments.compiled(call.tenant(), *found.requirements));
    const auto* decision = compiled->find(found.decision->id);
    if (decision == nullptr) return fail(ErrorCode::corrupt, "a deployed file lost a decision");
    const auto evaluation =
        services::evaluate_decision(*compiled, *decision, row->inputs, row->at, call.api.decisions);
    for (const auto& evaluated : evaluation.decisions) {
        if (evaluated.decision == decision) {
            write_evaluated(evaluated, out);
            break;
        }
    }
    return {};
}

void instance(const Call& call, const Answer& answer) {
    auto all = Histories::open(call);
    if (!all) return answer.problem(all.error());
    const auto row =
        row_of(call, *all, "decisionEvaluationInstanceKey", kTable, "evaluation of a decision");
    if (!row) return answer.problem(row.error());
    json::Writer out;
    out.begin_object();
    write_members(*row, out);
    if (const auto written = write_again(call, *row, out); !written) {
        return answer.problem(written.error());
    }
    answer.json(out.end_object().take());
}

using http::Method;
constexpr auto kRead = app::Action::read_process;
constexpr std::array kRoutes = {
    Route{Method::post, "/decision-instances/search", "searchDecisionInstances", kTag,
          "Search decisions that process instances evaluated", kRead, search_instances,
          "DecisionInstanceSearchQuery", "DecisionInstanceSearchQueryResult"},
    Route{Method::get, "/decision-instances/{decisionEvaluationInstanceKey}", "getDecisionInstance",
          kTag, "One of them, with inputs and matched rules", kRead, instance, "",
          "DecisionInstanceGetQueryResult"},
};

}  // namespace

std::span<const Route> decision_instance_search_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
