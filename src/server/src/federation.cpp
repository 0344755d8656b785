#include "federation.hpp"

#include <algorithm>

#include "operator_key.hpp"
#include "peers_file.hpp"
#include "private_file.hpp"
#include "schwarm/base/calendar.hpp"
#include "schwarm/crypto/certificate.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/post/tenant_signing.hpp"
#include "schwarm/runtime/node_key.hpp"
#include "schwarm/server/agreement_administration.hpp"
#include "schwarm/server/assembly.hpp"
#include "schwarm/server/network_orders.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;
using exchange::MemberId;

constexpr const char* kMessages = "/exchange/v1/messages";
constexpr const char* kCockpit = "/exchange/v1/cockpit";
constexpr const char* kDocuments = "/exchange/v1/documents";
constexpr const char* kDirectory = "/exchange/v1/directory";
constexpr const char* kMembership = "/exchange/v1/membership";
constexpr std::size_t kRequestBytes = std::size_t{12} << 20;
constexpr auto kSynchroniseEvery = std::chrono::seconds(2);
// As long as a member has not been heard of.
constexpr auto kLookAround = std::chrono::milliseconds(200);
// After a restore.
constexpr auto kLearnEvery = std::chrono::milliseconds(500);
constexpr auto kWarnEvery = std::chrono::minutes(1);
constexpr auto kLongestSleep = std::chrono::seconds(1);
constexpr auto kKeysValid = std::chrono::hours(24 * 365 * 2);

void answer_error(const http::Respond& respond, int status, const std::string& why) {
    respond(http::Response::text(why, status));
}

}  // namespace

Result<PreparedMember> prepare_member(const Config& config, const std::string& member) {
    std::error_code ec;
    fs::create_directories(config.data, ec);
    fs::permissions(config.data, fs::perms::owner_all, ec);
    SystemClock clock;
    SystemRandom random;
    SCHWARM_TRY(storage, storage_sqlite::open_sqlite(database_file(config)));
    SCHWARM_TRY(key, runtime::load_or_create_node_key(config.node_key, random));
    runtime::Environment environment{.storage = *storage,
                                     .clock = clock,
                                     .random = random,
                                     .node_key = key,
                                     .definitions = [](const TenantId&) { return nullptr; }};
    SCHWARM_TRY(runtime, runtime::Runtime::open(std::move(environment)));
    SCHWARM_TRY_VOID(runtime->ensure_tenant(services::node_tenant()));
    const exchange::JoseCryptography cryptography(clock);
    SCHWARM_TRY(pair, ensure_operator_key(*runtime, cryptography, random));
    for (const json::Value& tenant : config.tenants) {
        const TenantId id(tenant.string_or("id", ""));
        SCHWARM_TRY_VOID(runtime->ensure_tenant(id));
        SCHWARM_TRY_VOID(post::ensure_tenant_keys(*runtime, id, cryptography, random));
    }
    SCHWARM_TRY(tls, TlsKeys::open(config.data, member, clock.now(), key, random));
    PreparedMember out;
    out.member.member = MemberId(member);
    out.member.origin = pair.public_key.kid;
    out.member.key = pair.public_key;
    out.tls_key = crypto::hex_encode(crypto::bytes_of(tls.key()));
    return out;
}

Result<std::string> member_tls_key(const Config& config) {
    SCHWARM_TRY(key, read_tls_key(config.data));
    return crypto::hex_encode(crypto::bytes_of(key));
}

Result<std::unique_ptr<Federation>> Federation::make(const Config& config, const Clock& clock,
                                                     Random& random,
                                                     const services::Registry& registry, Log& log) {
    SCHWARM_TRY_VOID(exchange::parse_member(config.network->member));
    fs::path folder = config.packages / "contracts";
    std::error_code ec;
    if (!fs::is_directory(folder, ec)) folder = config.packages.parent_path() / "contracts";
    SCHWARM_TRY(contracts, services::ContractBook::load(folder.string()));
    Config whole = config;
    if (!whole.network->peers_file.empty()) {
        SCHWARM_TRY(peers, read_peers(whole.network->peers_file));
        whole.network->peers = std::move(peers);
    }
    return std::unique_ptr<Federation>(
        new Federation(whole, clock, random, registry, std::move(contracts), log));
}

Federation::Federation(const Config& config, const Clock& clock, Random& random,
                       const services::Registry& registry, services::ContractBook contracts,
                       Log& log)
    : network_(*config.network),
      xroad_config_(config.xroad),
      data_(config.data),
      clock_(clock),
      random_(random),
      registry_(registry),
      log_(log),
      contracts_(std::move(contracts)),
      binding_(contracts_, registry),
      cryptography_(clock),
      directory_(
          cryptography_, clock, random, MemberId(network_.member),
          [this](std::string_view line) {
              log_.warning("directory", {{"message", line}});
          },
          [this] {
              post_.network_changed();
              evidence_.network_changed();
          },
          network_.directory),
      exchange_(directory_, clock, random, network_.peers,
                [this](const MemberId& member, std::string question) {
                    ask(member, std::move(question));
                }),
      post_({MemberId(network_.member), clock, random, cryptography_, directory_, binding_, *this,
             [this] { wake(); },
             [this](std::string_view line) {
                 log_.warning("post", {{"message", line}});
             },
             &evidence_}),
      evidence_(evidence_environment()),
      audit_({MemberId(network_.member), clock,
              [this](const TenantId& tenant, std::string_view type, std::string_view payload) {
                  return post_.sign(tenant, type, payload);
              },
              [this] { wake(); },
              [this](std::string_view line) {
                  log_.warning("audit", {{"message", line}});
              }}),
      desk_(directory_, post_, clock),
      evidence_desk_(directory_, evidence_, clock),
      agreements_(agreement_folder(place_of(config)), directory_, cryptography_, clock, log),
      keys_({directory_, post_, clock, log, [this] { return enter_changes(0); },
             [this](const net::TlsTexts& pair) { return use(pair); }}),
      order_desk_(directory_, keys_, clock),
      orders_(
          order_folder(place_of(config)),
          [this](const json::Value& order) { return order_desk_.carry_out(order); }, log),
      packages_(config.packages) {}

evidence::Environment Federation::evidence_environment() {
    const auto addresses = [](const std::vector<std::string>& names) {
        std::vector<exchange::Address> out;
        for (const std::string& name : names) {
            if (auto address = exchange::parse_address(name); address.has_value()) {
                out.push_back(std::move(address.value()));
            }
        }
        return out;
    };
    return {MemberId(network_.member),
            clock_,
            random_,
            cryptography_,
            post_,
            records_,
            [this] { return directory_.now(); },
            [this](std::string_view definition) {
                const auto package = registry_.package_of_definition(definition);
                return std::string(services::name_of(
                    package == nullptr ? services::AssuranceLevel::none : package->assurance));
            },
            [this](const MemberId& member, std::string question,
                   std::function<void(Result<std::string>)> done) {
                post_to(member, kCockpit, std::move(question), std::move(done));
            },
            [this] {
                const std::lock_guard lock(mutex_);
                evidence_wake_ = true;
                evidence_woken_.notify_one();
            },
            [this](std::string_view line) {
                log_.warning("evidence", {{"message", line}});
            },
            addresses(network_.checkers),
            addresses(network_.cockpits)};
}

void Federation::wake() {
    const std::lock_guard lock(mutex_);
    wake_ = true;
    woken_.notify_one();
}

Federation::~Federation() {
    stop();
}

std::map<std::string, runtime::LocalEffect, std::less<>> Federation::local_effects() {
    return post_.local_effects();
}

Result<void> Federation::start(runtime::Runtime& runtime, storage::Storage& storage,
                               const crypto::Key& node_key) {
    for (const auto& tenant : registry_.tenants()) tenants_.push_back(tenant->id);
    SCHWARM_TRY(tls, TlsKeys::open(data_, network_.member, clock_.now(), node_key, random_));
    tls_ = std::move(tls);
    keys_.open(&*tls_, tenants_);
    SCHWARM_TRY(key, ensure_operator_key(runtime, cryptography_, random_));
    SCHWARM_TRY(founding, read_file(network_.founding));
    SCHWARM_TRY_VOID(directory_.open(runtime, key, founding));
    SCHWARM_TRY_VOID(post_.open(runtime, tenants_));
    SCHWARM_TRY(kept, registers());
    kept_ = kept;
    operator_key_ = key;
    runtime_ = &runtime;
    exchange_.start();
    if (directory_.restored()) {
        log_.warning("restored", {{"message",
                                   "this node comes from a backup: it signs, sends and takes "
                                   "nothing before the others have said what they know"}});
    } else {
        SCHWARM_TRY_VOID(enter_changes(0));
        if (const auto* chain = directory_.now()->chain(MemberId(network_.member))) {
            audit_.set_incarnation(chain->incarnation());
        }
        // What others know for long signs from the first line on.
        keys_.go_on();
        post_.recover(exchange_.others());
    }
    audit_.open(runtime, storage, tenants_);
    // Not before: what is announced for long has just become the pair that is used.
    SCHWARM_TRY(pair, tls_->pair());
    SCHWARM_TRY_VOID(use(pair));
    SCHWARM_TRY(started, net::Client::start({.tls = pair}));
    client_ = std::move(started);
    records_.use(*client_);
    SCHWARM_TRY_VOID(evidence_.open(runtime, tenants_, std::move(kept)));
    SCHWARM_TRY_VOID(listen(std::move(pair)));
    SCHWARM_TRY_VOID(listen_for_xroad(runtime));
    thread_ = std::thread([this] { work(); });
    evidence_thread_ = std::thread([this] { work_evidence(); });
    return {};
}

Result<void> Federation::listen_for_xroad(runtime::Runtime& runtime) {
    if (!xroad_config_) return {};
    SCHWARM_TRY(started, XroadListener::start(*xroad_config_, MemberId(network_.member), tenants_,
                                              {directory_, evidence_, post_, runtime, clock_, log_},
                                              random_, known_evidence_));
    xroad_ = std::move(started);
    return {};
}

void Federation::stop() {
    if (xroad_ != nullptr) xroad_->stop();
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        woken_.notify_one();
        evidence_woken_.notify_one();
    }
    evidence_.stop();
    if (thread_.joinable()) {
        thread_.join();
        if (!directory_.restored()) audit_.flush();
    }
    if (server_ != nullptr) server_->stop(std::chrono::seconds(2));
    if (client_ != nullptr) client_->stop();
    // A source that it asks answers by now.
    if (evidence_thread_.joinable()) evidence_thread_.join();
}

Result<OwnEntries> Federation::own_entries() const {
    OwnEntries out;
    out.node.organisation = network_.organisation;
    out.node.tls = tls_->announced();
    out.node.addresses = {network_.announced};
    for (const auto& tenant : registry_.tenants()) {
        exchange::TenantEntry entry;
        entry.tenant = tenant->id;
        entry.name = tenant->authority.name;
        SCHWARM_TRY(signing, post_.signing_key(tenant->id));
        SCHWARM_TRY(sealing, post_.sealing_key(tenant->id));
        entry.signing = signing;
        entry.sealing = sealing;
        entry.signing_until = entry.sealing_until = clock_.now() + kKeysValid;
        for (const auto& [id, roles] : network_.tenants) {
            if (id != tenant->id.value()) continue;
            for (const NetworkRole& role : roles) {
                entry.roles.push_back({role.role, role.jurisdictions});
            }
        }
        out.tenants.push_back(std::move(entry));
    }
    for (const PlayedRole& played : binding_.played()) {
        out.services.push_back({played.tenant, played.contract, played.version, played.role, {}});
    }
    for (const evidence::Kept& kept : kept_) {
        if (kept.rules->checks_claims()) continue;
        out.evidence.push_back(
            {kept.tenant, kept.rules->evidence, kept.rules->legal_bases, kept.rules->preview});
    }
    return out;
}

// The own chain says what this node is.
Result<void> Federation::enter_changes(std::uint64_t incarnation) {
    SCHWARM_TRY(own, own_entries());
    return enter_what_changed(directory_, own, operator_key_.public_key, incarnation, clock_.now());
}

Result<std::vector<evidence::Kept>> Federation::registers() {
    SCHWARM_TRY(books, services::load_registers(packages_.string()));
    for (const auto& [id, rules] : books) {
        if (!rules->checks_claims()) known_evidence_.insert_or_assign(rules->evidence, rules);
    }
    evidence_desk_.use(known_evidence_);
    std::vector<evidence::Kept> out;
    for (const auto& tenant : registry_.tenants()) {
        for (const services::KeptRegister& kept : tenant->registers) {
            const std::string where = "tenant " + tenant->id.value() + " registers." + kept.id;
            const auto found = books.find(kept.id);
            if (found == books.end()) {
                return fail(ErrorCode::invalid_input, "no package describes this register", where);
            }
            evidence::Kept one{tenant->id, found->second, found->second->source};
            if (const json::Value* source = kept.settings.find("source")) {
                auto read = services::read_source(*source, (packages_ / kept.id).string());
                if (read.has_error()) {
                    return fail(read.error().code, read.error().message,
                                where + "." + read.error().where);
                }
                one.source = std::move(read.value());
            }
            out.push_back(std::move(one));
        }
    }
    return out;
}

Result<void> Federation::use(const net::TlsTexts& pair) {
    SCHWARM_TRY(end, crypto::certificate_end(pair.certificate_chain()));
    desk_.use_certificate(end);
    if (server_ != nullptr) SCHWARM_TRY_VOID(server_->renew(pair));
    return client_ == nullptr ? Result<void>() : client_->renew(pair);
}

void Federation::tell_warnings() {
    const Instant now = clock_.now();
    if (now < warn_at_) return;
    warn_at_ = now + kWarnEvery;
    std::set<std::string> said;
    for (const app::NetworkWarning& one : desk_.view().warnings) {
        // It has lines of its own.
        if (one.kind == "restored") continue;
        if (!warned_.contains(one.text)) {
            log_.warning("directory", {{"kind", one.kind}, {"message", one.text}});
        }
        said.insert(one.text);
    }
    warned_ = std::move(said);
}

void Federation::add_routes() {
    const auto add = [this](const char* path, bool awaited, auto handler) {
        router_.post(
            path,
            [this, awaited, handler](const http::Request& request, const http::Respond& respond) {
                const auto from = exchange_.sender(request.peer_key, awaited);
                if (!from) {
                    log_.warning("stranger", {{"key", request.peer_key}});
                    answer_error(respond, 403, "not a member of the network");
                    return;
                }
                post_.heard_of(*from);
                handler(*from, request, respond);
            },
            {kRequestBytes});
    };
    add(kMessages, false,
        [this](const MemberId& from, const http::Request& request, const http::Respond& respond) {
            post_.receive(from, request.body, [respond](Result<std::string> answer) {
                if (answer.has_error()) {
                    answer_error(respond, 400, answer.error().text());
                } else {
                    respond(http::Response::json(std::move(answer.value())));
                }
            });
        });
    add(kCockpit, false,
        [this](const MemberId& from, const http::Request& request, const http::Respond& respond) {
            auto answer = evidence_.answer_cockpit(from, request.body);
            if (answer.has_error()) {
                answer_error(respond, 400, answer.error().text());
            } else {
                http::Response response;
                response.body = std::move(answer.value());
                respond(std::move(response));
            }
        });
    add(kDocuments, false,
        [this](const MemberId& from, const http::Request& request, const http::Respond& respond) {
            auto answer = post_.segments(from, request.body);
            if (answer.has_error()) {
                answer_error(respond, http_status_of(answer.error().code), answer.error().text());
            } else {
                respond(http::Response::make(200, "application/octet-stream",
                                             std::move(answer.value())));
            }
        });
    add(kDirectory, true,
        [this](const MemberId& from, const http::Request& request, const http::Respond& respond) {
            auto answer = directory_.answer(from, request.body);
            if (answer.has_error()) {
                answer_error(respond, 400, answer.error().text());
            } else {
                respond(http::Response::json(std::move(answer.value())));
            }
        });
    add(kMembership, false,
        [this](const MemberId& from, const http::Request& request, const http::Respond& respond) {
            deliver(directory_.handle(from, request.body));
            respond(http::Response::json("{}"));
        });
}

Result<void> Federation::listen(net::TlsTexts pair) {
    add_routes();
    net::ServerOptions options;
    options.address = network_.address;
    options.port = network_.port;
    options.tls = std::move(pair);
    options.client_certificates = true;
    SCHWARM_TRY(started, net::Server::start(std::move(options), router_));
    server_ = std::move(started);
    log_.info("network", {{"member", network_.member}, {"port", server_->port()}});
    return {};
}

Result<net::Target> Federation::target(const MemberId& member, std::string path) const {
    net::Target out;
    out.path = std::move(path);
    std::string address;
    const auto info = directory_.now()->member(member);
    if (info.has_value() && !info.value().node.addresses.empty()) {
        address = info.value().node.addresses.front();
        for (const crypto::Hash& key : info.value().node.tls) {
            out.keys.push_back(crypto::hex_encode(crypto::bytes_of(key)));
        }
    }
    // The operator may know more than a directory that is late.
    const auto is_it = [&](const NetworkPeer& peer) { return peer.member == member.value(); };
    for (const NetworkPeer& peer : exchange_.peers(is_it)) {
        if (address.empty()) address = peer.address;
        if (std::find(out.keys.begin(), out.keys.end(), peer.key) == out.keys.end()) {
            out.keys.push_back(peer.key);
        }
    }
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) {
        return fail(ErrorCode::unavailable, "no address is known of " + member.value());
    }
    out.host = address.substr(0, colon);
    out.port = static_cast<std::uint16_t>(std::strtoul(address.c_str() + colon + 1, nullptr, 10));
    return out;
}

void Federation::send(const MemberId& to, std::string request,
                      std::function<void(Result<std::string>)> done) {
    post_to(to, kMessages, std::move(request), std::move(done));
}

void Federation::fetch(const MemberId& from, std::string question,
                       std::function<void(Result<std::string>)> done) {
    post_to(from, kDocuments, std::move(question), std::move(done));
}

void Federation::post_to(const MemberId& to, std::string path, std::string request,
                         std::function<void(Result<std::string>)> done) {
    auto where = target(to, std::move(path));
    if (where.has_error()) {
        done(where.error());
        return;
    }
    client_->post(
        std::move(where.value()), "application/json", std::move(request),
        [done = std::move(done)](Result<net::Answer> answer) {
            if (answer.has_error()) {
                done(answer.error());
            } else if (answer.value().status == 410) {
                done(fail(ErrorCode::gone, answer.value().body.substr(0, 200)));
            } else if (answer.value().status != 200) {
                done(fail(ErrorCode::unavailable, "the other node answered " +
                                                      std::to_string(answer.value().status) + ": " +
                                                      answer.value().body.substr(0, 200)));
            } else {
                done(std::move(answer.value().body));
            }
        });
}

void Federation::work_evidence() {
    for (;;) {
        const Instant next = evidence_.run();
        std::unique_lock lock(mutex_);
        const auto sleep = std::clamp<std::chrono::milliseconds>(
            next - clock_.now(), std::chrono::milliseconds(0), kLongestSleep);
        evidence_woken_.wait_for(lock, sleep, [this] { return evidence_wake_ || stopping_; });
        if (stopping_) return;
        evidence_wake_ = false;
    }
}

void Federation::work() {
    Instant synchronise_at = clock_.now();
    for (;;) {
        const bool restored = directory_.restored().has_value();
        const Instant audited = restored ? synchronise_at : audit_.tick();
        const Instant next = std::min({post_.tick(), audited, synchronise_at});
        {
            std::unique_lock lock(mutex_);
            const auto sleep = std::clamp<std::chrono::milliseconds>(
                next - clock_.now(), std::chrono::milliseconds(0), kLongestSleep);
            woken_.wait_for(lock, sleep, [this] { return wake_ || stopping_; });
            if (stopping_) return;
            wake_ = false;
        }
        if (clock_.now() < synchronise_at) continue;
        if (restored) {
            learn();
            synchronise_at = clock_.now() + kLearnEvery;
            continue;
        }
        if (post_.restored()) post_.recover(exchange_.others());
        auto round = exchange_.synchronise();
        deliver(std::move(round.messages));
        synchronise_at = clock_.now() + (round.all_known ? kSynchroniseEvery : kLookAround);
        agreements_.look();
        orders_.look();
        keys_.go_on();
        tell_warnings();
    }
}

void Federation::learn() {
    if (!exchange_.learn()) return;
    const auto announced = announce();
    if (announced.has_error() && announced.error().text() != said_) {
        said_ = announced.error().text();
        log_.warning("restored", {{"message", said_}});
    }
}

Result<void> Federation::announce() {
    const auto row = directory_.restored();
    SCHWARM_TRY(incarnation, directory_.next_incarnation());
    SCHWARM_TRY_VOID(enter_changes(incarnation));
    const std::string line =
        "from a backup of " +
        DateTime::from_instant(row ? row->since : Instant(), Zone::utc()).to_string() +
        "; incarnation " + std::to_string(incarnation) + " of " + network_.member;
    for (const TenantId& tenant : tenants_) {
        SCHWARM_TRY_VOID(runtime_->write_and_wait(tenant, [&](runtime::WriteBatch& batch) {
            return batch.audit("system:network", "restored", CaseId(), line);
        }));
    }
    SCHWARM_TRY_VOID(directory_.resume());
    audit_.set_incarnation(incarnation);
    post_.recover(exchange_.others());
    log_.warning("restored", {{"message", line}});
    return {};
}

void Federation::ask(const MemberId& member, std::string question) {
    auto where = target(member, kDirectory);
    if (where.has_error()) return;
    client_->post(std::move(where.value()), "application/json", std::move(question),
                  [this, member](Result<net::Answer> answer) {
                      if (answer.has_error() || answer.value().status != 200) return;
                      post_.heard_of(member);
                      const auto taken = exchange_.answered(member, answer.value().body);
                      if (taken.has_error()) {
                          log_.warning("directory", {{"member", member.value()},
                                                     {"message", taken.error().text()}});
                      }
                  });
}

void Federation::deliver(std::vector<exchange::MembershipMessage> messages) {
    for (exchange::MembershipMessage& message : messages) {
        auto where = target(message.to, kMembership);
        if (where.has_error()) continue;
        client_->post(std::move(where.value()), "application/json", std::move(message.text),
                      [](const Result<net::Answer>&) {});
    }
}

}  // namespace schwarm::server
