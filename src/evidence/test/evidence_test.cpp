#include <gtest/gtest.h>

#include "federation.hpp"
#include "schwarm/services/identification.hpp"

namespace schwarm::evidence {
namespace {

using test::Address;
using test::Federation;
using test::Node;

json::Value parsed(const char* text) {
    return json::parse(text).value();
}

feel::Value person(const char* name = "Mustermann") {
    return feel::Value::context({{"familienname", std::string(name)},
                                 {"vornamen", std::string("Erika")},
                                 {"geburtsdatum", std::string("1964-08-12")}});
}

class EvidenceTest : public testing::Test {
  protected:
    void SetUp() override {
        world.keeper().records.records = {
            parsed(R"({"familienname": "Mustermann", "vornamen": "Erika",
                       "geburtsdatum": "1964-08-12", "geburtsort": "Berlin",
                       "staatsangehoerigkeiten": ["deutsch"],
                       "anschrift": {"strasse": "Domhof 5", "plz": "52062", "ort": "Aachen"},
                       "auskunftssperre": false, "religion": "geheim"})")};
    }

    // The applicant is identified as `shown`.
    CaseId start(feel::Value who = person(), bool asked_for = true,
                 const char* authority = "05334002", const char* shown = nullptr) {
        runtime::Submission submission;
        submission.tenant = world.asker().tenant;
        submission.command.actor = "person";
        engine::CreateCase create;
        create.definition = engine::DefinitionKey("anmelden");
        create.variables = engine::Variables::from_context(
            feel::Value::context({{"person", who},
                                  {"verlangen", feel::Value(asked_for)},
                                  {"zustaendig", std::string(authority)}}));
        submission.command.body = std::move(create);
        const auto part = [&](std::string_view name) {
            const feel::Value value = who.get(name);
            return value.is_string() ? std::string(value.as_string()) : std::string();
        };
        submission.also = [text = services::identified_text(
                               shown == nullptr ? part("familienname") : shown, part("vornamen"),
                               part("geburtsdatum"))](runtime::WriteBatch& batch, CaseId id) {
            return batch.index_person(id, services::kIdentifiedField, text);
        };
        const auto reply = world.asker().runtime->submit_and_wait(std::move(submission));
        EXPECT_TRUE(reply.has_value()) << reply.error().text();
        return reply.has_value() ? reply.value().case_id : CaseId();
    }
    // {ergebnis, grund, daten, ...}; null while the case waits.
    feel::Value outcome(CaseId id) {
        const auto view = world.asker().runtime->read(world.asker().tenant);
        const auto state = view.value().case_state(id);
        EXPECT_TRUE(state.has_value()) << state.error().text();
        return state.value().variables.to_context().get("nachweis");
    }
    std::string text(CaseId id, std::string_view member) {
        const feel::Value value = outcome(id);
        const feel::Value one = value.is_context() ? value.get(member) : feel::Value();
        return one.is_string() ? std::string(one.as_string()) : std::string();
    }
    std::vector<OpenRetrieval> open(CaseId id) {
        return world.asker().evidence->open_of(world.asker().tenant, id).value();
    }
    Result<void> decide(CaseId id, bool use) {
        const auto waiting = open(id);
        Result<void> out = fail(ErrorCode::internal, "not answered");
        world.asker().evidence->decide(world.asker().tenant, id,
                                       waiting.empty() ? "none" : waiting.front().id, use,
                                       [&](Result<void> done) { out = std::move(done); });
        world.settle();
        return out;
    }
    std::vector<LogEntry> log(Node& node) { return node.evidence->log(node.tenant).value(); }

    Federation world;
};

TEST_F(EvidenceTest, IsShownToThePersonAndThenUsed) {
    const CaseId id = start();
    world.settle();
    const auto waiting = open(id);
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_EQ(waiting.front().waiting, Waiting::person);
    EXPECT_EQ(waiting.front().data.string_or("geburtsort", ""), "Berlin");
    EXPECT_EQ(waiting.front().data.find("religion"), nullptr) << "only what the schema names";
    EXPECT_TRUE(outcome(id).is_null());
    ASSERT_TRUE(decide(id, true).has_value());
    EXPECT_EQ(text(id, "ergebnis"), "geliefert");
    EXPECT_EQ(outcome(id).get("daten").get("anschrift").get("ort").as_string(), "Aachen");
    EXPECT_EQ(text(id, "von"), world.keeper().address().text());
    EXPECT_TRUE(open(id).empty());

    const auto asked = log(world.asker());
    const auto gave = log(world.keeper());
    ASSERT_EQ(asked.size(), 1u);
    ASSERT_EQ(gave.size(), 1u);
    EXPECT_EQ(asked.front().hash, gave.front().hash) << "both logs tell of the same data";
    EXPECT_FALSE(gave.front().hash.empty());
    EXPECT_EQ(gave.front().claim.purpose, "Anmeldung");
    EXPECT_EQ(gave.front().claim.legal_basis, "§ 23a BMG");
    EXPECT_TRUE(gave.front().gave);
    EXPECT_FALSE(decide(id, true).has_value()) << "it is over";
}

TEST_F(EvidenceTest, IsNotUsedAgainstTheWillOfThePerson) {
    const CaseId id = start();
    world.settle();
    ASSERT_TRUE(decide(id, false).has_value());
    EXPECT_EQ(text(id, "ergebnis"), "nicht_verwendet");
    EXPECT_TRUE(outcome(id).get("daten").is_null());
    EXPECT_EQ(log(world.asker()).front().result, "nicht_verwendet");
}

TEST_F(EvidenceTest, NothingLeavesWithoutTheRequestOfThePerson) {
    const CaseId id = start(person(), false);
    world.settle();
    EXPECT_EQ(text(id, "ergebnis"), "abgelehnt");
    EXPECT_TRUE(world.carried.empty());
    ASSERT_EQ(log(world.asker()).size(), 1u) << "refusals are logged, too";
    EXPECT_TRUE(world.keeper().records.asked.empty());
}

TEST_F(EvidenceTest, TheCheckerIsAskedOnceForManyPersonsAndSeesNone) {
    std::vector<CaseId> cases;
    for (int i = 0; i < 5; ++i) cases.push_back(start());
    world.settle();
    for (const CaseId id : cases) EXPECT_EQ(open(id).size(), 1u);
    const auto view = world.checker().runtime->read(world.checker().tenant);
    std::size_t checks = 0;
    for (const auto& line : view.value().audit().value()) {
        if (line.action == "evidence checked") ++checks;
        EXPECT_EQ(line.detail.find("Mustermann"), std::string::npos);
    }
    EXPECT_EQ(checks, 1u);
    // Not even sealed for it: everything the checker stores is about claims.
    EXPECT_TRUE(log(world.checker()).empty());
}

TEST_F(EvidenceTest, AClaimThatIsNotApprovedReachesNoRegister) {
    world.checker().kept.clear();
    const auto rules = services::Register::load(
        "pruefung",
        {{"register.json", R"({"id": "pruefung", "title": "Prüfung", "abstract_check": true,
           "policy": "nein", "retention": {"period": "P2Y", "rule": "§ 9 IDNrG"}})"},
         {"nein.dmn", R"(<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d"
           name="d" namespace="n"><decision id="nein" name="nein">
           <variable name="nein" typeRef="Any"/><literalExpression id="x">
           <text>{erlaubt: false, grund: "kein Gesetz"}</text></literalExpression></decision>
           </definitions>)"}},
        "/");
    ASSERT_TRUE(rules.has_value()) << rules.error().text();
    world.checker().kept = {{world.checker().tenant, rules.value(), {}}};
    world.checker().stop();
    world.checker().start();
    const CaseId id = start();
    world.settle();
    EXPECT_EQ(text(id, "ergebnis"), "abgelehnt");
    EXPECT_EQ(text(id, "grund"), "kein Gesetz");
    EXPECT_TRUE(world.keeper().records.asked.empty());
    EXPECT_TRUE(log(world.keeper()).empty());
}

TEST_F(EvidenceTest, ARegisterDoesNotBelieveWhomItDoesNotTrust) {
    // The keeper knows no checker: what the asker has had approved counts for nothing here.
    const auto trusted = world.checkers;
    world.keeper().stop();
    world.checkers = {world.asker().address()};
    world.keeper().start();
    world.checkers = trusted;
    const CaseId id = start();
    world.settle();
    EXPECT_EQ(text(id, "ergebnis"), "abgelehnt");
    EXPECT_NE(text(id, "grund").find("vertraut"), std::string::npos) << text(id, "grund");
    EXPECT_TRUE(world.keeper().records.asked.empty());
    ASSERT_EQ(log(world.keeper()).size(), 1u);
    EXPECT_EQ(log(world.keeper()).front().result, "abgelehnt");
}

TEST_F(EvidenceTest, AnIdentificationThatIsTooWeakGetsNothing) {
    world.asker().assurance = "substantial";
    const CaseId id = start();
    world.settle();
    EXPECT_EQ(text(id, "ergebnis"), "abgelehnt");
    EXPECT_NE(text(id, "grund").find("nötig ist 'high'"), std::string::npos);
}

TEST_F(EvidenceTest, NobodyRetrievesTheDataOfAnother) {
    const CaseId id = start(person(), true, "05334002", "Beispiel");
    world.settle();
    EXPECT_EQ(text(id, "ergebnis"), "abgelehnt");
    EXPECT_NE(text(id, "grund").find("'none'"), std::string::npos) << text(id, "grund");
    EXPECT_TRUE(world.keeper().records.asked.empty());
}

TEST_F(EvidenceTest, AllAttributesAreNeededAndExactlyOneRecord) {
    const CaseId partial = start(feel::Value::context({{"familienname", std::string("M")}}));
    const CaseId nobody = start(person("Niemand"));
    auto twin = world.keeper().records.records.front();
    twin.set("familienname", "Doppelt");
    world.keeper().records.records.push_back(twin);
    world.keeper().records.records.push_back(twin);
    const CaseId two = start(person("Doppelt"));
    world.settle();
    EXPECT_EQ(text(partial, "ergebnis"), "abgelehnt");
    EXPECT_EQ(text(nobody, "ergebnis"), "nicht_gefunden");
    EXPECT_EQ(text(two, "ergebnis"), "abgelehnt");
    EXPECT_EQ(log(world.keeper()).size(), 3u);
}

TEST_F(EvidenceTest, ANeutralAnswerReadsAsIfThereWereNoRecord) {
    services::PackageFiles files =
        services::read_folder(std::string(SCHWARM_SOURCE_DIR) + "/packages/melderegister").value();
    std::string& rules = files.find("auskunft.dmn")->second;
    const std::string law = "§ 34a BMG";
    rules.replace(rules.find(law), law.size(), "§ 23a BMG");
    world.keeper().kept.front().rules =
        services::Register::load("melderegister", files, "/").value();
    world.keeper().stop();
    world.keeper().start();
    world.keeper().records.records.front().set("auskunftssperre", true);
    const CaseId blocked = start();
    const CaseId nobody = start(person("Niemand"));
    world.settle();
    EXPECT_EQ(text(blocked, "ergebnis"), "nicht_gefunden");
    EXPECT_EQ(text(blocked, "grund"), text(nobody, "grund"));
    EXPECT_TRUE(outcome(blocked).get("daten").is_null());
    std::size_t reasons = 0;
    for (const LogEntry& entry : log(world.keeper())) reasons += entry.reason.empty() ? 0 : 1;
    EXPECT_EQ(reasons, 1u) << "the register's own log says why";
}

TEST_F(EvidenceTest, ARegisterThatIsAwayLeavesTheCaseWaiting) {
    world.keeper().records.away = true;
    const CaseId id = start();
    world.settle();
    ASSERT_EQ(open(id).size(), 1u);
    EXPECT_EQ(open(id).front().waiting, Waiting::answer);
    world.keeper().records.away = false;
    world.pass(std::chrono::seconds(10));
    EXPECT_EQ(open(id).front().waiting, Waiting::person);
    EXPECT_EQ(log(world.keeper()).size(), 1u);
}

// Each attempt may take as long as a source is waited for.
TEST_F(EvidenceTest, ARegisterThatIsAwayIsAskedOnceInARound) {
    constexpr std::size_t kCases = 70;
    world.keeper().records.away = true;
    for (std::size_t i = 0; i < kCases; ++i) start();
    world.settle();
    const std::size_t before = world.keeper().records.asked.size();
    for (int i = 0; i < 4; ++i) world.pass(std::chrono::seconds(6));
    EXPECT_GE(world.keeper().records.asked.size(), before + 2);
    EXPECT_LE(world.keeper().records.asked.size(), before + 5);
    world.keeper().records.away = false;
    world.pass(std::chrono::seconds(10));
    EXPECT_EQ(log(world.keeper()).size(), kCases);
}

TEST_F(EvidenceTest, AnAuthorityThatIsNotThereYetIsFoundLater) {
    const CaseId id = start(person(), true, "14713000");
    world.settle();
    ASSERT_EQ(open(id).size(), 1u);
    EXPECT_EQ(open(id).front().waiting, Waiting::authority);
    exchange::TenantEntry entry =
        world.membership.directory->tenant(world.keeper().address(), world.clock.now()).value();
    entry.roles.push_back({"meldebehoerde", {"14713"}});
    world.enter("wegzug", entry);
    world.asker().evidence->network_changed();
    world.pass(std::chrono::seconds(1));
    EXPECT_EQ(open(id).front().waiting, Waiting::person);
}

TEST_F(EvidenceTest, RestartsOnAllSidesLoseAndDoubleNothing) {
    const CaseId id = start();
    for (int round = 0; round < 30; ++round) {
        world.settle(1);
        Node& node = *std::next(world.nodes.begin(), round % 3);
        node.stop();
        node.start();
        world.pass(std::chrono::seconds(3));
    }
    world.pass(std::chrono::minutes(2));
    ASSERT_EQ(open(id).size(), 1u);
    EXPECT_EQ(open(id).front().waiting, Waiting::person);
    ASSERT_TRUE(decide(id, true).has_value());
    EXPECT_EQ(text(id, "ergebnis"), "geliefert");
    EXPECT_EQ(log(world.keeper()).size(), 1u);
    EXPECT_EQ(log(world.asker()).size(), 1u);
}

TEST_F(EvidenceTest, TheCockpitShowsWhatARegisterGaveAndToWhomItBelongs) {
    const CaseId id = start();
    world.settle();
    ASSERT_TRUE(decide(id, true).has_value());
    const auto ask = [&](Node& node, const char* name) {
        std::vector<CockpitAnswer> out;
        bool called = false;
        json::Value who = json::Value::object();
        who.set("familienname", name);
        who.set("vornamen", "Erika");
        who.set("geburtsdatum", "1964-08-12");
        node.evidence->cockpit(who, world.clock.now() + std::chrono::seconds(2),
                               [&](std::vector<CockpitAnswer> answers) {
                                   out = std::move(answers);
                                   called = true;
                               });
        world.settle(3);
        if (!called) world.pass(std::chrono::seconds(3));
        EXPECT_TRUE(called);
        return out;
    };
    const auto own = ask(world.asker(), "Mustermann");
    ASSERT_EQ(own.size(), 1u);
    EXPECT_TRUE(own.front().answered) << own.front().reason;
    ASSERT_EQ(own.front().entries.size(), 1u);
    EXPECT_EQ(own.front().entries.front().claim.client, world.asker().address());
    EXPECT_EQ(own.front().entries.front().result, "geliefert");
    EXPECT_TRUE(ask(world.asker(), "Anders").front().entries.empty());
    EXPECT_FALSE(ask(world.checker(), "Mustermann").front().answered)
        << "no tenant of that node is a cockpit";
    world.cut.insert("wegzug");
    EXPECT_FALSE(ask(world.asker(), "Mustermann").front().answered);
}

TEST_F(EvidenceTest, TheLogIsErasedAfterTwoYears) {
    const CaseId id = start();
    world.settle();
    ASSERT_TRUE(decide(id, true).has_value());
    ASSERT_EQ(log(world.keeper()).size(), 1u);
    world.pass(std::chrono::hours(24 * 729));
    EXPECT_EQ(log(world.keeper()).size(), 1u);
    world.pass(std::chrono::hours(24 * 5));
    world.pass(std::chrono::minutes(2));
    EXPECT_TRUE(log(world.keeper()).empty());
    EXPECT_TRUE(log(world.asker()).empty());
}

TEST_F(EvidenceTest, AnInformationSystemNeedsAnAgreementAndARegisterWithoutPreview) {
    Result<exchange::EvidenceAnswer> got = fail(ErrorCode::internal, "not answered");
    Question question;
    question.client = world.asker().tenant;
    question.provider = world.keeper().address();
    question.evidence = "meldedaten";
    question.purpose = "Anmeldung";
    question.legal_basis = "§ 23a BMG";
    question.reference = "x-road 1";
    question.attributes = parsed(R"({"familienname": "Mustermann", "vornamen": "Erika",
                                     "geburtsdatum": "1964-08-12"})");
    question.deadline = world.clock.now() + std::chrono::seconds(20);
    world.asker().evidence->ask(question, [&](auto answer) { got = std::move(answer); });
    world.settle();
    ASSERT_TRUE(got.has_value()) << got.error().text();
    EXPECT_EQ(got.value().result, "abgelehnt");
    EXPECT_TRUE(world.keeper().records.asked.empty());
}

TEST_F(EvidenceTest, OnlyTheRegisterThatWasAskedAnswers) {
    world.keeper().records.away = true;
    const CaseId id = start();
    world.settle();
    ASSERT_EQ(open(id).size(), 1u);
    const auto say = [&](Node& node, std::string_view message, json::Value content) {
        const auto sent = node.runtime->write_and_wait(
            node.tenant, [&](runtime::WriteBatch& batch) -> Result<void> {
                post::NodeMessage one;
                one.contract = exchange::kEvidenceContract;
                one.version = exchange::kEvidenceVersion;
                one.message = message;
                one.to = world.asker().address();
                one.content = std::move(content);
                one.purpose = "Anmeldung";
                one.legal_basis = "§ 23a BMG";
                return node.post->send(batch, std::move(one));
            });
        EXPECT_TRUE(sent.has_value());
        world.settle();
        EXPECT_EQ(node.post->metrics().refused, 1u) << message;
    };
    exchange::EvidenceAnswer forged{open(id).front().id, "nicht_gefunden", "", false, {}};
    say(world.checker(), exchange::kAnswerMessage, exchange::to_json(forged));
    EXPECT_EQ(open(id).front().waiting, Waiting::answer);
    // And nobody but the checker approves.
    json::Value approval = json::Value::object();
    approval.set("approval", "x.y.z");
    say(world.keeper(), exchange::kApprovalMessage, approval);
    world.keeper().records.away = false;
    world.pass(std::chrono::seconds(10));
    EXPECT_EQ(open(id).front().waiting, Waiting::person);
}

TEST_F(EvidenceTest, NobodyElseCompletesTheTask) {
    const CaseId id = start();
    world.settle();
    const auto view = world.asker().runtime->read(world.asker().tenant);
    const auto jobs = view.value().open_jobs().value();
    ASSERT_EQ(jobs.rows.size(), 1u);
    runtime::Submission submission;
    submission.tenant = world.asker().tenant;
    submission.case_id = id;
    submission.command.actor = "worker";
    engine::CompleteJob complete;
    complete.job = jobs.rows.front().key;
    submission.command.body = complete;
    const auto reply = world.asker().runtime->submit_and_wait(submission);
    ASSERT_TRUE(reply.has_error());
    EXPECT_EQ(reply.error().code, ErrorCode::conflict);
}

}  // namespace
}  // namespace schwarm::evidence
