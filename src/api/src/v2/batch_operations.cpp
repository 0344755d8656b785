// Operations on many process instances by one request, and how far they are. Only instances of
// deployed definitions are ever among them.
#include <algorithm>
#include <array>

#include "commands.hpp"
#include "histories.hpp"
#include "instructions.hpp"
#include "members.hpp"
#include "process_instances.hpp"
#include "routes.hpp"
#include "schwarm/runtime/rows.hpp"
#include "search.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr std::string_view kTag = "Batch operation";
// Newest ones that a search looks at.
constexpr std::size_t kBatchesMax = 10'000;

std::string_view type_name(runtime::BatchKind kind) {
    switch (kind) {
        case runtime::BatchKind::resolve_incidents:
            return "RESOLVE_INCIDENT";
        case runtime::BatchKind::cancel:
            return "CANCEL_PROCESS_INSTANCE";
        case runtime::BatchKind::modify:
            return "MODIFY_PROCESS_INSTANCE";
        case runtime::BatchKind::migrate:
            return "MIGRATE_PROCESS_INSTANCE";
        case runtime::BatchKind::erase:
            return "DELETE_PROCESS_INSTANCE";
    }
    return {};
}

std::string_view state_name(runtime::BatchStatus status) {
    switch (status) {
        case runtime::BatchStatus::collecting:
            return "CREATED";
        case runtime::BatchStatus::running:
            return "ACTIVE";
        case runtime::BatchStatus::suspended:
            return "SUSPENDED";
        case runtime::BatchStatus::completed:
            return "COMPLETED";
        case runtime::BatchStatus::cancelled:
            return "CANCELED";
    }
    return {};
}

// --- what is to be done --------------------------------------------------------------------

// A value, or {"$eq": value}, or {"$in": [values]}, as texts; empty if it is not given.
Result<std::vector<std::string>> texts_of(const json::Value& filter, std::string_view name) {
    const auto wrong = [name] {
        return fail(ErrorCode::invalid_input, "this must be a text, {$eq: text} or {$in: [texts]}",
                    "filter." + std::string(name));
    };
    const auto* member = filter.find(name);
    std::vector<std::string> out;
    if (member == nullptr || member->is_null()) return out;
    const json::Value* list = member->find("$in");
    if (list != nullptr && list->is_array()) {
        for (const json::Value& one : list->items()) {
            if (!one.is_string()) return wrong();
            out.push_back(one.as_string());
        }
        if (out.empty()) return wrong();
        return out;
    }
    if (const auto* equal = member->find("$eq")) member = equal;
    if (!member->is_string()) return wrong();
    out.push_back(member->as_string());
    return out;
}

Result<void> check_members(const json::Value& filter) {
    static constexpr std::string_view kKnown[] = {"processInstanceKey",
                                                  "processDefinitionKey",
                                                  "processDefinitionId",
                                                  "hasIncident",
                                                  "state",
                                                  "elementId",
                                                  "tenantId"};
    for (const auto& [name, value] : filter.members()) {
        if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) {
            return fail(ErrorCode::invalid_input, "batches cannot be chosen by this",
                        "filter." + name);
        }
    }
    return {};
}

Result<void> check_active(const json::Value& filter) {
    SCHWARM_TRY(states, texts_of(filter, "state"));
    for (const std::string& state : states) {
        if (state != "ACTIVE") {
            return fail(ErrorCode::invalid_input, "only active instances can be changed",
                        "filter.state");
        }
    }
    return {};
}

template <class T>
bool allowed(const std::vector<T>& wanted, const T& value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

// How what is to be deleted ended.
Result<std::vector<engine::CaseStatus>> statuses_wanted(const json::Value& filter) {
    std::vector<engine::CaseStatus> out;
    SCHWARM_TRY(states, texts_of(filter, "state"));
    for (const std::string& state : states) {
        if (state != "COMPLETED" && state != "TERMINATED") {
            return fail(ErrorCode::invalid_input, "only ended instances can be deleted",
                        "filter.state");
        }
        out.push_back(state == "COMPLETED" ? engine::CaseStatus::completed
                                           : engine::CaseStatus::cancelled);
    }
    for (const std::string_view name : {"hasIncident", "elementId"}) {
        if (filter.find(name) == nullptr) continue;
        return fail(ErrorCode::invalid_input, "ended instances cannot be chosen by this",
                    "filter." + std::string(name));
    }
    return out;
}

// What the filter says beside the keys chooses among what is to be deleted, by `wanted`.
Result<void> choose_instances(const Call& call, const std::vector<std::string>& keys,
                              const runtime::BatchFilter& wanted, runtime::BatchOrder& order) {
    auto all = Histories::open(call);
    if (!all) return all.error();
    for (const std::string& text : keys) {
        const auto key = parse_key(text);
        if (!key) return fail(ErrorCode::invalid_input, "this is no key", "processInstanceKey");
        if (order.kind == runtime::BatchKind::erase) {
            SCHWARM_TRY(row, deletable(*all, *key));
            if (allowed(wanted.statuses, row.status) &&
                allowed(wanted.definitions, row.definition)) {
                order.process_instances.push_back(runtime::global_key(row.id, kRootInstance));
            }
            continue;
        }
        SCHWARM_TRY(place, place_of(call, *key, "active process instance"));
        order.process_instances.push_back(runtime::global_key(place.case_id, place.local));
    }
    if (order.process_instances.empty()) {
        return fail(ErrorCode::invalid_input, "no process instance is meant by this", "filter");
    }
    return {};
}

// An order by keys changes these instances, whatever else the filter says: so it says nothing else.
Result<void> check_keys_alone(const json::Value& filter) {
    for (const std::string_view name :
         {"processDefinitionKey", "processDefinitionId", "hasIncident", "elementId"}) {
        if (filter.find(name) == nullptr) continue;
        return fail(ErrorCode::invalid_input, "this is not combined with processInstanceKey",
                    "filter." + std::string(name));
    }
    return {};
}

// Never empty, because an empty list would mean all, those of service packages too.
Result<std::vector<engine::DefinitionKey>> definitions_wanted(const Call& call,
                                                              const json::Value& filter) {
    SCHWARM_TRY(keys, texts_of(filter, "processDefinitionKey"));
    SCHWARM_TRY(ids, texts_of(filter, "processDefinitionId"));
    SCHWARM_TRY(set, call.api.deployments.of(call.tenant()));
    std::vector<engine::DefinitionKey> out;
    for (const auto& process : set->processes()) {
        if (allowed(keys, key_text(process->key)) && allowed(ids, process->id)) {
            out.push_back(services::definition_key_of(process->key));
        }
    }
    if (out.empty()) {
        return fail(ErrorCode::invalid_input, "no process definition is meant by this", "filter");
    }
    return out;
}

Result<void> choose(const Call& call, const json::Value& body, runtime::BatchOrder& order) {
    const auto* filter = body.find("filter");
    if (filter == nullptr || !filter->is_object()) {
        return fail(ErrorCode::invalid_input, "this must be given", "filter");
    }
    SCHWARM_TRY_VOID(check_members(*filter));
    runtime::BatchFilter wanted;
    if (order.kind == runtime::BatchKind::erase) {
        SCHWARM_TRY(statuses, statuses_wanted(*filter));
        wanted.statuses = std::move(statuses);
    } else {
        SCHWARM_TRY_VOID(check_active(*filter));
    }
    SCHWARM_TRY(instances, texts_of(*filter, "processInstanceKey"));
    const bool by_keys = !instances.empty();
    if (by_keys && order.kind != runtime::BatchKind::erase) {
        SCHWARM_TRY_VOID(check_keys_alone(*filter));
    }
    if (!by_keys || filter->find("processDefinitionKey") || filter->find("processDefinitionId")) {
        SCHWARM_TRY(definitions, definitions_wanted(call, *filter));
        wanted.definitions = std::move(definitions);
    }
    if (by_keys) return choose_instances(call, instances, wanted, order);
    SCHWARM_TRY(elements, texts_of(*filter, "elementId"));
    wanted.element_ids = std::move(elements);
    wanted.with_incidents_only = filter->boolean_or("hasIncident", false);
    order.filter = std::move(wanted);
    return {};
}

void begin(const Call& call, const Answer& answer, Result<runtime::BatchOrder> order) {
    if (!order) return answer.problem(order.error());
    const auto kind = order->kind;
    call.api.runtime.start_batch(call.tenant(), std::move(*order), call.principal.subject,
                                 [answer, kind](const Result<std::uint64_t>& key) {
                                     if (!key) return answer.problem(key.error());
                                     json::Writer out;
                                     out.begin_object().member("batchOperationKey", key_text(*key));
                                     out.member("batchOperationType", type_name(kind)).end_object();
                                     answer.json(out.take());
                                 });
}

Result<runtime::BatchOrder> cancellation(const Call& call) {
    SCHWARM_TRY(body, json_body(call));
    runtime::BatchOrder order;
    order.kind = runtime::BatchKind::cancel;
    SCHWARM_TRY_VOID(choose(call, body, order));
    return order;
}

Result<runtime::BatchOrder> resolution(const Call& call) {
    SCHWARM_TRY(body, json_body(call));
    runtime::BatchOrder order;
    SCHWARM_TRY_VOID(choose(call, body, order));
    return order;
}

Result<runtime::BatchOrder> modification(const Call& call) {
    SCHWARM_TRY(body, json_body(call));
    runtime::BatchOrder order;
    order.kind = runtime::BatchKind::modify;
    SCHWARM_TRY(moves, objects_member(body, "moveInstructions"));
    for (const json::Value& one : moves) {
        SCHWARM_TRY(move, read_move(one, CaseId()));
        order.modify.move.push_back(std::move(move));
    }
    SCHWARM_TRY_VOID(choose(call, body, order));
    return order;
}

Result<runtime::BatchOrder> migration(const Call& call) {
    SCHWARM_TRY(body, json_body(call));
    const auto* plan = body.find("migrationPlan");
    if (plan == nullptr || !plan->is_object()) {
        return fail(ErrorCode::invalid_input, "this must be given", "migrationPlan");
    }
    runtime::BatchOrder order;
    order.kind = runtime::BatchKind::migrate;
    SCHWARM_TRY(migrate, read_migration(call, *plan));
    order.migrate = std::move(migrate);
    SCHWARM_TRY_VOID(choose(call, body, order));
    return order;
}

Result<runtime::BatchOrder> deletion(const Call& call) {
    SCHWARM_TRY(body, json_body(call));
    runtime::BatchOrder order;
    order.kind = runtime::BatchKind::erase;
    order.reason = std::string(kDeletionRule);
    SCHWARM_TRY_VOID(choose(call, body, order));
    return order;
}

Result<runtime::BatchOrder> resolution_of_one(const Call& call) {
    SCHWARM_TRY(place, instance_param(call));
    runtime::BatchOrder order;
    order.process_instances = {runtime::global_key(place.case_id, place.local)};
    return order;
}

template <Result<runtime::BatchOrder> (*order)(const Call&)>
void start(const Call& call, const Answer& answer) {
    begin(call, answer, order(call));
}

// --- how far it is -------------------------------------------------------------------------

void write_batch(const runtime::BatchRow& row, json::Writer& out) {
    out.begin_object()
        .member("batchOperationKey", key_text(row.key))
        .member("state", state_name(row.status))
        .member("batchOperationType", type_name(row.kind))
        .member("startDate", time_text(row.created));
    write_time_or_null(out, "endDate", row.ended);
    out.member("actorType", "CLIENT").member("actorId", row.actor);
    out.member("operationsTotalCount", row.total)
        .member("operationsFailedCount", row.failed)
        .member("operationsCompletedCount", row.done);
    out.name("errors").begin_array();
    for (const runtime::BatchFailure& failure : row.failures) {
        out.begin_object()
            .member("partitionId", 1)
            .member("type", "QUERY_FAILED")
            .member("message", key_text(failure.item) + ": " + failure.message)
            .end_object();
    }
    out.end_array().end_object();
}

constexpr std::array kColumns = {
    Column<runtime::BatchRow>{"batchOperationKey", FieldType::key,
                              [](const runtime::BatchRow& r) { return key_field(r.key); }},
    Column<runtime::BatchRow>{
        "operationType", FieldType::text,
        [](const runtime::BatchRow& r) { return text_field(type_name(r.kind)); }},
    Column<runtime::BatchRow>{
        "state", FieldType::text,
        [](const runtime::BatchRow& r) { return text_field(state_name(r.status)); }},
    Column<runtime::BatchRow>{"startDate", FieldType::time,
                              [](const runtime::BatchRow& r) { return time_field(r.created); }},
    Column<runtime::BatchRow>{"actorId", FieldType::text,
                              [](const runtime::BatchRow& r) { return text_field(r.actor); }},
};

void find(const Call& call, const Answer& answer) {
    const auto view = call.api.runtime.read(call.tenant());
    if (!view) return answer.problem(view.error());
    std::vector<runtime::BatchRow> rows;
    std::string cursor;
    do {
        auto page = view->batches(500, cursor);
        if (!page) return answer.problem(page.error());
        for (auto& row : page->rows) rows.push_back(std::move(row));
        cursor = page->next;
    } while (!cursor.empty() && rows.size() < kBatchesMax);
    search<runtime::BatchRow>(call, answer, rows, kColumns, write_batch);
}

void get(const Call& call, const Answer& answer) {
    const auto key = key_param(call, "batchOperationKey");
    if (!key) return answer.problem(key.error());
    const auto view = call.api.runtime.read(call.tenant());
    if (!view) return answer.problem(view.error());
    const auto row = view->batch(*key);
    if (!row) return answer.problem(row.error());
    json::Writer out;
    write_batch(*row, out);
    answer.json(out.take());
}

template <void (runtime::Runtime::*change)(const TenantId&, std::uint64_t, std::string,
                                           runtime::WriteCallback)>
void steer(const Call& call, const Answer& answer) {
    const auto key = key_param(call, "batchOperationKey");
    if (!key) return answer.problem(key.error());
    (call.api.runtime.*change)(call.tenant(), *key, call.principal.subject,
                               [answer](const Result<void>& done) {
                                   if (!done) return answer.problem(done.error());
                                   answer.empty();
                               });
}

using http::Method;
using runtime::Runtime;
constexpr auto kOperate = app::Action::operate_process;
constexpr std::array kRoutes = {
    Route{Method::post, "/process-instances/cancellation", "cancelProcessInstancesBatchOperation",
          kTag, "Cancel many process instances", kOperate, start<cancellation>,
          "BatchOperationRequest", "BatchOperationCreatedResult"},
    Route{Method::post, "/process-instances/incident-resolution", "resolveIncidentsBatchOperation",
          kTag, "Resolve the incidents of many instances", kOperate, start<resolution>,
          "BatchOperationRequest", "BatchOperationCreatedResult"},
    Route{Method::post, "/process-instances/modification", "modifyProcessInstancesBatchOperation",
          kTag, "Move the tokens of many instances", kOperate, start<modification>,
          "BatchOperationRequest", "BatchOperationCreatedResult"},
    Route{Method::post, "/process-instances/migration", "migrateProcessInstancesBatchOperation",
          kTag, "Let many instances go on by another definition", kOperate, start<migration>,
          "BatchOperationRequest", "BatchOperationCreatedResult"},
    Route{Method::post, "/process-instances/deletion", "deleteProcessInstancesBatchOperation", kTag,
          "Delete many ended instances", kOperate, start<deletion>, "BatchOperationRequest",
          "BatchOperationCreatedResult"},
    Route{Method::post, "/process-instances/{processInstanceKey}/incident-resolution",
          "resolveProcessInstanceIncidents", kTag, "Resolve all incidents of an instance", kOperate,
          start<resolution_of_one>, "", "BatchOperationCreatedResult"},
    Route{Method::post, "/batch-operations/search", "searchBatchOperations", kTag,
          "Batch operations, how far they are", kOperate, find, "BatchOperationSearchQuery",
          "BatchOperationSearchQueryResult"},
    Route{Method::get, "/batch-operations/{batchOperationKey}", "getBatchOperation", kTag,
          "One batch operation", kOperate, get, "", "BatchOperationResponse"},
    Route{Method::post, "/batch-operations/{batchOperationKey}/suspension", "suspendBatchOperation",
          kTag, "Stop for a while", kOperate, steer<&Runtime::suspend_batch>, "", "", 204},
    Route{Method::post, "/batch-operations/{batchOperationKey}/resumption", "resumeBatchOperation",
          kTag, "Go on", kOperate, steer<&Runtime::resume_batch>, "", "", 204},
    Route{Method::post, "/batch-operations/{batchOperationKey}/cancellation",
          "cancelBatchOperation", kTag, "End it; what is done stays done", kOperate,
          steer<&Runtime::cancel_batch>, "", "", 204},
};

}  // namespace

std::span<const Route> batch_operation_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
