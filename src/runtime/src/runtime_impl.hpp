// The two threads of a runtime and what they share. Included by runtime.cpp alone.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "batch_desk.hpp"
#include "case_watch.hpp"
#include "dispatcher.hpp"
#include "job_broker.hpp"
#include "messages.hpp"
#include "read_access.hpp"
#include "schwarm/base/check.hpp"
#include "signals.hpp"
#include "timer_starts.hpp"
#include "writer.hpp"

#include "schwarm/runtime/runtime.hpp"

namespace schwarm::runtime {

// With so many commands from the queue a group is worth a commit, even if more are queued.
inline constexpr std::size_t kEnough = 32;
// Timers and slices of batches become commands in steps, so long, so that a flood of them does not
// keep others waiting: these wait for the group being decided, the one being committed and their
// own.
inline constexpr std::size_t kTimersOfStep = 32;
inline constexpr auto kTimerTime = std::chrono::milliseconds(40);
inline constexpr auto kTimerTimeBesideOthers = std::chrono::milliseconds(5);
// A caller that asks again when it has been answered comes back within so many groups.
inline constexpr int kGroupsBesideOthers = 4;
inline constexpr auto kScrubRetry = std::chrono::milliseconds(500);
// An injected clock may stand still: look again after this time at the latest.
inline constexpr std::chrono::milliseconds kLongestSleep = std::chrono::minutes(1);

inline Error stopping() {
    return fail(ErrorCode::unavailable, "the node is stopping");
}

inline Result<void> without_reply(const Result<Reply>& reply) {
    if (reply.has_error()) return reply.error();
    return {};
}

// Two threads in a pipeline of depth one: the decider fills a group while the committer makes the
// one before it durable. mutex_ guards the queue and the hand-over; the Writer belongs to the
// decider.
class Runtime::Impl {
  public:
    Impl(Environment environment, const Options& options)
        : environment_(std::move(environment)),
          options_(options),
          ring_(environment_.node_key),
          writer_(environment_, options_, ring_, meters_),
          dispatcher_(environment_, options_, ring_, meters_,
                      [this](const OutboxRef& ref, std::optional<engine::Effect> effect,
                             std::function<void(Result<void>)> done) {
                          finish_outbox(ref, std::move(effect), std::move(done));
                      }),
          broker_(
              environment_, options_,
              [this](Job job, bool bounded) { submit(std::move(job), bounded); },
              [this] { look_at_the_clock(); }),
          watch_(
              environment_, options_,
              [this](Job job, bool bounded) { submit(std::move(job), bounded); },
              [this] { look_at_the_clock(); }) {
        add_local_effects();
    }

    ~Impl() { stop(); }

    Result<void> open() {
        SCHWARM_TRY_VOID(writer_.load());
        SCHWARM_TRY_VOID(dispatcher_.load(ring_.tenants()));
        if (!options_.threads) return {};
        committer_ = std::thread([this] { commit_groups(); });
        decider_ = std::thread([this] { decide_groups(); });
        dispatcher_.start();
        return {};
    }

    void submit(Job job, bool bounded = true) {
        Error refusal;
        {
            const std::lock_guard lock(mutex_);
            if (!stopping_ && (!bounded || queue_.size() < options_.queue_max)) {
                ++open_jobs_;
                queue_.push_back(std::move(job));
                work_.notify_one();
                return;
            }
            refusal = stopping_ ? stopping()
                                : fail(ErrorCode::too_many_requests,
                                       "too many commands are waiting, try again later");
        }
        ++meters_.refused;
        job.done(refusal);
    }

    Result<Reply> submit_and_wait(Job job) {
        CHECK(std::this_thread::get_id() != decider_.get_id() &&
                  std::this_thread::get_id() != committer_.get_id(),
              "waiting for the writer on the writer's thread");
        std::promise<Result<Reply>> promise;
        auto future = promise.get_future();
        job.done = [&promise](Result<Reply> reply) { promise.set_value(std::move(reply)); };
        submit(std::move(job));
        run();
        return future.get();
    }

    void wake() {
        {
            const std::lock_guard lock(mutex_);
            ++wakes_asked_;
        }
        work_.notify_one();
        dispatcher_.wake();
    }

    void wait_idle() {
        for (;;) {
            {
                std::unique_lock lock(mutex_);
                const std::uint64_t asked = ++wakes_asked_;
                work_.notify_one();
                idle_.wait(lock,
                           [&] { return stopping_ || (none_open() && wakes_seen_ >= asked); });
                if (stopping_) return;
            }
            dispatcher_.wait_quiet();
            const std::lock_guard lock(mutex_);
            if (none_open() && wakes_seen_ >= wakes_asked_) return;
        }
    }

    void run() {
        if (options_.threads) return;
        for (;;) {
            {
                std::unique_lock lock(mutex_);
                if (stopping_ || !back_to_storage(lock)) return;
                if (meters_.scrub_pending) {
                    lock.unlock();
                    scrub();
                    lock.lock();
                }
                if (queue_.empty() && next_deadline() > environment_.clock.now()) {
                    wakes_seen_ = wakes_asked_;
                    lock.unlock();
                    if (!dispatcher_.step()) return;
                    continue;
                }
            }
            decide_group();
            // The storage fails: what is due stays due until somebody calls again.
            const std::lock_guard lock(mutex_);
            if (commit_failed_) return;
        }
    }

    Metrics metrics() const {
        Metrics out = meters_.read(environment_.clock.now());
        const std::lock_guard lock(mutex_);
        out.queue_length = queue_.size();
        out.waiting = broker_.waiting() + watch_.waiting();
        return out;
    }

    Health health() const {
        const std::lock_guard lock(mutex_);
        if (stopping_) return {false, "the node is stopping"};
        if (!last_failure_.empty()) {
            return {false, "the last commit failed: " + last_failure_};
        }
        return {};
    }

    Environment& environment() { return environment_; }
    KeyRing& ring() { return ring_; }
    JobBroker& broker() { return broker_; }
    CaseWatch& watch() { return watch_; }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        work_.notify_all();
        commit_.notify_all();
        idle_.notify_all();
        if (decider_.joinable()) decider_.join();
        if (committer_.joinable()) committer_.join();
        broker_.stop();
        watch_.stop();
        dispatcher_.stop();
        std::deque<Job> left;
        {
            const std::lock_guard lock(mutex_);
            left.swap(queue_);
        }
        for (Job& job : left) finish(job.done, stopping());
    }

  private:
    void add_local_effects() {
        environment_.local_effects.try_emplace(
            "print",
            [](const engine::Effect& effect, const engine::CaseState& state, WriteBatch& batch)
                -> Result<void> { return batch.put_print(state.id, effect.name, effect.payload); });
        environment_.local_effects.try_emplace(
            "message",
            [](const engine::Effect& effect, const engine::CaseState& state,
               WriteBatch& batch) -> Result<void> {
                if (state.started_by.empty()) return {};
                return batch.put_inbox(state.id, state.started_by, effect.name, effect.payload);
            });
    }

    // A deadline was added that may be earlier than what the decider sleeps for.
    void look_at_the_clock() {
        const std::lock_guard lock(mutex_);
        work_.notify_one();
    }

    void finish(const Callback& done, Result<Reply> reply) {
        done(std::move(reply));
        const std::lock_guard lock(mutex_);
        --open_jobs_;
        if (none_open()) idle_.notify_all();
    }

    bool none_open() const { return open_jobs_ == 0 && !answering_; }

    void fail_all(Group& group, const Error& error) {
        for (Answer& answer : group.answers) finish(answer.done, error);
    }

    // effect: one that is still to be done, for cases of this node.
    void finish_outbox(const OutboxRef& ref, std::optional<engine::Effect> effect,
                       std::function<void(Result<void>)> done) {
        Job job;
        job.tenant = ref.tenant;
        job.run = [ref, effect = std::move(effect)](Writer& writer, Stage& stage) -> Result<Reply> {
            if (effect) {
                SCHWARM_TRY_VOID(writer.deliver_effect(stage, ref, *effect));
                return Reply{};
            }
            stage.rows().erase(Space::outbox, keys::outbox(ref.tenant, ref.position, ref.key));
            return Reply{};
        };
        job.done = [done = std::move(done)](Result<Reply> reply) { done(without_reply(reply)); };
        submit(std::move(job), false);
    }

    // --- the decider ---------------------------------------------------------------------------

    void decide_groups() {
        while (wait_for_work()) decide_group();
    }

    void decide_group() {
        writer_.begin_group(rows_being_committed());
        run_timers();
        fill_group();
        hand_over(writer_.end_group());
    }

    Instant next_deadline() const {
        return std::min({writer_.next_wake(), broker_.next_deadline(), watch_.next_deadline()});
    }

    // After a failed commit what the writer knows comes from storage again. False: that failed
    // too, and what was queued has been answered so.
    bool back_to_storage(std::unique_lock<std::mutex>& lock) {
        if (!commit_failed_ && loaded_) return true;
        // The committer has nothing in hand: the failed group was the last one.
        commit_failed_ = false;
        loaded_ = false;
        lock.unlock();
        const auto loaded = writer_.reset();
        lock.lock();
        loaded_ = loaded.has_value();
        if (loaded_) return true;
        last_failure_ = loaded.error().text();
        reject_queue(lock, loaded.error());
        return false;
    }

    // False: stop.
    bool wait_for_work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            if (stopping_) return false;
            if (!back_to_storage(lock)) {
                work_.wait_for(lock, kScrubRetry, [&] { return stopping_ || !queue_.empty(); });
                continue;
            }
            const Instant now = environment_.clock.now();
            const Instant next = next_deadline();
            if (!queue_.empty() || next <= now) return true;
            if (wakes_seen_ < wakes_asked_) {
                // Nothing is due by this clock.
                wakes_seen_ = wakes_asked_;
                idle_.notify_all();
            }
            work_.wait_for(lock, std::min(next - now, kLongestSleep));
        }
    }

    void reject_queue(std::unique_lock<std::mutex>& lock, const Error& error) {
        std::deque<Job> rejected;
        rejected.swap(queue_);
        lock.unlock();
        for (Job& job : rejected) finish(job.done, error);
        lock.lock();
    }

    std::shared_ptr<const Overlay> rows_being_committed() {
        const std::lock_guard lock(mutex_);
        return committing_ != nullptr ? committing_->rows : nullptr;
    }

    void run_timers() {
        const Instant now = environment_.clock.now();
        std::vector<Job> answers;
        for (auto& answer : broker_.expired(now)) answers.push_back(answer_job(std::move(answer)));
        for (auto& answer : watch_.expired(now)) answers.push_back(answer_job(std::move(answer)));
        run_own(std::move(answers));
        const auto until = std::chrono::steady_clock::now() +
                           (others_lately() ? kTimerTimeBesideOthers : kTimerTime);
        do {
            auto jobs = writer_.due_timers(kTimersOfStep);
            if (jobs.empty()) return;
            run_own(std::move(jobs));
            // Half of the group is for the queue.
        } while (writer_.size() < options_.group_commands_max / 2 && !writer_.full() &&
                 std::chrono::steady_clock::now() < until);
    }

    bool others_lately() {
        const std::lock_guard lock(mutex_);
        if (!queue_.empty()) groups_beside_others_ = kGroupsBesideOthers;
        return groups_beside_others_ > 0;
    }

    void run_own(std::vector<Job> jobs) {
        {
            const std::lock_guard lock(mutex_);
            open_jobs_ += jobs.size();
        }
        for (Job& job : jobs) writer_.run(std::move(job));
    }

    // Changes nothing: what is to be done on the committing thread.
    static Job answer_job(std::function<void()> answer) {
        Job job;
        job.run = [](Writer&, Stage&) -> Result<Reply> { return Reply{}; };
        job.done = [answer = std::move(answer)](Result<Reply>) { answer(); };
        return job;
    }

    // Decides what is queued; as long as the committer is busy, also what arrives meanwhile.
    void fill_group() {
        std::size_t taken = 0;
        for (;;) {
            while (!writer_.full()) {
                Job job;
                {
                    const std::lock_guard lock(mutex_);
                    // After a failed commit this group is thrown away too.
                    if (queue_.empty() || commit_failed_) break;
                    if (committing_ == nullptr && taken >= kEnough) return;
                    job = std::move(queue_.front());
                    queue_.pop_front();
                    groups_beside_others_ = kGroupsBesideOthers + 1;
                }
                ++taken;
                writer_.run(std::move(job));
            }
            std::unique_lock lock(mutex_);
            const auto can_go = [&] { return committing_ == nullptr || stopping_; };
            if (writer_.full()) {
                work_.wait(lock, can_go);
            } else {
                work_.wait(lock, [&] { return can_go() || !queue_.empty(); });
            }
            if (stopping_ || commit_failed_ ||
                (can_go() && (queue_.empty() || taken >= kEnough || writer_.full()))) {
                if (groups_beside_others_ > 0) --groups_beside_others_;
                return;
            }
        }
    }

    void hand_over(std::shared_ptr<Group> group) {
        Error reason;
        {
            const std::lock_guard lock(mutex_);
            if (!commit_failed_ && !stopping_) {
                if (group->answers.empty() && group->rows->count() == 0) return;
                committing_ = group;
                commit_.notify_one();
            } else {
                reason = stopping_ ? stopping() : commit_error_;
            }
        }
        if (!reason.message.empty()) {
            fail_all(*group, reason);
        } else if (!options_.threads) {
            commit(group);
        }
    }

    // --- the committer -------------------------------------------------------------------------

    void commit_groups() {
        for (;;) {
            std::shared_ptr<Group> group;
            {
                std::unique_lock lock(mutex_);
                const auto ready = [&] { return committing_ != nullptr || stopping_; };
                if (meters_.scrub_pending) {
                    commit_.wait_for(lock, kScrubRetry, ready);
                } else {
                    commit_.wait(lock, ready);
                }
                group = committing_;
                if (group == nullptr && stopping_) return;
            }
            if (group != nullptr) commit(group);
            if (group == nullptr && meters_.scrub_pending) scrub();
        }
    }

    void commit(const std::shared_ptr<Group>& group) {
        const Result<void> result = write(*group);
        if (result.has_value() && (group->scrub || meters_.scrub_pending)) scrub();
        {
            const std::lock_guard lock(mutex_);
            committing_ = nullptr;
            answering_ = true;
            if (result.has_error()) {
                commit_failed_ = true;
                wakes_seen_ = 0;  // what was thrown away may be due again
                commit_error_ = result.error();
                last_failure_ = result.error().text();
            } else if (group->rows->count() > 0) {
                last_failure_.clear();
            }
        }
        work_.notify_one();
        answer(*group, result);
        const std::lock_guard lock(mutex_);
        answering_ = false;
        if (none_open()) idle_.notify_all();
    }

    void answer(Group& group, const Result<void>& result) {
        if (result.has_error()) {
            // It may be durable all the same, and nobody else would tell before the next start;
            // all of them look into the storage first.
            const bool maybe_done = result.error().code == ErrorCode::maybe_done;
            if (maybe_done) look_after(group);
            fail_all(group, result.error());
            if (!maybe_done) return;
            tell_workers(group);
            for (const auto& [tenant, row] : group.ended) watch_.may_have_ended(tenant, row.id);
            return;
        }
        look_after(group);
        for (Answer& answer : group.answers) finish(answer.done, std::move(answer.reply));
        tell_workers(group);
        for (const auto& [tenant, row] : group.ended) watch_.ended(tenant, row);
    }

    // For what is carried out after the commit.
    void look_after(const Group& group) {
        dispatcher_.add(group.outbox);
        for (const auto& hint : group.hints) hint();
    }

    void tell_workers(const Group& group) {
        for (const auto& [tenant, type] : group.jobs_available) broker_.available(tenant, type);
    }

    Result<void> write(const Group& group) {
        if (group.rows->count() == 0) return {};
        const auto begin = std::chrono::steady_clock::now();
        const Result<void> result = [&]() -> Result<void> {
            SCHWARM_TRY(transaction, environment_.storage.begin_write());
            SCHWARM_TRY_VOID(group.rows->write_to(*transaction));
            return transaction->commit();
        }();
        if (result.has_error()) {
            ++meters_.commits_failed;
            if (environment_.log) environment_.log("commit failed: " + result.error().text());
            return result;
        }
        meters_.commit_took(std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now() - begin));
        ++meters_.commits;
        meters_.rows_written += group.rows->count();
        meters_.group_last = group.commands;
        if (group.commands > meters_.group_max) meters_.group_max = group.commands;
        return {};
    }

    void scrub() { meters_.scrub_pending = environment_.storage.scrub().has_error(); }

    Environment environment_;
    const Options options_;
    Meters meters_;
    KeyRing ring_;
    Writer writer_;

    mutable std::mutex mutex_;
    std::condition_variable work_;    // for the decider
    std::condition_variable commit_;  // for the committer
    std::condition_variable idle_;
    std::deque<Job> queue_;
    std::shared_ptr<Group> committing_;
    int groups_beside_others_ = 0;  // so many more groups leave time to the queue
    std::size_t open_jobs_ = 0;     // submitted and not yet answered
    bool answering_ = false;        // what follows from a commit is not all under way
    std::uint64_t wakes_asked_ = 0;
    std::uint64_t wakes_seen_ = 0;
    bool stopping_ = false;
    bool commit_failed_ = false;
    bool loaded_ = true;
    Error commit_error_;
    std::string last_failure_;  // empty: the last commit succeeded

    Dispatcher dispatcher_;
    JobBroker broker_;
    CaseWatch watch_;
    std::thread decider_;
    std::thread committer_;
};

}  // namespace schwarm::runtime
