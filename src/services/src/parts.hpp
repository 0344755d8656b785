// What a Package keeps out of its public header.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/bpmn/model.hpp"
#include "schwarm/feel/feel.hpp"
#include "schwarm/forms/form.hpp"
#include "schwarm/html/i18n.hpp"
#include "schwarm/services/document.hpp"
#include "schwarm/services/package.hpp"
#include "schwarm/services/scenario.hpp"

namespace schwarm::services {

// A decision by its id or name: where the program has it, and what it reads.
struct DecisionBinding {
    std::size_t invocable = 0;
    std::vector<feel::Key> inputs;
};

struct Package::Parts {
    std::shared_ptr<const bpmn::Model> model;
    std::map<std::string, forms::Form, std::less<>> forms;
    std::map<std::string, std::shared_ptr<const DocumentTemplate>, std::less<>> documents;
    std::unique_ptr<html::Catalogue> german;
    std::unique_ptr<html::Catalogue> english;
    std::map<std::string, std::string, std::less<>> milestones;  // element id -> name
    std::map<std::string, DecisionBinding, std::less<>> decisions;
    feel::Expression decision;
    feel::Expression amount;
    std::vector<ScenarioFile> scenarios;
};

// Collects what is wrong while a package is loaded.
class Findings {
  public:
    void error(std::string file, int line, std::string element, std::string reason) {
        problems_.push_back({std::move(file), line, std::move(element), std::move(reason), false});
    }
    void add(Problem problem) { problems_.push_back(std::move(problem)); }
    bool has_errors() const;
    std::vector<Problem> take() { return std::move(problems_); }

  private:
    std::vector<Problem> problems_;
};

// Splits "name:12: reason", "name:12:4: reason" or "line 3 column 7: reason" into place and
// reason as far as it has them.
Problem problem_from_error(std::string file, const Error& error);

// Line (from 1) on which `needle` stands for the first time; 0 if it does not.
int line_of(std::string_view source, std::string_view needle);

// service.json into the package's fields. The form's name, the outcome and the settings are
// checked by their syntax only.
void read_service_json(std::string_view id, std::string_view source, Package& package,
                       std::string& form_id, Findings& findings);

// References between the parts of a package whose parts were all read.
void check_references(const Package& package, const PackageFiles& files, Findings& findings);

// The header of a task ("document"); empty if there is none.
std::string_view header_of(const bpmn::Node& node, std::string_view key);

}  // namespace schwarm::services
