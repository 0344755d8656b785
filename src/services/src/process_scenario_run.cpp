// Running scenarios of plain models.
#include <algorithm>
#include <charconv>
#include <utility>

#include "scenario_models.hpp"
#include "scenario_runner.hpp"
#include "scenario_words.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::services {
namespace {

using Verb = ScenarioVerb;
using words::joined;

std::uint32_t number(const std::string& text) {
    std::uint32_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

Result<engine::Variables> variables_of(const ScenarioStep& step) {
    SCHWARM_TRY(value, feel::from_json(step.value));
    return engine::Variables::from_context(value);
}

Error none_of(std::string_view what, const std::string& name, const std::vector<std::string>& all) {
    return scenario_failed("there is no " + std::string(what) + " " + name +
                           "; there is: " + (all.empty() ? "nothing" : joined(all, ", ")));
}

// What a deployment or command was refused with.
struct Refusal {
    std::string element;  // of a command: the name of the error
    std::string reason;
};

struct Models {
    ScenarioModels models;
};

class Runner final : Models, public ScenarioRunner {
  public:
    Runner(const Scenario& scenario, const Regime& regime)
        : ScenarioRunner(
              regime, [this](const TenantId&) { return models.definitions(); }, models, scenario),
          steps_(scenario.steps) {}

  private:
    Result<void> finish() override { return no_open_incident(); }

    Result<void> run_step(const ScenarioStep& step) override {
        ++position_;
        if (step.verb == Verb::refused) return expect_refused(step);
        if (step.verb > Verb::refused) return expect(step);
        refusals_.clear();
        auto done = act_on(step);
        const bool expected = position_ < steps_.size() && steps_[position_].verb == Verb::refused;
        if (!done.has_error() || !expected) return done;
        const auto& error = done.error();
        if (refusals_.empty())
            refusals_.push_back({std::string(name_of(error.code)), error.message});
        return {};
    }

    // --- doing -----------------------------------------------------------------------------

    Result<void> act_on(const ScenarioStep& step) {
        switch (step.verb) {
            case Verb::model:
                return deploy(step);
            case Verb::decision:
                return models.deploy_decisions(step.body, step.file);
            case Verb::at:
                return move_to(step.at);
            case Verb::start:
            case Verb::start_at:
            case Verb::start_message:
                return start(step);
            case Verb::message:
                return message(step);
            case Verb::signal:
                return signal(step);
            case Verb::advance:
                return advance(step);
            default:
                break;
        }
        if (!has_case()) return scenario_failed("there is no instance yet");
        switch (step.verb) {
            case Verb::instance:
                return choose(step);
            case Verb::complete:
                return complete(step);
            case Verb::assign:
            case Verb::unassign:
                return assign(step);
            case Verb::job_complete:
            case Verb::job_fail:
            case Verb::job_error:
                return work(step);
            case Verb::set:
                return set(step);
            case Verb::resolve:
                return resolve(step);
            default:
                return act(engine::CancelCase{"scenario"}, kClerk);
        }
    }

    Result<void> deploy(const ScenarioStep& step) {
        const auto problems = models.deploy(step.body, step.file, step.line);
        for (const auto& problem : problems) {
            refusals_.push_back({problem.element_id, problem.reason});
        }
        if (problems.empty()) return {};
        return scenario_failed("the model was refused: " + problems.front().text());
    }

    Result<void> start(const ScenarioStep& step) {
        SCHWARM_TRY_VOID(host_.open());
        engine::CreateCase create;
        SCHWARM_TRY(variables, variables_of(step));
        create.variables = std::move(variables);
        if (step.verb == Verb::start_message) {
            create.start_message = step.name;
            create.definition = models.started_by_message(step.name);
        } else if (step.verb == Verb::start_at) {
            create.start_element = step.name;
            create.definition = models.with_start_event(step.name);
        } else {
            create.definition = models.newest(step.name);
        }
        if (create.definition.value().empty()) {
            return scenario_failed("no process begins with '" + step.name + "'");
        }
        return act(std::move(create), kApplicant);
    }

    // To the instance looked at, else to the first other one that waits for it.
    Result<void> message(const ScenarioStep& step) {
        SCHWARM_TRY_VOID(host_.open());
        engine::CorrelateMessage command;
        command.name = step.name;
        if (const auto* key = step.option("key")) command.correlation_key = *key;
        SCHWARM_TRY(variables, variables_of(step));
        command.variables = std::move(variables);
        const auto takes = [&](const engine::CaseState& state) {
            return std::any_of(state.subscriptions.begin(), state.subscriptions.end(),
                               [&](const engine::Subscription& waiting) {
                                   return waiting.message_name == step.name &&
                                          (!command.correlation_key ||
                                           *command.correlation_key == waiting.correlation_key);
                               });
        };
        if (has_case() && takes(state())) return act(std::move(command), kApplicant);
        const auto other = std::find_if(states().begin(), states().end(), takes);
        if (other == states().end()) return fail(ErrorCode::not_found, "nothing waits for it");
        SCHWARM_TRY_VOID(host_.submit(other->id, std::move(command), kApplicant));
        return refresh();
    }

    // To everybody who waits for it when it is sent.
    Result<void> signal(const ScenarioStep& step) {
        SCHWARM_TRY(variables, variables_of(step));
        const std::vector<engine::CaseState> before(states().begin(), states().end());
        for (const auto& state : before) {
            for (const auto& waiting : state.subscriptions) {
                if (waiting.kind != engine::SubscriptionKind::signal ||
                    waiting.message_name != step.name) {
                    continue;
                }
                const auto done = host_.submit(
                    state.id, engine::TriggerSubscription{waiting.key, variables}, kApplicant);
                // An earlier one of the same instance may have ended this one.
                if (done.has_error() && done.error().code != ErrorCode::not_found) {
                    return done.error();
                }
            }
        }
        return host_.is_open() ? refresh() : Result<void>();
    }

    Result<void> choose(const ScenarioStep& step) {
        const auto n = number(step.name);
        if (n == 0 || n > states().size()) {
            return scenario_failed("there are " + std::to_string(states().size()) + " instances");
        }
        select(n - 1);
        return {};
    }

    Result<void> complete(const ScenarioStep& step) {
        const auto* task = open_task(step.name);
        if (task == nullptr) return fail(ErrorCode::not_found, "no open task; " + tasks());
        SCHWARM_TRY(variables, variables_of(step));
        return act(engine::CompleteUserTask{task->key, std::move(variables), false}, kClerk);
    }

    Result<void> assign(const ScenarioStep& step) {
        const auto* task = open_task(step.name);
        if (task == nullptr) return fail(ErrorCode::not_found, "no open task; " + tasks());
        const auto* person = step.option("value");
        return act(
            engine::AssignUserTask{task->key, person == nullptr ? "" : *person, person == nullptr},
            kClerk);
    }

    // An open job by its type or element, whose back-off is over.
    const engine::Job* open_job(std::string_view name) {
        const auto now = host_.clock().now();
        for (const auto& job : state().jobs) {
            if (job.status != engine::JobStatus::open) continue;
            if (job.not_before && *job.not_before > now) continue;
            if (name.empty() || job.type == name || element_id(job.element) == name) return &job;
        }
        return nullptr;
    }

    std::vector<std::string> jobs() const {
        std::vector<std::string> names;
        for (const auto& job : state().jobs) {
            names.push_back(element_id(job.element) + " (" + job.type + ")");
        }
        return names;
    }

    Result<void> work(const ScenarioStep& step) {
        const auto* job = open_job(step.name);
        if (job == nullptr) {
            return fail(ErrorCode::not_found, none_of("open job", step.name, jobs()).message);
        }
        SCHWARM_TRY(variables, variables_of(step));
        const auto* said = step.option("message");
        const auto message = said == nullptr ? std::string() : *said;
        if (step.verb == Verb::job_complete) {
            return act(engine::CompleteJob{job->key, std::move(variables)}, kApplicant);
        }
        const auto& value = *step.option("value");
        if (step.verb == Verb::job_error) {
            return act(engine::ThrowError{job->key, value, message, std::move(variables)},
                       kApplicant);
        }
        engine::FailJob failed;
        failed.job = job->key;
        failed.retries = number(value);
        failed.message = message;
        failed.variables = std::move(variables);
        if (const auto* backoff = step.option("backoff")) {
            const auto period = DaysTime::parse(*backoff);
            if (!period) return scenario_failed("'backoff' needs a duration such as PT5M");
            failed.backoff = std::chrono::seconds(period->seconds);
        }
        return act(std::move(failed), kApplicant);
    }

    Result<void> set(const ScenarioStep& step) {
        SCHWARM_TRY(variables, variables_of(step));
        engine::UpdateVariables update;
        update.variables = std::move(variables);
        if (!step.name.empty()) {
            const auto& elements = state().elements;
            const auto scope = std::find_if(elements.begin(), elements.end(), [&](const auto& one) {
                return element_id(one.key) == step.name;
            });
            if (scope == elements.end()) {
                return scenario_failed("there is no active element " + step.name);
            }
            update.scope = scope->key;
            update.local = true;
        }
        return act(std::move(update), kClerk);
    }

    Result<void> resolve(const ScenarioStep& step) {
        for (const auto& incident : state().incidents) {
            if (element_id(incident.element) != step.name) continue;
            engine::ResolveIncident command;
            command.incident = incident.key;
            if (const auto* retries = step.option("retries")) command.retries = number(*retries);
            return act(command, kClerk);
        }
        return fail(ErrorCode::not_found, "there is no incident at " + step.name);
    }

    // --- looking ---------------------------------------------------------------------------

    Result<void> expect(const ScenarioStep& step) {
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

    Result<void> expect_refused(const ScenarioStep& step) const {
        std::vector<std::string> said;
        for (const auto& refusal : refusals_) {
            said.push_back(refusal.element + ": " + refusal.reason);
            const bool all =
                std::all_of(step.texts.begin(), step.texts.end(), [&](const std::string& text) {
                    return refusal.reason.find(text) != std::string::npos;
                });
            if (all && (step.name.empty() || step.name == refusal.element)) return {};
        }
        return scenario_failed(said.empty() ? "nothing was refused"
                                            : "refused was: " + joined(said, "; "));
    }

    static Result<void> expect_name(const ScenarioStep& step, bool wanted, std::string_view what,
                                    const std::vector<std::string>& names) {
        const bool found = step.name.empty()
                               ? !names.empty()
                               : std::find(names.begin(), names.end(), step.name) != names.end();
        if (found == wanted) return {};
        if (wanted) return none_of(what, step.name, names);
        return scenario_failed("there is: " + joined(names, ", "));
    }

    Result<void> expect_sent(const ScenarioStep& step) {
        SCHWARM_TRY(names, host_.sent());
        return expect_name(step, step.verb == Verb::sent, "message", names);
    }

    Result<void> expect_document(const ScenarioStep& step) const {
        std::vector<std::string> names;
        for (const auto& document : state().documents) names.push_back(document.document);
        return expect_name(step, step.verb == Verb::document, "document", names);
    }

    static Result<void> expect_text(const ScenarioStep& step, std::string_view option,
                                    const std::string& found) {
        const auto* wanted = step.option(option);
        if (wanted == nullptr || *wanted == found) return {};
        return scenario_failed(std::string(option) + " is '" + found + "', expected '" + *wanted +
                               "'");
    }

    static Result<void> expect_member(const ScenarioStep& step, std::string_view option,
                                      const std::vector<std::string>& found) {
        const auto* wanted = step.option(option);
        if (wanted == nullptr || std::find(found.begin(), found.end(), *wanted) != found.end()) {
            return {};
        }
        return scenario_failed(std::string(option) + " is " + joined(found, ", ") + ", expected " +
                               *wanted);
    }

    static Result<void> expect_instant(const ScenarioStep& step, std::string_view option,
                                       const std::optional<Instant>& found) {
        const auto* wanted = step.option(option);
        if (wanted == nullptr) return {};
        SCHWARM_TRY(at, words::parse_at(*wanted));
        if (found == at) return {};
        return scenario_failed(
            std::string(option) + " is " +
            (found ? feel::Value(DateTime::from_instant(*found, *find_zone("Europe/Berlin")))
                         .to_feel()
                   : "not set") +
            ", expected " + *wanted);
    }

    Result<void> expect_task(const ScenarioStep& step) {
        const auto* task =
            step.name.empty() ? (state().user_tasks.empty() ? nullptr : &state().user_tasks.front())
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

    Result<void> expect_job(const ScenarioStep& step) {
        const auto* job = open_job(step.name);
        if (step.verb == Verb::no_job) {
            if (job == nullptr) return {};
            return scenario_failed("open jobs: " + joined(jobs(), ", "));
        }
        if (job == nullptr) return none_of("open job", step.name, jobs());
        SCHWARM_TRY_VOID(expect_text(step, "type", job->type));
        SCHWARM_TRY_VOID(expect_text(step, "retries", std::to_string(job->retries)));
        const auto* header = step.option("header");
        const auto* node = node_of(job->element);
        if (header == nullptr || node == nullptr) return {};
        for (const auto& one : node->details.headers) {
            if (one.key == *header) return expect_text(step, "value", one.value.source);
        }
        return scenario_failed("there is no header " + *header);
    }

    Result<void> expect_timer(const ScenarioStep& step) const {
        std::vector<std::string> names;
        for (const auto& timer : state().timers) {
            names.push_back(node_id(timer.definition, timer.node));
            if (step.verb == Verb::timer && names.back() == step.name && step.option("due")) {
                return expect_instant(step, "due", timer.due);
            }
        }
        return expect_name(step, step.verb == Verb::timer, "timer", names);
    }

    Result<void> expect_waiting(const ScenarioStep& step) const {
        std::vector<std::string> names;
        for (const auto& one : state().subscriptions) {
            names.push_back(one.message_name);
            if (step.verb == Verb::waiting && names.back() == step.name && step.option("key")) {
                return expect_text(step, "key", one.correlation_key);
            }
        }
        return expect_name(step, step.verb == Verb::waiting, "subscription to", names);
    }

    const std::vector<ScenarioStep>& steps_;
    std::size_t position_ = 0;  // of the next step
    std::vector<Refusal> refusals_;
};

}  // namespace

std::vector<ScenarioResult> run_process_scenarios(const ScenarioFile& file,
                                                  std::span<const Regime> regimes) {
    std::vector<ScenarioResult> results;
    for (const auto& scenario : file.scenarios) {
        std::string end;
        for (const auto& regime : regimes) {
            auto result = Runner(scenario, regime).run(file.name);
            result.regime = regime.name;
            if (&regime == regimes.data()) {
                end = result.end;
            } else if (result.ok && result.end != end) {
                result.ok = false;
                result.message = "its instances end otherwise than in " + regimes.front().name;
            }
            results.push_back(std::move(result));
        }
    }
    return results;
}

}  // namespace schwarm::services
