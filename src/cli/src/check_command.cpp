// schwarm check PACKAGE|MODEL.dmn|FOLDER|FILE.scn...: reads each package as a deployment would,
// then runs its scenarios; runs scenarios of plain models; checks decision models by themselves.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "check_processes.hpp"
#include "commands.hpp"
#include "schwarm/dmn/check.hpp"
#include "schwarm/dmn/files.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/services/package.hpp"
#include "schwarm/services/register.hpp"
#include "schwarm/services/scenario.hpp"

namespace schwarm::cli {
namespace {

struct CheckOptions {
    std::vector<std::string> paths;
    bool only_files = false;
    bool json = false;
    std::string regime = "memory";
    std::string matrix;
    std::string table;
    bool complete = false;
    bool suggest = false;
    std::string write;
};

class Check {
  public:
    explicit Check(const CheckOptions& options) : options_(options) {}

    int run() {
        auto regimes = regimes_named(options_.regime);
        if (regimes.has_error()) {
            std::cerr << regimes.error().message << '\n';
            return 2;
        }
        regimes_ = std::move(regimes.value());
        for (const std::string& path : options_.paths) good_ = check_path(path) && good_;
        if (!options_.matrix.empty()) good_ = write_table() && good_;
        if (options_.json) {
            auto out = json::Value::object();
            out.set("good", good_);
            out.set("findings", std::move(findings_));
            out.set("scenarios", std::move(scenarios_));
            std::cout << json::to_pretty_string(out) << '\n';
        }
        return good_ ? 0 : 1;
    }

  private:
    bool check_path(const std::string& path) {
        const bool folder = std::filesystem::is_directory(path);
        if (!folder && path.ends_with(".dmn")) return check_model(path);
        if (!folder && path.ends_with(".bpmn")) return check_process_model(path);
        const bool scenarios = folder ? !std::filesystem::exists(path + "/service.json") &&
                                            !scenario_files(path).empty()
                                      : path.ends_with(".scn");
        if (folder && std::filesystem::exists(path + "/register.json")) return check_register(path);
        return scenarios ? check_scenarios(path) : check_package(path);
    }

    bool check_process_model(const std::string& path) {
        std::vector<services::Problem> problems;
        const bool good = check_bpmn(path, options_.suggest, options_.write, text(), problems);
        for (const auto& problem : problems) report("", problem);
        const bool written = options_.suggest && !options_.write.empty();
        text() << (written ? options_.write : path)
               << (good ? ": can be deployed\n" : ": cannot be deployed\n");
        return good;
    }

    // Scenarios of plain models.
    bool check_scenarios(const std::string& path) {
        auto ran = run_scenario_files(scenario_files(path), regimes_);
        for (const auto& problem : ran.problems) report("", problem);
        std::size_t held = 0;
        for (const auto& result : ran.results) {
            report("", result);
            held += result.ok ? 1 : 0;
        }
        text() << path << ": " << held << " of " << ran.results.size()
               << " runs of scenarios hold\n";
        const bool good = ran.problems.empty() && held == ran.results.size();
        std::move(ran.results.begin(), ran.results.end(), std::back_inserter(ran_));
        return good;
    }

    bool write_table() {
        const auto table =
            options_.table.empty() ? options_.paths.front() + "/coverage.txt" : options_.table;
        const auto wrong = write_matrix(options_.matrix, table, options_.complete, ran_, regimes_);
        if (wrong.has_error()) {
            std::cerr << wrong.error().text() << '\n';
            return false;
        }
        for (const auto& sentence : wrong.value()) std::cerr << sentence << '\n';
        return wrong.value().empty();
    }

    std::ostream& text() { return options_.json ? nothing_ : std::cout; }

    void report(const dmn::Finding& finding) {
        text() << finding.where << ": " << dmn::name_of(finding.severity) << ": " << finding.message
               << '\n';
        if (!options_.json) return;
        const auto place = dmn::place_of(finding);
        auto one = json::Value::object();
        one.set("severity", dmn::name_of(finding.severity));
        one.set("kind", dmn::name_of(finding.kind));
        one.set("file", place.file);
        one.set("line", static_cast<std::int64_t>(place.line));
        one.set("column", static_cast<std::int64_t>(place.column));
        one.set("element", place.element);
        one.set("message", finding.message);
        if (!finding.example.is_null()) one.set("example", feel::to_json(finding.example));
        findings_.push_back(std::move(one));
    }

    void report(const std::string& folder, const services::Problem& problem) {
        if (!options_.json) {
            (problem.warning ? std::cout : std::cerr)
                << folder << (folder.empty() ? "" : "/") << problem.text() << '\n';
            return;
        }
        auto one = json::Value::object();
        one.set("severity", problem.warning ? "warning" : "error");
        one.set("kind", "package");
        one.set("file", (folder.empty() ? "" : folder + "/") + problem.file);
        one.set("line", static_cast<std::int64_t>(problem.line));
        one.set("element", problem.element_id);
        one.set("message", problem.reason);
        findings_.push_back(std::move(one));
    }

    // A model that cannot be loaded has one error.
    bool refuse(const std::string& path, const Error& error) {
        dmn::Finding finding;
        finding.severity = dmn::Finding::Severity::error;
        finding.where = error.where.empty() ? path : error.where;
        finding.message = error.message;
        finding.kind = dmn::Finding::Kind::refused;
        report(finding);
        text() << "refused " << path << '\n';
        return false;
    }

    bool check_model(const std::string& path) {
        auto file = dmn::read_file(path);
        if (!file) return refuse(path, file.error());
        file->name = path;
        std::vector<dmn::SourceFile> files;
        files.push_back(std::move(*file));
        const auto folder = std::filesystem::path(path).parent_path();
        const auto checked = dmn::load_checked(std::move(files), dmn::resolver_beside(folder));
        if (!checked) return refuse(path, checked.error());
        std::size_t errors = 0;
        std::size_t warnings = 0;
        for (const auto& finding : checked->findings) {
            errors += finding.severity == dmn::Finding::Severity::error ? 1 : 0;
            warnings += finding.severity == dmn::Finding::Severity::warning ? 1 : 0;
            // Models that several others import are spoken of once.
            if (!said_.insert(folder.string() + "\n" + finding.where + "\n" + finding.message)
                     .second) {
                continue;
            }
            report(finding);
        }
        text() << path << ": " << errors << (errors == 1 ? " error, " : " errors, ") << warnings
               << (warnings == 1 ? " warning\n" : " warnings\n");
        return errors == 0;
    }

    bool check_register(const std::string& path) {
        const std::string folder = path.substr(0, path.find_last_not_of('/') + 1);
        const auto refused = [&](const Error& error) {
            report(folder, services::Problem{error.where, 0, {}, error.message});
            text() << "refused " << folder << '\n';
            return false;
        };
        const auto files = services::read_folder(folder);
        if (files.has_error()) return refused(files.error());
        const auto loaded = services::Register::load(
            std::filesystem::path(folder).filename().string(), files.value(), folder);
        if (loaded.has_error()) return refused(loaded.error());
        const auto results = services::run_cases(*loaded.value(), files.value());
        if (results.has_error()) return refused(results.error());
        const auto held = std::count_if(results.value().begin(), results.value().end(),
                                        [](const auto& result) { return result.ok; });
        for (const auto& result : results.value()) report(folder, result);
        text() << folder << ": " << held << " of " << results.value().size() << " cases hold\n";
        return held == static_cast<std::ptrdiff_t>(results.value().size());
    }

    // Prints what there is to say about one package; false if anything is wrong.
    bool check_package(std::string folder) {
        while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
        const services::LoadResult loaded = services::load_package_folder(folder);
        for (const services::Problem& problem : loaded.problems) report(folder, problem);
        if (!loaded.package) {
            text() << "refused " << folder << '\n';
            return false;
        }
        if (options_.only_files) {
            text() << folder << ": the files are in order\n";
            return true;
        }
        std::size_t held = 0;
        std::size_t runs = 0;
        for (const auto& regime : regimes_) {
            for (const auto& result : services::run_scenarios(loaded.package, regime)) {
                report(folder, result);
                held += result.ok ? 1 : 0;
                ++runs;
            }
        }
        text() << folder << ": " << held << " of " << runs << " scenarios hold\n";
        return held == runs;
    }

    void report(const std::string& folder, const services::ScenarioResult& result) {
        const auto file = (folder.empty() ? "" : folder + "/") + result.file;
        text() << (result.ok ? "ok      " : "failed  ") << file << ':' << result.line << "  "
               << result.title;
        if (regimes_.size() > 1) text() << " [" << result.regime << ']';
        if (!result.ok) text() << ": " << result.message;
        text() << '\n';
        if (!options_.json) return;
        auto one = json::Value::object();
        one.set("file", file);
        one.set("line", static_cast<std::int64_t>(result.line));
        one.set("title", result.title);
        one.set("regime", result.regime);
        one.set("ok", result.ok);
        if (!result.ok) one.set("message", result.message);
        scenarios_.push_back(std::move(one));
    }

    const CheckOptions& options_;
    std::vector<services::Regime> regimes_;
    std::vector<services::ScenarioResult> ran_;
    bool good_ = true;
    std::set<std::string> said_;
    json::Value findings_ = json::Value::array();
    json::Value scenarios_ = json::Value::array();
    std::ostream nothing_{nullptr};
};

}  // namespace

void add_check(CLI::App& app, Action& action) {
    auto options = std::make_shared<CheckOptions>();
    CLI::App* command = app.add_subcommand(
        "check",
        "Check service packages and run their scenarios; check decision models: overlapping and "
        "unreachable rules, gaps, unknown names, types. Fails if there is an error; warnings and "
        "notes do not fail");
    command
        ->add_option("paths", options->paths,
                     "folders of packages, models (MODEL.dmn, MODEL.bpmn), scenarios of plain "
                     "models (FILE.scn "
                     "or a folder of them)")
        ->required();
    command->add_option(
        "--regime", options->regime,
        "how scenarios run: memory, sqlite, restart (the node is opened again after "
        "each step), faulty (each call of the storage fails once), limits (tiny "
        "caches), all");
    command->add_option("--matrix", options->matrix,
                        "write the table of what the scenarios cover to this file");
    command->add_option("--table", options->table,
                        "the rows of that table; if absent, coverage.txt in the first folder");
    command->add_flag("--suggest", options->suggest,
                      "of process models (MODEL.bpmn) in JUEL or XPath: propose FEEL");
    command->add_option("--write", options->write,
                        "with --suggest: write the model with the proposals put in to this file");
    command->add_flag("--complete", options->complete,
                      "fail if a row of the table is covered by no scenario");
    command->add_flag("--no-scenarios", options->only_files, "of packages only check the files");
    command->add_flag("--json", options->json, "everything as one JSON document, for tools");
    command->callback([options, &action] { action = [options] { return Check(*options).run(); }; });
}

}  // namespace schwarm::cli
