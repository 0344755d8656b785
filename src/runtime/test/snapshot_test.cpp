// A case's state is stored now and then; between, it is made from the events.
#include "case_state.hpp"
#include "house.hpp"
#include "key_ring.hpp"

namespace schwarm::runtime::test {
namespace {

class SnapshotsOnEachStorage : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override { house.open_with_tenant(); }

    void set(const std::string& name, const std::string& value) {
        Submission out;
        out.tenant = house.tenant;
        out.case_id = CaseId(1);
        engine::UpdateVariables update;
        update.variables.set(name, feel::Value(value));
        out.command.body = update;
        ASSERT_TRUE(house.runtime->submit_and_wait(out).has_value());
    }
    std::string variable(const char* name) {
        const auto state = house.view().case_state(CaseId(1));
        EXPECT_TRUE(state.has_value()) << state.error().text();
        return std::string(state.value().variables.find(name)->as_string());
    }
    std::uint64_t snapshots() { return house.runtime->metrics().snapshots; }

    House house{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Storages, SnapshotsOnEachStorage,
                         ::testing::Values("memory", "faulty", "sqlite"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(SnapshotsOnEachStorage, ACaseOfOneCommandHasNone) {
    ASSERT_TRUE(house.create("antrag").has_value());
    EXPECT_EQ(house.row_count(Space::state), 0U);
    house.reopen();
    EXPECT_EQ(variable("name"), kName);
    ASSERT_TRUE(house.complete(CaseId(1)).has_value());
    house.expect_verified();
}

TEST_P(SnapshotsOnEachStorage, ManySmallCommandsAreBounded) {
    ASSERT_TRUE(house.create("antrag").has_value());
    for (int i = 1; i <= 200; ++i) set("zahl", std::to_string(i));
    EXPECT_EQ(snapshots(), 3U);
    EXPECT_EQ(house.row_count(Space::state), 1U);
    house.reopen();
    EXPECT_EQ(variable("zahl"), "200");
    set("zahl", "neu");
    house.reopen();
    EXPECT_EQ(variable("zahl"), "neu");
    house.expect_verified();
}

TEST_P(SnapshotsOnEachStorage, WhatIsStoredGrowsWithTheEvents) {
    ASSERT_TRUE(house.create("antrag").has_value());
    set("gross", std::string(50'000, 'x'));
    EXPECT_EQ(snapshots(), 1U);
    // 20 kB of events, against a state of 50 kB.
    for (int i = 0; i < 20; ++i) set("klein", std::string(1000, 'y'));
    EXPECT_EQ(snapshots(), 1U);
    for (int i = 0; i < 40; ++i) set("klein", std::string(1000, 'z'));
    EXPECT_EQ(snapshots(), 2U);
    house.reopen();
    EXPECT_EQ(variable("klein"), std::string(1000, 'z'));
    house.expect_verified();
}

TEST_P(SnapshotsOnEachStorage, AStateOfAnotherProgramIsMadeFromTheEvents) {
    house.options.snapshot_commands_max = 1;
    house.reopen();
    ASSERT_TRUE(house.create("antrag").has_value());
    house.close();
    {
        auto transaction = std::move(house.storage().begin_write().value());
        KeyRing ring(house.node_key());
        const auto row = transaction->get(Space::keys, keys::tenant_key(house.tenant)).value();
        const auto keys_of_tenant = ring.load(house.tenant, *row).value();
        const auto data_keys =
            read_data_keys(*transaction, *keys_of_tenant, house.tenant, CaseId(1)).value();
        const std::string place = keys::numbered(house.tenant, 1);
        SealedRow state = SealedRow::decode(*transaction->get(Space::state, place).value()).value();
        const std::string bound = associated(Space::state, house.tenant, CaseId(1), state.number);
        std::string plain = crypto::open(*data_keys.kase, bound, state.sealed).value();
        plain[0] = 1;
        SystemRandom random;
        state.sealed = crypto::seal(*data_keys.kase, bound, plain, random).value();
        ASSERT_TRUE(transaction->put(Space::state, place, state.encode()).has_value());
        ASSERT_TRUE(transaction->commit().has_value());
    }
    house.open();
    EXPECT_EQ(variable("name"), kName);
    house.expect_verified();
    ASSERT_TRUE(house.complete(CaseId(1)).has_value());
    house.expect_verified();
}

}  // namespace
}  // namespace schwarm::runtime::test
