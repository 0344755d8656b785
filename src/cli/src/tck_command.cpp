// schwarm tck DIRECTORY: runs the test cases of the DMN TCK and counts.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "commands.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/dmn/tck.hpp"

namespace schwarm::cli {

namespace {

struct TckOptions {
    std::string folder;
    std::string csv;
    bool verbose = false;
};

// The TCK keeps cases that are not scored in this folder.
bool scored(const std::filesystem::path& folder) {
    return std::find(folder.begin(), folder.end(), "non-compliant") == folder.end();
}

void print_errors(const char* title, const dmn::TckReport& report,
                  std::vector<dmn::TckErrorNode> dmn::TckCase::*nodes, std::ostream& out) {
    for (const auto& one : report.cases) {
        for (const auto& node : one.*nodes) {
            out << title << ": " << one.folder << ' ' << one.id << ' ' << node.node << " = "
                << node.value;
            for (const auto& reason : node.reasons) out << " [" << reason << ']';
            out << '\n';
        }
    }
}

void print(const char* title, const dmn::TckReport& report, bool verbose, std::ostream& out) {
    if (report.cases.empty()) return;
    if (verbose) {
        for (const auto& one : report.cases) {
            if (one.passed) continue;
            out << one.folder << ' ' << one.id << ": " << one.message << '\n';
        }
    }
    out << title << ": values " << report.passed() << '/' << report.cases.size() << " test cases ("
        << report.nodes_passed() << '/' << report.nodes() << " results); errors reported for "
        << report.errors_reported() << '/' << report.error_nodes()
        << " results marked as errors, and for " << report.errors_other() << " others\n";
    print_errors("marked as an error, none reported", report, &dmn::TckCase::errors_missing, out);
    print_errors("not marked as an error, one reported", report, &dmn::TckCase::errors_other, out);
}

int run_tck_command(const TckOptions& options, std::ostream& out, std::ostream& err) {
    const SystemClock clock;
    const auto report = dmn::run_tck(options.folder, clock, scored);
    const auto others =
        dmn::run_tck(options.folder, clock, [](const auto& folder) { return !scored(folder); });
    if (!report || !others) {
        err << (report ? others.error() : report.error()).text() << '\n';
        return 1;
    }
    print("TCK", *report, options.verbose, out);
    print("not scored (non-compliant)", *others, options.verbose, out);
    if (!options.csv.empty()) {
        std::ofstream csv(options.csv, std::ios::binary);
        csv << dmn::to_csv(*report);
        if (!csv.flush()) {
            err << options.csv << ": cannot be written\n";
            return 1;
        }
    }
    return report->passed() == report->cases.size() ? 0 : 1;
}

}  // namespace

void add_tck(CLI::App& app, Action& action) {
    auto options = std::make_shared<TckOptions>();
    auto* command = app.add_subcommand("tck", "Run test cases of the DMN TCK");
    command->add_option("directory", options->folder, "the folder, searched for test files")
        ->required()
        ->check(CLI::ExistingDirectory);
    command->add_option("--csv", options->csv, "write the results as the TCK collects them");
    command->add_flag("--verbose", options->verbose, "list what fails and why");
    command->callback([options, &action] {
        action = [options] { return run_tck_command(*options, std::cout, std::cerr); };
    });
}

}  // namespace schwarm::cli
