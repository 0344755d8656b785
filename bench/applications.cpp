#include "applications.hpp"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>

#include "child.hpp"
#include "demo_server.hpp"
#include "disk.hpp"
#include "figures.hpp"
#include "load_client.hpp"
#include "samples.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/server/assembly.hpp"
#include "schwarm/server/demo.hpp"
#include "schwarm/server/stopwatch.hpp"

namespace schwarm::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kSamples = 512;
constexpr double kWarmUpSeconds = 1;

struct Figures {
    double per_second = 0;
    double p50_millis = 0;
    double p99_millis = 0;
    double commits_per_second = 0;
    double applications_per_commit = 0;
    double flow_nodes = 0;
    double server_cpu = 0;     // cores in use
    double generator_cpu = 0;  // cores in use; 0 in one process
    std::uint64_t applications = 0;
    std::uint64_t completed = 0;
    double resident_mb = 0;
};

// Keeps a fixed number of applications under way in this process.
class InProcess {
  public:
    InProcess(server::Assembly& assembly, app::Principal principal,
              std::vector<feel::Value> answers, int in_flight)
        : assembly_(assembly),
          principal_(std::move(principal)),
          answers_(std::move(answers)),
          in_flight_max_(in_flight) {}

    void run(double seconds) {
        const server::Stopwatch watch;
        while (watch.seconds() < seconds) {
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [this] { return in_flight_ < in_flight_max_; });
                ++in_flight_;
            }
            submit();
        }
    }
    void wait_all() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return in_flight_ == 0; });
    }
    void begin_measuring() {
        const std::lock_guard lock(mutex_);
        latencies_.clear();
        completed_ = 0;
    }
    Result<Figures> figures(double seconds) {
        const std::lock_guard lock(mutex_);
        if (failure_) return *failure_;
        Figures out;
        out.applications = latencies_.size();
        out.completed = completed_;
        out.per_second = static_cast<double>(latencies_.size()) / seconds;
        out.p50_millis = percentile(latencies_, 0.5) / 1000.0;
        out.p99_millis = percentile(latencies_, 0.99) / 1000.0;
        return out;
    }
    CaseId last_case() const { return last_case_; }

  private:
    void submit() {
        app::SubmitRequest request;
        request.tenant = TenantId("leipzig");
        request.service = ServiceId("wohngeld");
        request.answers = answers_[counter_ % answers_.size()];
        request.idempotency_key = "bench-" + std::to_string(counter_++);
        assembly_.app().submit(principal_, std::move(request),
                               [this, watch = server::Stopwatch()](
                                   const Result<app::SubmitReply>& reply) { done(reply, watch); });
    }
    void done(const Result<app::SubmitReply>& reply, const server::Stopwatch& watch) {
        const std::lock_guard lock(mutex_);
        if (reply.has_error()) {
            failure_ = reply.error();
        } else if (!reply->receipt) {
            const auto& first = reply->field_errors.front();
            failure_ = fail(ErrorCode::invalid_input, first.message, first.path);
        } else {
            latencies_.push_back(static_cast<std::uint32_t>(watch.elapsed().count() / 1000));
            completed_ += reply->receipt->status == "completed" ? 1 : 0;
            last_case_ = reply->receipt->case_id;
        }
        --in_flight_;
        changed_.notify_all();
    }

    server::Assembly& assembly_;
    app::Principal principal_;
    std::vector<feel::Value> answers_;
    int in_flight_max_;
    std::uint64_t counter_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    int in_flight_ = 0;
    std::vector<std::uint32_t> latencies_;
    std::uint64_t completed_ = 0;
    CaseId last_case_;
    std::optional<Error> failure_;
};

// How many elements of the process one application went through.
Result<double> flow_nodes_of(server::Assembly& assembly, CaseId id) {
    SCHWARM_TRY(view, assembly.runtime().read(TenantId("leipzig")));
    SCHWARM_TRY(history, view.history(id));
    return static_cast<double>(completed_elements(history));
}

Result<Figures> measure_in_process(const ApplicationsOptions& options, const fs::path& folder,
                                   const std::vector<json::Value>& samples) {
    server::DemoOptions demo;
    demo.data = folder;
    demo.packages = options.packages;
    SCHWARM_TRY(config, server::demo_config(demo));
    SCHWARM_TRY(log, server::Log::open(server::LogLevel::error, ""));
    SCHWARM_TRY(assembly, server::Assembly::open(config, *log));
    const auto principal = assembly->identities().sign_in("erika");
    if (!principal) return fail(ErrorCode::not_found, "the demo has no identity 'erika'");
    std::vector<feel::Value> answers;
    for (const json::Value& sample : samples) {
        SCHWARM_TRY(value, feel::from_json(sample));
        answers.push_back(std::move(value));
    }
    InProcess load(*assembly, *principal, std::move(answers), options.in_flight);
    load.run(kWarmUpSeconds);
    load.begin_measuring();
    const auto before = assembly->runtime().metrics();
    const double cpu_before = static_cast<double>(clock()) / CLOCKS_PER_SEC;
    const server::Stopwatch watch;
    load.run(options.seconds);
    const double seconds = watch.seconds();
    SCHWARM_TRY(figures, load.figures(seconds));
    const auto after = assembly->runtime().metrics();
    figures.server_cpu = (static_cast<double>(clock()) / CLOCKS_PER_SEC - cpu_before) / seconds;
    const auto commits = static_cast<double>(after.commits - before.commits);
    figures.commits_per_second = commits / seconds;
    figures.applications_per_commit =
        commits > 0 ? static_cast<double>(after.commands - before.commands) / commits : 0;
    load.wait_all();
    SCHWARM_TRY(nodes, flow_nodes_of(*assembly, load.last_case()));
    figures.flow_nodes = nodes;
    return figures;
}

std::string load_specification(const ApplicationsOptions& options, std::uint16_t port,
                               const std::string& token, const std::vector<json::Value>& samples) {
    json::Writer out;
    out.begin_object();
    out.member("port", port).member("token", token).member("connections", options.connections);
    out.member("milliseconds", static_cast<std::int64_t>(options.seconds * 1000));
    out.name("bodies").begin_array();
    for (const json::Value& sample : samples) {
        json::Value body = json::Value::object();
        body.set("tenant", "leipzig");
        body.set("service", "wohngeld");
        body.set("answers", sample);
        out.value(json::to_string(body));
    }
    out.end_array().end_object();
    return out.take();
}

Result<Figures> measure_http(const ApplicationsOptions& options, const fs::path& folder,
                             const std::vector<json::Value>& samples) {
    SCHWARM_TRY(server, start_demo(options.packages, folder));
    SCHWARM_TRY(load, Child::start({own_program(), "bench", "load-generator"}));
    load.write_input(load_specification(options, server.port, server.token, samples));
    if (load.read_line() != "measuring") {
        return fail(ErrorCode::unavailable, "the load generator failed");
    }
    SCHWARM_TRY(commits_before, read_metric(server, "schwarm_commits_total"));
    SCHWARM_TRY(commands_before, read_metric(server, "schwarm_commands_total"));
    const double cpu_before = server.child.cpu_seconds();
    const server::Stopwatch watch;
    const std::string report = load.read_line();
    const double seconds = watch.seconds();
    const double cpu_after = server.child.cpu_seconds();
    SCHWARM_TRY(commits_after, read_metric(server, "schwarm_commits_total"));
    SCHWARM_TRY(commands_after, read_metric(server, "schwarm_commands_total"));
    const auto parsed = json::parse(report);
    if (parsed.has_error() || load.wait() != 0) {
        return fail(ErrorCode::internal, "the load generator failed: " + report);
    }
    Figures out;
    out.applications = static_cast<std::uint64_t>(number(*parsed, "requests"));
    out.completed = static_cast<std::uint64_t>(number(*parsed, "completed"));
    out.per_second = number(*parsed, "requests") / number(*parsed, "seconds");
    out.p50_millis = number(*parsed, "p50_micros") / 1000;
    out.p99_millis = number(*parsed, "p99_micros") / 1000;
    out.generator_cpu = number(*parsed, "cpu_seconds") / number(*parsed, "seconds");
    out.server_cpu = (cpu_after - cpu_before) / seconds;
    const double commits = commits_after - commits_before;
    out.commits_per_second = commits / seconds;
    out.applications_per_commit = commits > 0 ? (commands_after - commands_before) / commits : 0;
    out.resident_mb = static_cast<double>(server.child.resident_bytes()) / (1 << 20);
    server.child.terminate();
    if (server.child.wait() != 0) return fail(ErrorCode::internal, "the server did not end well");
    return out;
}

void write_figures(json::Writer& out, const Figures& f) {
    out.begin_object();
    out.name("applications_per_second").number(fixed(f.per_second, 1));
    out.member("applications", f.applications).member("completed_in_receipt", f.completed);
    out.name("p50_ms").number(fixed(f.p50_millis, 2));
    out.name("p99_ms").number(fixed(f.p99_millis, 2));
    out.name("commits_per_second").number(fixed(f.commits_per_second, 1));
    out.name("applications_per_commit").number(fixed(f.applications_per_commit, 1));
    out.name("flow_nodes_per_application").number(fixed(f.flow_nodes, 0));
    out.name("flow_nodes_per_second").number(fixed(f.flow_nodes * f.per_second, 0));
    out.name("server_cpu_cores").number(fixed(f.server_cpu, 2));
    if (f.generator_cpu > 0) {
        out.name("load_generator_cpu_cores").number(fixed(f.generator_cpu, 2));
        out.name("server_resident_mb").number(fixed(f.resident_mb, 1));
    }
    out.end_object();
}

void print_figures(std::string_view name, const Figures& f) {
    std::cout << name << ": " << fixed(f.per_second, 0) << " applications/s, p50 "
              << fixed(f.p50_millis, 1) << " ms, p99 " << fixed(f.p99_millis, 1) << " ms, "
              << fixed(f.commits_per_second, 0) << " commits/s ("
              << fixed(f.applications_per_commit, 1) << " applications each), "
              << fixed(f.flow_nodes, 0) << " flow nodes each; server " << fixed(f.server_cpu, 2)
              << " cores";
    if (f.generator_cpu > 0) {
        std::cout << ", load generator " << fixed(f.generator_cpu, 2) << " cores";
    }
    std::cout << "; " << f.completed << " of " << f.applications << " decided in the receipt\n";
}

}  // namespace

Result<void> bench_applications(const ApplicationsOptions& options) {
    SCHWARM_TRY(scratch, ScratchFolder::make(options.folder));
    SCHWARM_TRY(samples, sample_answers(kSamples));
    SCHWARM_TRY(disk, measure_fsync(scratch->path(), 1));
    std::optional<Figures> inside;
    std::optional<Figures> outside;
    if (options.in_process) {
        SCHWARM_TRY(figures, measure_in_process(options, scratch->path() / "inside", samples));
        inside = figures;
    }
    if (options.http) {
        SCHWARM_TRY(figures, measure_http(options, scratch->path() / "outside", samples));
        if (inside) figures.flow_nodes = inside->flow_nodes;
        outside = figures;
    }
    if (!options.json) {
        std::cout << "disk: " << fixed(disk.fsyncs_per_second, 0) << " fsync/s, p99 "
                  << fixed(disk.p99_millis, 2) << " ms\n";
        if (inside) print_figures("in one process", *inside);
        if (outside) print_figures("through HTTP", *outside);
        return {};
    }
    json::Writer out = json::Writer::pretty();
    out.begin_object();
    out.member("benchmark", "applications").member("service", "wohngeld");
    out.member("cores", static_cast<std::int64_t>(sysconf(_SC_NPROCESSORS_ONLN)));
    out.name("seconds").number(fixed(options.seconds, 1));
    out.name("disk").begin_object();
    out.name("fsync_per_second").number(fixed(disk.fsyncs_per_second, 0));
    out.name("fsync_p99_ms").number(fixed(disk.p99_millis, 2));
    out.end_object();
    if (inside) write_figures(out.name("in_process"), *inside);
    if (outside) write_figures(out.name("http"), *outside);
    out.end_object();
    std::cout << out.take() << std::endl;
    return {};
}

Result<void> run_load_process() {
    std::stringstream input;
    input << std::cin.rdbuf();
    json::Limits limits;
    limits.max_bytes = 64U << 20;
    SCHWARM_TRY(spec, json::parse(input.str(), limits));
    LoadOptions options;
    options.port = static_cast<std::uint16_t>(spec.int_or("port", 0));
    options.connections = static_cast<int>(spec.int_or("connections", 64));
    options.seconds = static_cast<double>(spec.int_or("milliseconds", 10'000)) / 1000;
    options.warm_up_seconds = kWarmUpSeconds;
    options.token = spec.string_or("token", "");
    options.key_prefix = "bench";
    options.count_text = "\"status\":\"completed\"";
    options.on_measuring = [] { std::cout << "measuring" << std::endl; };
    for (const json::Value& body : spec.find("bodies")->items()) {
        options.bodies.push_back(body.as_string());
    }
    SCHWARM_TRY(result, run_load(options));
    if (!result.first_failure.empty()) {
        return fail(ErrorCode::internal, "not every answer was a receipt: " + result.first_failure);
    }
    json::Writer out;
    out.begin_object();
    out.member("requests", result.requests).member("completed", result.counted);
    out.name("seconds").number(fixed(result.seconds, 6));
    out.name("cpu_seconds").number(fixed(result.cpu_seconds, 6));
    out.member("p50_micros", percentile(result.latencies_micros, 0.5));
    out.member("p99_micros", percentile(result.latencies_micros, 0.99));
    out.end_object();
    std::cout << out.take() << std::endl;
    return {};
}

}  // namespace schwarm::bench
