// Directory: reading it from rows, and the checkpoint that vouches for what was verified before.
#include <algorithm>

#include "directory/fields.hpp"
#include "schwarm/exchange/directory.hpp"

namespace schwarm::exchange {
namespace {

constexpr std::string_view kCheckpointType = "schwarm-checkpoint+jws";
constexpr json::Limits kCheckpointLimits{kSummaryBytesMax, 4, 20'000};

struct Checkpoint {
    crypto::Hash network{};
    crypto::Hash tip{};
    std::map<MemberId, ChainHead> chains;
};

crypto::Hash root_of(const std::map<MemberId, ChainHead>& chains) {
    EpochContent content;
    for (const auto& [member, head] : chains) {
        content.members.push_back({member, "", {}, head.number, head.head});
    }
    return content.root();
}

Result<Checkpoint> read_checkpoint(std::string_view text) {
    SCHWARM_TRY(value, json::parse(text, kCheckpointLimits));
    detail::Fields::Failure failure;
    detail::Fields f(value, "", failure);
    Checkpoint checkpoint;
    f.time("time");
    checkpoint.network = f.hash("network");
    checkpoint.tip = f.hash("tip");
    const crypto::Hash root = f.hash("root");
    for (const json::Value& item : f.list("chains", 0, kChainsMax)) {
        detail::Fields c(item, "/chains", failure);
        ChainHead head;
        head.member = c.member("member");
        head.number = static_cast<std::uint64_t>(c.number("number", 0));
        head.head = c.hash("head");
        c.end();
        checkpoint.chains[head.member] = head;
    }
    f.end();
    if (!failure.error && root_of(checkpoint.chains) != root) f.refuse("root", "not of the chains");
    if (failure.error) return *failure.error;
    return checkpoint;
}

Error corrupt(const Error& error, std::string_view key) {
    return fail(ErrorCode::corrupt, error.text(), "row " + std::string(key));
}

}  // namespace

Result<DirectoryRow> Directory::checkpoint(const KeyPair& operator_key, Instant now) const {
    std::map<MemberId, ChainHead> chains;
    for (const auto& [member, chain] : chains_) {
        chains[member] = {member, chain.length(), chain.head(), 0};
    }
    json::Writer w;
    w.begin_object().member("time", detail::millis(now));
    w.member("network", detail::hash_text(network_)).member("tip", detail::hash_text(tip_));
    w.member("root", detail::hash_text(root_of(chains))).name("chains").begin_array();
    for (const auto& [member, head] : chains) {
        w.begin_object().member("member", member.value()).member("number", head.number);
        w.member("head", detail::hash_text(head.head)).end_object();
    }
    w.end_array().end_object();
    SCHWARM_TRY(jws, cryptography_->sign(operator_key, kCheckpointType, w.take()));
    return DirectoryRow{"checkpoint", std::move(jws)};
}

Result<void> Directory::load_consents(const DirectoryRows& rows) {
    SCHWARM_TRY_VOID(rows.scan("choice/", [&](auto key, auto value) -> Result<void> {
        const auto hash = detail::read_hash(value);
        if (hash.has_error()) return corrupt(hash.error(), key);
        std::uint64_t number = 0;
        for (const char c : key.substr(7)) {
            number = number * 16 + static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
        }
        choices_[number] = hash.value();
        return {};
    }));
    return rows.scan("consent/", [&](auto key, auto value) -> Result<void> {
        const auto member = parse_member(key.substr(8));
        if (member.has_error()) return corrupt(member.error(), key);
        if (value == "remove") {
            remove_.insert(member.value());
        } else if (value.starts_with("admit ")) {
            admit_[member.value()] = std::string(value.substr(6));
        } else if (value != row_key::kConsentDone) {
            return fail(ErrorCode::corrupt, "neither admit, remove nor done",
                        "row " + std::string(key));
        }
        return {};
    });
}

Result<void> Directory::load_epochs(const DirectoryRows& rows, const crypto::Hash* trusted_tip) {
    // The ancestors of what the checkpoint names were verified before it was signed; their hashes
    // are bound by the predecessors.
    std::map<crypto::Hash, Epoch> read;
    SCHWARM_TRY_VOID(rows.scan("epoch/", [&](auto key, auto value) -> Result<void> {
        auto epoch = trusted_epoch(value);
        if (epoch.has_error()) return corrupt(epoch.error(), key);
        const crypto::Hash hash = epoch.value().hash;
        read[hash] = std::move(epoch.value());
        return {};
    }));
    std::set<crypto::Hash> trusted;
    if (trusted_tip != nullptr) {
        for (auto at = read.find(*trusted_tip); at != read.end();
             at = read.find(at->second.content.predecessor)) {
            trusted.insert(at->first);
        }
    }
    std::vector<const Epoch*> in_order;
    for (const auto& [hash, epoch] : read) in_order.push_back(&epoch);
    std::sort(in_order.begin(), in_order.end(),
              [](const Epoch* a, const Epoch* b) { return a->content.epoch < b->content.epoch; });
    for (const Epoch* epoch : in_order) {
        const std::string key = row_key::epoch(epoch->content.epoch, epoch->hash);
        const auto predecessor = epochs_.find(epoch->content.predecessor);
        if (predecessor == epochs_.end()) {
            return fail(ErrorCode::corrupt, "the epoch before is missing", "row " + key);
        }
        if (!trusted.contains(epoch->hash)) {
            const auto verified =
                verify_epoch(*cryptography_, *predecessor->second, write_epoch(*epoch));
            if (verified.has_error()) return corrupt(verified.error(), key);
        }
        add_epoch(*epoch);
    }
    return {};
}

Result<void> Directory::load_chain(const DirectoryRows& rows, Chain& chain,
                                   const ChainHead* trusted, std::uint64_t end,
                                   LoadReport& report) {
    const std::uint64_t until = trusted == nullptr ? 0 : trusted->number;
    SCHWARM_TRY_VOID(rows.scan(
        "entry/" + chain.member().value() + "/", [&](auto key, auto value) -> Result<void> {
            const std::uint64_t number = chain.length() + 1;
            if (number >= end) return {};
            const bool known = number <= until;
            if (key != row_key::entry(chain.member(), number)) {
                return fail(ErrorCode::corrupt, "an entry is missing before it",
                            "row " + std::string(key));
            }
            auto entry =
                chain.append(*cryptography_, value, known ? Trust::checked_before : Trust::nothing);
            if (entry.has_error()) return corrupt(entry.error(), key);
            if (number == until && chain.head() != trusted->head) {
                return fail(ErrorCode::corrupt, "the chain is not the one the checkpoint signs",
                            "row " + std::string(key));
            }
            ++report.entries;
            if (!known) ++report.verified;
            take(entry.value(), number);
            return {};
        }));
    if (chain.length() < until) {
        return fail(ErrorCode::corrupt, "entries are missing that the checkpoint signs",
                    "row " + row_key::entry(chain.member(), chain.length() + 1));
    }
    return {};
}

Result<void> Directory::load_proofs(const DirectoryRows& rows) {
    for (auto& [member, proof] : forks_) {
        Chain& chain = chains_.at(member);
        const std::string key = row_key::fork(member, proof.number);
        const auto proven = chain.verify_fork(*cryptography_, proof);
        if (proven.has_error()) return corrupt(proven.error(), key);
        chain.end_before(proof.number);
    }
    return rows.scan("lie/", [&](auto key, auto value) -> Result<void> {
        const auto lie = read_lie(value);
        if (lie.has_error()) return corrupt(lie.error(), key);
        const auto answer = accept_lie(lie.value());
        if (!answer.refused.empty()) return corrupt(answer.refused.front(), key);
        return {};
    });
}

Result<Directory> Directory::load(const Cryptography& cryptography, const DirectoryRows& rows,
                                  const PublicKey* own, LoadReport* report,
                                  DirectorySettings settings) {
    LoadReport unused;
    LoadReport& seen = report != nullptr ? *report : unused;
    SCHWARM_TRY(founding, rows.get("founding"));
    if (!founding) return fail(ErrorCode::not_found, "there is no directory yet", "row founding");
    DirectoryAnswer ignored;
    auto made = found(cryptography, *founding, ignored, settings);
    if (made.has_error()) return corrupt(made.error(), "founding");
    Directory& directory = made.value();

    std::optional<Checkpoint> checkpoint;
    if (own != nullptr) {
        SCHWARM_TRY(jws, rows.get("checkpoint"));
        if (jws) {
            const auto text = cryptography.verify(*own, kCheckpointType, *jws);
            auto read =
                text.has_error() ? Result<Checkpoint>(text.error()) : read_checkpoint(text.value());
            if (read.has_value() && read.value().network == directory.network_) {
                checkpoint = std::move(read.value());
                seen.checkpoint = true;
            }
        }
    }
    SCHWARM_TRY_VOID(directory.load_consents(rows));
    SCHWARM_TRY_VOID(directory.load_epochs(rows, checkpoint ? &checkpoint->tip : nullptr));
    for (const auto& [member, origin] : directory.admit_) directory.know_chain(member, origin);
    SCHWARM_TRY_VOID(rows.scan("fork/", [&](auto key, auto value) -> Result<void> {
        auto proof = read_fork(value);
        if (proof.has_error()) return corrupt(proof.error(), key);
        if (!directory.chains_.contains(proof.value().member)) return {};
        const auto at = directory.forks_.find(proof.value().member);
        if (at == directory.forks_.end() || proof.value().number < at->second.number) {
            directory.forks_[proof.value().member] = std::move(proof.value());
        }
        return {};
    }));
    for (auto& [member, chain] : directory.chains_) {
        const ChainHead* trusted = nullptr;
        if (checkpoint) {
            const auto at = checkpoint->chains.find(member);
            if (at != checkpoint->chains.end()) trusted = &at->second;
        }
        // Entries from a fork on do not count, but may still have rows. A checkpoint from before
        // the fork was known vouches for none of the chain.
        const auto fork = directory.forks_.find(member);
        const std::uint64_t end = fork == directory.forks_.end() ? UINT64_MAX : fork->second.number;
        if (trusted != nullptr && trusted->number >= end) trusted = nullptr;
        SCHWARM_TRY_VOID(directory.load_chain(rows, chain, trusted, end, seen));
    }
    SCHWARM_TRY_VOID(directory.load_proofs(rows));
    return std::move(made.value());
}

}  // namespace schwarm::exchange
