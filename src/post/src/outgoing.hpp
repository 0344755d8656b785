// What leaves: deliveries from the commit that made them to their receipt.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "attachments.hpp"
#include "back_off.hpp"
#include "meters.hpp"
#include "rows.hpp"
#include "tenant_keys.hpp"

namespace schwarm::post {

// Thread-safe. Never calls the runtime or the transport while it holds its lock: both may answer
// from inside.
class Outgoing {
  public:
    Outgoing(const Environment& environment, const Options& options, const TenantKeys& keys,
             const Attachments& attachments, Meters& meters);

    // In the commit of the case.
    Result<void> record(const engine::Effect& effect, const engine::CaseState& state,
                        runtime::WriteBatch& batch);
    Result<void> record(NodeMessage message, runtime::WriteBatch& batch);
    Result<void> record_again(const engine::CaseState& state, runtime::WriteBatch& batch);

    Result<void> load(runtime::Runtime& runtime, const std::vector<TenantId>& tenants);
    Result<std::string> seal(const exchange::Envelope& envelope) const;
    Instant tick();
    void network_changed();
    void heard_of(const exchange::MemberId& member);
    // The receiver has what it waited for: its receipt is asked for soon.
    void expect_receipt(const TenantId& tenant, const std::string& to, const std::string& id);
    // Somebody has written this row.
    void look(const TenantId& tenant, std::uint64_t number);
    // Nothing is sent between a tenant and a member for which this holds.
    using Blocked = std::function<bool(const TenantId&, std::string_view member)>;
    void block(Blocked blocked) { blocked_ = std::move(blocked); }
    // Answers to what is under way to this address do not count: their node was restored since.
    void forget_under_way(const std::string& to);
    std::vector<Waiting> waiting(const TenantId& tenant, std::size_t limit) const;
    // Why what waits for this address could not be handed over last; empty: nothing failed.
    std::string obstacle(const TenantId& tenant, const std::string& to) const;
    std::size_t count() const;

  private:
    using Number = std::uint64_t;
    // Of one link under way: while one is being made durable here or there, another is sealed.
    static constexpr std::size_t kRequestsMax = 3;
    // What is sent at once need not be read again; what waits longer is.
    static constexpr std::size_t kRememberedBytes = std::size_t{8} << 20;
    // Its case may be deleted later on, by law.
    static constexpr auto kRememberedFor = std::chrono::minutes(1);
    using DeliveryPtr = std::shared_ptr<const Delivery>;

    struct Entry {
        OpenDelivery row;
        DeliveryPtr delivery;        // nothing: it is to be read
        Instant next;                // not sent before
        bool under_way = false;      // in a request; then it is not in Link::due
        std::uint32_t attempts = 0;  // since the start
        std::string reason;
    };
    // All that one tenant has for another; the oldest is sent first. As long as nobody has answered
    // there is one request at a time, with one message; with each answer twice as many are sent.
    struct Link {
        TenantId tenant;
        std::string to;      // address; empty: those without one
        std::string member;  // of `to`
        std::map<Number, Entry> entries;
        std::set<std::pair<Instant, Number>> due;   // of entries that are to be sent
        std::set<std::pair<Instant, Number>> ends;  // likewise, when their time is over
        std::size_t requests = 0;                   // under way
        std::uint64_t era = 0;                      // restores of the other node
        std::size_t window = 1;                     // messages that a request may hold
        Instant next{};                             // not before: the other node did not answer
        std::uint32_t failures = 0;
        std::string reason;  // of the last one
    };
    using LinkPtr = std::shared_ptr<Link>;

    // One request under way.
    struct Letter {
        Number number = 0;
        OpenDelivery row;
        DeliveryPtr delivery;
        std::string envelope;
        crypto::Hash content{};  // of what it says
        std::string manifest;    // empty: no documents, or stored
    };
    struct Parcel {
        LinkPtr link;
        std::vector<Letter> letters;
        std::uint64_t era = 0;
    };
    using ParcelPtr = std::shared_ptr<Parcel>;
    static bool may_send(const Link& link) {
        return link.requests < (link.window == 1 ? std::size_t{1} : kRequestsMax);
    }

    std::string new_id() const;
    // The delivery and what is open of it, in the batch.
    Result<void> put(runtime::WriteBatch& batch, Delivery delivery, OpenDelivery row);
    bool is_blocked(const Link& link) const {
        return blocked_ && !link.to.empty() && blocked_(link.tenant, link.member);
    }
    struct Fresh {
        Number number = 0;
        DeliveryPtr delivery;
    };
    void look(const TenantId& tenant, Fresh fresh);
    void take_fresh();
    Result<void> place(const TenantId& tenant, const std::vector<Fresh>& fresh);
    void put(const TenantId& tenant, Number number, OpenDelivery row, DeliveryPtr delivery = {});
    void remember(const Link& link, Entry& entry, DeliveryPtr delivery);
    DeliveryPtr forget(Entry& entry);
    void schedule(Link& link, Number number, Instant next);
    void drop(Link& link, Number number);
    void put_back(Link& link, Number number);

    void find_addresses(const LinkPtr& link);
    void send(const LinkPtr& link);
    ParcelPtr choose(const LinkPtr& link, Instant now);
    // False: the letter is not to be sent now.
    bool prepare(const LinkPtr& link, const runtime::ReadView& view, Letter& letter);
    // With the manifest of its documents.
    Result<std::string> make_envelope(const Link& link, const runtime::ReadView& view,
                                      const Delivery& delivery, Letter& letter) const;
    // The keys of documents are durable before an envelope names them.
    void store_manifests(const ParcelPtr& parcel);
    void transmit(const ParcelPtr& parcel);
    bool is_outdated(const Parcel& parcel) const;
    void answered(const ParcelPtr& parcel, const Result<std::string>& answer);
    std::map<Number, exchange::Receipt> read_answer(const Parcel& parcel,
                                                    std::string_view answer) const;
    void settle(const ParcelPtr& parcel, std::map<Number, exchange::Receipt> receipts);
    void failed(const ParcelPtr& parcel, const std::string& reason);
    void postpone(const LinkPtr& link, Number number, const std::string& reason);
    // The case is told, and nothing is sent until somebody asks for it again.
    void give_up(const LinkPtr& link, Number number, DeliveryState state, const std::string& reason,
                 bool never_left);
    void expire(const LinkPtr& link, Instant now);
    bool is_head(const Link& link, Number number) const;
    Result<void> note_receipt(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                              const Letter& letter, const exchange::Receipt& receipt) const;
    static Result<void> note_failure(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                                     Number number, OpenDelivery row, DeliveryState state,
                                     const std::string& reason);
    std::chrono::milliseconds back_off(std::uint32_t failures) const {
        return post::back_off(options_, failures, environment_.random);
    }

    const Environment& environment_;
    const Options& options_;
    const TenantKeys& keys_;
    const Attachments& attachments_;
    Meters& meters_;
    runtime::Runtime* runtime_ = nullptr;
    Blocked blocked_;

    mutable std::mutex mutex_;
    std::map<std::pair<TenantId, std::string>, LinkPtr> links_;
    std::map<TenantId, std::vector<Fresh>> fresh_;
    std::size_t remembered_ = 0;  // bytes
};

}  // namespace schwarm::post
