// Moving one process instance to another definition; what the command and its dry run share.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "schwarm/engine/migration.hpp"
#include "transition.hpp"

namespace schwarm::engine {

inline std::string quoted(const bpmn::Node& node) {
    return "'" + node.id + "'";
}

// One use. run() emits events only if it finds nothing wrong, except for timers and subscriptions
// that cannot be opened: the transition is of no use after a problem.
class Migration {
  public:
    Migration(Transition& t, const MigrateCase& command) : t_(t), command_(command) {}
    std::vector<MigrationProblem> run();

  private:
    // An active element with its node before and after.
    struct Member {
        ElementKey key;
        const bpmn::Node* source = nullptr;
        const bpmn::Node* target = nullptr;
        bpmn::FlowIndex via = bpmn::kNoFlow;
        bool opens = false;  // its catching events are open
        bool is_body = false;
        bool is_iteration = false;
        bool is_inner = false;     // one activation inside an ad-hoc subprocess
        bool interrupted = false;  // by an event subprocess: no other can start
    };
    struct MovedEvent {
        const Member* host = nullptr;
        bpmn::NodeIndex source = 0;
        bpmn::NodeIndex target = 0;
    };

    void read_mappings();
    void collect_members();
    void check(Member& member);
    void check_scope(ElementKey key, const bpmn::Node& source, const bpmn::Node& target);
    void check_via(Member& member);
    void check_loop(const Member& member);
    void check_listeners(const Member& member);
    void check_order(const Member& member);
    bool check_gateway(ElementKey scope, const bpmn::Node& gateway, const std::string& why);
    void check_waiting();
    void check_compensables();
    void check_event(const Member& host, bpmn::NodeIndex event);
    bpmn::NodeIndex image(bpmn::NodeIndex node) const;
    bpmn::NodeIndex event_image(const Member& host, bpmn::NodeIndex event) const;
    bpmn::FlowIndex flow_image(bpmn::FlowIndex flow, const bpmn::Node& target) const;
    std::vector<bpmn::NodeIndex> events_of(const bpmn::Process& in, const bpmn::Node& node,
                                           const Member& member) const;
    const Member* member(ElementKey key) const;
    void problem(ElementKey key, const std::string& id, std::string reason);

    void move_elements();
    void move_tokens();
    void move_structures();
    void move_events();
    void open_events();
    void open_gateways();

    Transition& t_;
    const MigrateCase& command_;
    ElementKey root_;
    const bpmn::Process* from_ = nullptr;
    const bpmn::Process* to_ = nullptr;
    std::uint16_t definition_ = 0;  // index of the target
    std::unordered_map<bpmn::NodeIndex, bpmn::NodeIndex> map_;
    std::vector<Member> members_;  // by key, the root first
    std::vector<MovedEvent> moved_events_;
    std::vector<ElementKey> compensables_;  // entries of this process instance
    std::vector<GatewayReset> resets_;      // in the new definition
    std::vector<MigrationProblem> problems_;
};

}  // namespace schwarm::engine
