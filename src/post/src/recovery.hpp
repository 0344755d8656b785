// The side of a restore that has lost something: asks each other member what happened since the
// backup, and lets nothing pass before that (docs/decisions/0013-restore.md).
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "incoming.hpp"
#include "outgoing.hpp"
#include "restored_peer.hpp"
#include "restored_rows.hpp"
#include "restored_texts.hpp"
#include "schwarm/post/restored.hpp"

namespace schwarm::post {

// Thread-safe. Never calls the runtime or the transport while it holds its lock.
class Recovery {
  public:
    Recovery(const Environment& environment, const Options& options, Outgoing& outgoing,
             Incoming& incoming, RestoredPeer& peer)
        : environment_(environment),
          options_(options),
          outgoing_(outgoing),
          incoming_(incoming),
          peer_(peer) {}

    Result<void> load(runtime::Runtime& runtime, const std::vector<TenantId>& tenants);
    // The node may sign again; these are asked, and no others waited for.
    void begin(const std::vector<exchange::MemberId>& members);
    Instant tick();

    bool active() const { return active_; }
    // Nothing may be signed yet.
    bool silent() const;
    // Between this tenant, or any one, and the member nothing may pass yet.
    bool blocked(const TenantId& tenant, std::string_view member) const;
    bool blocked(std::string_view member) const;
    std::vector<Awaited> awaited() const;

  private:
    using Key = std::pair<TenantId, std::string>;  // and a member
    struct Talk {
        Ask step = Ask::again;
        std::string after;
        bool busy = false;
        Instant next{};
        std::uint32_t failures = 0;
        std::string reason;
        std::uint64_t again = 0;    // messages that come again
        std::uint64_t unknown = 0;  // messages of here that it has and that are not known here
        std::uint64_t lost = 0;     // conversations in which something never comes
    };
    // What a page of conversations leads to, made in its write.
    struct Page {
        std::vector<ToldConversation> reply;
        std::vector<std::string> go_on;
        std::uint64_t unknown = 0;
        std::uint64_t lost = 0;
    };
    // Deliveries that were recorded after the restore, by conversation.
    using Fresh = std::map<std::string, std::vector<std::uint64_t>>;

    void ask(const Key& key);
    void send(const Key& key, const RestoredQuestion& question,
              std::function<void(const RestoredAnswer&)> then);
    void failed(const Key& key, const std::string& reason);
    void go_further(const Key& key, Ask step, std::string after);
    void learn(const Key& key, const RestoredAnswer& answer);
    void take(const Key& key, const RestoredAnswer& answer);
    Result<void> take_page(runtime::WriteBatch& batch, runtime::CaseDesk& desk, const Key& key,
                           const RestoredAnswer& answer, Page& page) const;
    Result<void> take_known(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                            const std::string& peer, const ToldConversation& told,
                            Conversation conversation, const std::vector<std::uint64_t>& fresh,
                            Page& page) const;
    Result<void> take_unknown(runtime::WriteBatch& batch, const std::string& peer,
                              const ToldConversation& told, Page& page) const;
    Result<Fresh> fresh_deliveries(runtime::WriteBatch& batch, const std::string& peer) const;
    void finish(const Key& key);
    void finish_tenant(const TenantId& tenant);
    std::vector<TenantId> answered_tenants(Instant now);

    const Environment& environment_;
    const Options& options_;
    Outgoing& outgoing_;
    Incoming& incoming_;
    RestoredPeer& peer_;
    runtime::Runtime* runtime_ = nullptr;

    std::atomic<bool> active_ = false;
    mutable std::mutex mutex_;
    bool begun_ = false;
    Instant next_finish_{};
    std::map<TenantId, RestoredState> states_;
    std::map<TenantId, std::set<std::string>> answered_;
    std::map<Key, std::shared_ptr<Talk>> talks_;
};

}  // namespace schwarm::post
