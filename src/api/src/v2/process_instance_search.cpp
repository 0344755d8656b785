// Process instances: search, one, the instances above it.
#include <array>

#include "history_routes.hpp"
#include "process_instances.hpp"

namespace schwarm::api::v2 {
namespace {

using engine::HistoricProcess;
using engine::HistoryState;

constexpr std::string_view kTag = "Process instance";

std::string_view shown_name(const services::ProcessDefinition& definition) {
    return definition.name.empty() ? definition.id : definition.name;
}

void write(const InstanceRow& row, json::Writer& out) {
    const auto& definition = row.definition();
    out.begin_object()
        .member("processDefinitionId", definition.id)
        .member("processDefinitionName", shown_name(definition))
        .member("processDefinitionVersion", definition.version);
    write_text_or_null(out, "processDefinitionVersionTag", definition.version_tag);
    out.member("startDate", time_text(row->start));
    write_time_or_null(out, "endDate", row->end);
    out.member("state", name_of(row->state))
        .member("hasIncident", row->incidents > 0)
        .member("tenantId", row.in->tenant.value())
        .member("processInstanceKey", key_text(row.key(row->key)))
        .member("rootProcessInstanceKey", key_text(row.key(kRootInstance)))
        .member("processDefinitionKey", key_text(definition.key));
    write_key_or_null(out, "parentProcessInstanceKey", row.key(row->parent));
    write_key_or_null(out, "parentElementInstanceKey", row.key(row->parent_element));
    write_texts(out, "tags", row.in->tags);
    write_text_or_null(out, "businessId", row.in->business_id);
    out.end_object();
}

constexpr std::array kColumns = {
    Column<InstanceRow>{"processInstanceKey", FieldType::key, own_key},
    Column<InstanceRow>{"processDefinitionId", FieldType::text, definition_id},
    Column<InstanceRow>{
        "processDefinitionName", FieldType::text,
        [](const InstanceRow& row) { return text_field(shown_name(row.definition())); }},
    Column<InstanceRow>{
        "processDefinitionVersion", FieldType::integer,
        [](const InstanceRow& row) { return FieldValue(std::int64_t{row.definition().version}); }},
    Column<InstanceRow>{
        "processDefinitionVersionTag", FieldType::text,
        [](const InstanceRow& row) { return text_field(row.definition().version_tag); }},
    Column<InstanceRow>{"processDefinitionKey", FieldType::key, definition_key},
    Column<InstanceRow>{"parentProcessInstanceKey", FieldType::key,
                        [](const InstanceRow& row) { return key_field(row.key(row->parent)); }},
    Column<InstanceRow>{
        "parentElementInstanceKey", FieldType::key,
        [](const InstanceRow& row) { return key_field(row.key(row->parent_element)); }},
    Column<InstanceRow>{"startDate", FieldType::time,
                        [](const InstanceRow& row) { return time_field(row->start); }},
    Column<InstanceRow>{"endDate", FieldType::time,
                        [](const InstanceRow& row) { return optional_time(row->end); }},
    Column<InstanceRow>{"state", FieldType::text,
                        [](const InstanceRow& row) { return text_field(name_of(row->state)); }},
    Column<InstanceRow>{"hasIncident", FieldType::boolean,
                        [](const InstanceRow& row) { return FieldValue(row->incidents > 0); }},
    Column<InstanceRow>{"tenantId", FieldType::text, tenant_id},
    Column<InstanceRow>{"businessId", FieldType::text,
                        [](const InstanceRow& row) { return text_field(row.in->business_id); }}};

constexpr std::array kHints = {Hint{"state", "ACTIVE", Needs::active},
                               Hint{"hasIncident", "true", Needs::incident}};

// --- conditions on what is in an instance --------------------------------------------------

constexpr std::array<std::string_view, 7> kExtras = {"variables",
                                                     "tags",
                                                     "elementId",
                                                     "elementInstanceState",
                                                     "hasElementInstanceIncident",
                                                     "errorMessage",
                                                     "hasRetriesLeft"};

Result<std::optional<bool>> flag_of(const json::Value& extras, std::string_view name) {
    const auto* member = extras.find(name);
    if (member == nullptr) return std::optional<bool>();
    if (!member->is_boolean()) {
        return fail(ErrorCode::invalid_input, "this must be true or false",
                    "filter." + std::string(name));
    }
    return std::optional<bool>(member->as_boolean());
}

// Empty if the member is not there.
Result<TextTest> test_of(const json::Value& extras, std::string_view name) {
    const auto* member = extras.find(name);
    if (member == nullptr) return TextTest();
    return text_test(*member, name);
}

Result<std::vector<std::string>> tags_of(const json::Value& extras) {
    std::vector<std::string> tags;
    const auto* member = extras.find("tags");
    if (member == nullptr) return tags;
    const auto is_text = [](const json::Value& item) { return item.is_string(); };
    if (!member->is_array() ||
        !std::all_of(member->items().begin(), member->items().end(), is_text)) {
        return fail(ErrorCode::invalid_input, "this must be a list of texts", "filter.tags");
    }
    for (const auto& item : member->items()) tags.push_back(item.as_string());
    return tags;
}

struct Inside {
    VariablesTest variables;
    std::vector<std::string> tags;
    TextTest element_id;
    TextTest element_state;
    std::optional<bool> element_incident;
    TextTest error_message;
    std::optional<bool> retries_left;

    bool has_tags(const InstanceRow& row) const {
        const auto& own = row.in->tags;
        return std::all_of(tags.begin(), tags.end(), [&](const std::string& tag) {
            return std::find(own.begin(), own.end(), tag) != own.end();
        });
    }
    bool has_variables(const InstanceRow& row) const {
        return !variables || variables(*row.in, [&](const engine::HistoricVariable& variable) {
            return variable.process_instance == row->key;
        });
    }
    // One element of which everything is true that was asked.
    bool has_element(const InstanceRow& row) const {
        if (!element_id && !element_state && !element_incident) return true;
        const auto& elements = row.in->elements;
        return std::any_of(elements.begin(), elements.end(), [&](const auto& element) {
            return element.process_instance == row->key && element.key != row->key &&
                   (!element_id || element_id(element.element_id)) &&
                   (!element_state || element_state(name_of(element.state))) &&
                   (!element_incident || *element_incident == (element.incidents > 0));
        });
    }
    bool has_incident(const InstanceRow& row) const {
        if (!error_message) return true;
        const auto& incidents = row.in->incidents;
        return std::any_of(incidents.begin(), incidents.end(), [&](const auto& incident) {
            return incident.process_instance == row->key && !incident.resolved &&
                   error_message(incident.reason);
        });
    }
    bool has_retries(const InstanceRow& row) const {
        if (!retries_left) return true;
        const auto& jobs = row.in->jobs;
        return *retries_left == std::any_of(jobs.begin(), jobs.end(), [&](const auto& job) {
            return job.process_instance == row->key && !job.end && job.failed_with_retries_left;
        });
    }
};

Result<Keep<HistoricProcess>> inside_of(const json::Value& extras) {
    Inside inside;
    if (const auto* list = extras.find("variables")) {
        SCHWARM_TRY(variables, variables_test(*list, "variables"));
        inside.variables = std::move(variables);
    }
    SCHWARM_TRY(tags, tags_of(extras));
    SCHWARM_TRY(element_id, test_of(extras, "elementId"));
    SCHWARM_TRY(element_state, test_of(extras, "elementInstanceState"));
    SCHWARM_TRY(element_incident, flag_of(extras, "hasElementInstanceIncident"));
    SCHWARM_TRY(error_message, test_of(extras, "errorMessage"));
    SCHWARM_TRY(retries_left, flag_of(extras, "hasRetriesLeft"));
    inside.tags = std::move(tags);
    inside.element_id = std::move(element_id);
    inside.element_state = std::move(element_state);
    inside.element_incident = element_incident;
    inside.error_message = std::move(error_message);
    inside.retries_left = retries_left;
    return Keep<HistoricProcess>([inside = std::move(inside)](const InstanceRow& row) {
        return inside.has_tags(row) && inside.has_element(row) && inside.has_incident(row) &&
               inside.has_retries(row) && inside.has_variables(row);
    });
}

// --- answers -------------------------------------------------------------------------------

void search_instances(const Call& call, const Answer& answer) {
    search_histories(call, answer, kInstanceTable);
}

void instance(const Call& call, const Answer& answer) {
    answer_one(call, answer, "processInstanceKey", kInstanceTable, "process instance");
}

// From the outermost instance to the one asked for; nothing if that has none above it.
void call_hierarchy(const Call& call, const Answer& answer) {
    auto all = Histories::open(call);
    if (!all) return answer.problem(all.error());
    const auto asked = instance_of(call, *all);
    if (!asked) return answer.problem(asked.error());
    std::vector<InstanceRow> rows;
    for (const auto* at = asked->item; at != nullptr; at = asked->in->process(at->parent)) {
        rows.push_back({asked->all, asked->in, at});
    }
    if (rows.size() == 1) rows.clear();
    json::Writer out;
    out.begin_array();
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
        out.begin_object()
            .member("processInstanceKey", key_text(row->key((*row)->key)))
            .member("processDefinitionKey", key_text(row->definition().key))
            .member("processDefinitionName", shown_name(row->definition()))
            .end_object();
    }
    answer.json(out.end_array().take());
}

using http::Method;
constexpr auto kRead = app::Action::read_process;
constexpr std::array kRoutes = {
    Route{Method::post, "/process-instances/search", "searchProcessInstances", kTag,
          "Search process instances", kRead, search_instances, "ProcessInstanceSearchQuery",
          "ProcessInstanceSearchQueryResult"},
    Route{Method::get, "/process-instances/{processInstanceKey}", "getProcessInstance", kTag,
          "One process instance", kRead, instance, "", "ProcessInstanceResult"},
    Route{Method::get, "/process-instances/{processInstanceKey}/call-hierarchy",
          "getProcessInstanceCallHierarchy", kTag,
          "From the outermost process instance down to this one; empty if nobody called it", kRead,
          call_hierarchy, "", "ProcessInstanceCallHierarchy"},
};

}  // namespace

const Table<HistoricProcess> kInstanceTable = {
    &engine::CaseHistory::processes, kColumns, write, kHints, kExtras, inside_of};

Result<InstanceRow> instance_of(const Call& call, Histories& all) {
    return row_of(call, all, "processInstanceKey", kInstanceTable, "process instance");
}

Result<runtime::CaseRow> deletable(Histories& all, std::uint64_t key) {
    constexpr std::string_view kWhat = "process instance";
    if (runtime::local_of(key) != kRootInstance) {
        SCHWARM_TRY(called, row_of(all, key, kInstanceTable, kWhat));
        return fail(ErrorCode::conflict,
                    "the process instance is deleted with the one that "
                    "called it, " +
                        key_text(called.key(kRootInstance)));
    }
    const auto row = all.view().case_row(runtime::case_of(key));
    if (!row && row.error().code != ErrorCode::not_found) return row.error();
    if (!row || row->deleted || !services::deployed_key_of(row->definition)) {
        return no_such(kWhat, key);
    }
    if (row->status == engine::CaseStatus::active) {
        return fail(ErrorCode::conflict, "the process instance is active");
    }
    return *row;
}

std::span<const Route> process_instance_search_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
