#include "engine_sizing.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "engine_load.hpp"
#include "figures.hpp"
#include "load_client.hpp"
#include "schwarm/server/stopwatch.hpp"

namespace schwarm::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kChildren = 50;
// The root's start, two service tasks and end; 50 call activities; six nodes in each child.
constexpr std::uint64_t kFlowNodes = 4 + kChildren + kChildren * 6;
constexpr std::size_t kRootsAtOnce = 16;
constexpr std::size_t kJobsAtOnce = 128;

// Everybody who works on the roots: workers of four types and clerks. All members are guarded by
// the mutex; callbacks of the runtime only note what is to be done next.
class Town {
  public:
    explicit Town(runtime::Runtime& runtime) : runtime_(runtime) {}

    Result<SizingFigures> run(double warm_up, double seconds);

  private:
    void start_root();
    void ask_for_jobs(const std::string& type);
    void complete(const runtime::ActivatedJob& job);
    void work_on_tasks();
    void submitted() { ++under_way_; }
    bool goes_on() {
        const std::lock_guard lock(mutex_);
        return !ending_;
    }
    void answered(const Result<runtime::Reply>& reply);
    void note_failure(const Error& error);
    std::set<std::pair<CaseId, ElementKey>> known_tasks_;

    runtime::Runtime& runtime_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    bool new_tasks_ = false;
    std::size_t under_way_ = 0;  // commands without an answer
    std::size_t asking_ = 0;     // requests for jobs without an answer
    std::size_t open_roots_ = 0;
    std::map<CaseId, server::Stopwatch> began_;
    std::vector<std::uint32_t> root_micros_;
    std::uint64_t jobs_ = 0;
    std::uint64_t user_tasks_ = 0;
    std::uint64_t children_decided_ = 0;
    std::optional<Error> failure_;
};

void Town::note_failure(const Error& error) {
    const std::lock_guard lock(mutex_);
    failure_ = error;
    ending_ = true;
    changed_.notify_all();
}

void Town::answered(const Result<runtime::Reply>& reply) {
    const std::lock_guard lock(mutex_);
    --under_way_;
    if (reply.has_error()) {
        failure_ = reply.error();
        ending_ = true;
    } else if (reply->status == engine::CaseStatus::completed) {
        --open_roots_;
        if (const auto found = began_.find(reply->case_id); found != began_.end()) {
            root_micros_.push_back(
                static_cast<std::uint32_t>(found->second.elapsed().count() / 1000));
            began_.erase(found);
        }
    }
    changed_.notify_all();
}

void Town::start_root() {
    {
        const std::lock_guard lock(mutex_);
        submitted();
        ++open_roots_;
    }
    runtime_.submit(creation("sizing", sizing_variables()),
                    [this, watch = server::Stopwatch()](const Result<runtime::Reply>& reply) {
                        if (reply.has_value()) {
                            const std::lock_guard lock(mutex_);
                            began_.emplace(reply->case_id, watch);
                        }
                        answered(reply);
                    });
}

void Town::ask_for_jobs(const std::string& type) {
    {
        const std::lock_guard lock(mutex_);
        ++asking_;
    }
    runtime::JobRequest request;
    request.tenants = {EngineNode::tenant()};
    request.type = type;
    request.worker = "bench";
    request.lock = std::chrono::minutes(5);
    request.max_jobs = kJobsAtOnce;
    request.fetch_variables = {"betrag", "art"};
    request.wait = std::chrono::seconds(1);
    runtime_.activate_jobs(std::move(request), [this, type](const auto& jobs) {
        if (jobs.has_error()) {
            note_failure(jobs.error());
        } else {
            for (const runtime::ActivatedJob& job : *jobs) complete(job);
            if (goes_on()) ask_for_jobs(type);
        }
        const std::lock_guard lock(mutex_);
        --asking_;
        changed_.notify_all();
    });
}

void Town::complete(const runtime::ActivatedJob& job) {
    {
        const std::lock_guard lock(mutex_);
        submitted();
        ++jobs_;
    }
    runtime::Submission completion;
    completion.tenant = EngineNode::tenant();
    completion.case_id = job.case_id;
    completion.command.actor = "bench";
    engine::Variables variables;
    variables.set("ergebnis", feel::Value("erledigt"));
    completion.command.body = engine::CompleteJob{job.key, std::move(variables)};
    const bool then_task = job.type == "fetch";
    runtime_.submit(std::move(completion), [this, then_task](const auto& reply) {
        if (then_task) {
            const std::lock_guard lock(mutex_);
            new_tasks_ = true;
        }
        answered(reply);
    });
}

// One clerk: looks at the list whenever something was added to it, and completes all he sees.
void Town::work_on_tasks() {
    while (true) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return new_tasks_ || ending_; });
            if (ending_) return;
            new_tasks_ = false;
        }
        const auto view = runtime_.read(EngineNode::tenant());
        if (view.has_error()) return note_failure(view.error());
        std::string cursor;
        do {
            const auto page = view->tasks("pruefung", 500, cursor);
            if (page.has_error()) return note_failure(page.error());
            for (const runtime::TaskRow& task : page->rows) {
                if (!known_tasks_.emplace(task.case_id, task.key).second) continue;
                runtime::Submission completion;
                completion.tenant = EngineNode::tenant();
                completion.case_id = task.case_id;
                completion.command.actor = "bench";
                completion.command.body = engine::CompleteUserTask{task.key, {}, false};
                {
                    const std::lock_guard lock(mutex_);
                    submitted();
                    ++user_tasks_;
                }
                runtime_.submit(std::move(completion),
                                [this](const auto& reply) { answered(reply); });
            }
            cursor = page->next;
        } while (!cursor.empty());
    }
}

Result<SizingFigures> Town::run(double warm_up, double seconds) {
    for (const char* type : {"prepare", "fetch", "store", "finish"}) ask_for_jobs(type);
    std::thread clerk([this] { work_on_tasks(); });
    server::Stopwatch watch;
    bool measuring = false;
    double cpu_before = 0;
    std::uint64_t commits_before = 0;
    SizingFigures out;
    while (true) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::milliseconds(20),
                          [this] { return ending_ || open_roots_ < kRootsAtOnce; });
        if (ending_) break;
        if (!measuring && watch.seconds() > warm_up) {
            measuring = true;
            watch = {};
            root_micros_.clear();
            jobs_ = user_tasks_ = 0;
            cpu_before = cpu_seconds();
            commits_before = runtime_.metrics().commits;
        }
        if (measuring && watch.seconds() > seconds) {
            out.seconds = watch.seconds();
            out.roots = root_micros_.size();
            out.jobs = jobs_;
            out.user_tasks = user_tasks_;
            out.cpu_cores = (cpu_seconds() - cpu_before) / out.seconds;
            out.commits_per_second =
                static_cast<double>(runtime_.metrics().commits - commits_before) / out.seconds;
            out.root_p50_millis = percentile(root_micros_, 0.5) / 1000.0;
            out.root_p99_millis = percentile(root_micros_, 0.99) / 1000.0;
            ending_ = true;
            changed_.notify_all();
            break;
        }
        const bool room = open_roots_ < kRootsAtOnce;
        lock.unlock();
        if (room) start_root();
    }
    clerk.join();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ == 0 && asking_ == 0; });
    if (failure_) return *failure_;
    return out;
}

// One ended root must have gone through exactly the flow nodes that are counted.
Result<void> check_root(runtime::Runtime& runtime) {
    SCHWARM_TRY(view, runtime.read(EngineNode::tenant()));
    runtime::CaseFilter filter;
    filter.status = engine::CaseStatus::completed;
    filter.limit = 1;
    SCHWARM_TRY(page, view.cases(filter));
    if (page.rows.empty()) return fail(ErrorCode::internal, "no root ended");
    SCHWARM_TRY(history, view.history(page.rows.front().id, SIZE_MAX));
    // Processes and the body of the multi-instance activity are completed, too.
    const std::uint64_t nodes = completed_elements(history) - (1 + kChildren) - 1;
    if (nodes != kFlowNodes) {
        return fail(ErrorCode::internal,
                    "a root went through " + std::to_string(nodes) + " flow nodes");
    }
    return {};
}

}  // namespace

Result<SizingFigures> measure_sizing(const EngineOptions& options, const fs::path& folder,
                                     const EngineModels& models) {
    const fs::path place = folder / "a";
    fs::create_directory(place);
    SCHWARM_TRY(node, EngineNode::open(place, models));
    Town town(node->runtime());
    SCHWARM_TRY(out, town.run(2, options.seconds));
    SCHWARM_TRY_VOID(check_root(node->runtime()));
    out.flow_nodes = out.roots * kFlowNodes;
    out.flow_nodes_per_second = static_cast<double>(out.flow_nodes) / out.seconds;
    out.flow_nodes_per_core_second = out.flow_nodes_per_second / out.cpu_cores;
    out.instances_per_second = static_cast<double>(out.roots * (1 + kChildren)) / out.seconds;
    const std::uint64_t all = node->runtime().metrics().cases_created;
    out.bytes_per_root =
        static_cast<double>(fs::file_size(place / "schwarm.db")) / static_cast<double>(all);
    return out;
}

}  // namespace schwarm::bench
