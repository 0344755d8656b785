#include "transition.hpp"

#include <algorithm>

#include "behaviors/conditions.hpp"
#include "behaviors/execution_listeners.hpp"
#include "behaviors/expressions.hpp"
#include "behaviors/triggers.hpp"
#include "behaviors/variable_mapping.hpp"
#include "elements/elements.hpp"
#include "schwarm/base/check.hpp"

namespace schwarm::engine {

void throw_exception_from_error(const Failure& failure, const boost::source_location&) {
    CHECK(false, "an unexamined failure: " + failure.reason);
    std::abort();
}

Transition::Transition(const CaseState& state, const Definitions& definitions,
                       const Command& command)
    : definitions_(definitions), command_(command), clock_(command.now), next_(state) {
    events_.reserve(24);
    emit(CommandAcceptedV1{command.id, std::string(name_of(command.body)), command.actor,
                           command.now});
}

const bpmn::Process& Transition::process(std::uint16_t definition) const {
    CHECK(definition < next_.definitions.size(), "unknown definition index");
    if (processes_.size() < next_.definitions.size()) {
        processes_.resize(next_.definitions.size(), nullptr);
    }
    const bpmn::Process*& cached = processes_[definition];
    if (cached == nullptr) {
        cached = definitions_.processes.process(next_.definitions[definition]);
        CHECK(cached != nullptr,
              "definition " + next_.definitions[definition].value() + " is not deployed");
    }
    return *cached;
}

std::optional<std::uint16_t> Transition::use_definition(const DefinitionKey& key) {
    const auto& known = next_.definitions;
    const auto found = std::find(known.begin(), known.end(), key);
    if (found != known.end()) return static_cast<std::uint16_t>(found - known.begin());
    if (definitions_.processes.process(key) == nullptr || known.size() >= 0xffff) {
        return std::nullopt;
    }
    emit(DefinitionUsedV1{key});
    return static_cast<std::uint16_t>(next_.definitions.size() - 1);
}

Active Transition::active(ElementKey key) const {
    const ElementInstance* instance = next_.element(key);
    CHECK(instance != nullptr, "element " + std::to_string(key.value()) + " is not active");
    Active out;
    out.key = key;
    out.scope = instance->scope;
    out.definition = instance->definition;
    out.loop_counter = instance->loop_counter;
    out.inner = instance->inner;
    out.process = &process(instance->definition);
    CHECK(instance->node < out.process->nodes.size(), "the definition has no such node");
    out.node = &out.process->node(instance->node);
    return out;
}

std::uint32_t Transition::depth(ElementKey key) const {
    std::uint32_t n = 0;
    for (const auto* at = next_.element(key); at != nullptr; at = next_.element(at->scope)) ++n;
    return n;
}

void Transition::request_effect(ElementKey element, NewEffect effect) {
    const auto key = new_key<EffectKey>();
    emit(EffectRequestedV1{key, element, effect.kind, effect.name});
    effects_.push_back(
        {key, element, std::move(effect.kind), std::move(effect.name), std::move(effect.payload)});
}

void Transition::reach_milestone(std::uint16_t definition, const bpmn::Node& node) {
    const bool named_throw = node.kind == bpmn::NodeKind::intermediate_throw_event &&
                             node.event == bpmn::EventKind::none && !node.name.empty();
    if (named_throw || node.kind == bpmn::NodeKind::start_event ||
        node.kind == bpmn::NodeKind::end_event) {
        emit(MilestoneReachedV1{definition, node.index, now()});
    }
}

void Transition::emit(VariablesSetV1 record) {
    const auto changes = conditions::changes(next_, record);
    const ElementKey scope = record.scope;
    apply_record(next_, record);
    events_.emplace_back(std::move(record));
    if (!changes.empty()) conditions::ask(*this, scope, changes);
}

void Transition::trigger_later(SubscriptionKey condition) {
    if (std::find(conditions_.begin(), conditions_.end(), condition) == conditions_.end()) {
        conditions_.push_back(condition);
    }
}

// A condition can make itself true again, so it counts as a step.
void Transition::trigger_condition() {
    const SubscriptionKey key = conditions_.front();
    conditions_.pop_front();
    const Subscription* found = next_.subscription(key);
    if (found == nullptr) return;
    if (++steps_ <= definitions_.limits.steps_max) {
        triggers::trigger(*this, Subscription(*found), {});
        return;
    }
    raise(found->host, too_many_steps(), next_.element(found->host)->phase);
}

Failure Transition::too_many_steps() const {
    return {IncidentKind::step_limit,
            "more than " + std::to_string(definitions_.limits.steps_max) +
                " steps in one command; the process may run in a circle",
            {}};
}

// Nothing to evaluate before or after, and nothing to wait for.
static bool passes_at_once(const bpmn::Node& node) {
    using bpmn::NodeKind;
    if (node.has_loop || node.has_listeners() || !node.details.inputs.empty() ||
        !node.details.outputs.empty()) {
        return false;
    }
    switch (node.kind) {
        case NodeKind::task:
        case NodeKind::manual_task:
            return node.boundary_events.empty();
        case NodeKind::start_event:
        case NodeKind::exclusive_gateway:
        case NodeKind::parallel_gateway:
        case NodeKind::inclusive_gateway:
        case NodeKind::complex_gateway:
            return true;
        case NodeKind::intermediate_throw_event:
        case NodeKind::end_event:
            return node.event == bpmn::EventKind::none && !node.details.job;
        case NodeKind::intermediate_catch_event:
            return node.event == bpmn::EventKind::link;
        default:
            return false;
    }
}

void Transition::start_node(ElementKey scope, std::uint16_t definition, bpmn::NodeIndex index,
                            FlowList consumed) {
    const bpmn::Process& in = process(definition);
    const bpmn::Node& node = in.node(index);
    if (passes_at_once(node)) {
        auto flows = elements::choose_flows(*this, scope, in, node);
        if (flows.has_value()) {
            pass(scope, definition, node, std::move(consumed), std::move(*flows));
            return;
        }
        const ElementKey key = activate(scope, definition, index, 0, std::move(consumed));
        raise(key, flows.error(), ElementPhase::activating);
        return;
    }
    begin(activate(scope, definition, index, 0, std::move(consumed)));
}

ElementKey Transition::activate(ElementKey scope, std::uint16_t definition, bpmn::NodeIndex node,
                                std::uint32_t loop_counter, FlowList consumed,
                                bpmn::FlowIndex via) {
    const auto key = new_key<ElementKey>();
    emit(ElementActivatedV1{key, scope, definition, node, loop_counter, std::move(consumed), via});
    return key;
}

void Transition::begin(ElementKey key) {
    const Active at = active(key);
    MaybeFailure failure;
    if (at.is_loop_body()) {
        failure = triggers::open_boundary_events(*this, at);
        if (!failure) failure = elements::begin_loop(*this, at);
    } else {
        // After an incident behind the listeners, these and the mappings are not repeated.
        if (next_.element(key)->listeners == 0) failure = variable_mapping::map_inputs(*this, at);
        if (!failure) {
            const auto waits = execution_listeners::start(*this, at);
            if (waits.has_error())
                failure = waits.error();
            else if (*waits)
                return;
        }
        if (!failure && at.loop_counter == 0) {
            failure = triggers::open_boundary_events(*this, at);
        }
        if (!failure) failure = elements::on_activate(*this, at);
    }
    if (failure) raise(key, std::move(*failure), ElementPhase::activating);
}

void Transition::finish(ElementKey key, const Variables& variables) {
    const Active at = active(key);
    if (!variables.empty()) {
        if (at.node->details.outputs.empty()) {
            variable_mapping::propagate(*this, key, variables);
        } else {
            emit(VariablesSetV1{key, variables});
        }
    }
    complete(key);
}

// Terminate, alone or as a part of a multiple event.
static bool ends_scope(const bpmn::Node& end_event) {
    const auto events = end_event.event_definitions();
    return std::any_of(events.begin(), events.end(), [](const bpmn::EventDefinition& event) {
        return event.kind == bpmn::EventKind::terminate;
    });
}

void Transition::complete(ElementKey key) {
    const Active at = active(key);
    if (!at.is_loop_body()) {
        MaybeFailure failure;
        if (!execution_listeners::has_ended_some(*this, at)) {
            failure = variable_mapping::map_outputs(*this, at);
        }
        if (!failure) {
            const auto waits = execution_listeners::end(*this, at);
            if (waits.has_error())
                failure = waits.error();
            else if (*waits)
                return;
        }
        if (failure) {
            raise(key, std::move(*failure), ElementPhase::completing);
            return;
        }
    }
    if (at.node->kind == bpmn::NodeKind::process) {
        end_process(at);
        return;
    }
    if (at.loop_counter > 0) {
        if (auto failure = elements::end_iteration(*this, at)) {
            raise(key, std::move(*failure), ElementPhase::completing);
        }
        return;
    }
    auto flows = elements::choose_flows(*this, key, *at.process, *at.node);
    if (flows.has_error()) {
        raise(key, flows.error(), ElementPhase::completing);
        return;
    }
    elements::remember_completion(*this, at);
    const auto compensates_for = elements::thrower_of_handler(*this, key);
    emit(ElementCompletedV1{key, *flows});
    reach_milestone(at.definition, *at.node);
    if (at.node->kind == bpmn::NodeKind::end_event && ends_scope(*at.node)) {
        terminate_children(at.scope);
        discard_tokens(at.scope);
    }
    if (compensates_for) continue_compensation_later(*compensates_for);
    take(at.scope, at.definition, *flows);
    if (at.node->link_target != bpmn::kNoNode) {
        start_node(at.scope, at.definition, at.node->link_target);
    }
    if (at.node->kind == bpmn::NodeKind::event_sub_process) {
        elements::event_sub_process_ended(*this, at);
    }
}

void Transition::pass(ElementKey scope, std::uint16_t definition, const bpmn::Node& node,
                      FlowList consumed, FlowList flows) {
    emit(ElementPassedV1{new_key<ElementKey>(), scope, definition, node.index, std::move(consumed),
                         flows});
    reach_milestone(definition, node);
    take(scope, definition, flows);
}

void Transition::pass_triggered(ElementKey scope, std::uint16_t definition, const bpmn::Node& node,
                                const Variables& variables) {
    const bpmn::Process& in = process(definition);
    if (node.details.outputs.empty() && !node.has_listeners()) {
        if (!variables.empty()) variable_mapping::propagate(*this, scope, variables);
        auto flows = elements::choose_flows(*this, scope, in, node);
        if (flows.has_value()) {
            pass(scope, definition, node, {}, std::move(*flows));
            return;
        }
    }
    const ElementKey key = activate(scope, definition, node.index);
    if (!variables.empty()) {
        if (node.details.outputs.empty())
            variable_mapping::propagate(*this, key, variables);
        else
            emit(VariablesSetV1{key, variables});
    }
    complete(key);
}

void Transition::take(ElementKey scope, std::uint16_t definition, const FlowList& flows) {
    for (const bpmn::FlowIndex flow : flows) tokens_.push_back({scope, definition, flow});
    if (flows.empty()) check_scope_later(scope);
}

void Transition::terminate(ElementKey key) {
    terminate_children(key);
    emit(ElementTerminatedV1{key});
}

void Transition::terminate_children(ElementKey scope) {
    const ElementInstance* at = next_.element(scope);
    if (at == nullptr || at->children == 0) return;
    std::vector<ElementKey> children;
    for (const ElementInstance& e : next_.elements) {
        if (e.scope == scope) children.push_back(e.key);
    }
    for (const ElementKey child : children) terminate(child);
}

void Transition::discard_tokens(ElementKey scope) {
    std::erase_if(tokens_, [scope](const Token& t) { return t.scope == scope; });
    const bool any = std::any_of(next_.waiting.begin(), next_.waiting.end(),
                                 [scope](const WaitingTokens& w) { return w.scope == scope; });
    const bool resets = std::any_of(next_.gateway_resets.begin(), next_.gateway_resets.end(),
                                    [scope](const GatewayReset& g) { return g.scope == scope; });
    if (any || resets) emit(TokensDiscardedV1{scope});
}

void Transition::raise(ElementKey key, Failure failure, ElementPhase phase) {
    if (next_.element(key)->phase != phase && failure.job == JobKey()) {
        emit(ElementPhaseChangedV1{key, phase});
    }
    Incident incident;
    incident.key = new_key<IncidentKey>();
    incident.element = key;
    incident.kind = failure.kind;
    incident.reason = std::move(failure.reason);
    incident.created = now();
    incident.job = failure.job;
    emit(IncidentCreatedV1{std::move(incident)});
}

void Transition::run() {
    while (true) {
        if (!conditions_.empty()) {
            trigger_condition();
        } else if (!tokens_.empty()) {
            const Token token = tokens_.front();
            tokens_.pop_front();
            enter(token);
        } else if (continue_something()) {
            continue;
        } else if (!next_.waiting.empty() && elements::open_inclusive_join(*this)) {
            continue;
        } else if (!next_.gateway_resets.empty() && elements::reset_complex_gateway(*this)) {
            continue;
        } else if (!scopes_to_check_.empty()) {
            const ElementKey scope = scopes_to_check_.front();
            scopes_to_check_.pop_front();
            const ElementInstance* at = next_.element(scope);
            if (at == nullptr || at->children > 0) continue;
            const bool waits =
                std::any_of(next_.waiting.begin(), next_.waiting.end(),
                            [scope](const WaitingTokens& w) { return w.scope == scope; });
            if (!waits) end_scope(scope);
        } else {
            return;
        }
    }
}

// A loop or a compensation.
bool Transition::continue_something() {
    if (!loops_to_continue_.empty()) {
        const ElementKey body = loops_to_continue_.front();
        loops_to_continue_.pop_front();
        if (next_.element(body) != nullptr) elements::continue_loop(*this, active(body));
        return true;
    }
    if (compensations_to_continue_.empty()) return false;
    const ElementKey thrower = compensations_to_continue_.front();
    compensations_to_continue_.pop_front();
    if (next_.element(thrower) != nullptr) elements::continue_compensation(*this, active(thrower));
    return true;
}

void Transition::enter(const Token& token) {
    if (next_.element(token.scope) == nullptr) return;
    const bpmn::Process& in = process(token.definition);
    const bpmn::Node& node = in.node(in.flow(token.flow).target);
    if (!count_step()) {
        hold(token);
        return;
    }
    FlowList consumed;
    if (node.incoming.size() > 1) {
        if (node.kind == bpmn::NodeKind::complex_gateway) {
            elements::complex_gateway_reached(*this, token, node);
            return;
        }
        if (node.kind == bpmn::NodeKind::parallel_gateway &&
            !join_parallel(token, node, consumed)) {
            return;
        }
        if (node.kind == bpmn::NodeKind::inclusive_gateway) {
            emit(TokenWaitingV1{token.scope, token.definition, token.flow});
            return;
        }
    }
    start_node(token.scope, token.definition, node.index, std::move(consumed));
}

void Transition::hold(const Token& token) {
    const bpmn::Process& in = process(token.definition);
    const ElementKey key =
        activate(token.scope, token.definition, in.flow(token.flow).target, 0, {}, token.flow);
    raise(key, too_many_steps(), ElementPhase::activating);
}

bool Transition::join_parallel(const Token& token, const bpmn::Node& node, FlowList& consumed) {
    for (const bpmn::FlowIndex flow : node.incoming) {
        if (flow == token.flow) continue;
        const bool arrived =
            std::any_of(next_.waiting.begin(), next_.waiting.end(), [&](const WaitingTokens& w) {
                return w.scope == token.scope && w.definition == token.definition && w.flow == flow;
            });
        if (!arrived) {
            emit(TokenWaitingV1{token.scope, token.definition, token.flow});
            consumed.clear();
            return false;
        }
        consumed.push_back(flow);
    }
    return true;
}

void Transition::end_scope(ElementKey scope) {
    const Active at = active(scope);
    if (at.node->kind == bpmn::NodeKind::ad_hoc_sub_process && !at.is_loop_body()) {
        elements::ad_hoc_idle(*this, at);
        return;
    }
    // Held by an incident or a listener: it goes on when that is done.
    if (next_.element(scope)->phase != ElementPhase::active) return;
    if (elements::end_compensated_scope(*this, at)) return;
    if (at.node->is_scope() && !at.is_loop_body()) complete(scope);
}

void Transition::end_process(const Active& at) {
    if (at.scope == ElementKey()) {
        end_case();
        return;
    }
    const Variables brought = next_.element(at.key)->variables;
    emit(ElementCompletedV1{at.key, {}});
    elements::called_process_ended(*this, at.scope, brought);
}

void Transition::end_case() {
    emit(ElementCompletedV1{next_.elements.front().key, {}});
    emit(CaseEndedV1{CaseStatus::completed, {}, now()});
}

Decision Transition::take_decision() {
    Decision out;
    out.events = std::move(events_);
    out.effects = std::move(effects_);
    out.reply.status = next_.status;
    out.next = std::move(next_);
    return out;
}

}  // namespace schwarm::engine
