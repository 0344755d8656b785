#include "schwarm/post/message_line.hpp"

#include <gtest/gtest.h>

namespace schwarm::post {
namespace {

using exchange::Address;
using exchange::AuditText;
using Verdict = ComparedMessage::Verdict;

Address address(const char* text) {
    return exchange::parse_address(text).value();
}

exchange::Envelope envelope() {
    exchange::Envelope out;
    out.from = address("kfz@lecos");
    out.type = "umzug/1/antwort";
    out.id = "m1";
    out.purpose = "Umzug, mit Fahrzeug";
    out.legal_basis = "§ 23a BMG, § 24";
    return out;
}

exchange::AuditProof proof(const char* tenant, const std::vector<AuditText>& texts) {
    exchange::AuditProof out;
    out.tenant = address(tenant);
    for (const AuditText& text : texts) {
        exchange::ProvenLine line;
        line.text = text;
        out.lines.push_back(line);
    }
    return out;
}

TEST(MessageLines, AreReadAsTheyAreWritten) {
    const crypto::Hash content = crypto::sha256("what it says");
    const auto sent = read_message_line(
        {"system:post", "processed", sent_line("umzug/1/frage", "m0", "amt@drueben", content)});
    ASSERT_TRUE(sent);
    EXPECT_TRUE(sent->sent);
    EXPECT_EQ(sent->type, "umzug/1/frage");
    EXPECT_EQ(sent->id, "m0");
    EXPECT_EQ(sent->partner, "amt@drueben");
    EXPECT_EQ(sent->content.size(), 43U);

    const auto received = read_message_line(
        {"kfz@lecos", "refused", received_line(envelope(), content, "member 'a': missing")});
    ASSERT_TRUE(received);
    EXPECT_FALSE(received->sent);
    EXPECT_EQ(received->id, "m1");
    EXPECT_EQ(received->partner, "kfz@lecos");
    EXPECT_EQ(received->content, sent->content);
    EXPECT_EQ(received->state, "refused");
    EXPECT_EQ(received->reason, "member 'a': missing");
}

TEST(MessageLines, OfBeforeThereWereHashesAreReadToo) {
    const auto sent =
        read_message_line({"system:post", "processed", "umzug/1/frage m0 amt@drueben"});
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->partner, "amt@drueben");
    EXPECT_EQ(sent->content, "");
    const auto received =
        read_message_line({"kfz@lecos", "processed", received_line(envelope(), {}, "")});
    ASSERT_TRUE(received);
    EXPECT_EQ(received->id, "m1");
    EXPECT_EQ(received->content, "");
}

TEST(MessageLines, OthersAreNone) {
    EXPECT_FALSE(read_message_line({"sabine", "view_task", ""}));
    EXPECT_FALSE(read_message_line({"system:post", "refused", "umzug/1/frage nein x@y: why"}));
    EXPECT_FALSE(read_message_line({"kfz@lecos", "CreateCase", ""}));
    EXPECT_FALSE(read_message_line({"system:post", "processed", ""}));
}

TEST(MessageLines, OfTwoLogsAreCompared) {
    const crypto::Hash content = crypto::sha256("what it says");
    const crypto::Hash other = crypto::sha256("something else");
    const auto sent = [&](const char* id, const crypto::Hash& hash) {
        return AuditText{"system:post", "processed",
                         sent_line("umzug/1/antwort", id, "amt@drueben", hash)};
    };
    const auto taken = [&](const char* id, const std::optional<crypto::Hash>& hash) {
        exchange::Envelope one = envelope();
        one.id = id;
        return AuditText{"kfz@lecos", "processed", received_line(one, hash, "")};
    };
    const auto ours = proof("kfz@lecos", {sent("a", content), sent("b", content),
                                          sent("c", content), sent("d", content)});
    const auto theirs = proof("amt@drueben", {taken("a", other), taken("a", content),
                                              taken("b", other), taken("c", std::nullopt)});
    for (const auto& found : {compare_messages(ours, theirs), compare_messages(theirs, ours)}) {
        ASSERT_EQ(found.size(), 4U);
        EXPECT_EQ(found[0].verdict, Verdict::same);
        EXPECT_EQ(found[0].from, address("kfz@lecos"));
        EXPECT_EQ(found[1].verdict, Verdict::differs);
        EXPECT_EQ(found[2].verdict, Verdict::unknown);
        EXPECT_EQ(found[3].verdict, Verdict::one_sided);
    }
    // Between others.
    EXPECT_TRUE(compare_messages(ours, proof("amt@anderswo", {taken("a", content)})).empty());
}

}  // namespace
}  // namespace schwarm::post
