#include "directory_exchange.hpp"

#include <algorithm>
#include <array>

namespace schwarm::server {
namespace {

using exchange::MemberId;

// After a restore.
constexpr auto kLearnFromAll = std::chrono::minutes(10);
constexpr auto kLearnAlone = std::chrono::seconds(10);
// Of one member to propose epochs: two rounds.
constexpr auto kTurn = std::chrono::seconds(20);

// Of some thousand entries each; then others come first.
constexpr int kInARowMax = 50;

}  // namespace

DirectoryExchange::DirectoryExchange(NetworkDirectory& directory, const Clock& clock,
                                     Random& random, const std::vector<NetworkPeer>& peers, Ask ask)
    : directory_(directory), clock_(clock), random_(random), peers_(peers), ask_(std::move(ask)) {}

void DirectoryExchange::start() {
    started_ = clock_.now();
}

std::vector<MemberId> DirectoryExchange::others() const {
    std::vector<MemberId> out;
    for (const exchange::EpochMember& one : directory_.now()->tip().content.members) {
        if (one.member != directory_.self()) out.push_back(one.member);
    }
    return out;
}

std::vector<NetworkPeer> DirectoryExchange::peers(
    const std::function<bool(const NetworkPeer&)>& wanted) const {
    std::vector<NetworkPeer> out;
    const auto directory = directory_.now();
    for (const auto& list : {peers_, directory_.remembered()}) {
        for (const NetworkPeer& peer : list) {
            if (!wanted(peer)) continue;
            const auto key = parse_hash(peer.key);
            if (key.has_error() || directory->gave_up(MemberId(peer.member), key.value())) continue;
            out.push_back(peer);
        }
    }
    return out;
}

std::optional<MemberId> DirectoryExchange::sender(const std::string& tls_key, bool awaited) const {
    if (const auto member = directory_.member_of(tls_key)) return member;
    // A founding member that has not told the directory its key yet, who is to join, or who has
    // exchanged its key while this node was away.
    const auto holds = [&](const NetworkPeer& peer) { return peer.key == tls_key; };
    for (const NetworkPeer& peer : peers(holds)) {
        const MemberId member(peer.member);
        if (directory_.now()->admitted(member)) return member;
        if (awaited && directory_.awaits(member)) return member;
    }
    return std::nullopt;
}

bool DirectoryExchange::has_learned(const std::vector<MemberId>& others) const {
    const auto row = directory_.restored();
    const auto heard = static_cast<std::size_t>(
        std::count_if(others.begin(), others.end(),
                      [this](const MemberId& one) { return heard_.contains(one); }));
    const auto waited = clock_.now() - started_;
    if (heard == others.size()) return true;
    if (row && row->alone && waited >= kLearnAlone) return true;
    return waited >= kLearnFromAll && 3 * (heard + 1) > 2 * (others.size() + 1);
}

bool DirectoryExchange::learn() {
    std::vector<MemberId> asked;
    {
        const auto all = others();
        const std::lock_guard lock(mutex_);
        if (has_learned(all)) return true;
        for (const MemberId& one : all) {
            if (!heard_.contains(one)) asked.push_back(one);
        }
    }
    for (const MemberId& one : asked) ask(one);
    return false;
}

void DirectoryExchange::ask(const MemberId& member) {
    {
        const std::lock_guard lock(mutex_);
        in_a_row_[member] = 0;
    }
    ask_(member, directory_.question());
}

bool DirectoryExchange::proposes(std::size_t place, std::size_t members, Instant now) {
    const auto turn = static_cast<std::size_t>(now.time_since_epoch() / kTurn);
    return place == 0 || turn % members == place;
}

DirectoryExchange::Round DirectoryExchange::synchronise() {
    std::vector<MemberId> others;
    std::vector<MemberId> unknown;
    std::size_t place = 0;
    const auto directory = directory_.now();
    for (const exchange::EpochMember& one : directory->tip().content.members) {
        if (one.member == directory_.self()) continue;
        others.push_back(one.member);
        if (directory->member(one.member).has_error()) unknown.push_back(one.member);
        if (one.member < directory_.self()) ++place;
    }
    Round out;
    out.messages = directory_.tick(proposes(place, others.size() + 1, clock_.now()));
    out.all_known = unknown.empty();
    if (others.empty()) return out;
    if (!unknown.empty()) others = unknown;
    std::array<std::byte, 1> dice{};
    random_.fill(dice);
    ask(others[std::to_integer<std::size_t>(dice[0]) % others.size()]);
    return out;
}

Result<void> DirectoryExchange::answered(const MemberId& member, std::string_view answer) {
    SCHWARM_TRY(taken, directory_.take(member, answer));
    {
        const std::lock_guard lock(mutex_);
        // Also of one that does not take what it lacks, for example a proof that it cannot check.
        if (taken.all && directory_.restored()) heard_.insert(member);
        // One that always says it lacks something would be asked for ever.
        if (!taken.next || ++in_a_row_[member] >= kInARowMax) return {};
    }
    ask_(member, std::move(*taken.next));
    return {};
}

}  // namespace schwarm::server
