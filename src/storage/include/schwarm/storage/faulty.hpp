// A decorator that fails on demand, for tests: the Nth call, a commit that fails, a commit whose
// answer is lost, a disk that says "durable" and is not.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "schwarm/storage/storage.hpp"

namespace schwarm::storage {

// What goes wrong. Shared by the test and the decorator; may be changed at any time from
// any thread. Calls are counted from 1: each begin, get, scan, put, erase, commit and scrub.
struct FaultPlan {
    // This call answers storage_failed and changes nothing; 0: never.
    std::atomic<std::uint64_t> fail_call{0};
    // The commit with this number (counted from 1) changes nothing and answers storage_failed.
    std::atomic<std::uint64_t> fail_commit{0};
    // The commit with this number is carried out, but answers maybe_done.
    std::atomic<std::uint64_t> lose_answer_of_commit{0};
    // Likewise maybe_done, but nothing was changed.
    std::atomic<std::uint64_t> drop_commit{0};
    // From this commit on (counted from 1) all of them change nothing and answer storage_failed, as
    // on a full disk; 0: never.
    std::atomic<std::uint64_t> fail_from_commit{0};
    // From now on a commit is visible, but lost by power_cut().
    std::atomic<bool> disk_lies{false};

    std::atomic<std::uint64_t> calls{0};
    std::atomic<std::uint64_t> commits{0};
};

class FaultyStorage : public Storage {
  public:
    // Takes back all commits that only a lying disk called durable. No transaction or reader may
    // be open.
    virtual Result<void> power_cut() = 0;
};

// plan and inner must outlive the decorator.
std::unique_ptr<FaultyStorage> make_faulty_storage(Storage& inner, FaultPlan& plan);

}  // namespace schwarm::storage
