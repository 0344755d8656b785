// Incidents: search, one, those of a process instance and of what it called.
#include <array>
#include <set>

#include "history_routes.hpp"
#include "process_instances.hpp"

namespace schwarm::api::v2 {
namespace {

using engine::HistoricIncident;
using engine::IncidentKind;
using IncidentRow = Row<HistoricIncident>;

constexpr std::string_view kTag = "Incident";

// Of a job without retries, by what the job is for.
std::string_view no_retries(const IncidentRow& row) {
    const auto& jobs = row.in->jobs;
    const auto job = std::find_if(jobs.begin(), jobs.end(),
                                  [&](const engine::HistoricJob& j) { return j.key == row->job; });
    switch (job == jobs.end() ? engine::JobKind::bpmn_element : job->kind) {
        case engine::JobKind::bpmn_element:
            break;
        case engine::JobKind::execution_listener:
            return "EXECUTION_LISTENER_NO_RETRIES";
        case engine::JobKind::task_listener:
            return "TASK_LISTENER_NO_RETRIES";
        case engine::JobKind::ad_hoc_sub_process:
            return "AD_HOC_SUB_PROCESS_NO_RETRIES";
    }
    return "JOB_NO_RETRIES";
}

std::string_view error_type(const IncidentRow& row) {
    switch (row->kind) {
        case IncidentKind::expression:
            return "EXTRACT_VALUE_ERROR";
        case IncidentKind::no_flow:
            return "CONDITION_ERROR";
        case IncidentKind::decision:
            return "DECISION_EVALUATION_ERROR";
        case IncidentKind::job_no_retries:
            return no_retries(row);
        case IncidentKind::unhandled_error:
            return "UNHANDLED_ERROR_EVENT";
        case IncidentKind::called_process:
            return "CALLED_ELEMENT_ERROR";
        case IncidentKind::variables_limit:
            return "MESSAGE_SIZE_EXCEEDED";
        case IncidentKind::inline_task:
        case IncidentKind::step_limit:
        case IncidentKind::undelivered:
            break;  // Camunda has no word for them
    }
    return "UNKNOWN";
}

std::string_view state(const HistoricIncident& incident) {
    return incident.resolved ? "RESOLVED" : "ACTIVE";
}

void write(const IncidentRow& row, json::Writer& out) {
    out.begin_object();
    write_instance(row, out);
    out.member("errorType", error_type(row))
        .member("errorMessage", row->reason)
        .member("elementId", row->element_id)
        .member("creationTime", time_text(row->created))
        .member("state", state(*row.item))
        .member("incidentKey", key_text(row.key(row->key)))
        .member("elementInstanceKey", key_text(row.key(row->element)));
    write_key_or_null(out, "jobKey", row.key(row->job));
    out.end_object();
}

constexpr std::array kColumns = {
    Column<IncidentRow>{"incidentKey", FieldType::key, own_key},
    Column<IncidentRow>{"processDefinitionKey", FieldType::key, definition_key},
    Column<IncidentRow>{"processDefinitionId", FieldType::text, definition_id},
    Column<IncidentRow>{"processInstanceKey", FieldType::key, instance_key},
    Column<IncidentRow>{"errorType", FieldType::text,
                        [](const IncidentRow& row) { return text_field(error_type(row)); }},
    Column<IncidentRow>{"errorMessage", FieldType::text,
                        [](const IncidentRow& row) { return text_field(row->reason); }},
    Column<IncidentRow>{"elementId", FieldType::text, element_id},
    Column<IncidentRow>{"elementInstanceKey", FieldType::key, element_key},
    Column<IncidentRow>{"creationTime", FieldType::time,
                        [](const IncidentRow& row) { return time_field(row->created); }},
    Column<IncidentRow>{"state", FieldType::text,
                        [](const IncidentRow& row) { return text_field(state(*row.item)); }},
    Column<IncidentRow>{"jobKey", FieldType::key,
                        [](const IncidentRow& row) { return key_field(row.key(row->job)); }},
    Column<IncidentRow>{"tenantId", FieldType::text, tenant_id}};

constexpr std::array kHints = {Hint{"state", "ACTIVE", Needs::incident}};

const Table<HistoricIncident> kTable = {
    &engine::CaseHistory::incidents, kColumns, write, kHints, {}, nullptr};

void search_incidents(const Call& call, const Answer& answer) {
    search_histories(call, answer, kTable);
}

void incident(const Call& call, const Answer& answer) {
    answer_one(call, answer, "incidentKey", kTable, "incident");
}

void of_instance(const Call& call, const Answer& answer) {
    const auto query = query_of(call, kTable);
    if (!query) return answer.problem(query.error());
    auto all = Histories::open(call);
    if (!all) return answer.problem(all.error());
    const auto asked = instance_of(call, *all);
    if (!asked) return answer.problem(asked.error());
    // Callers stand before what they called.
    std::set<ElementKey> instances{asked->item->key};
    for (const auto& process : asked->in->processes) {
        if (instances.contains(process.parent)) instances.insert(process.key);
    }
    CasePlan plan;
    plan.only = std::vector{asked->in->id};
    auto page = search_page<HistoricIncident>(
        *all, kTable, *query, plan,
        [&](const IncidentRow& row) { return instances.contains(row->process_instance); });
    if (!page) return answer.problem(page.error());
    answer.json(std::move(*page));
}

using http::Method;
constexpr auto kRead = app::Action::read_process;
constexpr std::array kRoutes = {
    Route{Method::post, "/incidents/search", "searchIncidents", kTag, "Search incidents", kRead,
          search_incidents, "IncidentSearchQuery", "IncidentSearchQueryResult"},
    Route{Method::get, "/incidents/{incidentKey}", "getIncident", kTag, "One incident", kRead,
          incident, "", "IncidentResult"},
    Route{Method::post, "/process-instances/{processInstanceKey}/incidents/search",
          "searchProcessInstanceIncidents", "Process instance",
          "The incidents of a process instance and of those it called", kRead, of_instance,
          "IncidentSearchQuery", "IncidentSearchQueryResult"},
};

}  // namespace

std::span<const Route> incident_search_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
