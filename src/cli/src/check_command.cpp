// check: is a service package in order, and do its scenarios hold?
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "schwarm/services/package.hpp"
#include "schwarm/services/scenario.hpp"

namespace schwarm::cli {
namespace {

// Whether the package holds.
bool check_package(const std::string& folder, bool run) {
    const services::LoadResult loaded = services::load_package_folder(folder);
    for (const services::Problem& problem : loaded.problems) {
        (problem.warning ? std::cout : std::cerr)
            << folder << "/" << problem.text() << (problem.warning ? " (warning)" : "") << '\n';
    }
    if (!loaded.package) return false;
    if (!run) {
        std::cout << folder << ": well-formed\n";
        return true;
    }
    std::size_t held = 0;
    const auto results = services::run_scenarios(loaded.package);
    for (const services::ScenarioResult& result : results) {
        if (result.ok) {
            ++held;
        } else {
            std::cerr << folder << "/" << result.file << ":" << result.line << " scenario \""
                      << result.title << "\": " << result.message << '\n';
        }
    }
    std::cout << folder << ": " << held << " of " << results.size() << " scenarios hold\n";
    return held == results.size();
}

}  // namespace

void add_check(CLI::App& app, Action& action) {
    struct Options {
        std::vector<std::string> packages;
        bool only_files = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("check", "check service packages, run their scenarios");
    command->add_option("packages", options->packages, "folders")->required();
    command->add_flag("--no-scenarios", options->only_files, "only check the files");
    command->callback([options, &action] {
        action = [options] {
            bool good = true;
            for (const std::string& folder : options->packages) {
                good = check_package(folder, !options->only_files) && good;
            }
            return good ? 0 : 1;
        };
    });
}

}  // namespace schwarm::cli
