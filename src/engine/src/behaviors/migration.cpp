#include "behaviors/migration.hpp"

#include <algorithm>

#include "behaviors/placement.hpp"
#include "behaviors/triggers.hpp"

namespace schwarm::engine {
namespace {

std::string kind_of(const bpmn::Node& node) {
    std::string out(bpmn::name_of(node.kind));
    if (node.event != bpmn::EventKind::none) {
        out += " (" + std::string(bpmn::name_of(node.event)) + ")";
    }
    return out;
}

// The events they catch or throw are of the same kinds, in the same order.
bool same_events(const bpmn::Node& a, const bpmn::Node& b) {
    const auto x = a.event_definitions();
    const auto y = b.event_definitions();
    return a.event == b.event && a.details.parallel_multiple == b.details.parallel_multiple &&
           a.parallel_events == b.parallel_events &&
           std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [](const auto& e, const auto& f) { return e.kind == f.kind; });
}

template <class T>
std::vector<T> hosted_by(const std::vector<T>& items, ElementKey host) {
    std::vector<T> out;
    for (const T& item : items) {
        if (item.host == host) out.push_back(item);
    }
    return out;
}

bool compensates(const CaseState& state, ElementKey key) {
    return std::any_of(state.compensables.begin(), state.compensables.end(),
                       [key](const Compensable& c) { return c.handler == key; });
}

}  // namespace

std::vector<MigrationProblem> Migration::run() {
    const auto root = placement::process_instance(t_.state(), command_.process_instance);
    if (!root) {
        problem(command_.process_instance, {},
                placement::no_process_instance(command_.process_instance).message);
        return problems_;
    }
    root_ = *root;
    from_ = &t_.process(t_.state().element(root_)->definition);
    to_ = t_.definitions().processes.process(command_.target);
    if (to_ == nullptr) {
        problem({}, {}, "process '" + command_.target.value() + "' is not deployed");
        return problems_;
    }
    read_mappings();
    collect_members();
    for (Member& m : members_) check(m);
    check_waiting();
    check_compensables();
    for (const Timer& timer : t_.state().timers) {
        if (const Member* host = member(timer.host)) check_event(*host, timer.node);
    }
    for (const Subscription& s : t_.state().subscriptions) {
        if (const Member* host = member(s.host)) check_event(*host, s.node);
    }
    if (!problems_.empty()) return problems_;
    const auto definition = t_.use_definition(command_.target);
    CHECK(definition.has_value(), "a deployed process cannot be used");
    definition_ = *definition;
    move_tokens();
    move_elements();
    move_structures();
    move_events();
    open_events();
    if (problems_.empty()) open_gateways();
    return problems_;
}

void Migration::problem(ElementKey key, const std::string& id, std::string reason) {
    problems_.push_back({key, id, std::move(reason)});
}

void Migration::read_mappings() {
    map_.emplace(bpmn::kProcessNode, bpmn::kProcessNode);
    for (const MappingInstruction& m : command_.mappings) {
        const bpmn::NodeIndex source = from_->find(m.source);
        const bpmn::NodeIndex target = to_->find(m.target);
        if (source == bpmn::kNoNode || source == bpmn::kProcessNode) {
            problem({}, m.source, "the process instance's definition has no such element to map");
        } else if (target == bpmn::kNoNode || target == bpmn::kProcessNode) {
            problem({}, m.source, "the target has no element '" + m.target + "'");
        } else if (!map_.emplace(source, target).second) {
            problem({}, m.source, "it is mapped more than once");
        }
    }
}

void Migration::collect_members() {
    for (const ElementInstance& e : t_.state().elements) {
        if (placement::root_of(t_.state(), e.key) != root_) continue;
        const Active at = t_.active(e.key);
        Member m;
        m.key = e.key;
        m.source = at.node;
        // A scope that is only there to be compensated has none.
        m.opens = e.phase != ElementPhase::activating && !compensates(t_.state(), e.key);
        m.is_body = at.is_loop_body();
        m.is_iteration = e.loop_counter > 0;
        m.is_inner = e.inner;
        members_.push_back(m);
    }
    for (const ElementInstance& e : t_.state().elements) {
        if (member(e.key) == nullptr || e.key == root_) continue;
        const bpmn::Node& node = from_->node(e.node);
        if (node.kind != bpmn::NodeKind::event_sub_process) continue;
        const auto scope =
            std::lower_bound(members_.begin(), members_.end(), e.scope,
                             [](const Member& m, ElementKey k) { return m.key < k; });
        if (from_->node(node.start_events.at(0)).interrupting) scope->interrupted = true;
    }
}

const Migration::Member* Migration::member(ElementKey key) const {
    const auto at = std::lower_bound(members_.begin(), members_.end(), key,
                                     [](const Member& m, ElementKey k) { return m.key < k; });
    return at != members_.end() && at->key == key ? &*at : nullptr;
}

bpmn::NodeIndex Migration::image(bpmn::NodeIndex node) const {
    const auto found = map_.find(node);
    return found == map_.end() ? bpmn::kNoNode : found->second;
}

void Migration::check(Member& m) {
    const bpmn::NodeIndex index = image(m.source->index);
    if (index == bpmn::kNoNode) {
        problem(m.key, m.source->id, "it is active and has no mapping");
        return;
    }
    m.target = &to_->node(index);
    check_listeners(m);
    if (m.key == root_) {
        check_via(m);
        return;
    }
    const bpmn::Node& target = *m.target;
    if (target.kind != m.source->kind || !same_events(target, *m.source)) {
        problem(m.key, m.source->id,
                "a " + kind_of(*m.source) + " cannot become " + quoted(target) + ", a " +
                    kind_of(target));
        return;
    }
    if (target.details.job.has_value() != m.source->details.job.has_value()) {
        problem(m.key, m.source->id,
                "only one of it and " + quoted(target) + " is worked as a job");
    }
    check_loop(m);
    if (m.source->kind == bpmn::NodeKind::ad_hoc_sub_process) check_order(m);
    check_scope(m.key, *m.source, target);
    check_via(m);
}

void Migration::check_scope(ElementKey key, const bpmn::Node& source, const bpmn::Node& target) {
    const bpmn::NodeIndex scope = image(source.parent);
    // A scope without mapping is a problem of its own.
    if (scope == bpmn::kNoNode || scope == target.parent) return;
    problem(key, source.id,
            "its scope becomes " + quoted(to_->node(scope)) + ", but " + quoted(target) +
                " is in " + quoted(to_->node(target.parent)));
}

void Migration::check_via(Member& m) {
    const std::uint32_t via = t_.state().element(m.key)->via;
    if (via == bpmn::kNoFlow) return;
    if (m.key != root_) {
        m.via = flow_image(via, *m.target);
        if (m.via == bpmn::kNoFlow) {
            problem(m.key, m.source->id,
                    "a token came by the flow '" + from_->flow(via).id + "', which " +
                        quoted(*m.target) + " does not have");
        }
        return;
    }
    if (m.source->kind != bpmn::NodeKind::process ||
        t_.state().element(root_)->scope != ElementKey())
        return;
    // The start event, needed as long as the process has not begun.
    m.via = image(via);
    if (m.via == bpmn::kNoNode) m.via = m.target->none_start;
    const auto& starts = to_->starts();
    const bool ok = std::any_of(starts.begin(), starts.end(),
                                [&m](const bpmn::ProcessStart& s) { return s.node == m.via; });
    if (!m.opens && !ok) {
        problem(m.key, from_->node(via).id,
                "the process has not begun, and its start event has "
                "no mapping to a start event");
    }
}

bpmn::FlowIndex Migration::flow_image(bpmn::FlowIndex flow, const bpmn::Node& target) const {
    const bpmn::Flow& source = from_->flow(flow);
    for (const bpmn::FlowIndex f : target.incoming) {
        if (to_->flow(f).id == source.id) return f;
    }
    const bpmn::NodeIndex origin = image(source.source);
    for (const bpmn::FlowIndex f : target.incoming) {
        if (to_->flow(f).source == origin) return f;
    }
    return bpmn::kNoFlow;
}

bool Migration::check_gateway(ElementKey scope, const bpmn::Node& gateway, const std::string& why) {
    const bpmn::NodeIndex index = image(gateway.index);
    if (index == bpmn::kNoNode) {
        problem(scope, gateway.id, why + " and it has no mapping");
        return false;
    }
    const bpmn::Node& target = to_->node(index);
    if (target.kind != gateway.kind) {
        problem(scope, gateway.id,
                "a " + kind_of(gateway) + " cannot become " + quoted(target) + ", a " +
                    kind_of(target));
        return false;
    }
    check_scope(scope, gateway, target);
    return true;
}

void Migration::check_waiting() {
    for (const GatewayReset& g : t_.state().gateway_resets) {
        if (member(g.scope) == nullptr) continue;
        check_gateway(g.scope, from_->node(g.node), "it has been activated, waits for its reset");
    }
    for (const WaitingTokens& w : t_.state().waiting) {
        if (member(w.scope) == nullptr) continue;
        const bpmn::Node& gateway = from_->node(from_->flow(w.flow).target);
        if (!check_gateway(w.scope, gateway, "a token waits there")) continue;
        const bpmn::Node& target = to_->node(image(gateway.index));
        if (flow_image(w.flow, target) == bpmn::kNoFlow) {
            problem(w.scope, gateway.id,
                    "a token waits on the flow '" + from_->flow(w.flow).id + "', which " +
                        quoted(target) + " does not have");
        }
    }
}

std::vector<bpmn::NodeIndex> Migration::events_of(const bpmn::Process& in, const bpmn::Node& node,
                                                  const Member& m) const {
    std::vector<bpmn::NodeIndex> out;
    if (m.is_inner) return out;
    if (!m.is_iteration) out = node.boundary_events;
    if (m.is_body) return out;
    if (node.kind == bpmn::NodeKind::event_based_gateway) {
        for (const bpmn::FlowIndex f : node.outgoing) out.push_back(in.flow(f).target);
    }
    for (const bpmn::NodeIndex e : node.event_sub_processes) {
        out.push_back(in.node(e).start_events.at(0));
    }
    return out;
}

// An event subprocess and its start event belong together: a mapping of one is enough.
bpmn::NodeIndex Migration::event_image(const Member& host, bpmn::NodeIndex event) const {
    if (event == host.source->index) return host.target->index;
    const bpmn::NodeIndex direct = image(event);
    if (direct != bpmn::kNoNode) return direct;
    const bpmn::Node& node = from_->node(event);
    if (node.kind != bpmn::NodeKind::start_event) return bpmn::kNoNode;
    const bpmn::NodeIndex around = image(node.parent);
    if (around == bpmn::kNoNode || around == bpmn::kProcessNode) return bpmn::kNoNode;
    const auto& starts = to_->node(around).start_events;
    return starts.empty() ? bpmn::kNoNode : starts.front();
}

void Migration::check_event(const Member& host, bpmn::NodeIndex event) {
    if (host.target == nullptr) return;
    const bpmn::NodeIndex index = event_image(host, event);
    if (index == bpmn::kNoNode || event == host.source->index) return;
    const bpmn::Node& source = from_->node(event);
    const bpmn::Node& target = to_->node(index);
    const auto possible = events_of(*to_, *host.target, host);
    if (std::find(possible.begin(), possible.end(), index) == possible.end()) {
        problem(host.key, source.id,
                "its mapping " + quoted(target) + " does not belong to " + quoted(*host.target));
        return;
    }
    if (!same_events(source, target)) {
        problem(
            host.key, source.id,
            "a " + kind_of(source) + " cannot become " + quoted(target) + ", a " + kind_of(target));
        return;
    }
    for (const MovedEvent& moved : moved_events_) {
        if (moved.host != &host || moved.target != index) continue;
        if (moved.source == event) return;
        problem(host.key, source.id,
                quoted(from_->node(moved.source)) + " is mapped to " + quoted(target) + " as well");
        return;
    }
    moved_events_.push_back({&host, event, index});
}

// Before the elements move: a waiting token is found by its definition.
void Migration::move_tokens() {
    const auto waiting = t_.state().waiting;
    const auto pending = t_.state().gateway_resets;
    for (const GatewayReset& g : pending) {
        if (member(g.scope) == nullptr) continue;
        t_.emit(GatewayResetV1{g.scope, g.definition, g.node});
        GatewayReset moved{g.scope, definition_, image(g.node), {}};
        for (const bpmn::FlowIndex f : g.consumed) {
            const bpmn::FlowIndex into = flow_image(f, to_->node(moved.node));
            if (into != bpmn::kNoFlow) moved.consumed.push_back(into);
        }
        resets_.push_back(std::move(moved));
    }
    std::vector<ElementKey> scopes;
    for (const WaitingTokens& w : waiting) {
        if (member(w.scope) == nullptr) continue;
        if (std::find(scopes.begin(), scopes.end(), w.scope) != scopes.end()) continue;
        scopes.push_back(w.scope);
        t_.emit(TokensDiscardedV1{w.scope});
    }
    for (const WaitingTokens& w : waiting) {
        if (member(w.scope) == nullptr) continue;
        const bpmn::Node& target = to_->node(image(from_->flow(w.flow).target));
        const bpmn::FlowIndex flow = flow_image(w.flow, target);
        for (std::uint32_t i = 0; i < w.count; ++i) {
            t_.emit(TokenWaitingV1{w.scope, definition_, flow});
        }
    }
}

void Migration::move_elements() {
    for (const Member& m : members_) {
        if (m.key == root_)
            t_.emit(ProcessMigratedV1{m.key, definition_, m.via});
        else
            t_.emit(ElementMigratedV1{m.key, definition_, m.target->index, m.via});
    }
}

void Migration::move_events() {
    for (const Member& m : members_) {
        for (const Timer& timer : hosted_by(t_.state().timers, m.key)) {
            const bpmn::NodeIndex event = event_image(m, timer.node);
            if (event == bpmn::kNoNode)
                t_.emit(TimerCancelledV1{timer.key});
            else
                t_.emit(TimerMigratedV1{timer.key, definition_, event});
        }
        for (const Subscription& s : hosted_by(t_.state().subscriptions, m.key)) {
            const bpmn::NodeIndex event = event_image(m, s.node);
            if (event == bpmn::kNoNode)
                t_.emit(SubscriptionClosedV1{s.key});
            else
                t_.emit(SubscriptionMigratedV1{s.key, definition_, event});
        }
        const auto held = hosted_by(t_.state().held, m.key);
        for (const HeldTrigger& h : held) {
            t_.emit(TriggersReleasedV1{h.host, h.definition, h.node});
        }
        for (const HeldTrigger& h : held) {
            const bpmn::NodeIndex event = event_image(m, h.node);
            if (event == bpmn::kNoNode) continue;
            t_.emit(TriggerHeldV1{h.host, definition_, event, h.part, h.variables});
        }
    }
}

// What a mapped event was before decides about it: one that has fired does not open once more.
void Migration::open_events() {
    for (const Member& m : members_) {
        if (!m.opens) continue;
        std::vector<bpmn::NodeIndex> known;
        for (const bpmn::NodeIndex e : events_of(*from_, *m.source, m)) {
            known.push_back(event_image(m, e));
        }
        for (const bpmn::NodeIndex e : events_of(*to_, *m.target, m)) {
            const bpmn::Node& event = to_->node(e);
            if (std::find(known.begin(), known.end(), e) != known.end()) continue;
            if (m.interrupted && event.kind == bpmn::NodeKind::start_event) continue;
            if (auto failure = triggers::open(t_, m.key, definition_, event)) {
                problem(m.key, event.id, std::move(failure->reason));
            }
        }
    }
}

// The target may need fewer tokens than have arrived.
void Migration::open_gateways() {
    const auto waiting = t_.state().waiting;
    for (const WaitingTokens& w : waiting) {
        if (member(w.scope) == nullptr || w.definition != definition_) continue;
        const bpmn::Node& gateway = to_->node(to_->flow(w.flow).target);
        if (gateway.kind != bpmn::NodeKind::parallel_gateway) continue;
        const auto arrived = [&](bpmn::FlowIndex f) {
            const auto& now = t_.state().waiting;
            return std::any_of(now.begin(), now.end(), [&](const WaitingTokens& other) {
                return other.scope == w.scope && other.definition == definition_ && other.flow == f;
            });
        };
        while (std::all_of(gateway.incoming.begin(), gateway.incoming.end(), arrived)) {
            t_.start_node(w.scope, definition_, gateway.index, gateway.incoming);
        }
    }
}

}  // namespace schwarm::engine
