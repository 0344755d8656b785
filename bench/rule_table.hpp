// `schwarm bench table`: how long one large decision table takes to answer.
//
// Makes DMN models with a table of many rules over four inputs (a text, a number, a date, a
// truth value), loads them as any other model and asks them with inputs of a fixed seed. Each
// answer is compared with what the generator knows of its rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "schwarm/base/result.hpp"

namespace schwarm::bench {

struct RuleTableOptions {
    std::size_t rules = 10'000;
    std::size_t evaluations = 20'000;  // measured ones, of each shape
    bool json = false;
};

struct RuleTableFigures {
    std::string shape;  // "unique", "first", "collect"
    std::string what;   // in words
    std::size_t rules = 0;
    double load_millis = 0;
    double mean_micros = 0;
    double p50_micros = 0;
    double p99_micros = 0;
    double max_micros = 0;
    std::uint64_t hits = 0;     // evaluations that matched a rule
    std::uint64_t matches = 0;  // rules that matched, in all evaluations
    std::uint64_t evaluations = 0;
};

// One thread. Errors: internal if an answer is not the one the rules ask for.
Result<std::vector<RuleTableFigures>> measure_rule_table(const RuleTableOptions& options);

// Measures and reports on standard output.
Result<void> bench_rule_table(const RuleTableOptions& options);

}  // namespace schwarm::bench
