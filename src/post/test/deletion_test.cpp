// Cases that are deleted by law while messages of theirs are under way.
#include <gtest/gtest.h>

#include "rows.hpp"
#include "schwarm/post/audit_checkpoints.hpp"
#include "schwarm/post/audit_log.hpp"
#include "schwarm/runtime/verify.hpp"
#include "two_nodes.hpp"

namespace schwarm::post {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kRule = "§ 19 Abs. 1 Satz 6 FZV";

runtime::Retention half_an_hour(const TenantId&, const runtime::CaseRow& row) {
    return {row.ended.value() + minutes(30), kRule, row.created + hours(24)};
}

class PostDeletion : public TwoNodes {
  protected:
    PostDeletion() : TwoNodes(half_an_hour) { contracts_.minutes_to_live = hours(24); }
    runtime::CaseRow only_case(Node& node) {
        const auto rows = view(node).cases({}).value().rows;
        EXPECT_EQ(rows.size(), 1U);
        return rows.at(0);
    }
    std::string log(Node& node) {
        std::string out;
        for (const auto& line : view(node).audit(1'000).value()) {
            out += line.action + " " + line.detail + "\n";
        }
        return out;
    }
    void expect_verified(Node& node) {
        for (const auto& result :
             {runtime::verify_chain(node.disk(), node.tenant()),
              runtime::verify_replay(node.disk(), node.node_key, node.tenant())}) {
            for (const auto& finding : result.value().findings) ADD_FAILURE() << finding;
        }
    }
};

TEST_F(PostDeletion, WaitsForReceiptsSoThatNothingAcceptedIsLost) {
    ask();
    run(seconds(5));
    here_.stop();
    run(seconds(60));
    ASSERT_EQ(only_case(there_).status, engine::CaseStatus::completed);
    run(minutes(31));
    EXPECT_FALSE(only_case(there_).deleted);
    EXPECT_EQ(there_.post().metrics().waiting, 2U);
    // A restart changes nothing.
    there_.stop();
    start(there_);
    start(here_);
    run(minutes(5));
    EXPECT_EQ(only_case(here_).status, engine::CaseStatus::completed);
    EXPECT_EQ(there_.post().metrics().waiting, 0U);
    EXPECT_FALSE(only_case(there_).deleted);
    run(minutes(60));
    EXPECT_TRUE(only_case(there_).deleted);
    EXPECT_TRUE(only_case(here_).deleted);
    EXPECT_NE(log(there_).find(kRule), std::string::npos);
    expect_verified(there_);
    expect_verified(here_);
}

// As long as somebody may ask for what was sent, and no longer: what names the conversation would
// tell whether a guess of what was said is right.
TEST_F(PostDeletion, AConversationIsForgottenAfterItsCase) {
    const CaseId id = ask();
    run(minutes(1));
    const auto known = [&](std::string_view prefix) {
        std::size_t rows = 0;
        const auto scanned =
            view(here_).scan(storage::Space::exchange, storage::prefix_range(std::string(prefix)),
                             [&](std::string_view, std::string_view) {
                                 ++rows;
                                 return true;
                             });
        EXPECT_TRUE(scanned.has_value());
        return rows;
    };
    ASSERT_EQ(known(keys::partners(id)), 1U);
    run(minutes(31));
    ASSERT_TRUE(only_case(here_).deleted);
    EXPECT_EQ(known(keys::partners(id)), 0U);
    EXPECT_EQ(known(keys::kConversationPrefix), 1U);
    run(hours(24 * 27));
    EXPECT_EQ(known(keys::kConversationPrefix), 1U);
    run(hours(24 * 2));
    EXPECT_EQ(known(keys::kConversationPrefix), 0U);
    EXPECT_EQ(known(keys::kReceivedPrefix), 0U);
    expect_verified(here_);
}

TEST_F(PostDeletion, AMessageForADeletedCaseIsAnsweredClosed) {
    const CaseId asked = ask();
    run(seconds(2));
    submit(asked, engine::CancelCase{"aufgegeben", {}});
    there_.stop();
    run(minutes(31));
    EXPECT_TRUE(only_case(here_).deleted);
    start(there_);
    run(minutes(5));
    EXPECT_EQ(only_case(there_).status, engine::CaseStatus::completed);
    const auto refused = there_.post().waiting(there_.tenant(), 10);
    ASSERT_EQ(refused.size(), 2U);
    for (const Waiting& one : refused) {
        EXPECT_NE(one.reason.find("the conversation is over there"), std::string::npos);
    }
    EXPECT_EQ(log(here_).find("refused"), std::string::npos);
    // What was refused waits for nothing.
    run(minutes(31));
    EXPECT_TRUE(only_case(there_).deleted);
    run(hours(24));
    for (Node* node : {&here_, &there_}) {
        EXPECT_NE(log(*node).find("delete_log"), std::string::npos);
        expect_verified(*node);
    }
}

// The lines of the log are proven as long as it is kept; then that there were such lines, and when.
TEST_F(PostDeletion, TheLogIsProvenBeforeAndAfterItsDeletion) {
    const exchange::KeyPair key =
        cryptography_.make_key(exchange::KeyUse::sign, here_.random).value();
    const exchange::DatedKeySource keys = [&](const exchange::Address&, std::string_view,
                                              Instant) -> Result<exchange::PublicKey> {
        return key.public_key;
    };
    const CaseId id = ask();
    run(minutes(1));
    AuditCheckpoints signer({MemberId(here_.name),
                             here_.clock,
                             [&](const TenantId&, std::string_view type, std::string_view payload) {
                                 return cryptography_.sign(key, type, payload);
                             },
                             {},
                             {}});
    signer.open(here_.runtime(), here_.disk(), {here_.tenant()});
    const auto check = [&](std::size_t deleted) {
        signer.flush();
        const auto log = verify_signed_log(here_.disk(), here_.tenant(), MemberId(here_.name), keys,
                                           cryptography_);
        ASSERT_TRUE(log.has_value()) << log.error().text();
        for (const auto& finding : log.value().chain.findings) ADD_FAILURE() << finding;
        const auto view = runtime::AuditView::open(here_.disk(), here_.node_key, here_.tenant());
        const auto proof = prove_case(view.value(), id, ProofTexts::opened);
        ASSERT_TRUE(proof.has_value()) << proof.error().text();
        const auto checked = exchange::check_audit_proof(proof.value(), keys, cryptography_);
        EXPECT_TRUE(checked.has_value()) << checked.error().text();
        std::size_t holes = 0;
        for (const auto& line : proof.value().lines) {
            EXPECT_EQ(line.deleted, !line.text.has_value());
            holes += line.deleted ? 1U : 0U;
        }
        EXPECT_EQ(holes, deleted == 0 ? 0U : proof.value().lines.size());
        EXPECT_EQ(proof.value().key.empty(), deleted > 0);
    };
    check(0);
    run(minutes(31));
    ASSERT_TRUE(only_case(here_).deleted);
    check(0);
    run(hours(24));
    check(1);
}

}  // namespace
}  // namespace schwarm::post
