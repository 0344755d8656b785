// What a tenant has deployed through the API: processes, decisions, forms and other files in their
// versions. Plain data and an immutable set of it; deployments.hpp makes and keeps the sets.
//
// Keys are numbers unique within the tenant (global_key). A deleted definition is no longer
// found by its id, but stays known by its key, because cases may still run on it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/bpmn/process.hpp"
#include "schwarm/engine/ids.hpp"
#include "schwarm/runtime/rows.hpp"

namespace schwarm::services {

using runtime::global_key;

struct Definition {
    std::uint64_t key = 0;
    std::uint64_t deployment_key = 0;
    std::string id;
    std::string name;
    std::int32_t version = 0;  // from 1, per id
    std::string version_tag;   // may be empty
    std::string resource_name;
    std::string checksum;  // SHA-256 of the file, 64 hexadecimal digits
    Instant deployed{};
    bool deleted = false;
};

// A start event that something outside of the process sets off.
struct StartEvent {
    std::string element_id;
    bpmn::EventKind kind = bpmn::EventKind::none;  // message, signal, timer, conditional
    std::string text;  // name of the message or signal; of a timer its text ("=..." is FEEL)
};

struct ProcessDefinition : Definition {
    std::string start_form_id;  // empty: the none start event has no form
    std::vector<StartEvent> starts;
};

struct DecisionDefinition {
    std::uint64_t key = 0;
    std::string id;
    std::string name;
    std::int32_t version = 0;
    std::string version_tag;
};

// One DMN file (a decision requirements graph).
struct DecisionRequirements : Definition {
    std::vector<DecisionDefinition> decisions;
    // The other DMN files of the deployment that it imports: name and checksum.
    std::vector<std::pair<std::string, std::string>> imports;
};

struct FormDefinition : Definition {};
struct ResourceDefinition : Definition {};  // any other file

// How a call finds one of several versions (zeebe:calledElement bindingType).
struct VersionBinding {
    enum class Kind : std::uint8_t { latest, deployment, version_tag } kind = Kind::latest;
    std::uint64_t deployment_key = 0;  // of the caller, for deployment
    std::string version_tag;
};

// Immutable; share it. Deleted definitions are answered by key only.
class DefinitionSet {
  public:
    template <class T>
    using Ptr = std::shared_ptr<const T>;
    struct Decision {
        Ptr<DecisionRequirements> requirements;
        const DecisionDefinition* decision = nullptr;
        explicit operator bool() const { return decision != nullptr; }
    };

    // In the order of their keys, without deleted ones.
    std::vector<Ptr<ProcessDefinition>> processes() const;
    std::vector<Ptr<DecisionRequirements>> requirements() const;
    std::vector<Ptr<FormDefinition>> forms() const;
    std::vector<Ptr<ResourceDefinition>> resources() const;

    // Null if there is none.
    Ptr<ProcessDefinition> process(std::uint64_t key) const;
    Ptr<ProcessDefinition> process(std::string_view id, const VersionBinding& binding = {}) const;
    Decision decision(std::uint64_t key) const;
    Decision decision(std::string_view id, const VersionBinding& binding = {}) const;
    Ptr<DecisionRequirements> requirements(std::uint64_t key) const;
    Ptr<FormDefinition> form(std::uint64_t key) const;
    Ptr<FormDefinition> form(std::string_view id, const VersionBinding& binding = {}) const;
    Ptr<ResourceDefinition> resource(std::uint64_t key) const;

    bool is_latest(const ProcessDefinition& process) const;

    void put(ProcessDefinition definition);
    void put(DecisionRequirements definition);
    void put(FormDefinition definition);
    void put(ResourceDefinition definition);

  private:
    template <class T>
    struct Shelf {
        std::map<std::uint64_t, Ptr<T>> by_key;
        // Versions of an id, oldest first; deleted ones are not in it.
        std::map<std::string, std::vector<Ptr<T>>, std::less<>> by_id;

        void put(T definition);
        Ptr<T> find(std::uint64_t key) const;
        Ptr<T> find(std::string_view id, const VersionBinding& binding) const;
        std::vector<Ptr<T>> all() const;
    };
    void index_decisions(const Ptr<DecisionRequirements>& graph);

    Shelf<ProcessDefinition> processes_;
    Shelf<DecisionRequirements> requirements_;
    Shelf<FormDefinition> forms_;
    Shelf<ResourceDefinition> resources_;
    std::map<std::uint64_t, Ptr<DecisionRequirements>> graph_of_decision_;
    std::map<std::string, std::vector<Decision>, std::less<>> decisions_by_id_;
};

// What the engine knows a deployed process by: "deployed/" and the key in decimal digits.
engine::DefinitionKey definition_key_of(std::uint64_t process_definition_key);
// The other way round; nothing for the key of a package.
std::optional<std::uint64_t> deployed_key_of(const engine::DefinitionKey& key);
// What rows name as the service of all cases of deployed processes.
ServiceId deployed_service();

}  // namespace schwarm::services
