#include "exchange_world.hpp"

#include <fstream>

#include "schwarm/bpmn/model.hpp"
#include "schwarm/crypto/certificate.hpp"
#include "schwarm/crypto/encode.hpp"
#include "schwarm/runtime/node_key.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"

namespace schwarm::bench {
namespace {

namespace fs = std::filesystem;
constexpr const char* kMessages = "/exchange/v1/messages";
constexpr const char* kDocuments = "/exchange/v1/documents";
constexpr const char* kEndOfInputs = "</zeebe:ioMapping>";
constexpr const char* kDocumentsInput = R"(<zeebe:input source="=dokumente" target="dokumente"/>)";
constexpr std::size_t kDocumentsMax = 10;
constexpr std::size_t kRequestBytes = std::size_t{12} << 20;

constexpr const char* kRequester = R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
<collaboration id="c"><extensionElements><zeebe:properties>
  <zeebe:property name="contract" value="nachweis"/><zeebe:property name="version" value="1"/>
 </zeebe:properties></extensionElements>
 <participant id="amt" processRef="anfragen"/>
 <participant id="register"><extensionElements><zeebe:properties>
  <zeebe:property name="role" value="register"/>
  <zeebe:property name="jurisdiction" value="=bezirk"/>
 </zeebe:properties></extensionElements></participant>
 <messageFlow id="x1" sourceRef="fragen" targetRef="register"/>
 <messageFlow id="x2" sourceRef="register" targetRef="antwort"/>
</collaboration>
<message id="m1" name="anfrage"/><message id="m2" name="antwort"/>
<process id="anfragen" isExecutable="true">
 <startEvent id="s"/>
 <intermediateThrowEvent id="fragen"><extensionElements><zeebe:ioMapping>
   <zeebe:input source="=nummer" target="nummer"/><zeebe:input source="=person" target="person"/>
  </zeebe:ioMapping></extensionElements>
  <messageEventDefinition messageRef="m1"/></intermediateThrowEvent>
 <intermediateCatchEvent id="antwort"><messageEventDefinition messageRef="m2"/>
 </intermediateCatchEvent>
 <endEvent id="e"/>
 <sequenceFlow id="f1" sourceRef="s" targetRef="fragen"/>
 <sequenceFlow id="f2" sourceRef="fragen" targetRef="antwort"/>
 <sequenceFlow id="f3" sourceRef="antwort" targetRef="e"/>
</process></definitions>)";

constexpr const char* kProvider = R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
<collaboration id="c"><extensionElements><zeebe:properties>
  <zeebe:property name="contract" value="nachweis"/><zeebe:property name="version" value="1"/>
 </zeebe:properties></extensionElements>
 <participant id="register" processRef="antworten"/>
 <participant id="amt"><extensionElements><zeebe:properties>
  <zeebe:property name="role" value="amt"/></zeebe:properties></extensionElements></participant>
 <messageFlow id="x1" sourceRef="amt" targetRef="anfrage"/>
 <messageFlow id="x2" sourceRef="antwort" targetRef="amt"/>
</collaboration>
<message id="m1" name="anfrage"/><message id="m2" name="antwort"/>
<process id="antworten" isExecutable="true">
 <startEvent id="anfrage"><messageEventDefinition messageRef="m1"/></startEvent>
 <endEvent id="antwort"><extensionElements><zeebe:ioMapping>
   <zeebe:input source="=nummer * 2" target="doppelt"/>
   <zeebe:input source="={name: person.name, geboren: person.geboren,
     strasse: &quot;Musterweg 1&quot;, plz: &quot;04109&quot;, ort: &quot;Leipzig&quot;,
     seit: &quot;2019-06-01&quot;}" target="meldung"/>
  </zeebe:ioMapping></extensionElements><messageEventDefinition messageRef="m2"/></endEvent>
 <sequenceFlow id="g1" sourceRef="anfrage" targetRef="antwort"/>
</process></definitions>)";

class Contract final : public post::Contracts {
  public:
    explicit Contract(bool documents) : documents_(documents) {}
    Result<post::MessageTerms> terms(std::string_view, std::string_view,
                                     std::string_view message) const override {
        post::MessageTerms out;
        out.purpose = "Abruf eines Nachweises";
        out.legal_basis = "§ 34 BMG";
        out.starts = message == "anfrage";
        out.documents = documents_ && out.starts ? kDocumentsMax : 0;
        return out;
    }
    Result<void> check(std::string_view, std::string_view, std::string_view,
                       const json::Value& content) const override {
        if (content.is_object()) return {};
        return fail(ErrorCode::invalid_input, "the content is an object");
    }
    Result<post::Reception> reception(const TenantId&, std::string_view, std::string_view,
                                      std::string_view message) const override {
        return post::Reception{ServiceId("bench"), engine::DefinitionKey("bench/antworten"),
                               message == "anfrage" ? "anfrage" : "", "amt"};
    }
    Result<engine::Variables> start_variables(const TenantId&, const post::Reception&,
                                              const feel::Value& content, Instant,
                                              std::string_view) const override {
        return engine::Variables::from_context(content);
    }

  private:
    const bool documents_;
};

Result<void> write_file(const fs::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) return fail(ErrorCode::unavailable, "the file cannot be written", file.string());
    return {};
}

}  // namespace

// --- cryptography ----------------------------------------------------------------------------

Result<exchange::KeyPair> CountedCryptography::make_key(exchange::KeyUse use,
                                                        Random& random) const {
    return jose_.make_key(use, random);
}
Result<exchange::PublicKey> CountedCryptography::read_key(exchange::KeyUse use,
                                                          std::string_view jwk) const {
    return jose_.read_key(use, jwk);
}
Result<std::string> CountedCryptography::sign(const exchange::KeyPair& key, std::string_view type,
                                              std::string_view payload) const {
    ++signatures_;
    return jose_.sign(key, type, payload);
}
Result<std::string> CountedCryptography::verify(const exchange::PublicKey& key,
                                                std::string_view type, std::string_view jws) const {
    ++verifications_;
    return jose_.verify(key, type, jws);
}
Result<std::string> CountedCryptography::seal(const exchange::PublicKey& key,
                                              const json::Value& header, std::string_view plain,
                                              Random& random) const {
    ++seals_;
    return jose_.seal(key, header, plain, random);
}
Result<std::string> CountedCryptography::open(const exchange::KeyPair& key,
                                              std::string_view jwe) const {
    ++opens_;
    return jose_.open(key, jwe);
}

// --- directory -------------------------------------------------------------------------------

void MemberTable::add(Member member) {
    std::string name = member.address.member.value();
    members_.insert_or_assign(std::move(name), std::move(member));
}

const MemberTable::Member* MemberTable::find_member(std::string_view name) const {
    const auto it = members_.find(name);
    return it == members_.end() ? nullptr : &it->second;
}

Result<exchange::Address> MemberTable::find(std::string_view, std::string_view jurisdiction,
                                            std::string_view, std::string_view) const {
    const Member* found = find_member(jurisdiction);
    if (found == nullptr) return fail(ErrorCode::not_found, "nobody plays this role");
    return found->address;
}

bool MemberTable::plays(const exchange::Address& tenant, std::string_view, std::string_view,
                        std::string_view) const {
    return find_member(tenant.member.value()) != nullptr;
}

Result<exchange::PublicKey> MemberTable::sealing_key(const exchange::Address& tenant) const {
    const Member* found = find_member(tenant.member.value());
    if (found == nullptr) return fail(ErrorCode::not_found, "no such member");
    return found->sealing;
}

Result<exchange::PublicKey> MemberTable::signing_key(const exchange::Address& tenant,
                                                     std::string_view kid, Instant) const {
    const Member* found = find_member(tenant.member.value());
    if (found == nullptr || found->signing.kid != kid) {
        return fail(ErrorCode::not_found, "no such key");
    }
    return found->signing;
}

// --- models ----------------------------------------------------------------------------------

Result<std::unique_ptr<ExchangeModels>> ExchangeModels::load(bool documents) {
    std::unique_ptr<ExchangeModels> out(new ExchangeModels(documents));
    std::string requester = kRequester;
    if (documents) requester.insert(requester.find(kEndOfInputs), kDocumentsInput);
    for (const std::string_view text : {std::string_view(requester), std::string_view(kProvider)}) {
        const auto import = bpmn::import_model(text, "exchange.bpmn");
        if (!import.deployable()) {
            return fail(ErrorCode::internal, "the benchmark's model cannot be deployed: " +
                                                 import.problems.front().text());
        }
        for (const auto& process : import.model->processes()) {
            out->processes_.emplace("bench/" + process->id, process);
        }
    }
    return out;
}

const bpmn::Process* ExchangeModels::process(const engine::DefinitionKey& key) const {
    const auto found = processes_.find(key.value());
    return found == processes_.end() ? nullptr : found->second.get();
}

runtime::Submission evidence_request(const TenantId& tenant, std::int64_t number,
                                     const std::string& member) {
    engine::CreateCase create;
    create.definition = engine::DefinitionKey("bench/anfragen");
    create.variables = engine::Variables{
        {"nummer", feel::Value(number)},
        {"bezirk", member},
        {"person", feel::Value::context({{"name", feel::Value("Erika Mustermann")},
                                         {"geboren", feel::Value("1964-08-12")},
                                         {"ort", feel::Value("Leipzig")}})}};
    runtime::Submission out;
    out.tenant = tenant;
    out.command.actor = "bench";
    out.command.body = std::move(create);
    return out;
}

// --- node ------------------------------------------------------------------------------------

Result<std::unique_ptr<ExchangeNode>> ExchangeNode::prepare(const fs::path& folder,
                                                            const std::string& name,
                                                            const ExchangeModels& models,
                                                            const CountedCryptography& cryptography,
                                                            MemberTable& members) {
    std::unique_ptr<ExchangeNode> out(new ExchangeNode(name, members));
    fs::create_directories(folder);
    SCHWARM_TRY(storage, storage_sqlite::open_sqlite(folder / "schwarm.db"));
    out->storage_ = std::move(storage);
    SCHWARM_TRY(node_key, runtime::load_or_create_node_key(folder / "node.key", out->random_));
    out->contracts_ = std::make_unique<Contract>(models.documents());
    const exchange::MemberId member(name);
    out->post_ =
        std::make_unique<post::Post>(post::Environment{member,
                                                       out->clock_,
                                                       out->random_,
                                                       cryptography,
                                                       members,
                                                       *out->contracts_,
                                                       *out,
                                                       [node = out.get()] {
                                                           const std::lock_guard lock(node->mutex_);
                                                           node->wake_ = true;
                                                           node->woken_.notify_one();
                                                       },
                                                       {}});
    const auto* definitions = &models.definitions();
    runtime::Environment environment{
        .storage = *out->storage_,
        .clock = out->clock_,
        .random = out->random_,
        .node_key = node_key,
        .definitions =
            [definitions](const TenantId&) {
                return std::shared_ptr<const engine::Definitions>(std::shared_ptr<void>(),
                                                                  definitions);
            },
        .local_effects = out->post_->local_effects(),
    };
    SCHWARM_TRY(runtime, runtime::Runtime::open(std::move(environment)));
    out->runtime_ = std::move(runtime);
    SCHWARM_TRY_VOID(out->runtime_->ensure_tenant(out->tenant_));
    SCHWARM_TRY_VOID(out->post_->open(*out->runtime_, {out->tenant_}));
    SCHWARM_TRY(certificate,
                crypto::make_certificate(name, out->clock_.now(), std::chrono::hours(24)));
    SCHWARM_TRY_VOID(write_file(folder / "network.crt", certificate.certificate));
    SCHWARM_TRY_VOID(write_file(folder / "network.key", certificate.private_key));
    SCHWARM_TRY(port, out->listen(folder));
    SCHWARM_TRY(signing, out->post_->signing_key(out->tenant_));
    SCHWARM_TRY(sealing, out->post_->sealing_key(out->tenant_));
    members.add({{out->tenant_, member},
                 signing,
                 sealing,
                 port,
                 crypto::hex_encode(crypto::bytes_of(certificate.key))});
    return out;
}

void ExchangeNode::start() {
    thread_ = std::thread([this] { work(); });
}

Result<std::uint16_t> ExchangeNode::listen(const fs::path& folder) {
    const net::TlsFiles files{(folder / "network.crt").string(), (folder / "network.key").string()};
    SCHWARM_TRY(client, net::Client::start({.tls = files}));
    client_ = std::move(client);
    router_.post(
        kMessages,
        [this](const http::Request& request, const http::Respond& respond) {
            const std::string from(name_ == "amt" ? "register" : "amt");
            const auto* member = members_.find_member(from);
            if (member == nullptr || member->tls_key != request.peer_key) {
                respond(http::Response::text("not a member of the network", 403));
                return;
            }
            post_->heard_of(exchange::MemberId(from));
            post_->receive(
                exchange::MemberId(from), request.body, [respond](Result<std::string> answer) {
                    respond(answer.has_error() ? http::Response::text(answer.error().text(), 400)
                                               : http::Response::json(answer.value()));
                });
        },
        {kRequestBytes});
    router_.post(kDocuments,
                 [this](const http::Request& request, const http::Respond& respond) {
                     const std::string from(name_ == "amt" ? "register" : "amt");
                     const auto* member = members_.find_member(from);
                     if (member == nullptr || member->tls_key != request.peer_key) {
                         respond(http::Response::text("not a member of the network", 403));
                         return;
                     }
                     auto answer = post_->segments(exchange::MemberId(from), request.body);
                     respond(answer.has_error()
                                 ? http::Response::text(answer.error().text(),
                                                        http_status_of(answer.error().code))
                                 : http::Response::make(200, "application/octet-stream",
                                                        std::move(answer.value())));
                 },
                 {kRequestBytes});
    net::ServerOptions options;
    options.tls = files;
    options.client_certificates = true;
    SCHWARM_TRY(server, net::Server::start(std::move(options), router_));
    server_ = std::move(server);
    return server_->port();
}

ExchangeNode::~ExchangeNode() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        woken_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
    if (server_ != nullptr) server_->stop(std::chrono::seconds(1));
    if (client_ != nullptr) client_->stop();
    runtime_.reset();
}

void ExchangeNode::work() {
    for (;;) {
        const Instant next = post_->tick();
        std::unique_lock lock(mutex_);
        const auto sleep = std::clamp<std::chrono::milliseconds>(
            next - clock_.now(), std::chrono::milliseconds(0), std::chrono::seconds(1));
        woken_.wait_for(lock, sleep, [this] { return wake_ || stopping_; });
        if (stopping_) return;
        wake_ = false;
    }
}

void ExchangeNode::send(const exchange::MemberId& to, std::string request,
                        std::function<void(Result<std::string>)> done) {
    post_to(to, kMessages, std::move(request), std::move(done));
}

void ExchangeNode::fetch(const exchange::MemberId& from, std::string question,
                         std::function<void(Result<std::string>)> done) {
    post_to(from, kDocuments, std::move(question), std::move(done));
}

void ExchangeNode::post_to(const exchange::MemberId& to, const char* path, std::string request,
                           std::function<void(Result<std::string>)> done) {
    const auto* member = members_.find_member(to.value());
    if (member == nullptr) {
        done(fail(ErrorCode::unavailable, "no address is known"));
        return;
    }
    client_->post({"127.0.0.1", member->port, path, {member->tls_key}}, "application/json",
                  std::move(request), [done = std::move(done)](Result<net::Answer> answer) {
                      if (answer.has_error()) {
                          done(answer.error());
                      } else if (answer.value().status == 410) {
                          done(fail(ErrorCode::gone, answer.value().body));
                      } else if (answer.value().status != 200) {
                          done(fail(ErrorCode::unavailable, answer.value().body));
                      } else {
                          done(std::move(answer.value().body));
                      }
                  });
}

}  // namespace schwarm::bench
