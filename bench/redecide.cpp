#include "redecide.hpp"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "demo_server.hpp"
#include "disk.hpp"
#include "redecide_cases.hpp"
#include "redecide_formula.hpp"
#include "redecide_models.hpp"
#include "redecide_ranges.hpp"
#include "redecide_report.hpp"
#include "redecide_store.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/crypto/hash.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/server/demo.hpp"
#include "schwarm/server/stopwatch.hpp"

namespace schwarm::bench {
namespace {

namespace fs = std::filesystem;
using feel::Value;
using Run = RedecideRun;

constexpr std::string_view kFirst = "erste";  // phases: the decisions in force, the new ones
constexpr std::string_view kAgain = "neue";
constexpr std::string_view kDecidedOn = "2027-01-05";
constexpr std::int64_t kDaysToDecide = 7;

std::uint64_t thread_cpu_nanos() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(now.tv_nsec);
}

double process_cpu_seconds() {
    return static_cast<double>(clock()) / CLOCKS_PER_SEC;
}

// A number behind a name in one of /proc/self's files; 0 where there is none.
std::uint64_t process_figure(const char* file, std::string_view name) {
    std::ifstream in(file);
    for (std::string word; in >> word;) {
        std::uint64_t number = 0;
        if (word == name && in >> number) return number;
    }
    return 0;
}

// From now on the peak of the memory is counted anew.
void reset_peak_memory() {
    std::ofstream("/proc/self/clear_refs") << "5";
}

std::vector<std::uint64_t> ranges_left(
    const Run& run, const std::vector<std::pair<std::uint64_t, RangeTotals>>& marks) {
    std::vector<bool> done(run.ranges);
    for (const auto& [range, totals] : marks) {
        if (range < run.ranges) done[range] = true;
    }
    std::vector<std::uint64_t> out;
    for (std::uint64_t range = 0; range < run.ranges; ++range) {
        if (!done[range]) out.push_back(range);
    }
    return out;
}

std::int64_t whole(const Decimal& amount) {
    return amount.to_int64().value_or(-1);
}

std::uint64_t checksum_of(std::string_view decision) {
    const auto hash = crypto::sha256(decision);
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 8; ++i) out = out << 8U | hash[i];
    return out;
}

// What is kept of a case: the application and the decision in force.
std::string state_of(const Value& application, const Household& household, const Decided& decided) {
    return feel::encode(Value::context({{"antrag", application},
                                        {"eingang", household.received.to_string()},
                                        {"ergebnis", decided.result},
                                        {"betrag", decided.last_amount}}));
}

Result<Batch> make_cases(const Run& run, CaseStore& store, const Chain& chain, Random& random,
                         std::uint64_t range) {
    Batch out;
    out.range = range;
    std::vector<Household> households;
    std::vector<Chain::Request> requests;
    for (auto number = run.first_of(range); number < run.end_of(range); ++number) {
        households.push_back(household_of(run.options.seed, number, run.places.size()));
        const auto& household = households.back();
        const Date day{household.received.days + kDaysToDecide};
        requests.push_back({application_of(household, run.places), household.received.to_string(),
                            day.to_string()});
    }
    SCHWARM_TRY(decided, chain.decide(requests));
    for (std::size_t i = 0; i < decided.size(); ++i) {
        const auto state = state_of(requests[i].application, households[i], decided[i]);
        SCHWARM_TRY_VOID(store.add_case(households[i].number, state, random, out.rows));
        ++out.totals.cases;
    }
    return out;
}

// The row of a new decision, in words in bench/README.md.
std::string decision_row(const Run& run, const Decimal& before, const Decided& decided) {
    const auto hash = crypto::sha256(feel::encode(decided.decisions));
    return feel::encode(Value::list(
        {Value(run.version), Value(before), Value(decided.last_amount),
         Value(decided.last_amount - before), Value(decided.result), Value(decided.section),
         Value(static_cast<std::int64_t>(decided.parts)), Value(decided.human),
         Value(crypto::hex_encode(crypto::bytes_of(hash)).substr(0, 32))}));
}

// The snapshot ends with the reading, so that the log of the database can begin anew meanwhile.
Result<std::vector<StoredCase>> read_cases(const Run& run, CaseStore& store, std::uint64_t range) {
    SCHWARM_TRY(reader, store.storage().begin_read());
    return store.cases(*reader, run.first_of(range), run.end_of(range));
}

Result<Batch> decide_again(const Run& run, CaseStore& store, const Chain& chain, Random& random,
                           std::uint64_t range) {
    Batch out;
    out.range = range;
    SCHWARM_TRY(cases, read_cases(run, store, range));
    const Value day(kDecidedOn);
    std::vector<Decimal> amounts;
    std::vector<Chain::Request> requests;
    for (const auto& one : cases) {
        SCHWARM_TRY(state, feel::decode(one.state));
        const auto before = state.get("betrag");
        if (!before.is_number()) return fail(ErrorCode::corrupt, "a case has no amount");
        amounts.push_back(before.as_number());
        requests.push_back({state.get("antrag"), state.get("eingang"), day});
    }
    const auto cpu = thread_cpu_nanos();
    SCHWARM_TRY(decisions, chain.decide(requests));
    out.totals.decide_nanos = thread_cpu_nanos() - cpu;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto& decided = decisions[i];
        const auto& before = amounts[i];
        const auto row = decision_row(run, before, decided);
        SCHWARM_TRY_VOID(store.add_decision(cases[i], row, random, out.rows));
        ++out.totals.cases;
        out.totals.granted += decided.result == "bewilligt" ? 1 : 0;
        out.totals.human += decided.human ? 1 : 0;
        out.totals.more += decided.last_amount > before ? 1 : 0;
        out.totals.less += decided.last_amount < before ? 1 : 0;
        out.totals.euro_before += whole(before);
        out.totals.euro_after += whole(decided.last_amount);
        out.totals.checksum += checksum_of(row);
    }
    for (const auto& row : out.rows) out.totals.payload_bytes += row.key.size() + row.value.size();
    return out;
}

// The statute's own figures, by the first day of the law.
struct Laws {
    Formula before;
    Formula after;
};

// § 19 with § 21 no. 1 (nothing below 10 euro, if no part of the period reaches it).
Result<void> check_directly(const Run& run, const Laws& laws, const Household& household,
                            const Value& row) {
    const auto level = run.places[household.place].level;
    const auto first = laws.before.amount(household, level);
    const auto last = laws.after.amount(household, level);
    const Decimal least(10);
    const auto in_force = first < least ? Decimal() : first;
    const auto anew = first < least && last < least ? Decimal() : last;
    const auto items = row.as_list();
    if (items[1] == Value(in_force) && items[2] == Value(anew)) return {};
    return fail(ErrorCode::internal,
                fmt::format("case {}: decided {} and {}, the statute gives {} and {}",
                            household.number, items[1].to_string(), items[2].to_string(),
                            in_force.to_string(), anew.to_string()));
}

Result<Batch> check_range(const Run& run, CaseStore& store, const Laws& laws, std::uint64_t range) {
    Batch out;
    out.range = range;
    SCHWARM_TRY(reader, store.storage().begin_read());
    SCHWARM_TRY(cases, store.cases(*reader, run.first_of(range), run.end_of(range)));
    SCHWARM_TRY(decisions, store.decisions(*reader, cases));
    const auto every = std::max<std::uint64_t>(1, run.options.cases / run.options.sample);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        ++out.totals.cases;
        out.totals.checksum += checksum_of(decisions[i]);
        if ((cases[i].number - 1) % every != 0) continue;
        SCHWARM_TRY(row, feel::decode(decisions[i]));
        if (!row.is_list() || row.as_list().size() != 9 || row.as_list()[0] != Value(run.version)) {
            return fail(ErrorCode::corrupt,
                        fmt::format("the decision of case {} is not of this run", cases[i].number));
        }
        const auto household = household_of(run.options.seed, cases[i].number, run.places.size());
        SCHWARM_TRY_VOID(check_directly(run, laws, household, row));
        ++out.totals.granted;  // here: compared directly
    }
    return out;
}

// The folder either is new or holds this very run.
Result<void> claim(CaseStore& store, const Run& run, const std::string& version_before) {
    const auto about =
        fmt::format("cases {} seed {} share {} models {} and {}", run.options.cases,
                    run.options.seed, run.options.share, version_before, run.version);
    SCHWARM_TRY(known, store.note("run"));
    if (!known) return store.set_note("run", about);
    if (*known == about) return {};
    return fail(ErrorCode::conflict, "the folder holds another run: " + *known);
}

using Work = std::function<Result<Batch>(const Chain&, Random&, std::uint64_t)>;

MakeWorker worker_of(const dmn::Program& program, Work work) {
    return [&program, work = std::move(work)]() -> Result<Worker> {
        SCHWARM_TRY(made, Chain::make(program));
        auto chain = std::make_shared<Chain>(std::move(made));
        auto random = std::make_shared<SystemRandom>();
        return Worker(
            [chain, random, work](std::uint64_t range) { return work(*chain, *random, range); });
    };
}

std::function<void(std::uint64_t)> progress_of(const Run& run, std::string_view what,
                                               std::uint64_t ranges) {
    if (!run.options.progress) return {};
    return [what, ranges](std::uint64_t done) {
        std::cerr << what << ": " << done << " of " << ranges << " ranges" << std::endl;
    };
}

Result<void> prepare(CaseStore& store, const Models& models, RedecideReport& report) {
    const Run& run = report.run;
    SCHWARM_TRY(marks, store.marks(kFirst));
    RangesTask task;
    task.phase = kFirst;
    task.ranges = ranges_left(run, marks);
    if (task.ranges.empty()) return {};
    SCHWARM_TRY(program, dmn::Program::load_set(models.files));
    task.threads = run.options.threads;
    task.on_commit = progress_of(run, "prepared", task.ranges.size());
    task.make_worker =
        worker_of(program, [&](const Chain& chain, Random& random, std::uint64_t range) {
            return make_cases(run, store, chain, random, range);
        });
    const server::Stopwatch watch;
    SCHWARM_TRY_VOID(run_ranges(store, task));
    report.setup_seconds = watch.seconds();
    return {};
}

Result<void> decide_all(CaseStore& store, const Models& models, RedecideReport& report) {
    const Run& run = report.run;
    reset_peak_memory();
    const auto written = process_figure("/proc/self/io", "write_bytes:");
    const auto cpu = process_cpu_seconds();
    const server::Stopwatch watch;
    SCHWARM_TRY(marks, store.marks(kAgain));
    for (const auto& [range, totals] : marks) report.all.add(totals);
    report.decided_before = report.all.cases;
    SCHWARM_TRY(program, dmn::Program::load_set(models.files));
    RangesTask task;
    task.phase = kAgain;
    task.ranges = ranges_left(run, marks);
    task.threads = run.options.threads;
    task.on_commit = progress_of(run, "decided", task.ranges.size());
    task.make_worker =
        worker_of(program, [&](const Chain& chain, Random& random, std::uint64_t range) {
            return decide_again(run, store, chain, random, range);
        });
    SCHWARM_TRY(figures, run_ranges(store, task));
    report.seconds = watch.seconds();
    report.cpu_seconds = process_cpu_seconds() - cpu;
    report.peak_bytes = process_figure("/proc/self/status", "VmHWM:") * 1024;
    report.written_bytes = process_figure("/proc/self/io", "write_bytes:") - written;
    report.file_bytes = store.file_bytes();
    report.figures = figures;
    report.all.add(figures.totals);
    return {};
}

// Every decision is read back; a sample is computed directly from the statute.
Result<void> check_all(CaseStore& store, const Models& models, RedecideReport& report) {
    const Run& run = report.run;
    const server::Stopwatch watch;
    const auto file = std::find_if(models.files.begin(), models.files.end(),
                                   [](const auto& one) { return one.name == "hoehe.dmn"; });
    SCHWARM_TRY(before, Formula::read(file->text, *Date::from_civil(2026, 12, 31)));
    SCHWARM_TRY(after, Formula::read(file->text, *Date::from_civil(2027, 1, 1)));
    const Laws laws{before, after};
    RangesTask task;
    task.ranges = ranges_left(run, {});
    task.threads = run.options.threads;
    task.durable = false;
    task.make_worker = [&]() -> Result<Worker> {
        return Worker([&](std::uint64_t range) { return check_range(run, store, laws, range); });
    };
    SCHWARM_TRY(figures, run_ranges(store, task));
    report.compared = figures.totals.granted;
    report.check_seconds = watch.seconds();
    if (report.all.cases != run.options.cases || figures.totals.cases != run.options.cases ||
        figures.totals.checksum != report.all.checksum) {
        return fail(ErrorCode::internal,
                    fmt::format("{} cases, {} noted as decided, {} decisions read; checksums "
                                "{:016x} and {:016x}",
                                run.options.cases, report.all.cases, figures.totals.cases,
                                report.all.checksum, figures.totals.checksum));
    }
    return {};
}

Result<fs::path> packages_of(const RedecideOptions& options, const fs::path& folder) {
    server::DemoOptions demo;
    demo.data = folder;
    demo.packages = options.packages;
    SCHWARM_TRY(config, server::demo_config(demo));
    return fs::path(config.packages);
}

// Small runs get small ranges, so that their interruption is worth testing.
std::uint64_t range_size_of(std::uint64_t cases) {
    return std::clamp<std::uint64_t>(cases / 64, 16, 512);
}

}  // namespace

Result<void> bench_redecide(const RedecideOptions& options) {
    std::unique_ptr<ScratchFolder> scratch;
    fs::path folder = options.keep;
    if (folder.empty()) {
        SCHWARM_TRY(made, ScratchFolder::make(options.folder));
        scratch = std::move(made);
        folder = scratch->path();
    }
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return fail(ErrorCode::unavailable, "the folder cannot be made", folder.string());
    const auto share = Decimal::parse(options.share);
    if (!share || *share <= Decimal(-1)) {
        return fail(ErrorCode::invalid_input, "the share is no number above -1", options.share);
    }
    RedecideReport report;
    Run& run = report.run;
    run.options = options;
    run.range_size = range_size_of(options.cases);
    run.ranges = (options.cases + run.range_size - 1) / run.range_size;
    SCHWARM_TRY(packages, packages_of(options, folder));
    SCHWARM_TRY(models, read_models(packages / "wohngeld"));
    SCHWARM_TRY(newer, with_made_up_parameters(models, *share));
    SCHWARM_TRY(places, places_of(models.files[1].text));
    run.places = std::move(places);
    run.version = newer.version;
    SCHWARM_TRY(disk, measure_fsync(folder, 1));
    report.disk = disk;
    SCHWARM_TRY(store, CaseStore::open(folder));
    SCHWARM_TRY_VOID(claim(*store, run, models.version));
    SCHWARM_TRY_VOID(prepare(*store, models, report));
    SCHWARM_TRY_VOID(decide_all(*store, newer, report));
    SCHWARM_TRY_VOID(check_all(*store, newer, report));
    print_report(report);
    return {};
}

}  // namespace schwarm::bench
