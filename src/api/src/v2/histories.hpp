// Searches over what the tenant's process instances did and do. A family declares a Table: where
// its items stand in a case's history (engine/history.hpp), its columns, how a row is written; the
// walk over the cases is here.
//
// Only cases of deployed definitions are looked at, never those of service packages. A filter that
// names a key of a case reads that case alone; one that asks for what is open reads the cases that
// have something open; any other walks over the cases, newest first, up to HistoryLimits. A page is
// of the cases so read: what is asked for is sorted among them, and the cursor at its end goes on
// with older ones, so that paging reaches everything.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/engine/history.hpp"
#include "schwarm/runtime/rows.hpp"
#include "schwarm/services/bindings.hpp"
#include "search.hpp"
#include "views.hpp"

namespace schwarm::api::v2 {

// Of one page; if that was not everything, the answer says page.hasMoreTotalItems.
struct HistoryLimits {
    std::size_t cases = 2'000;     // read
    std::size_t events = 200'000;  // in them
    std::size_t rows = 100'000;    // of the lists of cases and of open things looked at
    std::size_t pages = 100;       // such pages together, of walk_everything()
};

// Numbers within a case that are none of the engine's: of variables, decisions and correlations,
// in the order of their histories.
inline constexpr std::uint64_t kVariableKeys = std::uint64_t{1} << 23;
inline constexpr std::uint64_t kDecisionKeys = kVariableKeys + (std::uint64_t{1} << 22);
inline constexpr std::uint64_t kCorrelationKeys = kDecisionKeys + (std::uint64_t{1} << 21);

// What a case must have for a row to be in it.
enum class Needs : std::uint8_t { nothing, active, task, incident, job };
// A filter field = value ("true" of a boolean) can hold in such cases only.
struct Hint {
    std::string_view field;
    std::string_view value;
    Needs needs = Needs::nothing;
};

// Which cases to look at.
struct CasePlan {
    std::optional<std::vector<CaseId>> only;
    Needs needs = Needs::nothing;
};
CasePlan plan_of(const Query& query, std::span<const Field> fields, std::span<const Hint> hints);

inline constexpr std::uint64_t kNoBound = UINT64_MAX;
// Cases by their numbers, read newest first, or upwards from `from`.
struct CaseRange {
    std::uint64_t from = 0;
    std::uint64_t below = kNoBound;
    bool upwards = false;
    bool is_all() const { return from == 0 && below == kNoBound; }
};
// Cursors of searches over histories: the cases that their page looked at, and the cursor of a row
// among them. Takes it out of the query and leaves that of the row. Errors: invalid_input.
Result<CaseRange> take_range(Query& query);
// Replaces the cursors of rows; at an end of what was looked at, they lead to the cases beyond.
void put_range(Selection& selection, const CaseRange& looked_at);

// One snapshot of the tenant's cases, read while a request is answered. Not thread-safe.
class Histories {
  public:
    // Errors: storage_failed, corrupt, not_found (tenant).
    static Result<Histories> open(const Call& call, const HistoryLimits& limits = {});

    // The history of the case in which the key was drawn; not_found if there is no such case of a
    // deployed definition. Valid as long as this.
    Result<const engine::CaseHistory*> of_key(std::uint64_t key);
    // Hands over one history after another; those for which `visit` answers true stay valid as
    // long as this. Answers the part of the range that was looked at, always some of it.
    Result<CaseRange> walk(const CasePlan& plan, const CaseRange& range,
                           const std::function<bool(const engine::CaseHistory&)>& visit);
    // Hands over every history, valid during that call. limit_exceeded: it would take more pages
    // than HistoryLimits allows.
    Result<void> walk_everything(const CasePlan& plan,
                                 const std::function<void(const engine::CaseHistory&)>& visit);

    // Empty members if the definition is not known any more.
    const services::ProcessDefinition& definition(const engine::DefinitionKey& key);
    // Null if it is not known any more.
    const bpmn::Node* node(const engine::DefinitionKey& key, std::string_view element_id) const;
    const services::DefinitionSet& definitions() const { return *set_; }
    Result<std::shared_ptr<const services::CompiledDecisions>> compiled(
        const services::DecisionRequirements& requirements) const {
        return deployments_->compiled(tenant_, requirements);
    }
    const runtime::ReadView& view() const { return view_; }

  private:
    Histories(const Call& call, runtime::ReadView view, DefinitionsPtr set,
              const HistoryLimits& limits);
    Result<std::unique_ptr<engine::CaseHistory>> read(CaseId id);
    using Visit = std::function<bool(const engine::CaseHistory&)>;
    Result<CaseRange> walk_some(std::vector<CaseId> cases, CaseRange range, const Visit& visit);
    Result<CaseRange> walk_down(Needs needs, CaseRange range, const Visit& visit);
    Result<CaseRange> walk_open(Needs needs, CaseRange range, const Visit& visit);
    Result<CaseRange> walk_up(Needs needs, CaseRange range, const Visit& visit);
    // False: the limits are reached, it was not looked at.
    Result<bool> visit_case(CaseId id,
                            const std::function<bool(const engine::CaseHistory&)>& visit);

    const services::Deployments* deployments_;
    TenantId tenant_;
    runtime::ReadView view_;
    DefinitionsPtr set_;
    HistoryLimits limits_;
    std::unique_ptr<services::Bindings> bindings_;
    std::shared_ptr<const engine::Definitions> bound_;  // null: the tenant has no cases
    std::size_t cases_read_ = 0;
    std::size_t events_read_ = 0;
    std::deque<std::unique_ptr<engine::CaseHistory>> kept_;
    std::map<std::string, std::shared_ptr<const services::ProcessDefinition>, std::less<>> known_;
};

// One item of one history.
template <class Item>
struct Row {
    Histories* all = nullptr;
    const engine::CaseHistory* in = nullptr;
    const Item* item = nullptr;

    const Item* operator->() const { return item; }
    // As it is known outside; 0 stays 0.
    std::uint64_t key(std::uint64_t local) const {
        return local == 0 ? 0 : runtime::global_key(in->id, local);
    }
    template <class Id>
    std::uint64_t key(Id local) const {
        return key(local.value());
    }
    const services::ProcessDefinition& definition() const {
        return all->definition(item->definition);
    }
};

template <class Item>
using Keep = std::function<bool(const Row<Item>&)>;

template <class Item>
struct Table {
    std::vector<Item> engine::CaseHistory::*items = nullptr;
    std::span<const Column<Row<Item>>> columns;
    void (*write)(const Row<Item>&, json::Writer&) = nullptr;
    std::span<const Hint> hints;
    // Members of the filter that are no columns, and what they keep.
    std::span<const std::string_view> extras;
    Result<Keep<Item>> (*keep)(const json::Value& extras) = nullptr;
};

template <class Item>
std::vector<Field> fields_of(const Table<Item>& table) {
    return {table.columns.begin(), table.columns.end()};
}

// Empty: everything is kept.
template <class Item>
Result<Keep<Item>> keep_of(const Table<Item>& table, const json::Value& extras) {
    if (table.keep == nullptr) return Keep<Item>();
    return table.keep(extras.is_object() ? extras : json::Value::object());
}

// The rows of one history that the query means.
template <class Item>
void find_rows(Histories& all, const engine::CaseHistory& in, const Table<Item>& table,
               const Query& query, std::span<const Keep<Item>> keeps,
               std::vector<Row<Item>>& found) {
    for (const Item& item : in.*table.items) {
        const Row<Item> row{&all, &in, &item};
        const auto kept = [&row](const Keep<Item>& keep) { return !keep || keep(row); };
        if (std::all_of(keeps.begin(), keeps.end(), kept) &&
            matches(query, 0, [&](std::size_t, std::size_t field) {
                return table.columns[field].get(row);
            })) {
            found.push_back(row);
        }
    }
}

// {"items", "page"}. always: a further condition, for example of the address.
template <class Item>
Result<std::string> search_page(Histories& all, const Table<Item>& table, Query query,
                                const CasePlan& plan, const Keep<Item>& always = {}) {
    SCHWARM_TRY(range, take_range(query));
    SCHWARM_TRY(keep, keep_of(table, query.extras));
    const std::vector<Keep<Item>> keeps{always, std::move(keep)};
    std::vector<Row<Item>> rows;
    SCHWARM_TRY(looked_at, all.walk(plan, range, [&](const engine::CaseHistory& in) {
        const auto before = rows.size();
        find_rows<Item>(all, in, table, query, keeps, rows);
        return rows.size() > before;
    }));
    SCHWARM_TRY(selection, select_rows(query, rows.size(), [&](std::size_t row, std::size_t field) {
                    return table.columns[field].get(rows[row]);
                }));
    put_range(selection, looked_at);
    return search_json(selection,
                       [&](std::size_t row, json::Writer& out) { table.write(rows[row], out); });
}

// The query in the body.
template <class Item>
Result<Query> query_of(const Call& call, const Table<Item>& table) {
    SCHWARM_TRY(body, json_body(call));
    return parse_query(body, fields_of(table), table.extras);
}

// POST .../search
template <class Item>
void search_histories(const Call& call, const Answer& answer, const Table<Item>& table) {
    const auto query = query_of(call, table);
    if (!query) return answer.problem(query.error());
    auto all = Histories::open(call);
    if (!all) return answer.problem(all.error());
    auto page =
        search_page<Item>(*all, table, *query, plan_of(*query, fields_of(table), table.hints));
    if (!page) return answer.problem(page.error());
    answer.json(std::move(*page));
}

// The item of a key, by the first column; not_found names `what`.
template <class Item>
Result<Row<Item>> row_of(Histories& all, std::uint64_t key, const Table<Item>& table,
                         std::string_view what) {
    const auto in = all.of_key(key);
    if (!in && in.error().code != ErrorCode::not_found) return in.error();
    if (!in) return no_such(what, key);
    SCHWARM_TRY(keep, keep_of(table, json::Value::object()));
    const FieldValue wanted = key_field(key);
    for (const Item& item : (*in)->*table.items) {
        const Row<Item> row{&all, *in, &item};
        if (table.columns[0].get(row) == wanted && (!keep || keep(row))) return row;
    }
    return no_such(what, key);
}

// The item of the key in the path.
template <class Item>
Result<Row<Item>> row_of(const Call& call, Histories& all, std::string_view parameter,
                         const Table<Item>& table, std::string_view what) {
    SCHWARM_TRY(key, key_param(call, parameter));
    return row_of(all, key, table, what);
}

// GET .../{key}
template <class Item>
void answer_one(const Call& call, const Answer& answer, std::string_view parameter,
                const Table<Item>& table, std::string_view what) {
    auto all = Histories::open(call);
    if (!all) return answer.problem(all.error());
    const auto row = row_of<Item>(call, *all, parameter, table, what);
    if (!row) return answer.problem(row.error());
    json::Writer out;
    table.write(*row, out);
    answer.json(out.take());
}

// Columns that many families have.
template <class Item>
FieldValue own_key(const Row<Item>& row) {
    return key_field(row.key(row->key));
}
template <class Item>
FieldValue element_key(const Row<Item>& row) {
    return key_field(row.key(row->element));
}
template <class Item>
FieldValue instance_key(const Row<Item>& row) {
    return key_field(row.key(row->process_instance));
}
template <class Item>
FieldValue definition_key(const Row<Item>& row) {
    return key_field(row.definition().key);
}
template <class Item>
FieldValue definition_id(const Row<Item>& row) {
    return text_field(row.definition().id);
}
template <class Item>
FieldValue element_id(const Row<Item>& row) {
    return text_field(row->element_id);
}
template <class Item>
FieldValue tenant_id(const Row<Item>& row) {
    return text_field(row.in->tenant.value());
}

// tenantId, processInstanceKey, rootProcessInstanceKey, processDefinitionKey and
// processDefinitionId.
template <class Item>
void write_instance(const Row<Item>& row, json::Writer& out) {
    out.member("tenantId", row.in->tenant.value())
        .member("processInstanceKey", key_text(row.key(row->process_instance)))
        .member("rootProcessInstanceKey", key_text(row.key(kRootInstance)))
        .member("processDefinitionKey", key_text(row.definition().key))
        .member("processDefinitionId", row.definition().id);
}
// Name and value of each header; of the element that a job or user task stands at.
void write_headers(const bpmn::Node* node, json::Writer& out);

inline FieldValue optional_time(const std::optional<Instant>& at) {
    return at ? time_field(*at) : FieldValue();
}
std::string_view name_of(engine::HistoryState state);  // "ACTIVE", ...

// One condition as a filter has it ("x", {"$like": "x*"}), for members that are no columns.
// Errors: invalid_input, naming `member`.
using TextTest = std::function<bool(std::string_view)>;
Result<TextTest> text_test(const json::Value& condition, std::string_view member);

// [{name, value}]: each must be one of the variables that `counts` lets through; values are
// compared as JSON texts.
using VariablesTest =
    std::function<bool(const engine::CaseHistory&,
                       const std::function<bool(const engine::HistoricVariable&)>& counts)>;
Result<VariablesTest> variables_test(const json::Value& list, std::string_view member);

}  // namespace schwarm::api::v2
