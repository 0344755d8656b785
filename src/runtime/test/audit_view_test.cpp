#include "schwarm/runtime/audit_view.hpp"

#include "house.hpp"

namespace schwarm::runtime {
namespace {

using test::House;

constexpr std::size_t kMany = 1'000;

AuditView view_of(House& house) {
    return AuditView::open(house.storage(), house.node_key(), house.tenant).value();
}

TEST(AuditViews, ShowTheLinesOfACaseInOrder) {
    House house("memory");
    house.open_with_tenant();
    const CaseId first = house.create("antrag")->case_id;
    const CaseId second = house.create("antrag")->case_id;
    ASSERT_TRUE(house.complete(first).has_value());
    ASSERT_TRUE(house.complete(second).has_value());

    const AuditView view = view_of(house);
    const auto rows = view.rows_of(first, kMany).value();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].previous, 0U);
    EXPECT_EQ(rows[1].previous, rows[0].number);
    const AuditLine line = view.open_line(rows[1]).value();
    EXPECT_EQ(line.actor, "amtmann");
    EXPECT_EQ(line.case_id, first);
    EXPECT_TRUE(view.log_key(first).value().has_value());

    EXPECT_EQ(view.rows_of(first, 1).error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(view.rows_of(first, 2).value().size(), 2U);
    EXPECT_EQ(view.rows_of(first, SIZE_MAX).value().size(), 2U);
    EXPECT_EQ(view.rows_of(CaseId(99), kMany).error().code, ErrorCode::not_found);

    const auto read = house.runtime->read(house.tenant).value();
    EXPECT_EQ(read.audit_of(first, kMany).value().size(), 2U);
    const auto newest = read.audit_of(first, 1).value();
    ASSERT_EQ(newest.size(), 1U);
    EXPECT_EQ(newest[0].number, rows[1].number);
    EXPECT_EQ(newest[0].actor, "amtmann");
    EXPECT_EQ(read.audit_of(CaseId(99), 1).error().code, ErrorCode::not_found);
}

TEST(AuditViews, TheChainIsWhatTheVerifierWalks) {
    House house("memory");
    house.open_with_tenant();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(house.create("antrag").has_value());
    const AuditView view = view_of(house);
    std::vector<crypto::Hash> walked;
    const auto verified =
        verify_chain(house.storage(), house.tenant,
                     [&](std::uint64_t number, const crypto::Hash& chain, Instant) {
                         walked.push_back(chain);
                         EXPECT_EQ(number, walked.size());
                     });
    ASSERT_TRUE(verified->holds());
    const auto end = last_audit(view.reader(), view.tenant()).value();
    ASSERT_EQ(walked.size(), end);
    std::uint64_t expected = 2;
    ASSERT_TRUE(audit_rows(view.reader(), view.tenant(), 2, end, [&](const AuditRow& row) {
                    EXPECT_EQ(row.number, expected);
                    EXPECT_TRUE(row.chain == walked[expected - 1]);
                    ++expected;
                    return true;
                }).has_value());
    EXPECT_EQ(expected, end + 1);
}

TEST(AuditViews, AfterTheDeletionOfTheLogHashesAreLeft) {
    House house("memory");
    house.open_with_tenant();
    const CaseId id = house.create("antrag")->case_id;
    ASSERT_TRUE(house.complete(id).has_value());
    const auto before = view_of(house).rows_of(id, kMany).value();
    ASSERT_TRUE(
        house.runtime->delete_case(house.tenant, {id, "§ 67 SGB X", "amtmann", true}).has_value());
    const AuditView view = view_of(house);
    const auto after = view.rows_of(id, kMany).value();
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < after.size(); ++i) {
        EXPECT_TRUE(after[i].deleted && after[i].body.empty());
        EXPECT_TRUE(after[i].body_hash == before[i].body_hash && after[i].chain == before[i].chain);
        EXPECT_TRUE(view.open_line(after[i])->deleted);
    }
    EXPECT_FALSE(view.log_key(id).value().has_value());
}

TEST(AuditViews, NeedTheNodeKeyAndATenant) {
    House house("memory");
    house.open_with_tenant();
    SeededRandom random(3);
    EXPECT_EQ(
        AuditView::open(house.storage(), crypto::Key::random(random), house.tenant).error().code,
        ErrorCode::crypto_failed);
    EXPECT_EQ(open_view(house.storage(), house.node_key(), TenantId("fremd")).error().code,
              ErrorCode::not_found);
}

}  // namespace
}  // namespace schwarm::runtime
