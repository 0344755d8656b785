// Assigning, changing and completing user tasks.
#include <array>

#include "commands.hpp"
#include "routes.hpp"

namespace schwarm::api::v2 {
namespace {

constexpr std::string_view kTag = "User task";

// The body, and the task of the key in the path.
struct Asked {
    json::Value body;
    Place place;
    ElementKey task;
    std::optional<std::string> action;
};
Result<Asked> read_asked(const Call& call) {
    SCHWARM_TRY(body, json_body(call));
    SCHWARM_TRY(place, place_param(call, "userTaskKey", "user task"));
    SCHWARM_TRY(action, optional_text(body, "action"));
    if (action && action->empty()) action.reset();
    return Asked{std::move(body), place, ElementKey(place.local), std::move(action)};
}

Result<engine::CommandBody> read_assignment(const Asked& asked) {
    engine::AssignUserTask out;
    out.task = asked.task;
    SCHWARM_TRY(assignee, needed_text(asked.body, "assignee"));
    SCHWARM_TRY(override_other, flag_member(asked.body, "allowOverride"));
    out.assignee = std::move(assignee);
    out.override_other = override_other.value_or(true);
    if (asked.action) out.action = *asked.action;
    return engine::CommandBody(std::move(out));
}

Result<engine::CommandBody> read_unassignment(const Asked& asked) {
    engine::AssignUserTask out;
    out.task = asked.task;
    out.override_other = true;
    out.action = "unassign";
    return engine::CommandBody(std::move(out));
}

Result<engine::CommandBody> read_completion(const Asked& asked) {
    engine::CompleteUserTask out;
    out.task = asked.task;
    SCHWARM_TRY(variables, set_variables(asked.body));
    out.variables = std::move(variables);
    if (asked.action) out.action = *asked.action;
    return engine::CommandBody(std::move(out));
}

Result<engine::CommandBody> read_update(const Asked& asked) {
    const auto* changes = asked.body.find("changeset");
    if (changes == nullptr || !changes->is_object()) {
        if (asked.action && changes == nullptr) {
            return engine::CommandBody(engine::UpdateUserTask{asked.task, {}, {}, {}, {}, {}});
        }
        return fail(ErrorCode::invalid_input, "this must be an object", "changeset");
    }
    engine::UpdateUserTask out;
    out.task = asked.task;
    SCHWARM_TRY(groups, texts_member(*changes, "candidateGroups"));
    SCHWARM_TRY(users, texts_member(*changes, "candidateUsers"));
    SCHWARM_TRY(due, time_member(*changes, "dueDate"));
    SCHWARM_TRY(follow_up, time_member(*changes, "followUpDate"));
    SCHWARM_TRY(priority, whole_member(*changes, "priority", 0, 100));
    if (!groups && !users && !due && !follow_up && !priority) {
        return fail(ErrorCode::invalid_input, "there is nothing to change", "changeset");
    }
    out.candidate_groups = std::move(groups);
    out.candidate_users = std::move(users);
    out.due = due;
    out.follow_up = follow_up;
    if (priority) out.priority = static_cast<std::uint32_t>(*priority);
    return engine::CommandBody(std::move(out));
}

template <Result<engine::CommandBody> (*Read)(const Asked&)>
void command(const Call& call, const Answer& answer) {
    const auto asked = read_asked(call);
    if (!asked) return answer.problem(asked.error());
    auto read = Read(*asked);
    if (!read) return answer.problem(read.error());
    carry_out(call, answer, asked->place.case_id, std::move(*read));
}

using http::Method;
constexpr auto kWork = app::Action::work_user_tasks;
constexpr std::array kRoutes = {
    Route{Method::post, "/user-tasks/{userTaskKey}/completion", "completeUserTask", kTag,
          "A user task is done", kWork, command<read_completion>, "UserTaskCompletionRequest", "",
          204},
    Route{Method::post, "/user-tasks/{userTaskKey}/assignment", "assignUserTask", kTag,
          "Give a user task to somebody", kWork, command<read_assignment>,
          "UserTaskAssignmentRequest", "", 204},
    Route{Method::del, "/user-tasks/{userTaskKey}/assignee", "unassignUserTask", kTag,
          "Take a user task from whoever has it", kWork, command<read_unassignment>, "", "", 204},
    Route{Method::patch, "/user-tasks/{userTaskKey}", "updateUserTask", kTag,
          "Change candidates, dates and priority", kWork, command<read_update>,
          "UserTaskUpdateRequest", "", 204},
};

}  // namespace

std::span<const Route> user_task_command_routes() {
    return kRoutes;
}

}  // namespace schwarm::api::v2
