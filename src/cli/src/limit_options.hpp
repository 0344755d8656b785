// Options for the limits of evaluations, the same for every command that evaluates.
#pragma once

#include <CLI/CLI.hpp>

#include "schwarm/feel/evaluation.hpp"

namespace schwarm::cli {

// `limits` must stay in place while the command line is parsed.
inline void add_limit_options(CLI::App& command, feel::EvaluationLimits& limits) {
    command
        .add_option("--max-steps", limits.max_steps,
                    "work of one evaluation; what takes more becomes null")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command.add_option("--max-depth", limits.max_depth, "function calls in one another")
        ->capture_default_str()
        ->check(CLI::Range(1, 10'000));
    command.add_option("--max-items", limits.max_items, "items of a list, bytes of a string")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command.add_option("--max-memory", limits.max_bytes, "bytes of all values alive")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
}

}  // namespace schwarm::cli
