#include "engine_worker.hpp"

#include <condition_variable>
#include <deque>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>

#include "child.hpp"
#include "demo_server.hpp"
#include "engine_world.hpp"
#include "figures.hpp"
#include "http_connection.hpp"
#include "load_client.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::bench {
namespace {

namespace fs = std::filesystem;
constexpr int kStarters = 16;
constexpr int kCompleters = 48;
constexpr int kActivators = 2;
constexpr std::size_t kOpenMax = 256;  // started and not completed
constexpr double kWarmUpSeconds = 2;
constexpr const char* kProcess = "one_task";

std::int64_t micros_now() {
    return server::monotonic_now().count() / 1000;
}

Result<void> expect(const Result<HttpAnswer>& answer, int status, std::string_view what) {
    if (answer.has_error()) return answer.error();
    if (answer->status == status) return {};
    return fail(ErrorCode::internal, std::string(what) + " was answered " +
                                         std::to_string(answer->status) + ": " + answer->body);
}

// Starters, activators and completers, each thread on a connection of its own.
class Workers {
  public:
    Workers(std::uint16_t port, std::string authorization)
        : port_(port), authorization_(std::move(authorization)) {}

    Result<void> run(double seconds);
    std::vector<std::uint32_t> latencies;
    double seconds = 0;
    double cpu = 0;

  private:
    struct Job {
        std::string key;
        std::int64_t started = 0;
    };

    template <class Work>
    void guarded(Work work) {
        auto connection = HttpConnection::open(port_, authorization_);
        Result<void> done;
        while (done.has_value() && !stopped()) {
            done = connection.has_error() ? Result<void>(connection.error()) : work(*connection);
        }
        if (done.has_error()) stop(done.error());
    }
    Result<void> start(HttpConnection& connection);
    Result<void> activate(HttpConnection& connection);
    Result<void> complete(HttpConnection& connection);
    bool stopped() {
        const std::lock_guard lock(mutex_);
        return stop_;
    }
    void stop(std::optional<Error> failure) {
        const std::lock_guard lock(mutex_);
        if (failure && !failure_) failure_ = std::move(failure);
        stop_ = true;
        changed_.notify_all();
    }

    const std::uint16_t port_;
    const std::string authorization_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stop_ = false;
    bool measuring_ = false;
    std::size_t open_ = 0;
    std::deque<Job> jobs_;
    std::optional<Error> failure_;
};

Result<void> Workers::start(HttpConnection& connection) {
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stop_ || open_ < kOpenMax; });
        if (stop_) return {};
        ++open_;
    }
    const std::string body = std::string(R"({"processDefinitionId":")") + kProcess +
                             R"(","variables":{"t":)" + std::to_string(micros_now()) + "}}";
    return expect(connection.post("/v2/process-instances", body), 200, "a start");
}

Result<void> Workers::activate(HttpConnection& connection) {
    const auto answer = connection.post(
        "/v2/jobs/activation",
        R"({"type":"work","timeout":60000,"maxJobsToActivate":64,"worker":"bench","requestTimeout":500})");
    SCHWARM_TRY_VOID(expect(answer, 200, "an activation"));
    SCHWARM_TRY(body, json::parse(answer->body));
    const auto* jobs = body.find("jobs");
    if (jobs == nullptr) return fail(ErrorCode::internal, "an activation has no jobs");
    const std::lock_guard lock(mutex_);
    for (const json::Value& job : jobs->items()) {
        const auto* variables = job.find("variables");
        jobs_.push_back({job.string_or("jobKey", ""), variables->int_or("t", 0)});
    }
    changed_.notify_all();
    return {};
}

Result<void> Workers::complete(HttpConnection& connection) {
    Job job;
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
        if (stop_) return {};
        job = std::move(jobs_.front());
        jobs_.pop_front();
    }
    SCHWARM_TRY_VOID(expect(connection.post("/v2/jobs/" + job.key + "/completion",
                                            R"({"variables":{"ergebnis":"erledigt"}})"),
                            204, "a completion"));
    const std::lock_guard lock(mutex_);
    --open_;
    if (measuring_) latencies.push_back(static_cast<std::uint32_t>(micros_now() - job.started));
    changed_.notify_all();
    return {};
}

Result<void> Workers::run(double wanted) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kStarters; ++i) {
        threads.emplace_back([this] { guarded([this](auto& c) { return start(c); }); });
    }
    for (int i = 0; i < kActivators; ++i) {
        threads.emplace_back([this] { guarded([this](auto& c) { return activate(c); }); });
    }
    for (int i = 0; i < kCompleters; ++i) {
        threads.emplace_back([this] { guarded([this](auto& c) { return complete(c); }); });
    }
    {
        const auto until = [this](std::unique_lock<std::mutex>& lock, double period) {
            changed_.wait_for(lock, std::chrono::duration<double>(period),
                              [this] { return stop_; });
        };
        std::unique_lock lock(mutex_);
        const server::Stopwatch warm_up;
        while (!stop_ && warm_up.seconds() < kWarmUpSeconds) until(lock, kWarmUpSeconds);
        measuring_ = true;
        std::cout << "measuring" << std::endl;
        const double cpu_before = cpu_seconds();
        const server::Stopwatch watch;
        while (!stop_ && watch.seconds() < wanted) until(lock, wanted);
        measuring_ = false;
        seconds = watch.seconds();
        cpu = cpu_seconds() - cpu_before;
    }
    stop({});
    for (std::thread& thread : threads) thread.join();
    if (failure_) return *failure_;
    return {};
}

Result<std::string> token(std::uint16_t port, const std::string& client,
                          const std::string& secret) {
    SCHWARM_TRY(connection, HttpConnection::open(port, ""));
    const auto answer = connection.post(
        "/oauth/token",
        "grant_type=client_credentials&client_id=" + client + "&client_secret=" + secret,
        "application/x-www-form-urlencoded");
    SCHWARM_TRY_VOID(expect(answer, 200, "the sign-in"));
    SCHWARM_TRY(body, json::parse(answer->body));
    return body.string_or("access_token", "");
}

Result<void> deploy(std::uint16_t port, const std::string& authorization) {
    SCHWARM_TRY(connection, HttpConnection::open(port, authorization));
    constexpr const char* kBoundary = "schwarm-bench";
    const std::string body = std::string("--") + kBoundary +
                             "\r\nContent-Disposition: form-data; name=\"resources\"; "
                             "filename=\"one_task.bpmn\"\r\nContent-Type: text/xml\r\n\r\n" +
                             one_task_model() + "\r\n--" + kBoundary + "--\r\n";
    return expect(connection.post("/v2/deployments", body,
                                  std::string("multipart/form-data; boundary=") + kBoundary),
                  200, "the deployment");
}

}  // namespace

Result<void> run_engine_worker() {
    std::stringstream input;
    input << std::cin.rdbuf();
    SCHWARM_TRY(spec, json::parse(input.str()));
    const auto port = static_cast<std::uint16_t>(spec.int_or("port", 0));
    SCHWARM_TRY(bearer, token(port, spec.string_or("client", ""), spec.string_or("secret", "")));
    const std::string authorization = "Bearer " + bearer;
    SCHWARM_TRY_VOID(deploy(port, authorization));
    Workers workers(port, authorization);
    SCHWARM_TRY_VOID(workers.run(static_cast<double>(spec.int_or("milliseconds", 10'000)) / 1000));
    json::Writer out;
    out.begin_object().member("count", workers.latencies.size());
    out.name("seconds").number(fixed(workers.seconds, 6));
    out.name("cpu_seconds").number(fixed(workers.cpu, 6));
    out.member("p50_micros", percentile(workers.latencies, 0.5));
    out.member("p99_micros", percentile(workers.latencies, 0.99));
    out.end_object();
    std::cout << out.take() << std::endl;
    return {};
}

Result<WorkerFigures> measure_worker(const EngineOptions& options, const fs::path& folder) {
    const fs::path data = folder / "b";
    SCHWARM_TRY(node, start_demo({}, data));
    std::ifstream in(data / "demo-clients.json");
    std::stringstream text;
    text << in.rdbuf();
    SCHWARM_TRY(clients, json::parse(text.str()));
    const auto* client = clients.find("leipzig");
    if (client == nullptr) return fail(ErrorCode::not_found, "the demo has no client");
    SCHWARM_TRY(load, Child::start({own_program(), "bench", "engine-worker"}));
    json::Writer spec;
    spec.begin_object().member("port", node.port);
    spec.member("client", client->string_or("client_id", ""));
    spec.member("secret", client->string_or("client_secret", ""));
    spec.member("milliseconds", static_cast<std::int64_t>(options.seconds * 1000)).end_object();
    load.write_input(spec.take());
    if (load.read_line() != "measuring") {
        return fail(ErrorCode::unavailable, "the workers did not begin");
    }
    SCHWARM_TRY(commits_before, read_metric(node, "schwarm_commits_total"));
    const double cpu_before = node.child.cpu_seconds();
    const std::string report = load.read_line();
    const double cpu_after = node.child.cpu_seconds();
    SCHWARM_TRY(commits_after, read_metric(node, "schwarm_commits_total"));
    const auto parsed = json::parse(report);
    if (load.wait() != 0 || parsed.has_error()) {
        return fail(ErrorCode::internal, "the workers failed: " + report);
    }
    WorkerFigures out;
    out.tasks.seconds = number(*parsed, "seconds");
    out.tasks.count = static_cast<std::uint64_t>(number(*parsed, "count"));
    out.tasks.per_second = static_cast<double>(out.tasks.count) / out.tasks.seconds;
    out.tasks.p50_millis = number(*parsed, "p50_micros") / 1000;
    out.tasks.p99_millis = number(*parsed, "p99_micros") / 1000;
    out.tasks.commits_per_second = (commits_after - commits_before) / out.tasks.seconds;
    out.node_cores = (cpu_after - cpu_before) / out.tasks.seconds;
    out.generator_cores = number(*parsed, "cpu_seconds") / out.tasks.seconds;
    out.tasks.cpu_cores = out.node_cores;
    out.tasks.flow_nodes_per_second = out.tasks.per_second * 3;
    node.child.terminate();
    if (node.child.wait() != 0) return fail(ErrorCode::internal, "the node did not end well");
    fs::remove_all(data);
    return out;
}

}  // namespace schwarm::bench
