// What a migration does with listeners, loops, the compensation log and what an ad-hoc subprocess
// has still to begin.
#include <algorithm>

#include "behaviors/migration.hpp"

namespace schwarm::engine {
namespace {

bool same_listeners(const std::vector<bpmn::Listener>& a, const std::vector<bpmn::Listener>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const bpmn::Listener& x, const bpmn::Listener& y) {
                          return x.event == y.event && x.type.source == y.type.source;
                      });
}

}  // namespace

void Migration::check_loop(const Member& m) {
    const bpmn::Node& target = *m.target;
    bool alike = target.has_loop == m.source->has_loop;
    if (alike && target.has_loop) {
        const bpmn::LoopDefinition& before = *m.source->details.loop;
        const bpmn::LoopDefinition& after = *target.details.loop;
        alike = before.sequential == after.sequential &&
                before.standard.has_value() == after.standard.has_value() &&
                before.output_collection.empty() == after.output_collection.empty();
    }
    if (alike) return;
    problem(m.key, m.source->id,
            "it and " + quoted(target) + " are not loops or multi-instance activities alike");
}

// Listeners are counted, so those of an element on which one works must stay.
void Migration::check_listeners(const Member& m) {
    const auto& before = m.source->details;
    const auto& after = m.target->details;
    const ElementInstance& e = *t_.state().element(m.key);
    const std::uint32_t starts = static_cast<std::uint32_t>(before.start_listeners.size());
    bool works = false;
    for (const Job& job : t_.state().jobs) {
        works = works || (job.element == m.key && job.kind == JobKind::execution_listener);
    }
    const bool starting =
        e.phase == ElementPhase::activating && e.listeners < starts && (works || e.listeners > 0);
    const bool ending = e.listeners > starts || (works && !starting);
    const TaskAction* action = t_.state().task_action(m.key);
    if ((starting && !same_listeners(before.start_listeners, after.start_listeners)) ||
        (ending && !same_listeners(before.end_listeners, after.end_listeners)) ||
        (action != nullptr && !same_listeners(before.task_listeners, after.task_listeners))) {
        problem(
            m.key, m.source->id,
            "one of its listeners is at work, and " + quoted(*m.target) + " has other listeners");
    }
}

// What a sequential ad-hoc subprocess has still to begin.
void Migration::check_order(const Member& m) {
    if (m.is_inner || m.is_body) return;
    const auto& before = *m.source->details.ad_hoc;
    const auto& after = *m.target->details.ad_hoc;
    if (before.sequential != after.sequential) {
        problem(m.key, m.source->id, "only one of it and " + quoted(*m.target) + " is sequential");
        return;
    }
    const auto& loop = t_.state().element(m.key)->loop;
    if (loop == nullptr) return;
    for (std::size_t i = loop->next; i < loop->items.size(); ++i) {
        const std::string id(loop->items[i].as_string());
        const bpmn::NodeIndex into = image(from_->find(id));
        if (into == bpmn::kNoNode || to_->node(into).parent != m.target->index) {
            problem(m.key, id,
                    "it is still to be activated and has no mapping into " + quoted(*m.target));
        }
    }
}

// What has completed goes with the process instance as long as it can be compensated.
void Migration::check_compensables() {
    const auto& log = t_.state().compensables;
    const auto around = [&log](const Compensable& c) -> const Compensable* {
        for (const Compensable& other : log) {
            if (other.by_scope && other.activity == c.scope) return &other;
        }
        return nullptr;
    };
    for (const Compensable& c : log) {
        const Compensable* outermost = &c;
        while (member(outermost->scope) == nullptr) {
            outermost = around(*outermost);
            if (outermost == nullptr) break;
        }
        if (outermost == nullptr) continue;
        compensables_.push_back(c.key);
        const bpmn::Node& source = from_->node(c.node);
        const bpmn::NodeIndex index = image(c.node);
        if (index == bpmn::kNoNode) {
            problem(c.activity, source.id,
                    "it has completed, can be compensated and has no mapping");
            continue;
        }
        const bpmn::Node& target = to_->node(index);
        const bpmn::NodeIndex handler = target.compensated_by;
        if (target.kind != source.kind || target.has_loop != source.has_loop ||
            (!c.by_scope && handler == bpmn::kNoNode)) {
            problem(c.activity, source.id,
                    "it has completed and can be compensated, but " + quoted(target) +
                        " cannot be in the same way");
            continue;
        }
        check_scope(c.activity, source, target);
        const bool works = !c.by_scope && c.handler != ElementKey();
        if (works && image(source.compensated_by) != handler) {
            problem(c.handler, from_->node(source.compensated_by).id,
                    "it compensates, and its mapping is not the handler of " + quoted(target));
        }
    }
}

void Migration::move_structures() {
    for (const ElementKey key : compensables_) {
        const auto& log = t_.state().compensables;
        const auto at = std::find_if(log.begin(), log.end(),
                                     [key](const Compensable& c) { return c.key == key; });
        t_.emit(CompensableMigratedV1{key, definition_, image(at->node)});
    }
    for (GatewayReset& g : resets_) {
        t_.emit(GatewayActivatedV1{g.scope, g.definition, g.node, std::move(g.consumed)});
    }
    for (const Member& m : members_) {
        const ElementInstance& e = *t_.state().element(m.key);
        const auto before = static_cast<std::uint32_t>(m.source->details.start_listeners.size());
        const auto after = static_cast<std::uint32_t>(m.target->details.start_listeners.size());
        const bool begun = e.phase != ElementPhase::activating || e.listeners > 0;
        const bool counts = !m.is_body && !m.is_inner;
        if (begun && counts && e.listeners >= before && before != after) {
            t_.emit(ListenersDoneV1{m.key, e.listeners - before + after});
        }
        const auto loop = e.loop;
        if (loop == nullptr || m.is_body || loop->next >= loop->items.size()) continue;
        ValueList rest;
        for (std::size_t i = loop->next; i < loop->items.size(); ++i) {
            const bpmn::NodeIndex into = image(from_->find(loop->items[i].as_string()));
            rest.emplace_back(to_->node(into).id);
        }
        t_.emit(LoopStartedV1{m.key, std::move(rest), false});
    }
}

}  // namespace schwarm::engine
