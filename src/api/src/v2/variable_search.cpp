// Variables: search, one, those that a user task sees.
#include <array>
#include <set>

#include "history_routes.hpp"
#include "schwarm/feel/codec.hpp"
#include "variables.hpp"

namespace schwarm::api::v2 {
namespace {

using engine::HistoricVariable;

constexpr std::string_view kTag = "Variable";

std::uint64_t key_of(const VariableRow& row) {
    return row.key(kVariableKeys + row->number);
}

bool is_long(const VariableRow& row) {
    return feel::to_json_text(row->value).size() > kValueBytesShown;
}

void write_base(const VariableRow& row, json::Writer& out) {
    out.member("name", row->name)
        .member("tenantId", row.in->tenant.value())
        .member("variableKey", key_text(key_of(row)))
        .member("scopeKey", key_text(row.key(row->scope)))
        .member("processInstanceKey", key_text(row.key(row->process_instance)));
}

void write_whole(const VariableRow& row, json::Writer& out) {
    out.begin_object();
    write_base(row, out);
    out.member("value", feel::to_json_text(row->value)).member("isTruncated", false).end_object();
}

void write_cut(const VariableRow& row, json::Writer& out) {
    auto value = feel::to_json_text(row->value);
    const bool cut = value.size() > kValueBytesShown;
    if (cut) {
        auto end = kValueBytesShown;
        // Not within a character (RFC 3629: continuation bytes are 10xxxxxx).
        while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0U) == 0x80U) --end;
        value.resize(end);
    }
    out.begin_object();
    write_base(row, out);
    out.member("value", value).member("isTruncated", cut).end_object();
}

constexpr std::array kColumns = {
    Column<VariableRow>{"variableKey", FieldType::key,
                        [](const VariableRow& row) { return key_field(key_of(row)); }},
    Column<VariableRow>{"name", FieldType::text,
                        [](const VariableRow& row) { return FieldValue(row->name); }},
    Column<VariableRow>{
        "value", FieldType::text,
        [](const VariableRow& row) { return FieldValue(feel::to_json_text(row->value)); }},
    Column<VariableRow>{"tenantId", FieldType::text, tenant_id},
    Column<VariableRow>{"scopeKey", FieldType::key,
                        [](const VariableRow& row) { return key_field(row.key(row->scope)); }},
    Column<VariableRow>{"processInstanceKey", FieldType::key, instance_key},
    Column<VariableRow>{"isTruncated", FieldType::boolean,
                        [](const VariableRow& row) { return FieldValue(is_long(row)); }, false}};

const Table<HistoricVariable> kWhole = {
    &engine::CaseHistory::variables, kColumns, write_whole, {}, {}, nullptr};
const Table<HistoricVariable> kCut = {
    &engine::CaseHistory::variables, kColumns, write_cut, {}, {}, nullptr};

// ?truncateValues, true by default.
Result<const Table<HistoricVariable>*> table_of(const Call& call) {
    SCHWARM_TRY(fields, call.request.query_fields());
    const auto truncate = fields.get("truncateValues");
    if (truncate.empty() || truncate == "true") return &kCut;
    if (truncate == "false") return &kWhole;
    return fail(ErrorCode::invalid_input, "this must be true or false", "truncateValues");
}

void search_variables(const Call& call, const Answer& answer) {
    const auto table = table_of(call);
    if (!table) return answer.problem(table.error());
    search_histories(call, answer, **table);
}

void variable(const Call& call, const Answer& answer) {
    answer_one(call, answer, "variableKey", kWhole, "variable");
}

// The scopes that an element sees, itself first, up to its process instance.
std::vector<ElementKey> scopes_of(const engine::CaseHistory& in, ElementKey from) {
    std::vector<ElementKey> scopes;
    const auto* element = in.element(from);
    while (element != nullptr) {
        scopes.push_back(element->key);
        if (element->key == element->process_instance) break;
        element = in.element(element->scope);
    }
    return scopes;
}

using http::Method;
constexpr auto kRead = app::Action::read_process;
constexpr std::array kRoutes = {
    Route{Method::post, "/variables/search", "searchVariables", kTag, "Search variables", kRead,
          search_variables, "VariableSearchQuery", "VariableSearchQueryResult"},
    Route{Method::get, "/variables/{variableKey}", "getVariable", kTag, "One variable, whole",
          kRead, variable, "", "VariableResult"},
};

}  // namespace

void search_visible(const Call& call, const Answer& answer, Histories& all,
                    const engine::CaseHistory& in, ElementKey scope) {
    const auto table = table_of(call);
    if (!table) return answer.problem(table.error());
    const auto query = query_of(call, **table);
    if (!query) return answer.problem(query.error());
    std::set<std::uint64_t> nearest;
    std::set<std::string_view> names;
    for (const ElementKey at : scopes_of(in, scope)) {
        std::vector<std::string_view> found;
        for (const auto& variable : in.variables) {
            if (variable.scope != at || names.contains(variable.name)) continue;
            nearest.insert(variable.number);
            found.push_back(variable.name);
        }
        names.insert(found.begin(), found.end());
    }
    CasePlan plan;
    plan.only = std::vector{in.id};
    auto page = search_page<HistoricVariable>(
        all, **table, *query, plan,
        [&](const VariableRow& row) { return nearest.contains(row->number); });
    if (!page) return answer.problem(page.error());
    answer.json(std::move(*page));
}

std::span<const Route> variable_search_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
