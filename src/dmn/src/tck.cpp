#include "schwarm/dmn/tck.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "schwarm/dmn/files.hpp"
#include "schwarm/dmn/program.hpp"
#include "schwarm/feel/feel.hpp"
#include "schwarm/feel/operations.hpp"
#include "schwarm/xml/document.hpp"

namespace schwarm::dmn {

namespace {

using feel::Value;

constexpr std::string_view kXsi = "http://www.w3.org/2001/XMLSchema-instance";

Value by_function(std::string_view function, std::string_view text) {
    feel::Evaluation evaluation;
    const std::array<Value, 1> arguments = {Value(text)};
    return feel::invoke(feel::builtin_function(function), std::span<const Value>(arguments),
                        evaluation);
}

Value simple_value(xml::Element element) {
    if (const auto nil = element.attribute(kXsi, "nil"); nil && (*nil == "true" || *nil == "1")) {
        return {};
    }
    const auto text = element.text();
    const auto trimmed = element.trimmed_text();
    auto type = element.attribute(kXsi, "type").value_or("");
    if (const auto colon = type.find(':'); colon != std::string_view::npos) {
        type = type.substr(colon + 1);
    }
    if (type == "string") return Value(text);
    if (type == "date") return by_function("date", trimmed);
    if (type == "time") return by_function("time", trimmed);
    if (type == "dateTime") return by_function("date and time", trimmed);
    if (type == "duration" || type == "dayTimeDuration" || type == "yearMonthDuration") {
        return by_function("duration", trimmed);
    }
    if (type == "boolean" || type.empty()) {
        if (trimmed == "true" || (trimmed == "1" && !type.empty())) return true;
        if (trimmed == "false" || (trimmed == "0" && !type.empty())) return false;
    }
    if (type != "boolean") {
        if (const auto number = Decimal::parse(trimmed)) return Value(*number);
    }
    return type.empty() ? Value(text) : Value();
}

Value value_of(xml::Element holder) {
    if (const auto value = holder.child("value")) return simple_value(value);
    if (const auto list = holder.child("list")) {
        if (list.attribute(kXsi, "nil") == "true") return {};
        Value::List items;
        for (const auto item : list.children()) {
            if (item.name() == "item") items.push_back(value_of(item));
        }
        return Value::list(std::move(items));
    }
    if (holder.child("component")) {
        feel::ContextBuilder out;
        for (const auto component : holder.children()) {
            if (component.name() != "component") continue;
            out.set(component.attribute_or("name", ""), value_of(component));
        }
        return out.build();
    }
    return {};
}

bool same(const Value& expected, const Value& actual) {
    if (expected.is_number() && actual.is_number()) {
        const auto difference = subtract(expected.as_number(), actual.as_number());
        static const Decimal kTolerance = Decimal::scaled(1, -8);
        return difference && difference->abs() <= kTolerance;
    }
    if (expected.is_list() && actual.is_list()) {
        const auto a = expected.as_list();
        const auto b = actual.as_list();
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
    }
    if (expected.is_context() && actual.is_context()) {
        const auto& a = expected.as_context();
        const auto& b = actual.as_context();
        if (a.size() != b.size()) return false;
        return std::all_of(a.begin(), a.end(), [&](const auto& entry) {
            const auto* other = b.find(entry.key);
            return other != nullptr && same(entry.value, *other);
        });
    }
    if (expected == actual) return true;
    return expected.kind() == actual.kind() && !expected.is_null() &&
           feel::equal(expected, actual).value_or(false);
}

class CaseRunner {
  public:
    CaseRunner(const Result<Program>& program, std::string name_space, const Clock& clock)
        : program_(program), name_space_(std::move(name_space)) {
        options_.clock = &clock;
    }

    void run(xml::Element test, TckCase& out) {
        options_.inputs_of_namespace.clear();
        feel::ContextBuilder input;
        for (const auto child : test.children()) {
            if (child.name() != "inputNode") continue;
            const auto name = child.attribute_or("name", "");
            if (const auto name_space = child.attribute("namespace")) {
                feel::ContextBuilder one;
                one.set(name, value_of(child));
                options_.inputs_of_namespace.emplace_back(*name_space, one.build());
            } else {
                input.set(name, value_of(child));
            }
        }
        input_ = input.build();
        out.passed = true;
        for (const auto child : test.children()) {
            if (child.name() == "resultNode") node(test, child, out);
        }
    }

  private:
    void node(xml::Element test, xml::Element result, TckCase& out) {
        ++out.nodes;
        const auto name = result.attribute_or("name", "");
        const bool error = result.attribute_or("errorResult", "false") == "true";
        if (error) ++out.error_nodes;
        const auto expected = value_of(result.child("expected"));
        const auto complain = [&](std::string message) {
            out.passed = false;
            if (!out.message.empty()) out.message += "; ";
            out.message += fmt::format("{}: {}", name, message);
        };
        if (!program_) return complain(program_.error().text());
        const auto invocable = test.attribute("invocableName");
        auto outcome = find_and_evaluate(invocable ? *invocable : name);
        if (!outcome) return complain(outcome.error().text());
        auto actual = outcome->value;
        if (invocable && outputs_of_last_ > 1 && actual.is_context()) actual = actual.get(name);
        compare_errors(name, error, actual, *outcome, out);
        if (same(expected, actual)) {
            ++out.nodes_passed;
            return;
        }
        std::string reasons;
        for (const auto& diagnostic : outcome->diagnostics) {
            reasons += fmt::format(" [{}]", diagnostic.reason);
        }
        complain(
            fmt::format("expected {}, got {}{}", expected.to_feel(), actual.to_feel(), reasons));
    }

    static void compare_errors(std::string_view name, bool marked, const Value& value,
                               const Outcome& outcome, TckCase& out) {
        TckErrorNode node{std::string(name), value.to_feel(), {}};
        for (const auto& diagnostic : outcome.diagnostics) {
            if (diagnostic.severity == feel::Diagnostic::Severity::error) {
                node.reasons.push_back(diagnostic.reason);
            }
        }
        const bool reported = !node.reasons.empty();
        if (marked && reported) ++out.errors_reported;
        if (marked && !reported) out.errors_missing.push_back(std::move(node));
        if (!marked && reported) out.errors_other.push_back(std::move(node));
    }

    Result<Outcome> find_and_evaluate(std::string_view name) {
        auto found = program_->find(fmt::format("{}#{}", name_space_, name));
        if (!found) found = program_->find(name);
        if (!found) return found.error();
        outputs_of_last_ = program_->invocables()[*found].outputs;
        return program_->evaluate(*found, input_, options_);
    }

    const Result<Program>& program_;
    std::string name_space_;
    EvaluationOptions options_;
    Value input_;
    std::size_t outputs_of_last_ = 1;
};

Result<> run_file(const std::filesystem::path& path, const Clock& clock, TckReport& report) {
    SCHWARM_TRY(file, read_file(path));
    auto parsed = xml::Document::parse(std::move(file.text), file.name);
    if (!parsed) return parsed.error();
    const auto root = parsed->root();
    if (root.name() != "testCases") return {};
    const auto folder = path.parent_path();
    const auto model_path = folder / root.child("modelName").trimmed_text();
    auto model = read_file(model_path);
    std::string name_space;
    auto program = [&]() -> Result<Program> {
        if (!model) return model.error();
        if (const auto document = xml::Document::parse(model->text, model->name)) {
            name_space = document->root().attribute_or("namespace", "");
        }
        return Program::load(std::move(*model), resolver_beside(folder));
    }();
    CaseRunner runner(program, std::move(name_space), clock);
    for (const auto test : root.children()) {
        if (test.name() != "testCase") continue;
        TckCase out;
        out.folder = (folder.parent_path().filename() / folder.filename()).string();
        out.file = path.stem().string();
        out.id = test.attribute_or("id", "");
        runner.run(test, out);
        report.cases.push_back(std::move(out));
    }
    return {};
}

template <class Member>
std::size_t sum(const std::vector<TckCase>& cases, Member member) {
    return std::accumulate(cases.begin(), cases.end(), std::size_t{0},
                           [&](std::size_t all, const TckCase& one) { return all + one.*member; });
}

std::string csv_field(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c == '\n' || c == '\r' ? ' ' : c;
    }
    return out + "\"";
}

}  // namespace

std::size_t TckReport::passed() const {
    return static_cast<std::size_t>(
        std::count_if(cases.begin(), cases.end(), [](const auto& one) { return one.passed; }));
}
std::size_t TckReport::nodes() const {
    return sum(cases, &TckCase::nodes);
}
std::size_t TckReport::nodes_passed() const {
    return sum(cases, &TckCase::nodes_passed);
}
std::size_t TckReport::error_nodes() const {
    return sum(cases, &TckCase::error_nodes);
}
std::size_t TckReport::errors_reported() const {
    return sum(cases, &TckCase::errors_reported);
}
std::size_t TckReport::errors_other() const {
    std::size_t out = 0;
    for (const auto& one : cases) out += one.errors_other.size();
    return out;
}

Result<TckReport> run_tck(const std::filesystem::path& folder, const Clock& clock,
                          const std::function<bool(const std::filesystem::path&)>& wanted) {
    std::vector<std::filesystem::path> paths;
    std::error_code error;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
        if (entry.path().extension() != ".xml") continue;
        if (wanted && !wanted(entry.path().parent_path())) continue;
        paths.push_back(entry.path());
    }
    if (error) return fail(ErrorCode::not_found, "the folder cannot be read", folder.string());
    std::sort(paths.begin(), paths.end());
    TckReport report;
    for (const auto& path : paths) SCHWARM_TRY_VOID(run_file(path, clock, report));
    return report;
}

std::string to_csv(const TckReport& report) {
    std::string out;
    for (const auto& one : report.cases) {
        out += fmt::format("{},{},{},{},{}\n", csv_field(one.folder), csv_field(one.file),
                           csv_field(one.id), csv_field(one.passed ? "SUCCESS" : "ERROR"),
                           csv_field(one.message));
    }
    return out;
}

}  // namespace schwarm::dmn
