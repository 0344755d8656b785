// What happened at the elements of a process: counts, and the sequence flows taken.
#include <array>
#include <map>
#include <string>

#include "history_routes.hpp"
#include "process_instances.hpp"

namespace schwarm::api::v2 {
namespace {

struct Counts {
    std::uint64_t active = 0;  // without an incident
    std::uint64_t canceled = 0;
    std::uint64_t incidents = 0;  // active with one
    std::uint64_t completed = 0;
};
using ByElement = std::map<std::string, Counts, std::less<>>;

void count(const engine::CaseHistory& in, ElementKey instance, ByElement& counts) {
    for (const auto& element : in.elements) {
        if (element.process_instance != instance || element.key == instance) continue;
        auto& at = counts[element.element_id];
        switch (element.state) {
            case engine::HistoryState::active:
                ++(element.incidents > 0 ? at.incidents : at.active);
                break;
            case engine::HistoryState::completed:
                ++at.completed;
                break;
            case engine::HistoryState::terminated:
                ++at.canceled;
                break;
        }
    }
}

std::string counts_json(const ByElement& counts) {
    json::Writer out;
    out.begin_object().name("items").begin_array();
    for (const auto& [element, at] : counts) {
        out.begin_object()
            .member("elementId", element)
            .member("active", at.active)
            .member("canceled", at.canceled)
            .member("incidents", at.incidents)
            .member("completed", at.completed)
            .end_object();
    }
    return out.end_array().end_object().take();
}

void of_instance(const Call& call, const Answer& answer) {
    auto all = Histories::open(call);
    if (!all) return answer.problem(all.error());
    const auto row = instance_of(call, *all);
    if (!row) return answer.problem(row.error());
    ByElement counts;
    count(*row->in, row->item->key, counts);
    answer.json(counts_json(counts));
}

Result<std::string> definition_statistics(const Call& call) {
    const auto& table = kInstanceTable;
    SCHWARM_TRY(key, key_param(call, "processDefinitionKey"));
    SCHWARM_TRY(query, query_of(call, table));
    SCHWARM_TRY(all, Histories::open(call));
    const auto definition = all.definitions().process(key);
    if (!definition || definition->deleted) return no_such("process definition", key);
    SCHWARM_TRY(keep, keep_of(table, query.extras));
    const std::array<Keep<engine::HistoricProcess>, 2> keeps = {
        std::move(keep), [key](const InstanceRow& row) { return row.definition().key == key; }};
    ByElement counts;
    SCHWARM_TRY_VOID(all.walk_everything(
        plan_of(query, fields_of(table), table.hints), [&](const engine::CaseHistory& in) {
            std::vector<InstanceRow> rows;
            find_rows<engine::HistoricProcess>(all, in, table, query, keeps, rows);
            for (const auto& row : rows) count(in, row->key, counts);
        }));
    return counts_json(counts);
}

void of_definition(const Call& call, const Answer& answer) {
    auto body = definition_statistics(call);
    if (!body) return answer.problem(body.error());
    answer.json(std::move(*body));
}

void sequence_flows(const Call& call, const Answer& answer) {
    auto all = Histories::open(call);
    if (!all) return answer.problem(all.error());
    const auto row = instance_of(call, *all);
    if (!row) return answer.problem(row.error());
    const auto instance = key_text(row->key(row->item->key));
    json::Writer out;
    out.begin_object().name("items").begin_array();
    for (const auto& flow : row->in->flows) {
        if (flow.process_instance != row->item->key) continue;
        out.begin_object().member("sequenceFlowId", instance + "_" + flow.flow_id);
        write_instance(Row<engine::HistoricFlow>{row->all, row->in, &flow}, out);
        out.member("elementId", flow.flow_id).end_object();
    }
    answer.json(out.end_array().end_object().take());
}

using http::Method;
constexpr auto kRead = app::Action::read_process;
constexpr std::array kRoutes = {
    Route{Method::get, "/process-instances/{processInstanceKey}/statistics/element-instances",
          "getProcessInstanceStatistics", "Process instance",
          "How many element instances are in which state, by element", kRead, of_instance, "",
          "ProcessElementStatistics"},
    Route{Method::get, "/process-instances/{processInstanceKey}/sequence-flows",
          "getProcessInstanceSequenceFlows", "Process instance",
          "The sequence flows that were taken", kRead, sequence_flows, "",
          "ProcessInstanceSequenceFlows"},
    Route{Method::post, "/process-definitions/{processDefinitionKey}/statistics/element-instances",
          "getProcessDefinitionStatistics", "Process definition",
          "The same over the instances of a definition that the filter chooses", kRead,
          of_definition, "ProcessElementStatisticsQuery", "ProcessElementStatistics"},
};

}  // namespace

std::span<const Route> process_statistics_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
