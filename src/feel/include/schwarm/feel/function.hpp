// Functions as values: literals of the language, built-ins, and what others (business knowledge
// models, decision services) provide by deriving from Function.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "schwarm/feel/type.hpp"
#include "schwarm/feel/value.hpp"

namespace schwarm::feel {

class Evaluation;

// Immutable; call() is thread-safe.
class Function : public Shared {
  public:
    struct Parameter {
        std::string name;
        TypePtr type;  // never empty; any() if untyped
    };

    // In their order; named arguments are matched against these.
    virtual std::span<const Parameter> parameters() const = 0;
    virtual TypePtr result_type() const { return Type::any(); }
    // How it is called in messages.
    virtual std::string name() const { return "function"; }

    // `arguments` are in the order of parameters(), already converted to their types, and as many
    // as there are parameters (is_variadic(): any number).
    virtual Value call(std::span<const Value> arguments, Evaluation& evaluation) const = 0;

    virtual bool is_variadic() const { return false; }
    // Built-ins do their own checks of number and kind.
    virtual bool checks_arguments() const { return false; }
};

// Calls with positional arguments: checks their number, converts them to the parameters' types,
// converts the result; null with a diagnostic if something does not fit. Bounded in depth.
Value invoke(const Value& function, std::span<const Value> arguments, Evaluation& evaluation);
// With named arguments.
struct NamedArgument {
    std::string name;
    Value value;
};
Value invoke(const Value& function, std::span<const NamedArgument> arguments,
             Evaluation& evaluation);

// The function that `mapping` ({java: {class: ..., method signature: ...}}) names. Only a fixed
// list of pure methods of the Java platform is known, computed natively; null with a diagnostic
// for others. There is no virtual machine.
Value external_function(const Value& mapping, std::vector<Function::Parameter> parameters,
                        Evaluation& evaluation);

}  // namespace schwarm::feel
