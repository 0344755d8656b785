// The node among others: its keys, the directory, the post, the listener for other nodes and the
// way to them. One thread does what is due.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "agreement_folder.hpp"
#include "contract_binding.hpp"
#include "directory_exchange.hpp"
#include "evidence_desk.hpp"
#include "key_exchange.hpp"
#include "network_desk.hpp"
#include "network_directory.hpp"
#include "order_desk.hpp"
#include "order_folder.hpp"
#include "own_entries.hpp"
#include "register_records.hpp"
#include "schwarm/evidence/evidence.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/http/router.hpp"
#include "schwarm/net/client.hpp"
#include "schwarm/net/server.hpp"
#include "schwarm/post/audit_checkpoints.hpp"
#include "schwarm/post/post.hpp"
#include "schwarm/server/config.hpp"
#include "schwarm/server/log.hpp"
#include "xroad_listener.hpp"

namespace schwarm::server {

class Federation final : public post::Transport {
  public:
    // `registry` is asked once the packages are loaded.
    static Result<std::unique_ptr<Federation>> make(const Config& config, const Clock& clock,
                                                    Random& random,
                                                    const services::Registry& registry, Log& log);
    ~Federation() override;
    Federation(const Federation&) = delete;
    Federation& operator=(const Federation&) = delete;

    // For the runtime's environment.
    std::map<std::string, runtime::LocalEffect, std::less<>> local_effects();
    // Opens directory and post, enters into the own chain what has changed, listens. `node_key`
    // opens the keys for TLS.
    Result<void> start(runtime::Runtime& runtime, storage::Storage& storage,
                       const crypto::Key& node_key);
    // Before the runtime ends.
    void stop();

    post::Post& post() { return post_; }
    app::Network& desk() { return desk_; }
    evidence::Evidence& evidence() { return evidence_; }
    app::Evidence& evidence_desk() { return evidence_desk_; }

    // post::Transport
    void send(const exchange::MemberId& to, std::string request,
              std::function<void(Result<std::string>)> done) override;
    void fetch(const exchange::MemberId& from, std::string question,
               std::function<void(Result<std::string>)> done) override;

  private:
    Federation(const Config& config, const Clock& clock, Random& random,
               const services::Registry& registry, services::ContractBook contracts, Log& log);

    // The registers that tenants of this node keep.
    Result<std::vector<evidence::Kept>> registers();
    Result<OwnEntries> own_entries() const;
    // `incarnation`: at least this one.
    Result<void> enter_changes(std::uint64_t incarnation);
    // After a restore (docs/decisions/0013-restore.md): asks the others what they know, and, when
    // they have answered, enters the new incarnation and lets the post ask.
    void learn();
    Result<void> announce();
    Result<void> use(const net::TlsTexts& pair);
    // Once each; those with a time in them once a day.
    void tell_warnings();
    void add_routes();
    Result<void> listen(net::TlsTexts pair);
    Result<void> listen_for_xroad(runtime::Runtime& runtime);
    void wake();
    void work();
    void work_evidence();
    evidence::Environment evidence_environment();
    void deliver(std::vector<exchange::MembershipMessage> messages);
    Result<net::Target> target(const exchange::MemberId& member, std::string path) const;
    void ask(const exchange::MemberId& member, std::string question);
    void post_to(const exchange::MemberId& to, std::string path, std::string request,
                 std::function<void(Result<std::string>)> done);

    const Network network_;
    const std::optional<Xroad> xroad_config_;
    const std::filesystem::path data_;
    const Clock& clock_;
    Random& random_;
    const services::Registry& registry_;
    Log& log_;
    const services::ContractBook contracts_;
    const ContractBinding binding_;
    exchange::JoseCryptography cryptography_;
    NetworkDirectory directory_;
    DirectoryExchange exchange_;
    post::Post post_;
    RegisterRecords records_;
    evidence::Evidence evidence_;
    post::AuditCheckpoints audit_;
    NetworkDesk desk_;
    EvidenceDesk evidence_desk_;
    AgreementFolder agreements_;
    KeyExchange keys_;
    OrderDesk order_desk_;
    OrderFolder orders_;
    KnownEvidence known_evidence_;
    std::optional<TlsKeys> tls_;
    const std::filesystem::path packages_;
    std::vector<TenantId> tenants_;
    std::vector<evidence::Kept> kept_;
    exchange::KeyPair operator_key_;
    runtime::Runtime* runtime_ = nullptr;
    std::string said_;  // the last trouble after a restore, so that it is told once
    std::set<std::string> warned_;
    Instant warn_at_{};
    std::unique_ptr<net::Client> client_;
    http::Router router_;
    std::unique_ptr<net::Server> server_;
    std::unique_ptr<XroadListener> xroad_;  // null: not configured

    std::mutex mutex_;
    std::condition_variable woken_;
    bool wake_ = false;
    bool stopping_ = false;
    std::thread thread_;
    // Sources may block, so evidence has a thread of its own.
    std::condition_variable evidence_woken_;
    bool evidence_wake_ = false;
    std::thread evidence_thread_;
};

// What a founding file needs of a node that has never run: its operator key and certificate, and
// the keys of its tenants, are made in its data folder if they are not there.
struct PreparedMember {
    exchange::EpochMember member;
    std::string tls_key;  // hexadecimal
};
Result<PreparedMember> prepare_member(const Config& config, const std::string& member);
// The key of its certificate, hexadecimal, without touching its database. not_found: not prepared.
Result<std::string> member_tls_key(const Config& config);

}  // namespace schwarm::server
