// Many ranges of cases, worked on by several threads, made durable by the calling one: while it
// commits what is ready, the threads go on with the next ranges.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "redecide_store.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::bench {

struct Batch {
    std::uint64_t range = 0;
    std::vector<Row> rows;
    RangeTotals totals;
};

// Called by one thread only.
using Worker = std::function<Result<Batch>(std::uint64_t range)>;
// Called once in each thread, which keeps the worker.
using MakeWorker = std::function<Result<Worker>()>;

struct RangesFigures {
    RangeTotals totals;  // of the ranges done now
    std::uint64_t commits = 0;
    std::uint64_t ranges = 0;
};

struct RangesTask {
    std::string phase;
    std::vector<std::uint64_t> ranges;
    unsigned threads = 1;
    MakeWorker make_worker;
    bool durable = true;  // false: nothing is written, only the sums are taken
    // After each commit: ranges done so far.
    std::function<void(std::uint64_t)> on_commit;
};

// The first error ends it; what was committed stays. internal if a range already has a mark.
Result<RangesFigures> run_ranges(CaseStore& store, const RangesTask& task);

}  // namespace schwarm::bench
