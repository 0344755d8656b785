// Running scenarios of plain models.
#include <algorithm>
#include <utility>

#include "process_expectations.hpp"
#include "scenario_commands.hpp"
#include "scenario_models.hpp"
#include "scenario_words.hpp"
#include "schwarm/engine/migration.hpp"

namespace schwarm::services {
namespace {

using Verb = ScenarioVerb;
using commands::number;
using commands::variables_of;
using words::joined;

// What a deployment or command was refused with.
struct Refusal {
    std::string element;  // of a command: the name of the error
    std::string reason;
};

struct Models {
    ScenarioModels models;
};

class Runner final : Models, public ProcessExpectations {
  public:
    Runner(const Scenario& scenario, const Regime& regime)
        : ProcessExpectations(
              regime, [this](const TenantId&) { return models.definitions(); }, &models, models,
              scenario),
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
            case Verb::start_before:
                return start(step);
            case Verb::start_message:
            case Verb::start_signal:
                return start_from_outside(step);
            case Verb::start_conditional:
                return start_by_condition(step);
            case Verb::message:
                return message(step);
            case Verb::signal:
                return signal(step);
            case Verb::advance:
                SCHWARM_TRY_VOID(host_.open());
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
            case Verb::job_deny:
            case Verb::job_correct:
            case Verb::job_activate:
                return work(step);
            case Verb::job_set:
                return change_job(step);
            case Verb::task_set:
                return change_task(step);
            case Verb::activate:
                return activate(step);
            case Verb::modify: {
                SCHWARM_TRY(command, commands::modification(step));
                return act(std::move(command), kClerk);
            }
            case Verb::migrate:
            case Verb::check_migrate:
                return migrate(step);
            case Verb::set:
                return set(step);
            case Verb::resolve:
                return resolve(step);
            case Verb::batch_resolve:
                return resolve_all(step);
            default:
                return act(engine::CancelCase{"scenario"}, kClerk);
        }
    }

    Result<void> deploy(const ScenarioStep& step) {
        const auto problems = models.deploy(step.body, step.file, step.line);
        for (const auto& problem : problems) {
            refusals_.push_back({problem.element_id, problem.reason});
        }
        if (problems.empty()) return host_.is_open() ? host_.deployed() : Result<void>();
        return scenario_failed("the model was refused: " + problems.front().text());
    }

    Result<void> start(const ScenarioStep& step) {
        SCHWARM_TRY_VOID(host_.open());
        engine::CreateCase create;
        SCHWARM_TRY(variables, variables_of(step));
        create.variables = std::move(variables);
        if (step.verb == Verb::start_before) {
            SCHWARM_TRY(instructions, commands::start_instructions(step));
            create.start_instructions = std::move(instructions);
            create.definition = models.newest({});
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

    // What began is looked at.
    Result<void> start_from_outside(const ScenarioStep& step) {
        const auto before = states().size();
        SCHWARM_TRY_VOID(step.verb == Verb::start_signal ? signal(step) : publish(step));
        if (states().size() == before) return fail(ErrorCode::not_found, "nothing begins with it");
        select(states().size() - 1);
        return {};
    }

    // Conditional start events of the current versions; what began last is looked at.
    Result<void> start_by_condition(const ScenarioStep& step) {
        SCHWARM_TRY_VOID(host_.open());
        SCHWARM_TRY(variables, variables_of(step));
        bool began = false;
        for (const auto& current : models.current_processes(ScenarioHost::tenant())) {
            const auto& process = *current.process;
            if (!step.name.empty() && process.id != step.name) continue;
            for (const auto node :
                 engine::conditional_starts(process, variables, host_.clock().now())) {
                engine::CreateCase create;
                create.definition = current.definition;
                create.start_element = process.node(node).id;
                create.variables = variables;
                SCHWARM_TRY_VOID(act(std::move(create), kApplicant));
                began = true;
            }
        }
        return began ? Result<void>() : fail(ErrorCode::not_found, "nothing begins with it");
    }

    Result<void> publish(const ScenarioStep& step) {
        SCHWARM_TRY_VOID(host_.open());
        runtime::Message message;
        message.name = step.name;
        SCHWARM_TRY(variables, variables_of(step));
        message.variables = std::move(variables);
        if (const auto* key = step.option("key")) message.correlation_key = *key;
        if (const auto* id = step.option("id")) message.id = *id;
        const auto* keep = step.option("keep");
        if (keep != nullptr) {
            SCHWARM_TRY(period, commands::period(*keep));
            message.time_to_live = period;
        }
        SCHWARM_TRY_VOID(host_.message(message, keep != nullptr, std::string(kApplicant)));
        return refresh();
    }

    // Without a key to the instance looked at, else to the first other one that waits for it.
    Result<void> message(const ScenarioStep& step) {
        if (step.option("key") != nullptr || step.option("keep") != nullptr) return publish(step);
        SCHWARM_TRY_VOID(host_.open());
        engine::CorrelateMessage command;
        command.name = step.name;
        SCHWARM_TRY(variables, variables_of(step));
        command.variables = std::move(variables);
        const auto takes = [&](const engine::CaseState& state) {
            return std::any_of(state.subscriptions.begin(), state.subscriptions.end(),
                               [&](const engine::Subscription& waiting) {
                                   return waiting.message_name == step.name;
                               });
        };
        if (has_case() && takes(state())) return act(std::move(command), kApplicant);
        const auto other = std::find_if(states().begin(), states().end(), takes);
        if (other == states().end()) return fail(ErrorCode::not_found, "nothing waits for it");
        SCHWARM_TRY_VOID(host_.submit(other->id, std::move(command), kApplicant));
        return refresh();
    }

    Result<void> signal(const ScenarioStep& step) {
        SCHWARM_TRY_VOID(host_.open());
        SCHWARM_TRY(variables, variables_of(step));
        SCHWARM_TRY_VOID(host_.signal(step.name, variables, std::string(kApplicant)));
        return refresh();
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

    Result<void> work(const ScenarioStep& step) {
        const auto* job = open_job(step.name);
        if (job == nullptr) {
            return fail(ErrorCode::not_found, none_of("open job", step.name, jobs()).message);
        }
        SCHWARM_TRY(variables, variables_of(step));
        const auto* said = step.option("message");
        const auto message = said == nullptr ? std::string() : *said;
        if (step.verb != Verb::job_fail && step.verb != Verb::job_error) {
            return act(
                engine::CompleteJob{job->key, std::move(variables), commands::job_result(step)},
                job->type == engine::kEvidenceJob ? "system:evidence" : kApplicant);
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
            SCHWARM_TRY(period, commands::period(*backoff));
            failed.backoff = period;
        }
        return act(std::move(failed), kApplicant);
    }

    Result<void> change_job(const ScenarioStep& step) {
        const auto* job = find_job(step.name, false);
        if (job == nullptr) {
            return fail(ErrorCode::not_found, none_of("job", step.name, jobs()).message);
        }
        return act(commands::job_update(step, job->key), kClerk);
    }

    Result<void> change_task(const ScenarioStep& step) {
        const auto* task = open_task(step.name);
        if (task == nullptr) return fail(ErrorCode::not_found, "no open task; " + tasks());
        SCHWARM_TRY(command, commands::task_update(step, task->key));
        return act(std::move(command), kClerk);
    }

    Result<void> activate(const ScenarioStep& step) {
        engine::ActivateAdHoc command;
        SCHWARM_TRY(ad_hoc, active_element(step.name));
        SCHWARM_TRY(variables, variables_of(step));
        command.ad_hoc = ad_hoc;
        command.elements.push_back({*step.option("value"), std::move(variables)});
        return act(std::move(command), kClerk);
    }

    // `check migrate` changes nothing and is refused for the same reasons.
    Result<void> migrate(const ScenarioStep& step) {
        SCHWARM_TRY(command, commands::migration(step, models.newest(step.name)));
        if (step.verb == Verb::migrate) return act(std::move(command), kClerk);
        const auto problems =
            engine::check_migration(state(), *models.definitions(), command, host_.clock().now());
        for (const auto& problem : problems) {
            refusals_.push_back({problem.element_id, problem.reason});
        }
        if (problems.empty()) return {};
        return scenario_failed("it cannot be migrated: " + engine::text_of(problems));
    }

    // The oldest one of that id.
    Result<ElementKey> active_element(const std::string& name) const {
        for (const auto& element : state().elements) {
            if (element_id(element.key) == name) return element.key;
        }
        return fail(ErrorCode::not_found, "there is no active element " + name);
    }

    Result<void> set(const ScenarioStep& step) {
        SCHWARM_TRY(variables, variables_of(step));
        engine::UpdateVariables update;
        update.variables = std::move(variables);
        if (!step.name.empty()) {
            SCHWARM_TRY(scope, active_element(step.name));
            update.scope = scope;
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

    // All that are open, of every instance.
    Result<void> resolve_all(const ScenarioStep& step) {
        runtime::BatchOrder order;
        order.kind = runtime::BatchKind::resolve_incidents;
        order.filter.emplace();
        if (const auto* element = step.option("at")) order.filter->element_ids = {*element};
        if (const auto* retries = step.option("retries")) order.retries = number(*retries);
        SCHWARM_TRY(batch, host_.batch(order, std::string(kClerk)));
        SCHWARM_TRY_VOID(refresh());
        if (batch.status != runtime::BatchStatus::completed) {
            return scenario_failed("the batch is " + std::string(name_of(batch.status)));
        }
        if (batch.total == 0) return fail(ErrorCode::not_found, "there is no incident");
        for (const auto& failure : batch.failures) {
            refusals_.push_back({failure.code, failure.message});
        }
        if (batch.failed == 0) return {};
        return scenario_failed(std::to_string(batch.failed) + " of " + std::to_string(batch.total) +
                               " failed: " + batch.failures.front().message);
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
