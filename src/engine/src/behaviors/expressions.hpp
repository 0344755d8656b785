// Evaluating the expressions of a process over the variables of a scope.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "transition.hpp"

namespace schwarm::engine {

// The variables visible from one scope, nearest first; `overlay` lies in front of them. Valid
// until the next event is emitted.
class ScopeView final : public VariableView {
  public:
    ScopeView(const CaseState& state, ElementKey scope, const Variables* overlay = nullptr);
    const feel::Value* find(const feel::Key& name) const override;
    feel::Value to_context() const override;
    Variables all() const;

  private:
    void add(const Variables& variables);
    const Variables& layer(std::size_t i) const { return i < 4 ? *near_[i] : *far_[i - 4]; }

    // Few scopes are deeper than four, and expressions are many.
    std::array<const Variables*, 4> near_{};
    std::vector<const Variables*> far_;
    std::size_t size_ = 0;
};

namespace expressions {

feel::Value evaluate(const Transition& t, const bpmn::Expression& expression, ElementKey scope,
                     const Variables* overlay = nullptr);
// "'amount > 3' is null: no variable amount"
std::string explain(const Transition& t, const bpmn::Expression& expression, ElementKey scope,
                    std::string_view problem, const Variables* overlay = nullptr);

// `what` names the expression in the incident: "the condition of flow 'Flow_1'".
Outcome<bool> boolean(const Transition& t, const bpmn::Expression& e, ElementKey scope,
                      const std::string& what);
Outcome<std::string> text(const Transition& t, const bpmn::Expression& e, ElementKey scope,
                          const std::string& what);
// Absent or null: empty.
Outcome<std::string> optional_text(const Transition& t, const bpmn::Expression& e, ElementKey scope,
                                   const std::string& what);
// A list of strings, or one string with commas.
Outcome<std::vector<std::string>> texts(const Transition& t, const bpmn::Expression& e,
                                        ElementKey scope, const std::string& what);
// A date and time, a date, or the text of one. Absent or null: nothing.
Outcome<std::optional<Instant>> optional_instant(const Transition& t, const bpmn::Expression& e,
                                                 ElementKey scope, const std::string& what);
std::optional<Instant> to_instant(const feel::Value& value);
Outcome<std::uint32_t> number(const Transition& t, const bpmn::Expression& e, ElementKey scope,
                              const std::string& what, std::uint32_t fallback);

}  // namespace expressions
}  // namespace schwarm::engine
