// The whole directory as one node sees it: members, tenants with their keys, services, evidence,
// agreements; who may be heard, and what is wrong (docs/decisions/0010-network.md).
//
// Pure: no clock, disk or sockets. Every change answers with rows for the host to store
// (directory_rows.hpp) and has taken effect here already; if they cannot be stored, load again.
// Signatures are verified once, on acceptance; the node's own signed checkpoint vouches for them
// at the next start. Not thread-safe, but const functions may be called from any thread while
// nobody changes the object.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schwarm/exchange/directory_chain.hpp"
#include "schwarm/exchange/directory_epoch.hpp"
#include "schwarm/exchange/directory_membership.hpp"
#include "schwarm/exchange/directory_rows.hpp"
#include "schwarm/exchange/directory_sync.hpp"
#include "schwarm/exchange/directory_vote.hpp"

namespace schwarm::exchange {

struct DirectorySettings {
    std::chrono::milliseconds age_max = std::chrono::hours(24 * 30);  // directory_age_max
    // Before a key or a certificate expires.
    std::chrono::milliseconds key_warning = std::chrono::hours(24 * 30);
    // The keys of a node (operator, TLS) do not expire; so long after their entry they are to be
    // exchanged.
    std::chrono::milliseconds key_age = std::chrono::hours(24 * 365 * 2);
    std::chrono::milliseconds skew = std::chrono::hours(1);  // of other members' clocks
    // How long a replaced signing key is good for: what was signed with it may be under way.
    std::chrono::milliseconds overlap = std::chrono::hours(24 * 44);
};

struct DirectoryAnswer {
    std::vector<DirectoryRow> rows;
    std::vector<Error> refused;       // of what others sent; it had no effect
    std::vector<std::string> alarms;  // for the operator: forks and lies that were not known
    bool changed() const { return !rows.empty(); }
};

struct MemberInfo {
    MemberId member;
    PublicKey operator_key;
    NodeEntry node;
};

struct EvidenceProvider {
    Address provider;
    EvidenceEntry evidence;
};

struct CheckedAgreement {
    MemberId member;  // whose chain holds it
    std::uint64_t number = 0;
    Agreement agreement;
    bool known = false;                // both tenants are in the directory
    bool good = false;                 // both signed it, with keys that count
    bool lost_key = false;             // signed with a key that was withdrawn afterwards
    std::optional<Instant> withdrawn;  // since then, by either
};

enum class Standing : std::uint8_t {
    current,
    aging,    // half of age_max is over: warn
    expired,  // nothing may be delivered any more
};

struct DirectoryWarning {
    enum class Kind : std::uint8_t {
        key_expires,
        epoch_ages,
        fork,
        lie,
        disputed,
        certificate_expires,
        key_ages,
    };
    Kind kind;
    std::string text;  // one sentence
};
inline constexpr std::size_t kWarningKindCount =
    static_cast<std::size_t>(DirectoryWarning::Kind::key_ages) + 1;
std::string_view name_of(DirectoryWarning::Kind kind);

// What the administrator agreed to and no epoch has carried out yet.
struct DirectoryConsent {
    MemberId member;
    std::string origin;  // kid of the first operator key of who joins; empty: the member goes
};

class Directory final : public MembershipJudge {
  public:
    // A new directory out of a founding file; `answer` gets its rows.
    static Result<Directory> found(const Cryptography& cryptography, std::string_view founding,
                                   DirectoryAnswer& answer, DirectorySettings settings = {});
    // What load() has done, for the log of the start.
    struct LoadReport {
        std::uint64_t entries = 0;
        std::uint64_t verified = 0;  // entries whose signature was verified
        bool checkpoint = false;     // one was there and good
    };
    // From the rows. With a checkpoint signed by `own` what it covers is checked by hashes only;
    // with nullptr, or without a good checkpoint, every signature is verified (verify --all).
    // corrupt: names the row.
    static Result<Directory> load(const Cryptography& cryptography, const DirectoryRows& rows,
                                  const PublicKey* own, LoadReport* report = nullptr,
                                  DirectorySettings settings = {});
    // Signs all that is accepted so far; store it in place of the one before.
    Result<DirectoryRow> checkpoint(const KeyPair& operator_key, Instant now) const;

    // ---- changes
    // From others. What does not verify is refused, item by item.
    DirectoryAnswer accept(const DirectoryBatch& batch, const DirectoryRows& rows);
    DirectoryAnswer accept_epoch(const Epoch& verified);  // what Membership decided
    DirectoryAnswer accept_lie(const Lie& lie);
    // An entry of the own chain, signed by sign_entry().
    DirectoryAnswer accept_own(const std::string& jws, const DirectoryRows& rows);
    // The administrator agrees that a member with this first operator key joins, or that one goes.
    DirectoryAnswer consent_to_admit(const MemberId& member, const std::string& origin);
    DirectoryAnswer consent_to_remove(const MemberId& member);
    // After a proven dispute: the epoch that counts. not_found: none of the disputed ones.
    Result<DirectoryAnswer> choose(const crypto::Hash& epoch);

    // ---- exchange with peers
    DirectorySummary summary() const;
    // What a peer with this summary lacks, at most kBatchItemsMax and half of kBatchBytesMax.
    Result<DirectoryBatch> missing(const DirectorySummary& peer, const DirectoryRows& rows) const;

    // ---- membership
    const Epoch& founding() const { return *epochs_.at(network_); }
    // The epoch that counts; before a dispute if there is one.
    const Epoch& tip() const { return *epochs_.at(tip_); }
    // Two valid epochs follow tip() and the administrator has chosen none: admit nobody.
    bool disputed() const { return disputed_; }
    std::vector<crypto::Hash> successors(const crypto::Hash& epoch) const;
    Standing standing(Instant now) const;
    // The epoch to propose: the known heads, and the members the administrator agreed to.
    EpochContent next_content(Instant now) const;
    std::vector<DirectoryConsent> consents() const;
    Judgement judge(const Epoch& before, const EpochContent& proposed, Instant now) const override;
    const Chain* chain(const MemberId& member) const;
    std::vector<Lie> lies() const;
    std::vector<DirectoryWarning> warnings(Instant now) const;
    // What only the operator of this member can do something about, so that others are not told:
    // its own keys that are old, and its certificate for TLS, which the directory does not know
    // (`certificate_end`: the first moment at which it is not valid; nothing: it is not known).
    std::vector<DirectoryWarning> own_warnings(const MemberId& self,
                                               std::optional<Instant> certificate_end,
                                               Instant now) const;

    // ---- lookup. Only members of tip() are found, except by signing_key().
    bool admitted(const MemberId& member) const { return tip().content.find(member) != nullptr; }
    // unresolved: no member, or nothing is known of it.
    Result<MemberInfo> member(const MemberId& member) const;
    // The time of the first entry that named the youngest TLS key of the newest node entry: while
    // keys are exchanged that names the new one beside the old. Nothing: none is entered.
    std::optional<Instant> tls_since(const MemberId& member) const;
    // Whether an earlier node entry of the member named this TLS key and the newest does not.
    bool gave_up(const MemberId& member, const crypto::Hash& tls_key) const;
    // The tenant as it was at a time; it may be suspended or moved. unresolved, gone (withdrawn).
    Result<TenantEntry> tenant(const Address& address, Instant at) const;
    // Number and time of the entry that says so.
    struct Entered {
        std::uint64_t number;
        Instant time;
    };
    std::optional<Entered> entered(const Address& address, Instant at) const;
    // The newest entry that names this signing key, whether or not the key is still good. A key
    // whose entry is withdrawn does not come back by another entry.
    struct KeyEntry {
        std::uint64_t number;
        std::optional<Instant> withdrawn;  // since then
    };
    std::optional<KeyEntry> key_entry(const Address& address, std::string_view kid) const;
    struct SigningKey {
        std::string kid;
        Instant since;  // first named
        std::optional<Instant> withdrawn;
    };
    // All that the tenant ever had, the oldest first.
    std::vector<SigningKey> signing_keys(const Address& address) const;
    // The key with this kid if the tenant could sign with it at that time: entered, not expired,
    // suspended or withdrawn, and not replaced for longer than `overlap`. unresolved otherwise.
    Result<PublicKey> signing_key(const Address& address, std::string_view kid, Instant at) const;
    // For sealing to the tenant now. conflict: suspended, moved or expired.
    Result<PublicKey> sealing_key(const Address& address, Instant now) const;
    // Who acts in a role for an AGS (8 digits) or ARS (12 digits); the narrowest jurisdiction wins.
    // unresolved: nobody; conflict: two; invalid_input: no such key.
    Result<Address> responsible(std::string_view role, std::string_view key, Instant at) const;
    // What was entered last, in whichever role.
    // unresolved: the tenant does not take part in this collaboration with this version.
    Result<ServiceEntry> service(const Address& address, std::string_view collaboration,
                                 std::string_view version, Instant at) const;
    bool plays(const Address& address, std::string_view role, std::string_view collaboration,
               std::string_view version, Instant at) const;
    // All that are neither withdrawn nor in the future, by address; a tenant that plays several
    // roles of a collaboration is listed with each.
    std::vector<std::pair<Address, TenantEntry>> tenants(Instant at) const;
    std::vector<std::pair<Address, ServiceEntry>> services(Instant at) const;
    std::vector<EvidenceProvider> evidence(std::string_view type, Instant at) const;
    std::vector<EvidenceProvider> all_evidence(Instant at) const;
    // Whose register it is for an AGS, an ARS or "*": of the tenants that give such evidence the
    // one with the narrowest jurisdiction, in whichever role. unresolved: nobody; conflict: two;
    // invalid_input: no such key.
    Result<EvidenceProvider> evidence_for(std::string_view type, std::string_view key,
                                          Instant at) const;
    // Those with both signatures good that hold at the time. What either side has withdrawn does
    // not come back by another entry of the same text. What a key signed that is withdrawn at that
    // time counts only in an entry of the same member from before the withdrawal: the times that
    // others write could have been chosen by who stole it.
    std::vector<Agreement> agreements(const Address& client, const Address& provider,
                                      Instant at) const;
    // Every one that was ever entered, its signatures verified now.
    std::vector<CheckedAgreement> check_agreements() const;

  private:
    template <class Body>
    struct Dated {
        std::uint64_t number;
        Instant time;
        Body body;
    };
    // Of signatures, remembered by const functions on any thread: who comes to it twice comes to
    // the same.
    class Verdict {
      public:
        Verdict() = default;
        Verdict(const Verdict& other) : state_(other.state_.load()) {}
        Verdict& operator=(const Verdict& other) {
            state_ = other.state_.load();
            return *this;
        }
        bool known() const { return state_ != State::unknown; }
        bool good() const { return state_ == State::good; }
        void remember(bool good) const { state_ = good ? State::good : State::bad; }

      private:
        enum class State : std::uint8_t { unknown, good, bad };
        mutable std::atomic<State> state_{State::unknown};
    };
    struct HeldAgreement {
        MemberId member;  // whose chain holds it
        std::uint64_t number;
        Instant time;
        AgreementEntry entry;
        Verdict verdict;
    };
    struct Withdrawal {
        MemberId by;
        std::uint64_t number;  // of the entry that says so
        Instant since;
    };

    Directory(const Cryptography& cryptography, DirectorySettings settings)
        : cryptography_(&cryptography), settings_(settings) {}

    void add_epoch(Epoch epoch);
    void recompute_tip();
    void know_chain(const MemberId& member, const std::string& origin);
    void take(const DirectoryEntry& entry, std::uint64_t number);
    void forget(const MemberId& member);
    Result<void> rebuild(const MemberId& member, const DirectoryRows& rows,
                         const std::vector<DirectoryRow>& fresh);
    void accept_entry(const std::string& jws, const DirectoryRows& rows, DirectoryAnswer& out);
    void accept_fork(const ForkProof& proof, const DirectoryRows& rows, DirectoryAnswer& out);
    void accept_epoch_text(const std::string& text, DirectoryAnswer& out);
    Result<void> load_consents(const DirectoryRows& rows);
    Result<void> load_epochs(const DirectoryRows& rows, const crypto::Hash* trusted_tip);
    Result<void> load_chain(const DirectoryRows& rows, Chain& chain, const ChainHead* trusted,
                            std::uint64_t end, LoadReport& report);
    Result<void> load_proofs(const DirectoryRows& rows);
    // Of two disjoint kinds: the version in force, if it is not withdrawn.
    const Dated<TenantEntry>* version(const Address& address, Instant at) const;
    // The last version with this signing key that was in force at most `overlap` before.
    const Dated<TenantEntry>* version_with(const Address& address, std::string_view kid,
                                           Instant at) const;
    bool withdrawn(const MemberId& member, std::uint64_t number, const MemberId& by,
                   Instant at) const;
    bool acts(const Address& address, std::string_view role, const std::string& jurisdiction,
              Instant at) const;
    bool takes_part(const Address& address, const Dated<ServiceEntry>& dated, Instant at) const;
    // By the tenant's own member, of any entry that names this signing key.
    std::vector<Withdrawal> key_withdrawals(const Address& address, std::string_view kid) const;
    bool key_withdrawn(const Address& address, std::string_view kid, Instant at) const;
    bool verify_agreement(const HeldAgreement& held) const;
    // Whether a key of either signature is withdrawn at that time, and this entry no proof that it
    // was made before.
    bool signed_with_lost_key(const HeldAgreement& held, Instant at) const;
    // The first moment at which one of its parties has withdrawn this entry.
    std::optional<Instant> end_of(const HeldAgreement& held) const;
    // What the newest epoch has carried out is not asked for again.
    void use_up_consents(DirectoryAnswer& out);
    Result<void> add_missing_epochs(const DirectorySummary& peer, const DirectoryRows& rows,
                                    DirectoryBatch& out, std::size_t& bytes) const;
    Result<void> add_missing_entries(const ChainHead& head, const Chain& chain,
                                     const DirectoryRows& rows, DirectoryBatch& out,
                                     std::size_t& bytes) const;

    const Cryptography* cryptography_;
    DirectorySettings settings_;
    crypto::Hash network_{};
    crypto::Hash tip_{};
    bool disputed_ = false;
    std::map<crypto::Hash, std::shared_ptr<const Epoch>> epochs_;
    std::map<crypto::Hash, std::vector<crypto::Hash>> successors_;
    std::map<std::uint64_t, crypto::Hash> choices_;
    std::map<MemberId, std::string> admit_;  // consents: origin
    std::set<MemberId> remove_;
    std::map<MemberId, Chain> chains_;
    std::map<MemberId, ForkProof> forks_;
    std::map<crypto::Hash, Lie> lies_;

    std::map<MemberId, NodeEntry> nodes_;
    std::map<MemberId, std::set<crypto::Hash>> former_tls_;
    std::map<MemberId, std::map<crypto::Hash, Instant>> tls_since_;  // when first named
    std::map<Address, std::vector<Dated<TenantEntry>>> tenants_;
    std::map<Address, std::vector<Dated<ServiceEntry>>> services_;
    std::map<std::string, std::vector<std::pair<MemberId, Dated<EvidenceEntry>>>, std::less<>>
        evidence_;
    std::map<Address, std::vector<HeldAgreement>> agreements_;  // by client
    std::map<std::pair<MemberId, std::uint64_t>, std::vector<Withdrawal>> withdrawals_;
    // role -> jurisdiction -> who has ever claimed it
    std::map<std::string, std::map<std::string, std::set<Address>>, std::less<>> claims_;
};

}  // namespace schwarm::exchange
