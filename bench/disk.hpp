// How often a second this disk makes 4 KB durable, one after the other.
#pragma once

#include <filesystem>

#include "schwarm/base/result.hpp"

namespace schwarm::bench {

struct DiskFigures {
    double fsyncs_per_second = 0;
    double p99_millis = 0;
};
// Appends to a file in the folder and removes it.
Result<DiskFigures> measure_fsync(const std::filesystem::path& folder, double seconds);

}  // namespace schwarm::bench
