// A network of members on one thread: messages are lost, doubled and reordered, nodes crash before
// and after they store, links break, and some members lie. A run is a seed.
//
// A liar runs two nodes with one key, which know nothing of one another, and changes some of what
// it says besides; it uses nothing but its own key.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "directory/rows.hpp"
#include "directory/world.hpp"
#include "schwarm/exchange/directory.hpp"

namespace schwarm::exchange::test {

class Simulation {
  public:
    Simulation(unsigned seed, const Cryptography& cryptography);

    // Everything goes wrong that may; then all links are good. Ends early once every honest node
    // has an epoch beyond the founding one.
    void run();

    // Contents for which more than two thirds have signed, by predecessor, whoever knows of it.
    bool two_valid_epochs() const;
    bool all_decided() const;
    std::size_t decided() const;  // honest nodes beyond the founding epoch
    std::set<LieKind> proven_lies() const;
    bool proven_forks() const;
    // An honest member that somebody holds a proof against.
    std::optional<std::string> slandered() const;
    bool disputed() const;

    std::size_t members = 0;
    std::size_t liars = 0;
    std::size_t crashes = 0;
    std::size_t lost = 0;
    std::size_t restored = 0;  // came back from a backup, without what it had voted since

  private:
    struct Node {
        Author* author = nullptr;
        bool liar = false;
        bool up = true;
        bool restored = false;  // ever
        MemoryRows rows;
        std::unique_ptr<SeededRandom> random;
        std::optional<Directory> directory;
        std::optional<Membership> membership;
        crypto::Hash following{};
    };
    struct Letter {
        std::int64_t due;
        std::uint64_t order;
        MemberId from;
        std::size_t to;  // node
        std::string text;
        bool operator>(const Letter& other) const {
            return std::tie(due, order) > std::tie(other.due, other.order);
        }
    };

    std::uint64_t pick(std::uint64_t below) { return dice_() % below; }
    bool chance(unsigned percent) { return pick(100) < percent; }
    Instant now() const { return kStart + kDay + std::chrono::milliseconds(ms_); }
    void start(Node& node);
    void crash(Node& node);
    void follow(Node& node);
    void restore(Node& node);
    void apply(Node& node, MembershipAnswer answer);
    void post(Node& node, MembershipMessage message);
    void watch(const std::string& text);
    void lie(Node& node, MembershipMessage& message);
    std::string forge(const Node& node, Vote vote);
    void step();
    void sync(Node& a, Node& b);
    void enter(Node& node);
    bool was_restored(const MemberId& member) const;
    bool connected(const Node& a, const MemberId& to) const;

    std::mt19937 dice_;
    const Cryptography& cryptography_;
    SeededRandom random_;
    std::list<Author> authors_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::string founding_;
    std::int64_t ms_ = 0;
    bool chaos_ = true;
    unsigned loss_ = 0;
    unsigned crash_ = 0;
    std::size_t restores_max_ = 0;  // of different members
    std::set<MemberId> island_;     // cut off from the others
    std::uint64_t order_ = 0;
    std::vector<Letter> letters_;  // a heap
    std::map<std::tuple<crypto::Hash, std::uint64_t, crypto::Hash>, std::set<MemberId>> signed_;
};

}  // namespace schwarm::exchange::test
