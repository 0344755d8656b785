// The part of `schwarm check` that is about plain models: scenarios (.scn) and BPMN files.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "schwarm/base/result.hpp"
#include "schwarm/services/package.hpp"
#include "schwarm/services/scenario.hpp"

namespace schwarm::cli {

// memory always comes first: what the others end with is compared with it. `name`: one of memory,
// sqlite, restart, faulty, limits, or all. Databases lie in files that are removed when the last
// copy of the regimes is gone.
Result<std::vector<services::Regime>> regimes_named(const std::string& name);

// The .scn files of a folder and the folders below it, or the one file, in the order of names.
std::vector<std::string> scenario_files(const std::string& path);

struct ProcessScenarios {
    std::vector<services::Problem> problems;
    std::vector<services::ScenarioResult> results;
};
ProcessScenarios run_scenario_files(const std::vector<std::string>& files,
                                    const std::vector<services::Regime>& regimes);

// Says of a BPMN file what is not executable, and with `suggest` what could stand there instead.
// `written`, if not empty: a file for the model with the proposals put in. False: the model as it
// is (or, if it is written, as it will be) cannot be deployed.
bool check_bpmn(const std::string& path, bool suggest, const std::string& written,
                std::ostream& out, std::vector<services::Problem>& problems);

// Writes the table of what is executed; the list of its rows stands in `table`. Answers what is
// wrong, one sentence a line; with `complete` also the cells that no scenario covers.
Result<std::vector<std::string>> write_matrix(const std::string& file, const std::string& table,
                                              bool complete,
                                              const std::vector<services::ScenarioResult>& results,
                                              const std::vector<services::Regime>& regimes);

}  // namespace schwarm::cli
