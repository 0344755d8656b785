// What the parts of App share.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "schwarm/app/app.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/services/bindings.hpp"

namespace schwarm::app {

// Counts per second over the last minute. Thread-safe.
class MinuteRate {
  public:
    void add(Instant now, std::uint64_t n = 1);
    std::uint64_t sum(Instant now) const;

  private:
    struct Second {
        std::int64_t second = 0;
        std::uint64_t count = 0;
    };
    mutable std::mutex mutex_;
    std::array<Second, 60> seconds_{};
};

// A case as loaded for a use case, already checked for access.
struct LoadedCase {
    engine::CaseState state;
    std::shared_ptr<const services::Package> package;
    services::TenantPtr tenant;
    std::string number;
};

struct App::Impl {
    Impl(runtime::Runtime& r, services::Registry& g, const Clock& c, Random& n, const Limits& l,
         Network* w, Evidence* e)
        : runtime(r),
          registry(g),
          bindings(g),
          clock(c),
          random(n),
          limits(l),
          network(w),
          evidence(e) {}

    runtime::Runtime& runtime;
    services::Registry& registry;
    services::Bindings bindings;
    const Clock& clock;
    Random& random;
    Limits limits;
    Network* network;    // may be null
    Evidence* evidence;  // may be null
    MinuteRate cases;
    // Metrics some seconds ago, to tell the rate of commits and commands.
    struct Sample {
        Instant at{};
        std::uint64_t commits = 0;
        std::uint64_t commands = 0;
    };
    std::mutex samples_mutex;
    std::deque<Sample> samples;

    // The case's state, if the principal may `action` it; else not_found. With a task, its
    // candidate groups count, else those of the service and of its open tasks.
    Result<LoadedCase> load(const Principal& principal, Action action, const TenantId& tenant,
                            CaseId id, std::optional<ElementKey> task = std::nullopt) const;
    // The offer, if the principal may `action` the service.
    Result<services::Offer> offer(const Principal& principal, Action action, const TenantId& tenant,
                                  const ServiceId& service) const;
    std::string number_of(const services::Package& package, Instant received, CaseId id) const;
    // Hands corrected answers to the case that waits for them.
    void correct(const Principal& principal, CaseId id, SubmitRequest request,
                 Callback<SubmitReply> done);
    // Takes a sample if the last one is old enough.
    void sample_metrics();
};

std::string_view language_of(forms::Lang lang);
// The principal's draft of a service.
std::string draft_id(const Principal& principal, const ServiceId& service);
// An id for a command that is the same for the same intent; empty for an empty key.
std::string command_id(const Principal& principal, std::string_view intent, std::string_view key);
CaseEntry case_entry(const LoadedCase& loaded, forms::Lang lang);
std::vector<MilestoneView> milestones_of(const LoadedCase& loaded, forms::Lang lang);
// Notices and uploads, oldest first.
Result<std::vector<DocumentEntry>> documents_of(const Principal& principal,
                                                const LoadedCase& loaded,
                                                const runtime::ReadView& view);
// From the newest kDecisionsCommands commands of the history.
Result<std::vector<DecisionView>> decisions_of(const LoadedCase& loaded,
                                               const runtime::ReadView& view);
inline constexpr std::size_t kDecisionsCommands = 200;
// The case that answers of a draft correct (App::begin_correction).
std::optional<CaseId> corrected_case(const feel::Value& answers);
bool waits_for(const engine::CaseState& state, std::string_view message);
// All variables visible from an element.
feel::Value visible_variables(const engine::CaseState& state, ElementKey from);

// The part of an upload's document name before its number.
inline constexpr std::string_view kUploadPrefix = "upload-";
inline constexpr std::uint64_t kUploadIdBase = 1'000'000;
inline constexpr std::uint64_t kReceivedIdBase = 2'000'000;

}  // namespace schwarm::app
