// The storage seam: ordered key-value spaces, one writer, snapshots for readers. No SQL in it.
//
// Keys are byte strings, ordered as unsigned bytes, and begin with the tenant (key.hpp makes
// them). Values are byte strings. Implementations: MemoryStorage (memory.hpp), FaultyStorage (a
// decorator, faulty.hpp), SQLite (module storage_sqlite). All pass the one conformance suite
// (test/conformance.hpp). An addition to this header needs a decision record.
//
// Threads: a Storage may be used from any thread; a transaction or reader by one thread at a time.
// Lifetime: transactions and readers must be destroyed before their Storage.
// Errors: storage_failed (nothing was changed), maybe_done (only from commit(): it is not known),
// corrupt, limit_exceeded, conflict (a second write transaction at the same time).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "schwarm/base/result.hpp"

namespace schwarm::storage {

// The order is part of the backup format: append only.
enum class Space : std::uint8_t {
    meta,           // per tenant counters, chain heads; node-wide settings under the empty tenant
    keys,           // wrapped keys, the only space a backup keeps in a separate file
    events,         // one row a command: clear header, sealed body
    state,          // one row a case, sealed
    timers,         // by due time
    outbox,         // effects still to be carried out
    documents,      // sealed
    cases,          // one search row a case, nothing personal
    tasks,          // open user tasks by candidate group
    subscriptions,  // open subscriptions of messages and signals
    persons,        // keyed hash of a personal value -> case
    audit,          // sealed lines, chained
    drafts,         // sealed under session keys
    packages,       // deployed packages
    deletions,      // who deleted what, when, by which rule
    done,           // command ids already carried out, with their answers
    print,          // the print queue
    inbox,          // messages to a person's inbox
    settings,       // tenant settings
    jobs,           // open jobs of external workers by type
    incidents,      // open incidents
    messages,       // messages kept until somebody waits for them
    starts,         // start events by time, and which instances a message started
    batches,        // operations on many cases, with how far they are
    exchange,       // messages to and from other tenants, conversations
    directory,      // what the node knows of the network, under the empty tenant
};
inline constexpr std::size_t kSpaceCount = 26;

// Names of the spaces, as in schema/ and in messages.
std::string_view name_of(Space space);

inline constexpr std::size_t kMaxKeySize = 512;
inline constexpr std::size_t kMaxValueSize = std::size_t{64} << 20;

// Keys k with from <= k < to; an empty `to` means no upper end. At most `limit` rows, in ascending
// order, or descending (beginning with the last row before `to`) if `reverse`.
struct ScanRange {
    std::string from;
    std::string to;
    std::size_t limit = SIZE_MAX;
    bool reverse = false;
};

// Called for each row; the views live until it returns. false ends the scan.
using Visitor = std::function<bool(std::string_view key, std::string_view value)>;

// A consistent view: a snapshot of what was committed when it was begun.
class Reader {
  public:
    virtual ~Reader() = default;
    Reader() = default;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    virtual Result<std::optional<std::string>> get(Space space, std::string_view key) = 0;
    virtual Result<void> scan(Space space, const ScanRange& range, const Visitor& visit) = 0;
};

// The one writer. Sees its own changes. Destroying it without commit() rolls back.
class WriteTransaction : public Reader {
  public:
    virtual Result<void> put(Space space, std::string_view key, std::string_view value) = 0;
    // Erasing a key that is not there is no error.
    virtual Result<void> erase(Space space, std::string_view key) = 0;
    // Durable when it answers success. Afterwards, whatever the answer, the transaction is over.
    virtual Result<void> commit() = 0;
};

class Storage {
  public:
    virtual ~Storage() = default;
    Storage() = default;
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;

    virtual Result<std::unique_ptr<Reader>> begin_read() = 0;
    virtual Result<std::unique_ptr<WriteTransaction>> begin_write() = 0;
    // Makes sure that what was erased by committed transactions can be read from no file of this
    // storage any more (database, log). Must not be called while a write transaction is open.
    // unavailable if readers still hold an older snapshot: call again later.
    virtual Result<void> scrub() = 0;
};

// Copies the rows of the spaces for which `wanted` holds from a snapshot into an empty storage,
// in transactions of about `batch_bytes`. Answers the number of rows. Serves backup and restore.
Result<std::uint64_t> copy_rows(Reader& from, Storage& to, const std::function<bool(Space)>& wanted,
                                std::size_t batch_bytes = std::size_t{4} << 20);

// The first key after all keys that begin with `prefix`; empty if there is none.
std::string prefix_end(std::string_view prefix);
// All keys that begin with `prefix`.
ScanRange prefix_range(std::string_view prefix, std::size_t limit = SIZE_MAX, bool reverse = false);

}  // namespace schwarm::storage
