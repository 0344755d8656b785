// `schwarm bench applications`: complete, durably stored, decided Wohngeld applications a second,
// in one process and through HTTP (issue A, "It is done when", 5).
//
// One application is POST /applications with all fields of the form: validated, authorised,
// durable, decided, the notice's data stored, the receipt after the commit. The same program,
// packages and configuration as the demo; no route of its own.
#pragma once

#include <filesystem>
#include <string>

#include "schwarm/base/result.hpp"

namespace schwarm::bench {

struct ApplicationsOptions {
    double seconds = 10;
    int connections = 64;
    int in_flight = 256;             // of the measurement in one process
    std::filesystem::path folder;    // for the databases; a new folder is made in it and removed
    std::filesystem::path packages;  // empty: those of the demo
    bool in_process = true;
    bool http = true;
    bool json = false;
};

// Writes the report to standard output.
Result<void> bench_applications(const ApplicationsOptions& options);

// The load generator's own process: reads {"port", "token", "seconds", "connections", ...} from
// standard input and writes its figures to standard output.
Result<void> run_load_process();

}  // namespace schwarm::bench
