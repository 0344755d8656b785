#include "check_processes.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "schwarm/bpmn/model.hpp"
#include "schwarm/bpmn/suggest.hpp"
#include "schwarm/services/coverage.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"

namespace schwarm::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kFileBytesMax = 16U << 20U;

constexpr std::string_view kHead =
    "# What is executed of BPMN\n\n"
    "Made by `schwarm check tests/scenarios --regime all --matrix docs/bpmn-coverage.md` from the\n"
    "scenarios that ran; the rows stand in `tests/scenarios/coverage.txt`. A cell is `ok` if "
    "every\n"
    "scenario that covers it held in that regime, `missing` if there is none. Regimes:\n"
    "docs/formats/scenario.md.\n";

Result<std::string> read_file(const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    std::ifstream in(path, std::ios::binary);
    if (error || !in) return fail(ErrorCode::not_found, "there is no file " + path.string());
    if (size > kFileBytesMax)
        return fail(ErrorCode::limit_exceeded, path.string() + " is too large");
    std::ostringstream bytes;
    bytes << in.rdbuf();
    return bytes.str();
}

// A folder of its own, removed with all databases in it.
class DatabaseFolder {
  public:
    DatabaseFolder() {
        auto name = (fs::temp_directory_path() / "schwarm-check-XXXXXX").string();
        if (const char* made = ::mkdtemp(name.data())) path_ = made;
    }
    ~DatabaseFolder() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    DatabaseFolder(const DatabaseFolder&) = delete;
    DatabaseFolder& operator=(const DatabaseFolder&) = delete;

    services::StorageOpener next() {
        const auto file = path_ / ("node-" + std::to_string(++count_) + ".db");
        return [file] { return storage_sqlite::open_sqlite(file); };
    }

  private:
    fs::path path_;
    std::size_t count_ = 0;
};

}  // namespace

Result<std::vector<services::Regime>> regimes_named(const std::string& name) {
    const auto folder = std::make_shared<DatabaseFolder>();
    const auto database = [folder] { return folder->next(); };
    const std::array<services::Regime, 5> known = {{
        {},
        {"sqlite", database, false, false, false},
        {"restart", database, true, false, false},
        {"faulty", {}, false, true, false},
        {"limits", {}, false, false, true},
    }};
    std::vector<services::Regime> regimes;
    for (const auto& regime : known) {
        const bool first = regimes.empty();
        if (first || name == "all" || name == regime.name) regimes.push_back(regime);
    }
    if (regimes.size() == 1 && name != regimes.front().name) {
        return fail(
            ErrorCode::invalid_input,
            "there is no regime '" + name + "': memory, sqlite, restart, faulty, limits, all");
    }
    return regimes;
}

std::vector<std::string> scenario_files(const std::string& path) {
    if (!fs::is_directory(path)) return {path};
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
        if (entry.is_regular_file() && entry.path().extension() == ".scn") {
            files.push_back(entry.path().string());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

ProcessScenarios run_scenario_files(const std::vector<std::string>& files,
                                    const std::vector<services::Regime>& regimes) {
    ProcessScenarios out;
    for (const auto& file : files) {
        const auto source = read_file(file);
        if (source.has_error()) {
            out.problems.push_back({file, 0, "", source.error().message, false});
            continue;
        }
        const services::ScenarioFiles beside = [&](std::string_view name) {
            return read_file(fs::path(file).parent_path() / name);
        };
        std::vector<services::Problem> problems;
        const auto parsed = services::parse_scenarios(
            file, source.value(), services::ScenarioKind::process, beside, problems);
        if (!problems.empty()) {
            out.problems.insert(out.problems.end(), problems.begin(), problems.end());
            continue;
        }
        auto results = services::run_process_scenarios(parsed, regimes);
        std::move(results.begin(), results.end(), std::back_inserter(out.results));
    }
    return out;
}

bool check_bpmn(const std::string& path, bool suggest, const std::string& written,
                std::ostream& out, std::vector<services::Problem>& problems) {
    auto source = read_file(path);
    if (source.has_error()) {
        problems.push_back({path, 0, "", source.error().message, false});
        return false;
    }
    const auto import = bpmn::import_model(source.value(), path);
    for (const auto& one : import.problems) {
        problems.push_back({path, one.line, one.element_id, one.element + ": " + one.reason,
                            one.severity == bpmn::Severity::warning});
    }
    if (!suggest) return import.deployable();
    const auto made = bpmn::suggest(source.value(), path);
    if (made.has_error()) {
        problems.push_back({path, 0, "", made.error().message, false});
        return false;
    }
    for (const auto& one : made.value().items) out << path << ':' << one.text() << '\n';
    if (written.empty()) return import.deployable();
    std::ofstream file(written, std::ios::binary);
    file << made.value().model;
    file.close();
    const auto again = bpmn::import_model(made.value().model, written);
    for (const auto& one : again.problems) {
        if (one.severity == bpmn::Severity::error) out << one.text() << '\n';
    }
    return !file.fail() && again.deployable();
}

Result<std::vector<std::string>> write_matrix(const std::string& file, const std::string& table,
                                              bool complete,
                                              const std::vector<services::ScenarioResult>& results,
                                              const std::vector<services::Regime>& regimes) {
    SCHWARM_TRY(text, read_file(table));
    SCHWARM_TRY(rows, services::read_coverage(text));
    std::vector<std::string> names;
    for (const auto& regime : regimes) names.push_back(regime.name);
    auto report = services::report_coverage(rows, results, names);
    std::ofstream out(file, std::ios::binary);
    out << kHead << report.markdown;
    out.close();
    if (!out) return fail(ErrorCode::storage_failed, "cannot write " + file);
    if (complete) {
        report.wrong.insert(report.wrong.end(), report.missing.begin(), report.missing.end());
    }
    return std::move(report.wrong);
}

}  // namespace schwarm::cli
