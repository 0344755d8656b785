// Directory: what it answers.
#include <algorithm>
#include <array>

#include "directory/fields.hpp"
#include "schwarm/exchange/directory.hpp"

namespace schwarm::exchange {
namespace {

// The jurisdictions that contain a municipality, the narrowest first; those of one rank together.
Result<std::vector<std::vector<std::string>>> jurisdictions_of(std::string_view key) {
    const bool digits =
        std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || (key.size() != 8 && key.size() != 12)) {
        return fail(
            ErrorCode::invalid_input,
            "a municipality key has 8 (AGS) or 12 digits (ARS): " + std::string(key.substr(0, 40)));
    }
    const std::string text(key);
    std::vector<std::vector<std::string>> out;
    if (text.size() == 12) {
        // An AGS is an ARS without the four digits of the association of municipalities.
        out.push_back({text, text.substr(0, 5) + text.substr(9)});
        out.push_back({text.substr(0, 9)});
    } else {
        out.push_back({text});
    }
    for (const std::size_t size : {5, 3, 2}) out.push_back({text.substr(0, size)});
    out.push_back({"*"});
    return out;
}

std::string days_in(std::chrono::milliseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::hours>(time) / 24 /
                          std::chrono::hours(1)) +
           " days";
}

// `until`: the first moment at which it is not good any more.
std::string expires(Instant until, Instant now) {
    return until <= now ? " has expired" : " expires in " + days_in(until - now);
}

Error unknown(const Address& address) {
    return fail(ErrorCode::unresolved, "the directory has no tenant " + address.text());
}

}  // namespace

const Chain* Directory::chain(const MemberId& member) const {
    const auto at = chains_.find(member);
    return at == chains_.end() ? nullptr : &at->second;
}

Result<MemberInfo> Directory::member(const MemberId& member) const {
    const auto node = nodes_.find(member);
    if (!admitted(member) || node == nodes_.end()) {
        return fail(ErrorCode::unresolved,
                    admitted(member) ? "nothing is entered for the member " + member.value()
                                     : member.value() + " is no member of the network");
    }
    return MemberInfo{member, *chains_.at(member).key(), node->second};
}

std::optional<Instant> Directory::tls_since(const MemberId& member) const {
    const auto node = nodes_.find(member);
    if (node == nodes_.end()) return std::nullopt;
    std::optional<Instant> youngest;
    for (const crypto::Hash& key : node->second.tls) {
        youngest = std::max(youngest, std::optional(tls_since_.at(member).at(key)));
    }
    return youngest;
}

bool Directory::gave_up(const MemberId& member, const crypto::Hash& tls_key) const {
    const auto found = former_tls_.find(member);
    return found != former_tls_.end() && found->second.contains(tls_key);
}

bool Directory::withdrawn(const MemberId& member, std::uint64_t number, const MemberId& by,
                          Instant at) const {
    const auto found = withdrawals_.find({member, number});
    return found != withdrawals_.end() &&
           std::any_of(found->second.begin(), found->second.end(),
                       [&](const Withdrawal& w) { return w.by == by && w.since <= at; });
}

const Directory::Dated<TenantEntry>* Directory::version(const Address& address, Instant at) const {
    const auto found = tenants_.find(address);
    if (found == tenants_.end()) return nullptr;
    const Dated<TenantEntry>* last = nullptr;
    for (const auto& dated : found->second) {
        if (dated.time <= at) last = &dated;
    }
    return last;
}

Result<TenantEntry> Directory::tenant(const Address& address, Instant at) const {
    const auto* found = admitted(address.member) ? version(address, at) : nullptr;
    if (found == nullptr) return unknown(address);
    if (withdrawn(address.member, found->number, address.member, at)) {
        return fail(ErrorCode::gone, "the entry of " + address.text() + " is withdrawn");
    }
    return found->body;
}

std::optional<Directory::Entered> Directory::entered(const Address& address, Instant at) const {
    const auto* found = admitted(address.member) ? version(address, at) : nullptr;
    if (found == nullptr) return std::nullopt;
    return Entered{found->number, found->time};
}

std::optional<Directory::KeyEntry> Directory::key_entry(const Address& address,
                                                        std::string_view kid) const {
    const auto found = tenants_.find(address);
    if (found == tenants_.end()) return std::nullopt;
    const auto& versions = found->second;
    const auto at = std::find_if(versions.rbegin(), versions.rend(), [kid](const auto& version) {
        return version.body.signing.kid == kid;
    });
    if (at == versions.rend()) return std::nullopt;
    KeyEntry out{at->number, {}};
    for (const Withdrawal& one : key_withdrawals(address, kid)) {
        if (!out.withdrawn || one.since < *out.withdrawn) out.withdrawn = one.since;
    }
    return out;
}

std::vector<Directory::Withdrawal> Directory::key_withdrawals(const Address& address,
                                                              std::string_view kid) const {
    std::vector<Withdrawal> out;
    const auto found = tenants_.find(address);
    if (withdrawals_.empty() || found == tenants_.end()) return out;
    for (const auto& version : found->second) {
        if (version.body.signing.kid != kid) continue;
        const auto all = withdrawals_.find({address.member, version.number});
        if (all == withdrawals_.end()) continue;
        std::copy_if(all->second.begin(), all->second.end(), std::back_inserter(out),
                     [&](const Withdrawal& one) { return one.by == address.member; });
    }
    return out;
}

bool Directory::key_withdrawn(const Address& address, std::string_view kid, Instant at) const {
    const auto all = key_withdrawals(address, kid);
    return std::any_of(all.begin(), all.end(),
                       [at](const Withdrawal& one) { return one.since <= at; });
}

std::vector<Directory::SigningKey> Directory::signing_keys(const Address& address) const {
    std::vector<SigningKey> out;
    const auto found = tenants_.find(address);
    if (found == tenants_.end()) return out;
    for (const auto& version : found->second) {
        const std::string& kid = version.body.signing.kid;
        if (std::any_of(out.begin(), out.end(), [&](const auto& one) { return one.kid == kid; })) {
            continue;
        }
        out.push_back({kid, version.time, key_entry(address, kid)->withdrawn});
    }
    return out;
}

const Directory::Dated<TenantEntry>* Directory::version_with(const Address& address,
                                                             std::string_view kid,
                                                             Instant at) const {
    const auto found = tenants_.find(address);
    if (found == tenants_.end()) return nullptr;
    const auto& versions = found->second;
    for (std::size_t i = versions.size(); i-- > 0;) {
        if (versions[i].time > at) continue;
        if (versions[i].body.signing.kid == kid) return &versions[i];
        if (at - versions[i].time >= settings_.overlap) break;
    }
    return nullptr;
}

Result<PublicKey> Directory::signing_key(const Address& address, std::string_view kid,
                                         Instant at) const {
    const auto* now = version(address, at);
    if (now == nullptr) return unknown(address);
    const auto* found = version_with(address, kid, at);
    std::string reason;
    if (found == nullptr) {
        reason = "is not the tenant's at that time";
    } else if (now->body.suspended) {
        reason = "belongs to a suspended tenant";
    } else if (at >= found->body.signing_until) {
        reason = "had expired";
    } else if (key_withdrawn(address, kid, at) ||
               withdrawn(address.member, now->number, address.member, at)) {
        reason = "is withdrawn";
    } else {
        return found->body.signing;
    }
    return fail(ErrorCode::unresolved, "the signing key " + std::string(kid.substr(0, 60)) +
                                           " of " + address.text() + " " + reason);
}

Result<PublicKey> Directory::sealing_key(const Address& address, Instant now) const {
    SCHWARM_TRY(found, tenant(address, now));
    if (found.suspended || found.moved || now >= found.sealing_until) {
        std::string reason = "its sealing key has expired";
        if (found.suspended) reason = "it is suspended";
        if (found.moved) reason = "it has moved to " + found.moved->text();
        return fail(ErrorCode::conflict,
                    "nothing can be sealed to " + address.text() + ": " + reason);
    }
    return found.sealing;
}

bool Directory::acts(const Address& address, std::string_view role, const std::string& jurisdiction,
                     Instant at) const {
    const auto found = tenant(address, at);
    if (found.has_error() || found.value().suspended || found.value().moved) return false;
    const auto& roles = found.value().roles;
    return std::any_of(roles.begin(), roles.end(), [&](const Responsibility& r) {
        return r.role == role && std::find(r.jurisdictions.begin(), r.jurisdictions.end(),
                                           jurisdiction) != r.jurisdictions.end();
    });
}

Result<Address> Directory::responsible(std::string_view role, std::string_view key,
                                       Instant at) const {
    SCHWARM_TRY(ranks, jurisdictions_of(key));
    const auto claims = claims_.find(role);
    for (const auto& rank : ranks) {
        if (claims == claims_.end()) break;
        std::set<Address> found;
        for (const std::string& jurisdiction : rank) {
            const auto claimants = claims->second.find(jurisdiction);
            if (claimants == claims->second.end()) continue;
            for (const Address& address : claimants->second) {
                if (acts(address, role, jurisdiction, at)) found.insert(address);
            }
        }
        if (found.size() == 1) return *found.begin();
        if (found.size() > 1) {
            return fail(ErrorCode::conflict, "for the role " + std::string(role) + " in " +
                                                 rank.front() + " the directory names " +
                                                 found.begin()->text() + " and " +
                                                 std::next(found.begin())->text());
        }
    }
    return fail(ErrorCode::unresolved, "nobody in the directory has the role " + std::string(role) +
                                           " in " + std::string(key));
}

bool Directory::takes_part(const Address& address, const Dated<ServiceEntry>& dated,
                           Instant at) const {
    return dated.time <= at && admitted(address.member) &&
           !withdrawn(address.member, dated.number, address.member, at);
}

Result<ServiceEntry> Directory::service(const Address& address, std::string_view collaboration,
                                        std::string_view version, Instant at) const {
    const auto found = services_.find(address);
    const Dated<ServiceEntry>* last = nullptr;
    if (found != services_.end()) {
        for (const auto& dated : found->second) {
            if (dated.body.collaboration == collaboration && dated.body.version == version &&
                takes_part(address, dated, at)) {
                last = &dated;
            }
        }
    }
    if (last == nullptr) {
        return fail(ErrorCode::unresolved, address.text() + " does not take part in " +
                                               std::string(collaboration) + " " +
                                               std::string(version));
    }
    return last->body;
}

bool Directory::plays(const Address& address, std::string_view role, std::string_view collaboration,
                      std::string_view version, Instant at) const {
    const auto found = services_.find(address);
    return found != services_.end() &&
           std::any_of(found->second.begin(), found->second.end(),
                       [&](const Dated<ServiceEntry>& dated) {
                           const ServiceEntry& one = dated.body;
                           return one.role == role && one.collaboration == collaboration &&
                                  one.version == version && takes_part(address, dated, at);
                       });
}

std::vector<std::pair<Address, TenantEntry>> Directory::tenants(Instant at) const {
    std::vector<std::pair<Address, TenantEntry>> out;
    for (const auto& known : tenants_) {
        const auto found = tenant(known.first, at);
        if (found.has_value()) out.emplace_back(known.first, found.value());
    }
    return out;
}

std::vector<std::pair<Address, ServiceEntry>> Directory::services(Instant at) const {
    std::vector<std::pair<Address, ServiceEntry>> out;
    for (const auto& [address, entries] : services_) {
        std::map<std::tuple<std::string_view, std::string_view, std::string_view>,
                 const ServiceEntry*>
            found;
        for (const auto& dated : entries) {
            const ServiceEntry& one = dated.body;
            if (!takes_part(address, dated, at)) continue;
            found[{one.collaboration, one.version, one.role}] = &one;
        }
        for (const auto& [name, entry] : found) out.emplace_back(address, *entry);
    }
    return out;
}

std::vector<EvidenceProvider> Directory::evidence(std::string_view type, Instant at) const {
    std::map<Address, EvidenceProvider> out;
    const auto found = evidence_.find(type);
    if (found == evidence_.end()) return {};
    for (const auto& [member, dated] : found->second) {
        const Address address{dated.body.tenant, member};
        if (dated.time > at || withdrawn(member, dated.number, member, at)) continue;
        const auto info = tenant(address, at);
        if (info.has_error() || info.value().suspended || info.value().moved) continue;
        out.insert_or_assign(address, EvidenceProvider{address, dated.body});
    }
    std::vector<EvidenceProvider> list;
    for (auto& [address, provider] : out) list.push_back(std::move(provider));
    return list;
}

std::vector<EvidenceProvider> Directory::all_evidence(Instant at) const {
    std::vector<EvidenceProvider> out;
    for (const auto& [type, entries] : evidence_) {
        for (EvidenceProvider& one : evidence(type, at)) out.push_back(std::move(one));
    }
    return out;
}

Result<EvidenceProvider> Directory::evidence_for(std::string_view type, std::string_view key,
                                                 Instant at) const {
    const std::vector<EvidenceProvider> all = evidence(type, at);
    const auto none = [&] {
        return fail(ErrorCode::unresolved,
                    "nobody gives evidence of '" + std::string(type) + "' for " + std::string(key));
    };
    const auto several = [&] {
        return fail(ErrorCode::conflict, "several tenants give evidence of '" + std::string(type) +
                                             "' for " + std::string(key));
    };
    if (key == "*") {
        if (all.empty()) return none();
        if (all.size() > 1) return several();
        return all.front();
    }
    SCHWARM_TRY(ranks, jurisdictions_of(key));
    for (const auto& rank : ranks) {
        std::vector<const EvidenceProvider*> found;
        for (const EvidenceProvider& one : all) {
            const auto info = tenant(one.provider, at);
            if (info.has_error()) continue;
            const auto& roles = info.value().roles;
            if (std::any_of(roles.begin(), roles.end(), [&](const Responsibility& r) {
                    return std::any_of(
                        r.jurisdictions.begin(), r.jurisdictions.end(), [&](const auto& mine) {
                            return std::find(rank.begin(), rank.end(), mine) != rank.end();
                        });
                })) {
                found.push_back(&one);
            }
        }
        if (found.size() > 1) return several();
        if (found.size() == 1) return *found.front();
    }
    return none();
}

bool Directory::verify_agreement(const HeldAgreement& held) const {
    const auto signed_by = [&](const Address& address, const std::string& jws) {
        const auto peeked = peek_jws(jws);
        if (peeked.has_error()) return false;
        for (const Instant at : {held.entry.agreement.from, held.time}) {
            const auto* tenant = version_with(address, peeked.value().kid, at);
            if (tenant == nullptr || at >= tenant->body.signing_until ||
                key_withdrawn(address, peeked.value().kid, at)) {
                continue;
            }
            if (cryptography_->verify(tenant->body.signing, kAgreementType, jws).has_value()) {
                return true;
            }
        }
        return false;
    };
    return signed_by(held.entry.agreement.client, held.entry.client_signature) &&
           signed_by(held.entry.agreement.provider, held.entry.provider_signature);
}

bool Directory::signed_with_lost_key(const HeldAgreement& held, Instant at) const {
    const auto lost = [&](const Address& address, const std::string& jws) {
        const auto peeked = peek_jws(jws);
        if (peeked.has_error()) return false;
        const auto all = key_withdrawals(address, peeked.value().kid);
        return std::any_of(all.begin(), all.end(), [&](const Withdrawal& one) {
            return one.since <= at && (held.member != address.member || one.number < held.number);
        });
    };
    return lost(held.entry.agreement.client, held.entry.client_signature) ||
           lost(held.entry.agreement.provider, held.entry.provider_signature);
}

std::optional<Instant> Directory::end_of(const HeldAgreement& held) const {
    const auto found = withdrawals_.find({held.member, held.number});
    if (found == withdrawals_.end()) return std::nullopt;
    const Agreement& agreement = held.entry.agreement;
    std::optional<Instant> out;
    for (const Withdrawal& one : found->second) {
        if (one.by != agreement.client.member && one.by != agreement.provider.member) continue;
        if (!out || one.since < *out) out = one.since;
    }
    return out;
}

std::vector<Agreement> Directory::agreements(const Address& client, const Address& provider,
                                             Instant at) const {
    std::vector<Agreement> out;
    const auto found = agreements_.find(client);
    if (found == agreements_.end()) return out;
    std::vector<const Agreement*> ended;
    for (const HeldAgreement& held : found->second) {
        const auto end = end_of(held);
        if (end && *end <= at) ended.push_back(&held.entry.agreement);
    }
    for (const HeldAgreement& held : found->second) {
        const Agreement& a = held.entry.agreement;
        if (a.provider != provider || at < a.from || at >= a.until || held.time > at ||
            std::any_of(ended.begin(), ended.end(),
                        [&](const Agreement* one) { return *one == a; })) {
            continue;
        }
        // A tenant that is not known yet may still come: only a verdict on both is remembered.
        if (!held.verdict.known() && tenants_.contains(client) && tenants_.contains(provider)) {
            held.verdict.remember(verify_agreement(held));
        }
        if (held.verdict.good() && !signed_with_lost_key(held, at)) out.push_back(a);
    }
    return out;
}

std::vector<CheckedAgreement> Directory::check_agreements() const {
    std::vector<CheckedAgreement> out;
    for (const auto& [client, entries] : agreements_) {
        for (const HeldAgreement& held : entries) {
            const Agreement& agreement = held.entry.agreement;
            const bool known =
                tenants_.contains(agreement.client) && tenants_.contains(agreement.provider);
            std::optional<Instant> ended;
            for (const HeldAgreement& other : entries) {
                if (other.entry.agreement != agreement) continue;
                const auto end = end_of(other);
                if (end && (!ended || *end < *ended)) ended = end;
            }
            const bool lost = known && signed_with_lost_key(held, Instant::max());
            out.push_back({held.member, held.number, agreement, known,
                           known && !lost && verify_agreement(held), lost, ended});
        }
    }
    return out;
}

// ---- membership

Standing Directory::standing(Instant now) const {
    const auto age = now - tip().content.time;
    if (age >= settings_.age_max) return Standing::expired;
    return age * 2 >= settings_.age_max ? Standing::aging : Standing::current;
}

EpochContent Directory::next_content(Instant now) const {
    EpochContent content;
    content.epoch = tip().content.epoch + 1;
    content.predecessor = tip_;
    content.time = std::max(now, tip().content.time);
    std::map<MemberId, EpochMember> members;
    for (const EpochMember& listed : tip().content.members) {
        if (remove_.contains(listed.member)) continue;
        const Chain& chain = chains_.at(listed.member);
        EpochMember& member = members[listed.member] = listed;
        if (chain.length() > listed.number && chain.hash_at(listed.number) == listed.head) {
            member.number = chain.length();
            member.head = chain.head();
            member.key = *chain.key();
        }
    }
    for (const auto& [id, origin] : admit_) {
        const Chain& chain = chains_.at(id);
        if (members.contains(id) || chain.length() == 0 || chain.origin() != origin) continue;
        members[id] = {id, origin, *chain.key(), chain.length(), chain.head()};
    }
    for (auto& [id, member] : members) content.members.push_back(std::move(member));
    return content;
}

Judgement Directory::judge(const Epoch& before, const EpochContent& proposed, Instant now) const {
    if (disputed_ || before.hash != tip_) return Judgement::refuse;
    if (proposed.time > now + settings_.skew) return Judgement::wait;
    bool wait = false;
    for (const EpochMember& m : proposed.members) {
        const EpochMember* listed = before.content.find(m.member);
        if (listed != nullptr && *listed == m) continue;
        if (listed == nullptr) {
            const auto consent = admit_.find(m.member);
            if (consent == admit_.end() || consent->second != m.origin) return Judgement::refuse;
        }
        const Chain* known = chain(m.member);
        if (known == nullptr || known->origin() != m.origin) return Judgement::refuse;
        if (m.number > known->length()) {
            if (known->fork()) return Judgement::refuse;
            wait = true;
            continue;
        }
        const PublicKey* key = known->key_before(m.number + 1);
        if (known->hash_at(m.number) != m.head || key == nullptr || *key != m.key) {
            return Judgement::refuse;
        }
    }
    for (const EpochMember& m : before.content.members) {
        if (proposed.find(m.member) == nullptr && !remove_.contains(m.member)) {
            return Judgement::refuse;
        }
    }
    return wait ? Judgement::wait : Judgement::accept;
}

std::vector<Lie> Directory::lies() const {
    std::vector<Lie> out;
    for (const auto& [hash, lie] : lies_) out.push_back(lie);
    return out;
}

std::string_view name_of(DirectoryWarning::Kind kind) {
    constexpr std::array<std::string_view, kWarningKindCount> kNames = {
        "key_expires", "epoch_ages", "fork", "lie", "disputed", "certificate_expires", "key_ages"};
    return kNames.at(static_cast<std::size_t>(kind));
}

std::vector<DirectoryConsent> Directory::consents() const {
    std::vector<DirectoryConsent> out;
    for (const auto& [member, origin] : admit_) {
        if (!admitted(member)) out.push_back({member, origin});
    }
    for (const MemberId& member : remove_) {
        if (admitted(member)) out.push_back({member, {}});
    }
    return out;
}

std::vector<DirectoryWarning> Directory::warnings(Instant now) const {
    using Kind = DirectoryWarning::Kind;
    std::vector<DirectoryWarning> out;
    if (disputed_) {
        out.push_back({Kind::disputed, "Two epochs " + std::to_string(tip().content.epoch + 1) +
                                           " are in dispute; an administrator must choose."});
    }
    if (standing(now) != Standing::current) {
        out.push_back({Kind::epoch_ages, "The directory's epoch " +
                                             std::to_string(tip().content.epoch) + " is " +
                                             days_in(now - tip().content.time) + " old."});
    }
    for (const auto& [member, proof] : forks_) {
        out.push_back({Kind::fork, member.value() + " has forked its chain at entry " +
                                       std::to_string(proof.number) + "."});
    }
    for (const EpochMember& m : tip().content.members) {
        const Chain& chain = chains_.at(m.member);
        if (m.number <= chain.length() && chain.hash_at(m.number) != m.head) {
            out.push_back({Kind::fork, "The chain of " + m.member.value() +
                                           " here is not the one that the epoch lists."});
        }
    }
    for (const auto& [hash, lie] : lies_) {
        out.push_back({Kind::lie, lie.member.value() + " has lied on the way to an epoch (" +
                                      std::string(name_of(lie.kind)) + ")."});
    }
    for (const auto& known : tenants_) {
        const Address& address = known.first;
        const auto info = tenant(address, now);
        if (info.has_error() || info.value().suspended || info.value().moved) continue;
        const auto warn = [&](const char* what, Instant until) {
            if (until - now > settings_.key_warning) return;
            out.push_back({Kind::key_expires, "The " + std::string(what) + " key of " +
                                                  address.text() + expires(until, now) + "."});
        };
        warn("signing", info.value().signing_until);
        warn("sealing", info.value().sealing_until);
    }
    return out;
}

std::vector<DirectoryWarning> Directory::own_warnings(const MemberId& self,
                                                      std::optional<Instant> certificate_end,
                                                      Instant now) const {
    using Kind = DirectoryWarning::Kind;
    std::vector<DirectoryWarning> out;
    const auto exchange_it = [](const char* what) {
        return "; exchange it with 'schwarm directory rotate " + std::string(what) + "'.";
    };
    if (certificate_end && *certificate_end - now <= settings_.key_warning) {
        out.push_back({Kind::certificate_expires, "The TLS certificate of " + self.value() +
                                                      expires(*certificate_end, now) +
                                                      exchange_it("tls")});
    }
    const auto warn = [&](const std::string& name, const char* what, std::optional<Instant> since) {
        if (!since || now - *since < settings_.key_age) return;
        out.push_back({Kind::key_ages, "The " + name + " key of " + self.value() + " is " +
                                           days_in(now - *since) + " old" + exchange_it(what)});
    };
    const Chain* known = chain(self);
    warn("operator", "operator", known == nullptr ? std::nullopt : known->key_since());
    warn("TLS", "tls", tls_since(self));
    return out;
}

}  // namespace schwarm::exchange
