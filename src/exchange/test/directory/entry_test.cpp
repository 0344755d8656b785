#include "schwarm/exchange/directory_entry.hpp"

#include <gtest/gtest.h>

#include "directory/world.hpp"

namespace schwarm::exchange {
namespace {

using test::Author;
using test::FakeCryptography;

struct EntryText : testing::Test {
    FakeCryptography cryptography;
    SeededRandom random{1};
    Author lecos{"lecos", cryptography, random};
    Author regio{"regio", cryptography, random};

    std::string refusal(std::string text, const std::string& from, const std::string& to) {
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from << " in " << text;
        if (at == std::string::npos) return "";
        text.replace(at, from.size(), to);
        const auto read = read_entry(text);
        return read.has_error() ? read.error().where : "accepted";
    }
    AgreementEntry agreement(const Agreement& a) {
        const std::string text = agreement_text(a);
        const auto client = cryptography.make_key(KeyUse::sign, random).value();
        const auto provider = cryptography.make_key(KeyUse::sign, random).value();
        return {a, cryptography.sign(client, kAgreementType, text).value(),
                cryptography.sign(provider, kAgreementType, text).value()};
    }
};

TEST_F(EntryText, EveryKindSurvivesBeingWritten) {
    const Agreement a{parse_address("kfz@lecos").value(),
                      parse_address("meldeamt@regio").value(),
                      "melderegister",
                      "Zulassung",
                      "§ 34 BMG",
                      "meldebescheinigung",
                      test::kStart,
                      test::kStart + test::kDay};
    TenantEntry moved = lecos.tenant("kfz", {{"zulassung", {"14713", "*"}}, {"x", {"14713000"}}});
    moved.moved = parse_address("kfz@regio").value();
    moved.suspended = true;
    const EntryBody bodies[] = {
        lecos.node(),
        moved,
        ServiceEntry{TenantId("kfz"), "ikfz", "1.2", "zulassung", {{"antrag", {}}, {"ok", {}}}},
        EvidenceEntry{TenantId("kfz"), "fahrzeugdaten", {"§ 35 StVG"}, true},
        agreement(a),
        OperatorEntry{lecos.key.public_key, "a.b.c"},
        WithdrawalEntry{lecos.member, 1, test::kStart, "lost"},
    };
    for (const EntryBody& body : bodies) {
        DirectoryEntry entry = lecos.next(body);
        const auto read = read_entry(write_entry(entry));
        ASSERT_TRUE(read.has_value()) << kind_of(body) << ": " << read.error().text();
        EXPECT_TRUE(read.value() == entry) << kind_of(body);
    }
}

TEST_F(EntryText, AnUnknownKindIsALinkWithoutEffect) {
    const auto read = read_entry(R"({"member":"a","number":2,"previous":")" + std::string(43, 'A') +
                                 R"(","time":5,"kind":"newer","body":{"anything":[1,2]}})");
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(std::get<UnknownEntry>(read.value().body).kind, "newer");
}

TEST_F(EntryText, RefusalsNameTheMember) {
    const std::string node = write_entry(lecos.next(lecos.node()));
    EXPECT_EQ(refusal(node, R"("member":"lecos")", R"("member":"LECOS")"), "/member");
    EXPECT_EQ(refusal(node, R"("number":1)", R"("number":0)"), "/number");
    EXPECT_EQ(refusal(node, R"("number":1)", R"("number":1.5)"), "/number");
    EXPECT_EQ(refusal(node, R"("number":1)", R"("number":2)"), "/body/operator");
    EXPECT_EQ(refusal(node, R"("kind")", R"("more":1,"kind")"), "/more");
    EXPECT_EQ(refusal(node, R"("incarnation":1)", R"("incarnation":-1)"), "/body/incarnation");
    EXPECT_EQ(refusal(node, R"("incarnation":1)", R"("incarnation":1,"x":{})"), "/body/x");
    EXPECT_EQ(refusal(node, "lecos.example:7443", "lecos.example"), "/body/addresses");
    EXPECT_EQ(refusal(node, "lecos.example:7443", "lecos.example:70000"), "/body/addresses");
    EXPECT_EQ(refusal(node, "lecos.example:7443", "a/b:1"), "/body/addresses");
    const std::string tenant =
        write_entry(lecos.next(lecos.tenant("kfz", {{"zulassung", {"14713"}}})));
    EXPECT_EQ(refusal(tenant, R"("14713")", R"("1471")"), "/body/roles/0/jurisdictions");
    EXPECT_EQ(refusal(tenant, R"("14713")", R"("1471x")"), "/body/roles/0/jurisdictions");
    EXPECT_EQ(refusal(tenant, R"("suspended":false)", R"("suspended":0)"), "/body/suspended");
    EXPECT_EQ(refusal(tenant, R"("tenant":"kfz")", R"("tenant":"../kfz")"), "/body/tenant");
    EXPECT_EQ(refusal(tenant, R"("roles":[)", R"("roles":[7,)"), "/body/roles/0");
}

TEST_F(EntryText, AnAgreementIsOneTextOfTwoTenants) {
    Agreement a{parse_address("kfz@lecos").value(),
                parse_address("amt@regio").value(),
                "s",
                "p",
                "l",
                "e",
                test::kStart,
                test::kStart + test::kDay};
    AgreementEntry one = agreement(a);
    EXPECT_TRUE(sign_entry(cryptography, lecos.key, lecos.next(one)).has_value());
    a.until += test::kDay;
    one.provider_signature = agreement(a).provider_signature;
    EXPECT_EQ(sign_entry(cryptography, lecos.key, lecos.next(one)).error().where, "/body/provider");
    a.client = parse_address("kfz@other").value();
    EXPECT_EQ(sign_entry(cryptography, lecos.key, lecos.next(agreement(a))).error().where,
              "/body/client");
    a.until = a.from;
    EXPECT_EQ(sign_entry(cryptography, regio.key, regio.next(agreement(a))).error().where,
              "/body/client/until");
}

TEST_F(EntryText, IsBounded) {
    NodeEntry node = lecos.node();
    node.organisation = std::string(401, 'x');
    EXPECT_EQ(sign_entry(cryptography, lecos.key, lecos.next(node)).error().where,
              "/body/organisation");
    EXPECT_EQ(read_entry(std::string(kEntryBytesMax + 1, ' ')).error().code,
              ErrorCode::limit_exceeded);
    EXPECT_FALSE(read_entry(std::string(100, '[')).has_value());
}

}  // namespace
}  // namespace schwarm::exchange
