// Reading .scn files.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "parts.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::services {
namespace {

using Verb = ScenarioVerb;

constexpr std::string_view kSpace = " \t\r";

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// Takes the next word from the front; empty at the end.
std::string_view take_word(std::string_view& text) {
    text = trim(text);
    const auto end = std::min(text.find_first_of(kSpace), text.size());
    const auto word = text.substr(0, end);
    text = trim(text.substr(end));
    return word;
}

bool take_keyword(std::string_view& text, std::string_view keyword) {
    auto rest = text;
    if (take_word(rest) != keyword) return false;
    text = rest;
    return true;
}

// Takes strings in double quotes from the front as long as there are any.
Result<std::vector<std::string>> take_strings(std::string_view& text) {
    std::vector<std::string> strings;
    text = trim(text);
    while (text.starts_with('"')) {
        std::size_t end = 1;
        while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2U : 1U;
        if (end >= text.size()) {
            return fail(ErrorCode::invalid_input, "a text in quotes does not end");
        }
        SCHWARM_TRY(parsed, json::parse(text.substr(0, end + 1)));
        strings.push_back(parsed.as_string());
        text = trim(text.substr(end + 1));
    }
    return strings;
}

Error wrong(std::string reason) {
    return fail(ErrorCode::invalid_input, std::move(reason));
}

// A local time of Europe/Berlin: "2026-03-14", "2026-03-14 10:00".
Result<Instant> parse_at(std::string_view text) {
    const auto date = Date::parse(take_word(text));
    if (!date) return wrong("'at' needs a date such as 2026-03-14");
    int hour = 9;
    int minute = 0;
    if (!text.empty()) {
        const auto time = Time::parse(std::string(text) + ":00");
        if (!time) return wrong("the time must be HH:MM");
        hour = time->hour();
        minute = time->minute();
    }
    const auto zone = find_zone("Europe/Berlin");
    CHECK(zone.has_value(), "the system has no time zone data for Europe/Berlin");
    const auto time = Time::from_parts(hour, minute, 0, 0, *zone);
    return DateTime{*date, *time}.to_instant();
}

class Parser {
  public:
    Parser(std::string name, std::string_view source, const PackageFiles& files,
           std::vector<Problem>& problems)
        : source_(source), files_(files), problems_(problems) {
        file_.name = std::move(name);
    }

    ScenarioFile parse() {
        split();
        for (const auto& [line, text] : lines_) {
            line_ = line;
            read_line(text);
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

    // Joins continuation lines; drops comments and empty lines.
    void split() {
        int number = 0;
        std::string_view rest = source_;
        while (!rest.empty()) {
            const auto end = std::min(rest.find('\n'), rest.size());
            const auto line = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            ++number;
            const auto content = trim(line);
            if (content.empty() || content.starts_with('#')) continue;
            if ((line.starts_with(' ') || line.starts_with('\t')) && !lines_.empty()) {
                lines_.back().second += ' ';
                lines_.back().second += content;
            } else {
                lines_.emplace_back(number, std::string(content));
            }
        }
    }

    void finish_scenario() {
        if (file_.scenarios.empty()) return;
        const auto& scenario = file_.scenarios.back();
        const bool expects =
            std::any_of(scenario.steps.begin(), scenario.steps.end(),
                        [](const ScenarioStep& s) { return s.verb >= Verb::refused; });
        if (expects || failed_) return;
        line_ = scenario.line;
        problem("the scenario expects nothing");
    }

    void read_line(std::string_view text) {
        auto rest = text;
        const auto word = take_word(rest);
        if (word == "scenario") {
            finish_scenario();
            failed_ = false;
            if (rest.empty()) problem("the scenario needs a title");
            file_.scenarios.push_back({std::string(rest), line_, {}});
            return;
        }
        if (file_.scenarios.empty()) return problem("'scenario TITLE' must come first");
        ScenarioStep step;
        step.line = line_;
        step.written = std::string(text);
        const auto result = read_step(word, rest, step);
        if (result.has_error()) {
            failed_ = true;
            return problem(result.error().text());
        }
        file_.scenarios.back().steps.push_back(std::move(step));
    }

    Result<void> read_step(std::string_view word, std::string_view rest, ScenarioStep& step) {
        if (word == "expect") return read_expect(rest, step);
        if (word == "at") {
            step.verb = Verb::at;
            SCHWARM_TRY(at, parse_at(rest));
            step.at = at;
            return {};
        }
        if (word == "start") {
            step.verb = Verb::start;
            return read_json(rest, step);
        }
        if (word == "setting" || word == "complete" || word == "send") {
            step.verb = word == "setting"    ? Verb::setting
                        : word == "complete" ? Verb::complete
                                             : Verb::send;
            step.name = std::string(take_word(rest));
            if (step.name.empty()) return wrong("'" + std::string(word) + "' needs a name");
            if (rest.empty() && word != "setting") {
                step.value = json::Value::object();
                return {};
            }
            return read_json(rest, step);
        }
        if (word == "documents") {
            step.verb = Verb::documents;
            return read_texts(rest, step.texts);
        }
        if (word == "withdraw") {
            step.verb = Verb::withdraw;
            return nothing_left(rest);
        }
        if (word == "advance") return read_advance(rest, step);
        return wrong("there is no command '" + std::string(word) + "'");
    }

    static Result<void> nothing_left(std::string_view rest) {
        if (rest.empty()) return {};
        return wrong("unexpected: " + std::string(rest));
    }

    static Result<void> read_texts(std::string_view& rest, std::vector<std::string>& texts) {
        SCHWARM_TRY(strings, take_strings(rest));
        texts = std::move(strings);
        return nothing_left(rest);
    }

    static Result<void> read_advance(std::string_view rest, ScenarioStep& step) {
        step.verb = Verb::advance;
        if (const auto months = YearsMonths::parse(rest); months && months->months > 0) {
            step.months = *months;
            return {};
        }
        const auto time = DaysTime::parse(rest);
        if (!time || time->seconds <= 0) {
            return wrong("'advance' needs a duration such as P14D, P1M or PT2H");
        }
        step.time = *time;
        return {};
    }

    Result<json::Value> read_file(std::string_view name) const {
        const auto found = files_.find("scenarios/" + std::string(name));
        if (found == files_.end()) {
            return wrong("there is no file scenarios/" + std::string(name));
        }
        auto value = json::parse(found->second);
        if (!value) {
            return wrong("scenarios/" + std::string(name) + ": " + value.error().text());
        }
        return value;
    }

    // JSON, or "@file", or "@file with JSON".
    Result<void> read_json(std::string_view rest, ScenarioStep& step) const {
        if (rest.starts_with('@')) {
            const auto name = take_word(rest).substr(1);
            SCHWARM_TRY(base, read_file(name));
            step.value = std::move(base);
            if (rest.empty()) return {};
            if (!take_keyword(rest, "with")) {
                return wrong("after the file only 'with JSON' may follow");
            }
            SCHWARM_TRY(patch, json::parse(rest));
            merge_patch(step.value, patch);
            return {};
        }
        SCHWARM_TRY(value, json::parse(rest));
        step.value = std::move(value);
        return {};
    }

    struct Expectation {
        std::string_view word;
        Verb verb;
        bool name_required;
    };

    // Those of the form "WORD [NAME] ["text" ...]".
    static constexpr std::array<Expectation, 9> kPlain = {{
        {"refused", Verb::refused, true},
        {"entered", Verb::entered, true},
        {"state", Verb::state, true},
        {"milestone", Verb::milestone, true},
        {"message", Verb::message, true},
        {"print", Verb::print, true},
        {"incident", Verb::incident, false},
        {"document", Verb::document, true},
        {"task", Verb::task, true},
    }};
    static constexpr std::array<Expectation, 5> kNone = {{
        {"document", Verb::no_document, false},
        {"task", Verb::no_task, false},
        {"message", Verb::no_message, false},
        {"print", Verb::no_print, false},
        {"incident", Verb::no_incident, false},
    }};

    Result<void> read_expect(std::string_view rest, ScenarioStep& step) const {
        const auto word = take_word(rest);
        if (word == "path") return read_path(rest, step);
        if (word == "variable") return read_variable(rest, step);
        if (word == "that") {
            step.verb = Verb::that;
            return read_feel(rest, step);
        }
        if (word == "not") {
            if (!take_keyword(rest, "entered")) return wrong("'expect not' needs 'entered'");
            step.verb = Verb::not_entered;
            step.name = std::string(take_word(rest));
            if (step.name.empty()) return wrong("'not entered' needs an element id");
            return nothing_left(rest);
        }
        if (word == "no") {
            const auto what = take_word(rest);
            for (const auto& known : kNone) {
                if (known.word != what) continue;
                step.verb = known.verb;
                step.name = std::string(take_word(rest));
                return nothing_left(rest);
            }
            return wrong("'expect no' needs document, task, message, print or incident");
        }
        for (const auto& known : kPlain) {
            if (known.word == word) return read_plain(known, rest, step);
        }
        return wrong("there is no 'expect " + std::string(word) + "'");
    }

    static Result<void> read_plain(const Expectation& known, std::string_view rest,
                                   ScenarioStep& step) {
        step.verb = known.verb;
        if (!rest.starts_with('"')) step.name = std::string(take_word(rest));
        if (step.name.empty() && known.name_required) {
            return wrong("'expect " + std::string(known.word) + "' needs a name");
        }
        if (known.verb == Verb::state && step.name != "active" && step.name != "completed" &&
            step.name != "terminated") {
            return wrong("a state is active, completed or terminated");
        }
        if (known.verb == Verb::task && take_keyword(rest, "group")) {
            step.group = std::string(take_word(rest));
        }
        if (known.verb == Verb::task && take_keyword(rest, "reason")) {
            return read_texts(rest, step.texts);
        }
        if (known.verb == Verb::document) {
            while (!rest.empty()) {
                const bool contains = take_keyword(rest, "contains");
                if (!contains && !take_keyword(rest, "lacks")) return nothing_left(rest);
                SCHWARM_TRY(strings, take_strings(rest));
                if (strings.empty()) return wrong("'contains' and 'lacks' need a text in quotes");
                auto& list = contains ? step.texts : step.lacks;
                list.insert(list.end(), strings.begin(), strings.end());
            }
            return {};
        }
        if (known.verb == Verb::refused || known.verb == Verb::incident) {
            return read_texts(rest, step.texts);
        }
        return nothing_left(rest);
    }

    static Result<void> read_path(std::string_view rest, ScenarioStep& step) {
        step.verb = Verb::path;
        while (!rest.empty()) {
            const auto end = std::min(rest.find('>'), rest.size());
            const auto element = trim(rest.substr(0, end));
            if (element.empty() || element.find_first_of(kSpace) != std::string_view::npos) {
                return wrong("a path is written A > B > C");
            }
            step.texts.emplace_back(element);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        if (step.texts.empty()) return wrong("a path is written A > B > C");
        return {};
    }

    static Result<void> read_feel(std::string_view text, ScenarioStep& step) {
        feel::NameScope open;
        open.set_open();
        SCHWARM_TRY(expression, feel::compile_expression(text, open));
        step.expression = std::move(expression);
        return {};
    }

    static Result<void> read_variable(std::string_view rest, ScenarioStep& step) {
        step.verb = Verb::variable;
        const auto equals = rest.find('=');
        if (equals == std::string_view::npos) return wrong("'variable' is written PATH = VALUE");
        step.name = std::string(trim(rest.substr(0, equals)));
        if (step.name.empty()) return wrong("'variable' is written PATH = VALUE");
        return read_feel(trim(rest.substr(equals + 1)), step);
    }

    std::string_view source_;
    const PackageFiles& files_;
    std::vector<Problem>& problems_;
    ScenarioFile file_;
    std::vector<std::pair<int, std::string>> lines_;
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

ScenarioFile parse_scenarios(std::string name, std::string_view source, const PackageFiles& files,
                             std::vector<Problem>& problems) {
    return Parser(std::move(name), source, files, problems).parse();
}

}  // namespace schwarm::services
