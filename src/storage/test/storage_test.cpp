#include <atomic>
#include <map>
#include <utility>

#include "conformance.hpp"
#include "schwarm/storage/faulty.hpp"
#include "schwarm/storage/memory.hpp"

namespace schwarm::storage::test {
namespace {

struct FaultyOverMemory {
    std::unique_ptr<Storage> inner = make_memory_storage();
    FaultPlan plan;
    std::unique_ptr<FaultyStorage> storage = make_faulty_storage(*inner, plan);
};

INSTANTIATE_TEST_SUITE_P(Memory, Conformance,
                         ::testing::Values(Maker{"memory", [] {
                                                     return std::shared_ptr<Storage>(
                                                         make_memory_storage());
                                                 }}));
INSTANTIATE_TEST_SUITE_P(FaultyWithoutFaults, Conformance,
                         ::testing::Values(Maker{"faulty", [] {
                                                     auto all =
                                                         std::make_shared<FaultyOverMemory>();
                                                     return std::shared_ptr<Storage>(
                                                         all, all->storage.get());
                                                 }}));

TEST(Keys, OrderIsTheOrderOfTheParts) {
    const TenantId a("a");
    const TenantId ab("ab");
    const std::vector<std::string> sorted = {
        KeyBuilder(TenantId()).number(9).take(), KeyBuilder(a).number(0).take(),
        KeyBuilder(a).number(1).take(),          KeyBuilder(a).number(255).take(),
        KeyBuilder(a).number(256).take(),        KeyBuilder(a).number(UINT64_MAX).take(),
        KeyBuilder(ab).number(0).take(),
    };
    for (std::size_t i = 1; i < sorted.size(); ++i) EXPECT_LT(sorted[i - 1], sorted[i]) << i;
    const auto text = [&](std::string_view t) { return KeyBuilder(a).text(t).number(5).take(); };
    EXPECT_LT(text("a"), text("ab"));
    EXPECT_LT(text("ab"), text("b"));
    EXPECT_LT(text("a"), text(std::string_view("a\0", 2)));
    EXPECT_LT(text(std::string_view("a\0", 2)), text("aa"));
}

TEST(Keys, ReadBack) {
    const std::string key = KeyBuilder(TenantId("leipzig"))
                                .number(7)
                                .text(std::string_view("x\0y", 3))
                                .raw("ab")
                                .take();
    KeyReader reader(key);
    EXPECT_EQ(reader.tenant(), TenantId("leipzig"));
    EXPECT_EQ(reader.number(), 7U);
    EXPECT_EQ(reader.text(), std::string_view("x\0y", 3));
    EXPECT_EQ(reader.raw(2), "ab");
    EXPECT_TRUE(reader.ok() && reader.at_end());
    for (std::size_t i = 0; i < key.size(); ++i) {
        KeyReader cut(std::string_view(key).substr(0, i));
        cut.tenant(), cut.number(), cut.text(), cut.raw(2);
        EXPECT_FALSE(cut.ok()) << i;
    }
}

TEST(Keys, Tenants) {
    EXPECT_TRUE(check_tenant(TenantId("leipzig-2")).has_value());
    for (const char* bad : {"", "Leipzig", "a b", "a.b"}) {
        EXPECT_TRUE(check_tenant(TenantId(bad)).has_error()) << bad;
    }
    EXPECT_TRUE(check_tenant(TenantId(std::string(64, 'a'))).has_error());
}

TEST(Ranges, EndOfAPrefix) {
    EXPECT_EQ(prefix_end("ab"), "ac");
    EXPECT_EQ(prefix_end("a\xFF"), "b");
    EXPECT_EQ(prefix_end("\xFF\xFF"), "");
}

Result<void> put_one(Storage& storage, std::string_view value) {
    SCHWARM_TRY(transaction, storage.begin_write());
    SCHWARM_TRY_VOID(transaction->put(Space::cases, "a", value));
    return transaction->commit();
}

std::optional<std::string> value_of(Storage& storage) {
    return storage.begin_read().value()->get(Space::cases, "a").value();
}

TEST(Faulty, EachCallOfAnOperationFailsOnce) {
    FaultyOverMemory all;
    ASSERT_TRUE(put_one(*all.storage, "old").has_value());
    const std::uint64_t calls = all.plan.calls;
    EXPECT_EQ(calls, 3U);
    for (std::uint64_t n = 1; n <= calls; ++n) {
        all.plan.fail_call = all.plan.calls + n;
        EXPECT_EQ(put_one(*all.storage, "new").error().code, ErrorCode::storage_failed) << n;
        EXPECT_EQ(value_of(*all.inner), "old") << n;
    }
    all.plan.fail_call = 0;
    EXPECT_TRUE(put_one(*all.storage, "new").has_value());
    EXPECT_EQ(value_of(*all.inner), "new");
}

TEST(Faulty, CommitsThatFailAndAnswersThatAreLost) {
    FaultyOverMemory all;
    all.plan.fail_commit = 1;
    all.plan.lose_answer_of_commit = 2;
    all.plan.drop_commit = 3;
    EXPECT_EQ(put_one(*all.storage, "1").error().code, ErrorCode::storage_failed);
    EXPECT_EQ(value_of(*all.inner), std::nullopt);
    EXPECT_EQ(put_one(*all.storage, "2").error().code, ErrorCode::maybe_done);
    EXPECT_EQ(value_of(*all.inner), "2");
    EXPECT_EQ(put_one(*all.storage, "3").error().code, ErrorCode::maybe_done);
    EXPECT_EQ(value_of(*all.inner), "2");
    EXPECT_TRUE(put_one(*all.storage, "4").has_value());
}

TEST(Faulty, ALyingDiskForgetsAtThePowerCut) {
    FaultyOverMemory all;
    ASSERT_TRUE(put_one(*all.storage, "1").has_value());
    all.plan.disk_lies = true;
    ASSERT_TRUE(put_one(*all.storage, "2").has_value());
    ASSERT_TRUE(put_one(*all.storage, "3").has_value());
    EXPECT_EQ(value_of(*all.storage), "3");
    ASSERT_TRUE(all.storage->power_cut().has_value());
    EXPECT_EQ(value_of(*all.storage), "1");
    ASSERT_TRUE(put_one(*all.storage, "4").has_value());
    all.plan.disk_lies = false;
    ASSERT_TRUE(put_one(*all.storage, "5").has_value());
    ASSERT_TRUE(all.storage->power_cut().has_value());
    EXPECT_EQ(value_of(*all.storage), "5");
}

}  // namespace
}  // namespace schwarm::storage::test
