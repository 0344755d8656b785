#include "process_expectations.hpp"

#include <algorithm>
#include <utility>

#include "scenario_commands.hpp"
#include "scenario_words.hpp"

namespace schwarm::services {
namespace {

using Verb = ScenarioVerb;
using commands::number;
using words::joined;

Result<void> expect_name(const ScenarioStep& step, bool wanted, std::string_view what,
                         const std::vector<std::string>& names) {
    const bool found = step.name.empty()
                           ? !names.empty()
                           : std::find(names.begin(), names.end(), step.name) != names.end();
    if (found == wanted) return {};
    if (wanted) return none_of(what, step.name, names);
    return scenario_failed("there is: " + joined(names, ", "));
}

Result<void> expect_text(const ScenarioStep& step, std::string_view option,
                         const std::string& found) {
    const auto* wanted = step.option(option);
    if (wanted == nullptr || *wanted == found) return {};
    return scenario_failed(std::string(option) + " is '" + found + "', expected '" + *wanted + "'");
}

Result<void> expect_member(const ScenarioStep& step, std::string_view option,
                           const std::vector<std::string>& found) {
    const auto* wanted = step.option(option);
    if (wanted == nullptr || std::find(found.begin(), found.end(), *wanted) != found.end()) {
        return {};
    }
    return scenario_failed(std::string(option) + " is " + joined(found, ", ") + ", expected " +
                           *wanted);
}

Result<void> expect_instant(const ScenarioStep& step, std::string_view option,
                            const std::optional<Instant>& found) {
    const auto* wanted = step.option(option);
    if (wanted == nullptr) return {};
    SCHWARM_TRY(at, words::parse_at(*wanted));
    if (found == at) return {};
    return scenario_failed(
        std::string(option) + " is " +
        (found ? feel::Value(DateTime::from_instant(*found, *find_zone("Europe/Berlin"))).to_feel()
               : "not set") +
        ", expected " + *wanted);
}

}  // namespace

Error none_of(std::string_view what, const std::string& name, const std::vector<std::string>& all) {
    return scenario_failed("there is no " + std::string(what) + " " + name +
                           "; there is: " + (all.empty() ? "nothing" : joined(all, ", ")));
}

const engine::Job* ProcessExpectations::find_job(std::string_view name, bool open) {
    const auto now = host_.clock().now();
    for (const auto& job : state().jobs) {
        if (open && job.status != engine::JobStatus::open) continue;
        if (open && job.not_before && *job.not_before > now) continue;
        if (name.empty() || job.type == name || element_id(job.element) == name) return &job;
    }
    return nullptr;
}

std::vector<std::string> ProcessExpectations::jobs() const {
    std::vector<std::string> names;
    for (const auto& job : state().jobs) {
        names.push_back(element_id(job.element) + " (" + job.type + ")");
    }
    return names;
}

Result<void> ProcessExpectations::expect(const ScenarioStep& step) {
    if (step.verb == Verb::instances) {
        if (states().size() == number(step.name)) return {};
        return scenario_failed("there are " + std::to_string(states().size()) + " instances");
    }
    if (!has_case()) return scenario_failed("there is no instance yet");
    switch (step.verb) {
        case Verb::document:
        case Verb::no_document:
            return expect_document(step);
        case Verb::task:
        case Verb::no_task:
            return expect_task(step);
        case Verb::job:
        case Verb::no_job:
            return expect_job(step);
        case Verb::timer:
        case Verb::no_timer:
            return expect_timer(step);
        case Verb::waiting:
        case Verb::not_waiting:
            return expect_waiting(step);
        case Verb::sent:
        case Verb::not_sent:
            return expect_sent(step);
        default:
            return expect_of_case(step);
    }
}

Result<void> ProcessExpectations::expect_sent(const ScenarioStep& step) {
    SCHWARM_TRY(view, host_.read());
    SCHWARM_TRY(history, view.history(state().id));
    std::vector<std::string> names;
    for (const auto& entry : history) {
        for (const auto& event : entry.events) {
            const auto* effect = std::get_if<engine::EffectRequestedV1>(&event);
            if (effect == nullptr || effect->kind == "signal") continue;
            names.push_back(effect->name);
        }
    }
    return expect_name(step, step.verb == Verb::sent, "message", names);
}

Result<void> ProcessExpectations::expect_document(const ScenarioStep& step) const {
    std::vector<std::string> names;
    for (const auto& document : state().documents) names.push_back(document.document);
    return expect_name(step, step.verb == Verb::document, "document", names);
}

Result<void> ProcessExpectations::expect_task(const ScenarioStep& step) {
    const auto* task = step.name.empty()
                           ? (state().user_tasks.empty() ? nullptr : &state().user_tasks.front())
                           : open_task(step.name);
    if (step.verb == Verb::no_task) {
        if (task == nullptr) return {};
        return scenario_failed(tasks());
    }
    if (task == nullptr) {
        return scenario_failed("there is no open task " + step.name + "; " + tasks());
    }
    SCHWARM_TRY_VOID(expect_member(step, "group", task->candidate_groups));
    SCHWARM_TRY_VOID(expect_member(step, "user", task->candidate_users));
    SCHWARM_TRY_VOID(expect_text(step, "assignee", task->assignee));
    SCHWARM_TRY_VOID(expect_text(step, "form", task->form_id));
    SCHWARM_TRY_VOID(expect_text(step, "priority", std::to_string(task->priority)));
    SCHWARM_TRY_VOID(expect_instant(step, "due", task->due));
    return expect_instant(step, "follow-up", task->follow_up);
}

Result<void> ProcessExpectations::expect_job(const ScenarioStep& step) {
    const auto* job = open_job(step.name);
    if (step.verb == Verb::no_job) {
        if (job == nullptr) return {};
        return scenario_failed("open jobs: " + joined(jobs(), ", "));
    }
    if (job == nullptr) return none_of("open job", step.name, jobs());
    SCHWARM_TRY_VOID(expect_text(step, "type", job->type));
    SCHWARM_TRY_VOID(expect_text(step, "retries", std::to_string(job->retries)));
    SCHWARM_TRY_VOID(expect_text(step, "priority", std::to_string(job->priority)));
    const auto* header = step.option("header");
    const auto* node = node_of(job->element);
    if (header == nullptr || node == nullptr) return {};
    for (const auto& one : node->details.headers) {
        if (one.key == *header) return expect_text(step, "value", one.value.source);
    }
    return scenario_failed("there is no header " + *header);
}

Result<void> ProcessExpectations::expect_timer(const ScenarioStep& step) const {
    std::vector<std::string> names;
    for (const auto& timer : state().timers) {
        names.push_back(node_id(timer.definition, timer.node));
        if (step.verb == Verb::timer && names.back() == step.name && step.option("due")) {
            return expect_instant(step, "due", timer.due);
        }
    }
    return expect_name(step, step.verb == Verb::timer, "timer", names);
}

Result<void> ProcessExpectations::expect_waiting(const ScenarioStep& step) const {
    std::vector<std::string> names;
    for (const auto& one : state().subscriptions) {
        names.push_back(one.message_name);
        if (step.verb == Verb::waiting && names.back() == step.name && step.option("key")) {
            return expect_text(step, "key", one.correlation_key);
        }
    }
    return expect_name(step, step.verb == Verb::waiting, "subscription to", names);
}

}  // namespace schwarm::services
