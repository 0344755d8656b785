// The node as `schwarm serve` puts it together, without pages and sockets, on a golden database.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "schwarm/runtime/runtime.hpp"
#include "schwarm/services/bindings.hpp"
#include "schwarm/services/catalogue.hpp"
#include "schwarm/services/deployed_starts.hpp"
#include "schwarm/services/deployments.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::compat {

namespace fs = std::filesystem;

inline constexpr const char* kDatabase = "schwarm.db";
// Who begins the cases.
inline constexpr const char* kApplicant = "applicant-17";

// Golden databases are written between these two times and opened at the second.
inline const Instant kWritten{std::chrono::milliseconds(1'767'225'600'000)};  // 2026-01-01
inline const Instant kOpened{kWritten + std::chrono::hours(12)};

const TenantId& tenant();
// Of every golden database, and of nothing else: it protects test data only.
crypto::Key node_key();
fs::path folder_of(const std::string& version);
std::string read_file(const fs::path& file);

class MovableClock final : public Clock {
  public:
    Instant now() const override { return Instant(std::chrono::milliseconds(now_)); }
    void set(Instant to) { now_ = to.time_since_epoch().count(); }

  private:
    std::atomic<std::int64_t> now_{kWritten.time_since_epoch().count()};
};

// Removed with all that is in it.
class Folder {
  public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

struct NodeOptions {
    Instant now = kOpened;
    // What cases send stays in the outbox.
    bool post_is_down = false;
    // Deployed before the runtime opens. May be empty.
    std::vector<std::string> packages;
};

// Throws std::runtime_error, with the reason, if it cannot be opened.
class Node {
  public:
    Node(const fs::path& folder, const NodeOptions& options);

    runtime::Runtime& runtime() { return *runtime_; }
    storage::Storage& storage() { return *storage_; }
    services::Deployments& deployments() { return deployments_; }
    const services::Deployments& deployments() const { return deployments_; }
    const services::Registry& registry() const { return registry_; }
    MovableClock& clock() { return clock_; }
    runtime::ReadView view() const;
    // Of the tenant, oldest first.
    std::vector<runtime::CaseRow> cases() const;
    std::vector<engine::Event> events(CaseId id) const;

    Result<runtime::Reply> submit(CaseId id, engine::CommandBody body,
                                  const std::string& actor = "clerk",
                                  const std::string& command_id = {});
    // Calls what answers by a callback and waits for the answer.
    template <class T>
    Result<T> ask(const std::function<void(std::function<void(Result<T>)>)>& call) {
        std::promise<Result<T>> promise;
        call([&](Result<T> answer) { promise.set_value(std::move(answer)); });
        auto answer = promise.get_future().get();
        runtime_->wait_idle();
        return answer;
    }
    // Timers that are due by then fire.
    void move_to(Instant to);

  private:
    void open(const fs::path& folder, const NodeOptions& options);

    MovableClock clock_;
    SystemRandom random_;
    std::unique_ptr<storage::Storage> storage_;
    services::Registry registry_;
    services::Deployments deployments_;
    services::DeployedStarts starts_{deployments_};
    services::Bindings bindings_{registry_, {}, &deployments_};
    std::unique_ptr<runtime::Runtime> runtime_;
};

// The value, or std::runtime_error with the reason.
template <class T>
T must(Result<T> result, const std::string& what) {
    if (result.has_error()) throw std::runtime_error(what + ": " + result.error().text());
    return std::move(result.value());
}
inline void must(const Result<void>& result, const std::string& what) {
    if (result.has_error()) throw std::runtime_error(what + ": " + result.error().text());
}

}  // namespace schwarm::compat
