// Runs test cases in the format of the DMN TCK (testCases.xsd): models with inputs and expected
// results. Numbers are compared with the tolerance of the TCK's own runners, 1e-8.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"

namespace schwarm::dmn {

// A result node on which the suite and the evaluation disagree about whether it is an error
// (errorResult); the values may agree all the same.
struct TckErrorNode {
    std::string node;                  // the name of the result node
    std::string value;                 // what the evaluation gave, as FEEL
    std::vector<std::string> reasons;  // the errors reported; empty if none was
};

struct TckCase {
    std::string folder;  // "compliance-level-3/0068-feel-equality"
    std::string file;    // "0068-feel-equality-test-01"
    std::string id;
    bool passed = false;
    std::string message;  // why not: node, expected, got
    std::size_t nodes = 0;
    std::size_t nodes_passed = 0;
    // Nodes the test marks with errorResult="true": how many there are, and for how many of them
    // the evaluation reported an error (feel::Diagnostic::Severity::error; notes do not count).
    std::size_t error_nodes = 0;
    std::size_t errors_reported = 0;
    std::vector<TckErrorNode> errors_missing;  // marked, and no error reported
    std::vector<TckErrorNode> errors_other;    // not marked, and an error reported
};

struct TckReport {
    std::vector<TckCase> cases;
    std::size_t passed() const;
    std::size_t nodes() const;
    std::size_t nodes_passed() const;
    std::size_t error_nodes() const;
    std::size_t errors_reported() const;
    std::size_t errors_other() const;
};

// All test files below the folder, in the order of their paths; `wanted` says which folders.
Result<TckReport> run_tck(const std::filesystem::path& folder, const Clock& clock,
                          const std::function<bool(const std::filesystem::path&)>& wanted = {});

// The report as lines of the CSV file the TCK collects.
std::string to_csv(const TckReport& report);

}  // namespace schwarm::dmn
