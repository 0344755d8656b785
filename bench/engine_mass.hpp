// Many at once: waiting instances and the start of the node, timers due together, incidents
// resolved by one call.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine.hpp"
#include "engine_world.hpp"

namespace schwarm::bench {

struct WaitingFigures {
    std::uint64_t instances = 0;
    double started_per_second = 0;
    double start_millis = 0;         // opening the database until commands are taken
    double first_answer_millis = 0;  // a task listed and completed, after that
    double resident_mb = 0;          // of a process of its own that only opened it
    double database_mb = 0;
};
Result<WaitingFigures> measure_waiting(const EngineOptions& options,
                                       const std::filesystem::path& folder,
                                       const EngineModels& models);

struct TimerFigures {
    std::uint64_t timers = 0;
    double drained_seconds = 0;
    double per_second = 0;
    std::uint64_t starts = 0;  // of new instances, one after the other, while they were drained
    double start_p50_millis = 0;
    double start_p99_millis = 0;
    double start_max_millis = 0;
};
Result<TimerFigures> measure_timers(const EngineOptions& options,
                                    const std::filesystem::path& folder,
                                    const EngineModels& models);

struct IncidentFigures {
    std::uint64_t incidents = 0;
    double raised_per_second = 0;  // instances started that got stuck
    double call_millis = 0;        // until the one call was answered
    double resolved_seconds = 0;   // from the call until the last one
    double per_second = 0;
    std::uint64_t starts = 0;  // of new instances, one after the other, meanwhile
    double start_p99_millis = 0;
};
Result<IncidentFigures> measure_incidents(const EngineOptions& options,
                                          const std::filesystem::path& folder,
                                          const EngineModels& models);

// The process of its own: opens the database in the folder that standard input names, completes a
// task and writes its figures to standard output.
Result<void> run_engine_start();

}  // namespace schwarm::bench
