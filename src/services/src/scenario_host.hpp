// The node a scenario runs on: its clock, its database, its runtime, as the regime wants them. One
// thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/services/scenario.hpp"
#include "schwarm/storage/faulty.hpp"

namespace schwarm::services {

// Set by the scenario, read by the runtime's threads.
class StepClock final : public Clock {
  public:
    Instant now() const override { return Instant(std::chrono::milliseconds(ms_.load())); }
    void set(Instant to) { ms_.store(to.time_since_epoch().count()); }

  private:
    std::atomic<std::int64_t> ms_{0};
};

class ScenarioHost {
  public:
    // The clock begins on 2026-01-15 at 09:00 in Europe/Berlin. `regime` and what `definitions`
    // answers must outlive the host.
    ScenarioHost(const Regime& regime, runtime::DefinitionsSource definitions);
    ~ScenarioHost();

    static const TenantId& tenant();
    StepClock& clock() { return clock_; }
    bool is_open() const { return runtime_ != nullptr; }
    // Does nothing if the node is open.
    Result<void> open();
    // Carries out one command until it is known to have worked, or was rejected, and whatever
    // follows from it.
    Result<runtime::Reply> submit(CaseId id, engine::CommandBody body, std::string_view actor);
    // Lets timers fire that are due by the clock.
    Result<void> wake();
    // Only while the node is open.
    Result<runtime::ReadView> read() const { return runtime_->read(tenant()); }
    // Names of the messages that were sent out of cases, each sending once.
    Result<std::vector<std::string>> sent();

  private:
    Result<void> start_runtime();
    Result<void> restart();
    Result<runtime::Reply> submit_with_faults(const runtime::Submission& submission);
    Result<void> sent_out(const runtime::OutboxItem& item);

    const Regime& regime_;
    runtime::DefinitionsSource definitions_;
    StepClock clock_;
    SeededRandom random_;
    crypto::Key node_key_;
    StorageOpener opener_;
    std::unique_ptr<storage::Storage> database_;
    storage::FaultPlan plan_;
    std::unique_ptr<storage::FaultyStorage> faulty_;
    std::unique_ptr<runtime::Runtime> runtime_;  // after all it borrows
    std::uint64_t commands_ = 0;
    std::mutex mutex_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> sent_;  // by case and effect
};

}  // namespace schwarm::services
