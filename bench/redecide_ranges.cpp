#include "redecide_ranges.hpp"

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace schwarm::bench {
namespace {

// Between the workers and the one that commits. Bounded, so that memory is.
class Queue {
  public:
    explicit Queue(std::size_t workers) : limit_(2 * workers), working_(workers) {}

    // false: no more is wanted.
    bool push(Batch batch) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] { return ready_.size() < limit_ || stopped_; });
        if (stopped_) return false;
        ready_.push_back(std::move(batch));
        some_.notify_one();
        return true;
    }
    void worker_ends(std::optional<Error> problem) {
        const std::lock_guard lock(mutex_);
        if (problem && !problem_) problem_ = std::move(problem);
        if (problem_) stopped_ = true;
        --working_;
        some_.notify_one();
        room_.notify_all();
    }
    // All that is ready; empty when everything was taken or a worker failed.
    std::vector<Batch> take() {
        std::unique_lock lock(mutex_);
        some_.wait(lock, [this] { return !ready_.empty() || working_ == 0 || stopped_; });
        std::vector<Batch> out;
        out.swap(ready_);
        room_.notify_all();
        return out;
    }
    void stop() {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        room_.notify_all();
    }
    const std::optional<Error>& problem() const { return problem_; }

  private:
    std::mutex mutex_;
    std::condition_variable some_;
    std::condition_variable room_;
    std::vector<Batch> ready_;
    std::size_t limit_;
    std::size_t working_;
    bool stopped_ = false;
    std::optional<Error> problem_;
};

Result<void> write(CaseStore& store, const RangesTask& task, const std::vector<Batch>& batches) {
    SCHWARM_TRY(transaction, store.storage().begin_write());
    for (const auto& batch : batches) {
        const auto mark = CaseStore::mark_key(task.phase, batch.range);
        SCHWARM_TRY(before, transaction->get(storage::Space::meta, mark));
        if (before) {
            return fail(ErrorCode::internal, fmt::format("range {} was done before", batch.range));
        }
        for (const auto& row : batch.rows) {
            SCHWARM_TRY_VOID(transaction->put(row.space, row.key, row.value));
        }
        SCHWARM_TRY_VOID(transaction->put(storage::Space::meta, mark, batch.totals.encode()));
    }
    return transaction->commit();
}

class Threads {
  public:
    Threads(Queue& queue, const RangesTask& task) : queue_(queue), task_(task) {
        for (unsigned i = 0; i < task.threads; ++i) threads_.emplace_back([this] { work(); });
    }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;
    ~Threads() {
        queue_.stop();
        for (auto& thread : threads_) thread.join();
    }

  private:
    void work() {
        auto worker = task_.make_worker();
        if (!worker) return queue_.worker_ends(worker.error());
        for (;;) {
            const auto next = next_.fetch_add(1);
            if (next >= task_.ranges.size()) return queue_.worker_ends(std::nullopt);
            auto batch = (*worker)(task_.ranges[next]);
            if (!batch) return queue_.worker_ends(batch.error());
            if (!queue_.push(std::move(*batch))) return queue_.worker_ends(std::nullopt);
        }
    }

    Queue& queue_;
    const RangesTask& task_;
    std::atomic<std::size_t> next_{0};
    std::vector<std::thread> threads_;
};

}  // namespace

Result<RangesFigures> run_ranges(CaseStore& store, const RangesTask& task) {
    RangesFigures out;
    Queue queue(task.threads);
    {
        const Threads threads(queue, task);
        for (auto batches = queue.take(); !batches.empty(); batches = queue.take()) {
            if (task.durable) {
                SCHWARM_TRY_VOID(write(store, task, batches));
                ++out.commits;
            }
            for (const auto& batch : batches) {
                out.totals.add(batch.totals);
                ++out.ranges;
            }
            if (task.on_commit) task.on_commit(out.ranges);
        }
    }
    if (queue.problem()) return *queue.problem();
    return out;
}

}  // namespace schwarm::bench
