// Options for the limits of evaluations, the same for every command that evaluates.
#pragma once

#include <CLI/CLI.hpp>

#include <chrono>
#include <optional>

#include "schwarm/feel/evaluation.hpp"
#include "schwarm/server/deadline.hpp"

namespace schwarm::cli {

struct LimitOptions {
    feel::EvaluationLimits values;
    double timeout_seconds = 60;

    // The limits of an evaluation that begins now; `deadline` must outlive it.
    feel::EvaluationLimits begin(std::optional<server::Deadline>& deadline) const {
        feel::EvaluationLimits out = values;
        deadline.emplace(
            std::chrono::nanoseconds(static_cast<std::int64_t>(timeout_seconds * 1e9)));
        out.interrupt = &*deadline;
        return out;
    }
};

// `limits` must stay in place while the command line is parsed.
inline void add_limit_options(CLI::App& command, LimitOptions& limits) {
    feel::EvaluationLimits& values = limits.values;
    command
        .add_option("--max-steps", values.max_steps,
                    "work of one evaluation; what takes more becomes null")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command.add_option("--max-depth", values.max_depth, "function calls in one another")
        ->capture_default_str()
        ->check(CLI::Range(1, 10'000));
    command.add_option("--max-items", values.max_items, "items of a list, bytes of a string")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command.add_option("--max-memory", values.max_bytes, "bytes of all values of one evaluation")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command.add_option("--timeout", limits.timeout_seconds, "seconds of one evaluation")
        ->capture_default_str()
        ->check(CLI::Range(0.001, 1e6));
}

}  // namespace schwarm::cli
