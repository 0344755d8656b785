#include "schwarm/exchange/evidence.hpp"

#include <gtest/gtest.h>

#include "fake_cryptography.hpp"
#include "schwarm/json/json.hpp"

namespace schwarm::exchange {
namespace {

EvidenceClaim claim() {
    return {parse_address("zuzug@lecos").value(), parse_address("wegzug@regio").value(),
            "meldedaten", "Anmeldung", "§ 23a BMG"};
}

class Approvals : public testing::Test {
  protected:
    std::string sign(const Approval& what, std::string_view type = kApprovalType) {
        return cryptography.sign(key, type, approval_text(what)).value();
    }
    test::FakeCryptography cryptography;
    SeededRandom random{3};
    KeyPair key = cryptography.make_key(KeyUse::sign, random).value();
    KeyPair other = cryptography.make_key(KeyUse::sign, random).value();
    const Approval approval{claim(), true, "",
                            Instant(std::chrono::milliseconds(1'790'000'000'000)),
                            Instant(std::chrono::milliseconds(1'790'086'400'000))};
};

TEST_F(Approvals, SayWhatTheCheckerSigned) {
    const auto read = read_approval(sign(approval), key.public_key, cryptography);
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(read.value().claim, claim());
    EXPECT_TRUE(read.value().granted);
    EXPECT_EQ(read.value().until, approval.until);
}

TEST_F(Approvals, OfAnotherKeyOrPurposeCountForNothing) {
    EXPECT_TRUE(read_approval(sign(approval), other.public_key, cryptography).has_error());
    EXPECT_TRUE(
        read_approval(sign(approval, "schwarm-receipts"), key.public_key, cryptography).has_error())
        << "a signature for something else";
    std::string changed = sign(approval);
    changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(read_approval(changed, key.public_key, cryptography).has_error());
    EXPECT_TRUE(read_approval("", key.public_key, cryptography).has_error());
}

TEST_F(Approvals, AreForOneClaimOnly) {
    for (auto change : {+[](EvidenceClaim& c) { c.purpose = "Werbung"; },
                        +[](EvidenceClaim& c) { c.evidence = "einkommen"; },
                        +[](EvidenceClaim& c) { c.legal_basis = "§ 34 BMG"; },
                        +[](EvidenceClaim& c) { c.client.tenant = TenantId("andere"); },
                        +[](EvidenceClaim& c) { c.provider.member = MemberId("andere"); }}) {
        EvidenceClaim one = claim();
        change(one);
        EXPECT_NE(hash_of(one), hash_of(claim()));
        EXPECT_FALSE(one == claim());
    }
}

TEST(EvidenceBodies, WithoutPurposeOrLawAreNoClaims) {
    for (auto spoil : {+[](EvidenceClaim& c) { c.purpose = ""; },
                       +[](EvidenceClaim& c) { c.purpose = std::string(201, 'x'); },
                       +[](EvidenceClaim& c) { c.purpose = "zwei\nZeilen"; },
                       +[](EvidenceClaim& c) { c.legal_basis = ""; },
                       +[](EvidenceClaim& c) { c.evidence = "../geheim"; },
                       +[](EvidenceClaim& c) { c.evidence = ""; },
                       +[](EvidenceClaim& c) { c.provider = c.client; }}) {
        EvidenceClaim one = claim();
        spoil(one);
        EXPECT_EQ(one.check().error().code, ErrorCode::invalid_input);
        EXPECT_TRUE(read_check(to_json(one)).has_error());
    }
    EXPECT_TRUE(read_check(to_json(claim())).has_value());
}

TEST(EvidenceBodies, ComeBackWholeAndTakeNothingElse) {
    EvidenceRequest request;
    request.id = "abruf-1";
    request.claim = claim();
    request.procedure = "zuzug/7";
    request.requested = true;
    request.assurance = "high";
    request.attributes = json::parse(R"({"familienname": "Mustermann"})").value();
    const json::Value text = to_json(request);
    const auto back = read_request(text);
    ASSERT_TRUE(back.has_value()) << back.error().text();
    EXPECT_EQ(json::to_string(to_json(back.value())), json::to_string(text));
    for (const auto& [member, value] :
         {std::pair<const char*, json::Value>{"assurance", "very high"},
          {"requested", "true"},
          {"attributes", "Mustermann"},
          {"procedure", ""},
          {"id", "a b"},
          {"person", "Mustermann"}}) {
        json::Value wrong = text;
        wrong.set(member, value);
        EXPECT_EQ(read_request(wrong).error().code, ErrorCode::invalid_input) << member;
    }
    const EvidenceAnswer answer{"abruf-1", "geliefert", "", true,
                                json::parse(R"({"ort": "Aachen"})").value()};
    EXPECT_TRUE(read_answer(to_json(answer)).has_value());
    EvidenceAnswer empty = answer;
    empty.data = {};
    EXPECT_TRUE(read_answer(to_json(empty)).has_error()) << "given, but nothing is there";
    EvidenceAnswer refused = answer;
    refused.result = "abgelehnt";
    EXPECT_TRUE(read_answer(to_json(refused)).has_error()) << "refused, but data are there";
}

}  // namespace
}  // namespace schwarm::exchange
