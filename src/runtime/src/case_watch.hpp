// Who waits for the end of a case. Thread-safe.
#pragma once

#include <cstdint>
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
    // After a commit in which it ended and of which nobody knows whether it was made.
    void may_have_ended(const TenantId& tenant, CaseId id);
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

    // first: of await(); in_doubt: an error leaves the watcher waiting.
    enum class Look : std::uint8_t { first, last, in_doubt };
    // Reads the row; answers it if the case has ended or nobody is to wait any more.
    void look(const WatcherPtr& watcher, Look kind);
    void keep(const WatcherPtr& watcher);
    std::map<std::uint64_t, WatcherPtr> take(const CaseName& name);

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
