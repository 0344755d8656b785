// Who waits for the end of a case. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "job_broker.hpp"

namespace schwarm::runtime {

class CaseWatch {
  public:
    CaseWatch(const Environment& environment, const Options& options, JobBroker::Submit submit,
              std::function<void()> notify)
        : environment_(environment),
          options_(options),
          submit_(std::move(submit)),
          notify_(std::move(notify)) {}

    void await(const TenantId& tenant, CaseId id, std::chrono::milliseconds wait,
               CaseCallback done);
    // After the commit in which the case ended.
    void ended(const TenantId& tenant, const CaseRow& row);
    Instant next_deadline() const;
    std::vector<std::function<void()>> expired(Instant now);
    void stop();
    std::size_t waiting() const;

  private:
    struct Watcher {
        std::uint64_t number = 0;
        CaseName name;
        Instant deadline;
        CaseCallback done;
    };
    using WatcherPtr = std::shared_ptr<Watcher>;

    // Reads the row; answers it if the case has ended or nobody is to wait any more.
    void look(const WatcherPtr& watcher, bool bounded);
    void keep(const WatcherPtr& watcher);

    const Environment& environment_;
    const Options& options_;
    const JobBroker::Submit submit_;
    const std::function<void()> notify_;
    mutable std::mutex mutex_;
    bool stopping_ = false;
    std::uint64_t next_number_ = 1;
    std::map<CaseName, std::map<std::uint64_t, WatcherPtr>> watchers_;
    std::map<std::pair<Instant, std::uint64_t>, WatcherPtr> deadlines_;
};

}  // namespace schwarm::runtime
