#include <cstddef>
#include <cstdint>
#include <string>

#include "schwarm/dmn/program.hpp"

// Reads any bytes as a model and evaluates whatever it finds in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace schwarm;
    dmn::LoadLimits limits;
    limits.file_bytes = 1U << 16U;
    limits.expressions = 2'000;
    limits.plan_steps = 10'000;
    const auto program =
        dmn::Program::load({"fuzz.dmn", std::string(data, data + size)}, {}, limits);
    if (!program) return 0;
    dmn::EvaluationOptions options;
    options.trace = true;
    options.limits.max_steps = 20'000;
    options.limits.max_items = 10'000;
    for (std::size_t i = 0; i < program->invocables().size(); ++i) {
        static_cast<void>(program->evaluate(i, feel::Value::context({{"n", 1}}), options));
    }
    return 0;
}
