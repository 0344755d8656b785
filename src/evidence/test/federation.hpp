// Three members on one thread: an authority that asks, one that keeps a register, one that checks
// claims; real signatures and seals.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <list>
#include <memory>
#include <set>

#include "directory/rows.hpp"
#include "directory/world.hpp"
#include "process_models.hpp"
#include "schwarm/evidence/evidence.hpp"
#include "schwarm/exchange/jose_cryptography.hpp"
#include "schwarm/json/json.hpp"
#include "schwarm/runtime/runtime.hpp"
#include "schwarm/storage/faulty.hpp"
#include "schwarm/storage/memory.hpp"

namespace schwarm::evidence::test {

using exchange::Address;
using exchange::MemberId;

inline constexpr const char* kProcess = R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
<process id="anmelden" isExecutable="true">
 <startEvent id="s"/>
 <serviceTask id="abrufen"><extensionElements>
  <zeebe:taskDefinition type="schwarm:evidence"/>
  <zeebe:taskHeaders>
   <zeebe:header key="art" value="meldedaten"/>
   <zeebe:header key="zweck" value="Anmeldung"/>
   <zeebe:header key="rechtsgrundlage" value="§ 23a BMG"/>
  </zeebe:taskHeaders></extensionElements></serviceTask>
 <endEvent id="e"/>
 <sequenceFlow id="f1" sourceRef="s" targetRef="abrufen"/>
 <sequenceFlow id="f2" sourceRef="abrufen" targetRef="e"/>
</process></definitions>)";

// What the checker approves: this kind of evidence for this purpose.
inline constexpr const char* kRules = R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
 <inputData id="i" name="anfrage"><variable name="anfrage" typeRef="Any"/></inputData>
 <decision id="berechtigung" name="berechtigung"><variable name="berechtigung" typeRef="Any"/>
  <informationRequirement id="r"><requiredInput href="#i"/></informationRequirement>
  <literalExpression id="x"><text>if anfrage.art = "meldedaten" and anfrage.zweck = "Anmeldung"
   then {erlaubt: true, grund: ""} else {erlaubt: false, grund: "nicht zugelassen"}</text>
  </literalExpression></decision></definitions>)";

// The directory as posts ask it.
struct Membership final : post::Network {
    std::shared_ptr<const exchange::Directory> directory;
    const Clock* clock = nullptr;
    Result<Address> find(std::string_view role, std::string_view key, std::string_view,
                         std::string_view) const override {
        return directory->responsible(role, key, clock->now());
    }
    bool plays(const Address&, std::string_view, std::string_view,
               std::string_view) const override {
        return false;
    }
    Result<exchange::PublicKey> sealing_key(const Address& tenant) const override {
        return directory->sealing_key(tenant, clock->now());
    }
    Result<exchange::PublicKey> signing_key(const Address& tenant, std::string_view kid,
                                            Instant at) const override {
        return directory->signing_key(tenant, kid, at);
    }
};

// Packages have no contracts here: only the node's own messages travel.
struct NoContracts final : post::Contracts {
    static Error none() { return fail(ErrorCode::unsupported, "no such message"); }
    Result<post::MessageTerms> terms(std::string_view, std::string_view,
                                     std::string_view) const override {
        return none();
    }
    Result<void> check(std::string_view, std::string_view, std::string_view,
                       const json::Value&) const override {
        return none();
    }
    Result<post::Reception> reception(const TenantId&, std::string_view, std::string_view,
                                      std::string_view) const override {
        return none();
    }
    Result<engine::Variables> start_variables(const TenantId&, const post::Reception&,
                                              const feel::Value&, Instant,
                                              std::string_view) const override {
        return none();
    }
};

struct Register final : Records {
    bool away = false;
    std::vector<json::Value> records;
    std::vector<std::string> asked;
    Result<std::vector<json::Value>> find(const services::RegisterSource&,
                                          const json::Value& attributes,
                                          std::size_t most) override {
        asked.push_back(json::to_string(attributes));
        if (away) return fail(ErrorCode::unavailable, "the register is being maintained");
        std::vector<json::Value> out;
        for (const json::Value& record : records) {
            bool fits = true;
            for (const auto& [name, value] : attributes.members()) {
                fits = fits && record.string_or(name, "") == value.as_string();
            }
            if (fits && out.size() < most) out.push_back(record);
        }
        return out;
    }
};

// Between a post and the evidence that is made after it.
struct Mail final : post::NodeMessages {
    Evidence* to = nullptr;
    bool owns(std::string_view contract) const override { return to->owns(contract); }
    Result<void> take(runtime::WriteBatch& batch, runtime::CaseDesk& desk,
                      const exchange::Envelope& envelope) override {
        return to->take(batch, desk, envelope);
    }
};

class Federation;

struct Node final : post::Transport {
    Node(Federation& federation, std::string member, std::string tenant);
    void start();
    // As a crash, as far as the storage has it.
    void stop() {
        alive.reset();
        evidence->stop();
        // It answers what waits, into what is still there.
        runtime.reset();
        mail.to = nullptr;
        evidence.reset();
        post.reset();
    }
    void send(const MemberId& to, std::string request,
              std::function<void(Result<std::string>)> done) override;
    // Evidence travels without documents.
    void fetch(const MemberId&, std::string,
               std::function<void(Result<std::string>)> done) override {
        done(fail(ErrorCode::unavailable, "nothing is sent beside messages here"));
    }
    Address address() const { return {tenant, MemberId(member)}; }

    Federation& all;
    const std::string member;
    const TenantId tenant;
    SeededRandom random;
    crypto::Key key;
    std::unique_ptr<storage::Storage> disk = storage::make_memory_storage();
    storage::FaultPlan plan;
    std::unique_ptr<storage::FaultyStorage> storage = storage::make_faulty_storage(*disk, plan);
    Register records;
    std::vector<Kept> kept;
    std::string assurance = "high";
    Mail mail;
    std::shared_ptr<int> alive;  // until the next stop()
    std::unique_ptr<post::Post> post;
    std::unique_ptr<runtime::Runtime> runtime;
    std::unique_ptr<Evidence> evidence;
};

class Federation {
  public:
    Federation() {
        membership.clock = &clock;
        for (const char* name : {"zuzug", "wegzug", "pruefung"}) {
            nodes.emplace_back(*this, name, "amt-" + std::string(name));
        }
        checkers = {checker().address()};
        cockpits = {asker().address()};
        keeper().kept = {kept("melderegister", "packages/melderegister", keeper())};
        checker().kept = {kept("pruefung", "", checker())};
        for (Node& node : nodes) node.start();
        make_directory();
    }
    Node& asker() { return nodes.front(); }
    Node& keeper() { return *std::next(nodes.begin()); }
    Node& checker() { return nodes.back(); }

    // Until nothing happens any more.
    void settle(int rounds = 40) {
        for (int i = 0; i < rounds; ++i) {
            for (Node& node : nodes) {
                if (node.post == nullptr) continue;
                node.runtime->run();
                if (node.evidence != nullptr) node.evidence->run();
                node.runtime->run();
                node.post->tick();
                node.runtime->run();
            }
            std::deque<std::function<void()>> due;
            due.swap(wire);
            for (const auto& one : due) one();
        }
    }
    void pass(std::chrono::milliseconds time) {
        clock.set(clock.now() + time);
        for (Node& node : nodes) {
            if (node.runtime != nullptr) node.runtime->wake();
        }
        settle();
    }

    std::vector<Address> checkers;
    std::vector<Address> cockpits;
    ManualClock clock{exchange::test::kStart + exchange::test::kDay};
    exchange::JoseCryptography cryptography{clock};
    SeededRandom random{7};
    schwarm::test::ProcessModels models{{kProcess}};
    Membership membership;
    NoContracts contracts;
    std::deque<std::function<void()>> wire;
    std::set<std::string> cut;         // members that cannot be reached
    std::vector<std::string> carried;  // all that went over the wire
    // What becomes of a request on its way; empty: it arrives and is answered.
    enum class Fate : std::uint8_t { arrives, lost, answer_lost, twice };
    std::function<Fate()> fate;
    exchange::test::MemoryRows rows;
    std::list<exchange::test::Author> authors;
    std::list<Node> nodes;
    std::unique_ptr<exchange::Directory> directory_;

    void enter(const std::string& member, exchange::EntryBody body) {
        for (exchange::test::Author& author : authors) {
            if (author.member.value() != member) continue;
            const auto answer = directory_->accept_own(author.enter(std::move(body)), rows);
            ASSERT_TRUE(answer.refused.empty()) << answer.refused.front().text();
            rows.store(answer.rows);
        }
        membership.directory =
            std::shared_ptr<const exchange::Directory>(std::shared_ptr<void>(), directory_.get());
    }

  private:
    static Kept kept(std::string_view id, const std::string& folder, const Node& node) {
        services::PackageFiles files;
        if (folder.empty()) {
            files = {{"register.json", R"({"id": "pruefung", "title": "Prüfung",
                "abstract_check": true, "policy": "berechtigung",
                "retention": {"period": "P2Y", "rule": "§ 9 IDNrG"}})"},
                     {"regeln.dmn", kRules}};
        } else {
            files = services::read_folder(std::string(SCHWARM_SOURCE_DIR) + "/" + folder).value();
        }
        auto rules = services::Register::load(id, files, "/");
        EXPECT_TRUE(rules.has_value()) << rules.error().text();
        return {node.tenant, rules.value(), rules.value()->source};
    }

    void make_directory() {
        exchange::EpochContent content;
        content.time = exchange::test::kStart;
        for (const char* name : {"pruefung", "wegzug", "zuzug"}) {
            auto& a = authors.emplace_back(name, cryptography, random);
            content.members.push_back({a.member, a.key.public_key.kid, a.key.public_key, 0, {}});
        }
        exchange::DirectoryAnswer answer;
        auto made =
            exchange::Directory::found(cryptography, exchange::write_content(content), answer);
        ASSERT_TRUE(made.has_value()) << made.error().text();
        rows.store(answer.rows);
        directory_ = std::make_unique<exchange::Directory>(std::move(made.value()));
        for (exchange::test::Author& author : authors) {
            enter(author.member.value(), author.node());
        }
        for (Node& node : nodes) {
            exchange::TenantEntry entry;
            entry.tenant = node.tenant;
            entry.name = "Stelle " + node.member;
            entry.signing = node.post->signing_key(node.tenant).value();
            entry.sealing = node.post->sealing_key(node.tenant).value();
            entry.signing_until = entry.sealing_until = clock.now() + 400 * exchange::test::kDay;
            if (node.member == "wegzug") entry.roles = {{"meldebehoerde", {"05334"}}};
            enter(node.member, entry);
        }
        const services::Register& rules = *keeper().kept.front().rules;
        enter("wegzug", exchange::EvidenceEntry{keeper().tenant, rules.evidence, rules.legal_bases,
                                                rules.preview});
    }
};

inline Node::Node(Federation& federation, std::string name, std::string of)
    : all(federation),
      member(std::move(name)),
      tenant(std::move(of)),
      random(std::hash<std::string>()(member)),
      key(crypto::Key::random(random)) {}

inline void Node::start() {
    alive = std::make_shared<int>();
    post = std::make_unique<post::Post>(post::Environment{MemberId(member),
                                                          all.clock,
                                                          random,
                                                          all.cryptography,
                                                          all.membership,
                                                          all.contracts,
                                                          *this,
                                                          {},
                                                          {},
                                                          &mail});
    runtime::Environment environment{
        .storage = *storage,
        .clock = all.clock,
        .random = random,
        .node_key = key,
        .definitions = [this](const TenantId&) { return all.models.definitions(); },
        .local_effects = post->local_effects()};
    runtime::Options options;
    options.threads = false;
    auto opened = runtime::Runtime::open(std::move(environment), options);
    ASSERT_TRUE(opened.has_value()) << opened.error().text();
    runtime = std::move(opened.value());
    ASSERT_TRUE(runtime->ensure_tenant(tenant).has_value());
    ASSERT_TRUE(post->open(*runtime, {tenant}).has_value());
    evidence = std::make_unique<Evidence>(
        Environment{MemberId(member),
                    all.clock,
                    random,
                    all.cryptography,
                    *post,
                    records,
                    [this] { return all.membership.directory; },
                    [this](std::string_view) { return assurance; },
                    [this](const MemberId& to, std::string question,
                           std::function<void(Result<std::string>)> done) {
                        all.wire.emplace_back(
                            [this, to, question = std::move(question), done = std::move(done)] {
                                for (Node& node : all.nodes) {
                                    if (node.member != to.value() || node.evidence == nullptr)
                                        continue;
                                    if (all.cut.contains(node.member)) break;
                                    done(node.evidence->answer_cockpit(MemberId(member), question));
                                    return;
                                }
                                done(fail(ErrorCode::unavailable, "not reached"));
                            });
                    },
                    {},
                    {},
                    all.checkers,
                    all.cockpits});
    mail.to = evidence.get();
    ASSERT_TRUE(evidence->open(*runtime, {tenant}, kept).has_value());
}

inline void Node::send(const MemberId& to, std::string request,
                       std::function<void(Result<std::string>)> done) {
    all.carried.push_back(request);
    // Who asked may crash meanwhile: the answer then reaches nobody.
    done = [done = std::move(done), life = std::weak_ptr<int>(alive)](Result<std::string> answer) {
        if (!life.expired()) done(std::move(answer));
    };
    all.wire.emplace_back([this, to, request = std::move(request), done = std::move(done)] {
        for (Node& node : all.nodes) {
            if (node.member != to.value() || node.post == nullptr) continue;
            if (all.cut.contains(node.member)) break;
            using Fate = Federation::Fate;
            const Fate fate = all.fate ? all.fate() : Fate::arrives;
            if (fate == Fate::lost) break;
            if (fate == Fate::twice) {
                node.post->receive(MemberId(member), request, [](Result<std::string>) {});
            }
            if (fate == Fate::answer_lost) {
                node.post->receive(MemberId(member), request, [](Result<std::string>) {});
                break;
            }
            node.post->receive(MemberId(member), request, done);
            return;
        }
        done(fail(ErrorCode::unavailable, "not reached"));
    });
}

}  // namespace schwarm::evidence::test
