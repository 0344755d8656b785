#include "engine_mass.hpp"

#include <algorithm>
#include <fstream>
#include <future>
#include <iostream>
#include <sstream>

#include "child.hpp"
#include "demo_server.hpp"
#include "engine_load.hpp"
#include "figures.hpp"
#include "load_client.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::bench {
namespace {

namespace fs = std::filesystem;

// Resident memory of this process, from /proc/self/statm.
double own_resident_mb() {
    std::ifstream in("/proc/self/statm");
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    in >> total >> resident;
    return static_cast<double>(resident) * 4096 / (1 << 20);
}

}  // namespace

Result<WaitingFigures> measure_waiting(const EngineOptions& options, const fs::path& folder,
                                       const EngineModels& models) {
    const fs::path place = folder / "waiting";
    fs::create_directory(place);
    WaitingFigures out;
    {
        SCHWARM_TRY(node, EngineNode::open(place, models));
        EngineLoad load(node->runtime(), options.in_flight, [] { return creation("waiting"); });
        SCHWARM_TRY(started, load.run_count(options.waiting));
        out.started_per_second = started.per_second;
    }
    out.instances = options.waiting;
    out.database_mb = static_cast<double>(fs::file_size(place / "schwarm.db")) / (1 << 20);
    SCHWARM_TRY(child, Child::start({own_program(), "bench", "engine-start"}));
    child.write_input(place.string());
    const std::string report = child.read_line();
    const auto parsed = json::parse(report);
    if (child.wait() != 0 || parsed.has_error()) {
        return fail(ErrorCode::internal, "the node did not start on the waiting instances");
    }
    out.start_millis = number(*parsed, "start_ms");
    out.first_answer_millis = number(*parsed, "first_answer_ms");
    out.resident_mb = number(*parsed, "resident_mb");
    fs::remove_all(place);
    return out;
}

Result<void> run_engine_start() {
    std::stringstream folder;
    folder << std::cin.rdbuf();
    SCHWARM_TRY(models, EngineModels::load());
    const server::Stopwatch watch;
    SCHWARM_TRY(node, EngineNode::open(folder.str(), *models));
    const double start = watch.seconds();
    const server::Stopwatch answer;
    SCHWARM_TRY(view, node->runtime().read(EngineNode::tenant()));
    SCHWARM_TRY(tasks, view.tasks("", 1));
    if (tasks.rows.empty()) return fail(ErrorCode::not_found, "no task waits");
    runtime::Submission completion;
    completion.tenant = EngineNode::tenant();
    completion.case_id = tasks.rows.front().case_id;
    completion.command.actor = "bench";
    completion.command.body = engine::CompleteUserTask{tasks.rows.front().key, {}, false};
    SCHWARM_TRY(reply, node->runtime().submit_and_wait(std::move(completion)));
    if (reply.status != engine::CaseStatus::completed) {
        return fail(ErrorCode::internal, "the waiting instance did not end");
    }
    json::Writer out;
    out.begin_object();
    out.name("start_ms").number(fixed(start * 1000, 2));
    out.name("first_answer_ms").number(fixed(answer.seconds() * 1000, 2));
    out.name("resident_mb").number(fixed(own_resident_mb(), 2));
    out.end_object();
    std::cout << out.take() << std::endl;
    return {};
}

Result<TimerFigures> measure_timers(const EngineOptions& options, const fs::path& folder,
                                    const EngineModels& models) {
    const fs::path place = folder / "timers";
    fs::create_directory(place);
    SCHWARM_TRY(node, EngineNode::open(place, models));
    // Beyond the timer page, and all in one second.
    const Instant due = node->clock().now() + std::chrono::hours(24);
    engine::Variables variables;
    variables.set("due", feel::Value(DateTime::from_instant(due, Zone::utc()).to_string()));
    EngineLoad load(node->runtime(), options.in_flight,
                    [&variables] { return creation("due", variables); });
    SCHWARM_TRY(started, load.run_count(options.timers));
    static_cast<void>(started);
    TimerFigures out;
    out.timers = options.timers;
    node->clock().shift(std::chrono::hours(24));
    const std::uint64_t fired_before = node->runtime().metrics().timers_fired;
    const server::Stopwatch watch;
    node->runtime().wake();
    std::vector<std::uint32_t> micros;
    while (node->runtime().metrics().timers_fired - fired_before < options.timers) {
        const server::Stopwatch one;
        SCHWARM_TRY(reply, node->runtime().submit_and_wait(creation("waiting")));
        static_cast<void>(reply);
        micros.push_back(static_cast<std::uint32_t>(one.elapsed().count() / 1000));
        if (watch.seconds() > 600) {
            return fail(ErrorCode::internal, "the timers were not drained in ten minutes");
        }
    }
    node->runtime().wait_idle();
    out.drained_seconds = watch.seconds();
    out.per_second = static_cast<double>(options.timers) / out.drained_seconds;
    out.starts = micros.size();
    out.start_p50_millis = percentile(micros, 0.5) / 1000.0;
    out.start_p99_millis = percentile(micros, 0.99) / 1000.0;
    out.start_max_millis = *std::max_element(micros.begin(), micros.end()) / 1000.0;
    return out;
}

namespace {

Result<std::uint64_t> resolve_all(runtime::Runtime& runtime) {
    runtime::BatchOrder order;
    order.kind = runtime::BatchKind::resolve_incidents;
    order.filter.emplace();
    std::promise<Result<std::uint64_t>> promise;
    runtime.start_batch(EngineNode::tenant(), std::move(order), "bench",
                        [&](Result<std::uint64_t> key) { promise.set_value(std::move(key)); });
    return promise.get_future().get();
}

// What was missing when the gateway was reached.
Result<void> set_ready(EngineNode& node, const EngineOptions& options) {
    std::uint64_t next = 0;
    EngineLoad load(node.runtime(), options.in_flight, [&next] {
        runtime::Submission out;
        out.tenant = EngineNode::tenant();
        out.case_id = CaseId(++next);
        out.command.actor = "bench";
        engine::Variables variables;
        variables.set("ready", feel::Value(true));
        out.command.body = engine::UpdateVariables{{}, std::move(variables), false};
        return out;
    });
    SCHWARM_TRY_VOID(load.run_count(options.incidents));
    return {};
}

}  // namespace

Result<IncidentFigures> measure_incidents(const EngineOptions& options, const fs::path& folder,
                                          const EngineModels& models) {
    const fs::path place = folder / "incidents";
    fs::create_directory(place);
    SCHWARM_TRY(node, EngineNode::open(place, models));
    EngineLoad load(node->runtime(), options.in_flight, [] { return creation("stuck"); });
    SCHWARM_TRY(raised, load.run_count(options.incidents));
    SCHWARM_TRY_VOID(set_ready(*node, options));
    IncidentFigures out;
    out.incidents = options.incidents;
    out.raised_per_second = raised.per_second;
    const server::Stopwatch watch;
    SCHWARM_TRY(key, resolve_all(node->runtime()));
    out.call_millis = watch.seconds() * 1000;
    std::vector<std::uint32_t> micros;
    for (;;) {
        const server::Stopwatch one;
        SCHWARM_TRY(reply, node->runtime().submit_and_wait(creation("waiting")));
        static_cast<void>(reply);
        micros.push_back(static_cast<std::uint32_t>(one.elapsed().count() / 1000));
        SCHWARM_TRY(view, node->runtime().read(EngineNode::tenant()));
        SCHWARM_TRY(batch, view.batch(key));
        if (!batch.ended) continue;
        out.resolved_seconds = watch.seconds();
        SCHWARM_TRY(left, view.incidents(1));
        if (batch.done != options.incidents || !left.rows.empty()) {
            return fail(ErrorCode::internal, std::to_string(batch.done) +
                                                 " incidents were resolved, " +
                                                 std::to_string(batch.failed) + " were not");
        }
        break;
    }
    out.per_second = static_cast<double>(options.incidents) / out.resolved_seconds;
    out.starts = micros.size();
    out.start_p99_millis = percentile(micros, 0.99) / 1000.0;
    fs::remove_all(place);
    return out;
}

}  // namespace schwarm::bench
