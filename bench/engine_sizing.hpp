// (a) of `schwarm bench engine`: a root and 50 called children, with workers and clerks.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine.hpp"
#include "engine_world.hpp"

namespace schwarm::bench {

struct SizingFigures {
    double seconds = 0;
    std::uint64_t roots = 0;       // ended in the measured time
    std::uint64_t flow_nodes = 0;  // completed in the measured time
    std::uint64_t jobs = 0;
    std::uint64_t user_tasks = 0;
    double instances_per_second = 0;  // roots and children
    double flow_nodes_per_second = 0;
    double flow_nodes_per_core_second = 0;  // per second of processor time
    double root_p50_millis = 0;             // from start to end
    double root_p99_millis = 0;
    double cpu_cores = 0;
    double commits_per_second = 0;
    double bytes_per_root = 0;  // of the database
};
Result<SizingFigures> measure_sizing(const EngineOptions& options,
                                     const std::filesystem::path& folder,
                                     const EngineModels& models);

}  // namespace schwarm::bench
