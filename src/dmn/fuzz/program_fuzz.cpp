// libFuzzer entry: any bytes are refused with a reason, or are a model whose every decision,
// service and function answers within its limits. What stands behind a line "===" is a second
// model of the same set; the inputs are chosen by the length and the last bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/check.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/dmn/program.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/feel/feel.hpp"

namespace schwarm::dmn::fuzz {

// A value that often, but not always, has the type asked for.
inline feel::Value value_for(std::string_view type, std::uint32_t& random) {
    using feel::Value;
    random = random * 1'664'525U + 1'013'904'223U;
    const std::uint32_t draw = random >> 24U;
    static const Value kAny[] = {
        Value(),
        Value(3),
        Value("b"),
        Value(true),
        Value(*Decimal::parse("-0.5")),
        Value::list({1, 2, 3}),
        Value::list({"a", Value(), Value::context({{"n", 1}})}),
        Value::context({{"n", 7}, {"s", "x"}, {"l", Value::list({1})}}),
        Value(*Date::parse("2024-02-29")),
        Value(*DateTime::parse("2026-03-01T10:30:00Z")),
        Value(*DaysTime::parse("P1DT2H")),
        feel::builtin_function("abs"),
    };
    if (draw % 4 != 0) {
        if (type == "number") return Value(static_cast<int>(draw % 10));
        if (type == "string") return Value(draw % 3 == 0 ? "a" : "b");
        if (type == "boolean") return Value(draw % 2 == 0);
        if (type == "date") return kAny[8];
        if (type.starts_with("list")) return kAny[5 + draw % 2];
    }
    return kAny[draw % std::size(kAny)];
}

inline void evaluate_all(const Program& program, std::uint32_t random) {
    static const ManualClock kClock{Instant(std::chrono::milliseconds(1'700'000'000'000))};
    EvaluationOptions options;
    options.clock = &kClock;
    options.limits.max_steps = 20'000;
    options.limits.max_items = 5'000;
    for (std::size_t i = 0; i < program.invocables().size() && i < 50; ++i) {
        feel::ContextBuilder input;
        for (const auto& [name, type] : program.invocables()[i].inputs) {
            input.set(name, value_for(type, random));
        }
        input.set("n", value_for("number", random));
        options.trace = random % 2 == 0;
        options.decisions = random % 3 == 0;
        const Outcome outcome = program.evaluate(i, input.build(), options);
        const std::string bytes = feel::encode(outcome.value);
        CHECK(!bytes.empty(), "no value");
        static_cast<void>(feel::to_json_text(outcome.value));
        static_cast<void>(feel::to_json_text(outcome.decisions));
        for (const TraceStep& step : outcome.trace) {
            static_cast<void>(feel::to_json_text(step.inputs));
        }
    }
}

inline void run(std::string_view text) {
    LoadLimits limits;
    limits.file_bytes = 1U << 16U;
    limits.expressions = 2'000;
    limits.plan_steps = 10'000;
    const std::size_t cut = text.find("\n===\n");
    std::vector<SourceFile> files;
    files.push_back({"one.dmn", std::string(text.substr(0, cut))});
    if (cut != std::string_view::npos) {
        files.push_back({"two.dmn", std::string(text.substr(cut + 5))});
    }
    const auto program = Program::load_set(std::move(files), {}, limits);
    if (program.has_error()) {
        CHECK(!program.error().message.empty(), "refused without a reason");
        return;
    }
    std::uint32_t random = static_cast<std::uint32_t>(text.size());
    for (const char c : text.substr(text.size() - std::min<std::size_t>(8, text.size()))) {
        random = random * 31U + static_cast<std::uint8_t>(c);
    }
    evaluate_all(*program, random);
    evaluate_all(*program, random + 1);
}

}  // namespace schwarm::dmn::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    schwarm::dmn::fuzz::run({reinterpret_cast<const char*>(data), size});
    return 0;
}
