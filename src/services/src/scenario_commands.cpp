#include "scenario_commands.hpp"

#include <charconv>
#include <utility>

#include "scenario_words.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::services::commands {
namespace {

Error wrong(std::string reason) {
    return fail(ErrorCode::invalid_input, std::move(reason));
}

// "A > B"
Result<std::pair<std::string, std::string>> pair_of(std::string_view text) {
    const auto at = text.find('>');
    if (at == std::string_view::npos) return wrong("it is written A > B");
    return std::pair(std::string(words::trim(text.substr(0, at))),
                     std::string(words::trim(text.substr(at + 1))));
}

}  // namespace

Result<engine::Variables> variables_of(const ScenarioStep& step) {
    SCHWARM_TRY(value, feel::from_json(step.value));
    return engine::Variables::from_context(value);
}

std::uint32_t number(const std::string& text) {
    std::uint32_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

Result<std::chrono::milliseconds> period(const std::string& text) {
    const auto time = DaysTime::parse(text);
    if (!time) return wrong("'" + text + "' is no duration such as PT5M");
    return std::chrono::milliseconds(std::chrono::seconds(time->seconds));
}

Result<std::vector<engine::ActivateInstruction>> start_instructions(const ScenarioStep& step) {
    std::vector<engine::ActivateInstruction> all;
    std::string_view rest = step.name;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(','), rest.size());
        engine::ActivateInstruction one;
        one.element = std::string(rest.substr(0, end));
        all.push_back(std::move(one));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return all;
}

Result<engine::ModifyCase> modification(const ScenarioStep& step) {
    engine::ModifyCase command;
    for (const std::string& text : step.texts) {
        std::string_view rest = text;
        if (words::take_keyword(rest, "activate")) {
            command.activate.push_back({});
            command.activate.back().element = std::string(rest);
        } else if (words::take_keyword(rest, "terminate")) {
            command.terminate.push_back({});
            command.terminate.back().element = std::string(rest);
        } else if (words::take_keyword(rest, "move")) {
            SCHWARM_TRY(pair, pair_of(rest));
            command.move.push_back({});
            command.move.back().source = pair.first;
            command.move.back().target = pair.second;
        } else {
            return wrong("it is written: modify activate A, terminate B, move C > D");
        }
    }
    return command;
}

Result<engine::MigrateCase> migration(const ScenarioStep& step, engine::DefinitionKey target) {
    engine::MigrateCase command;
    command.target = std::move(target);
    for (const std::string& text : step.texts) {
        SCHWARM_TRY(pair, pair_of(text));
        command.mappings.push_back({pair.first, pair.second});
    }
    return command;
}

Result<engine::UpdateUserTask> task_update(const ScenarioStep& step, ElementKey task) {
    engine::UpdateUserTask command;
    command.task = task;
    if (const auto* group = step.option("group")) command.candidate_groups = {*group};
    if (const auto* user = step.option("user")) command.candidate_users = {*user};
    if (const auto* priority = step.option("priority")) command.priority = number(*priority);
    if (const auto* due = step.option("due")) {
        SCHWARM_TRY(at, words::parse_at(*due));
        command.due = at;
    }
    if (const auto* follow_up = step.option("follow-up")) {
        SCHWARM_TRY(at, words::parse_at(*follow_up));
        command.follow_up = at;
    }
    return command;
}

engine::UpdateJob job_update(const ScenarioStep& step, engine::JobKey job) {
    engine::UpdateJob command;
    command.job = job;
    if (const auto* retries = step.option("retries")) command.retries = number(*retries);
    if (const auto* priority = step.option("priority")) {
        command.priority = static_cast<std::int32_t>(number(*priority));
    }
    return command;
}

engine::JobResult job_result(const ScenarioStep& step) {
    engine::JobResult result;
    if (step.verb == ScenarioVerb::job_deny) {
        result.denied = true;
        result.denied_reason = *step.option("value");
    }
    if (const auto* assignee = step.option("assignee")) result.corrections.assignee = *assignee;
    if (const auto* priority = step.option("priority")) {
        result.corrections.priority = number(*priority);
    }
    for (const auto& element : step.texts) result.activate_elements.push_back({element, {}});
    return result;
}

}  // namespace schwarm::services::commands
