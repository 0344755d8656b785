// A node that lies about the directory, and one that is no member. They have no keys but their own.
#pragma once

#include <set>
#include <string>

#include "schwarm/exchange/directory_sync.hpp"
#include "stage.hpp"

namespace schwarm::sim {

class Forger {
  public:
    explicit Forger(const Stage& stage);

    void plan(milliseconds troubles);
    // What the liar answers to a question for its directory: perhaps something else.
    std::string answer(std::string truth);
    // Nothing forged is in force anywhere.
    void check() const;

  private:
    void push(const exchange::DirectoryBatch& batch);
    void fork();
    void enter_for_another();
    void make_an_epoch();
    void vote_twice();
    void write_as_a_stranger();
    std::string forged_entry(const exchange::MemberId& member, std::uint64_t number,
                             const crypto::Hash& previous, Instant time);
    std::size_t victim() const;

    const Stage& stage_;
    exchange::KeyPair stranger_;
    std::set<crypto::Hash> forged_;  // hashes of entries
    std::string old_answer_;
    std::uint64_t strangers_ = 0;
};

}  // namespace schwarm::sim
