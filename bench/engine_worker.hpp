// (b) of `schwarm bench engine`: one service task, worked by a worker through /v2, with the demo
// as the node and the load in a process of its own.
#pragma once

#include <filesystem>

#include "engine.hpp"
#include "engine_load.hpp"

namespace schwarm::bench {

struct WorkerFigures {
    RateFigures tasks;  // latencies from sending the start to the answer of the completion
    double node_cores = 0;
    double generator_cores = 0;
};
Result<WorkerFigures> measure_worker(const EngineOptions& options,
                                     const std::filesystem::path& folder);

// The load's own process: reads {"port", "client", "secret", "milliseconds"} from standard input
// and writes its figures to standard output.
Result<void> run_engine_worker();

}  // namespace schwarm::bench
