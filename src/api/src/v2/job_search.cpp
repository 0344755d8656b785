// Jobs: search.
#include <array>

#include "histories.hpp"
#include "history_routes.hpp"
#include "job_names.hpp"

namespace schwarm::api::v2 {
namespace {

using engine::HistoricJob;
using JobRow = Row<HistoricJob>;

constexpr std::string_view kTag = "Job";

// Locks are no part of the history; of a job that is not open there is none.
std::optional<runtime::JobRow> open_job(const JobRow& row) {
    if (row->end) return std::nullopt;
    auto found = row.all->view().job(row.in->id, row->key);
    if (!found) return std::nullopt;
    return std::move(*found);
}

std::optional<Instant> deadline(const JobRow& row) {
    const auto open = open_job(row);
    return open && open->locked ? open->until : std::nullopt;
}

std::string worker(const JobRow& row) {
    auto open = open_job(row);
    return open ? std::move(open->worker) : std::string();
}

void write(const JobRow& row, json::Writer& out) {
    out.begin_object();
    write_instance(row, out);
    write_headers(row.all->node(row->definition, row->element_id), out);
    write_time_or_null(out, "deadline", deadline(row));
    out.member("elementId", row->element_id)
        .member("elementInstanceKey", key_text(row.key(row->element)));
    write_time_or_null(out, "endTime", row->end);
    write_text_or_null(out, "errorCode", row->error_code);
    write_text_or_null(out, "errorMessage", row->error_message);
    write_text_or_null(out, "deniedReason", "");
    out.name("isDenied").null();
    out.member("creationTime", time_text(row->created))
        .member("lastUpdateTime", time_text(row->changed))
        .member("hasFailedWithRetriesLeft", row->failed_with_retries_left)
        .member("jobKey", key_text(row.key(row->key)))
        .member("kind", job_kind(row->kind))
        .member("listenerEventType", job_event(row->listener_event))
        .member("retries", row->retries)
        .member("state", engine::name_of(row->state))
        .member("type", row->type)
        .member("worker", worker(row))
        .end_object();
}

constexpr std::array kColumns = {
    Column<JobRow>{"jobKey", FieldType::key, own_key},
    Column<JobRow>{"deadline", FieldType::time,
                   [](const JobRow& row) { return optional_time(deadline(row)); }},
    Column<JobRow>{"elementId", FieldType::text, element_id},
    Column<JobRow>{"elementInstanceKey", FieldType::key, element_key},
    Column<JobRow>{"endTime", FieldType::time,
                   [](const JobRow& row) { return optional_time(row->end); }},
    Column<JobRow>{"errorCode", FieldType::text,
                   [](const JobRow& row) { return text_field(row->error_code); }},
    Column<JobRow>{"errorMessage", FieldType::text,
                   [](const JobRow& row) { return text_field(row->error_message); }},
    Column<JobRow>{"hasFailedWithRetriesLeft", FieldType::boolean,
                   [](const JobRow& row) { return FieldValue(row->failed_with_retries_left); }},
    Column<JobRow>{"kind", FieldType::text,
                   [](const JobRow& row) { return text_field(job_kind(row->kind)); }},
    Column<JobRow>{"listenerEventType", FieldType::text,
                   [](const JobRow& row) { return text_field(job_event(row->listener_event)); }},
    Column<JobRow>{"processDefinitionId", FieldType::text, definition_id},
    Column<JobRow>{"processDefinitionKey", FieldType::key, definition_key},
    Column<JobRow>{"processInstanceKey", FieldType::key, instance_key},
    Column<JobRow>{"retries", FieldType::integer,
                   [](const JobRow& row) { return FieldValue(std::int64_t{row->retries}); }},
    Column<JobRow>{"state", FieldType::text,
                   [](const JobRow& row) { return text_field(engine::name_of(row->state)); }},
    Column<JobRow>{"tenantId", FieldType::text, tenant_id},
    Column<JobRow>{"type", FieldType::text,
                   [](const JobRow& row) { return text_field(row->type); }},
    Column<JobRow>{"worker", FieldType::text,
                   [](const JobRow& row) { return text_field(worker(row)); }}};

constexpr std::array kHints = {Hint{"state", "CREATED", Needs::job}};

const Table<HistoricJob> kTable = {
    &engine::CaseHistory::jobs, kColumns, write, kHints, {}, nullptr};

void search_jobs(const Call& call, const Answer& answer) {
    search_histories(call, answer, kTable);
}

constexpr std::array kRoutes = {
    Route{http::Method::post, "/jobs/search", "searchJobs", kTag, "Search jobs",
          app::Action::read_process, search_jobs, "JobSearchQuery", "JobSearchQueryResult"},
};

}  // namespace

std::string_view job_kind(engine::JobKind kind) {
    switch (kind) {
        case engine::JobKind::bpmn_element:
            break;
        case engine::JobKind::execution_listener:
            return "EXECUTION_LISTENER";
        case engine::JobKind::task_listener:
            return "TASK_LISTENER";
        case engine::JobKind::ad_hoc_sub_process:
            return "AD_HOC_SUB_PROCESS";
    }
    return "BPMN_ELEMENT";
}

std::string job_event(std::string_view listener_event) {
    std::string name(listener_event.empty() ? "unspecified" : listener_event);
    for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name;
}

std::span<const Route> job_search_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
