// The processes of a few models, for tests and benchmarks that run cases without packages. They
// call no other process and no decision. Immutable; thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/check.hpp"
#include "schwarm/bpmn/model.hpp"
#include "schwarm/bpmn/process.hpp"
#include "schwarm/engine/definitions.hpp"

namespace schwarm::test {

class ProcessModels final : public engine::ProcessProvider, public engine::DecisionProvider {
  public:
    // The key of a process is its id between `before` and `behind`.
    explicit ProcessModels(const std::vector<std::string_view>& texts,
                           const std::string& before = {}, const std::string& behind = {}) {
        for (const std::string_view text : texts) {
            const auto import = bpmn::import_model(text, "test.bpmn");
            CHECK(import.model != nullptr, "the model of a test is one");
            for (const auto& process : import.model->processes()) {
                processes_[before + process->id + behind] = process;
            }
        }
    }
    ProcessModels(const ProcessModels&) = delete;
    ProcessModels& operator=(const ProcessModels&) = delete;

    const bpmn::Process* process(const engine::DefinitionKey& key) const override {
        const auto found = processes_.find(key.value());
        return found == processes_.end() ? nullptr : found->second.get();
    }
    std::optional<engine::DefinitionKey> called_process(const engine::DefinitionKey&,
                                                        std::string_view) const override {
        return std::nullopt;
    }
    Result<engine::DecisionOutcome> evaluate(const engine::DecisionCall&) const override {
        return fail(ErrorCode::not_found, "no decisions here");
    }
    // For runtime::Environment::definitions; borrows this.
    std::shared_ptr<const engine::Definitions> definitions() const {
        return {std::shared_ptr<void>(), &all_};
    }

  private:
    std::map<std::string, std::shared_ptr<const bpmn::Process>, std::less<>> processes_;
    engine::InlineTasks tasks_;
    engine::Definitions all_{*this, *this, tasks_, feel::Value(), {}};
};

}  // namespace schwarm::test
