// One command being decided: a working copy of the state, the events that lead to it, and the
// tokens that still have to move.
//
// emit() is the only way to change the working copy, through the appliers; everything else reads
// it. Elements (elements/elements.hpp) and command processors (processors/processors.hpp) are
// functions over a Transition.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "appliers/appliers.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/engine/engine.hpp"

namespace schwarm::engine {

// What becomes an incident.
struct Failure {
    IncidentKind kind = IncidentKind::expression;
    std::string reason;
    JobKey job;
};
[[noreturn]] void throw_exception_from_error(const Failure& failure, const boost::source_location&);
template <class T>
using Outcome = boost::system::result<T, Failure>;
using MaybeFailure = std::optional<Failure>;

struct Token {
    ElementKey scope;
    std::uint16_t definition = 0;
    bpmn::FlowIndex flow = 0;
};

// An element instance with its node; a copy, so it stays valid while events are emitted.
struct Active {
    ElementKey key;
    ElementKey scope;
    std::uint16_t definition = 0;
    std::uint32_t loop_counter = 0;
    const bpmn::Process* process = nullptr;
    const bpmn::Node* node = nullptr;
    // One activation inside an ad-hoc subprocess; the node is that of the ad-hoc subprocess.
    bool inner = false;
    // A multi-instance or loop activity as a whole, not one of its iterations.
    bool is_loop_body() const { return node->has_loop && loop_counter == 0 && !inner; }
};

class Transition {
  public:
    Transition(const CaseState& state, const Definitions& definitions, const Command& command);

    const CaseState& state() const { return next_; }
    const Definitions& definitions() const { return definitions_; }
    Instant now() const { return command_.now; }
    const Clock& clock() const { return clock_; }
    const std::string& actor() const { return command_.actor; }

    template <class Record>
    void emit(Record record) {
        apply_record(next_, record);
        events_.emplace_back(std::move(record));
    }
    // Also asks the conditions that may hold now.
    void emit(VariablesSetV1 record);
    template <class Key>
    Key new_key() const {
        return Key(next_.next_key);
    }
    void request_effect(ElementKey element, NewEffect effect);

    const bpmn::Process& process(std::uint16_t definition) const;
    // Index of the definition in the state, noting it if it is new; nothing if it is not deployed.
    std::optional<std::uint16_t> use_definition(const DefinitionKey& key);
    Active active(ElementKey key) const;
    std::uint32_t depth(ElementKey key) const;

    // Lifecycle.
    void start_node(ElementKey scope, std::uint16_t definition, bpmn::NodeIndex node,
                    FlowList consumed = {});
    ElementKey activate(ElementKey scope, std::uint16_t definition, bpmn::NodeIndex node,
                        std::uint32_t loop_counter = 0, FlowList consumed = {},
                        bpmn::FlowIndex via = bpmn::kNoFlow);
    void begin(ElementKey key);
    void complete(ElementKey key);
    // Sets what a task brought back, then completes it.
    void finish(ElementKey key, const Variables& variables);
    void terminate(ElementKey key);
    void terminate_children(ElementKey scope);
    // Activated and completed at once.
    void pass(ElementKey scope, std::uint16_t definition, const bpmn::Node& node, FlowList consumed,
              FlowList flows);
    // A catching event that has just been triggered: brings variables and goes on.
    void pass_triggered(ElementKey scope, std::uint16_t definition, const bpmn::Node& node,
                        const Variables& variables);
    void take(ElementKey scope, std::uint16_t definition, const FlowList& flows);
    void continue_loop_later(ElementKey body) { loops_to_continue_.push_back(body); }
    // A condition that holds; each once until it is its turn.
    void trigger_later(SubscriptionKey condition);
    // Goes on compensating for `thrower` (elements/compensation.cpp).
    void continue_compensation_later(ElementKey thrower) {
        compensations_to_continue_.push_back(thrower);
    }
    // False if the command has made all the steps it may.
    bool count_step() { return ++steps_ <= definitions_.limits.steps_max; }
    void check_scope_later(ElementKey scope) { scopes_to_check_.push_back(scope); }
    void raise(ElementKey key, Failure failure, ElementPhase phase);
    void discard_tokens(ElementKey scope);
    // Moves everything that can move.
    void run();
    Failure too_many_steps() const;
    void enter_again(const Token& token) { tokens_.push_back(token); }

    Decision take_decision();

    // Completes what the process instance `scope` is: the case or a called process.
    void end_process(const Active& at);

  private:
    void enter(const Token& token);
    void hold(const Token& token);
    bool continue_something();
    bool join_parallel(const Token& token, const bpmn::Node& node, FlowList& consumed);
    void end_scope(ElementKey scope);
    void end_case();
    void trigger_condition();
    void reach_milestone(std::uint16_t definition, const bpmn::Node& node);

    const Definitions& definitions_;
    const Command& command_;
    ManualClock clock_;
    CaseState next_;
    std::vector<Event> events_;
    std::vector<Effect> effects_;
    std::deque<Token> tokens_;
    std::deque<ElementKey> loops_to_continue_;
    std::deque<ElementKey> compensations_to_continue_;
    std::deque<ElementKey> scopes_to_check_;
    std::deque<SubscriptionKey> conditions_;
    std::uint32_t steps_ = 0;
    mutable std::vector<const bpmn::Process*> processes_;
};

}  // namespace schwarm::engine
