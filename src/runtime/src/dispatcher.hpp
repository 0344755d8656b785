// Carries out what leaves the node: after the commit, on a thread of its own, at least once.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "key_ring.hpp"
#include "meters.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "stage.hpp"

namespace schwarm::runtime {

class Dispatcher {
  public:
    // Asks the writer to erase a delivered row, after it has carried out the effect itself if one
    // is given; calls back when that is durable, or failed.
    using Finish = std::function<void(const OutboxRef&, std::optional<engine::Effect>,
                                      std::function<void(Result<void>)>)>;

    Dispatcher(const Environment& environment, const Options& options, const KeyRing& ring,
               Meters& meters, Finish finish);
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    // What an earlier run left.
    Result<void> load(const std::vector<TenantId>& tenants);
    void start();
    void stop();

    // Carries out one item that is due, on the calling thread; false: there is none.
    bool step();

    void add(const std::vector<OutboxRef>& items);
    // Looks at the clock again.
    void wake();
    // No item that can be carried out was never tried, and none is being carried out.
    void wait_quiet();

  private:
    struct Entry {
        std::uint32_t attempts = 0;
        Instant next{};        // not before
        bool running = false;  // handed to a handler, or its row is being erased
        bool parked = false;   // nobody handles this kind
        bool again = false;    // added while it was running
    };

    void work();
    // The item to try now; nothing if none is due. Under the lock.
    std::optional<OutboxRef> choose(Instant now) const;
    std::optional<Instant> next_due() const;
    bool quiet() const;
    struct Outcome {
        enum class Next { parked, no_row, erase_row };
        Next next = Next::erase_row;
        std::optional<engine::Effect> effect;  // before its row goes this is for the writer
    };
    Result<Outcome> carry_out(const OutboxRef& ref, std::uint32_t attempts);
    void settle(const OutboxRef& ref, const Result<void>& result);
    // There is no row: its commit did not come about. The position may be given to another command
    // at any time, so the row must not be erased.
    void forget(const OutboxRef& ref);

    const Environment& environment_;
    const Options& options_;
    const KeyRing& ring_;
    Meters& meters_;
    const Finish finish_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<OutboxRef, Entry> entries_;  // guarded by mutex_
    bool stopping_ = false;               // guarded by mutex_
    std::thread thread_;
};

}  // namespace schwarm::runtime
