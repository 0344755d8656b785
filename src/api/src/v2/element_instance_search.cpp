// Element instances: search, one. The process instances themselves are not among them.
#include <array>

#include "histories.hpp"
#include "history_routes.hpp"

namespace schwarm::api::v2 {
namespace {

using engine::HistoricElement;
using ElementRow = Row<HistoricElement>;

constexpr std::string_view kTag = "Element instance";

std::string_view shown_name(const HistoricElement& element) {
    return element.name.empty() ? element.element_id : element.name;
}

void write(const ElementRow& row, json::Writer& out) {
    out.begin_object();
    write_instance(row, out);
    out.member("startDate", time_text(row->start));
    write_time(out, "endDate", row->end);
    out.member("elementId", row->element_id)
        .member("elementName", shown_name(*row.item))
        .member("type", engine::element_type_of(*row.item))
        .member("state", name_of(row->state))
        .member("hasIncident", row->incidents > 0)
        .member("elementInstanceKey", key_text(row.key(row->key)));
    write_key(out, "incidentKey", row.key(row->incident));
    out.end_object();
}

constexpr std::array kColumns = {
    Column<ElementRow>{"elementInstanceKey", FieldType::key, own_key},
    Column<ElementRow>{"processInstanceKey", FieldType::key, instance_key},
    Column<ElementRow>{"processDefinitionKey", FieldType::key, definition_key},
    Column<ElementRow>{"processDefinitionId", FieldType::text, definition_id},
    Column<ElementRow>{"startDate", FieldType::time,
                       [](const ElementRow& row) { return time_field(row->start); }},
    Column<ElementRow>{"endDate", FieldType::time,
                       [](const ElementRow& row) { return optional_time(row->end); }},
    Column<ElementRow>{"elementId", FieldType::text, element_id},
    Column<ElementRow>{"elementName", FieldType::text,
                       [](const ElementRow& row) { return text_field(shown_name(*row.item)); }},
    Column<ElementRow>{
        "type", FieldType::text,
        [](const ElementRow& row) { return text_field(engine::element_type_of(*row.item)); }},
    Column<ElementRow>{"state", FieldType::text,
                       [](const ElementRow& row) { return text_field(name_of(row->state)); }},
    Column<ElementRow>{"incidentKey", FieldType::key,
                       [](const ElementRow& row) { return key_field(row.key(row->incident)); }},
    Column<ElementRow>{"tenantId", FieldType::text, tenant_id},
    Column<ElementRow>{"hasIncident", FieldType::boolean,
                       [](const ElementRow& row) { return FieldValue(row->incidents > 0); }, false},
    Column<ElementRow>{"elementInstanceScopeKey", FieldType::key,
                       [](const ElementRow& row) { return key_field(row.key(row->scope)); },
                       false}};

constexpr std::array kHints = {Hint{"state", "ACTIVE", Needs::active},
                               Hint{"hasIncident", "true", Needs::incident}};

Result<Keep<HistoricElement>> no_process(const json::Value& /*extras*/) {
    return Keep<HistoricElement>(
        [](const ElementRow& row) { return row->key != row->process_instance; });
}

const Table<HistoricElement> kTable = {
    &engine::CaseHistory::elements, kColumns, write, kHints, {}, no_process};

void search_elements(const Call& call, const Answer& answer) {
    search_histories(call, answer, kTable);
}

void element(const Call& call, const Answer& answer) {
    answer_one(call, answer, "elementInstanceKey", kTable, "element instance");
}

using http::Method;
constexpr auto kRead = app::Action::read_process;
constexpr std::array kRoutes = {
    Route{Method::post, "/element-instances/search", "searchElementInstances", kTag,
          "Search element instances", kRead, search_elements, "ElementInstanceSearchQuery",
          "ElementInstanceSearchQueryResult"},
    Route{Method::get, "/element-instances/{elementInstanceKey}", "getElementInstance", kTag,
          "One element instance", kRead, element, "", "ElementInstanceResult"},
};

}  // namespace

std::span<const Route> element_instance_search_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
