// `schwarm bench exchange`: evidence requests between two nodes on this machine (issue D, "It is
// done when", 4). Both nodes are parts of this process, each with a database, keys, listener and
// client of its own; between them TLS 1.3, signatures and sealing are the real ones. Only models,
// contract and directory are the benchmark's.
#pragma once

#include <cstdint>
#include <filesystem>

#include "schwarm/base/result.hpp"

namespace schwarm::bench {

struct ExchangeOptions {
    double seconds = 10;  // of the rate
    int in_flight = 512;
    std::uint64_t waiting = 50'000;  // deliveries to absent members; 0: not measured
    int absent = 50;                 // members
    int runs = 5;                    // with and without what waits
    double run_seconds = 5;
    int run_in_flight = 16;
    std::filesystem::path folder;  // for the databases; a new folder is made in it and removed
    bool json = false;
};

// Writes the report to standard output.
Result<void> bench_exchange(const ExchangeOptions& options);

}  // namespace schwarm::bench
