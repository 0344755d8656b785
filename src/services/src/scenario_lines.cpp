#include "scenario_lines.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "scenario_words.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::services {
namespace {

using Verb = ScenarioVerb;
using words::take_keyword;
using words::take_word;
using words::trim;

constexpr unsigned kPackage = 1;
constexpr unsigned kProcess = 2;
constexpr unsigned kBoth = 3;

// How a line is written. In lower case: the word itself. NAME a word, TEXTS texts in double quotes,
// JSON a value or @file, FILE @file, LIST what is written between commas; with '?' they may be
// missing. `key=` the word and a word or text behind it, `key#` likewise with a whole number,
// `key:` likewise with texts in quotes; these are always optional and stand in any order.
struct Line {
    std::string_view shape;
    Verb verb;
    unsigned kinds;
};

constexpr Line kLines[] = {
    {"at WHEN", Verb::at, kBoth},
    {"advance DURATION", Verb::advance, kBoth},
    {"complete NAME JSON?", Verb::complete, kBoth},
    {"setting NAME JSON", Verb::setting, kPackage},
    {"start message NAME JSON?", Verb::start_message, kPackage},
    {"start JSON", Verb::start, kPackage},
    {"documents TEXTS?", Verb::documents, kPackage},
    {"withdraw", Verb::withdraw, kPackage},
    {"send NAME JSON?", Verb::send, kPackage},
    {"evidence NAME JSON", Verb::evidence, kPackage},
    {"model FILE", Verb::model, kProcess},
    {"model NAME?", Verb::model, kProcess},
    {"decision FILE", Verb::decision, kProcess},
    {"start message NAME key= JSON?", Verb::start_message, kProcess},
    {"start signal NAME JSON?", Verb::start_signal, kProcess},
    {"start at NAME JSON?", Verb::start_at, kProcess},
    {"start conditional NAME? JSON?", Verb::start_conditional, kProcess},
    {"start before NAME JSON?", Verb::start_before, kProcess},
    {"start NAME? JSON?", Verb::start, kProcess},
    {"instance NAME", Verb::instance, kProcess},
    {"job NAME complete JSON?", Verb::job_complete, kProcess},
    {"job NAME fail NAME2 backoff= message= JSON?", Verb::job_fail, kProcess},
    {"job NAME error NAME2 message= JSON?", Verb::job_error, kProcess},
    {"job NAME deny NAME2", Verb::job_deny, kProcess},
    {"job NAME correct assignee= priority#", Verb::job_correct, kProcess},
    {"job NAME activate LIST", Verb::job_activate, kProcess},
    {"job NAME set retries# priority#", Verb::job_set, kProcess},
    {"message NAME key= keep= id= JSON?", Verb::message, kProcess},
    {"signal NAME JSON?", Verb::signal, kProcess},
    {"assign NAME NAME2", Verb::assign, kProcess},
    {"unassign NAME", Verb::unassign, kProcess},
    {"task NAME set group= user= due= follow-up= priority#", Verb::task_set, kProcess},
    {"set JSON", Verb::set, kProcess},
    {"set NAME JSON", Verb::set, kProcess},
    {"resolve NAME retries#", Verb::resolve, kProcess},
    {"batch resolve at= retries#", Verb::batch_resolve, kProcess},
    {"activate NAME NAME2 JSON?", Verb::activate, kProcess},
    {"modify LIST", Verb::modify, kProcess},
    {"migrate NAME map LIST", Verb::migrate, kProcess},
    {"check migrate NAME map LIST", Verb::check_migrate, kProcess},
    {"cancel", Verb::cancel, kProcess},
    {"expect refused NAME TEXTS?", Verb::refused, kPackage},
    {"expect refused NAME? TEXTS?", Verb::refused, kProcess},
    {"expect path PATH", Verb::path, kBoth},
    {"expect entered NAME times#", Verb::entered, kBoth},
    {"expect not entered NAME", Verb::not_entered, kBoth},
    {"expect state NAME", Verb::state, kBoth},
    {"expect variable VARIABLE", Verb::variable, kBoth},
    {"expect that FEEL", Verb::that, kBoth},
    {"expect document NAME contains: lacks:", Verb::document, kPackage},
    {"expect document NAME", Verb::document, kProcess},
    {"expect no document NAME?", Verb::no_document, kBoth},
    {"expect task NAME group= reason:", Verb::task, kPackage},
    {"expect task NAME group= user= assignee= form= priority# due= follow-up=", Verb::task,
     kProcess},
    {"expect no task NAME?", Verb::no_task, kBoth},
    {"expect milestone NAME", Verb::milestone, kPackage},
    {"expect message NAME", Verb::inbox, kPackage},
    {"expect no message NAME?", Verb::no_inbox, kPackage},
    {"expect print NAME", Verb::print, kPackage},
    {"expect no print NAME?", Verb::no_print, kPackage},
    {"expect incident NAME? TEXTS?", Verb::incident, kBoth},
    {"expect no incident NAME?", Verb::no_incident, kBoth},
    {"expect job NAME type= retries# priority# header= value=", Verb::job, kProcess},
    {"expect no job NAME?", Verb::no_job, kProcess},
    {"expect timer NAME due=", Verb::timer, kProcess},
    {"expect no timer NAME?", Verb::no_timer, kProcess},
    {"expect waiting NAME key=", Verb::waiting, kProcess},
    {"expect not waiting NAME?", Verb::not_waiting, kProcess},
    {"expect sent NAME where FEEL", Verb::sent, kPackage},
    {"expect sent NAME times#", Verb::sent, kBoth},
    {"expect not sent NAME?", Verb::not_sent, kBoth},
    {"expect kept until WHEN", Verb::kept, kPackage},
    {"expect instances NAME", Verb::instances, kProcess},
};

Error wrong(std::string reason) {
    return fail(ErrorCode::invalid_input, std::move(reason));
}

bool is_literal(std::string_view item) {
    return item.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
}

bool is_number(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

Result<json::Value> json_file(std::string_view name, const ScenarioFiles& files) {
    SCHWARM_TRY(bytes, files(name));
    auto value = json::parse(bytes);
    if (!value) return wrong(std::string(name) + ": " + value.error().text());
    return value;
}

// JSON, or "@file", or "@file with JSON".
Result<json::Value> take_json(std::string_view& rest, const ScenarioFiles& files) {
    const auto text = std::exchange(rest, {});
    if (!text.starts_with('@')) return json::parse(text);
    auto behind = text;
    SCHWARM_TRY(base, json_file(take_word(behind).substr(1), files));
    if (behind.empty()) return base;
    if (!take_keyword(behind, "with")) return wrong("after the file only 'with JSON' may follow");
    SCHWARM_TRY(patch, json::parse(behind));
    merge_patch(base, patch);
    return base;
}

Result<void> take_path(std::string_view& rest, std::vector<std::string>& path) {
    while (!rest.empty()) {
        const auto end = std::min(rest.find('>'), rest.size());
        const auto element = trim(rest.substr(0, end));
        if (element.empty() || element.find_first_of(words::kSpace) != std::string_view::npos) {
            return wrong("a path is written A > B > C");
        }
        path.emplace_back(element);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (path.empty()) return wrong("a path is written A > B > C");
    return {};
}

Result<void> take_list(std::string_view& rest, std::vector<std::string>& list) {
    while (!rest.empty()) {
        const auto end = std::min(rest.find(','), rest.size());
        list.emplace_back(trim(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (list.empty()) return wrong("a list is written A, B, C");
    return {};
}

Result<void> take_feel(std::string_view& rest, ScenarioStep& step) {
    feel::NameScope open;
    open.set_open();
    SCHWARM_TRY(expression, feel::compile_expression(std::exchange(rest, {}), open));
    step.expression = std::move(expression);
    return {};
}

Result<void> take_variable(std::string_view& rest, ScenarioStep& step) {
    const auto equals = rest.find('=');
    step.name = std::string(trim(rest.substr(0, equals)));
    if (equals == std::string_view::npos || step.name.empty()) {
        return wrong("'variable' is written PATH = VALUE");
    }
    rest = trim(rest.substr(equals + 1));
    return take_feel(rest, step);
}

Result<void> take_duration(std::string_view& rest, ScenarioStep& step) {
    const auto text = std::exchange(rest, {});
    if (const auto months = YearsMonths::parse(text); months && months->months > 0) {
        step.months = *months;
        return {};
    }
    const auto time = DaysTime::parse(text);
    if (!time || time->seconds <= 0) {
        return wrong("'advance' needs a duration such as P14D, P1M or PT2H");
    }
    step.time = *time;
    return {};
}

// One line read by one shape.
class Reading {
  public:
    Reading(const Line& line, std::string_view rest, const ScenarioFiles& files, ScenarioStep& step)
        : line_(line), rest_(rest), files_(files), step_(step) {}

    // Nothing if the line is not of this shape.
    std::optional<Result<void>> run() {
        step_.verb = line_.verb;
        auto shape = line_.shape;
        std::vector<std::string_view> options;
        while (!shape.empty()) {
            const auto item = take_word(shape);
            if (is_literal(item)) {
                if (!take_keyword(rest_, item)) return std::nullopt;
                last_ = item;
            } else if (item.find_first_of("=#:") != std::string_view::npos) {
                options.push_back(item);
                continue;
            } else {
                if (auto taken = take_options(options); taken.has_error()) return taken;
                options.clear();
                if (item == "FILE" && !rest_.starts_with('@')) return std::nullopt;
                if (item == "JSON" && line_.verb == Verb::set && !rest_.starts_with('{') &&
                    !rest_.starts_with('@')) {
                    return std::nullopt;
                }
                if (auto taken = take(item); taken.has_error()) return taken;
            }
        }
        if (auto taken = take_options(options); taken.has_error()) return taken;
        if (!rest_.empty()) return wrong("unexpected: " + std::string(rest_));
        return check();
    }

  private:
    Result<void> take(std::string_view item) {
        const bool optional = item.ends_with('?');
        if (optional) item.remove_suffix(1);
        if (item == "NAME" || item == "NAME2") return take_name(item, optional);
        if (item == "JSON") {
            if (optional && rest_.empty()) {
                step_.value = json::Value::object();
                return {};
            }
            SCHWARM_TRY(value, take_json(rest_, files_));
            step_.value = std::move(value);
            return {};
        }
        if (item == "TEXTS") {
            SCHWARM_TRY(strings, words::take_strings(rest_));
            step_.texts = std::move(strings);
            return {};
        }
        if (item == "FILE") {
            step_.file = std::string(take_word(rest_).substr(1));
            SCHWARM_TRY(bytes, files_(step_.file));
            step_.body = std::move(bytes);
            return {};
        }
        if (item == "WHEN") {
            SCHWARM_TRY(at, words::parse_at(std::exchange(rest_, {})));
            step_.at = at;
            return {};
        }
        if (item == "DURATION") return take_duration(rest_, step_);
        if (item == "PATH") return take_path(rest_, step_.texts);
        if (item == "LIST") return take_list(rest_, step_.texts);
        if (item == "VARIABLE") return take_variable(rest_, step_);
        return take_feel(rest_, step_);
    }

    Result<void> take_name(std::string_view item, bool optional) {
        const bool other = rest_.empty() || rest_.find_first_of("\"{@") == 0;
        if (other && optional) return {};
        if (other && !rest_.starts_with('"')) {
            return wrong("'" + std::string(last_) + "' needs a name");
        }
        SCHWARM_TRY(name, words::take_text(rest_));
        if (item == "NAME") {
            step_.name = std::move(name);
        } else {
            step_.options["value"] = std::move(name);
        }
        return {};
    }

    Result<void> take_options(const std::vector<std::string_view>& options) {
        for (bool more = true; more && !rest_.empty();) {
            more = false;
            for (const auto option : options) {
                const auto key = option.substr(0, option.size() - 1);
                if (!take_keyword(rest_, key)) continue;
                SCHWARM_TRY_VOID(take_option(key, option.back()));
                more = true;
            }
        }
        return {};
    }

    Result<void> take_option(std::string_view key, char form) {
        if (form == ':') {
            SCHWARM_TRY(strings, words::take_strings(rest_));
            if (strings.empty()) {
                return wrong("'" + std::string(key) + "' needs a text in quotes");
            }
            auto& list = key == "lacks" ? step_.lacks : step_.texts;
            list.insert(list.end(), strings.begin(), strings.end());
            return {};
        }
        SCHWARM_TRY(text, words::take_text(rest_));
        if (form == '#' && !is_number(text)) {
            return wrong("'" + std::string(key) + "' needs a whole number");
        }
        step_.options[std::string(key)] = std::move(text);
        return {};
    }

    Result<void> check() const {
        const auto& value = step_.name;
        if (line_.verb == Verb::state && value != "active" && value != "completed" &&
            value != "terminated") {
            return wrong("a state is active, completed or terminated");
        }
        if ((line_.verb == Verb::instance || line_.verb == Verb::instances) && !is_number(value)) {
            return wrong("'" + std::string(last_) + "' needs a whole number");
        }
        if (line_.verb == Verb::job_fail && !is_number(*step_.option("value"))) {
            return wrong("'fail' needs how many retries are left");
        }
        return {};
    }

    const Line& line_;
    std::string_view rest_;
    const ScenarioFiles& files_;
    ScenarioStep& step_;
    std::string_view last_;  // keyword
};

}  // namespace

const std::string* ScenarioStep::option(std::string_view key) const {
    const auto found = options.find(key);
    return found == options.end() ? nullptr : &found->second;
}

Result<void> read_scenario_line(std::string_view text, ScenarioKind kind,
                                const ScenarioFiles& files, ScenarioStep& step) {
    const unsigned wanted = kind == ScenarioKind::package ? kPackage : kProcess;
    auto rest = text;
    const auto word = take_word(rest);
    std::string shapes;
    for (const auto& line : kLines) {
        auto shape = line.shape;
        if ((line.kinds & wanted) == 0 || take_word(shape) != word) continue;
        ScenarioStep fresh = step;
        if (auto done = Reading(line, text, files, fresh).run()) {
            step = std::move(fresh);
            return *done;
        }
        if (word != "expect") shapes += (shapes.empty() ? "" : "; ") + std::string(line.shape);
    }
    if (word == "expect") return wrong("there is no 'expect " + std::string(rest) + "'");
    if (shapes.empty()) return wrong("there is no command '" + std::string(word) + "'");
    return wrong("it is written: " + shapes);
}

}  // namespace schwarm::services
