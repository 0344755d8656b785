#include "schwarm/services/definitions.hpp"

#include <algorithm>
#include <charconv>

namespace schwarm::services {
namespace {

constexpr std::string_view kDeployed = "deployed/";

// The newest of `versions` (oldest first) that the binding means.
template <class Version, class DeploymentOf, class TagOf>
const Version* bound(const std::vector<Version>& versions, const VersionBinding& binding,
                     const DeploymentOf& deployment_of, const TagOf& tag_of) {
    using Kind = VersionBinding::Kind;
    for (auto one = versions.rbegin(); one != versions.rend(); ++one) {
        if (binding.kind == Kind::latest ||
            (binding.kind == Kind::deployment && deployment_of(*one) == binding.deployment_key) ||
            (binding.kind == Kind::version_tag && tag_of(*one) == binding.version_tag)) {
            return &*one;
        }
    }
    return nullptr;
}

}  // namespace

template <class T>
void DefinitionSet::Shelf<T>::put(T definition) {
    const auto shared = std::make_shared<const T>(std::move(definition));
    by_key.insert_or_assign(shared->key, shared);
    auto& versions = by_id[shared->id];
    std::erase_if(versions, [&](const auto& one) { return one->key == shared->key; });
    if (shared->deleted) return;
    const auto place = std::find_if(versions.begin(), versions.end(), [&](const auto& one) {
        return one->version > shared->version;
    });
    versions.insert(place, shared);
}

template <class T>
DefinitionSet::Ptr<T> DefinitionSet::Shelf<T>::find(std::uint64_t key) const {
    const auto found = by_key.find(key);
    return found == by_key.end() ? nullptr : found->second;
}

template <class T>
DefinitionSet::Ptr<T> DefinitionSet::Shelf<T>::find(std::string_view id,
                                                    const VersionBinding& binding) const {
    const auto versions = by_id.find(id);
    if (versions == by_id.end()) return nullptr;
    const auto* found = bound(
        versions->second, binding, [](const auto& one) { return one->deployment_key; },
        [](const auto& one) -> std::string_view { return one->version_tag; });
    return found == nullptr ? nullptr : *found;
}

template <class T>
std::vector<DefinitionSet::Ptr<T>> DefinitionSet::Shelf<T>::all() const {
    std::vector<Ptr<T>> out;
    for (const auto& [key, definition] : by_key) {
        if (!definition->deleted) out.push_back(definition);
    }
    return out;
}

std::vector<DefinitionSet::Ptr<ProcessDefinition>> DefinitionSet::processes() const {
    return processes_.all();
}
std::vector<DefinitionSet::Ptr<DecisionRequirements>> DefinitionSet::requirements() const {
    return requirements_.all();
}
std::vector<DefinitionSet::Ptr<FormDefinition>> DefinitionSet::forms() const {
    return forms_.all();
}
std::vector<DefinitionSet::Ptr<ResourceDefinition>> DefinitionSet::resources() const {
    return resources_.all();
}

DefinitionSet::Ptr<ProcessDefinition> DefinitionSet::process(std::uint64_t key) const {
    return processes_.find(key);
}
DefinitionSet::Ptr<ProcessDefinition> DefinitionSet::process(std::string_view id,
                                                             const VersionBinding& binding) const {
    return processes_.find(id, binding);
}
DefinitionSet::Ptr<DecisionRequirements> DefinitionSet::requirements(std::uint64_t key) const {
    return requirements_.find(key);
}
DefinitionSet::Ptr<FormDefinition> DefinitionSet::form(std::uint64_t key) const {
    return forms_.find(key);
}
DefinitionSet::Ptr<FormDefinition> DefinitionSet::form(std::string_view id,
                                                       const VersionBinding& binding) const {
    return forms_.find(id, binding);
}
DefinitionSet::Ptr<ResourceDefinition> DefinitionSet::resource(std::uint64_t key) const {
    return resources_.find(key);
}

DefinitionSet::Decision DefinitionSet::decision(std::uint64_t key) const {
    const auto graph = graph_of_decision_.find(key);
    if (graph == graph_of_decision_.end()) return {};
    for (const auto& decision : graph->second->decisions) {
        if (decision.key == key) return {graph->second, &decision};
    }
    return {};
}

DefinitionSet::Decision DefinitionSet::decision(std::string_view id,
                                                const VersionBinding& binding) const {
    const auto versions = decisions_by_id_.find(id);
    if (versions == decisions_by_id_.end()) return {};
    const auto* found = bound(
        versions->second, binding,
        [](const Decision& one) { return one.requirements->deployment_key; },
        [](const Decision& one) -> std::string_view { return one.decision->version_tag; });
    return found == nullptr ? Decision{} : *found;
}

bool DefinitionSet::is_latest(const ProcessDefinition& process) const {
    const auto latest = processes_.find(process.id, {});
    return latest != nullptr && latest->key == process.key;
}

void DefinitionSet::put(ProcessDefinition definition) {
    processes_.put(std::move(definition));
}
void DefinitionSet::put(FormDefinition definition) {
    forms_.put(std::move(definition));
}
void DefinitionSet::put(ResourceDefinition definition) {
    resources_.put(std::move(definition));
}
void DefinitionSet::put(DecisionRequirements definition) {
    const auto key = definition.key;
    requirements_.put(std::move(definition));
    index_decisions(requirements_.find(key));
}

void DefinitionSet::index_decisions(const Ptr<DecisionRequirements>& graph) {
    for (const auto& decision : graph->decisions) {
        graph_of_decision_.insert_or_assign(decision.key, graph);
        auto& versions = decisions_by_id_[decision.id];
        std::erase_if(versions,
                      [&](const Decision& one) { return one.decision->key == decision.key; });
        if (graph->deleted) continue;
        const auto place = std::find_if(versions.begin(), versions.end(), [&](const Decision& one) {
            return one.decision->version > decision.version;
        });
        versions.insert(place, Decision{graph, &decision});
    }
}

engine::DefinitionKey definition_key_of(std::uint64_t process_definition_key) {
    return engine::DefinitionKey(std::string(kDeployed) + std::to_string(process_definition_key));
}

std::optional<std::uint64_t> deployed_key_of(const engine::DefinitionKey& key) {
    std::string_view text = key.value();
    if (!text.starts_with(kDeployed)) return std::nullopt;
    text.remove_prefix(kDeployed.size());
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

ServiceId deployed_service() {
    return ServiceId(std::string(kDeployed.substr(0, kDeployed.size() - 1)));
}

}  // namespace schwarm::services
