// Running scenarios over the real runtime with storage in memory.
#include <algorithm>
#include <atomic>
#include <utility>

#include "parts.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/bpmn/process.hpp"
#include "schwarm/engine/engine.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/feel/operations.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/services/bindings.hpp"
#include "schwarm/storage/memory.hpp"

namespace schwarm::services {
namespace {

using Verb = ScenarioVerb;

const TenantId kTenant("musterstadt");
constexpr std::string_view kApplicant = "scenario:applicant";
constexpr std::string_view kClerk = "scenario:clerk";
constexpr std::size_t kTimersMax = 1000;  // fired by one step

Error failed(std::string reason) {
    return fail(ErrorCode::conflict, std::move(reason));
}

// Set by the scenario, read by the runtime's threads.
class StepClock final : public Clock {
  public:
    Instant now() const override { return Instant(std::chrono::milliseconds(ms_.load())); }
    void set(Instant to) { ms_.store(to.time_since_epoch().count()); }

  private:
    std::atomic<std::int64_t> ms_{0};
};

Instant default_start() {
    const auto zone = find_zone("Europe/Berlin");
    CHECK(zone.has_value(), "the system has no time zone data for Europe/Berlin");
    const auto date = Date::from_civil(2026, 1, 15);
    return DateTime{*date, *Time::from_parts(9, 0, 0, 0, *zone)}.to_instant();
}

Authority example_authority() {
    Authority a;
    a.name = "Stadt Musterstadt";
    a.office = "Bürgeramt";
    a.street = "Marktplatz 1";
    a.postal_code = "04109";
    a.town = "Musterstadt";
    a.phone = "0341 12345-0";
    a.email = "buergeramt@musterstadt.example";
    a.reference = "32.1";
    a.objection_office = "Stadt Musterstadt, Rechtsamt, Marktplatz 1, 04109 Musterstadt";
    return a;
}

std::string in_quotes(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string out;
    for (const auto& part : parts) {
        if (!out.empty()) out += between;
        out += part;
    }
    return out;
}

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

class Runner {
  public:
    Runner(std::shared_ptr<const Package> package, const Scenario& scenario)
        : package_(std::move(package)), scenario_(scenario), random_(1), bindings_(registry_) {
        clock_.set(default_start());
    }

    ScenarioResult run(const std::string& file) {
        ScenarioResult result{file, scenario_.title, scenario_.line, false, {}};
        for (const auto& step : scenario_.steps) {
            const auto done = run_step(step);
            if (done.has_error()) {
                result.line = step.line;
                result.message = done.error().message;
                return result;
            }
        }
        if (!refused_.empty() && !refusal_expected_) {
            result.message = "the form was refused: " + refusals();
        } else if (case_id_ && !incident_expected_ && !state_.incidents.empty()) {
            result.message = "an incident is open: " + state_.incidents.front().reason;
        } else {
            result.ok = true;
        }
        return result;
    }

  private:
    Result<void> run_step(const ScenarioStep& step) {
        switch (step.verb) {
            case Verb::at:
                return move_to(step.at);
            case Verb::setting:
                return set(step);
            case Verb::start:
                return start(step);
            case Verb::refused:
                return expect_refused(step);
            default:
                break;
        }
        if (!refused_.empty() && !refusal_expected_) {
            return failed("the form was refused: " + refusals());
        }
        if (!case_id_) return failed("there is no case yet: 'start' must come first");
        switch (step.verb) {
            case Verb::complete:
                return complete(step);
            case Verb::documents:
                return correlate(package_->documents_message, "documents", {});
            case Verb::withdraw:
                return correlate(package_->withdrawal_message, "withdrawal", {});
            case Verb::send: {
                SCHWARM_TRY(variables, feel::from_json(step.value));
                return correlate(step.name, "", engine::Variables::from_context(variables));
            }
            case Verb::advance:
                return advance(step);
            default:
                return expect(step);
        }
    }

    // --- doing -----------------------------------------------------------------------------

    Result<void> set(const ScenarioStep& step) {
        if (case_id_) return failed("settings stand before 'start'");
        settings_.set(step.name, step.value);
        SCHWARM_TRY(checked, resolve_settings(*package_, settings_));
        return {};
    }

    Result<void> open_node() {
        if (runtime_) return {};
        SCHWARM_TRY_VOID(registry_.add(package_, clock_.now()));
        Tenant tenant;
        tenant.id = kTenant;
        tenant.authority = example_authority();
        tenant.services.push_back({package_->id, settings_});
        SCHWARM_TRY_VOID(registry_.add_tenant(std::move(tenant)));
        runtime::Environment environment{
            *storage_,
            clock_,
            random_,
            crypto::Key::random(random_),
            [this](const TenantId& id) { return bindings_.definitions(id); },
            {},
            {},
            {},
            {}};
        runtime::Options options;
        options.cached_cases_max = 16;
        SCHWARM_TRY(runtime, runtime::Runtime::open(std::move(environment), options));
        runtime_ = std::move(runtime);
        return runtime_->ensure_tenant(kTenant);
    }

    Result<void> start(const ScenarioStep& step) {
        if (case_id_) return failed("a scenario starts one case");
        SCHWARM_TRY_VOID(open_node());
        SCHWARM_TRY(answers, feel::from_json(step.value));
        forms::Context context;
        context.clock = &clock_;
        const auto judged = package_->form().validate(answers, context);
        refused_ = judged.errors;
        refusal_expected_ = false;
        if (!judged.ok()) return {};
        const auto offer = registry_.offer(kTenant, package_->id);
        CHECK(offer.has_value(), "the scenario's tenant offers its service");
        engine::CreateCase create;
        create.definition = engine::DefinitionKey(definition_key(*package_));
        create.variables =
            start_variables(*package_, judged.cleaned, offer->settings, clock_.now(), "scenario");
        return act(std::move(create), kApplicant);
    }

    Result<void> act(engine::CommandBody body, std::string_view actor) {
        runtime::Submission submission;
        submission.tenant = kTenant;
        if (case_id_) submission.case_id = *case_id_;
        submission.command.actor = std::string(actor);
        submission.command.body = std::move(body);
        SCHWARM_TRY(reply, runtime_->submit_and_wait(std::move(submission)));
        case_id_ = reply.case_id;
        return refresh();
    }

    Result<void> refresh() {
        runtime_->wait_idle();
        SCHWARM_TRY(view, runtime_->read(kTenant));
        SCHWARM_TRY(state, view.case_state(*case_id_));
        state_ = std::move(state);
        return {};
    }

    Result<void> correlate(const std::string& name, std::string_view member,
                           engine::Variables variables) {
        if (name.empty()) {
            return failed("service.json names no message '" + std::string(member) + "'");
        }
        engine::CorrelateMessage message;
        message.name = name;
        message.variables = std::move(variables);
        auto done = act(std::move(message), kApplicant);
        if (done.has_error()) {
            return failed("the case does not wait for message '" + name + "' (" +
                          done.error().text() + ")");
        }
        return {};
    }

    const engine::UserTask* open_task(std::string_view element) const {
        for (const auto& task : state_.user_tasks) {
            if (element_id(task.key) == element) return &task;
        }
        return nullptr;
    }

    Result<void> complete(const ScenarioStep& step) {
        const auto* task = open_task(step.name);
        if (task == nullptr) return failed("there is no open task " + step.name + "; " + tasks());
        SCHWARM_TRY(answers, feel::from_json(step.value));
        if (const auto* form = package_->find_form(task->form_id)) {
            forms::Context context;
            const auto known = state_.variables.to_context();
            context.known = &known;
            context.clock = &clock_;
            auto judged = form->validate(answers, context);
            refused_ = judged.errors;
            refusal_expected_ = false;
            if (!judged.ok()) return {};
            answers = std::move(judged.cleaned);
        }
        engine::CompleteUserTask command;
        command.task = task->key;
        command.variables = engine::Variables::from_context(answers);
        return act(std::move(command), kClerk);
    }

    Result<void> move_to(Instant target) {
        if (case_id_ && target < clock_.now()) return failed("the clock does not go back");
        // One timer after the other, each at its time: what it starts may arm the next.
        for (std::size_t fired = 0; case_id_ && fired < kTimersMax; ++fired) {
            std::optional<Instant> due;
            for (const auto& timer : state_.timers) {
                if (timer.due <= target && (!due || timer.due < *due)) due = timer.due;
            }
            if (!due) break;
            const auto timers = state_.timers;
            clock_.set(std::max(*due, clock_.now()));
            runtime_->wake();
            SCHWARM_TRY_VOID(refresh());
            if (state_.timers == timers) break;
        }
        clock_.set(target);
        if (!case_id_) return {};
        runtime_->wake();
        return refresh();
    }

    Result<void> advance(const ScenarioStep& step) {
        const auto zone = find_zone("Europe/Berlin");
        auto at = DateTime::from_instant(clock_.now(), *zone);
        const auto days = step.time.seconds / kSecondsPerDay;
        const auto rest = step.time.seconds % kSecondsPerDay;
        if (step.months.months > 0) {
            at.date = add_months(at.date, step.months.months).value_or(at.date);
        } else {
            at.date = add_days(at.date, days).value_or(at.date);
        }
        return move_to(at.to_instant() + std::chrono::seconds(rest));
    }

    // --- looking ---------------------------------------------------------------------------

    Result<void> expect(const ScenarioStep& step) {
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
            case Verb::document:
            case Verb::no_document:
                return expect_document(step);
            case Verb::task:
            case Verb::no_task:
                return expect_task(step);
            case Verb::milestone: {
                const auto now = current_milestone(*package_, state_);
                if (now == step.name) return {};
                return failed("the milestone is " + (now.empty() ? "none" : now) + ", expected " +
                              step.name);
            }
            case Verb::message:
            case Verb::no_message:
            case Verb::print:
            case Verb::no_print:
                return expect_queue(step);
            case Verb::incident:
            case Verb::no_incident:
                return expect_incident(step);
            default:
                return failed("this step cannot stand here");
        }
    }

    Result<void> expect_refused(const ScenarioStep& step) {
        refusal_expected_ = true;
        if (refused_.empty()) return failed("the form was not refused");
        for (const auto& error : refused_) {
            if (error.path != step.name) continue;
            const bool all =
                std::all_of(step.texts.begin(), step.texts.end(), [&](const std::string& text) {
                    return error.message.find(text) != std::string::npos;
                });
            if (all) return {};
        }
        return failed("refused was: " + refusals());
    }

    std::string refusals() const {
        std::vector<std::string> parts;
        for (const auto& error : refused_) parts.push_back(error.path + ": " + error.message);
        return joined(parts, "; ");
    }

    Result<void> expect_path(const ScenarioStep& step) {
        SCHWARM_TRY(view, runtime_->read(kTenant));
        SCHWARM_TRY(history, view.history(*case_id_));
        std::vector<engine::Event> events;
        for (auto& entry : history) {
            for (auto& event : entry.events) events.push_back(std::move(event));
        }
        const auto path = engine::element_path(events, state_, bindings_);
        const bool entered = std::find(path.begin(), path.end(), step.name) != path.end();
        bool ok = false;
        if (step.verb == Verb::path) {
            ok = path_matches(step.texts, path);
        } else {
            ok = entered == (step.verb == Verb::entered);
        }
        if (ok) return {};
        return failed("the path was " + joined(path, " > "));
    }

    Result<void> expect_state(const ScenarioStep& step) {
        const auto now = state_.status == engine::CaseStatus::active      ? "active"
                         : state_.status == engine::CaseStatus::completed ? "completed"
                                                                          : "terminated";
        if (now == step.name) return {};
        std::string reason = "the state is " + std::string(now) + ", expected " + step.name;
        if (!state_.incidents.empty()) {
            reason += "; incident at " + element_id(state_.incidents.front().element) + ": " +
                      state_.incidents.front().reason;
        } else if (!state_.user_tasks.empty()) {
            reason += "; " + tasks();
        }
        return failed(std::move(reason));
    }

    feel::Value evaluate(const ScenarioStep& step, feel::Diagnostics& diagnostics) const {
        const auto clock = ManualClock(clock_.now());
        return feel::evaluate(step.expression, state_.variables.to_context(), &diagnostics, &clock);
    }

    Result<void> expect_variable(const ScenarioStep& step) {
        feel::Diagnostics diagnostics;
        const auto wanted = evaluate(step, diagnostics);
        const auto found = state_.variables.to_context().get(step.name);
        if (found == wanted || feel::equal(found, wanted).value_or(false)) return {};
        return failed("variable " + step.name + " is " + found.to_feel() + ", expected " +
                      wanted.to_feel());
    }

    Result<void> expect_that(const ScenarioStep& step) {
        feel::Diagnostics diagnostics;
        const auto value = evaluate(step, diagnostics);
        if (value.is_true()) return {};
        std::string reason = step.expression.text() + " is " + value.to_feel();
        if (!diagnostics.empty()) reason += " (" + diagnostics.items().front().reason + ")";
        return failed(std::move(reason));
    }

    Result<void> expect_document(const ScenarioStep& step) {
        const engine::Document* found = nullptr;
        std::vector<std::string> names;
        for (const auto& document : state_.documents) {
            names.push_back(document.document);
            if (step.name.empty() || document.document == step.name) found = &document;
        }
        if (step.verb == Verb::no_document) {
            if (found == nullptr) return {};
            return failed("there is a document " + found->document);
        }
        if (found == nullptr) {
            return failed("there is no document " + step.name +
                          "; there are: " + joined(names, ", "));
        }
        const auto authority = example_authority();
        DocumentPlace place{package_->case_prefix + "-2026-0000001", local_day(state_.created),
                            &authority};
        auto html = render_document(*package_, *found, place);
        if (!html) return failed("document " + step.name + ": " + html.error().text());
        const auto text = plain_text(*html);
        for (const auto& wanted : step.texts) {
            if (text.find(wanted) == std::string::npos) {
                return failed("document " + step.name + " does not contain " + in_quotes(wanted) +
                              "; it says: " + text);
            }
        }
        for (const auto& unwanted : step.lacks) {
            if (text.find(unwanted) != std::string::npos) {
                return failed("document " + step.name + " contains " + in_quotes(unwanted));
            }
        }
        return {};
    }

    std::string tasks() const {
        std::vector<std::string> names;
        for (const auto& task : state_.user_tasks) names.push_back(element_id(task.key));
        return names.empty() ? "there are no open tasks" : "open tasks: " + joined(names, ", ");
    }

    // The texts of the reasons a task gives for needing a human.
    std::vector<std::string> reasons(const engine::UserTask& task) const {
        std::vector<std::string> texts;
        const auto* value = state_.variable(task.key, "gruende");
        if (value == nullptr || !value->is_list()) return texts;
        for (const auto& reason : value->as_list()) {
            texts.push_back(reason.is_context() ? display_text(reason.get("text")) + " (" +
                                                      display_text(reason.get("vorschrift")) + ")"
                                                : display_text(reason));
        }
        return texts;
    }

    Result<void> expect_task(const ScenarioStep& step) {
        const engine::UserTask* task =
            step.name.empty() ? (state_.user_tasks.empty() ? nullptr : &state_.user_tasks.front())
                              : open_task(step.name);
        if (step.verb == Verb::no_task) {
            if (task == nullptr) return {};
            return failed(tasks());
        }
        if (task == nullptr) {
            const auto* incident = state_.incidents.empty() ? nullptr : &state_.incidents.front();
            return failed("there is no open task " + step.name + "; " + tasks() +
                          (incident ? "; incident: " + incident->reason : ""));
        }
        const auto& groups = task->candidate_groups;
        if (!step.group.empty() &&
            std::find(groups.begin(), groups.end(), step.group) == groups.end()) {
            return failed("the task's groups are " + joined(groups, ", "));
        }
        const auto given = reasons(*task);
        for (const auto& wanted : step.texts) {
            const bool found =
                std::any_of(given.begin(), given.end(), [&](const std::string& reason) {
                    return reason.find(wanted) != std::string::npos;
                });
            if (!found) {
                return failed("no reason contains " + in_quotes(wanted) +
                              "; reasons: " + (given.empty() ? "none" : joined(given, "; ")));
            }
        }
        return {};
    }

    Result<void> expect_queue(const ScenarioStep& step) {
        SCHWARM_TRY(view, runtime_->read(kTenant));
        std::vector<std::string> names;
        if (step.verb == Verb::print || step.verb == Verb::no_print) {
            SCHWARM_TRY(jobs, view.print_queue());
            for (const auto& job : jobs) names.push_back(job.name);
        } else {
            SCHWARM_TRY(messages, view.inbox(kApplicant));
            for (const auto& message : messages) names.push_back(message.name);
        }
        const auto there = joined(names, ", ");
        if (step.verb == Verb::no_print || step.verb == Verb::no_message) {
            const bool none = step.name.empty()
                                  ? names.empty()
                                  : std::find(names.begin(), names.end(), step.name) == names.end();
            if (none) return {};
            return failed("there is: " + there);
        }
        if (std::find(names.begin(), names.end(), step.name) != names.end()) return {};
        return failed("there is no " + step.name +
                      "; there is: " + (there.empty() ? "nothing" : there));
    }

    Result<void> expect_incident(const ScenarioStep& step) {
        incident_expected_ = true;
        std::vector<std::string> seen;
        for (const auto& incident : state_.incidents) {
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
        return failed("incidents: " + (seen.empty() ? "none" : joined(seen, "; ")));
    }

    std::string element_id(ElementKey key) const {
        const auto* element = state_.element(key);
        const auto& nodes = package_->process->nodes;
        if (element == nullptr || element->definition != 0 || element->node >= nodes.size()) {
            return {};
        }
        return nodes[element->node].id;
    }

    std::shared_ptr<const Package> package_;
    const Scenario& scenario_;
    StepClock clock_;
    SeededRandom random_;
    json::Value settings_ = json::Value::object();
    std::unique_ptr<storage::Storage> storage_ = storage::make_memory_storage();
    Registry registry_;
    Bindings bindings_;
    std::unique_ptr<runtime::Runtime> runtime_;  // after all it borrows
    std::optional<CaseId> case_id_;
    engine::CaseState state_;
    std::vector<forms::FieldError> refused_;
    bool refusal_expected_ = false;
    bool incident_expected_ = false;
};

}  // namespace

std::vector<ScenarioResult> run_scenarios(const std::shared_ptr<const Package>& package) {
    std::vector<ScenarioResult> results;
    for (const auto& file : package->parts->scenarios) {
        for (const auto& scenario : file.scenarios) {
            results.push_back(Runner(package, scenario).run(file.name));
        }
    }
    return results;
}

}  // namespace schwarm::services
