// Who sees retrievals of evidence, who decides on them, and whom the cockpit answers.
#include "schwarm/app/evidence.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "app_fixture.hpp"
#include "fake_evidence.hpp"

namespace schwarm::app {
namespace {

class EvidenceTest : public testing::Test, protected AppFixture {
  protected:
    EvidenceTest() {
        erika_.assurance = max_.assurance = AssuranceLevel::high;
        erika_.person = IdentifiedPerson{"Mustermann", "Erika", "1964-08-12"};
        id_ = submit(erika_, heavy()).case_id;
        evidence_.of = id_;
        evidence_.retrievals = {
            open_retrieval("a1", "person", feel::Value::context({{"ort", feel::Value("Aachen")}})),
            open_retrieval("a2", "answer")};
        evidence_.registers = {{"Meldebestätigung", "Stadt Aachen", true, "", {}}};
        machine_.kind = PrincipalKind::api_client;
        machine_.tenant = kLeipzig;
        machine_.subject = erika_.subject;
    }

    // The refusal, if it is one.
    std::optional<ErrorCode> decide(App& app, const Principal& who, std::string_view retrieval,
                                    bool use = true) {
        const auto done = wait<void>([&](auto answer) {
            app.decide_retrieval(who, kLeipzig, id_, retrieval, use, std::move(answer));
        });
        return done.has_error() ? std::optional(done.error().code) : std::nullopt;
    }
    Result<std::vector<CockpitRegister>> cockpit(App& app, const Principal& who) {
        return wait<std::vector<CockpitRegister>>(
            [&](auto done) { app.cockpit(who, std::move(done)); });
    }

    FakeEvidence evidence_;
    App with_{*runtime_, registry_, clock_, random_, Limits(), nullptr, &evidence_};
    CaseId id_;
    Principal machine_;
};

TEST_F(EvidenceTest, OnlyThePersonSeesWhatWasRetrieved) {
    const auto own = with_.retrievals(erika_, kLeipzig, id_);
    ASSERT_TRUE(own) << own.error().text();
    ASSERT_EQ(own->size(), 2U);
    EXPECT_EQ((*own)[0].data.get("ort"), feel::Value("Aachen"));
    // Who works on the case sees that it waits; a machine that sent it in likewise.
    for (const auto& who : {clerk_, machine_}) {
        const auto seen = with_.retrievals(who, kLeipzig, id_);
        ASSERT_TRUE(seen) << seen.error().text();
        ASSERT_EQ(seen->size(), 2U);
        EXPECT_EQ((*seen)[0].state, "person");
        EXPECT_TRUE((*seen)[0].data.is_null()) << name_of(who.kind);
    }
    for (const auto& who : {max_, nobody_, admin_, clerk_of_other_group()}) {
        EXPECT_EQ(with_.retrievals(who, kLeipzig, id_).error().code, ErrorCode::not_found);
    }
    EXPECT_EQ(with_.retrievals(erika_, kLeipzig, CaseId(99)).error().code, ErrorCode::not_found);
}

TEST_F(EvidenceTest, OnlyThePersonDecidesAndOnlyOnce) {
    for (const auto& who : {max_, nobody_, admin_, clerk_, machine_}) {
        EXPECT_EQ(decide(with_, who, "a1"), ErrorCode::not_found) << name_of(who.kind);
    }
    EXPECT_TRUE(evidence_.decided.empty());
    EXPECT_EQ(decide(with_, erika_, "a2"), ErrorCode::conflict);  // nothing is there to look at
    EXPECT_EQ(decide(with_, erika_, "a1", false), std::nullopt);
    EXPECT_EQ(decide(with_, erika_, "a1", true), ErrorCode::conflict);
    ASSERT_EQ(evidence_.decided.size(), 1U);
    EXPECT_EQ(evidence_.decided[0], std::pair(std::string("a1"), false));
}

TEST_F(EvidenceTest, TheCockpitNeedsAnIdentifiedPerson) {
    const auto answer = cockpit(with_, erika_);
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->size(), 1U);
    EXPECT_EQ(evidence_.asked, std::vector{*erika_.person});
    auto low = erika_;
    low.assurance = AssuranceLevel::substantial;
    for (const auto& who : {low, max_, nobody_}) {  // max: no provider said who that is
        EXPECT_EQ(cockpit(with_, who).error().code, ErrorCode::unauthenticated);
    }
    for (const auto& who : {clerk_, admin_, machine_}) {
        EXPECT_EQ(cockpit(with_, who).error().code, ErrorCode::not_found);
        EXPECT_FALSE(with_.offers_cockpit(who));
    }
    EXPECT_TRUE(with_.offers_cockpit(low));
    EXPECT_EQ(evidence_.asked.size(), 1U);
}

TEST_F(EvidenceTest, ANodeThatStandsAloneHasNone) {
    EXPECT_TRUE(app_.retrievals(erika_, kLeipzig, id_)->empty());
    EXPECT_EQ(app_.retrievals(max_, kLeipzig, id_).error().code, ErrorCode::not_found);
    EXPECT_EQ(decide(app_, erika_, "a1"), ErrorCode::not_found);
    EXPECT_EQ(cockpit(app_, erika_).error().code, ErrorCode::not_found);
    EXPECT_EQ(cockpit(app_, nobody_).error().code, ErrorCode::not_found);
    EXPECT_FALSE(app_.offers_cockpit(erika_));
}

}  // namespace
}  // namespace schwarm::app
