// schwarm check PACKAGE...: reads each package as a deployment would, then runs its scenarios.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "schwarm/services/package.hpp"
#include "schwarm/services/scenario.hpp"

namespace schwarm::cli {
namespace {

struct CheckOptions {
    std::vector<std::string> packages;
    bool only_files = false;
};

// Prints what there is to say about one package; false if anything is wrong.
bool check_package(std::string folder, bool run) {
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    const services::LoadResult loaded = services::load_package_folder(folder);
    for (const services::Problem& problem : loaded.problems) {
        (problem.warning ? std::cout : std::cerr) << folder << '/' << problem.text() << '\n';
    }
    if (!loaded.package) {
        std::cout << "refused " << folder << '\n';
        return false;
    }
    if (!run) {
        std::cout << folder << ": the files are in order\n";
        return true;
    }
    std::size_t held = 0;
    const auto results = services::run_scenarios(loaded.package);
    for (const services::ScenarioResult& result : results) {
        std::cout << (result.ok ? "ok      " : "failed  ") << folder << '/' << result.file << ':'
                  << result.line << "  " << result.title;
        if (!result.ok) std::cout << ": " << result.message;
        std::cout << '\n';
        held += result.ok ? 1 : 0;
    }
    std::cout << folder << ": " << held << " of " << results.size() << " scenarios hold\n";
    return held == results.size();
}

}  // namespace

void add_check(CLI::App& app, Action& action) {
    auto options = std::make_shared<CheckOptions>();
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
