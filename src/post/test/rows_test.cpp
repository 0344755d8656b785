#include "rows.hpp"

#include <gtest/gtest.h>

#include "held.hpp"
#include "manifest.hpp"
#include "schwarm/runtime/write_batch.hpp"

namespace schwarm::post {
namespace {

// Every cut of an encoded row is refused, whatever is missing.
template <class Row>
void expect_only_whole(const std::string& bytes) {
    ASSERT_TRUE(Row::decode(bytes).has_value());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(Row::decode(bytes.substr(0, size)).has_value()) << size;
    }
    EXPECT_FALSE(Row::decode(bytes + "x").has_value());
}

Instant at(std::int64_t milliseconds) {
    return Instant(std::chrono::milliseconds(milliseconds));
}

TEST(PostRows, ADeliveryComesBackWhole) {
    const Delivery delivery{"id",
                            "gespräch",
                            7,
                            "Stelle",
                            "kba",
                            "14713000",
                            "ikfz",
                            "1",
                            "anfrage",
                            R"({"a":1})",
                            at(1'767'225'600'000),
                            "",
                            "",
                            {}};
    const std::string bytes = delivery.encode();
    EXPECT_EQ(bytes[0], 1);
    const Delivery back = Delivery::decode(bytes).value();
    EXPECT_EQ(back.encode(), bytes);
    EXPECT_EQ(back.type(), "ikfz/1/anfrage");
    EXPECT_EQ(back.sequence, 7U);
    EXPECT_EQ(back.created, delivery.created);
    expect_only_whole<Delivery>(bytes);
    Delivery own = delivery;
    own.purpose = "Anmeldung";
    own.legal_basis = "§ 23a BMG";
    EXPECT_EQ(Delivery::decode(own.encode()).value().legal_basis, "§ 23a BMG");
    expect_only_whole<Delivery>(own.encode());
}

TEST(PostRows, ADeliveryWithDocumentsHasAFormatOfItsOwn) {
    Delivery delivery;
    delivery.documents = {"upload-1", "upload-2"};
    const std::string bytes = delivery.encode();
    EXPECT_EQ(bytes[0], 3);
    EXPECT_EQ(Delivery::decode(bytes).value().documents, delivery.documents);
    expect_only_whole<Delivery>(bytes);
}

TEST(PostRows, AManifestAndTheEndOfCollectingComeBackWhole) {
    SystemRandom random;
    Manifest manifest;
    manifest.to = "amt@aachen";
    manifest.documents.push_back(
        {"1", "application/pdf", 70'000, crypto::sha256("x"), crypto::Key::random(random)});
    manifest.names = {"upload-1"};
    const Manifest back = Manifest::decode(manifest.encode()).value();
    EXPECT_EQ(back.encode(), manifest.encode());
    EXPECT_EQ(back.documents.at(0).key.bytes(), manifest.documents.at(0).key.bytes());
    expect_only_whole<Manifest>(manifest.encode());
    EXPECT_EQ(Collected::decode(Collected{"nein"}.encode()).value().reason, "nein");
    expect_only_whole<Collected>(Collected{"nein"}.encode());
}

TEST(PostRows, TheOthersComeBackWhole) {
    for (const bool flag : {false, true}) {
        const OpenDelivery open{CaseId(3), "id",  "c",    "a@b", "t",  DeliveryState::refused,
                                at(1),     at(2), "nein", flag,  !flag};
        const OpenDelivery back = OpenDelivery::decode(open.encode()).value();
        EXPECT_EQ(back.reason, "nein");
        EXPECT_EQ(back.has_documents, flag);
        EXPECT_EQ(back.never_left, !flag);
        expect_only_whole<OpenDelivery>(open.encode());
    }
    const Conversation conversation{CaseId(3), "Stelle", "a@b", 4, 9};
    EXPECT_EQ(Conversation::decode(conversation.encode()).value().next_expected, 9U);
    expect_only_whole<Conversation>(conversation.encode());
    Received received;
    received.state = exchange::ReceiptState::closed;
    for (const auto& content : {std::optional<crypto::Hash>(), {crypto::sha256("x")}}) {
        received.content = content;
        EXPECT_EQ(Received::decode(received.encode()).value().content, content);
        expect_only_whole<Received>(received.encode());
    }
}

TEST(PostRows, AStateThatNobodyKnowsIsDamage) {
    OpenDelivery row;
    row.state = static_cast<DeliveryState>(9);
    EXPECT_EQ(OpenDelivery::decode(row.encode()).error().code, ErrorCode::corrupt);
}

TEST(PostKeys, TextsDoNotRunIntoOneAnother) {
    EXPECT_NE(keys::received("ab", "c"), keys::received("a", "bc"));
    EXPECT_NE(keys::received(std::string("a\0", 2), "b"), keys::received("a", "b"));
    EXPECT_LT(keys::held("c", 255), keys::held("c", 256));
    EXPECT_TRUE(keys::held("c", 1).starts_with(keys::held_prefix("c")));
    EXPECT_FALSE(keys::held("cd", 1).starts_with(keys::held_prefix("c")));
    EXPECT_EQ(keys::number_of(keys::open_delivery(0x0102030405060708)), 0x0102030405060708U);
}

TEST(PostKeys, RowsOfACaseAreFoundByItsDeletion) {
    for (const std::string& key : {keys::delivery(CaseId(5), 1), keys::manifest(CaseId(5), "id"),
                                   keys::partner(CaseId(5), "Stelle")}) {
        EXPECT_NE(runtime::kKindsOfCaseRows.find(key[0]), std::string_view::npos);
        EXPECT_TRUE(key.starts_with(runtime::rows_of_case(key[0], CaseId(5))));
    }
}

TEST(PostKeys, WhatIsToBeErasedIsFoundByItsTime) {
    const std::string key = keys::erase_at(at(1'000), "Iabc");
    EXPECT_EQ(keys::erased_key(key), "Iabc");
    EXPECT_LT(key, keys::erase_before(at(1'001)));
    EXPECT_GT(key, keys::erase_before(at(1'000)));
}

TEST(Origin, ATagNamesTheConversation) {
    const OriginTag origin{"Stelle", "abc_-1", "amt@haus"};
    const auto back = OriginTag::parse(origin.text());
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->participant, "Stelle");
    EXPECT_EQ(back->conversation, "abc_-1");
    EXPECT_EQ(back->peer, "amt@haus");
    EXPECT_FALSE(OriginTag::parse("golden").has_value());
    EXPECT_FALSE(OriginTag::parse("conversation:a:b").has_value());
}

TEST(Held, AnEnvelopeComesBackWhole) {
    exchange::Envelope envelope;
    envelope.from = exchange::parse_address("a@b").value();
    envelope.to = exchange::parse_address("c@d").value();
    envelope.type = "t/1/m";
    envelope.conversation = "c";
    envelope.id = "i";
    envelope.sequence = 2;
    envelope.expires = at(5);
    envelope.body = json::Value::object({{"zahl", json::Value::number("1.50")}});
    const auto back = decode_held(encode_held(envelope));
    ASSERT_TRUE(back.has_value()) << back.error().text();
    EXPECT_EQ(back.value().to, envelope.to);
    EXPECT_EQ(back.value().body, envelope.body);
    EXPECT_FALSE(decode_held(encode_held(envelope).substr(1)).has_value());
}

}  // namespace
}  // namespace schwarm::post
