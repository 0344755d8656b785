// What can be said about a compiled expression without running it: parts that are null whatever
// the inputs are (type errors after DMN 1.5 clause 10.3.2), and the constants of unary tests.
// For checks of models before use; evaluation does not need it. Thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "schwarm/feel/feel.hpp"

namespace schwarm::feel {

struct TypeFinding {
    std::string reason;      // "cannot compare number with string"
    std::size_t line = 0;    // from 1, within the expression
    std::size_t column = 0;  // from 1, in code points
};

// In the order of the text. At most 100.
std::vector<TypeFinding> type_findings(const Expression& expression);

// Unary tests all of whose parts are constants: literals, ranges, lists of those.
struct ConstantTests {
    std::vector<Value> values;
    bool negated = false;  // not(...)
};
// nullopt if any part must be evaluated; "-" too has none.
std::optional<ConstantTests> constant_tests(const Expression& tests);

// False if no value of the type `found`, but null, can become one of the type `wanted`, implicit
// conversions (clause 10.3.2.9.4) included. Where too little is known it is true.
bool may_fit(const Type& found, const Type& wanted);

}  // namespace schwarm::feel
