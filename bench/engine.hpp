// `schwarm bench engine`: the process engine on SQLite with durable commits and full history
// (issue C, "It is done when", 4).
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

#include "schwarm/base/result.hpp"

namespace schwarm::bench {

struct EngineOptions {
    double seconds = 10;  // of each rate
    int in_flight = 256;
    std::set<std::string> only;  // parts: a, b, c, waiting, timers, incidents; empty: all
    std::uint64_t waiting = 1'000'000;
    std::uint64_t timers = 1'000'000;
    std::uint64_t incidents = 100'000;
    std::filesystem::path folder;  // for the databases; a new folder is made in it and removed
    bool json = false;
};

// Writes the report to standard output.
Result<void> bench_engine(const EngineOptions& options);

}  // namespace schwarm::bench
