// Which other node is asked, and when, for what is missing in the directory; who proposes epochs;
// who is heard; and how a node that comes back from a backup learns (docs/decisions/0013-restore).
//
// Without sockets and threads: the host brings questions and messages to the other nodes. All
// functions may be called from any thread, but not on the runtime's.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "network_directory.hpp"
#include "schwarm/server/config.hpp"

namespace schwarm::server {

class DirectoryExchange {
  public:
    // Brings a question to another member; its answer goes to answered().
    using Ask = std::function<void(const exchange::MemberId&, std::string question)>;
    // References outlive this object.
    DirectoryExchange(NetworkDirectory& directory, const Clock& clock, Random& random,
                      const std::vector<NetworkPeer>& peers, Ask ask);

    // Once the directory is open.
    void start();
    std::vector<exchange::MemberId> others() const;
    // Of the configuration and of the cards that the operator has agreed to, without keys that
    // their members have given up.
    std::vector<NetworkPeer> peers(const std::function<bool(const NetworkPeer&)>& wanted) const;
    // Of a request that came with this TLS key. `awaited`: who is to join may ask too, so that its
    // chain is known before it is a member.
    std::optional<exchange::MemberId> sender(const std::string& tls_key, bool awaited) const;

    // After a restore, as long as directory.restored(): whether the others have said all they know;
    // until then it asks them.
    bool learn();

    // Whether the member at this place of the list proposes epochs at this time: the first always,
    // so that they do not hinder one another, and the others in turns, since the first may be away,
    // restored or about to go.
    static bool proposes(std::size_t place, std::size_t members, Instant now);

    struct Round {
        std::vector<exchange::MembershipMessage> messages;  // to be sent now
        bool all_known = true;                              // false: look around soon
    };
    // Asks one of the others and goes on with membership.
    Round synchronise();
    // What a member has answered; asks again while one of both lacks something, but no more often
    // in a row than an honest one needs.
    Result<void> answered(const exchange::MemberId& member, std::string_view answer);

  private:
    void ask(const exchange::MemberId& member);
    bool has_learned(const std::vector<exchange::MemberId>& others) const;

    NetworkDirectory& directory_;
    const Clock& clock_;
    Random& random_;
    const std::vector<NetworkPeer>& peers_;
    const Ask ask_;
    Instant started_{};
    mutable std::mutex mutex_;
    std::map<exchange::MemberId, int> in_a_row_;  // questions
    std::set<exchange::MemberId> heard_;  // after a restore: they know nothing that is missing here
};

}  // namespace schwarm::server
