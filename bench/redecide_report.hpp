// What a run of `schwarm bench redecide` is about, and what it reports.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "disk.hpp"
#include "redecide.hpp"
#include "redecide_cases.hpp"
#include "redecide_ranges.hpp"

namespace schwarm::bench {

struct RedecideRun {
    RedecideOptions options;
    std::vector<Place> places;
    std::string version;  // of the models with the new parameters
    std::uint64_t range_size = 0;
    std::uint64_t ranges = 0;

    std::uint64_t first_of(std::uint64_t range) const { return range * range_size + 1; }
    std::uint64_t end_of(std::uint64_t range) const {
        return std::min(first_of(range) + range_size, options.cases + 1);
    }
};

struct RedecideReport {
    RedecideRun run;
    DiskFigures disk;
    double load_seconds = 0;
    double setup_seconds = 0;
    std::uint64_t decided_before = 0;  // by a run that was interrupted
    double seconds = 0;
    double cpu_seconds = 0;  // of all cores, in that time
    double check_seconds = 0;
    RangesFigures figures;  // of this run
    RangeTotals all;        // of all cases
    std::uint64_t written_bytes = 0;
    std::uint64_t peak_bytes = 0;
    std::uint64_t file_bytes = 0;
    std::uint64_t compared = 0;
};

// On standard output.
void print_report(const RedecideReport& report);

}  // namespace schwarm::bench
