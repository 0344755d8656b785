#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "schwarm/feel/feel.hpp"

namespace schwarm::feel {

// The result as FEEL source, or "error: ..." if it does not compile.
inline std::string run(std::string_view text, const Value& context = Value()) {
    static const ManualClock clock{Instant(std::chrono::milliseconds(1'700'000'000'000))};
    NameScope scope;
    scope.add_entries(context);
    const auto expression = compile_expression(text, scope);
    if (expression.has_error()) return "error: " + expression.error().text();
    return evaluate(*expression, context, nullptr, &clock).to_feel();
}

struct Row {
    const char* text;
    const char* expected;
};

template <std::size_t N>
void expect_all(const Row (&rows)[N], const Value& context = Value()) {
    for (const Row& row : rows) EXPECT_EQ(run(row.text, context), row.expected) << row.text;
}

}  // namespace schwarm::feel
