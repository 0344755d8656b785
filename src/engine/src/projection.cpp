#include "schwarm/engine/projection.hpp"

namespace schwarm::engine {
namespace {

class Projector {
  public:
    Projector(const CaseState& state, const ProcessProvider& processes) : state_(state) {
        for (const DefinitionKey& key : state.definitions) {
            processes_.push_back(processes.process(key));
        }
    }

    const bpmn::Node* node(std::uint16_t definition, bpmn::NodeIndex index) const {
        if (definition >= processes_.size() || processes_[definition] == nullptr) return nullptr;
        const auto& nodes = processes_[definition]->nodes;
        return index < nodes.size() ? &nodes[index] : nullptr;
    }
    const bpmn::Node* node_of(ElementKey key) const {
        const ElementInstance* at = state_.element(key);
        return at == nullptr ? nullptr : node(at->definition, at->node);
    }
    static std::string id(const bpmn::Node* node) { return node == nullptr ? "" : node->id; }
    static std::string name(const bpmn::Node* node) {
        if (node == nullptr) return {};
        return node->name.empty() ? node->id : node->name;
    }

  private:
    const CaseState& state_;
    std::vector<const bpmn::Process*> processes_;
};

}  // namespace

Projection project(const CaseState& state, const ProcessProvider& processes) {
    const Projector p(state, processes);
    Projection out;
    out.id = state.id;
    if (!state.definitions.empty()) out.definition = state.definitions.at(state.definition);
    out.status = state.status;
    out.started_by = state.started_by;
    out.created = state.created;
    out.ended = state.ended;
    out.retention_until = state.retention_until;
    out.archived = state.archived.has_value();
    for (const UserTask& t : state.user_tasks) {
        const bpmn::Node* node = p.node_of(t.key);
        out.user_tasks.push_back({t.key, p.id(node), p.name(node), t.form_id, t.assignee,
                                  t.candidate_groups, t.candidate_users, t.created, t.due,
                                  t.follow_up, t.priority});
    }
    for (const Timer& t : state.timers) {
        out.timers.push_back({t.key, t.due, t.host, p.id(p.node(t.definition, t.node))});
    }
    for (const Subscription& s : state.subscriptions) {
        const std::string id = p.id(p.node(s.definition, s.node));
        if (s.kind == SubscriptionKind::condition) {
            out.conditions.push_back({s.key, s.message_name, s.host, id});
        } else {
            out.subscriptions.push_back(
                {s.key, s.message_name, s.correlation_key, s.host, id, s.kind});
        }
    }
    for (const Job& j : state.jobs) {
        out.jobs.push_back({j.key, j.type, j.retries, j.status, j.not_before, j.element,
                            p.id(p.node_of(j.element)), j.kind, j.listener_event, j.priority});
    }
    for (const Incident& i : state.incidents) {
        out.incidents.push_back(
            {i.key, i.kind, i.reason, i.element, p.id(p.node_of(i.element)), i.created, i.job});
    }
    for (const Milestone& m : state.milestones) {
        const bpmn::Node* node = p.node(m.definition, m.node);
        out.milestones.push_back({p.id(node), p.name(node), m.at});
    }
    return out;
}

}  // namespace schwarm::engine
