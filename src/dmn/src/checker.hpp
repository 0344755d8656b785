// What checks a model while it is compiled, when its names, types and XML are all at hand. Absent
// in normal loading.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "logic.hpp"
#include "schwarm/dmn/check.hpp"

namespace schwarm::dmn::detail {

class Checker {
  public:
    explicit Checker(const CheckLimits& limits) : limits_(limits) {}

    // The variables of the element compiled next.
    struct Name {
        std::string name;
        ItemTypePtr type;          // as declared
        feel::Expression results;  // tests for all it ever is, if that is known
    };
    using Names = std::vector<Name>;
    void enter(Names names) { names_ = std::move(names); }
    // nullptr if it is none of them.
    const Name* find_name(std::string_view name) const;

    // All values the table of a decision gives, beside null.
    void set_results(xml::Element decision, feel::Expression values) {
        results_.insert_or_assign(decision.where(), std::move(values));
    }
    feel::Expression results_of(const std::string& decision) const {
        const auto found = results_.find(decision);
        return found == results_.end() ? feel::Expression() : found->second;
    }

    // Type errors within an expression.
    void expression(const feel::Expression& expression, xml::Element at);
    // A value of type `found` is used where `wanted` is declared.
    void fit(const feel::Type& found, const ItemType& wanted, std::string_view what,
             xml::Element at);
    // A boxed invocation of a function: the arguments by name and type.
    using Arguments = std::vector<std::pair<std::string, feel::TypePtr>>;
    void invocation(const feel::Type& function, const Arguments& arguments, xml::Element at);
    void table(LogicCompiler& compiler, xml::Element element, Scope& scope);

    void add(Finding finding) { findings_.push_back(std::move(finding)); }
    std::vector<Finding> take() { return std::move(findings_); }
    const CheckLimits& limits() const { return limits_; }

  private:
    CheckLimits limits_;
    Names names_;
    std::map<std::string, feel::Expression> results_;  // by the place of the decision
    std::vector<Finding> findings_;
};

// check_table.cpp
void check_table(Checker& checker, LogicCompiler& compiler, xml::Element element, Scope& scope);

}  // namespace schwarm::dmn::detail
