// Directory: what a peer lacks.
#include <algorithm>

#include "directory/fields.hpp"
#include "schwarm/base/check.hpp"
#include "schwarm/exchange/directory.hpp"

namespace schwarm::exchange {
namespace {

constexpr std::size_t kBatchBytes = kBatchBytesMax / 2;

// Takes a text into a batch that has room for it.
bool add(std::vector<std::string>& list, std::string text, DirectoryBatch& out,
         std::size_t& bytes) {
    const std::size_t items =
        out.epochs.size() + out.forks.size() + out.entries.size() + out.lies.size();
    if (items >= kBatchItemsMax || (items > 0 && bytes + text.size() > kBatchBytes)) {
        out.more = true;
        return false;
    }
    bytes += text.size();
    list.push_back(std::move(text));
    return true;
}

Result<std::string> stored(const DirectoryRows& rows, const std::string& key) {
    SCHWARM_TRY(value, rows.get(key));
    if (!value) return fail(ErrorCode::corrupt, "the row is missing", "row " + key);
    return std::move(*value);
}

}  // namespace

DirectorySummary Directory::summary() const {
    DirectorySummary out;
    out.network = network_;
    std::vector<const Epoch*> line;  // from the newest
    for (const Epoch* epoch = &tip();; epoch = epochs_.at(epoch->content.predecessor).get()) {
        line.push_back(epoch);
        if (epoch->hash == network_) break;
    }
    for (std::size_t back = 0; back < line.size(); back = back == 0 ? 1 : back * 2) {
        out.line.push_back({line[back]->content.epoch, line[back]->hash});
    }
    if (out.line.back().number != 0) out.line.push_back({0, network_});
    for (const auto& [predecessor, sides] : successors_) {
        if (sides.size() < 2) continue;
        for (const crypto::Hash& side : sides) {
            if (out.line.size() < kLineMax)
                out.line.push_back({epochs_.at(side)->content.epoch, side});
        }
    }
    for (const auto& [member, chain] : chains_) {
        if (out.chains.size() == kChainsMax) break;
        out.chains.push_back({member, chain.length(), chain.head(), chain.fork().value_or(0)});
    }
    for (const auto& [hash, lie] : lies_) out.lies.push_back(hash);
    return out;
}

Result<void> Directory::add_missing_epochs(const DirectorySummary& peer, const DirectoryRows& rows,
                                           DirectoryBatch& out, std::size_t& bytes) const {
    // What follows the newest epoch that both know, and, of each dispute, the sides that the peer
    // has not named.
    std::set<crypto::Hash> named;
    const Epoch* common = &founding();
    for (const NumberedHash& known : peer.line) {
        named.insert(known.hash);
        const auto at = epochs_.find(known.hash);
        if (at != epochs_.end() && at->second->content.epoch > common->content.epoch) {
            common = at->second.get();
        }
    }
    std::vector<crypto::Hash> next;
    const auto follow = [&](const crypto::Hash& epoch) {
        for (const crypto::Hash& successor : successors(epoch)) {
            if (named.insert(successor).second) next.push_back(successor);
        }
    };
    follow(common->hash);
    for (const auto& [predecessor, sides] : successors_) {
        if (sides.size() < 2) continue;
        follow(predecessor);
        for (const crypto::Hash& side : sides) follow(side);
    }
    for (std::size_t i = 0; i < next.size(); ++i) {
        const Epoch& epoch = *epochs_.at(next[i]);
        SCHWARM_TRY(text, stored(rows, row_key::epoch(epoch.content.epoch, epoch.hash)));
        if (!add(out.epochs, std::move(text), out, bytes)) return {};
        follow(epoch.hash);
    }
    return {};
}

Result<void> Directory::add_missing_entries(const ChainHead& head, const Chain& chain,
                                            const DirectoryRows& rows, DirectoryBatch& out,
                                            std::size_t& bytes) const {
    const auto send = [&](std::uint64_t number) -> Result<bool> {
        SCHWARM_TRY(jws, stored(rows, row_key::entry(chain.member(), number)));
        return add(out.entries, std::move(jws), out, bytes);
    };
    const std::uint64_t common = std::min(head.number, chain.length());
    if (head.number <= chain.length() && chain.hash_at(common) == head.head) {
        for (std::uint64_t number = common + 1; number <= chain.length(); ++number) {
            SCHWARM_TRY(room, send(number));
            if (!room) return {};
        }
        return {};
    }
    if (head.number > chain.length()) return {};
    // The peer knows another entry of this number. One of ours with the same number and a key that
    // the peer knows proves the fork: the last ones, then further back, and every rotation.
    std::set<std::uint64_t> numbers;
    for (std::uint64_t back = 0; back < common; back = back == 0 ? 1 : back * 2) {
        numbers.insert(common - back);
    }
    for (const std::uint64_t rotation : chain.rotations()) {
        if (rotation <= common) numbers.insert(rotation);
    }
    for (const std::uint64_t number : numbers) {
        SCHWARM_TRY(room, send(number));
        if (!room) return {};
    }
    return {};
}

Result<DirectoryBatch> Directory::missing(const DirectorySummary& peer,
                                          const DirectoryRows& rows) const {
    DirectoryBatch out;
    std::size_t bytes = 0;
    if (peer.network != network_) {
        return fail(ErrorCode::invalid_input, "the peer belongs to another network");
    }
    std::map<MemberId, ChainHead> heads;
    for (const ChainHead& head : peer.chains) heads[head.member] = head;
    std::set<crypto::Hash> known_lies(peer.lies.begin(), peer.lies.end());

    SCHWARM_TRY_VOID(add_missing_epochs(peer, rows, out, bytes));
    for (const auto& [member, proof] : forks_) {
        const auto head = heads.find(member);
        // Without the entries before the fork the peer cannot verify it yet.
        const std::uint64_t known = head == heads.end() ? 0 : head->second.number;
        const std::uint64_t fork = head == heads.end() ? 0 : head->second.fork;
        if ((fork == 0 || fork > proof.number) && known + 1 >= proof.number) {
            if (!add(out.forks, write_fork(proof), out, bytes)) return out;
        }
    }
    for (const auto& [hash, lie] : lies_) {
        if (known_lies.contains(hash)) continue;
        if (!add(out.lies, write_lie(lie), out, bytes)) return out;
    }
    for (const auto& [member, chain] : chains_) {
        const auto at = heads.find(member);
        // A candidate's chain is for those whose administrators agreed to it.
        if (at == heads.end() && !admitted(member)) continue;
        const ChainHead head = at == heads.end() ? ChainHead{member, 0, {}, 0} : at->second;
        if (head.fork != 0 && head.fork <= head.number + 1) continue;
        SCHWARM_TRY_VOID(add_missing_entries(head, chain, rows, out, bytes));
        if (out.more) break;
    }
    return out;
}

}  // namespace schwarm::exchange
