// The durable host of the exchange: what cases send to other tenants leaves in the commit that sent
// it and is repeated until it is receipted; what arrives takes effect once, in the order in which
// it was sent, in the commit that notes it. The header to read first. Rules: docs/decisions/0010.
//
// Threads: all functions may be called from any thread. Nothing runs by itself: the host calls
// tick() when it says, and wakes up when `wake` is called.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/base/clock.hpp"
#include "schwarm/base/ids.hpp"
#include "schwarm/base/result.hpp"
#include "schwarm/post/mail.hpp"
#include "schwarm/post/ports.hpp"
#include "schwarm/post/restored.hpp"
#include "schwarm/runtime/runtime.hpp"

namespace schwarm::post {

// All references must outlive the Post.
struct Environment {
    exchange::MemberId member;  // this node
    const Clock& clock;
    Random& random;
    const exchange::Cryptography& cryptography;
    const Network& network;
    const Contracts& contracts;
    Transport& transport;
    // tick() has something to do earlier than it said. Quick, from any thread. May be empty.
    std::function<void()> wake;
    // A line for the operator's log, without personal data. May be empty.
    std::function<void(std::string_view)> log;
    NodeMessages* own = nullptr;  // null: there are none
};

struct Options {
    std::size_t batch_max = 256;  // messages in one request
    std::chrono::milliseconds retry_min{std::chrono::seconds(1)};
    // With the time a request may take, less than a minute: so long after a link has healed what
    // waited for it is under way at the latest.
    std::chrono::milliseconds retry_max{std::chrono::seconds(20)};
    // How long sealed messages are kept after their receipt, for a peer that is restored from a
    // backup; and how long a message is remembered after its time, so that it is not taken twice.
    std::chrono::milliseconds kept{std::chrono::hours(24 * 14)};
    std::size_t held_max = 1'000;       // messages of one conversation that wait for an earlier one
    std::size_t segments_at_once = 16;  // of a document, in one answer and one write
};

// What waits for whom, and why: for the operator.
struct Waiting {
    TenantId tenant;
    CaseId case_id;
    std::string to;    // address; empty: nobody is found for the role yet
    std::string type;  // contract/version/message
    std::string id;
    DeliveryState state = DeliveryState::waiting;
    Instant since;
    Instant expires;
    std::uint32_t attempts = 0;  // since the start
    std::string reason;          // why the last one failed
};

struct Metrics {
    std::uint64_t sent = 0;       // envelopes handed over, repetitions too
    std::uint64_t processed = 0;  // receipts of that kind
    std::uint64_t refused = 0;
    std::uint64_t expired = 0;
    std::uint64_t received = 0;  // envelopes that were new
    std::uint64_t repeated = 0;  // envelopes that were known
    std::uint64_t rejected = 0;  // requests and envelopes that were not what they must be
    std::uint64_t segments = 0;  // of documents, taken
    std::uint64_t waiting = 0;   // deliveries without a receipt
};

// For runtime::Environment::under_way: whether a message of the case waits for its receipt. One
// that was refused or whose time is over waits no more.
Result<bool> has_open_deliveries(runtime::WriteBatch& batch, CaseId case_id);

// For runtime::Environment::forget: what waits for its turn in a conversation of the case goes at
// once, and the conversations when nobody may ask for them any more (decision 0019).
Result<void> forget_case(runtime::WriteBatch& batch, CaseId case_id);

class Post {
  public:
    Post(Environment environment, Options options = {});
    ~Post();
    Post(const Post&) = delete;
    Post& operator=(const Post&) = delete;

    // For runtime::Environment::local_effects: "deliver" and "redeliver".
    std::map<std::string, runtime::LocalEffect, std::less<>> local_effects();
    // Makes the keys of tenants that have none and loads what waits. The runtime must outlive all
    // calls after this one. Before, nothing may be received.
    Result<void> open(runtime::Runtime& runtime, const std::vector<TenantId>& tenants);

    // Whether a tenant was restored from a backup and some member has not said yet what happened
    // since. Before the first recover() such a node signs, sends and takes nothing.
    bool restored() const;
    // The node may sign again: asks these members (others than this one are not waited for). Call
    // it again when they are others.
    void recover(const std::vector<exchange::MemberId>& members);
    std::vector<Awaited> awaited() const;

    // Records a message of the node, in the write in which it came about. It is delivered like
    // those of cases.
    Result<void> send(runtime::WriteBatch& batch, NodeMessage message);
    // Erases a row of the space exchange when its time has come.
    static void erase_later(runtime::WriteBatch& batch, Instant at, std::string_view key);

    // The keys that the directory is to name for a tenant of this node: the new ones as soon as an
    // exchange has begun.
    Result<exchange::PublicKey> signing_key(const TenantId& tenant) const;
    Result<exchange::PublicKey> sealing_key(const TenantId& tenant) const;

    // An exchange of keys (docs/decisions/0014-operator-commands.md): make new ones if the tenant
    // signs with `from` (false: with another one, or the exchange has begun already); enter them
    // into the directory; when the others know them, finish. The old sealing key opens what comes
    // late until its time is over. All wait for the runtime: not on its threads.
    Result<bool> begin_key_exchange(const TenantId& tenant, std::string_view from);
    bool exchanges_keys(const TenantId& tenant) const;
    // The one that signs now.
    Result<exchange::PublicKey> current_key(const TenantId& tenant) const;
    Result<void> finish_key_exchange(const TenantId& tenant);
    // Call it now and then.
    void erase_old_keys();

    // Envelopes outside of deliveries, for questions that are answered at once or not at all and
    // leave nothing behind. unseal() checks what receive() checks, but not whether it came before.
    Result<std::string> seal(const exchange::Envelope& envelope) const;
    Result<exchange::Envelope> unseal(std::string_view envelope,
                                      const exchange::MemberId& from) const;

    // A JWS of this typ by a tenant of this node.
    Result<std::string> sign(const TenantId& tenant, std::string_view type,
                             std::string_view payload) const;

    // Sends what is due and lets go of what is over; answers when to be called again at the latest.
    Instant tick();

    // The directory is another now: addresses and keys that were not found are looked for again.
    void network_changed();

    // Another member has asked or answered something: what waits for it is tried again soon,
    // however often it was not reached before. Cheap.
    void heard_of(const exchange::MemberId& member);

    // A request from another member (its name is proven by TLS). The answer holds signed receipts
    // for what is durable; invalid_input if it is no request at all.
    void receive(const exchange::MemberId& from, std::string_view request,
                 std::function<void(Result<std::string>)> answer);

    // A question of another member for segments of a document that was sent to it. gone: there is
    // none for it (any more); invalid_input: no question.
    Result<std::string> segments(const exchange::MemberId& from, std::string_view question);

    // What a case of this node has sent and received. not_found: no such case.
    Result<CaseMail> mail(const TenantId& tenant, CaseId id) const;

    // Oldest first.
    std::vector<Waiting> waiting(const TenantId& tenant, std::size_t limit = 100) const;
    Metrics metrics() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::post
