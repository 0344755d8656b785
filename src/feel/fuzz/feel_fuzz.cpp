#include <cstddef>
#include <cstdint>
#include <string_view>

#include "schwarm/feel/codec.hpp"
#include "schwarm/feel/feel.hpp"

// The first byte says what the rest is: an expression, unary tests or an encoded value.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace schwarm::feel;
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] % 3 == 0) {
        const auto value = decode(text);
        if (value.has_value()) static_cast<void>(decode(encode(*value)).value());
        return 0;
    }
    static const Value variables = Value::context(
        {{"a", 1}, {"a b", "text"}, {"l", Value::list({1, 2, Value::context({{"x y", 3}})})}});
    NameScope scope;
    scope.add_entries(variables);
    scope.set_open(data[0] % 2 == 0);
    EvaluationLimits limits;
    limits.max_steps = 2'000;
    limits.max_items = 2'000;
    Diagnostics diagnostics;
    Evaluation evaluation(&diagnostics, nullptr, limits);
    const ContextEnvironment environment(variables);
    const auto compiled =
        data[0] % 3 == 1 ? compile_expression(text, scope) : compile_unary_tests(text, scope);
    if (compiled.has_error()) return 0;
    const Value value = compiled->is_unary_tests()
                            ? evaluate_tests(*compiled, Value(1), environment, evaluation)
                            : evaluate(*compiled, environment, evaluation);
    static_cast<void>(decode(encode(value)));
    static_cast<void>(to_json_text(value));
    return 0;
}
