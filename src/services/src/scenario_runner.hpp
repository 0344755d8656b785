// What scenarios of packages and of plain models share: a node, the case looked at, the clock, and
// what can be expected of any case.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenario_host.hpp"
#include "schwarm/engine/engine.hpp"
#include "schwarm/services/scenario.hpp"

namespace schwarm::services {

inline constexpr std::string_view kApplicant = "scenario:applicant";
inline constexpr std::string_view kClerk = "scenario:clerk";

// The answer of a line that did not hold.
Error scenario_failed(std::string reason);

class ScenarioRunner {
  public:
    // `starts` may be null: then nothing begins by itself.
    ScenarioRunner(const Regime& regime, runtime::DefinitionsSource definitions,
                   const runtime::StartSource* starts, const engine::ProcessProvider& processes,
                   const Scenario& scenario)
        : host_(regime, std::move(definitions), starts),
          processes_(processes),
          scenario_(scenario) {}
    virtual ~ScenarioRunner() = default;
    ScenarioRunner(const ScenarioRunner&) = delete;
    ScenarioRunner& operator=(const ScenarioRunner&) = delete;

    ScenarioResult run(const std::string& file);

  protected:
    virtual Result<void> run_step(const ScenarioStep& step) = 0;
    // Nothing that went wrong was left unsaid.
    virtual Result<void> finish() = 0;

    bool has_case() const { return selected_ < states_.size(); }
    const engine::CaseState& state() const { return states_[selected_]; }
    std::span<const engine::CaseState> states() const { return states_; }
    void select(std::size_t n) { selected_ = n; }

    // A command to the case looked at; a new case is looked at from then on.
    Result<void> act(engine::CommandBody body, std::string_view actor);
    Result<void> refresh();
    Result<void> move_to(Instant target);
    Result<void> advance(const ScenarioStep& step);

    // path, entered, state, variable, that, incident and their negations.
    Result<void> expect_of_case(const ScenarioStep& step);
    Result<void> no_open_incident() const;

    // Empty if the element has ended.
    std::string element_id(ElementKey key) const;
    std::string node_id(std::uint16_t definition, bpmn::NodeIndex node) const;
    const bpmn::Node* node_of(ElementKey key) const;
    const engine::UserTask* open_task(std::string_view element) const;
    std::string tasks() const;

    ScenarioHost host_;

  private:
    Result<void> expect_path(const ScenarioStep& step);
    Result<void> expect_state(const ScenarioStep& step);
    Result<void> expect_variable(const ScenarioStep& step);
    Result<void> expect_that(const ScenarioStep& step);
    Result<void> expect_incident(const ScenarioStep& step);
    feel::Value evaluate(const ScenarioStep& step, feel::Diagnostics& diagnostics);

    const engine::ProcessProvider& processes_;
    const Scenario& scenario_;
    std::vector<engine::CaseState> states_;  // of all cases, oldest first
    std::size_t selected_ = 0;
    bool incident_expected_ = false;
};

}  // namespace schwarm::services
