// `schwarm bench redecide`: all Wohngeld cases of the country decided again on new parameters.
//
// Makes cases from a seed and stores them, sealed, with what was decided under the law in force
// (not part of the time); then decides each again with the package's decisions under made-up
// parameters (redecide_models.hpp) and stores the new decision, sealed, in durable commits; then
// reads everything back and computes a sample directly from the statute.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "schwarm/base/result.hpp"

namespace schwarm::bench {

struct RedecideOptions {
    std::uint64_t cases = 1'200'000;
    unsigned threads = 2;  // that decide; the one that commits comes on top
    std::uint64_t seed = 1;
    std::string share = "0.04";      // by which the parameters change
    std::filesystem::path folder;    // parent of a scratch folder; empty: /var/tmp
    std::filesystem::path keep;      // a folder that stays: an interrupted run goes on there
    std::filesystem::path packages;  // empty: those of the build
    std::uint64_t sample = 1000;     // cases computed directly
    bool json = false;
    bool progress = false;  // one line on standard error after each commit
};

// Errors: conflict (the folder holds another run), internal (a decision is not what the statute
// gives, or a case was not decided exactly once), storage_failed.
Result<void> bench_redecide(const RedecideOptions& options);

}  // namespace schwarm::bench
