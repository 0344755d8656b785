// Compiled decision logic: a tree of boxed expressions (DMN 1.5 clause 10.2), each of which runs
// on the frame of its decision or function.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "recorder.hpp"
#include "schwarm/feel/feel.hpp"
#include "scope.hpp"
#include "types.hpp"

namespace schwarm::dmn::detail {

using Frame = std::span<feel::Value>;

// Immutable; run() is thread-safe for distinct frames.
class Logic {
  public:
    Logic() = default;
    Logic(const Logic&) = delete;
    Logic& operator=(const Logic&) = delete;
    virtual ~Logic() = default;
    virtual feel::Value run(Frame frame, feel::Evaluation& evaluation) const = 0;
    // As far as it is known without running; never empty.
    virtual feel::TypePtr static_type() const { return feel::Type::any(); }
};
using LogicPtr = std::unique_ptr<const Logic>;

// A FEEL text bound to the slots of its names.
class Bound {
  public:
    feel::Value run(Frame frame, feel::Evaluation& evaluation) const;
    feel::Value test(const feel::Value& input, Frame frame, feel::Evaluation& evaluation) const;
    const feel::Expression& expression() const { return expression_; }
    const feel::Value* constant() const { return expression_.constant(); }
    void set_place(const Place* place) { place_ = place; }

  private:
    friend class LogicCompiler;
    void report_unknown(feel::Evaluation& evaluation) const;

    feel::Expression expression_;
    std::vector<std::uint32_t> slots_;
    std::vector<std::string> unknown_;  // names nothing provides
    const Place* place_ = nullptr;      // null: who runs it knows the place
};

class FunctionLogic;
class TableLogic;

// A function of the model as a value: the logic with what it captured.
class FunctionValue final : public feel::Function {
  public:
    FunctionValue(std::string name, std::vector<Parameter> parameters, feel::TypePtr result)
        : name_(std::move(name)), parameters_(std::move(parameters)), result_(std::move(result)) {}

    std::span<const Parameter> parameters() const override { return parameters_; }
    feel::TypePtr result_type() const override { return result_; }
    std::string name() const override { return name_; }
    feel::Value call(std::span<const feel::Value> arguments,
                     feel::Evaluation& evaluation) const override;

    // Before the first call.
    void set_logic(const FunctionLogic* logic) { logic_ = logic; }
    void add_captured(std::uint32_t slot, feel::Value value) {
        captured_.emplace_back(slot, std::move(value));
    }
    // Functions of a model capture one another; this ends the circle.
    void clear_captured() { captured_.clear(); }

  private:
    std::string name_;
    std::vector<Parameter> parameters_;
    feel::TypePtr result_;
    const FunctionLogic* logic_ = nullptr;
    std::vector<std::pair<std::uint32_t, feel::Value>> captured_;
};

// A function definition: running it makes the function value.
class FunctionLogic final : public Logic {
  public:
    feel::Value run(Frame frame, feel::Evaluation& evaluation) const override;
    feel::TypePtr static_type() const override { return type_; }
    feel::Value call(std::span<const feel::Value> arguments,
                     std::span<const std::pair<std::uint32_t, feel::Value>> captured,
                     feel::Evaluation& evaluation) const;

    std::string name;
    std::string id;  // of a knowledge model; empty: a function within a boxed expression
    Place place;
    std::vector<feel::Function::Parameter> parameters;  // slots 0..n-1 of the frame
    std::vector<ItemTypePtr> parameter_types;
    ItemTypePtr result = any_type();
    LogicPtr body;  // empty: answers null
    std::uint32_t frame_size = 0;
    std::vector<Layout::Capture> captures;
    feel::TypePtr type_ = feel::Type::any();

  private:
    feel::Value call_body(std::span<const feel::Value> arguments,
                          std::span<const std::pair<std::uint32_t, feel::Value>> captured,
                          feel::Evaluation& evaluation) const;
};

class Checker;

// What the compiler of one file's logic needs to know.
struct CompileContext {
    TypeTable* types = nullptr;
    std::vector<Finding>* findings = nullptr;
    std::size_t* expressions_left = nullptr;
    feel::CompileLimits limits;
    Places* places = nullptr;
    std::string_view file;
    std::map<std::string, const TableLogic*, std::less<>>* tables = nullptr;
    Checker* checker = nullptr;  // absent in normal loading
};

// Compiles boxed expressions from their XML. One per decision or knowledge model.
class LogicCompiler {
  public:
    // owner: the decision or knowledge model, as rule matches and diagnostics name it.
    LogicCompiler(CompileContext context, std::string owner)
        : context_(context), owner_(std::move(owner)) {}

    // `expression` must not be empty.
    Result<LogicPtr> compile(xml::Element expression, Scope& scope);
    // A function definition or the encapsulated logic of a knowledge model. `scope` is the first
    // of `layout` and empty: the parameters get the first slots.
    Result<std::unique_ptr<FunctionLogic>> compile_function(xml::Element definition,
                                                            std::string name, Layout& layout,
                                                            Scope& scope);

    Result<Bound> bind_expression(std::string_view text, Scope& scope, xml::Element at);
    Result<Bound> bind_tests(std::string_view text, Scope& scope, xml::Element at);
    const std::string& owner() const { return owner_; }
    CompileContext& context() { return context_; }
    Result<ItemTypePtr> type_of(xml::Element element);
    Result<> check_language(xml::Element element) const;
    // Of the element or the nearest around it that has an id; lives as long as the program.
    Place* place_of(xml::Element element);

  private:
    Result<LogicPtr> literal(xml::Element element, Scope& scope);
    Result<LogicPtr> boxed_context(xml::Element element, Scope& scope);
    Result<LogicPtr> list(xml::Element element, Scope& scope);
    Result<LogicPtr> relation(xml::Element element, Scope& scope);
    Result<LogicPtr> invocation(xml::Element element, Scope& scope);
    Result<LogicPtr> function(xml::Element element, Scope& scope);
    Result<LogicPtr> conditional(xml::Element element, Scope& scope);
    Result<LogicPtr> filter(xml::Element element, Scope& scope);
    Result<LogicPtr> iteration(xml::Element element, Scope& scope);
    Result<LogicPtr> external(xml::Element definition, std::string_view kind, Scope& scope);
    // The logic with its declared type, which must be able to hold what it gives.
    LogicPtr typed_here(LogicPtr logic, ItemTypePtr type, std::string_view what, xml::Element at);
    Result<LogicPtr> child(xml::Element parent, std::string_view name, Scope& scope);
    Result<Bound> bind(Result<feel::Expression> compiled, std::string_view text, Scope& scope,
                       xml::Element at);
    Result<> count(xml::Element at);

    CompileContext context_;
    std::string owner_;
    std::size_t depth_ = 0;
};

// table.cpp
Result<LogicPtr> compile_table(LogicCompiler& compiler, xml::Element element, Scope& scope);

}  // namespace schwarm::dmn::detail
