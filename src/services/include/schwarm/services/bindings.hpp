// What the engine asks for, answered from the packages of a registry (processes by definition key,
// decisions by the DMN of the same package) and from a tenant's deployments (definition keys
// "deployed/..."; calls mean the latest version), and the inline tasks.
//
// Thread-safe, pure for a deployed version. Borrows the registry and the deployments.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "schwarm/base/calendar.hpp"
#include "schwarm/bpmn/timer_text.hpp"
#include "schwarm/engine/definitions.hpp"
#include "schwarm/engine/state.hpp"
#include "schwarm/feel/evaluation.hpp"
#include "schwarm/runtime/rows.hpp"
#include "schwarm/services/catalogue.hpp"
#include "schwarm/services/deployments.hpp"
#include "schwarm/services/explanation.hpp"

namespace schwarm::services {

class Bindings final : public engine::ProcessProvider, public engine::DecisionProvider {
  public:
    // limits: of each evaluation of a decision.
    // deployments may be null: then there are packages only.
    explicit Bindings(const Registry& registry, const feel::EvaluationLimits& limits = {},
                      const Deployments* deployments = nullptr);
    ~Bindings() override;

    // For runtime::Environment::definitions: what a tenant's cases run on; null if the registry
    // has no such tenant. Settings are a context of service id to settings. The pointer borrows
    // these bindings.
    std::shared_ptr<const engine::Definitions> definitions(const TenantId& tenant) const;

    // For runtime::Environment::retention. A case of a package that says so is deleted when the
    // time is over that its process has set (schwarm:archive), else the package's period from its
    // end; one of a deployed definition that its process has not archived, when the time is over
    // that its process names (Process::history_time_to_live), else `otherwise`.
    std::optional<runtime::Retention> retention(const TenantId& tenant, const runtime::CaseRow& row,
                                                const std::optional<bpmn::Period>& otherwise) const;

    // Of packages only; a tenant's definitions() know its deployments besides.
    const bpmn::Process* process(const engine::DefinitionKey& key) const override;
    std::optional<engine::DefinitionKey> called_process(const engine::DefinitionKey& caller,
                                                        std::string_view process_id) const override;
    // A null result with diagnostics is an error (and so an incident), a null without is a value.
    Result<engine::DecisionOutcome> evaluate(const engine::DecisionCall& call) const override;

  private:
    struct Cache;
    class OfTenant;
    const Registry& registry_;
    feel::EvaluationLimits limits_;
    const Deployments* deployments_;
    std::unique_ptr<Cache> cache_;
};

// Why a decision of the history came out as it did: the decision once more, with the inputs and at
// the time that its event names. `package`: the version that the event names.
Explanation explain_decision(const Package& package, std::string_view decision_id,
                             const feel::Value& inputs, Instant at);

// The variables a case begins with: antrag, einstellungen, eingang, aufbewahrung, vorgang_id
// (docs/formats/package.md). `reference`: an opaque text that no other case has.
engine::Variables start_variables(const Package& package, const feel::Value& cleaned_answers,
                                  const feel::Value& settings, Instant received,
                                  std::string_view reference);

// The same for a package that is started by a message: the members of its body, and what every case
// has (einstellungen, eingang, aufbewahrung, vorgang_id), which no body can replace.
engine::Variables start_variables_of_message(const Package& package, const feel::Value& body,
                                             const feel::Value& settings, Instant received,
                                             std::string_view reference);

// The day at an instant in Europe/Berlin.
Date local_day(Instant at);
// A period by the calendar of Europe/Berlin, in days of 24 hours. Nothing: it ends after the year
// 9999.
std::optional<Instant> after(const Period& period, Instant from);

// The newest milestone of a case as the applicant sees it: that of what is active, else the last
// one passed. Empty if there is none.
std::string current_milestone(const Package& package, const engine::CaseState& state);

// The scope a document template is rendered with.
struct DocumentPlace {
    std::string case_number;
    Date received;
    const Authority* authority = nullptr;
};
Result<std::string> render_document(const Package& package, const engine::Document& document,
                                    const DocumentPlace& place);

}  // namespace schwarm::services
