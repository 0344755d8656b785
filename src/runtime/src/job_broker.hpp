// Who waits for jobs: requests of workers (long polling) and streams, served in the order in which
// they came. Thread-safe; calls `submit` and `notify` without holding its lock.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "writer.hpp"

namespace schwarm::runtime {

class JobBroker {
  public:
    // A job for the writer; bounded: may be refused if too much is queued.
    using Submit = std::function<void(Job, bool bounded)>;

    JobBroker(const Environment& environment, const Options& options, Submit submit,
              std::function<void()> notify);

    void request(JobRequest request, JobsCallback done);
    StreamId open_stream(JobStream stream, JobSink sink);
    void add_credit(StreamId stream, std::size_t jobs);
    void close_stream(StreamId stream);

    // A commit made jobs of this type available; after the answers of that commit.
    void available(const TenantId& tenant, const std::string& type);
    // When expired() has something to do next.
    Instant next_deadline() const;
    // Answers to be given on the committing thread.
    std::vector<std::function<void()>> expired(Instant now);
    void stop();
    std::size_t waiting() const;

  private:
    using Line = std::pair<TenantId, std::string>;
    using Ticket = std::uint64_t;
    struct Asker {
        Ticket ticket = 0;  // its place in the lines
        JobRequest request;
        JobsCallback done;  // of a request
        JobSink sink;       // of a stream
        StreamId stream = 0;
        std::size_t credit = 0;
        Instant deadline = Instant::max();
        bool parked = false;
        bool closed = false;
        std::uint64_t asked_at = 0;  // generation_ when this round began
    };
    using AskerPtr = std::shared_ptr<Asker>;

    void ask(const AskerPtr& asker, bool bounded);
    void ask_tenant(const AskerPtr& asker, std::size_t index, bool bounded);
    void answered(const AskerPtr& asker, std::size_t index, Result<void> result,
                  std::vector<ActivatedJob> jobs);
    void deliver(const AskerPtr& asker, Result<std::vector<ActivatedJob>> jobs);
    void round_is_over(const AskerPtr& asker);
    void park(const AskerPtr& asker);    // mutex_ held
    void unpark(const AskerPtr& asker);  // mutex_ held
    std::size_t wanted(const Asker& asker) const;

    const Environment& environment_;
    const Options& options_;
    const Submit submit_;
    const std::function<void()> notify_;

    mutable std::mutex mutex_;
    bool stopping_ = false;
    Ticket next_ticket_ = 1;
    StreamId next_stream_ = 1;
    std::uint64_t generation_ = 0;
    std::map<Line, std::uint64_t> available_at_;
    std::map<Line, std::map<Ticket, AskerPtr>> lines_;
    std::map<std::pair<Instant, Ticket>, AskerPtr> deadlines_;
    std::map<Ticket, AskerPtr> parked_;
    std::map<StreamId, AskerPtr> streams_;
};

}  // namespace schwarm::runtime
