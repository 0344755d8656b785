// `schwarm bench decisions`: how long one evaluation takes, for each expected result of the DMN
// TCK (issue B, "It is done when", 2).
//
// Protocol: model compiled and input context built before; in process, one thread; no XML, JSON or
// HTTP in the timed part. Each result of a test is evaluated on its own: warmed up, then kSamples
// samples of as many repetitions as fill kSampleNanos; the figure is the median of the samples.
#pragma once

#include <filesystem>
#include <string>

#include "schwarm/base/result.hpp"

namespace schwarm::bench {

struct DecisionsOptions {
    std::filesystem::path suite;      // the TCK's folder
    std::filesystem::path reference;  // times of another engine, `cargo bench` output; may be empty
    std::filesystem::path cases;      // where to write one CSV line a test case; may be empty
    std::string filter;               // only folders whose name contains it
    bool fold_constants = true;  // false: measure what is usually computed while compiling, too
    bool json = false;
};

// Writes the report to standard output.
Result<void> bench_decisions(const DecisionsOptions& options);

}  // namespace schwarm::bench
