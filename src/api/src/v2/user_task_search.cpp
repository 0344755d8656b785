// User tasks: search, one, its form, the variables it sees.
#include <array>

#include "histories.hpp"
#include "history_routes.hpp"
#include "variables.hpp"

namespace schwarm::api::v2 {
namespace {

using engine::HistoricUserTask;
using TaskRow = Row<HistoricUserTask>;

constexpr std::string_view kTag = "User task";

std::string_view shown_name(const HistoricUserTask& task) {
    return task.name.empty() ? task.element_id : task.name;
}

void write(const TaskRow& row, json::Writer& out) {
    const auto& task = row->task;
    const auto& definition = row.definition();
    out.begin_object();
    write_instance(row, out);
    out.member("name", shown_name(*row.item)).member("state", engine::name_of(row->state));
    write_text(out, "assignee", task.assignee);
    out.member("elementId", row->element_id);
    write_texts(out, "candidateGroups", task.candidate_groups);
    write_texts(out, "candidateUsers", task.candidate_users);
    out.member("creationDate", time_text(task.created));
    write_time(out, "completionDate", row->end);
    write_time(out, "followUpDate", task.follow_up);
    write_time(out, "dueDate", task.due);
    out.member("processDefinitionVersion", definition.version);
    write_headers(row.all->node(row->definition, row->element_id), out);
    out.member("priority", task.priority)
        .member("userTaskKey", key_text(row.key(task.key)))
        .member("elementInstanceKey", key_text(row.key(task.key)))
        .member("processName", definition.name.empty() ? definition.id : definition.name);
    if (const auto form = row.all->definitions().form(task.form_id)) {
        out.member("formKey", key_text(form->key));
    }
    out.end_object();
}

FieldValue task_key(const TaskRow& row) {
    return key_field(row.key(row->task.key));
}

constexpr std::array kColumns = {
    Column<TaskRow>{"userTaskKey", FieldType::key, task_key},
    Column<TaskRow>{"creationDate", FieldType::time,
                    [](const TaskRow& row) { return time_field(row->task.created); }},
    Column<TaskRow>{"completionDate", FieldType::time,
                    [](const TaskRow& row) { return optional_time(row->end); }},
    Column<TaskRow>{"followUpDate", FieldType::time,
                    [](const TaskRow& row) { return optional_time(row->task.follow_up); }},
    Column<TaskRow>{"dueDate", FieldType::time,
                    [](const TaskRow& row) { return optional_time(row->task.due); }},
    Column<TaskRow>{
        "priority", FieldType::integer,
        [](const TaskRow& row) { return FieldValue(std::int64_t{row->task.priority}); }},
    Column<TaskRow>{"name", FieldType::text,
                    [](const TaskRow& row) { return text_field(shown_name(*row.item)); }},
    Column<TaskRow>{"state", FieldType::text,
                    [](const TaskRow& row) { return text_field(engine::name_of(row->state)); },
                    false},
    Column<TaskRow>{"assignee", FieldType::text,
                    [](const TaskRow& row) { return text_field(row->task.assignee); }, false},
    Column<TaskRow>{"elementId", FieldType::text, element_id, false},
    Column<TaskRow>{"tenantId", FieldType::text, tenant_id, false},
    Column<TaskRow>{"processDefinitionId", FieldType::text, definition_id, false},
    Column<TaskRow>{"processDefinitionKey", FieldType::key, definition_key, false},
    Column<TaskRow>{"processInstanceKey", FieldType::key, instance_key, false},
    Column<TaskRow>{"elementInstanceKey", FieldType::key, task_key, false}};

constexpr std::array kHints = {Hint{"state", "CREATED", Needs::task}};

constexpr std::array<std::string_view, 4> kExtras = {"candidateGroup", "candidateUser",
                                                     "processInstanceVariables", "localVariables"};

bool any(const TextTest& test, const std::vector<std::string>& texts) {
    return !test || std::any_of(texts.begin(), texts.end(), test);
}

Result<Keep<HistoricUserTask>> keep_tasks(const json::Value& extras) {
    TextTest group;
    TextTest user;
    VariablesTest of_instance;
    VariablesTest local;
    for (const auto& [name, member] : extras.members()) {
        if (name == "candidateGroup" || name == "candidateUser") {
            SCHWARM_TRY(test, text_test(member, name));
            (name == "candidateGroup" ? group : user) = std::move(test);
        } else {
            SCHWARM_TRY(test, variables_test(member, name));
            (name == "localVariables" ? local : of_instance) = std::move(test);
        }
    }
    return Keep<HistoricUserTask>([=](const TaskRow& row) {
        const auto in_instance = [&row](const engine::HistoricVariable& variable) {
            return variable.scope == row->process_instance;
        };
        const auto at_task = [&row](const engine::HistoricVariable& variable) {
            return variable.scope == row->task.key;
        };
        return any(group, row->task.candidate_groups) && any(user, row->task.candidate_users) &&
               (!of_instance || of_instance(*row.in, in_instance)) &&
               (!local || local(*row.in, at_task));
    });
}

const Table<HistoricUserTask> kTable = {
    &engine::CaseHistory::user_tasks, kColumns, write, kHints, kExtras, keep_tasks};

Result<TaskRow> task_of(const Call& call, Histories& all) {
    return row_of(call, all, "userTaskKey", kTable, "user task");
}

void search_tasks(const Call& call, const Answer& answer) {
    search_histories(call, answer, kTable);
}

void task(const Call& call, const Answer& answer) {
    answer_one(call, answer, "userTaskKey", kTable, "user task");
}

void form(const Call& call, const Answer& answer) {
    auto all = Histories::open(call);
    if (!all) return answer.problem(all.error());
    const auto row = task_of(call, *all);
    if (!row) return answer.problem(row.error());
    const auto& id = row->item->task.form_id;
    if (id.empty()) return answer.empty();
    const auto found = all->definitions().form(id);
    if (!found) {
        return answer.problem(404, "NOT_FOUND", "the form '" + id + "' is not deployed");
    }
    answer_form(call, answer, *found);
}

void variables(const Call& call, const Answer& answer) {
    auto all = Histories::open(call);
    if (!all) return answer.problem(all.error());
    const auto row = task_of(call, *all);
    if (!row) return answer.problem(row.error());
    search_visible(call, answer, *all, *row->in, row->item->task.key);
}

using http::Method;
constexpr auto kRead = app::Action::read_process;
constexpr std::array kRoutes = {
    Route{Method::post, "/user-tasks/search", "searchUserTasks", kTag, "Search user tasks", kRead,
          search_tasks, "UserTaskSearchQuery", "UserTaskSearchQueryResult"},
    Route{Method::get, "/user-tasks/{userTaskKey}", "getUserTask", kTag, "One user task", kRead,
          task, "", "UserTaskResult"},
    Route{Method::get, "/user-tasks/{userTaskKey}/form", "getUserTaskForm", kTag,
          "Its form; 204 if it has none", kRead, form, "", "FormResult"},
    Route{Method::post, "/user-tasks/{userTaskKey}/variables/search", "searchUserTaskVariables",
          kTag, "The variables that it sees", kRead, variables, "VariableSearchQuery",
          "VariableSearchQueryResult"},
};

}  // namespace

std::span<const Route> user_task_search_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
