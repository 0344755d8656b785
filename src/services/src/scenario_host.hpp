// The node a scenario runs on: its clock, its database, its runtime, as the regime wants them. One
// thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
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
    // answers must outlive the host, `starts` as well; it may be null.
    ScenarioHost(const Regime& regime, runtime::DefinitionsSource definitions,
                 const runtime::StartSource* starts);
    ~ScenarioHost();

    static const TenantId& tenant();
    StepClock& clock() { return clock_; }
    bool is_open() const { return runtime_ != nullptr; }
    // Does nothing if the node is open.
    Result<void> open();
    // Carries out one command until it is known to have worked, or was rejected, and whatever
    // follows from it.
    Result<runtime::Reply> submit(CaseId id, engine::CommandBody body, std::string_view actor);
    // From outside, to whatever waits for it: Runtime::correlate_message, publish_message (`keep`)
    // and broadcast_signal.
    Result<runtime::Published> message(const runtime::Message& message, bool keep,
                                       const std::string& actor);
    Result<void> signal(const std::string& name, const engine::Variables& variables,
                        const std::string& actor);
    // Carries out an operation on many cases and answers how it ended.
    Result<runtime::BatchRow> batch(const runtime::BatchOrder& order, const std::string& actor);
    // What begins by itself has changed. Only while the node is open.
    Result<void> deployed();
    // Lets timers fire that are due by the clock.
    Result<void> wake();
    // Only while the node is open.
    Result<runtime::ReadView> read() const { return runtime_->read(tenant()); }

    // A message that left a case, with its body. Kept only without `starts`: what plain models send
    // reaches each other.
    struct Sent {
        CaseId case_id;
        std::string name;
        feel::Value body;
    };
    std::vector<Sent> sent() const;  // of each case in order

  private:
    Result<void> start_runtime();
    Result<void> restart();
    Result<void> restart_with_faults();
    Result<runtime::Reply> submit_with_faults(const runtime::Submission& submission);
    bool settle();
    template <class T>
    Result<T> ask_until_known(const std::function<void(std::function<void(Result<T>)>)>& call);
    template <class T>
    Result<T> ask(const std::function<void(std::function<void(Result<T>)>)>& call);

    const Regime& regime_;
    runtime::DefinitionsSource definitions_;
    const runtime::StartSource* starts_;
    StepClock clock_;
    SeededRandom random_;
    crypto::Key node_key_;
    StorageOpener opener_;
    std::unique_ptr<storage::Storage> database_;
    storage::FaultPlan plan_;
    std::unique_ptr<storage::FaultyStorage> faulty_;
    mutable std::mutex sent_mutex_;                                 // the dispatcher's thread adds
    std::map<std::pair<std::uint64_t, std::uint64_t>, Sent> sent_;  // by case and effect
    std::unique_ptr<runtime::Runtime> runtime_;                     // after all it borrows
    std::uint64_t commands_ = 0;
};

}  // namespace schwarm::services
