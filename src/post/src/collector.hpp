// The documents of messages that have arrived: asked for at the sender's node until all are there.
//
// A message with documents is held. Its segments are asked for in groups, opened for proof, and
// stored as they came, each group in a write of its own; a broken link or a restart goes on with
// the first that is missing. The end is a row (Collected); then the message's turn may come.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "manifest.hpp"
#include "meters.hpp"
#include "rows.hpp"
#include "schwarm/exchange/envelope.hpp"

namespace schwarm::post {

// Thread-safe. Never calls the runtime or the transport while it holds its lock. Of one member one
// group is asked for at a time, of all together kAtOnce, so that the memory is bounded.
class Collector {
  public:
    // A message of this conversation may have its turn now.
    using Settled = std::function<void(const TenantId&, const std::string& conversation)>;

    Collector(const Environment& environment, const Options& options, Meters& meters)
        : environment_(environment), options_(options), meters_(meters) {}

    // Finds what is held since before the start.
    Result<void> load(runtime::Runtime& runtime, const std::vector<TenantId>& tenants,
                      Settled settled);
    // There may be a held message with documents in this row.
    void look(const TenantId& tenant, std::string held_key);
    Instant tick();
    void heard_of(const exchange::MemberId& member);

  private:
    static constexpr std::size_t kAtOnce = 4;

    struct Job {
        TenantId tenant;
        std::string held_key;
        exchange::Envelope envelope;  // without its body
        std::size_t index = 0;        // of the document that is being collected
        // Of that document; null: how much is stored is to be looked up.
        std::unique_ptr<exchange::DocumentOpener> opener;
        std::optional<Collected> end;
    };
    using JobPtr = std::shared_ptr<Job>;
    // A member that has documents for us.
    struct Peer {
        std::deque<JobPtr> jobs;
        bool under_way = false;
        Instant next{};  // not before
        std::uint32_t failures = 0;
    };
    using Place = std::pair<TenantId, std::string>;

    void take_fresh();
    Result<void> take(const Place& place);
    void start(const exchange::MemberId& member, const JobPtr& job, bool probe);
    // How far it is; false: it has ended.
    Result<bool> prepare(Job& job);
    Result<bool> resume(const runtime::ReadView& view, Job& job);
    void ask(const exchange::MemberId& member, const JobPtr& job, std::size_t most);
    void answered(const exchange::MemberId& member, const JobPtr& job, std::size_t most,
                  const Result<std::string>& answer);
    // As many as are what they should be.
    std::vector<std::string> open(Job& job, std::string_view bytes, std::size_t most);
    void store(const exchange::MemberId& member, const JobPtr& job, std::uint64_t first,
               std::vector<std::string> segments);
    void note_end(const exchange::MemberId& member, const JobPtr& job);
    void went_on(const exchange::MemberId& member);
    void failed(const exchange::MemberId& member);

    const Environment& environment_;
    const Options& options_;
    Meters& meters_;
    runtime::Runtime* runtime_ = nullptr;
    Settled settled_;

    std::mutex mutex_;
    std::vector<Place> fresh_;
    std::set<Place> known_;
    std::map<exchange::MemberId, Peer> peers_;
};

}  // namespace schwarm::post
