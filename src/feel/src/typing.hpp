// Types of operators and built-in functions as far as they are known without running, and why
// operands cannot go together. Follows what evaluation does: a fault means that the result is
// null for whatever values of these types.
#pragma once

#include <span>
#include <string>

#include "builtins/builtins.hpp"
#include "nodes_operators.hpp"
#include "schwarm/feel/type.hpp"

namespace schwarm::feel {

struct Typing {
    TypePtr type = Type::any();
    std::string fault;  // empty if there is none
};

// Neither any nor null: something is known.
bool is_known(const Type& type);

Typing type_arithmetic(Operator op, const Type& left, const Type& right);
// For "<", "=" and the like.
std::string comparison_fault(Operator op, const Type& left, const Type& right);
// A value of type `input` among tests of type `test`.
std::string test_fault(const Type& input, const Type& test);
Typing type_builtin(const Builtin& builtin, std::span<const TypePtr> arguments);
// Arguments of a function with this type; nothing is said if its signature is not known.
std::string call_fault(const Type& function, std::span<const TypePtr> arguments,
                       const std::vector<std::string>& names);
// owner.name
std::string member_fault(const Type& owner, std::string_view name);

}  // namespace schwarm::feel
