// Modification: tokens are put on elements and taken from them without a sequence flow.
#include <algorithm>
#include <set>

#include "behaviors/placement.hpp"
#include "elements/elements.hpp"
#include "processors/processors.hpp"

namespace schwarm::engine::processors {
namespace {

class Modification {
  public:
    Modification(Transition& t, const ModifyCase& command, ElementKey root)
        : t_(t), command_(command), root_(root) {}

    Rejection run() {
        if (auto rejection = choose_sources()) return rejection;
        if (auto rejection = choose_terminated()) return rejection;
        if (auto rejection = activate()) return rejection;
        if (auto rejection = move()) return rejection;
        terminate();
        if (auto rejection = end_empty_scopes()) return rejection;
        for (const ElementKey key : begun_) {
            if (t_.state().element(key) != nullptr) t_.begin(key);
        }
        return std::nullopt;
    }

  private:
    bool belongs(ElementKey key) const {
        return t_.state().element(key) != nullptr && placement::root_of(t_.state(), key) == root_;
    }

    // Of a multi-instance activity or ad-hoc subprocess the whole, not what is inside.
    std::vector<ElementKey> instances_of(const std::string& element) const {
        std::vector<ElementKey> out;
        for (const ElementInstance& e : t_.state().elements) {
            if (e.key == root_ || e.loop_counter > 0 || e.inner || !belongs(e.key)) continue;
            if (t_.active(e.key).node->id == element) out.push_back(e.key);
        }
        return out;
    }

    // The instances meant by key or by element id, or why there are none.
    Result<std::vector<ElementKey>> meant(ElementKey key, const std::string& element) const {
        if (key == ElementKey()) {
            auto found = instances_of(element);
            if (found.empty()) return fail(ErrorCode::not_found, "it is not active");
            return found;
        }
        const std::string named = "element " + std::to_string(key.value());
        if (!element.empty()) {
            return fail(ErrorCode::invalid_input, "an instance and an element are named");
        }
        if (!belongs(key)) {
            return fail(ErrorCode::not_found, named + " is not active in this process instance");
        }
        if (key == root_) {
            return fail(ErrorCode::invalid_input, named + " is the process instance itself");
        }
        return std::vector{key};
    }

    Rejection choose_sources() {
        for (std::size_t i = 0; i < command_.move.size(); ++i) {
            const MoveInstruction& m = command_.move[i];
            auto found = meant(m.source_instance, m.source);
            if (found.has_error()) {
                return placement::at_instruction(found.error(), "move", i, m.source);
            }
            leaving_.insert(found->begin(), found->end());
            sources_.push_back(std::move(*found));
        }
        return std::nullopt;
    }

    Rejection choose_terminated() {
        for (std::size_t i = 0; i < command_.terminate.size(); ++i) {
            const TerminateInstruction& instruction = command_.terminate[i];
            const auto found = meant(instruction.instance, instruction.element);
            if (found.has_error()) {
                return placement::at_instruction(found.error(), "terminate", i,
                                                 instruction.element);
            }
            leaving_.insert(found->begin(), found->end());
        }
        return std::nullopt;
    }

    Rejection place(const std::string& element, ElementKey ancestor,
                    const std::vector<VariableInstruction>& variables, std::string_view kind,
                    std::size_t index) {
        if (auto rejection = check_size(t_, variables)) return rejection;
        const auto key = placement::activate(t_, root_, element, ancestor, variables, leaving_);
        if (key.has_error()) return placement::at_instruction(key.error(), kind, index, element);
        begun_.push_back(*key);
        return std::nullopt;
    }

    Rejection activate() {
        for (std::size_t i = 0; i < command_.activate.size(); ++i) {
            const ActivateInstruction& a = command_.activate[i];
            if (auto rejection = place(a.element, a.ancestor, a.variables, "activate", i)) {
                return rejection;
            }
        }
        return std::nullopt;
    }

    // The scope in which the target of a move is activated; 0: it is found by itself.
    ElementKey scope_for(const MoveInstruction& m, ElementKey source) const {
        if (m.scope == MoveScope::direct) return m.ancestor;
        if (m.scope == MoveScope::automatic) return {};
        const Active moved = t_.active(source);
        if (m.scope == MoveScope::source_parent) return moved.scope;
        const bpmn::NodeIndex target = moved.process->find(m.target);
        for (ElementKey at = moved.scope; at != root_;) {
            const Active scope = t_.active(at);
            if (target != bpmn::kNoNode && !scope.is_loop_body() &&
                placement::encloses(*scope.process, scope.node->index, target)) {
                return at;
            }
            at = scope.scope;
        }
        return root_;
    }

    Rejection move() {
        for (std::size_t i = 0; i < command_.move.size(); ++i) {
            const MoveInstruction& m = command_.move[i];
            if (m.scope == MoveScope::direct && m.ancestor == ElementKey()) {
                return placement::at_instruction(
                    fail(ErrorCode::invalid_input, "the ancestor is not named"), "move", i,
                    m.source);
            }
            for (const ElementKey source : sources_[i]) {
                const ElementKey ancestor = scope_for(m, source);
                if (auto rejection = place(m.target, ancestor, m.variables, "move", i)) {
                    return rejection;
                }
            }
        }
        return std::nullopt;
    }

    // Who waits for a compensation handler goes on without it.
    void end(ElementKey key) {
        const auto thrower = elements::thrower_of_handler(t_, key);
        t_.terminate(key);
        if (thrower) t_.continue_compensation_later(*thrower);
    }

    void terminate() {
        for (const ElementKey key : leaving_) {
            const ElementInstance* at = t_.state().element(key);
            if (at == nullptr) continue;
            emptied_.push_back(at->scope);
            if (at->loop_counter > 0) iterations_.emplace_back(at->scope, at->loop_counter);
            end(key);
        }
    }

    bool is_empty(ElementKey scope) const {
        const ElementInstance* at = t_.state().element(scope);
        if (at == nullptr || at->children > 0) return false;
        // Its worker decides how an ad-hoc subprocess goes on.
        for (const Job& job : t_.state().jobs) {
            if (job.element == scope) return false;
        }
        for (const Compensable& c : t_.state().compensables) {
            if (c.thrower == scope) return false;
        }
        const auto& waiting = t_.state().waiting;
        return std::none_of(waiting.begin(), waiting.end(),
                            [scope](const WaitingTokens& w) { return w.scope == scope; });
    }

    Rejection end_empty_scopes() {
        while (!emptied_.empty()) {
            const ElementKey scope = emptied_.back();
            emptied_.pop_back();
            if (!is_empty(scope)) continue;
            const ElementInstance at = *t_.state().element(scope);
            if (at.node == bpmn::kProcessNode && at.scope != ElementKey()) {
                return fail(ErrorCode::conflict, "nothing would be active in process instance " +
                                                     std::to_string(scope.value()) +
                                                     ", which was called by '" +
                                                     t_.active(at.scope).node->id +
                                                     "'; terminate the call activity instead");
            }
            if (at.loop_counter > 0) iterations_.emplace_back(at.scope, at.loop_counter);
            end(scope);
            if (at.scope != ElementKey()) {
                emptied_.push_back(at.scope);
                continue;
            }
            t_.emit(CaseEndedV1{CaseStatus::cancelled, "modification", t_.now()});
            return std::nullopt;
        }
        // The iterations that go on count those that will not.
        for (const auto& [body, counter] : iterations_) {
            if (t_.state().element(body) != nullptr) {
                t_.emit(LoopAdvancedV1{body, false, counter, {}});
            }
        }
        return std::nullopt;
    }

    Transition& t_;
    const ModifyCase& command_;
    const ElementKey root_;
    std::vector<std::vector<ElementKey>> sources_;  // of each move instruction
    std::set<ElementKey> leaving_;
    std::vector<ElementKey> begun_;
    std::vector<ElementKey> emptied_;
    std::vector<std::pair<ElementKey, std::uint32_t>> iterations_;
};

}  // namespace

Rejection process(Transition& t, const ModifyCase& command) {
    if (command.activate.empty() && command.move.empty() && command.terminate.empty()) {
        return fail(ErrorCode::invalid_input, "the modification has no instructions");
    }
    const auto root = placement::process_instance(t.state(), command.process_instance);
    if (!root) return placement::no_process_instance(command.process_instance);
    return Modification(t, command, *root).run();
}

}  // namespace schwarm::engine::processors
