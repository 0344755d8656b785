#include "scenario_models.hpp"

#include <algorithm>
#include <charconv>

#include "schwarm/base/clock.hpp"

namespace schwarm::services {
namespace {

constexpr std::string_view kFrame =
    R"(<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL")"
    R"( xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL")"
    R"( xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance")"
    R"( xmlns:zeebe="http://camunda.org/schema/zeebe/1.0")"
    R"( xmlns:schwarm="urn:schwarm:bpmn:1.0" targetNamespace="urn:schwarm:scenario">)";

// The frame stands on the first line, so that the numbers of the lines stay right. A process is
// executable unless it says otherwise.
std::string framed(std::string_view elements) {
    constexpr std::string_view kOpen = "<process";
    std::string out(kFrame);
    while (!elements.empty()) {
        const auto at = elements.find(kOpen);
        if (at == std::string_view::npos) break;
        const auto behind = at + kOpen.size();
        out += elements.substr(0, behind);
        elements.remove_prefix(behind);
        const auto tag = elements.substr(0, elements.find('>'));
        const bool whole = tag.empty() || tag.front() == ' ' || tag.front() == '\n';
        if (whole && tag.find("isExecutable") == std::string_view::npos) {
            out += " isExecutable=\"true\"";
        }
    }
    out += elements;
    return out + "</definitions>";
}

engine::DefinitionKey key_of(std::string_view process_id, std::size_t version) {
    return engine::DefinitionKey(std::string(process_id) + "/" + std::to_string(version));
}

}  // namespace

bpmn::Problems ScenarioModels::deploy(std::string_view bytes, const std::string& file, int line) {
    const bool whole = bytes.find("definitions") != std::string_view::npos;
    const auto import = bpmn::import_model(whole ? std::string(bytes) : framed(bytes), file);
    bpmn::Problems errors;
    for (auto problem : import.problems) {
        if (problem.severity != bpmn::Severity::error) continue;
        if (!whole && problem.line > 0) problem.line += line - 1;
        errors.push_back(std::move(problem));
    }
    if (errors.empty() && !import.deployable()) {
        bpmn::Problem none;
        none.file = file;
        none.line = line;
        none.reason = "the model has no executable process";
        errors.push_back(std::move(none));
    }
    if (!errors.empty()) return errors;
    const std::scoped_lock lock(mutex_);
    last_.clear();
    ++deployments_;
    for (const auto& process : import.model->processes()) {
        if (!process->is_executable) continue;
        if (last_.empty()) last_ = process->id;
        versions_[process->id].push_back({process, deployments_});
    }
    return {};
}

Result<void> ScenarioModels::deploy_decisions(std::string bytes, const std::string& file) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(decision_files_, [&](const auto& old) { return old.name == file; });
    decision_files_.push_back({file, std::move(bytes)});
    SCHWARM_TRY(program, dmn::Program::load_set(decision_files_));
    decisions_ = std::make_shared<const dmn::Program>(std::move(program));
    return {};
}

engine::DefinitionKey ScenarioModels::newest(std::string_view process_id) const {
    const std::scoped_lock lock(mutex_);
    const auto found = versions_.find(process_id.empty() ? std::string_view(last_) : process_id);
    if (found == versions_.end()) return {};
    return key_of(found->first, found->second.size());
}

engine::DefinitionKey ScenarioModels::with_start_event(std::string_view element) const {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, versions] : versions_) {
        const auto& process = *versions.back().process;
        const auto& starts = process.node(bpmn::kProcessNode).start_events;
        if (std::any_of(starts.begin(), starts.end(),
                        [&](bpmn::NodeIndex n) { return process.node(n).id == element; })) {
            return key_of(id, versions.size());
        }
    }
    return {};
}

std::vector<runtime::StartableProcess> ScenarioModels::current_processes(
    const TenantId& /*tenant*/) const {
    const std::scoped_lock lock(mutex_);
    std::vector<runtime::StartableProcess> current;
    for (const auto& [id, versions] : versions_) {
        current.push_back({key_of(id, versions.size()), versions.back().process});
    }
    return current;
}

const ScenarioModels::Version* ScenarioModels::version(const engine::DefinitionKey& key) const {
    const auto& text = key.value();
    const auto slash = text.rfind('/');
    if (slash == std::string::npos) return nullptr;
    std::size_t number = 0;
    std::from_chars(text.data() + slash + 1, text.data() + text.size(), number);
    const auto found = versions_.find(std::string_view(text).substr(0, slash));
    if (found == versions_.end() || number == 0 || number > found->second.size()) return nullptr;
    return &found->second[number - 1];
}

const bpmn::Process* ScenarioModels::process(const engine::DefinitionKey& key) const {
    const std::scoped_lock lock(mutex_);
    const auto* found = version(key);
    return found == nullptr ? nullptr : found->process.get();
}

std::optional<engine::DefinitionKey> ScenarioModels::called_process(
    const engine::DefinitionKey& /*caller*/, std::string_view process_id) const {
    auto key = newest(process_id);
    if (process_id.empty() || key.value().empty()) return std::nullopt;
    return key;
}

std::optional<engine::DefinitionKey> ScenarioModels::bound_process(
    const engine::DefinitionKey& caller, std::string_view process_id,
    const bpmn::Binding& binding) const {
    const std::scoped_lock lock(mutex_);
    const auto* calling = version(caller);
    const auto found = versions_.find(process_id);
    if (found == versions_.end()) return std::nullopt;
    for (auto n = found->second.size(); n > 0; --n) {
        const auto& one = found->second[n - 1];
        const bool meant = binding.type == bpmn::BindingType::deployment
                               ? calling != nullptr && one.deployment == calling->deployment
                           : binding.type == bpmn::BindingType::version_tag
                               ? one.process->version_tag == binding.version_tag
                               : true;
        if (meant) return key_of(found->first, n);
    }
    return std::nullopt;
}

Result<engine::DecisionOutcome> ScenarioModels::evaluate(const engine::DecisionCall& call) const {
    std::shared_ptr<const dmn::Program> program;
    {
        const std::scoped_lock lock(mutex_);
        program = decisions_;
    }
    const auto missing = [&] {
        return fail(ErrorCode::not_found,
                    "there is no decision '" + std::string(call.decision_id) + "'");
    };
    if (!program) return missing();
    const auto found = program->find(call.decision_id);
    if (found.has_error()) return missing();
    feel::ContextBuilder input;
    for (const auto& [name, type] : program->invocables()[*found].inputs) {
        const feel::Key key(name);
        if (const auto* value = call.variables.find(key)) input.append(key, *value);
    }
    const ManualClock clock(call.now);
    dmn::EvaluationOptions options;
    options.clock = &clock;
    engine::DecisionOutcome outcome;
    outcome.inputs = input.build();
    auto evaluated = program->evaluate(*found, outcome.inputs, options);
    const auto& diagnostics = evaluated.diagnostics;
    if (evaluated.value.is_null() && !diagnostics.empty()) {
        return fail(ErrorCode::invalid_input, "decision '" + std::string(call.decision_id) +
                                                  "' has no result: " + diagnostics.front().reason);
    }
    outcome.output = std::move(evaluated.value);
    outcome.version = program->fingerprint().substr(0, 16);
    return outcome;
}

}  // namespace schwarm::services
