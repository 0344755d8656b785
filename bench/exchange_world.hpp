// What `schwarm bench exchange` runs on: a requester and a provider with the real runtime, post,
// SQLite, JOSE and TLS; a directory that is a table, and members that are in it but not there.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "schwarm/engine/definitions.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/http/router.hpp"
#include "schwarm/net/client.hpp"
#include "schwarm/net/server.hpp"
#include "schwarm/post/post.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::bench {

// JOSE that counts what it is asked for. Thread-safe.
class CountedCryptography final : public exchange::Cryptography {
  public:
    struct Counts {
        std::uint64_t signatures = 0;
        std::uint64_t verifications = 0;
        std::uint64_t seals = 0;  // each: a key is generated and agreed upon
        std::uint64_t opens = 0;  // each: one agreement
    };
    explicit CountedCryptography(const Clock& clock) : jose_(clock) {}
    Counts counts() const { return {signatures_, verifications_, seals_, opens_}; }

    Result<exchange::KeyPair> make_key(exchange::KeyUse use, Random& random) const override;
    Result<exchange::PublicKey> read_key(exchange::KeyUse use, std::string_view jwk) const override;
    Result<std::string> sign(const exchange::KeyPair& key, std::string_view type,
                             std::string_view payload) const override;
    Result<std::string> verify(const exchange::PublicKey& key, std::string_view type,
                               std::string_view jws) const override;
    Result<std::string> seal(const exchange::PublicKey& key, const json::Value& header,
                             std::string_view plain, Random& random) const override;
    Result<std::string> open(const exchange::KeyPair& key, std::string_view jwe) const override;

  private:
    exchange::JoseCryptography jose_;
    mutable std::atomic<std::uint64_t> signatures_ = 0;
    mutable std::atomic<std::uint64_t> verifications_ = 0;
    mutable std::atomic<std::uint64_t> seals_ = 0;
    mutable std::atomic<std::uint64_t> opens_ = 0;
};

// The members and their tenants, one each. Filled before anybody asks.
class MemberTable final : public post::Network {
  public:
    struct Member {
        exchange::Address address;
        exchange::PublicKey signing;
        exchange::PublicKey sealing;
        std::uint16_t port = 0;
        std::string tls_key;
    };
    void add(Member member);
    const Member* find_member(std::string_view name) const;

    // The jurisdiction is the member's name.
    Result<exchange::Address> find(std::string_view role, std::string_view jurisdiction,
                                   std::string_view contract,
                                   std::string_view version) const override;
    bool plays(const exchange::Address& tenant, std::string_view role, std::string_view contract,
               std::string_view version) const override;
    Result<exchange::PublicKey> sealing_key(const exchange::Address& tenant) const override;
    Result<exchange::PublicKey> signing_key(const exchange::Address& tenant, std::string_view kid,
                                            Instant at) const override;

  private:
    std::map<std::string, Member, std::less<>> members_;
};

// The two processes: a request for evidence, and its answer at once.
class ExchangeModels final : public engine::ProcessProvider, public engine::DecisionProvider {
  public:
    // `documents`: the request has the documents that its case names.
    static Result<std::unique_ptr<ExchangeModels>> load(bool documents = false);
    const engine::Definitions& definitions() const { return definitions_; }
    bool documents() const { return documents_; }

    const bpmn::Process* process(const engine::DefinitionKey& key) const override;
    std::optional<engine::DefinitionKey> called_process(const engine::DefinitionKey&,
                                                        std::string_view) const override {
        return std::nullopt;
    }
    Result<engine::DecisionOutcome> evaluate(const engine::DecisionCall&) const override {
        return fail(ErrorCode::not_found, "no decisions here");
    }

  private:
    explicit ExchangeModels(bool documents)
        : documents_(documents), definitions_{*this, *this, tasks_, feel::Value(), {}} {}

    const bool documents_;
    std::map<std::string, std::shared_ptr<const bpmn::Process>, std::less<>> processes_;
    engine::InlineTasks tasks_;
    engine::Definitions definitions_;
};

// One node: what src/server makes of the same parts (federation.cpp).
class ExchangeNode final : public post::Transport {
  public:
    // Enters itself into the table; sends nothing before start().
    static Result<std::unique_ptr<ExchangeNode>> prepare(const std::filesystem::path& folder,
                                                         const std::string& name,
                                                         const ExchangeModels& models,
                                                         const CountedCryptography& cryptography,
                                                         MemberTable& members);
    void start();
    ~ExchangeNode() override;
    ExchangeNode(const ExchangeNode&) = delete;
    ExchangeNode& operator=(const ExchangeNode&) = delete;

    runtime::Runtime& runtime() { return *runtime_; }
    const post::Post& post() const { return *post_; }
    const TenantId& tenant() const { return tenant_; }

    // post::Transport
    void send(const exchange::MemberId& to, std::string request,
              std::function<void(Result<std::string>)> done) override;
    void fetch(const exchange::MemberId& from, std::string question,
               std::function<void(Result<std::string>)> done) override;

  private:
    void post_to(const exchange::MemberId& to, const char* path, std::string request,
                 std::function<void(Result<std::string>)> done);
    explicit ExchangeNode(const std::string& name, const MemberTable& members)
        : name_(name), tenant_("amt"), members_(members) {}
    Result<std::uint16_t> listen(const std::filesystem::path& folder);
    void work();

    const std::string name_;
    const TenantId tenant_;
    const MemberTable& members_;
    SystemClock clock_;
    SystemRandom random_;
    std::unique_ptr<storage::Storage> storage_;
    std::unique_ptr<post::Contracts> contracts_;
    std::unique_ptr<post::Post> post_;
    std::unique_ptr<runtime::Runtime> runtime_;
    std::unique_ptr<net::Client> client_;
    http::Router router_;
    std::unique_ptr<net::Server> server_;
    std::mutex mutex_;
    std::condition_variable woken_;
    bool wake_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

// A case that asks `member` for evidence.
runtime::Submission evidence_request(const TenantId& tenant, std::int64_t number,
                                     const std::string& member);

}  // namespace schwarm::bench
