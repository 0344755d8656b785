// The order of evaluation for every decision and service of a set.
#pragma once

#include "program_data.hpp"

namespace schwarm::dmn::detail {

struct Service {
    std::uint32_t node = 0;
    std::vector<std::uint32_t> outputs;     // nodes
    std::vector<std::uint32_t> parameters;  // nodes: input data, then input decisions
    ItemTypePtr result = any_type();
    ServiceFunction* function = nullptr;
    std::size_t position = 0;
};

// Fills plans, invocables and their names. Requirements must be free of circles.
Result<> plan_all(ProgramData& data, const std::vector<Service>& services,
                  const LoadLimits& limits);

}  // namespace schwarm::dmn::detail
