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

struct TckCase {
    std::string folder;  // "compliance-level-3/0068-feel-equality"
    std::string file;    // "0068-feel-equality-test-01"
    std::string id;
    bool passed = false;
    std::string message;  // why not: node, expected, got
    std::size_t nodes = 0;
    std::size_t nodes_passed = 0;
    // Nodes the test marks with errorResult="true": how many there are, and of how many the
    // evaluation reported a reason.
    std::size_t error_nodes = 0;
    std::size_t errors_reported = 0;
};

struct TckReport {
    std::vector<TckCase> cases;
    std::size_t passed() const;
    std::size_t nodes() const;
    std::size_t nodes_passed() const;
    std::size_t error_nodes() const;
    std::size_t errors_reported() const;
};

// All test files below the folder, in the order of their paths; `wanted` says which folders.
Result<TckReport> run_tck(const std::filesystem::path& folder, const Clock& clock,
                          const std::function<bool(const std::filesystem::path&)>& wanted = {});

// The report as lines of the CSV file the TCK collects.
std::string to_csv(const TckReport& report);

}  // namespace schwarm::dmn
