// Running the scenarios of a package.
#include <algorithm>
#include <utility>

#include "parts.hpp"
#include "scenario_runner.hpp"
#include "scenario_words.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/bpmn/process.hpp"
#include "schwarm/engine/engine.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/services/bindings.hpp"

namespace schwarm::services {
namespace {

using Verb = ScenarioVerb;
using words::in_quotes;
using words::joined;

Error failed(std::string reason) {
    return scenario_failed(std::move(reason));
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

// What a scenario's node knows; it must be there before the node and after it.
struct Knowledge {
    Registry registry;
    Bindings bindings{registry};
};

class Runner final : Knowledge, public ScenarioRunner {
  public:
    Runner(std::shared_ptr<const Package> package, const Scenario& scenario, const Regime& regime)
        : ScenarioRunner(
              regime, [this](const TenantId& id) { return bindings.definitions(id); }, nullptr,
              bindings, scenario),
          package_(std::move(package)) {}

  private:
    Result<void> finish() override {
        if (!refused_.empty() && !refusal_expected_) {
            return failed("the form was refused: " + refusals());
        }
        return no_open_incident();
    }

    Result<void> run_step(const ScenarioStep& step) override {
        switch (step.verb) {
            case Verb::at:
                return move_to(step.at);
            case Verb::setting:
                return set(step);
            case Verb::start:
                return start(step);
            case Verb::start_message:
                return start_by_message(step);
            case Verb::refused:
                return expect_refused(step);
            default:
                break;
        }
        if (!refused_.empty() && !refusal_expected_) {
            return failed("the form was refused: " + refusals());
        }
        if (!has_case()) return failed("there is no case yet: 'start' must come first");
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
            case Verb::evidence:
                return retrieved(step);
            case Verb::advance:
                return advance(step);
            default:
                return expect(step);
        }
    }

    // --- doing -----------------------------------------------------------------------------

    Result<void> set(const ScenarioStep& step) {
        if (has_case()) return failed("settings stand before 'start'");
        settings_.set(step.name, step.value);
        SCHWARM_TRY(checked, resolve_settings(*package_, settings_));
        return {};
    }

    Result<void> open_node() {
        if (host_.is_open()) return {};
        SCHWARM_TRY_VOID(registry.add(package_, host_.clock().now()));
        Tenant tenant;
        tenant.id = ScenarioHost::tenant();
        tenant.authority = example_authority();
        tenant.services.push_back({package_->id, settings_});
        SCHWARM_TRY_VOID(registry.add_tenant(std::move(tenant)));
        return host_.open();
    }

    Result<void> start(const ScenarioStep& step) {
        if (has_case()) return failed("a scenario starts one case");
        if (package_->started_by_message) {
            return failed("the package is started by a message: 'start message NAME'");
        }
        SCHWARM_TRY_VOID(open_node());
        SCHWARM_TRY(answers, feel::from_json(step.value));
        forms::Context context;
        context.clock = &host_.clock();
        const auto judged = package_->form().validate(answers, context);
        refused_ = judged.errors;
        refusal_expected_ = false;
        if (!judged.ok()) return {};
        const auto offer = registry.offer(ScenarioHost::tenant(), package_->id);
        CHECK(offer.has_value(), "the scenario's tenant offers its service");
        engine::CreateCase create;
        create.definition = engine::DefinitionKey(definition_key(*package_));
        create.variables = start_variables(*package_, judged.cleaned, offer->settings,
                                           host_.clock().now(), "scenario");
        return act(std::move(create), kApplicant);
    }

    Result<void> start_by_message(const ScenarioStep& step) {
        if (has_case()) return failed("a scenario starts one case");
        SCHWARM_TRY_VOID(open_node());
        SCHWARM_TRY(body, feel::from_json(step.value));
        const auto offer = registry.offer(ScenarioHost::tenant(), package_->id);
        CHECK(offer.has_value(), "the scenario's tenant offers its service");
        engine::CreateCase create;
        create.definition = engine::DefinitionKey(definition_key(*package_));
        create.start_message = step.name;
        create.variables = start_variables_of_message(*package_, body, offer->settings,
                                                      host_.clock().now(), "scenario");
        return act(std::move(create), kApplicant);
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

    Result<void> retrieved(const ScenarioStep& step) {
        for (const engine::Job& job : state().jobs) {
            if (job.type != engine::kEvidenceJob || element_id(job.element) != step.name) continue;
            SCHWARM_TRY(answer, feel::from_json(step.value));
            engine::CompleteJob command;
            command.job = job.key;
            command.variables = engine::Variables::from_context(
                feel::Value::context({{std::string("nachweis"), answer}}));
            return act(std::move(command), "system:evidence");
        }
        return failed("no evidence is asked for at " + step.name);
    }

    Result<void> complete(const ScenarioStep& step) {
        const auto* task = open_task(step.name);
        if (task == nullptr) return failed("there is no open task " + step.name + "; " + tasks());
        SCHWARM_TRY(answers, feel::from_json(step.value));
        if (const auto* form = package_->find_form(task->form_id)) {
            forms::Context context;
            const auto known = state().variables.to_context();
            context.known = &known;
            context.clock = &host_.clock();
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

    // --- looking ---------------------------------------------------------------------------

    Result<void> expect(const ScenarioStep& step) {
        switch (step.verb) {
            case Verb::document:
            case Verb::no_document:
                return expect_document(step);
            case Verb::task:
            case Verb::no_task:
                return expect_task(step);
            case Verb::milestone: {
                const auto now = current_milestone(*package_, state());
                if (now == step.name) return {};
                return failed("the milestone is " + (now.empty() ? "none" : now) + ", expected " +
                              step.name);
            }
            case Verb::inbox:
            case Verb::no_inbox:
            case Verb::print:
            case Verb::no_print:
                return expect_queue(step);
            case Verb::sent:
            case Verb::not_sent:
                return expect_sent(step);
            case Verb::kept:
                return expect_kept(step);
            default:
                return expect_of_case(step);
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

    Result<void> expect_document(const ScenarioStep& step) {
        const engine::Document* found = nullptr;
        std::vector<std::string> names;
        for (const auto& document : state().documents) {
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
        DocumentPlace place{package_->case_prefix + "-2026-0000001", local_day(state().created),
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

    // The texts of the reasons a task gives for needing a human.
    std::vector<std::string> reasons(const engine::UserTask& task) const {
        std::vector<std::string> texts;
        const auto* value = state().variable(task.key, "gruende");
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
            step.name.empty() ? (state().user_tasks.empty() ? nullptr : &state().user_tasks.front())
                              : open_task(step.name);
        if (step.verb == Verb::no_task) {
            if (task == nullptr) return {};
            return failed(tasks());
        }
        if (task == nullptr) {
            const auto* incident = state().incidents.empty() ? nullptr : &state().incidents.front();
            return failed("there is no open task " + step.name + "; " + tasks() +
                          (incident ? "; incident: " + incident->reason : ""));
        }
        const auto& groups = task->candidate_groups;
        const auto* group = step.option("group");
        if (group != nullptr && std::find(groups.begin(), groups.end(), *group) == groups.end()) {
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
        SCHWARM_TRY(view, host_.read());
        std::vector<std::string> names;
        if (step.verb == Verb::print || step.verb == Verb::no_print) {
            SCHWARM_TRY(jobs, view.print_queue());
            for (const auto& job : jobs) names.push_back(job.name);
        } else {
            SCHWARM_TRY(messages, view.inbox(kApplicant));
            for (const auto& message : messages) names.push_back(message.name);
        }
        const auto there = joined(names, ", ");
        if (step.verb == Verb::no_print || step.verb == Verb::no_inbox) {
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

    // Messages to other parties; `where` looks at the newest body.
    Result<void> expect_sent(const ScenarioStep& step) {
        std::vector<std::string> names;
        feel::Value body;
        std::size_t times = 0;
        for (auto& message : host_.sent()) {
            if (message.case_id != state().id) continue;
            names.push_back(message.name);
            if (message.name != step.name) continue;
            ++times;
            body = std::move(message.body);
        }
        const auto there = "sent was: " + (names.empty() ? "nothing" : joined(names, ", "));
        if (step.verb == Verb::not_sent) {
            return (step.name.empty() ? names.empty() : times == 0) ? Result<void>()
                                                                    : failed(there);
        }
        if (times == 0) return failed(there);
        if (const auto* wanted = step.option("times"); wanted && std::to_string(times) != *wanted) {
            return failed(there);
        }
        if (!step.expression) return {};
        const auto clock = ManualClock(host_.clock().now());
        feel::Diagnostics diagnostics;
        const auto value = feel::evaluate(step.expression, body, &diagnostics, &clock);
        if (value.is_true()) return {};
        return failed(step.expression.text() + " is " + value.to_feel() + " in " + body.to_feel());
    }

    Result<void> expect_kept(const ScenarioStep& step) {
        const auto& until = state().retention_until;
        if (!until) return failed("the case is not archived");
        if (*until == step.at) return {};
        return failed("the case is kept until " +
                      DateTime::from_instant(*until, *find_zone("Europe/Berlin")).to_string());
    }

    std::shared_ptr<const Package> package_;
    json::Value settings_ = json::Value::object();
    std::vector<forms::FieldError> refused_;
    bool refusal_expected_ = false;
};

}  // namespace

std::vector<ScenarioResult> run_scenarios(const std::shared_ptr<const Package>& package,
                                          const Regime& regime) {
    std::vector<ScenarioResult> results;
    for (const auto& file : package->parts->scenarios) {
        for (const auto& scenario : file.scenarios) {
            results.push_back(Runner(package, scenario, regime).run(file.name));
            results.back().regime = regime.name;
        }
    }
    return results;
}

}  // namespace schwarm::services
