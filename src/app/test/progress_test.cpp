// Where cases stand, over the packages wegzug (begins and ends with a message) and wohnsitz.
#include <gtest/gtest.h>

#include <algorithm>

#include "app_fixture.hpp"
#include "fake_network.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::app {
namespace {

using forms::Lang;

const TenantId kAachen("aachen");

class Progress : public testing::Test, protected AppFixture {
  protected:
    Progress() {
        const std::string folder = std::string(SCHWARM_SOURCE_DIR) + "/packages/wegzug";
        auto files = services::read_folder(folder);
        auto loaded = services::load_package("wegzug", *files);
        if (!loaded.package) throw std::runtime_error(loaded.problems.front().text());
        wegzug_ = loaded.package;
        require(registry_.add(wegzug_, clock_.now()));
        const auto config =
            json::parse(R"({"id": "aachen", "name": "Stadt Aachen", "services": {"wegzug": {}}})");
        require(registry_.add_tenant(*services::parse_tenant(*config)));
        require(runtime_->ensure_tenant(kAachen));
        node_admin_ = admin_;
        node_admin_.tenant = TenantId();
        aachen_admin_ = admin_;
        aachen_admin_.tenant = kAachen;
    }

    // As the post does it.
    CaseId begin(const std::string& body) {
        runtime::Submission submission;
        submission.tenant = kAachen;
        submission.command.actor = "amt@leipzig";
        engine::CreateCase create;
        create.definition = engine::DefinitionKey(services::definition_key(*wegzug_));
        create.start_element = "Rueckmeldung_kommt";
        create.variables = services::start_variables_of_message(
            *wegzug_, *feel::from_json_text(body),
            *services::resolve_settings(*wegzug_, json::Value()), clock_.now(), "ref");
        create.tags = {"conversation:Zuzugsmeldebehoerde:K1:amt@leipzig"};
        submission.command.body = std::move(create);
        auto reply = runtime_->submit_and_wait(std::move(submission));
        if (reply.has_error()) throw std::runtime_error(reply.error().text());
        return reply->case_id;
    }
    CaseId begin() { return begin(wegzug_files("scenarios/hauptwohnung.json")); }
    static std::string wegzug_files(const std::string& name) {
        return services::read_folder(std::string(SCHWARM_SOURCE_DIR) + "/packages/wegzug")
            ->at(name);
    }

    CaseProgress see(const Principal& who, const TenantId& tenant, CaseId id) {
        auto found = with_.progress(who, tenant, id, Lang::de);
        EXPECT_TRUE(found.has_value()) << (found.has_error() ? found.error().text() : "");
        return found.has_value() ? std::move(*found) : CaseProgress();
    }
    static const StepProgress& step(const CaseProgress& progress, std::string_view element) {
        static const StepProgress none;
        const auto at = std::find_if(progress.steps.begin(), progress.steps.end(),
                                     [&](const auto& one) { return one.element == element; });
        EXPECT_NE(at, progress.steps.end()) << element;
        return at == progress.steps.end() ? none : *at;
    }

    FakeNetwork network_;
    App with_{*runtime_, registry_, clock_, random_, Limits(), &network_};
    std::shared_ptr<const services::Package> wegzug_;
    Principal node_admin_, aachen_admin_;
};

TEST_F(Progress, AnEndedCaseWithItsMessages) {
    const CaseId id = begin();
    CaseMail& mail = network_.mails[{kAachen, id}];
    mail.conversations = {
        {"K1", "Zuzugsmeldebehoerde", "amt@leipzig", "Stadt Leipzig", 1, 1, 0, {}}};
    SentMessage answer;
    answer.type = "wohnsitz/1/wegzug_bestaetigung";
    answer.participant = "Zuzugsmeldebehoerde";
    answer.to = "amt@leipzig";
    answer.sent = clock_.now();
    answer.state = "delivered";
    mail.sent = {answer};

    auto progress = see(aachen_admin_, kAachen, id);
    EXPECT_FALSE(progress.open);
    EXPECT_TRUE(progress.complete);
    EXPECT_EQ(progress.tenant_name, "Stadt Aachen");
    EXPECT_FALSE(progress.diagram.empty());
    EXPECT_EQ(step(progress, "Rueckmeldung_kommt").state, StepState::passed);
    EXPECT_EQ(step(progress, "Rueckmeldung_ausgewertet").until, clock_.now());
    EXPECT_EQ(progress.taken.size(), 4U);
    ASSERT_EQ(progress.messages.size(), 2U);
    EXPECT_EQ(progress.messages[0].name, "wegzug_mitteilung");
    EXPECT_FALSE(progress.messages[0].outgoing);
    EXPECT_EQ(progress.messages[0].state, MessageState::received);
    EXPECT_EQ(progress.messages[0].at, clock_.now());
    EXPECT_TRUE(progress.messages[1].outgoing);
    EXPECT_EQ(progress.messages[1].state, MessageState::delivered);
    EXPECT_EQ(progress.messages[1].participant_name, "Meldebehörde des neuen Wohnortes");
    ASSERT_EQ(progress.partners.size(), 1U);
    EXPECT_EQ(progress.partners[0].conversation->peer_name, "Stadt Leipzig");

    const std::pair<const char*, MessageState> states[] = {{"waiting", MessageState::waiting},
                                                           {"expired", MessageState::expired},
                                                           {"refused", MessageState::refused},
                                                           {"processed", MessageState::processed}};
    for (const auto& [name, state] : states) {
        mail.sent[0].state = name;
        mail.sent[0].reason = "why";
        progress = see(aachen_admin_, kAachen, id);
        EXPECT_EQ(progress.messages[1].state, state) << name;
        EXPECT_EQ(progress.messages[1].reason, "why");
    }
    // Its row is gone, the log knows it by its address.
    mail.sent[0].participant.clear();
    mail.sent[0].sent.reset();
    mail.sent[0].processed = clock_.now() + std::chrono::seconds(2);
    EXPECT_EQ(see(aachen_admin_, kAachen, id).messages[1].settled, mail.sent[0].processed);
    mail.sent[0].to = "amt@anderswo";
    EXPECT_EQ(see(aachen_admin_, kAachen, id).messages[1].state, MessageState::sent);
}

TEST_F(Progress, MessagesThatTheCaseDidNotUse) {
    const CaseId id = begin();
    CaseMail& mail = network_.mails[{kAachen, id}];
    mail.conversations = {{"K1", "Zuzugsmeldebehoerde", "amt@leipzig", "", 1, 3, 0, {}}};
    const std::string type = "wohnsitz/1/wegzug_mitteilung";
    const Instant now = clock_.now();
    mail.received = {{type, "amt@leipzig", "processed", now, ""},
                     {type, "amt@leipzig", "refused", now, "a member is missing"},
                     {type, "amt@leipzig", "processed", now, ""},
                     {type, "amt@anderswo", "processed", now, ""},
                     {"wohnsitz/1/anderes", "amt@leipzig", "processed", now, ""}};
    const auto progress = see(aachen_admin_, kAachen, id);
    ASSERT_EQ(progress.messages.size(), 4U);
    EXPECT_EQ(progress.messages[0].state, MessageState::received);
    EXPECT_EQ(progress.messages[1].state, MessageState::rejected);
    EXPECT_EQ(progress.messages[1].reason, "a member is missing");
    EXPECT_EQ(progress.messages[2].state, MessageState::arrived);
    // Without a network nothing is known but what the case did.
    const auto alone = app_.progress(aachen_admin_, kAachen, id, Lang::de);
    ASSERT_TRUE(alone.has_value());
    ASSERT_EQ(alone->messages.size(), 2U);
    EXPECT_EQ(alone->messages[1].state, MessageState::sent);
    EXPECT_FALSE(alone->partners.at(0).conversation);
}

TEST_F(Progress, AnIncidentAndWhatHasNotHappened) {
    const CaseId id = begin(R"({"anfrage": "v1"})");
    const auto progress = see(aachen_admin_, kAachen, id);
    EXPECT_TRUE(progress.open);
    const auto stopped =
        std::find_if(progress.steps.begin(), progress.steps.end(),
                     [](const auto& one) { return one.state == StepState::incident; });
    ASSERT_NE(stopped, progress.steps.end());
    EXPECT_FALSE(stopped->reason.empty());
    EXPECT_FALSE(stopped->until);
    EXPECT_EQ(progress.messages.at(1).state, MessageState::not_sent);
}

TEST_F(Progress, TheOtherCaseIsLinkedForThoseWhoMaySeeIt) {
    const CaseId there = begin();
    const CaseId here = submit(erika_, heavy()).case_id;
    network_.mails[{kAachen, there}].conversations = {
        {"K1", "Zuzugsmeldebehoerde", "amt@leipzig", "", 1, 1, 0, std::pair(kLeipzig, here)}};
    const auto partner = [&](const Principal& who) {
        return see(who, kAachen, there).partners.at(0);
    };
    const auto seen = partner(node_admin_);
    ASSERT_TRUE(seen.other);
    EXPECT_EQ(seen.other->tenant, kLeipzig);
    EXPECT_EQ(seen.other->id, here);
    EXPECT_FALSE(seen.other->number.empty());
    const auto hidden = partner(aachen_admin_);
    EXPECT_FALSE(hidden.other);
    ASSERT_TRUE(hidden.conversation);
    EXPECT_EQ(hidden.conversation->id, "K1");
    EXPECT_FALSE(hidden.conversation->other);
}

TEST_F(Progress, ForClerksOfTheGroupAndOperatorsOnly) {
    const CaseId id = submit(erika_, heavy()).case_id;
    auto other_clerk = clerk_;
    other_clerk.tenant = kAachen;
    for (const auto& who : {clerk_, admin_, node_admin_}) {
        const auto progress = see(who, kLeipzig, id);
        EXPECT_TRUE(std::any_of(progress.steps.begin(), progress.steps.end(), [](const auto& one) {
            return one.state == StepState::active && one.since;
        }));
        EXPECT_TRUE(progress.partners.empty());
    }
    for (const auto& who :
         {nobody_, erika_, max_, clerk_of_other_group(), other_clerk, aachen_admin_}) {
        const auto answer = with_.progress(who, kLeipzig, id, Lang::de);
        ASSERT_TRUE(answer.has_error()) << who.subject;
        EXPECT_EQ(answer.error().code, ErrorCode::not_found);
    }
    EXPECT_TRUE(with_.progress(admin_, kLeipzig, CaseId(999), Lang::de).has_error());
    EXPECT_TRUE(with_.progress(node_admin_, TenantId("nirgends"), id, Lang::de).has_error());
}

}  // namespace
}  // namespace schwarm::app
