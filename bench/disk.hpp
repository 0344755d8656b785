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

// What SQLite does with rows like those of the engine and nothing else: `rows` of `bytes` each a
// commit, in five spaces, synchronous=FULL.
struct SqliteFigures {
    double rows_per_second = 0;
    double commits_per_second = 0;
};
Result<SqliteFigures> measure_sqlite(const std::filesystem::path& folder, double seconds,
                                     std::size_t rows, std::size_t bytes);

}  // namespace schwarm::bench
