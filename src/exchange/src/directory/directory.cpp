// Directory: what changes it.
#include "schwarm/exchange/directory.hpp"

#include <algorithm>

#include "directory/fields.hpp"
#include "schwarm/base/check.hpp"

namespace schwarm::exchange {

namespace {

// What stands in a row now: what this answer writes, or what is stored.
Result<std::optional<std::string>> row(const DirectoryRows& rows,
                                       const std::vector<DirectoryRow>& fresh,
                                       const std::string& key) {
    for (auto at = fresh.rbegin(); at != fresh.rend(); ++at) {
        if (at->key == key) return std::optional(at->value);
    }
    return rows.get(key);
}

}  // namespace

Result<Directory> Directory::found(const Cryptography& cryptography, std::string_view founding,
                                   DirectoryAnswer& answer, DirectorySettings settings) {
    SCHWARM_TRY(epoch, read_founding(founding));
    for (const EpochMember& m : epoch.content.members) {
        SCHWARM_TRY(key, cryptography.read_key(KeyUse::sign, m.key.jwk));
        if (key != m.key) {
            return fail(ErrorCode::invalid_input, "the key is not written in its one form",
                        "/members " + m.member.value());
        }
    }
    Directory directory(cryptography, settings);
    directory.network_ = epoch.hash;
    directory.add_epoch(std::move(epoch));
    answer.rows.push_back({"founding", std::string(founding)});
    return directory;
}

// ---- epochs

void Directory::add_epoch(Epoch epoch) {
    const crypto::Hash hash = epoch.hash;
    if (hash != network_) successors_[epoch.content.predecessor].push_back(hash);
    for (const EpochMember& m : epoch.content.members) know_chain(m.member, m.origin);
    epochs_[hash] = std::make_shared<const Epoch>(std::move(epoch));
    recompute_tip();
}

void Directory::recompute_tip() {
    tip_ = network_;
    disputed_ = false;
    for (auto next = successors_.find(tip_); next != successors_.end();
         next = successors_.find(tip_)) {
        if (next->second.size() == 1) {
            tip_ = next->second.front();
            continue;
        }
        const auto choice = choices_.find(epochs_.at(tip_)->content.epoch + 1);
        if (choice == choices_.end() || std::find(next->second.begin(), next->second.end(),
                                                  choice->second) == next->second.end()) {
            disputed_ = true;
            return;
        }
        tip_ = choice->second;
    }
}

void Directory::accept_epoch_text(const std::string& text, DirectoryAnswer& out) {
    const auto read = trusted_epoch(text);
    if (read.has_error()) {
        out.refused.push_back(read.error());
        return;
    }
    if (epochs_.contains(read.value().hash)) return;
    const auto predecessor = epochs_.find(read.value().content.predecessor);
    if (predecessor == epochs_.end()) {
        out.refused.push_back(fail(ErrorCode::unresolved, "the epoch before is not known"));
        return;
    }
    auto epoch = verify_epoch(*cryptography_, *predecessor->second, text);
    if (epoch.has_error()) {
        out.refused.push_back(epoch.error());
        return;
    }
    auto answer = accept_epoch(epoch.value());
    std::move(answer.rows.begin(), answer.rows.end(), std::back_inserter(out.rows));
    std::move(answer.alarms.begin(), answer.alarms.end(), std::back_inserter(out.alarms));
}

DirectoryAnswer Directory::accept_epoch(const Epoch& verified) {
    DirectoryAnswer out;
    if (epochs_.contains(verified.hash)) return out;
    CHECK(epochs_.contains(verified.content.predecessor), "the epoch before is not known");
    out.rows.push_back(
        {row_key::epoch(verified.content.epoch, verified.hash), write_epoch(verified)});
    add_epoch(verified);
    use_up_consents(out);
    if (successors_.at(verified.content.predecessor).size() > 1) {
        out.alarms.push_back("two different epochs " + std::to_string(verified.content.epoch) +
                             " are signed by more than two thirds each: a third or more has lied; "
                             "nobody is admitted until the administrator names the one that "
                             "counts");
    }
    return out;
}

void Directory::use_up_consents(DirectoryAnswer& out) {
    const auto done = [&](const MemberId& member) {
        out.rows.push_back({row_key::consent(member), std::string(row_key::kConsentDone)});
    };
    std::erase_if(admit_, [&](const auto& one) {
        if (!admitted(one.first)) return false;
        done(one.first);
        return true;
    });
    std::erase_if(remove_, [&](const MemberId& member) {
        if (admitted(member)) return false;
        done(member);
        return true;
    });
}

std::vector<crypto::Hash> Directory::successors(const crypto::Hash& epoch) const {
    const auto at = successors_.find(epoch);
    return at == successors_.end() ? std::vector<crypto::Hash>{} : at->second;
}

Result<DirectoryAnswer> Directory::choose(const crypto::Hash& epoch) {
    const auto at = epochs_.find(epoch);
    if (at == epochs_.end() || successors(at->second->content.predecessor).size() < 2) {
        return fail(ErrorCode::not_found, "no epoch in dispute has this hash");
    }
    DirectoryAnswer out;
    const std::uint64_t number = at->second->content.epoch;
    choices_[number] = epoch;
    out.rows.push_back({row_key::choice(number), detail::hash_text(epoch)});
    recompute_tip();
    return out;
}

DirectoryAnswer Directory::consent_to_admit(const MemberId& member, const std::string& origin) {
    DirectoryAnswer out;
    remove_.erase(member);
    admit_[member] = origin;
    know_chain(member, origin);
    out.rows.push_back({row_key::consent(member), "admit " + origin});
    return out;
}

DirectoryAnswer Directory::consent_to_remove(const MemberId& member) {
    DirectoryAnswer out;
    admit_.erase(member);
    remove_.insert(member);
    out.rows.push_back({row_key::consent(member), "remove"});
    return out;
}

// ---- entries

void Directory::know_chain(const MemberId& member, const std::string& origin) {
    const auto at = chains_.find(member);
    if (at == chains_.end()) {
        chains_.emplace(member, Chain(member, origin));
    } else if (at->second.length() == 0 && at->second.origin() != origin) {
        at->second = Chain(member, origin);  // an earlier consent named another key
    }
}

void Directory::take(const DirectoryEntry& entry, std::uint64_t number) {
    const MemberId& member = entry.member;
    if (const auto* node = std::get_if<NodeEntry>(&entry.body)) {
        std::set<crypto::Hash>& former = former_tls_[member];
        const auto before = nodes_.find(member);
        if (before != nodes_.end()) {
            former.insert(before->second.tls.begin(), before->second.tls.end());
        }
        for (const crypto::Hash& key : node->tls) {
            former.erase(key);
            tls_since_[member].emplace(key, entry.time);
        }
        nodes_[member] = *node;
    } else if (const auto* tenant = std::get_if<TenantEntry>(&entry.body)) {
        const Address address{tenant->tenant, member};
        for (const Responsibility& r : tenant->roles) {
            for (const std::string& j : r.jurisdictions) claims_[r.role][j].insert(address);
        }
        tenants_[address].push_back({number, entry.time, *tenant});
    } else if (const auto* service = std::get_if<ServiceEntry>(&entry.body)) {
        services_[{service->tenant, member}].push_back({number, entry.time, *service});
    } else if (const auto* evidence = std::get_if<EvidenceEntry>(&entry.body)) {
        evidence_[evidence->type].push_back(
            {member, Dated<EvidenceEntry>{number, entry.time, *evidence}});
    } else if (const auto* agreement = std::get_if<AgreementEntry>(&entry.body)) {
        agreements_[agreement->agreement.client].push_back(
            {member, number, entry.time, *agreement, {}});
    } else if (const auto* withdrawal = std::get_if<WithdrawalEntry>(&entry.body)) {
        withdrawals_[{withdrawal->member, withdrawal->number}].push_back(
            {member, number, withdrawal->since});
    }
}

void Directory::forget(const MemberId& member) {
    const auto of_member = [&member](const auto& item) { return item.first.member == member; };
    nodes_.erase(member);
    former_tls_.erase(member);
    tls_since_.erase(member);
    std::erase_if(tenants_, of_member);
    std::erase_if(services_, of_member);
    for (auto& [type, providers] : evidence_) {
        std::erase_if(providers, [&member](const auto& p) { return p.first == member; });
    }
    for (auto& [client, held] : agreements_) {
        std::erase_if(held, [&member](const HeldAgreement& h) { return h.member == member; });
    }
    for (auto& [entry, list] : withdrawals_) {
        std::erase_if(list, [&member](const Withdrawal& w) { return w.by == member; });
    }
    for (auto& [role, by_jurisdiction] : claims_) {
        for (auto& [jurisdiction, claimants] : by_jurisdiction) {
            std::erase_if(claimants, [&member](const Address& a) { return a.member == member; });
        }
    }
}

Result<void> Directory::rebuild(const MemberId& member, const DirectoryRows& rows,
                                const std::vector<DirectoryRow>& fresh) {
    forget(member);
    const Chain& chain = chains_.at(member);
    for (std::uint64_t number = 1; number <= chain.length(); ++number) {
        const std::string key = row_key::entry(member, number);
        SCHWARM_TRY(jws, row(rows, fresh, key));
        if (!jws) return fail(ErrorCode::corrupt, "the entry is missing", key);
        SCHWARM_TRY(text, detail::signed_text(*jws));
        SCHWARM_TRY(entry, read_entry(text));
        if (entry_hash(text) != chain.hash_at(number)) {
            return fail(ErrorCode::corrupt, "another entry than the one accepted", key);
        }
        take(entry, number);
    }
    return {};
}

void Directory::accept_entry(const std::string& jws, const DirectoryRows& rows,
                             DirectoryAnswer& out) {
    const auto text = detail::signed_text(jws);
    const auto read =
        text.has_error() ? Result<DirectoryEntry>(text.error()) : read_entry(text.value());
    if (read.has_error()) {
        out.refused.push_back(read.error());
        return;
    }
    const MemberId& member = read.value().member;
    const std::uint64_t number = read.value().number;
    const std::string place = member.value() + " entry " + std::to_string(number);
    const auto at = chains_.find(member);
    if (at == chains_.end()) {
        out.refused.push_back(fail(ErrorCode::unresolved, "the member is not known", place));
        return;
    }
    Chain& chain = at->second;
    if (number > chain.length()) {
        auto entry = chain.append(*cryptography_, jws, Trust::nothing);
        if (entry.has_error()) {
            out.refused.push_back(entry.error());
            return;
        }
        take(entry.value(), number);
        out.rows.push_back({row_key::entry(member, number), jws});
        return;
    }
    const auto contradicts = chain.contradicts(*cryptography_, jws);
    if (contradicts.has_error()) {
        out.refused.push_back(fail(contradicts.error().code, contradicts.error().message, place));
        return;
    }
    if (!contradicts.value()) return;
    const auto known = row(rows, out.rows, row_key::entry(member, number));
    if (known.has_error() || !known.value()) {
        out.refused.push_back(known.has_error()
                                  ? known.error()
                                  : fail(ErrorCode::corrupt, "the entry is missing", place));
        return;
    }
    accept_fork({member, number, *known.value(), jws}, rows, out);
}

void Directory::accept_fork(const ForkProof& proof, const DirectoryRows& rows,
                            DirectoryAnswer& out) {
    const auto at = chains_.find(proof.member);
    if (at == chains_.end()) {
        out.refused.push_back(fail(ErrorCode::unresolved, "a fork of a member that is not known"));
        return;
    }
    Chain& chain = at->second;
    if (chain.fork() && *chain.fork() <= proof.number) return;
    const auto proven = chain.verify_fork(*cryptography_, proof);
    if (proven.has_error()) {
        out.refused.push_back(proven.error());
        return;
    }
    const std::uint64_t before = chain.length();
    chain.end_before(proof.number);
    forks_[proof.member] = proof;
    out.rows.push_back({row_key::fork(proof.member, proof.number), write_fork(proof)});
    out.alarms.push_back(proof.member.value() + " has forked its chain at entry " +
                         std::to_string(proof.number) + "; the chain ends before it");
    if (chain.length() == before) return;
    const auto rebuilt = rebuild(proof.member, rows, out.rows);
    if (rebuilt.has_error()) out.refused.push_back(rebuilt.error());
}

DirectoryAnswer Directory::accept_lie(const Lie& lie) {
    DirectoryAnswer out;
    const std::string text = write_lie(lie);
    const crypto::Hash hash = crypto::sha256(text);
    if (lies_.contains(hash)) return out;
    const auto of_member = [&](const auto& known) { return known.second.member == lie.member; };
    if (static_cast<std::size_t>(std::count_if(lies_.begin(), lies_.end(), of_member)) >=
        kLiesMax) {
        return out;
    }
    const auto predecessor = epochs_.find(lie.predecessor);
    if (predecessor == epochs_.end()) {
        out.refused.push_back(fail(ErrorCode::unresolved, "a lie after an unknown epoch"));
        return out;
    }
    const auto proven = verify_lie(*cryptography_, *predecessor->second, lie);
    if (proven.has_error()) {
        out.refused.push_back(proven.error());
        return out;
    }
    lies_[hash] = lie;
    out.rows.push_back({row_key::lie(hash), text});
    out.alarms.push_back(lie.member.value() +
                         " has lied on the way to an epoch: " + std::string(name_of(lie.kind)));
    return out;
}

DirectoryAnswer Directory::accept_own(const std::string& jws, const DirectoryRows& rows) {
    DirectoryAnswer out;
    accept_entry(jws, rows, out);
    return out;
}

DirectoryAnswer Directory::accept(const DirectoryBatch& batch, const DirectoryRows& rows) {
    DirectoryAnswer out;
    for (const std::string& text : batch.epochs) accept_epoch_text(text, out);
    for (const std::string& jws : batch.entries) accept_entry(jws, rows, out);
    for (const std::string& text : batch.forks) {
        const auto proof = read_fork(text);
        if (proof.has_error()) {
            out.refused.push_back(proof.error());
        } else {
            accept_fork(proof.value(), rows, out);
        }
    }
    for (const std::string& text : batch.lies) {
        const auto lie = read_lie(text);
        if (lie.has_error()) {
            out.refused.push_back(lie.error());
            continue;
        }
        auto answer = accept_lie(lie.value());
        std::move(answer.rows.begin(), answer.rows.end(), std::back_inserter(out.rows));
        std::move(answer.refused.begin(), answer.refused.end(), std::back_inserter(out.refused));
        std::move(answer.alarms.begin(), answer.alarms.end(), std::back_inserter(out.alarms));
    }
    return out;
}

}  // namespace schwarm::exchange
