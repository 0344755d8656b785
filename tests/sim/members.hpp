// Who belongs to the federation: the founding, administrators who admit a newcomer and remove a
// member, entries that change, and what must hold of the directories.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "stage.hpp"

namespace schwarm::sim {

class Members {
  public:
    explicit Members(const Stage& stage) : stage_(stage) {}

    // Keys of all nodes; the founding file of all but the newcomer.
    void found(Surroundings& around);
    void plan(milliseconds troubles);

    // Who is to be removed at some time.
    bool leaves(std::size_t index) const { return removed_ == index; }
    bool joins(std::size_t index) const { return newcomer_ == index; }
    // Honest, and a member as the others see it now.
    bool counts(std::size_t index) const;
    // A request arrives: who is heard must be known here.
    void check_heard(Member& at, const Member& from, bool heard, bool directory) const;

    // A message of an honest node on the way to an epoch leaves: what it says must be durable
    // there, and contradict nothing that has left before.
    void check_vote(Member& from, const std::string& text);

    // All that is to happen has happened, and all honest members know the same.
    bool settled() const;
    void check() const;

  private:
    Member& reference() const;
    void ask_administrators();
    void change_an_entry();
    void order_keys();
    void check_keys() const;
    std::optional<std::string> difference() const;
    std::optional<std::string> undone() const;
    void check_slander() const;
    void check_alarms() const;

    const Stage& stage_;
    std::optional<std::size_t> newcomer_;
    std::optional<std::size_t> removed_;
    std::map<std::string, std::string> voted_;  // member, kind, predecessor, round: what
    std::set<crypto::Hash> seen_;               // statements
    bool to_admit_ = false;  // the administrators have heard of it
    bool to_remove_ = false;
};

}  // namespace schwarm::sim
