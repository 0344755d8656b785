// Options for the limits of evaluations, the same for every command that evaluates.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <optional>

#include "schwarm/feel/evaluation.hpp"
#include "schwarm/server/deadline.hpp"

namespace schwarm::cli {

struct LimitOptions {
    feel::EvaluationLimits limits;
    double seconds = 10;

    // The limits of an evaluation that begins now; `deadline` must outlive it.
    feel::EvaluationLimits begin(std::optional<server::Deadline>& deadline) const {
        deadline.emplace(std::chrono::duration_cast<std::chrono::nanoseconds>(
            std::chrono::duration<double>(seconds)));
        feel::EvaluationLimits out = limits;
        out.interrupt = &*deadline;
        return out;
    }
};

// `options` must stay in place while the command line is parsed.
inline void add_limit_options(CLI::App& command, LimitOptions& options) {
    const auto positive = [&](const char* name, auto& value, const char* what) {
        command.add_option(name, value, what)->capture_default_str()->check(CLI::PositiveNumber);
    };
    feel::EvaluationLimits& limits = options.limits;
    positive("--max-steps", limits.max_steps, "work of one evaluation; what takes more is null");
    command.add_option("--max-depth", limits.max_depth, "function calls in one another")
        ->capture_default_str()
        ->check(CLI::Range(1, 10'000));
    positive("--max-items", limits.max_items, "items of a list, bytes of a string");
    positive("--max-memory", limits.max_bytes, "bytes of all values alive");
    command.add_option("--timeout", options.seconds, "seconds of one evaluation")
        ->capture_default_str()
        ->check(CLI::Range(0.001, 86'400.0));
}

}  // namespace schwarm::cli
