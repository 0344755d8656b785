// Scenarios: acceptance tests in readable text (docs/formats/scenario.md), of a service package or
// of plain BPMN and DMN models.
//
// Parsing is pure. Running opens a node of its own for each scenario, with a clock that only moves
// when told, in one of several regimes: what holds in memory must hold on a disk that fails as
// well.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/base/calendar.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/feel/feel.hpp"
#include "schwarm/json/value.hpp"
#include "schwarm/services/package.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::services {

// What a line does; those from `refused` on look and change nothing.
enum class ScenarioVerb : std::uint8_t {
    at,
    advance,
    setting,
    start,
    complete,
    documents,
    withdraw,
    send,
    evidence,
    model,
    decision,
    start_message,
    start_signal,
    start_at,
    start_before,
    start_conditional,
    instance,
    job_complete,
    job_fail,
    job_error,
    job_deny,
    job_correct,
    job_activate,
    job_set,
    message,
    signal,
    assign,
    unassign,
    task_set,
    set,
    resolve,
    batch_resolve,
    activate,
    modify,
    migrate,
    check_migrate,
    cancel,
    refused,
    path,
    entered,
    not_entered,
    state,
    variable,
    that,
    document,
    no_document,
    task,
    no_task,
    milestone,
    inbox,
    no_inbox,
    print,
    no_print,
    incident,
    no_incident,
    job,
    no_job,
    timer,
    no_timer,
    waiting,
    not_waiting,
    sent,
    not_sent,
    kept,
    instances,
};

// One line. Which members are filled depends on the verb.
struct ScenarioStep {
    ScenarioVerb verb = ScenarioVerb::at;
    int line = 0;
    std::string written;             // the line, for reports
    std::string name;                // key, element, document, state, message, field, variable
    std::vector<std::string> texts;  // contains, reasons, path, file names
    std::vector<std::string> lacks;
    std::map<std::string, std::string, std::less<>> options;  // "group" of "group clerks"
    json::Value value;                                        // null if there is none
    feel::Expression expression;                              // variable, that
    Instant at{};
    YearsMonths months;  // advance: either
    DaysTime time;
    std::string file;  // model, decision: the name for problems, and the bytes
    std::string body;

    // Null if it is not written.
    const std::string* option(std::string_view key) const;
};

// A cell of the table of what is executed (docs/bpmn-coverage.md).
struct Coverage {
    std::string element;
    std::string position;
    auto operator<=>(const Coverage&) const = default;
};

struct Scenario {
    std::string title;
    int line = 0;
    std::vector<ScenarioStep> steps;
    std::vector<Coverage> covers;
};

struct ScenarioFile {
    std::string name;  // "scenarios/bewilligung.scn"
    std::vector<Scenario> scenarios;
};

// package: the cases of one service package. process: models of the file itself.
enum class ScenarioKind : std::uint8_t { package, process };

// The bytes of a file written "@name".
using ScenarioFiles = std::function<Result<std::string>(std::string_view name)>;

// Checks the form of every line. Problems name file and line.
ScenarioFile parse_scenarios(std::string name, std::string_view source, ScenarioKind kind,
                             const ScenarioFiles& files, std::vector<Problem>& problems);

// RFC 7396.
void merge_patch(json::Value& target, const json::Value& patch);

// Opens one database, the same each time it is called.
using StorageOpener = std::function<Result<std::unique_ptr<storage::Storage>>()>;

// How a scenario is run. The default is storage in memory.
struct Regime {
    std::string name = "memory";
    // A new, empty database for each scenario; absent: in memory.
    std::function<StorageOpener()> database;
    bool restart =
        false;            // the node is closed and opened again after each line that does something
    bool faulty = false;  // each storage call of a line fails once, answers of commits get lost
    bool tiny = false;    // caches and groups as small as they can be
};

struct ScenarioResult {
    std::string file;
    std::string title;
    int line = 0;  // where it failed, else where it begins
    bool ok = false;
    std::string message;  // why it failed
    std::string regime = "memory";
    std::vector<Coverage> covers;
    std::string end;  // the states of all cases at the end, encoded
};

// Runs the scenarios of a package, each on a fresh node.
std::vector<ScenarioResult> run_scenarios(const std::shared_ptr<const Package>& package,
                                          const Regime& regime = {});

// Runs each scenario of a file of the kind `process` in each regime. One fails as well if its cases
// do not end in the same state as in the first regime.
std::vector<ScenarioResult> run_process_scenarios(const ScenarioFile& file,
                                                  std::span<const Regime> regimes);

}  // namespace schwarm::services
