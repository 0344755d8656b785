#include "schwarm/dmn/tck.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "schwarm/dmn/tck_cases.hpp"

namespace schwarm::dmn {

namespace {

using feel::Value;

void compare_errors(const TckNode& expected, const Value& value, const Outcome& outcome,
                    TckCase& out) {
    TckErrorNode node{expected.name, value.to_feel(), {}};
    for (const auto& diagnostic : outcome.diagnostics) {
        if (diagnostic.severity == feel::Diagnostic::Severity::error) {
            node.reasons.push_back(diagnostic.reason);
        }
    }
    const bool reported = !node.reasons.empty();
    if (expected.error_expected && reported) ++out.errors_reported;
    if (expected.error_expected && !reported) out.errors_missing.push_back(std::move(node));
    if (!expected.error_expected && reported) out.errors_other.push_back(std::move(node));
}

void run_node(const TckFile& file, const TckTest& test, const TckNode& node,
              const EvaluationOptions& options, TckCase& out) {
    ++out.nodes;
    if (node.error_expected) ++out.error_nodes;
    const auto complain = [&](std::string_view message) {
        out.passed = false;
        if (!out.message.empty()) out.message += "; ";
        out.message += fmt::format("{}: {}", node.name, message);
    };
    if (!file.program) return complain(file.program.error().text());
    if (!node.invocable) return complain("the model has nothing of this name");
    const auto outcome = file.program->evaluate(*node.invocable, test.input, options);
    const auto actual = tck_result(node, outcome.value);
    compare_errors(node, actual, outcome, out);
    if (tck_equal(node.expected, actual)) {
        ++out.nodes_passed;
        return;
    }
    std::string reasons;
    for (const auto& diagnostic : outcome.diagnostics) {
        reasons += fmt::format(" [{}]", diagnostic.reason);
    }
    complain(
        fmt::format("expected {}, got {}{}", node.expected.to_feel(), actual.to_feel(), reasons));
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
    TckReport report;
    SCHWARM_TRY_VOID(visit_tck(folder, wanted, [&](const TckFile& file) {
        for (const auto& test : file.tests) {
            EvaluationOptions options;
            options.clock = &clock;
            options.inputs_of_namespace = test.inputs_of_namespace;
            TckCase out;
            out.folder = test.folder;
            out.file = test.file;
            out.id = test.id;
            out.passed = true;
            for (const auto& node : test.nodes) run_node(file, test, node, options, out);
            report.cases.push_back(std::move(out));
        }
    }));
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
