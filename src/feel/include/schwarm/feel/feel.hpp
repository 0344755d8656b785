// Compiling and evaluating FEEL (DMN 1.5 clause 10.3). The header to read first.
//
//   NameScope scope;
//   scope.add("Monthly rent", Type::simple(TypeKind::number));
//   SCHWARM_TRY(expression, compile_expression("Monthly rent * 12", scope));
//   Value yearly = evaluate(expression, Value::context({{"Monthly rent", 500}}));
//
// Compile once, run many times: an Expression is immutable and may be used by many threads.
// A syntax error is an Error with line and column; a failure at run time is a FEEL null with a
// diagnostic, never an exception.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/feel/evaluation.hpp"
#include "schwarm/feel/function.hpp"
#include "schwarm/feel/type.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::feel {

// The names an expression may use. Names may contain spaces, operators and keywords; the parser
// takes the longest that matches. Types are optional; with them the parser also knows the names
// of members ("loan.monthly rate"). Inner scopes refer to their parent, which must outlive them.
class NameScope {
  public:
    explicit NameScope(const NameScope* parent = nullptr) : parent_(parent) {}

    NameScope& add(std::string_view name, TypePtr type = nullptr);
    // One name for each entry of a context, with its type.
    NameScope& add_entries(const Value& context);
    // In an open scope unknown simple names are allowed and looked up at run time (null with a
    // diagnostic if there is none). Closed: an unknown name is an error of compilation.
    NameScope& set_open(bool open = true) {
        open_ = open;
        return *this;
    }
    bool is_open() const { return open_ || (parent_ != nullptr && parent_->is_open()); }
    // Types by name, for "instance of" and function parameters.
    NameScope& set_type_resolver(Type::Resolver resolver) {
        resolver_ = std::move(resolver);
        return *this;
    }

    struct Name {
        std::string name;
        TypePtr type;  // never empty
    };
    const std::vector<Name>& names() const { return names_; }
    const NameScope* parent() const { return parent_; }
    const Type::Resolver* type_resolver() const {
        if (resolver_) return &resolver_;
        return parent_ != nullptr ? parent_->type_resolver() : nullptr;
    }

  private:
    const NameScope* parent_;
    std::vector<Name> names_;
    Type::Resolver resolver_;
    bool open_ = false;
};

struct CompileLimits {
    std::size_t max_bytes = 256 * 1024;
    std::size_t max_depth = 200;
    std::size_t max_nodes = 100'000;
    // Compute what needs nothing at run time while compiling; off only to measure without it.
    bool fold_constants = true;
};

struct Program;

// A compiled expression or list of unary tests. Copying shares.
class Expression {
  public:
    Expression() = default;
    explicit Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
    explicit operator bool() const { return program_ != nullptr; }

    const std::string& text() const;
    // The names it takes from outside, each once; their positions are the slots of evaluate().
    std::span<const std::string> references() const;
    // Whether references()[i] is needed for certain; false for a name in a filter that may be an
    // entry of the filtered items instead.
    bool needs_reference(std::size_t i) const;
    bool is_unary_tests() const;
    // The type as far as it is known without running.
    TypePtr static_type() const;

    // Its value, if it needs no names, no functions and no clock; else nullptr.
    const Value* constant() const;

    // What unary tests amount to, so that decision tables can be indexed.
    enum class TestShape : std::uint8_t {
        general,
        any,       // "-"
        equality,  // one or more literals, test_values(): "a", "b"
        interval,  // one range or comparison with literal ends, test_values()[0] is a range
    };
    TestShape test_shape() const;
    std::span<const Value> test_values() const;

    // For models that stay until the program ends: copying their constants no longer counts
    // references, which threads would contend for; the constants are then never freed.
    void keep_constants_forever() const;

    const Program& program() const { return *program_; }

  private:
    std::shared_ptr<const Program> program_;
};

Result<Expression> compile_expression(std::string_view text, const NameScope& scope = NameScope(),
                                      const CompileLimits& limits = {});
// Tests of a decision table cell or of a list of allowed values: "<= 10, [20..30]", "-",
// "not(1, 2)", any expression using "?".
Result<Expression> compile_unary_tests(std::string_view text, const NameScope& scope = NameScope(),
                                       const CompileLimits& limits = {});

// With the variables of a context (or none, if it is no context).
Value evaluate(const Expression& expression, const Value& context = Value(),
               Diagnostics* diagnostics = nullptr, const Clock* clock = nullptr);
Value evaluate(const Expression& expression, const Environment& environment,
               Evaluation& evaluation);
// references()[i] is values[places[i]]: the fastest way, nothing is copied.
struct NamePlaces {
    std::span<const Value> values;
    std::span<const std::uint32_t> places;
};
Value evaluate(const Expression& expression, const NamePlaces& names, Evaluation& evaluation);
// slots[i] is the value of references()[i].
Value evaluate(const Expression& expression, std::span<const Value> slots, Evaluation& evaluation);

// Unary tests for an input: true, false or null.
Value evaluate_tests(const Expression& tests, const Value& input, const Environment& environment,
                     Evaluation& evaluation);
Value evaluate_tests(const Expression& tests, const Value& input, std::span<const Value> slots,
                     Evaluation& evaluation);
Value evaluate_tests(const Expression& tests, const Value& input, const NamePlaces& names,
                     Evaluation& evaluation);

// The built-in function of this name, or null.
Value builtin_function(std::string_view name);

}  // namespace schwarm::feel
