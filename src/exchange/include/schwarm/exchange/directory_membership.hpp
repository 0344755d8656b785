// One member's part in making the next epoch (docs/decisions/0010-network.md, "Epochs").
//
// A state machine without disk, sockets or threads. Every call answers with rows that must be
// durable BEFORE any of its messages is sent (directory_rows.hpp), so that a crash never lets the
// member vote twice. Messages may be lost, doubled and reordered; `from` must have been proved by
// the transport. Not thread-safe.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/exchange/directory_rows.hpp"
#include "schwarm/exchange/directory_vote.hpp"
#include "schwarm/json/value.hpp"

namespace schwarm::exchange {

struct MembershipSettings {
    // How long a proposer has, and how long a member that promised leaves others waiting.
    std::chrono::milliseconds round_time{10'000};
    std::chrono::milliseconds resend{2'000};
    // Rounds may be used up at one lap of all members a second beyond these, so that a liar cannot
    // exhaust them.
    std::uint64_t laps_ahead = 3600;
};

enum class Judgement : std::uint8_t {
    accept,
    wait,    // entries are missing here; the proposer asks again
    refuse,  // it is not true, or the own administrator has not agreed
};

// What the member itself thinks of a proposed content (Directory implements it).
class MembershipJudge {
  public:
    virtual ~MembershipJudge() = default;
    virtual Judgement judge(const Epoch& before, const EpochContent& proposed,
                            Instant now) const = 0;
};

struct MembershipMessage {
    MemberId to;
    std::string text;
};

struct MembershipAnswer {
    std::vector<DirectoryRow> rows;           // first
    std::vector<MembershipMessage> messages;  // then
    std::vector<Lie> lies;                    // proven here; for Directory::accept
    std::optional<Epoch> decided;             // verified: the successor of the epoch followed
    std::vector<std::string> epochs;          // of others, unverified: for Directory::accept
};

inline constexpr std::size_t kMembershipMessageMax = std::size_t{1} << 20;

class Membership {
  public:
    // All three outlive this object.
    Membership(const Cryptography& cryptography, const MembershipJudge& judge, Random& random,
               MemberId self, MembershipSettings settings = {});

    // Takes part in making the successor of `tip`, with the operator key that `tip` lists for this
    // member; `stored` is the row vote/<hash of tip>, if there is one. Call it at the start and
    // whenever the directory's epoch changes. corrupt: the row; invalid_input: not the key that
    // `tip` lists. A node that is no member of `tip` only hands on epochs.
    Result<MembershipAnswer> follow(const Epoch& tip, const KeyPair& key,
                                    const std::optional<std::string>& stored);
    // The row for an epoch after which this member may have voted without knowing it any more: it
    // comes from a backup (docs/decisions/0013-restore.md, "Votes"). `stored`: what the backup has
    // of it. It votes only after others have promised it a round above all that it can have
    // reached and reported what they have signed.
    Result<DirectoryRow> forgotten(const Epoch& tip, const std::optional<std::string>& stored,
                                   Instant now) const;
    // Votes for nothing until the next follow(): the network's history is in dispute.
    void stop() { tip_.reset(); }

    // Tries to make an epoch of `content` until one is decided, whichever it is.
    MembershipAnswer propose(const EpochContent& content, Instant now);
    // Starts no further round for what propose() was given.
    void rest() {
        if (!attempt_) wanted_.reset();
    }
    bool proposing() const { return wanted_.has_value(); }
    MembershipAnswer handle(const MemberId& from, std::string_view text, Instant now);
    // Call it at least every `resend`.
    MembershipAnswer tick(Instant now);

  private:
    struct Held {  // the row
        std::uint64_t promised = 0;
        std::string promise;  // JWS; empty if `promised` was raised by a vote
        std::uint64_t assent_round = 0;
        crypto::Hash assent_content{};
        std::string assent;
        std::uint64_t signature_round = 0;
        std::string signature_content;  // text
        std::vector<std::string> certificate;
        std::string signature;
        bool closed = false;     // a successor is known: never vote here again
        bool forgotten = false;  // may have voted more than stands here: recall first
    };
    struct Promised {
        std::string jws;
        std::optional<Locked> locked;
        std::string content;  // text of what is locked
        std::vector<std::string> certificate;
    };
    struct Attempt {  // the own round
        std::uint64_t round = 0;
        Instant started;
        Instant sent;
        std::map<MemberId, Promised> promises;
        std::string proposal;  // JWS, once there are enough promises
        std::string content;   // text
        crypto::Hash hash{};
        std::map<MemberId, std::string> assents;
        std::vector<std::string> certificate;  // once there are enough assents
        std::map<MemberId, std::string> signatures;
    };
    struct Seen {  // what another member has said, to find lies
        Vote vote;
        std::string jws;
        bool shown;  // to all others, because somebody voted for another content
    };

    static std::string write_held(const crypto::Hash& predecessor, const Held& held);
    static Result<Held> read_held(std::string_view text, const crypto::Hash& predecessor);

    std::string simple(std::string_view type, std::uint64_t round) const;
    static std::string statement(std::string_view type, const std::string& jws);
    std::size_t quorum() const;
    bool is_open() const { return tip_ && mine_ && !held_.closed; }
    std::uint64_t round_limit(const Epoch& tip, Instant now) const;
    std::uint64_t round_limit(Instant now) const { return round_limit(*tip_, now); }
    void store(MembershipAnswer& out) const;
    void send(MembershipAnswer& out, const MemberId& to, std::string text);
    void send_all(MembershipAnswer& out, const std::string& text);
    void drain(MembershipAnswer& out, Instant now);
    void start_round(MembershipAnswer& out, Instant now);
    void send_phase(MembershipAnswer& out, Instant now, bool again);
    void make_proposal(MembershipAnswer& out, Instant now);
    // Who has forgotten goes on with what the others have reported, once these are enough.
    void recall(MembershipAnswer& out);
    static const Promised* highest_report(const std::map<MemberId, Promised>& promises);
    void dispatch(MembershipAnswer& out, const MemberId& from, std::string_view text, Instant now);
    void on_ask(MembershipAnswer& out, const MemberId& from, std::uint64_t round, Instant now);
    void on_behind(std::uint64_t round, Instant now);
    void on_forgotten(MembershipAnswer& out, const MemberId& from, std::uint64_t round);
    void on_promise(MembershipAnswer& out, const MemberId& from, const json::Value& message,
                    Instant now);
    void on_proposal(MembershipAnswer& out, const std::string& jws, Instant now);
    void on_assent(MembershipAnswer& out, const std::string& jws, Instant now);
    void on_certificate(MembershipAnswer& out, const MemberId& from, const json::Value& message);
    void on_signature(MembershipAnswer& out, const std::string& jws);
    void on_epoch(MembershipAnswer& out, const std::string& text);
    void decide(MembershipAnswer& out, Epoch epoch);
    // Verifies, remembers and compares with what the member said before.
    std::optional<Vote> hear(MembershipAnswer& out, const std::string& jws);

    const Cryptography& cryptography_;
    const MembershipJudge& judge_;
    Random& random_;
    MemberId self_;
    MembershipSettings settings_;

    std::optional<Epoch> tip_;
    bool mine_ = false;  // this node is a member of tip_
    KeyPair key_;
    Held held_;
    std::optional<EpochContent> wanted_;
    std::optional<Attempt> attempt_;
    std::uint64_t attempts_ = 0;
    std::uint64_t round_hint_ = 0;  // rounds that others have reached
    Instant next_attempt_{};
    Instant busy_until_{};  // another's round is under way
    MemberId busy_with_;
    bool decided_ = false;
    // While it has forgotten: what others have promised it, in whichever of its rounds since, and
    // who has itself forgotten.
    std::map<MemberId, Promised> recalled_;
    std::set<MemberId> forgetful_;
    std::map<MemberId, std::vector<Seen>> seen_;
    std::deque<std::string> to_self_;
};

}  // namespace schwarm::exchange
