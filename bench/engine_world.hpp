// What `schwarm bench engine` runs on: three small services with their decision, and a runtime on
// SQLite with durable commits and full history. The same program and storage as a node; only the
// models are its own.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "schwarm/dmn/program.hpp"
#include "schwarm/engine/definitions.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::bench {

// sizing      (a) a root with 50 called children, each with service tasks, a decision and a user
//             task; after the shape of the scenario by which Camunda sizes clusters
// one_task    (b) one service task
// straight    (c) ten flow nodes with one decision, no wait state
// waiting     one user task
// due         one timer, at the date in the variable `due`
// stuck       an input mapping that fails while the variable `ready` is missing
std::string engine_model();
std::string one_task_model();  // (b) alone
std::string engine_decision();

class EngineModels final : public engine::ProcessProvider, public engine::DecisionProvider {
  public:
    static Result<std::unique_ptr<EngineModels>> load();

    const engine::Definitions& definitions() const { return definitions_; }
    static engine::DefinitionKey key(std::string_view process);

    const bpmn::Process* process(const engine::DefinitionKey& key) const override;
    std::optional<engine::DefinitionKey> called_process(const engine::DefinitionKey& caller,
                                                        std::string_view process_id) const override;
    Result<engine::DecisionOutcome> evaluate(const engine::DecisionCall& call) const override;

  private:
    explicit EngineModels(dmn::Program program);

    std::map<std::string, std::shared_ptr<const bpmn::Process>, std::less<>> processes_;
    dmn::Program program_;
    std::size_t decision_ = 0;
    engine::InlineTasks tasks_;
    engine::Definitions definitions_;
};

// The time of day, moved forward on demand.
class ShiftedClock final : public Clock {
  public:
    Instant now() const override;
    void shift(std::chrono::milliseconds by) { shift_ += by.count(); }

  private:
    SystemClock clock_;
    std::atomic<std::int64_t> shift_{0};
};

// A runtime over a SQLite database in the folder; may be closed and opened again.
class EngineNode {
  public:
    static Result<std::unique_ptr<EngineNode>> open(const std::filesystem::path& folder,
                                                    const EngineModels& models);
    runtime::Runtime& runtime() { return *runtime_; }
    ShiftedClock& clock() { return clock_; }
    static const TenantId& tenant();

  private:
    EngineNode() = default;

    ShiftedClock clock_;
    SystemRandom random_;
    std::unique_ptr<storage::Storage> storage_;
    std::unique_ptr<runtime::Runtime> runtime_;
};

// To begin one of the processes.
runtime::Submission creation(std::string_view process, engine::Variables variables = {});

// 11 kB of applicant, household and evidence, as JSON would write it.
engine::Variables sizing_variables();

}  // namespace schwarm::bench
