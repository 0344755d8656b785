#include "decisions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <optional>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/dmn/tck_cases.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/server/stopwatch.hpp"

namespace schwarm::bench {

namespace {

constexpr std::size_t kSamples = 11;
constexpr double kSampleNanos = 150'000;
constexpr double kWarmUpNanos = 150'000;

struct CaseTime {
    std::string folder;
    std::string file;
    std::string id;
    std::vector<double> node_nanos;
    double all_nanos = 0;  // of the case's results, one after the other
    bool passed = true;
};

// Keeps the optimiser from dropping a result nobody looks at.
template <class T>
void keep(const T& value) {
    asm volatile("" : : "g"(&value) : "memory");
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

// The value below which `share` of the sorted values lie.
double quantile(const std::vector<double>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto last = static_cast<double>(sorted.size() - 1);
    return sorted[static_cast<std::size_t>(share * last + 0.5)];
}

template <class Run>
double time_of(const Run& run) {
    std::size_t repetitions = 0;
    const server::Stopwatch warm_up;
    double took = 0;
    while (took < kWarmUpNanos) {
        run();
        ++repetitions;
        took = static_cast<double>(warm_up.elapsed().count());
    }
    const auto count = std::max<std::size_t>(
        1, static_cast<std::size_t>(static_cast<double>(repetitions) * kSampleNanos / took));
    std::vector<double> samples;
    for (std::size_t i = 0; i < kSamples; ++i) {
        const server::Stopwatch watch;
        for (std::size_t j = 0; j < count; ++j) run();
        samples.push_back(static_cast<double>(watch.elapsed().count()) /
                          static_cast<double>(count));
    }
    return median(std::move(samples));
}

CaseTime measure(const dmn::TckFile& file, const dmn::TckTest& test, const Clock& clock) {
    CaseTime out{test.folder, test.file, test.id, {}};
    dmn::EvaluationOptions options;
    options.clock = &clock;
    options.inputs_of_namespace = test.inputs_of_namespace;
    for (const auto& node : test.nodes) {
        if (!file.program || !node.invocable) {
            out.passed = false;
            continue;
        }
        const auto& program = *file.program;
        const auto evaluate = [&] {
            const auto outcome = program.evaluate(*node.invocable, test.input, options);
            keep(outcome.value);
        };
        const auto once = program.evaluate(*node.invocable, test.input, options);
        out.passed = out.passed && dmn::tck_equal(node.expected, tck_result(node, once.value));
        out.node_nanos.push_back(time_of(evaluate));
        out.all_nanos += out.node_nanos.back();
    }
    return out;
}

// "test ...::_0001 ... bench:  1,549 ns/iter (+/- 562)"
std::vector<double> read_reference(const std::filesystem::path& path) {
    std::vector<double> out;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        const auto at = line.find("bench:");
        if (at == std::string::npos) continue;
        std::string digits;
        for (const char c : line.substr(at + 6, line.find(" ns/iter") - at - 6)) {
            if (c >= '0' && c <= '9') digits += c;
        }
        std::uint64_t nanos = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), nanos);
        if (nanos != 0) out.push_back(static_cast<double>(nanos));
    }
    return out;
}

Result<void> write_cases(const std::filesystem::path& path, const std::vector<CaseTime>& cases) {
    std::ofstream out(path, std::ios::binary);
    out << "folder,file,case,ns,status\n";
    for (const auto& one : cases) {
        out << fmt::format("{},{},\"{}\",{:.1f},{}\n", one.folder, one.file, one.id, one.all_nanos,
                           one.passed ? "ok" : "wrong");
    }
    if (!out.flush()) return fail(ErrorCode::unavailable, "cannot be written", path.string());
    return {};
}

struct Report {
    std::vector<double> results;  // ns, sorted
    std::vector<double> cases;    // ns, sorted
    std::vector<double> reference;
    std::size_t passed = 0;
    double graph_nanos = 0;  // the slowest result of the lending model: its whole graph
};

Report report_of(const std::vector<CaseTime>& cases, const DecisionsOptions& options) {
    Report out;
    for (const auto& one : cases) {
        out.cases.push_back(one.all_nanos);
        out.results.insert(out.results.end(), one.node_nanos.begin(), one.node_nanos.end());
        if (one.passed) ++out.passed;
        if (one.folder.ends_with("/0004-lending")) {
            for (const auto nanos : one.node_nanos) {
                out.graph_nanos = std::max(out.graph_nanos, nanos);
            }
        }
    }
    if (!options.reference.empty()) out.reference = read_reference(options.reference);
    for (auto* values : {&out.results, &out.cases, &out.reference}) {
        std::sort(values->begin(), values->end());
    }
    return out;
}

constexpr std::array<std::pair<const char*, double>, 5> kQuantiles = {{
    {"p50_us", 0.5},
    {"p90_us", 0.9},
    {"p99_us", 0.99},
    {"p999_us", 0.999},
    {"max_us", 1.0},
}};

void write_quantiles(json::Writer& out, const char* name, const std::vector<double>& sorted) {
    out.name(name).begin_object();
    out.member("count", static_cast<std::int64_t>(sorted.size()));
    for (const auto& [label, share] : kQuantiles) {
        out.name(label).number(fmt::format("{:.3f}", quantile(sorted, share) / 1000));
    }
    out.end_object();
}

void print_quantiles(const char* name, const std::vector<double>& sorted) {
    std::cout << fmt::format("{} ({}):", name, sorted.size());
    for (const auto& [label, share] : kQuantiles) {
        const std::string_view text(label);
        std::cout << fmt::format(" {} {:.2f} us", text.substr(0, text.size() - 3),
                                 quantile(sorted, share) / 1000);
    }
    std::cout << '\n';
}

void print(const Report& report, bool folded, bool as_json) {
    if (!as_json) {
        std::cout << fmt::format("{} of {} test cases passed\n", report.passed,
                                 report.cases.size());
        print_quantiles("a result", report.results);
        print_quantiles("a test case", report.cases);
        if (!report.reference.empty()) print_quantiles("reference", report.reference);
        std::cout << fmt::format("the lending graph: {:.2f} us\n", report.graph_nanos / 1000);
        return;
    }
    json::Writer out = json::Writer::pretty();
    out.begin_object();
    out.member("benchmark", "decisions");
    out.member("constants_folded", folded);
    out.member("test_cases", static_cast<std::int64_t>(report.cases.size()));
    out.member("test_cases_passed", static_cast<std::int64_t>(report.passed));
    write_quantiles(out, "results", report.results);
    write_quantiles(out, "cases", report.cases);
    if (!report.reference.empty()) write_quantiles(out, "reference", report.reference);
    out.name("lending_graph_us").number(fmt::format("{:.3f}", report.graph_nanos / 1000));
    out.end_object();
    std::cout << out.take() << std::endl;
}

}  // namespace

Result<void> bench_decisions(const DecisionsOptions& options) {
    if (!std::filesystem::is_directory(options.suite)) {
        return fail(ErrorCode::not_found, "the folder of the TCK is not there",
                    options.suite.string());
    }
    const SystemClock clock;
    std::vector<CaseTime> cases;
    const auto wanted = [&](const std::filesystem::path& folder) {
        const auto text = folder.string();
        return text.find("non-compliant") == std::string::npos &&
               text.find(options.filter) != std::string::npos;
    };
    dmn::LoadLimits limits;
    limits.fold_constants = options.fold_constants;
    const auto visit = [&](const dmn::TckFile& file) {
        for (const auto& test : file.tests) cases.push_back(measure(file, test, clock));
    };
    SCHWARM_TRY_VOID(dmn::visit_tck(options.suite, wanted, visit, limits));
    if (!options.cases.empty()) SCHWARM_TRY_VOID(write_cases(options.cases, cases));
    print(report_of(cases, options), options.fold_constants, options.json);
    return {};
}

}  // namespace schwarm::bench
