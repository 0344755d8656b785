// The directory of the network as this node keeps it: rows of the node's own tenant, the state
// that follows from them, and its part in membership.
//
// Lookups read a snapshot and may be made on any thread, also on the runtime's. Changes are durable
// before they answer; they must not be made on the runtime's threads, since they wait for it.
#pragma once

#include <functional>
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

namespace schwarm::server {

class NetworkDirectory final : public post::Network {
  public:
    using Log = std::function<void(std::string_view)>;
    // `changed` is called when lookups may answer otherwise; quick, on the thread of the change.
    NetworkDirectory(const exchange::Cryptography& cryptography, const Clock& clock, Random& random,
                     exchange::MemberId self, Log log, std::function<void()> changed);
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

    // Appends to the own chain. unavailable: restored, and not resume()d yet.
    Result<void> enter(exchange::EntryBody body);

    // The database comes from a backup: until resume() nothing is voted, and nothing entered before
    // the incarnation is known.
    std::optional<RestoredRow> restored() const;
    // All that others know is known here. The incarnation to enter; it is durable.
    Result<std::uint64_t> next_incarnation();
    // It is entered.
    Result<void> resume();
    // One exchange with a peer: what to ask, what to answer, what to take from the answer. The
    // third gives the next question while one of both sides lacks something.
    std::string question() const;
    Result<std::string> answer(std::string_view question);
    Result<std::optional<std::string>> take(std::string_view answer);

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
    Result<void> keep(const exchange::DirectoryAnswer& answer,
                      std::vector<exchange::DirectoryRow> more = {});
    Result<void> accept(const exchange::DirectoryBatch& batch);
    Result<void> follow();
    std::vector<exchange::MembershipMessage> carry_out(exchange::MembershipAnswer answer);

    const exchange::Cryptography& cryptography_;
    const Clock& clock_;
    const exchange::MemberId self_;
    const Log log_;
    const std::function<void()> changed_;
    runtime::Runtime* runtime_ = nullptr;
    exchange::KeyPair operator_key_;

    std::mutex change_;  // one change at a time
    std::optional<exchange::Directory> directory_;
    std::unique_ptr<exchange::MembershipJudge> judge_;
    exchange::Membership membership_;

    mutable std::mutex shown_mutex_;
    std::shared_ptr<const exchange::Directory> shown_;
    std::optional<RestoredRow> restored_;  // changed under both
};

}  // namespace schwarm::server
