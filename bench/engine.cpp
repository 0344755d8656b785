#include "engine.hpp"

#include <unistd.h>

#include <iostream>
#include <memory>

#include "demo_server.hpp"
#include "disk.hpp"
#include "engine_load.hpp"
#include "engine_mass.hpp"
#include "engine_sizing.hpp"
#include "engine_worker.hpp"
#include "engine_world.hpp"
#include "figures.hpp"
#include "schwarm/json/writer.hpp"

namespace schwarm::bench {
namespace {

namespace fs = std::filesystem;
constexpr double kWarmUpSeconds = 1;
constexpr int kNodesOfStraight = 10;
// About what a group of (c) writes.
constexpr std::size_t kRowsOfGroup = 200;
constexpr std::size_t kBytesOfRow = 400;

// The newest instances must have ended, after exactly the ten flow nodes.
Result<void> check_straight(runtime::Runtime& runtime) {
    SCHWARM_TRY(view, runtime.read(EngineNode::tenant()));
    runtime::CaseFilter filter;
    filter.limit = 500;
    SCHWARM_TRY(page, view.cases(filter));
    for (const runtime::CaseRow& row : page.rows) {
        if (row.status != engine::CaseStatus::completed) {
            return fail(ErrorCode::internal, "an instance of the benchmark did not end");
        }
        SCHWARM_TRY(history, view.history(row.id));
        const auto nodes = static_cast<int>(completed_elements(history));
        // The process itself is completed, too.
        if (nodes != kNodesOfStraight + 1) {
            return fail(ErrorCode::internal,
                        "an instance went through " + std::to_string(nodes - 1) + " flow nodes");
        }
    }
    return {};
}

Result<RateFigures> measure_straight(const EngineOptions& options, const fs::path& folder,
                                     const EngineModels& models) {
    SCHWARM_TRY(node, EngineNode::open(folder, models));
    std::int64_t number = 0;
    EngineLoad load(node->runtime(), options.in_flight, [&number] {
        ++number;
        engine::Variables variables;
        variables.set("betrag", feel::Value(number % 2000));
        variables.set("art", feel::Value(number % 3 == 0 ? "eilig" : "ruhig"));
        return creation("straight", std::move(variables));
    });
    SCHWARM_TRY(out, load.run(kWarmUpSeconds, options.seconds));
    out.flow_nodes_per_second = out.per_second * kNodesOfStraight;
    SCHWARM_TRY_VOID(check_straight(node->runtime()));
    return out;
}

void write_rate(json::Writer& out, const RateFigures& f) {
    out.begin_object();
    out.name("per_second").number(fixed(f.per_second, 1));
    out.member("count", f.count);
    out.name("p50_ms").number(fixed(f.p50_millis, 2));
    out.name("p99_ms").number(fixed(f.p99_millis, 2));
    out.name("flow_nodes_per_second").number(fixed(f.flow_nodes_per_second, 0));
    out.name("commits_per_second").number(fixed(f.commits_per_second, 1));
    out.name("cpu_cores").number(fixed(f.cpu_cores, 2));
    out.end_object();
}

}  // namespace

Result<void> bench_engine(const EngineOptions& options) {
    SCHWARM_TRY(scratch, ScratchFolder::make(options.folder));
    SCHWARM_TRY(disk, measure_fsync(scratch->path(), 1));
    SCHWARM_TRY(sqlite, measure_sqlite(scratch->path(), 2, kRowsOfGroup, kBytesOfRow));
    SCHWARM_TRY(models, EngineModels::load());
    const auto wanted = [&options](const char* part) {
        return options.only.empty() || options.only.contains(part);
    };
    json::Writer out = json::Writer::pretty();
    out.begin_object();
    out.member("benchmark", "engine");
    out.member("cores", static_cast<std::int64_t>(sysconf(_SC_NPROCESSORS_ONLN)));
    out.name("disk").begin_object();
    out.name("fsync_per_second").number(fixed(disk.fsyncs_per_second, 0));
    out.name("fsync_p99_ms").number(fixed(disk.p99_millis, 2));
    out.end_object();
    out.name("sqlite").begin_object();
    out.name("rows_per_second").number(fixed(sqlite.rows_per_second, 0));
    out.name("commits_per_second").number(fixed(sqlite.commits_per_second, 1));
    out.end_object();
    if (wanted("a")) {
        SCHWARM_TRY(f, measure_sizing(options, scratch->path(), *models));
        out.name("a").begin_object();
        out.member("roots", f.roots).member("jobs", f.jobs).member("user_tasks", f.user_tasks);
        out.name("instances_per_second").number(fixed(f.instances_per_second, 0));
        out.name("flow_nodes_per_second").number(fixed(f.flow_nodes_per_second, 0));
        out.name("flow_nodes_per_core_second").number(fixed(f.flow_nodes_per_core_second, 0));
        out.name("cpu_cores").number(fixed(f.cpu_cores, 2));
        out.name("root_p50_ms").number(fixed(f.root_p50_millis, 1));
        out.name("root_p99_ms").number(fixed(f.root_p99_millis, 1));
        out.name("commits_per_second").number(fixed(f.commits_per_second, 1));
        out.name("database_kb_per_root").number(fixed(f.bytes_per_root / 1024, 0));
        out.end_object();
    }
    if (wanted("b")) {
        SCHWARM_TRY(figures, measure_worker(options, scratch->path()));
        write_rate(out.name("b"), figures.tasks);
        out.name("b_load_generator_cores").number(fixed(figures.generator_cores, 2));
    }
    if (wanted("c")) {
        const fs::path folder = scratch->path() / "c";
        fs::create_directory(folder);
        SCHWARM_TRY(figures, measure_straight(options, folder, *models));
        write_rate(out.name("c"), figures);
    }
    if (wanted("waiting")) {
        SCHWARM_TRY(figures, measure_waiting(options, scratch->path(), *models));
        out.name("waiting").begin_object();
        out.member("instances", figures.instances);
        out.name("started_per_second").number(fixed(figures.started_per_second, 0));
        out.name("start_ms").number(fixed(figures.start_millis, 1));
        out.name("first_answer_ms").number(fixed(figures.first_answer_millis, 1));
        out.name("resident_mb").number(fixed(figures.resident_mb, 1));
        out.name("database_mb").number(fixed(figures.database_mb, 0));
        out.end_object();
    }
    if (wanted("timers")) {
        SCHWARM_TRY(figures, measure_timers(options, scratch->path(), *models));
        out.name("timers").begin_object();
        out.member("due_at_once", figures.timers);
        out.name("drained_seconds").number(fixed(figures.drained_seconds, 1));
        out.name("per_second").number(fixed(figures.per_second, 0));
        out.member("starts_meanwhile", figures.starts);
        out.name("start_p50_ms").number(fixed(figures.start_p50_millis, 2));
        out.name("start_p99_ms").number(fixed(figures.start_p99_millis, 2));
        out.name("start_max_ms").number(fixed(figures.start_max_millis, 2));
        out.end_object();
    }
    if (wanted("incidents")) {
        SCHWARM_TRY(figures, measure_incidents(options, scratch->path(), *models));
        out.name("incidents").begin_object();
        out.member("incidents", figures.incidents);
        out.name("raised_per_second").number(fixed(figures.raised_per_second, 0));
        out.name("call_ms").number(fixed(figures.call_millis, 1));
        out.name("resolved_seconds").number(fixed(figures.resolved_seconds, 1));
        out.name("per_second").number(fixed(figures.per_second, 0));
        out.member("starts_meanwhile", figures.starts);
        out.name("start_p99_ms").number(fixed(figures.start_p99_millis, 2));
        out.end_object();
    }
    out.end_object();
    std::cout << out.take() << std::endl;
    return {};
}

}  // namespace schwarm::bench
