// The directory of the network as this node keeps it: rows of the node's own tenant, the state
// that follows from them, and its part in membership.
//
// Lookups read a snapshot and may be made on any thread, also on the runtime's. Changes are durable
// before they answer; they must not be made on the runtime's threads, since they wait for it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "restored_row.hpp"
#include "schwarm/exchange/directory.hpp"
#include "schwarm/exchange/directory_membership.hpp"
#include "schwarm/post/ports.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/server/config.hpp"

namespace schwarm::server {

class NetworkDirectory final : public post::Network {
  public:
    using Log = std::function<void(std::string_view)>;
    // `changed` is called when lookups may answer otherwise; quick, on the thread of the change.
    NetworkDirectory(const exchange::Cryptography& cryptography, const Clock& clock, Random& random,
                     exchange::MemberId self, Log log, std::function<void()> changed,
                     exchange::DirectorySettings settings = {});
    ~NetworkDirectory() override;

    // Loads what is stored, or begins with the founding file. The runtime must outlive all later
    // calls.
    Result<void> open(runtime::Runtime& runtime, const exchange::KeyPair& operator_key,
                      std::string_view founding);

    // post::Network
    Result<exchange::Address> find(std::string_view role, std::string_view jurisdiction,
                                   std::string_view contract,
                                   std::string_view version) const override;
    bool plays(const exchange::Address& tenant, std::string_view role, std::string_view contract,
               std::string_view version) const override;
    Result<exchange::PublicKey> sealing_key(const exchange::Address& tenant) const override;
    Result<exchange::PublicKey> signing_key(const exchange::Address& tenant, std::string_view kid,
                                            Instant at) const override;

    std::shared_ptr<const exchange::Directory> now() const;
    // The member whose node entry names this TLS key (hexadecimal); nothing if there is none.
    std::optional<exchange::MemberId> member_of(std::string_view tls_key) const;

    const exchange::MemberId& self() const { return self_; }

    // The administrator's word (docs/decisions/0010-network.md, "Epochs").
    // invalid_input: `key` is no id of a key; conflict: a member already, or its chain begins with
    // another key.
    Result<void> consent_to_admit(const exchange::MemberId& member, std::string_view key);
    // Agreed to, but no member yet.
    bool awaits(const exchange::MemberId& member) const;
    // Takes back a consent to admit, too. not_found: neither a member nor consented to.
    Result<void> consent_to_remove(const exchange::MemberId& member);
    // not_found: no epoch in dispute has this hash.
    Result<void> choose(const crypto::Hash& epoch);
    // Where somebody is found whom this node has agreed to admit, beside the configuration.
    Result<void> remember(const NetworkPeer& peer);
    std::vector<NetworkPeer> remembered() const;

    // Appends to the own chain. unavailable: restored, and not resume()d yet; conflict: the
    // operator key is not that of the chain.
    Result<void> enter(exchange::EntryBody body);
    // Whether each other member of the newest epoch has shown that it knows the own chain up to
    // this entry, since the start.
    bool known_to_all(std::uint64_t number) const;
    // The number of the last entry of the own chain.
    std::uint64_t length() const;
    // Another operator key in place of the one with the id `from`: entry and keys are one commit.
    // false: it is another one already. unavailable: the newest epoch does not list `from` yet.
    Result<bool> exchange_operator_key(std::string_view from);
    std::string operator_kid() const;

    // The database comes from a backup: until resume() nothing is voted, and nothing entered before
    // the incarnation is known.
    std::optional<RestoredRow> restored() const;
    // All that others know is known here. The incarnation to enter; it is durable.
    Result<std::uint64_t> next_incarnation();
    // It is entered.
    Result<void> resume();
    // One exchange with a peer: what to ask, what to answer, what to take from the answer.
    struct Taken {
        std::optional<std::string> next;  // the next question, while one of both lacks something
        bool all = false;                 // the peer knows nothing more than is known here now
    };
    std::string question() const;
    Result<std::string> answer(const exchange::MemberId& from, std::string_view question);
    Result<Taken> take(const exchange::MemberId& from, std::string_view answer);

    // Membership: messages that are to be sent now.
    std::vector<exchange::MembershipMessage> handle(const exchange::MemberId& from,
                                                    std::string_view text);
    // `propose`: it is this node's turn to propose an epoch, if it wants another one.
    std::vector<exchange::MembershipMessage> tick(bool propose);

  private:
    class Rows;

    Result<void> load();
    void show();
    // Under change_: stores, then shows it to the lookups.
    using Also = std::function<Result<void>(runtime::WriteBatch&)>;
    Result<void> keep(const exchange::DirectoryAnswer& answer,
                      std::vector<exchange::DirectoryRow> more = {}, const Also& also = {});
    Result<std::string> next_entry(exchange::EntryBody body, const exchange::KeyPair& key) const;
    void note(const exchange::MemberId& peer, const exchange::DirectorySummary& summary);
    Result<void> accept(const exchange::DirectoryBatch& batch);
    Result<void> follow();
    Result<void> load_remembered();
    // conflict: it is not the one that the chain says is current.
    Result<void> check_operator_key() const;
    std::vector<exchange::MembershipMessage> carry_out(exchange::MembershipAnswer answer);

    const exchange::Cryptography& cryptography_;
    const Clock& clock_;
    Random& random_;
    const exchange::MemberId self_;
    const Log log_;
    const std::function<void()> changed_;
    const exchange::DirectorySettings settings_;
    runtime::Runtime* runtime_ = nullptr;
    exchange::KeyPair operator_key_;
    // The one before it, until an epoch lists the new one.
    std::optional<exchange::KeyPair> voting_key_;

    std::mutex change_;  // one change at a time
    std::optional<exchange::Directory> directory_;
    std::unique_ptr<exchange::MembershipJudge> judge_;
    exchange::Membership membership_;

    mutable std::mutex shown_mutex_;
    std::shared_ptr<const exchange::Directory> shown_;
    std::optional<RestoredRow> restored_;  // changed under both
    // How far the others know the own chain.
    std::map<exchange::MemberId, std::uint64_t> heard_;
    std::map<std::string, NetworkPeer> remembered_;  // by member
};

// invalid_input: it is no id of a key; no hash of an epoch (64 hexadecimal digits).
Result<void> check_kid(std::string_view key);
Result<crypto::Hash> parse_hash(std::string_view text);

}  // namespace schwarm::server
