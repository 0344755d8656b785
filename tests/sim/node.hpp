// One node: the runtime and the post, and the disk that survives its crashes (member.hpp adds the
// directory).
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "models.hpp"
#include "process_models.hpp"
#include "schwarm/crypto/seal.hpp"
#include "schwarm/feel/value.hpp"
#include "world.hpp"

namespace schwarm::sim {

// The two processes, for every tenant.
inline test::ProcessModels pools() {
    return test::ProcessModels({kRequester, kProvider}, "sim/", "@1");
}

class Contracts final : public post::Contracts {
  public:
    Result<post::MessageTerms> terms(std::string_view contract, std::string_view version,
                                     std::string_view message) const override {
        if (contract != "anfrage" || version != "1") {
            return fail(ErrorCode::not_found, "there is no such contract");
        }
        return post::MessageTerms{message == "anfrage" ? "amt" : "stelle",
                                  "Simulation",
                                  "§ 1 Sim",
                                  message == "anfrage",
                                  minutes_to_live,
                                  kDocumentsMax};
    }
    Result<void> check(std::string_view, std::string_view, std::string_view,
                       const json::Value& content) const override {
        if (content.is_object()) return {};
        return fail(ErrorCode::invalid_input, "the content is an object");
    }
    Result<post::Reception> reception(const TenantId&, std::string_view, std::string_view,
                                      std::string_view message) const override {
        return post::Reception{ServiceId("sim"), engine::DefinitionKey("sim/antworten@1"),
                               message == "anfrage" ? "anfrage" : "", "amt"};
    }
    Result<engine::Variables> start_variables(const TenantId&, const post::Reception&,
                                              const feel::Value& content, Instant,
                                              std::string_view) const override {
        return engine::Variables::from_context(content);
    }

    static constexpr std::size_t kDocumentsMax = 3;
    milliseconds minutes_to_live = std::chrono::minutes(10);
};

class Node {
  public:
    Node(std::string member, const Timeline& time, std::uint64_t seed)
        : clock(time),
          name(std::move(member)),
          random(seed),
          node_key(crypto::Key::random(random)),
          disk_(storage::make_memory_storage()),
          faulty_(storage::make_faulty_storage(*disk_, plan)) {}

    virtual ~Node() = default;
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    // Answers false if the disk does not let it.
    bool start(const exchange::Cryptography& cryptography, const post::Network& network,
               const post::Contracts& contracts, post::Transport& transport,
               const test::ProcessModels& models) {
        make_post(cryptography, network, contracts, transport);
        if (open_runtime(models).has_error() || post_->open(*runtime_, {tenant()}).has_error()) {
            return stop();
        }
        ++generation;
        return true;
    }
    // As a power cut: what is in memory is gone, what was committed stays.
    virtual bool stop() {
        runtime_.reset();
        post_.reset();
        return false;
    }
    // A copy of the disk as it is now, and later that copy in its place.
    void back_up() {
        backup_ = storage::make_memory_storage();
        const auto reader = std::move(disk_->begin_read().value());
        const auto copied =
            storage::copy_rows(*reader, *backup_, [](storage::Space) { return true; });
        if (copied.has_error()) backup_.reset();
        backed_up = clock.now();
    }
    bool has_backup() const { return backup_ != nullptr; }
    virtual void restore() {
        stop();
        faulty_.reset();
        disk_ = std::move(backup_);
        faulty_ = storage::make_faulty_storage(*disk_, plan);
        post::mark_restored(*disk_, tenant(), backed_up, clock.now()).value();
    }
    bool up() const { return post_ != nullptr; }
    TenantId tenant() const { return TenantId("amt-" + name); }
    exchange::Address address() const { return {tenant(), exchange::MemberId(name)}; }
    runtime::Runtime& runtime() { return *runtime_; }
    post::Post& post() { return *post_; }
    storage::Storage& disk() { return *disk_; }

    SkewedClock clock;
    const std::string name;
    SeededRandom random;
    crypto::Key node_key;
    storage::FaultPlan plan;
    runtime::RetentionSource retention;  // from the next start on
    std::uint64_t generation = 0;
    std::uint64_t crash_at_commit = 0;  // 0: not armed
    Instant backed_up{};                // by its own clock
    std::uint64_t backup_number = 0;    // of the world's acceptances
    bool restored = false;              // ever

  protected:
    void make_post(const exchange::Cryptography& cryptography, const post::Network& network,
                   const post::Contracts& contracts, post::Transport& transport) {
        post::Options options;
        options.retry_max = std::chrono::minutes(1);
        options.segments_at_once = 3;
        post_ = std::make_unique<post::Post>(post::Environment{exchange::MemberId(name),
                                                               clock,
                                                               random,
                                                               cryptography,
                                                               network,
                                                               contracts,
                                                               transport,
                                                               {},
                                                               {}},
                                             options);
    }
    Result<void> open_runtime(const test::ProcessModels& models) {
        runtime::Environment environment{
            *faulty_,
            clock,
            random,
            node_key,
            [&models](const TenantId&) { return models.definitions(); },
            {},
            post_->local_effects()};
        environment.retention = retention;
        environment.under_way = post::has_open_deliveries;
        environment.forget = post::forget_case;
        runtime::Options options;
        options.threads = false;
        SCHWARM_TRY(opened, runtime::Runtime::open(std::move(environment), options));
        runtime_ = std::move(opened);
        return runtime_->ensure_tenant(tenant());
    }

    std::unique_ptr<storage::Storage> disk_;
    std::unique_ptr<storage::Storage> backup_;
    std::unique_ptr<storage::FaultyStorage> faulty_;
    std::unique_ptr<post::Post> post_;
    std::unique_ptr<runtime::Runtime> runtime_;
};

}  // namespace schwarm::sim
