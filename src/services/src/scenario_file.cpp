// Reading .scn files.
#include <algorithm>
#include <utility>

#include "scenario_lines.hpp"
#include "scenario_words.hpp"

namespace schwarm::services {
namespace {

using words::take_word;
using words::trim;

// A line with its continuation lines.
struct Logical {
    int number = 0;
    std::string text;
    std::string body;  // of `model`: the lines below as they are, so that their numbers stay right
};

// Joins continuation lines; drops comments and empty lines.
std::vector<Logical> split(std::string_view rest) {
    std::vector<Logical> lines;
    int number = 0;
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const auto line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        ++number;
        const auto content = trim(line);
        const bool continues = line.starts_with(' ') || line.starts_with('\t');
        auto last = lines.empty() ? std::string_view() : std::string_view(lines.back().text);
        const bool in_model = !lines.empty() && take_word(last) == "model";
        if (in_model && (continues || content.empty())) {
            lines.back().body += '\n';
            lines.back().body += line;
            continue;
        }
        if (content.empty() || content.starts_with('#')) continue;
        if (continues && !lines.empty()) {
            lines.back().text += ' ';
            lines.back().text += content;
        } else {
            lines.push_back({number, std::string(content), {}});
        }
    }
    return lines;
}

class Parser {
  public:
    Parser(std::string name, ScenarioKind kind, const ScenarioFiles& files,
           std::vector<Problem>& problems)
        : kind_(kind), files_(files), problems_(problems) {
        file_.name = std::move(name);
    }

    ScenarioFile parse(std::string_view source) {
        for (const auto& line : split(source)) {
            line_ = line.number;
            read_line(line);
        }
        finish_scenario();
        if (file_.scenarios.empty()) {
            line_ = 1;
            problem("the file has no scenario");
        }
        return std::move(file_);
    }

  private:
    void problem(std::string reason) {
        problems_.push_back({file_.name, line_, "", std::move(reason), false});
    }

    void finish_scenario() {
        if (file_.scenarios.empty()) return;
        const auto& scenario = file_.scenarios.back();
        const bool expects =
            std::any_of(scenario.steps.begin(), scenario.steps.end(),
                        [](const ScenarioStep& s) { return s.verb >= ScenarioVerb::refused; });
        if (expects || failed_) return;
        line_ = scenario.line;
        problem("the scenario expects nothing");
    }

    void read_line(const Logical& line) {
        std::string_view rest = line.text;
        const auto word = take_word(rest);
        if (word == "scenario") {
            finish_scenario();
            failed_ = false;
            if (rest.empty()) problem("the scenario needs a title");
            file_.scenarios.push_back({std::string(rest), line_, shared_.steps, shared_.covers});
            return;
        }
        const bool for_all = file_.scenarios.empty();
        auto& scenario = for_all ? shared_ : file_.scenarios.back();
        if (kind_ == ScenarioKind::process && word == "covers") {
            const auto element = take_word(rest);
            if (rest.empty()) return problem("'covers' needs an element and a position");
            scenario.covers.push_back({std::string(element), std::string(rest)});
            return;
        }
        if (for_all &&
            (kind_ != ScenarioKind::process || (word != "model" && word != "decision"))) {
            return problem("'scenario TITLE' must come first");
        }
        ScenarioStep step;
        step.line = line_;
        step.written = line.text;
        auto result = read_scenario_line(line.text, kind_, files_, step);
        if (!result.has_error() && word == "model" && step.file.empty()) {
            step.file = file_.name;
            step.body = line.body;
            if (trim(step.body).empty()) result = fail(ErrorCode::invalid_input, "an empty model");
        }
        if (result.has_error()) {
            failed_ = true;
            return problem(result.error().text());
        }
        scenario.steps.push_back(std::move(step));
    }

    ScenarioKind kind_;
    const ScenarioFiles& files_;
    std::vector<Problem>& problems_;
    ScenarioFile file_;
    Scenario shared_;  // what stands before the first scenario
    int line_ = 0;
    bool failed_ = false;
};

}  // namespace

void merge_patch(json::Value& target, const json::Value& patch) {
    if (!patch.is_object()) {
        target = patch;
        return;
    }
    if (!target.is_object()) target = json::Value::object();
    for (const auto& [name, value] : patch.members()) {
        if (value.is_null()) {
            auto& members = target.members();
            std::erase_if(members, [&, &key = name](const auto& m) { return m.first == key; });
        } else if (auto* old = target.find(name)) {
            merge_patch(*old, value);
        } else {
            json::Value fresh;
            merge_patch(fresh, value);
            target.set(name, std::move(fresh));
        }
    }
}

ScenarioFile parse_scenarios(std::string name, std::string_view source, ScenarioKind kind,
                             const ScenarioFiles& files, std::vector<Problem>& problems) {
    return Parser(std::move(name), kind, files, problems).parse(source);
}

}  // namespace schwarm::services
