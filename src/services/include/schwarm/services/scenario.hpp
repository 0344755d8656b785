// Scenarios: acceptance tests of a package in readable text (docs/formats/scenario.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/calendar.hpp"
#include "schwarm/base/clock.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/feel/feel.hpp"
#include "schwarm/json/value.hpp"
#include "schwarm/services/package.hpp"

namespace schwarm::services {

enum class ScenarioVerb : std::uint8_t {
    at,
    setting,
    start,
    complete,
    documents,
    withdraw,
    send,
    advance,
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
    message,
    no_message,
    print,
    no_print,
    incident,
    no_incident,
};

// One line. Which members are filled depends on the verb.
struct ScenarioStep {
    ScenarioVerb verb = ScenarioVerb::at;
    int line = 0;
    std::string written;  // the line, for reports
    std::string name;     // key, element, document, state, message, field, variable
    std::string group;
    std::vector<std::string> texts;  // contains, reasons, path, file names
    std::vector<std::string> lacks;
    json::Value value;            // setting, start, complete, send
    feel::Expression expression;  // variable, that
    Instant at{};
    YearsMonths months;  // advance: either
    DaysTime time;
};

struct Scenario {
    std::string title;
    int line = 0;
    std::vector<ScenarioStep> steps;
};

struct ScenarioFile {
    std::string name;  // "scenarios/bewilligung.scn"
    std::vector<Scenario> scenarios;
};

// Checks the form of every line; `files` are those of the package ("@basis.json" is looked up in
// scenarios/). Problems name file and line.
ScenarioFile parse_scenarios(std::string name, std::string_view source, const PackageFiles& files,
                             std::vector<Problem>& problems);

// RFC 7396.
void merge_patch(json::Value& target, const json::Value& patch);

struct ScenarioResult {
    std::string file;
    std::string title;
    int line = 0;  // where it failed, else where it begins
    bool ok = false;
    std::string message;  // why it failed
};

// Runs the scenarios of a package, each on a fresh node in memory with a clock of its own.
std::vector<ScenarioResult> run_scenarios(const std::shared_ptr<const Package>& package);

}  // namespace schwarm::services
