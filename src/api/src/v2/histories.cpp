#include "histories.hpp"

#include "schwarm/feel/codec.hpp"

namespace schwarm::api::v2 {
namespace {

using Kind = Condition::Kind;
constexpr std::size_t kPageRows = 500;
constexpr std::string_view kDeployedService = "deployed";

// Keys of what stands outside of cases.
bool names_a_case(const Field& field) {
    return field.type == FieldType::key && !field.name.ends_with("DefinitionKey") &&
           field.name != "messageKey" && field.name != "formKey";
}

std::vector<CaseId> cases_of(const Condition& condition) {
    std::vector<CaseId> out;
    for (const auto& value : condition.values) {
        const auto* key = std::get_if<std::int64_t>(&value);
        if (key != nullptr) out.push_back(runtime::case_of(static_cast<std::uint64_t>(*key)));
    }
    return out;
}

// Newest first, each once.
void put_in_order(std::vector<CaseId>& cases) {
    std::sort(cases.begin(), cases.end(), std::greater<>());
    cases.erase(std::unique(cases.begin(), cases.end()), cases.end());
}

bool says(const FieldValue& value, std::string_view text) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag == (text == "true");
    const auto* own = std::get_if<std::string>(&value);
    return own != nullptr && *own == text;
}

// Whether all values of the condition are hinted at.
Needs needs_of(const Condition& condition, std::string_view field, std::span<const Hint> hints) {
    Needs needs = Needs::nothing;
    for (const auto& value : condition.values) {
        const auto hint = std::find_if(hints.begin(), hints.end(), [&](const Hint& h) {
            return h.field == field && says(value, h.value);
        });
        if (hint == hints.end()) return Needs::nothing;
        needs = hint->needs;
    }
    return needs;
}

// Not there for the asker: it never was, or was deleted by law.
bool is_absent(const Error& error) {
    return error.code == ErrorCode::not_found || error.code == ErrorCode::gone;
}

bool may_have(const runtime::CaseRow& row, Needs needs) {
    if (row.deleted || !services::deployed_key_of(row.definition)) return false;
    if (needs == Needs::nothing) return true;
    if (row.status != engine::CaseStatus::active) return false;
    if (needs == Needs::task) return row.open_tasks > 0;
    return needs != Needs::incident || row.open_incidents > 0;
}

constexpr std::string_view kFrom = "from";
constexpr std::string_view kBelow = "below";
constexpr std::string_view kRow = "row";

std::string range_cursor(const CaseRange& range, std::string_view row) {
    json::Writer out;
    out.begin_object().member(kFrom, range.from);
    if (range.below != kNoBound) out.member(kBelow, range.below);
    if (!row.empty()) out.member(kRow, row);
    return encode_cursor(out.end_object().take());
}

Result<std::uint64_t> bound_in(const json::Value& cursor, std::string_view name,
                               std::uint64_t none) {
    const auto* member = cursor.find(name);
    if (member == nullptr) return none;
    const auto number = member->as_int64();
    if (number && *number >= 0) return static_cast<std::uint64_t>(*number);
    return fail(ErrorCode::invalid_input, "this is no cursor of this search", "page");
}

}  // namespace

CasePlan plan_of(const Query& query, std::span<const Field> fields, std::span<const Hint> hints) {
    CasePlan plan;
    for (const auto& condition : query.all) {
        if (condition.kind != Kind::eq && condition.kind != Kind::in) continue;
        const auto& field = fields[condition.field];
        if (names_a_case(field) && !plan.only) {
            plan.only = cases_of(condition);
            put_in_order(*plan.only);
        }
        if (plan.needs == Needs::nothing) plan.needs = needs_of(condition, field.name, hints);
    }
    return plan;
}

Result<CaseRange> take_range(Query& query) {
    const bool backwards = query.after.empty();
    std::string& cursor = backwards ? query.before : query.after;
    CaseRange range;
    if (cursor.empty()) return range;
    SCHWARM_TRY(text, decode_cursor(cursor));
    const auto parsed = json::parse(text);
    if (!parsed || !parsed->is_object()) {
        return fail(ErrorCode::invalid_input, "this is no cursor of this search", "page");
    }
    SCHWARM_TRY(from, bound_in(*parsed, kFrom, 0));
    SCHWARM_TRY(below, bound_in(*parsed, kBelow, kNoBound));
    range.from = from;
    range.below = below;
    cursor = parsed->string_or(kRow, "");
    query.from_end = backwards && cursor.empty();
    range.upwards = query.from_end;
    return range;
}

void put_range(Selection& selection, const CaseRange& looked_at) {
    selection.more_than_total = !looked_at.is_all();
    std::string& start = selection.start_cursor;
    std::string& end = selection.end_cursor;
    if (selection.at_begin && looked_at.below != kNoBound) {
        start = range_cursor({looked_at.below, kNoBound}, {});
    } else if (!start.empty()) {
        start = range_cursor(looked_at, start);
    }
    if (selection.at_end && looked_at.from != 0) {
        end = range_cursor({0, looked_at.from}, {});
    } else if (!end.empty()) {
        end = range_cursor(looked_at, end);
    }
}

Histories::Histories(const Call& call, runtime::ReadView view, DefinitionsPtr set,
                     const HistoryLimits& limits)
    : deployments_(&call.api.deployments),
      tenant_(call.tenant()),
      view_(std::move(view)),
      set_(std::move(set)),
      limits_(limits),
      bindings_(std::make_unique<services::Bindings>(call.api.registry, call.api.decisions,
                                                     &call.api.deployments)),
      bound_(bindings_->definitions(call.tenant())) {}

Result<Histories> Histories::open(const Call& call, const HistoryLimits& limits) {
    SCHWARM_TRY(set, definitions_of(call));
    SCHWARM_TRY(view, call.api.runtime.read(call.tenant()));
    return Histories(call, std::move(view), std::move(set), limits);
}

Result<std::unique_ptr<engine::CaseHistory>> Histories::read(CaseId id) {
    const auto missing = [] { return fail(ErrorCode::not_found, "there is no such thing"); };
    SCHWARM_TRY(row, view_.case_row(id));
    if (!may_have(row, Needs::nothing) || bound_ == nullptr) return missing();
    SCHWARM_TRY(entries, view_.history(id, SIZE_MAX));
    std::vector<engine::Event> events;
    for (auto& entry : entries) {
        if (entry.deleted) return missing();
        std::move(entry.events.begin(), entry.events.end(), std::back_inserter(events));
    }
    ++cases_read_;
    events_read_ += events.size();
    return std::make_unique<engine::CaseHistory>(
        engine::project_history(events, bound_->processes));
}

Result<const engine::CaseHistory*> Histories::of_key(std::uint64_t key) {
    const CaseId id = runtime::case_of(key);
    for (const auto& known : kept_) {
        if (known->id == id) return known.get();
    }
    auto history = read(id);
    if (!history && is_absent(history.error())) {
        return fail(ErrorCode::not_found, "there is no such thing");
    }
    if (!history) return history.error();
    return kept_.emplace_back(std::move(*history)).get();
}

Result<bool> Histories::visit_case(CaseId id, const Visit& visit) {
    if (cases_read_ >= limits_.cases || events_read_ >= limits_.events) return false;
    auto history = read(id);
    if (!history) {
        if (is_absent(history.error())) return true;
        return history.error();
    }
    if (visit(**history)) kept_.push_back(std::move(*history));
    return true;
}

Result<CaseRange> Histories::walk_some(std::vector<CaseId> cases, CaseRange range,
                                       const Visit& visit) {
    if (range.upwards) std::reverse(cases.begin(), cases.end());
    for (const CaseId id : cases) {
        if (id.value() < range.from || id.value() >= range.below) continue;
        SCHWARM_TRY(looked_at, visit_case(id, visit));
        if (looked_at) continue;
        if (range.upwards) return CaseRange{range.from, id.value()};
        return CaseRange{id.value() + 1, range.below};
    }
    return range;
}

Result<CaseRange> Histories::walk_down(Needs needs, CaseRange range, const Visit& visit) {
    runtime::CaseFilter filter;
    filter.service = ServiceId(std::string(kDeployedService));
    if (needs != Needs::nothing) filter.status = engine::CaseStatus::active;
    filter.limit = kPageRows;
    filter.rows_max = limits_.rows;
    if (range.below != kNoBound) filter.cursor = std::to_string(range.below);
    std::size_t rows = 0;
    std::uint64_t below = range.below;
    std::uint64_t listed_to = range.below;
    while (true) {
        SCHWARM_TRY(page, view_.cases(filter));
        for (const auto& row : page.rows) {
            if (row.id.value() < range.from) return range;
            // So that the next page reads the same cases, whatever begins meanwhile.
            if (below == kNoBound) below = row.id.value() + 1;
            if (!may_have(row, needs)) continue;
            SCHWARM_TRY(looked_at, visit_case(row.id, visit));
            if (!looked_at) return CaseRange{row.id.value() + 1, below};
        }
        if (page.next.empty()) return range;
        const std::uint64_t next = std::stoull(page.next);
        if (next <= range.from) return range;
        // Cases are numbered without gaps.
        if (listed_to != kNoBound) rows += listed_to - next;
        listed_to = next;
        if (page.truncated || rows >= limits_.rows) return CaseRange{next, below};
        filter.rows_max = limits_.rows - rows;
        filter.cursor = std::move(page.next);
    }
}

Result<CaseRange> Histories::walk_open(Needs needs, CaseRange range, const Visit& visit) {
    const auto next = [&](std::uint64_t below) {
        return needs == Needs::job ? view_.newest_with_jobs(below)
                                   : view_.newest_with_incidents(below);
    };
    SCHWARM_TRY(id, next(range.below));
    std::uint64_t below = range.below;
    for (std::size_t rows = 0; id && id->value() >= range.from; ++rows) {
        if (below == kNoBound) below = id->value() + 1;
        const CaseRange before{id->value() + 1, below};
        if (rows == limits_.rows) return before;
        SCHWARM_TRY(looked_at, visit_case(*id, visit));
        if (!looked_at) return before;
        SCHWARM_TRY(older, next(id->value()));
        id = older;
    }
    return range;
}

Result<CaseRange> Histories::walk_up(Needs needs, CaseRange range, const Visit& visit) {
    std::size_t rows = 0;
    for (std::uint64_t at = range.from; at < range.below; ++at) {
        const auto row = view_.case_row(CaseId(at));
        if (!row && row.error().code != ErrorCode::not_found) return row.error();
        // Cases are numbered without gaps.
        if (!row) return CaseRange{range.from, kNoBound};
        if (rows++ == limits_.rows) return CaseRange{range.from, at};
        if (!may_have(*row, needs)) continue;
        SCHWARM_TRY(looked_at, visit_case(CaseId(at), visit));
        if (!looked_at) return CaseRange{range.from, at};
    }
    return range;
}

Result<CaseRange> Histories::walk(const CasePlan& plan, const CaseRange& range,
                                  const Visit& visit) {
    if (plan.only) return walk_some(*plan.only, range, visit);
    if (range.upwards) return walk_up(plan.needs, range, visit);
    const bool indexed = plan.needs == Needs::incident || plan.needs == Needs::job;
    return indexed ? walk_open(plan.needs, range, visit) : walk_down(plan.needs, range, visit);
}

Result<void> Histories::walk_everything(
    const CasePlan& plan, const std::function<void(const engine::CaseHistory&)>& visit) {
    CaseRange range;
    for (std::size_t pages = 0; pages < limits_.pages; ++pages) {
        cases_read_ = 0;
        events_read_ = 0;
        SCHWARM_TRY(looked_at, walk(plan, range, [&](const engine::CaseHistory& in) {
                        visit(in);
                        return false;
                    }));
        if (looked_at.from == 0) return {};
        range = {0, looked_at.from};
    }
    return fail(ErrorCode::limit_exceeded,
                "too many process instances to count at once; name some of them", "filter");
}

const services::ProcessDefinition& Histories::definition(const engine::DefinitionKey& key) {
    static const services::ProcessDefinition kUnknown;
    auto known = known_.find(key.value());
    if (known == known_.end()) {
        const auto number = services::deployed_key_of(key);
        known = known_.emplace(key.value(), number ? set_->process(*number) : nullptr).first;
    }
    return known->second ? *known->second : kUnknown;
}

const bpmn::Node* Histories::node(const engine::DefinitionKey& key,
                                  std::string_view element_id) const {
    const auto* process = bound_ == nullptr ? nullptr : bound_->processes.process(key);
    const auto index = process == nullptr ? bpmn::kNoNode : process->find(element_id);
    return index == bpmn::kNoNode ? nullptr : &process->node(index);
}

void write_headers(const bpmn::Node* node, json::Writer& out) {
    out.name("customHeaders").begin_object();
    if (node != nullptr) {
        for (const auto& header : node->details.headers) {
            out.member(header.key, header.value.source);
        }
    }
    out.end_object();
}

std::string_view name_of(engine::HistoryState state) {
    static constexpr std::string_view kNames[] = {"ACTIVE", "COMPLETED", "TERMINATED"};
    return kNames[static_cast<std::size_t>(state)];
}

Result<TextTest> text_test(const json::Value& condition, std::string_view member) {
    const Field field{member, FieldType::text, false};
    auto filter = json::Value::object();
    filter.set(std::string(member), condition);
    auto body = json::Value::object();
    body.set("filter", std::move(filter));
    SCHWARM_TRY(query, parse_query(body, {&field, 1}));
    return TextTest([query = std::move(query)](std::string_view text) {
        return matches(query, 0,
                       [&](std::size_t, std::size_t) { return FieldValue(std::string(text)); });
    });
}

Result<VariablesTest> variables_test(const json::Value& list, std::string_view member) {
    struct Wanted {
        std::string name;
        TextTest value;
    };
    const auto wrong = [&] {
        return fail(ErrorCode::invalid_input, "this must be a list of {name, value}",
                    "filter." + std::string(member));
    };
    if (!list.is_array()) return wrong();
    std::vector<Wanted> all;
    for (const auto& item : list.items()) {
        const auto* value = item.is_object() ? item.find("value") : nullptr;
        auto name = item.is_object() ? item.string_or("name", "") : std::string();
        if (name.empty() || value == nullptr || value->is_null()) return wrong();
        SCHWARM_TRY(test, text_test(*value, member));
        all.push_back({std::move(name), std::move(test)});
    }
    return VariablesTest([all = std::move(all)](const auto& history, const auto& counts) {
        return std::all_of(all.begin(), all.end(), [&](const Wanted& wanted) {
            return std::any_of(history.variables.begin(), history.variables.end(),
                               [&](const auto& variable) {
                                   return variable.name == wanted.name && counts(variable) &&
                                          wanted.value(feel::to_json_text(variable.value));
                               });
        });
    });
}

}  // namespace schwarm::api::v2
