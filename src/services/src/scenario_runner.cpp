#include "scenario_runner.hpp"

#include <algorithm>
#include <utility>

#include "scenario_words.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/feel/operations.hpp"

namespace schwarm::services {
namespace {

using Verb = ScenarioVerb;
using words::in_quotes;
using words::joined;

constexpr std::size_t kTimersMax = 1000;  // fired by one step

// Does `path` match `pattern`, in which "..." stands for any number of elements?
bool path_matches(std::span<const std::string> pattern, std::span<const std::string> path) {
    if (pattern.empty()) return path.empty();
    if (pattern.front() == "...") {
        for (std::size_t skip = 0; skip <= path.size(); ++skip) {
            if (path_matches(pattern.subspan(1), path.subspan(skip))) return true;
        }
        return false;
    }
    return !path.empty() && path.front() == pattern.front() &&
           path_matches(pattern.subspan(1), path.subspan(1));
}

// The nearest timer of all cases that is due by `target`.
std::optional<Instant> next_timer(std::span<const engine::CaseState> states, Instant target) {
    std::optional<Instant> due;
    for (const auto& state : states) {
        for (const auto& timer : state.timers) {
            if (timer.due <= target && (!due || timer.due < *due)) due = timer.due;
        }
    }
    return due;
}

}  // namespace

Error scenario_failed(std::string reason) {
    return fail(ErrorCode::conflict, std::move(reason));
}

ScenarioResult ScenarioRunner::run(const std::string& file) {
    ScenarioResult result;
    result.file = file;
    result.title = scenario_.title;
    result.line = scenario_.line;
    result.covers = scenario_.covers;
    for (const auto& step : scenario_.steps) {
        const auto done = run_step(step);
        if (!done.has_error()) continue;
        result.line = step.line;
        result.message = done.error().message;
        return result;
    }
    const auto done = finish();
    result.ok = !done.has_error();
    if (done.has_error()) result.message = done.error().message;
    for (const auto& state : states_) result.end += engine::encode_state(state);
    return result;
}

Result<void> ScenarioRunner::act(engine::CommandBody body, std::string_view actor) {
    const bool creates = std::holds_alternative<engine::CreateCase>(body);
    const CaseId id = creates || !has_case() ? CaseId() : state().id;
    SCHWARM_TRY(reply, host_.submit(id, std::move(body), actor));
    SCHWARM_TRY_VOID(refresh());
    for (std::size_t n = 0; creates && n < states_.size(); ++n) {
        if (states_[n].id == reply.case_id) selected_ = n;
    }
    return {};
}

Result<void> ScenarioRunner::refresh() {
    SCHWARM_TRY(view, host_.read());
    std::vector<engine::CaseState> states;
    runtime::CaseFilter filter;
    filter.limit = 500;
    do {
        SCHWARM_TRY(page, view.cases(filter));
        for (const auto& row : page.rows) {
            if (row.quarantined) return scenario_failed("the case is in quarantine");
            SCHWARM_TRY(state, view.case_state(row.id));
            states.push_back(std::move(state));
        }
        filter.cursor = page.next;
    } while (!filter.cursor.empty());
    std::reverse(states.begin(), states.end());
    states_ = std::move(states);
    return {};
}

Result<void> ScenarioRunner::move_to(Instant target) {
    auto& clock = host_.clock();
    if (host_.is_open() && target < clock.now()) {
        return scenario_failed("the clock does not go back");
    }
    // One timer after the other, each at its time: what it starts may arm the next.
    for (std::size_t fired = 0; fired < kTimersMax; ++fired) {
        const auto due = next_timer(states_, target);
        if (!due) break;
        const auto before = states_;
        clock.set(std::max(*due, clock.now()));
        SCHWARM_TRY_VOID(host_.wake());
        SCHWARM_TRY_VOID(refresh());
        if (states_ == before) break;
    }
    clock.set(target);
    if (!host_.is_open()) return {};
    SCHWARM_TRY_VOID(host_.wake());
    return refresh();
}

Result<void> ScenarioRunner::advance(const ScenarioStep& step) {
    const auto zone = find_zone("Europe/Berlin");
    CHECK(zone.has_value(), "the system has no time zone data for Europe/Berlin");
    auto at = DateTime::from_instant(host_.clock().now(), *zone);
    const auto days = step.time.seconds / kSecondsPerDay;
    const auto rest = step.time.seconds % kSecondsPerDay;
    if (step.months.months > 0) {
        at.date = add_months(at.date, step.months.months).value_or(at.date);
    } else {
        at.date = add_days(at.date, days).value_or(at.date);
    }
    return move_to(at.to_instant() + std::chrono::seconds(rest));
}

Result<void> ScenarioRunner::expect_of_case(const ScenarioStep& step) {
    switch (step.verb) {
        case Verb::path:
        case Verb::entered:
        case Verb::not_entered:
            return expect_path(step);
        case Verb::state:
            return expect_state(step);
        case Verb::variable:
            return expect_variable(step);
        case Verb::that:
            return expect_that(step);
        case Verb::incident:
        case Verb::no_incident:
            return expect_incident(step);
        default:
            return scenario_failed("this step cannot stand here");
    }
}

Result<void> ScenarioRunner::expect_path(const ScenarioStep& step) {
    SCHWARM_TRY(view, host_.read());
    SCHWARM_TRY(history, view.history(state().id));
    std::vector<engine::Event> events;
    for (auto& entry : history) {
        for (auto& event : entry.events) events.push_back(std::move(event));
    }
    const auto path = engine::element_path(events, state(), processes_);
    const auto times = std::count(path.begin(), path.end(), step.name);
    bool ok = false;
    if (step.verb == Verb::path) {
        ok = path_matches(step.texts, path);
    } else if (const auto* wanted = step.option("times")) {
        ok = std::to_string(times) == *wanted;
    } else {
        ok = (times > 0) == (step.verb == Verb::entered);
    }
    if (ok) return {};
    return scenario_failed("the path was " + joined(path, " > "));
}

Result<void> ScenarioRunner::expect_state(const ScenarioStep& step) {
    const auto now = state().status == engine::CaseStatus::active      ? "active"
                     : state().status == engine::CaseStatus::completed ? "completed"
                                                                       : "terminated";
    if (now == step.name) return {};
    std::string reason = "the state is " + std::string(now) + ", expected " + step.name;
    if (!state().incidents.empty()) {
        const auto& incident = state().incidents.front();
        reason += "; incident at " + element_id(incident.element) + ": " + incident.reason;
    } else if (!state().user_tasks.empty()) {
        reason += "; " + tasks();
    }
    return scenario_failed(std::move(reason));
}

feel::Value ScenarioRunner::evaluate(const ScenarioStep& step, feel::Diagnostics& diagnostics) {
    const auto clock = ManualClock(host_.clock().now());
    return feel::evaluate(step.expression, state().variables.to_context(), &diagnostics, &clock);
}

Result<void> ScenarioRunner::expect_variable(const ScenarioStep& step) {
    feel::Diagnostics diagnostics;
    const auto wanted = evaluate(step, diagnostics);
    const auto found = state().variables.to_context().get(step.name);
    if (found == wanted || feel::equal(found, wanted).value_or(false)) return {};
    return scenario_failed("variable " + step.name + " is " + found.to_feel() + ", expected " +
                           wanted.to_feel());
}

Result<void> ScenarioRunner::expect_that(const ScenarioStep& step) {
    feel::Diagnostics diagnostics;
    const auto value = evaluate(step, diagnostics);
    if (value.is_true()) return {};
    std::string reason = step.expression.text() + " is " + value.to_feel();
    if (!diagnostics.empty()) reason += " (" + diagnostics.items().front().reason + ")";
    return scenario_failed(std::move(reason));
}

Result<void> ScenarioRunner::expect_incident(const ScenarioStep& step) {
    incident_expected_ = true;
    std::vector<std::string> seen;
    for (const auto& incident : state().incidents) {
        const auto element = element_id(incident.element);
        seen.push_back(element + ": " + incident.reason);
        const bool named = step.name.empty() || step.name == element;
        const bool said =
            std::all_of(step.texts.begin(), step.texts.end(), [&](const std::string& text) {
                return incident.reason.find(text) != std::string::npos;
            });
        if (step.verb == Verb::incident && named && said) return {};
    }
    if (step.verb == Verb::no_incident && seen.empty()) return {};
    return scenario_failed("incidents: " + (seen.empty() ? "none" : joined(seen, "; ")));
}

Result<void> ScenarioRunner::no_open_incident() const {
    if (incident_expected_) return {};
    for (const auto& state : states_) {
        if (!state.incidents.empty()) {
            return scenario_failed("an incident is open: " + state.incidents.front().reason);
        }
    }
    return {};
}

std::string ScenarioRunner::node_id(std::uint16_t definition, bpmn::NodeIndex node) const {
    if (definition >= state().definitions.size()) return {};
    const auto* process = processes_.process(state().definitions[definition]);
    return process == nullptr || node >= process->nodes.size() ? "" : process->nodes[node].id;
}

const bpmn::Node* ScenarioRunner::node_of(ElementKey key) const {
    const auto* element = state().element(key);
    if (element == nullptr || element->definition >= state().definitions.size()) return nullptr;
    const auto* process = processes_.process(state().definitions[element->definition]);
    return process == nullptr || element->node >= process->nodes.size()
               ? nullptr
               : &process->nodes[element->node];
}

std::string ScenarioRunner::element_id(ElementKey key) const {
    const auto* node = node_of(key);
    return node == nullptr ? "" : node->id;
}

const engine::UserTask* ScenarioRunner::open_task(std::string_view element) const {
    for (const auto& task : state().user_tasks) {
        if (element_id(task.key) == element) return &task;
    }
    return nullptr;
}

std::string ScenarioRunner::tasks() const {
    std::vector<std::string> names;
    for (const auto& task : state().user_tasks) names.push_back(element_id(task.key));
    return names.empty() ? "there are no open tasks" : "open tasks: " + joined(names, ", ");
}

}  // namespace schwarm::services
