// One node with its directory, put together as the program does it.
#pragma once

#include <set>

#include "directory_exchange.hpp"
#include "key_exchange.hpp"
#include "node.hpp"
#include "operator_key.hpp"
#include "own_entries.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage/key.hpp"

namespace schwarm::sim {

// What all nodes have in common.
struct Surroundings {
    const exchange::Cryptography& cryptography;
    const post::Contracts& contracts;
    const test::ProcessModels& models;
    std::string founding;
    std::vector<server::NetworkPeer> peers;
};

class Member final : public Node {
  public:
    Member(std::string name, std::size_t index, const Timeline& time, std::uint64_t seed)
        : Node(std::move(name), time, seed),
          district("14713" + std::to_string(1000 + index).substr(1)) {}

    ~Member() override { Member::stop(); }

    // As `schwarm prepare`: its keys, before there is a founding file.
    exchange::EpochMember prepare(const exchange::Cryptography& cryptography) {
        runtime::Environment environment{
            *faulty_, clock, random, node_key, [](const TenantId&) { return nullptr; }, {}, {}};
        runtime::Options options;
        options.threads = false;
        const auto runtime =
            std::move(runtime::Runtime::open(std::move(environment), options).value());
        runtime->ensure_tenant(services::node_tenant()).value();
        operator_key = server::ensure_operator_key(*runtime, cryptography, random).value();
        return {member(), operator_key.public_key.kid, operator_key.public_key, 0, {}};
    }

    // Answers false if the disk does not let it.
    bool start(const Surroundings& around, post::Transport& transport,
               server::DirectoryExchange::Ask ask) {
        make_directory(around, std::move(ask));
        make_post(around.cryptography, *directory_, around.contracts, transport);
        if (open_runtime(around.models).has_error()) return stop();
        const auto opened = open(around);
        note(opened);
        if (opened.has_error()) return stop();
        ++generation;
        return true;
    }
    bool stop() override {
        if (post_ != nullptr) {
            const auto signs = post_->current_key(tenant());
            if (signs.has_value()) signed_with_ = signs.value().kid;
        }
        keys_.reset();
        Node::stop();
        exchange_.reset();
        directory_.reset();
        return false;
    }
    void restore() override {
        Node::restore();
        from_backup_ = true;
        server::RestoredRow row;
        row.since = backed_up;
        const std::string key =
            storage::KeyBuilder(services::node_tenant()).raw(server::kRestoredRow).take();
        const auto write = std::move(disk_->begin_write().value());
        write->put(storage::Space::directory, key, row.write()).value();
        write->commit().value();
    }
    // What the program does every two seconds; answers what is to be sent now.
    std::vector<exchange::MembershipMessage> synchronise() {
        if (directory_->restored()) {
            if (exchange_->learn()) note(announce());
            return {};
        }
        if (post_->restored()) post_->recover(exchange_->others());
        auto messages = exchange_->synchronise().messages;
        look_at_orders();
        keys_->go_on();
        return messages;
    }
    // Of a change of the directory: only its disk may refuse it.
    template <class T>
    void note(const Result<T>& result) {
        if (result.has_value()) return;
        const ErrorCode code = result.error().code;
        if (code == ErrorCode::storage_failed || code == ErrorCode::maybe_done) {
            ++not_stored;
        } else {
            complaints.insert(result.error().text());
        }
    }
    // The administrator has changed the configuration.
    Result<void> enter_changes(std::uint64_t incarnation) {
        server::OwnEntries own;
        own.node.organisation = "Amt " + name;
        own.node.tls = {crypto::sha256("tls " + name)};
        own.node.addresses = {name + ".example:9443"};
        exchange::TenantEntry entry;
        entry.tenant = tenant();
        entry.name = "Amt " + name + ", Ausgabe " + std::to_string(edition / 2);
        SCHWARM_TRY(signing, post_->signing_key(tenant()));
        SCHWARM_TRY(sealing, post_->sealing_key(tenant()));
        entry.signing = signing;
        entry.sealing = sealing;
        entry.signing_until = entry.sealing_until = clock.now() + std::chrono::hours(24 * 700);
        entry.roles = {{"amt", {"*"}}, {"stelle", {district}}};
        own.tenants = {entry};
        own.services = {{tenant(), "anfrage", "1", "amt", {}},
                        {tenant(), "anfrage", "1", "stelle", {}}};
        for (std::uint64_t i = 1; i <= edition; i += 2) {
            own.services.push_back({tenant(), "auskunft", std::to_string(i), "stelle", {}});
        }
        return server::enter_what_changed(*directory_, own, operator_key.public_key, incarnation,
                                          clock.now());
    }
    // By its disk; a successor of the epoch may be known since.
    bool has_stored_vote(const exchange::Vote& vote, const std::string& jws) const {
        const auto reader = std::move(disk_->begin_read().value());
        const std::string key = storage::KeyBuilder(services::node_tenant())
                                    .raw(exchange::row_key::vote(vote.predecessor))
                                    .take();
        const auto row = reader->get(storage::Space::directory, key).value();
        return row && (row->find(jws) != std::string::npos ||
                       row->find(R"("closed":true)") != std::string::npos);
    }
    server::NetworkDirectory& directory() { return *directory_; }
    server::DirectoryExchange& exchange() { return *exchange_; }
    exchange::MemberId member() const { return exchange::MemberId(name); }
    std::string tls_key() const {
        return crypto::hex_encode(crypto::bytes_of(crypto::sha256("tls " + name)));
    }
    bool knows(const exchange::MemberId& other) const {
        return directory_->now()->admitted(other);
    }

    struct KeyOrder {
        bool lost = false;
        std::string key;  // which is to be exchanged
    };

    const std::string district;
    std::vector<KeyOrder> orders;  // files of its own: neither a crash nor a restore loses them
    exchange::KeyPair operator_key;
    std::uint64_t edition = 0;     // of its configuration
    Instant synchronise_at{};      // by the right clock
    std::set<std::string> alarms;  // ever
    std::uint64_t not_stored = 0;  // changes of the directory
    std::uint64_t older_keys = 0;  // times that it came back with keys of before an exchange
    std::set<std::string> complaints;

  private:
    static server::Log& no_log() {
        static const auto log =
            std::move(server::Log::open(server::LogLevel::error, "/dev/null").value());
        return *log;
    }
    void make_directory(const Surroundings& around, server::DirectoryExchange::Ask ask) {
        directory_ = std::make_unique<server::NetworkDirectory>(
            around.cryptography, clock, random, member(),
            [this](std::string_view line) {
                if (line.starts_with("alarm: ")) alarms.emplace(line.substr(7));
                if (line.starts_with("the directory could not be stored")) ++not_stored;
            },
            [this] { post_->network_changed(); });
        exchange_ = std::make_unique<server::DirectoryExchange>(*directory_, clock, random,
                                                                around.peers, std::move(ask));
    }
    Result<void> open(const Surroundings& around) {
        SCHWARM_TRY_VOID(runtime_->ensure_tenant(services::node_tenant()));
        SCHWARM_TRY(key,
                    server::ensure_operator_key(*runtime_, around.cryptography, random));
        operator_key = key;
        SCHWARM_TRY_VOID(directory_->open(*runtime_, key, around.founding));
        SCHWARM_TRY_VOID(post_->open(*runtime_, {tenant()}));
        keys_ = std::make_unique<server::KeyExchange>(server::KeyExchange::Surroundings{
            *directory_, *post_, clock, no_log(), [this] { return enter_changes(0); }, {}});
        keys_->open(nullptr, {tenant()});
        const auto signs = post_->current_key(tenant());
        if (from_backup_ && signs.value().kid != signed_with_) ++older_keys;
        from_backup_ = false;
        exchange_->start();
        if (directory_->restored()) return {};
        const auto entered = enter_changes(0);
        // A liar that was found out goes on as it is.
        if (entered.has_error() && !directory_->now()->chain(member())->fork()) return entered;
        keys_->go_on();
        post_->recover(exchange_->others());
        return {};
    }
    void look_at_orders() {
        while (!orders.empty()) {
            const KeyOrder& order = orders.front();
            const auto done = order.lost ? keys_->withdraw_tenant_key(tenant(), order.key)
                                         : keys_->begin_tenant(tenant(), order.key);
            if (done.has_error() && retryable(done.error().code)) return;
            orders.erase(orders.begin());
        }
    }
    // After a restore, in the order of decision 0013.
    Result<void> announce() {
        SCHWARM_TRY(incarnation, directory_->next_incarnation());
        SCHWARM_TRY_VOID(enter_changes(incarnation));
        SCHWARM_TRY_VOID(directory_->resume());
        post_->recover(exchange_->others());
        return {};
    }

    std::unique_ptr<server::NetworkDirectory> directory_;
    std::unique_ptr<server::DirectoryExchange> exchange_;
    std::unique_ptr<server::KeyExchange> keys_;
    std::string signed_with_;
    bool from_backup_ = false;
};

}  // namespace schwarm::sim
