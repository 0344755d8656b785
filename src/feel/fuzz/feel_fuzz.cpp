// libFuzzer entry for everything of FEEL that reads foreign bytes. The first byte (a digit in the
// kept corpus) chooses what the rest is:
//   0 an encoded value        1 an expression          2 unary tests         3 JSON
//   4 a regular expression, a newline and the text for it
//   5 the text of a date, time, duration, number or range      6 a type
//   7 an expression whose variables do not have the types it was compiled for
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "schwarm/base/check.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/base/utf8.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/feel/feel.hpp"

namespace schwarm::feel::fuzz {

inline EvaluationLimits small_limits() {
    EvaluationLimits limits;
    limits.max_steps = 20'000;
    limits.max_items = 5'000;
    return limits;
}

inline const Value& variables() {
    static const Value kVariables =
        Value::context({{"a", 1},
                        {"a b", "text"},
                        {"s", "Straße 12"},
                        {"n", *Decimal::parse("12.50")},
                        {"f", false},
                        {"none", Value()},
                        {"d", *Date::parse("2024-02-29")},
                        {"t", *Time::parse("10:30:00+02:00")},
                        {"dt", *DateTime::parse("2026-03-01T10:30:00.5@Europe/Berlin")},
                        {"ym", *YearsMonths::parse("P1Y2M")},
                        {"dd", *DaysTime::parse("P1DT2H")},
                        {"l", Value::list({1, 2, Value::context({{"x y", 3}}), "b", Value()})},
                        {"c", Value::context({{"k", 1}, {"e", Value::context({{"k", "v"}})}})},
                        {"r", Value(Range{1, 9, true, false, Range::Form::interval})}});
    return kVariables;
}

// Lists and strings that an evaluation built keep its limits.
inline void check_sizes(const Value& value, std::size_t limit) {
    if (value.is_string()) {
        // Upper case may lengthen a letter by two.
        CHECK(value.as_string().size() <= limit * 3, "a string is longer than the limit");
        CHECK(utf8::is_valid(value.as_string()), "a string is not valid UTF-8");
    } else if (value.is_list()) {
        CHECK(value.as_list().size() <= limit, "a list is longer than the limit");
        for (const Value& item : value.as_list()) check_sizes(item, limit);
    } else if (value.is_context()) {
        for (const Context::Entry& entry : value.as_context()) check_sizes(entry.value, limit);
    }
}

// What every result must survive: being written, encoded, read again.
inline void use(const Value& value) {
    check_sizes(value, 300'000);
    const std::string bytes = encode(value);
    const auto again = decode(bytes);
    if (again.has_value()) {
        CHECK(encode(*again) == bytes, "an encoded value changes when it is encoded again");
    }
    static_cast<void>(value.to_feel());
    const auto read = from_json_text(to_json_text(value));
    if (read.has_error()) {
        CHECK(read.error().code != ErrorCode::not_well_formed, "JSON written is no JSON");
    }
}

inline void run_expression(std::string_view text, bool is_tests, const NameScope& scope,
                           const Value& values) {
    static const ManualClock kClock{Instant(std::chrono::milliseconds(1'700'000'000'000))};
    CompileLimits compile_limits;
    compile_limits.max_bytes = 16'384;
    const auto compiled = is_tests ? compile_unary_tests(text, scope, compile_limits)
                                   : compile_expression(text, scope, compile_limits);
    if (compiled.has_error()) {
        CHECK(!compiled.error().message.empty(), "refused without a reason");
        return;
    }
    const ContextEnvironment environment(values);
    Diagnostics diagnostics;
    Evaluation evaluation(&diagnostics, &kClock, small_limits());
    if (!compiled->is_unary_tests()) {
        const Value value = evaluate(*compiled, environment, evaluation);
        use(value);
        static_cast<void>(diagnostics.text());
        // The same again gives the same, also without anybody listening.
        Evaluation silent(nullptr, &kClock, small_limits());
        const Value second = evaluate(*compiled, environment, silent);
        CHECK(encode(value) == encode(second), "two evaluations differ");
        return;
    }
    for (const Value& input : {Value(1), Value("b"), values.get("l"), values.get("d"), Value()}) {
        const Value value = evaluate_tests(*compiled, input, environment, evaluation);
        CHECK(value.is_boolean() || value.is_null(), "unary tests answer true, false or null");
    }
}

inline void run_regex(std::string_view text) {
    const std::size_t cut = std::min(text.find('\n'), text.size());
    const std::string_view pattern = text.substr(0, cut);
    const std::string_view subject = text.substr(std::min(cut + 1, text.size()));
    if (pattern.size() > 400 || subject.size() > 2'000) return;
    const Value values = Value::context({{"p", Value(pattern)}, {"s", Value(subject)}});
    static const NameScope kScope = [] {
        NameScope scope;
        scope.add("p").add("s");
        return scope;
    }();
    static const std::array kCalls = {
        compile_expression("matches(s, p)", kScope).value(),
        compile_expression("matches(s, p, \"smix\")", kScope).value(),
        compile_expression("matches(s, p, \"q\")", kScope).value(),
        compile_expression("replace(s, p, \"<$0|$1|\\\\$>\", \"i\")", kScope).value(),
        compile_expression("split(s, p)", kScope).value(),
        compile_expression("replace(p, \"[a-z]\", s)", kScope).value()};
    for (const Expression& call : kCalls) {
        Diagnostics diagnostics;
        Evaluation evaluation(&diagnostics, nullptr, small_limits());
        use(evaluate(call, ContextEnvironment(values), evaluation));
    }
}

inline void run_conversions(std::string_view text) {
    if (text.size() > 2'000) return;
    const Value values = Value::context({{"s", Value(text)}});
    static const NameScope kScope = [] {
        NameScope scope;
        scope.add("s");
        return scope;
    }();
    static const std::array kCalls = [] {
        const auto call = [](const char* source) {
            return compile_expression(source, kScope).value();
        };
        return std::array{call("date(s)"),
                          call("time(s)"),
                          call("date and time(s) + @\"P1DT1S\""),
                          call("date and time(@\"2026-03-29T01:30:00Z\", s)"),
                          call("[duration(s), duration(s) * 1.5, -duration(s), abs(duration(s))]"),
                          call("number(s, \".\", \",\")"),
                          call("[number(s), number(s) ** 3, sqrt(number(s)), decimal(number(s), 2),"
                               "exp(number(s)), log(number(s)), modulo(number(s), 7)]"),
                          call("range(s)"),
                          call("date(s) - @\"2024-02-29\""),
                          call("[upper case(s), lower case(s), substring(s, 2, 3), s + s]")};
    }();
    for (const Expression& call : kCalls) {
        Diagnostics diagnostics;
        Evaluation evaluation(&diagnostics, nullptr, small_limits());
        use(evaluate(call, ContextEnvironment(values), evaluation));
    }
}

// The names of variables(), with the types of their neighbours.
inline NameScope wrong_scope() {
    NameScope scope;
    TypePtr type = Type::any();
    for (const Context::Entry& entry : variables().as_context()) {
        scope.add(entry.key.text(), type);
        type = Type::of(entry.value);
    }
    return scope;
}

inline void run(std::uint8_t kind, std::string_view text) {
    static const NameScope kScope = [] {
        NameScope scope;
        scope.add_entries(variables());
        return scope;
    }();
    static const NameScope kOpen = [] {
        NameScope scope(&kScope);
        scope.set_open();
        return scope;
    }();
    static const NameScope kWrong = wrong_scope();
    switch (kind % 8) {
        case 0: {
            const auto value = decode(text, {.max_bytes = 65'536, .max_nodes = 20'000});
            if (value.has_value()) {
                CHECK(encode(decode(encode(*value)).value()) == encode(*value), "not stable");
                static_cast<void>(Type::of(*value)->to_string());
            }
            break;
        }
        case 1:
            run_expression(text, false, kOpen, variables());
            break;
        case 2:
            run_expression(text, true, kScope, variables());
            break;
        case 3: {
            const auto value = from_json_text(text);
            if (value.has_value()) {
                use(*value);
                CHECK(from_json(to_json(*value)).value() == *value, "JSON loses something");
            }
            break;
        }
        case 4:
            run_regex(text);
            break;
        case 5:
            run_conversions(text);
            break;
        case 6: {
            const auto type = Type::parse(text.substr(0, 4'096));
            if (type.has_value()) {
                CHECK((*type)->conforms_to(**type), "a type does not conform to itself");
                static_cast<void>(is_instance(variables(), **type));
                static_cast<void>(coerce(variables().get("l"), **type));
            }
            break;
        }
        default:
            run_expression(text, false, kWrong, variables());
            break;
    }
}

}  // namespace schwarm::feel::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    // Patterns and texts (4, 5) are values, which are valid UTF-8 always; the other readers refuse
    // what is not.
    const bool is_value = data[0] % 8 == 4 || data[0] % 8 == 5;
    if (is_value && !schwarm::utf8::is_valid(text)) return 0;
    schwarm::feel::fuzz::run(data[0], text);
    return 0;
}
