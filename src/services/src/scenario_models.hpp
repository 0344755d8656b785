// The models a scenario deploys: processes with their versions, decisions. Thread-safe; what was
// deployed stays.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/bpmn/model.hpp"
#include "schwarm/dmn/program.hpp"
#include "schwarm/engine/definitions.hpp"
#include "schwarm/runtime/starts.hpp"

namespace schwarm::services {

class ScenarioModels final : public engine::ProcessProvider,
                             public engine::DecisionProvider,
                             public runtime::StartSource {
  public:
    // A whole BPMN file, or elements of <definitions> for which the frame is missing. Every
    // executable process gets a new version. The problems of a refused model are its errors;
    // then nothing was deployed.
    bpmn::Problems deploy(std::string_view bytes, const std::string& file, int line);
    Result<void> deploy_decisions(std::string bytes, const std::string& file);

    // Of the newest version; empty if there is none. `process_id` empty: of the model deployed
    // last, the first executable process.
    engine::DefinitionKey newest(std::string_view process_id) const;
    // Of the newest versions the process that has this start event.
    engine::DefinitionKey with_start_event(std::string_view element) const;

    const bpmn::Process* process(const engine::DefinitionKey& key) const override;
    std::optional<engine::DefinitionKey> called_process(const engine::DefinitionKey& caller,
                                                        std::string_view process_id) const override;
    std::optional<engine::DefinitionKey> bound_process(const engine::DefinitionKey& caller,
                                                       std::string_view process_id,
                                                       const bpmn::Binding& binding) const override;
    std::vector<runtime::StartableProcess> current_processes(const TenantId& tenant) const override;
    Result<engine::DecisionOutcome> evaluate(const engine::DecisionCall& call) const override;

    std::shared_ptr<const engine::Definitions> definitions() const { return definitions_; }

  private:
    struct Version {
        std::shared_ptr<const bpmn::Process> process;
        std::uint64_t deployment = 0;
    };
    const Version* version(const engine::DefinitionKey& key) const;  // the mutex is held

    mutable std::mutex mutex_;
    // By process id; the version is the position.
    std::map<std::string, std::vector<Version>, std::less<>> versions_;
    std::uint64_t deployments_ = 0;
    std::string last_;
    std::vector<dmn::SourceFile> decision_files_;
    std::shared_ptr<const dmn::Program> decisions_;
    engine::InlineTasks inline_tasks_;
    std::shared_ptr<const engine::Definitions> definitions_ =
        std::make_shared<const engine::Definitions>(
            engine::Definitions{*this, *this, inline_tasks_, {}, {}});
};

}  // namespace schwarm::services
