// The table of what is executed (docs/bpmn-coverage.md), made of a list of cells and of the
// scenarios that ran. Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/services/scenario.hpp"

namespace schwarm::services {

// A line of tests/scenarios/coverage.txt: "element | position | source | meaning" below
// "# FAMILY". A meaning that begins with "not executable" says why no scenario is wanted.
struct CoverageRow {
    std::string family;
    Coverage cell;
    std::string source;  // the clause or page that decides what the element means
    std::string meaning;
};

// invalid_input names the line.
Result<std::vector<CoverageRow>> read_coverage(std::string_view text);

struct CoverageReport {
    std::string markdown;
    // One sentence each: a cell that no scenario covers, one whose scenarios failed, a scenario
    // whose cell is not in the list.
    std::vector<std::string> missing;
    std::vector<std::string> wrong;
};

// `regimes`: names, the columns.
CoverageReport report_coverage(std::span<const CoverageRow> rows,
                               std::span<const ScenarioResult> results,
                               std::span<const std::string> regimes);

}  // namespace schwarm::services
