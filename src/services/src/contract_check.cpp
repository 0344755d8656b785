// A process against the contract of its collaboration.
#include <algorithm>
#include <map>

#include "parts.hpp"
#include "schwarm/services/contract.hpp"

namespace schwarm::services {
namespace {

using bpmn::Collaboration;
using bpmn::MessageFlow;
using bpmn::Node;

// The message that a node throws; null if it sends none.
const bpmn::EventDefinition* thrown(const Node& node) {
    const bool throws = node.kind == bpmn::NodeKind::intermediate_throw_event ||
                        node.kind == bpmn::NodeKind::end_event;
    return throws && node.details.event.kind == bpmn::EventKind::message ? &node.details.event
                                                                         : nullptr;
}

class ContractCheck {
  public:
    ContractCheck(const Package& package, const Collaboration& collaboration,
                  const ContractBook& contracts)
        : process_(*package.process),
          model_(*package.parts->model),
          collaboration_(collaboration),
          contracts_(contracts) {
        for (const Node& node : process_.nodes) {
            nodes_.emplace(node.id, &node);
            if (node.details.partner) {
                partners_.emplace(node.details.partner->participant, node.details.partner.get());
            }
        }
    }

    std::vector<Problem> run() {
        if (!contracts_.contains(collaboration_.contract, collaboration_.version)) {
            add(nullptr, collaboration_.id,
                "there is no contract '" + collaboration_.contract + "', version '" +
                    collaboration_.version + "'");
            return std::move(problems_);
        }
        for (const auto& [id, partner] : partners_) check_pool(*partner);
        for (const MessageFlow& flow : collaboration_.message_flows) check_flow(flow);
        for (const Node& node : process_.nodes) check_sender(node);
        return std::move(problems_);
    }

  private:
    void add(const Node* node, const std::string& element, std::string reason) {
        problems_.push_back(
            {"process.bpmn", node == nullptr ? 0 : node->line, element, std::move(reason), false});
    }

    const ContractMessage* message(std::string_view name) const {
        return contracts_.find(collaboration_.contract, collaboration_.version, name);
    }

    std::string name_of(const MessageFlow& flow) const {
        for (const bpmn::MessageDeclaration& one : model_.messages()) {
            if (one.id == flow.message_id) return one.name;
        }
        return {};
    }

    void check_pool(const bpmn::Partner& pool) {
        const std::string* where =
            contracts_.jurisdiction(collaboration_.contract, collaboration_.version, pool.role);
        if (where == nullptr) {
            add(nullptr, pool.participant, "the contract has no role '" + pool.role + "'");
        } else if (*where != "*" && pool.jurisdiction.source.empty()) {
            add(nullptr, pool.participant,
                "the property jurisdiction is missing: the contract finds a '" + pool.role +
                    "' by its '" + *where + "'");
        }
    }

    void check_flow(const MessageFlow& flow) {
        const auto to = partners_.find(flow.target_id);
        const auto from = partners_.find(flow.source_id);
        const bool sends = to != partners_.end();
        if (!sends && from == partners_.end()) return;  // to no pool of another tenant
        const auto at = nodes_.find(sends ? flow.source_id : flow.target_id);
        const Node* node = at == nodes_.end() ? nullptr : at->second;
        const std::string& element = node == nullptr ? flow.id : node->id;
        const std::string name = name_of(flow);
        const ContractMessage* found = message(name);
        if (found == nullptr) {
            add(node, element, "the contract has no message '" + name + "'");
            return;
        }
        flowing_.insert(name);
        const std::string& other = (sends ? to : from)->second->role;
        const std::string& own = sends ? found->from : found->to;
        if ((sends ? found->to : found->from) != other || own == other) {
            add(node, element,
                "'" + name + "' is " + (sends ? "sent to '" : "received from '") + other +
                    "'; the contract says from '" + found->from + "' to '" + found->to + "'");
            return;
        }
        if (own_.empty()) own_ = own;
        if (own_ != own) {
            add(node, element,
                "the own pool plays '" + own + "' with '" + name + "' and '" + own_ +
                    "' with others");
        }
    }

    void check_sender(const Node& node) {
        const bpmn::EventDefinition* event = thrown(node);
        if (event == nullptr) return;
        const std::string& name = event->message.name.source;
        const ContractMessage* found = message(name);
        if (found == nullptr) return;  // a flow to a pool was named before
        if (!flowing_.contains(name)) {
            add(&node, node.id, "no message flow carries '" + name + "'");
            return;
        }
        std::set<std::string, std::less<>> given;
        for (const auto& input : node.details.inputs) {
            given.insert(input.target.substr(0, input.target.find('.')));
        }
        for (const std::string& member : found->required) {
            if (!given.contains(member)) {
                add(&node, node.id, "'" + name + "' is sent without '" + member + "'");
            }
        }
        for (const std::string& member : given) {
            if (member == "dokumente" && found->documents > 0) continue;
            if (!found->open && !found->members.contains(member)) {
                add(&node, node.id,
                    "'" + name + "' is sent with '" + member +
                        "', which the contract does not have");
            }
        }
    }

    const bpmn::Process& process_;
    const bpmn::Model& model_;
    const Collaboration& collaboration_;
    const ContractBook& contracts_;
    std::map<std::string, const Node*, std::less<>> nodes_;
    std::map<std::string, const bpmn::Partner*, std::less<>> partners_;  // by participant
    std::set<std::string, std::less<>> flowing_;
    std::string own_;  // role
    std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> check_contracts(const Package& package, const ContractBook& contracts) {
    std::vector<Problem> out;
    for (const Collaboration& one : package.parts->model->collaborations()) {
        if (one.contract.empty()) continue;
        auto found = ContractCheck(package, one, contracts).run();
        std::move(found.begin(), found.end(), std::back_inserter(out));
    }
    return out;
}

}  // namespace schwarm::services
