// The decisions of a case as its history has them.
#include <unordered_map>
#include <utility>
#include <variant>

#include "impl.hpp"

namespace schwarm::app {
namespace {

// Which node of the process each element is: elements that have ended are not in the state.
class Nodes {
  public:
    void see(const engine::Event& event) {
        if (const auto* begun = std::get_if<engine::ElementActivatedV1>(&event)) {
            add(begun->key, begun->definition, begun->node);
        } else if (const auto* passed = std::get_if<engine::ElementPassedV1>(&event)) {
            add(passed->key, passed->definition, passed->node);
        }
    }
    std::string name_of(ElementKey key, const services::Package& package) const {
        const auto found = nodes_.find(key.value());
        if (found == nodes_.end() || found->second >= package.process->nodes.size()) return {};
        return package.process->node(found->second).name;
    }

  private:
    void add(ElementKey key, std::uint16_t definition, std::uint32_t node) {
        if (definition == 0) nodes_.insert_or_assign(key.value(), node);
    }
    std::unordered_map<std::uint64_t, std::uint32_t> nodes_;
};

}  // namespace

Result<std::vector<DecisionView>> decisions_of(const LoadedCase& loaded,
                                               const runtime::ReadView& view) {
    std::vector<DecisionView> out;
    if (!loaded.package->decisions) return out;
    SCHWARM_TRY(history, view.history(loaded.state.id, kDecisionsCommands));
    Nodes nodes;
    for (const auto& entry : history) {
        for (const auto& event : entry.events) {
            nodes.see(event);
            const auto* decided = std::get_if<engine::DecisionEvaluatedV1>(&event);
            if (decided == nullptr || decided->version != loaded.package->version) continue;
            DecisionView one;
            one.title = nodes.name_of(decided->element, *loaded.package);
            if (one.title.empty()) one.title = decided->decision_id;
            one.at = decided->at;
            one.explanation = services::explain_decision(*loaded.package, decided->decision_id,
                                                         decided->inputs, decided->at);
            out.push_back(std::move(one));
        }
    }
    return out;
}

}  // namespace schwarm::app
