// Process definitions: search, one, its XML, its start form.
#include <array>

#include "routes.hpp"
#include "search.hpp"
#include "views.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr std::string_view kTag = "Process definition";

struct Row {
    std::shared_ptr<const services::ProcessDefinition> process;
    std::string_view tenant;
    bool latest = false;
};

void write(const Row& row, json::Writer& out) {
    const auto& process = *row.process;
    out.begin_object();
    write_text_or_null(out, "name", process.name);
    out.member("resourceName", process.resource_name).member("version", process.version);
    write_text_or_null(out, "versionTag", process.version_tag);
    out.member("processDefinitionId", process.id)
        .member("tenantId", row.tenant)
        .member("processDefinitionKey", key_text(process.key))
        .member("hasStartForm", !process.start_form_id.empty())
        .member("state", "ACTIVE")
        .end_object();
}

constexpr std::array kColumns = {
    Column<Row>{"processDefinitionKey", FieldType::key,
                [](const Row& row) { return key_field(row.process->key); }},
    Column<Row>{"name", FieldType::text,
                [](const Row& row) { return text_field(row.process->name); }},
    Column<Row>{"resourceName", FieldType::text,
                [](const Row& row) { return text_field(row.process->resource_name); }},
    Column<Row>{"version", FieldType::integer,
                [](const Row& row) { return FieldValue(std::int64_t{row.process->version}); }},
    Column<Row>{"versionTag", FieldType::text,
                [](const Row& row) { return text_field(row.process->version_tag); }},
    Column<Row>{"processDefinitionId", FieldType::text,
                [](const Row& row) { return text_field(row.process->id); }},
    Column<Row>{"tenantId", FieldType::text, [](const Row& row) { return text_field(row.tenant); }},
    Column<Row>{"isLatestVersion", FieldType::boolean,
                [](const Row& row) { return FieldValue(row.latest); }, false},
    Column<Row>{"hasStartForm", FieldType::boolean,
                [](const Row& row) { return FieldValue(!row.process->start_form_id.empty()); },
                false}};

void search_definitions(const Call& call, const Answer& answer) {
    const auto set = definitions_of(call);
    if (!set) return answer.problem(set.error());
    std::vector<Row> rows;
    for (auto& process : (*set)->processes()) {
        const bool latest = (*set)->is_latest(*process);
        rows.push_back({std::move(process), call.tenant().value(), latest});
    }
    search<Row>(call, answer, rows, kColumns, write);
}

// The definition of the key in the path.
Result<std::shared_ptr<const services::ProcessDefinition>> definition_param(const Call& call) {
    SCHWARM_TRY(key, key_param(call, "processDefinitionKey"));
    return definition_of(call, key);
}

void definition(const Call& call, const Answer& answer) {
    auto found = definition_param(call);
    if (!found) return answer.problem(found.error());
    json::Writer out;
    write({std::move(*found), call.tenant().value(), false}, out);
    answer.json(out.take());
}

void xml(const Call& call, const Answer& answer) {
    const auto found = definition_param(call);
    if (!found) return answer.problem(found.error());
    answer_content(call, answer, **found, "text/xml; charset=utf-8");
}

void start_form(const Call& call, const Answer& answer) {
    const auto found = definition_param(call);
    if (!found) return answer.problem(found.error());
    const std::string& id = (*found)->start_form_id;
    if (id.empty()) return answer.empty();
    const auto set = definitions_of(call);
    if (!set) return answer.problem(set.error());
    const auto form = (*set)->form(id);
    if (!form) return answer.problem(404, "NOT_FOUND", "the form '" + id + "' is not deployed");
    answer_form(call, answer, *form);
}

using http::Method;
constexpr auto kRead = app::Action::read_definition;
constexpr std::array kRoutes = {
    Route{Method::post, "/process-definitions/search", "searchProcessDefinitions", kTag,
          "Search process definitions", kRead, search_definitions, "ProcessDefinitionSearchQuery",
          "ProcessDefinitionSearchQueryResult"},
    Route{Method::get, "/process-definitions/{processDefinitionKey}", "getProcessDefinition", kTag,
          "One process definition", kRead, definition, "", "ProcessDefinitionResult"},
    Route{Method::get, "/process-definitions/{processDefinitionKey}/xml", "getProcessDefinitionXML",
          kTag, "Its BPMN file", kRead, xml, "", "Content", 200, "application/json", "text/xml"},
    Route{Method::get, "/process-definitions/{processDefinitionKey}/form", "getStartProcessForm",
          kTag, "The form of its none start event; 204 if it has none", kRead, start_form, "",
          "FormResult"},
};

}  // namespace

Result<std::shared_ptr<const services::ProcessDefinition>> definition_of(const Call& call,
                                                                         std::uint64_t key) {
    return find_definition(call, key, "process definition",
                           [](const services::DefinitionSet& set, std::uint64_t wanted) {
                               return unless_deleted(set.process(wanted));
                           });
}

std::span<const Route> process_definition_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
