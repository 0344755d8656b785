// Operations on many cases: nothing is done twice, whatever happens meanwhile.
#include "house.hpp"

namespace schwarm::runtime::test {
namespace {

class BatchesOnEachStorage : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override { house.open_with_tenant(); }

    // Jobs of these cases have failed for good: each has an incident.
    void make_incidents(std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            house.runtime->submit(house.creation("abruf"), [](auto) {});
        }
        house.runtime->wait_idle();
        const auto jobs = house.view().open_jobs(500).value();
        ASSERT_EQ(jobs.rows.size(), count);
        for (const JobRow& job : jobs.rows) {
            Submission failure;
            failure.tenant = house.tenant;
            failure.case_id = job.case_id;
            failure.command.body = engine::FailJob{job.key, 0, "kaputt", {}, {}};
            house.runtime->submit(failure, [](auto) {});
        }
        house.runtime->wait_idle();
    }
    Result<std::uint64_t> start(const BatchOrder& order) {
        std::promise<Result<std::uint64_t>> promise;
        house.runtime->start_batch(house.tenant, order, "leiterin",
                                   [&](Result<std::uint64_t> key) { promise.set_value(key); });
        return promise.get_future().get();
    }
    Result<void> set(void (Runtime::*change)(const TenantId&, std::uint64_t, std::string,
                                             WriteCallback),
                     std::uint64_t key) {
        std::promise<Result<void>> promise;
        (*house.runtime.*change)(house.tenant, key, "leiterin",
                                 [&](Result<void> out) { promise.set_value(std::move(out)); });
        return promise.get_future().get();
    }
    std::size_t open_incidents() { return house.view().incidents(500).value().rows.size(); }
    std::size_t active_cases() {
        CaseFilter filter;
        filter.status = engine::CaseStatus::active;
        filter.limit = 500;
        return house.view().cases(filter).value().rows.size();
    }
    BatchRow row(std::uint64_t key) { return house.view().batch(key).value(); }
    static std::string figures(const BatchRow& row) {
        return std::string(name_of(row.status)) + " " + std::to_string(row.total) + " " +
               std::to_string(row.done) + " " + std::to_string(row.failed);
    }
    static BatchOrder all_incidents() {
        BatchOrder order;
        order.filter.emplace();
        return order;
    }

    House house{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Storages, BatchesOnEachStorage,
                         ::testing::Values("memory", "faulty", "sqlite"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(BatchesOnEachStorage, OneOrderResolvesAllIncidents) {
    make_incidents(400);
    ASSERT_EQ(open_incidents(), 400U);
    const std::uint64_t key = start(all_incidents()).value();
    EXPECT_EQ(local_of(key), 0U);
    house.reopen();
    house.runtime->wait_idle();
    EXPECT_EQ(figures(row(key)), "completed 400 400 0");
    EXPECT_EQ(row(key).actor, "leiterin");
    EXPECT_EQ(open_incidents(), 0U);
    for (const std::uint64_t id : {1U, 200U, 400U}) {
        EXPECT_EQ(house.view().history(CaseId(id)).value().size(), 3U) << id;
    }
    EXPECT_EQ(house.row_count(Space::batches), 1U) << "only how it went is left";
    EXPECT_EQ(house.view().batch(global_key(9)).error().code, ErrorCode::not_found);
    house.expect_verified();
}

TEST_P(BatchesOnEachStorage, FiltersAndListsNameWhatIsMeant) {
    make_incidents(3);
    ASSERT_TRUE(house.create("antrag").has_value());
    ASSERT_TRUE(house.create("antrag").has_value());
    BatchOrder other = all_incidents();
    other.filter->definitions.emplace_back("amt/antrag@1");
    const std::uint64_t nothing = start(other).value();
    BatchOrder one;
    one.incidents.push_back(
        global_key(CaseId(2), house.view().incidents(500).value().rows.at(1).key.value()));
    const std::uint64_t single = start(one).value();
    BatchOrder cases;
    cases.process_instances = {global_key(CaseId(1), 1), global_key(CaseId(77), 1)};
    const std::uint64_t listed = start(cases).value();
    house.runtime->wait_idle();
    EXPECT_EQ(figures(row(nothing)), "completed 0 0 0");
    EXPECT_EQ(figures(row(single)), "completed 1 1 0");
    EXPECT_EQ(figures(row(listed)), "completed 2 2 0") << "case 77 has no incident";
    EXPECT_EQ(open_incidents(), 1U);
    BatchOrder cancel;
    cancel.kind = BatchKind::cancel;
    cancel.reason = "Umzug";
    cancel.filter.emplace();
    cancel.filter->with_incidents_only = true;
    const std::uint64_t stopped = start(cancel).value();
    cancel.filter.reset();
    cancel.process_instances = {global_key(CaseId(4), 1), global_key(CaseId(4), 1),
                                global_key(CaseId(99), 1)};
    const std::uint64_t again = start(cancel).value();
    house.runtime->wait_idle();
    EXPECT_EQ(figures(row(stopped)), "completed 1 1 0");
    EXPECT_EQ(figures(row(again)), "completed 3 1 2");
    EXPECT_EQ(row(again).failures.at(1).item, global_key(CaseId(99), 1));
    EXPECT_EQ(row(again).failures.at(1).code, "not_found");
    EXPECT_EQ(active_cases(), 3U);
    const auto page = house.view().batches(3).value();
    ASSERT_EQ(page.rows.size(), 3U);
    EXPECT_EQ(page.rows.at(0).key, again) << "newest first";
    EXPECT_EQ(house.view().batches(3, page.next).value().rows.size(), 2U);
    BatchOrder bad;
    EXPECT_EQ(start(bad).error().code, ErrorCode::invalid_input);
    house.expect_verified();
}

TEST_P(BatchesOnEachStorage, ModificationsMoveTheTokensOfAll) {
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(house.create("horcher").has_value());
    BatchOrder order;
    order.kind = BatchKind::modify;
    order.filter.emplace();
    order.filter->definitions.emplace_back("amt/horcher@1");
    EXPECT_EQ(start(order).error().code, ErrorCode::invalid_input);
    engine::MoveInstruction move;
    move.source = "einmal";
    move.target = "nochmal";
    move.variables = {{"", engine::Variables{{"verlegt", feel::Value(true)}}}};
    order.modify.move.push_back(move);
    const std::uint64_t key = start(order).value();
    house.runtime->wait_idle();
    EXPECT_EQ(figures(row(key)), "completed 5 5 0");
    const auto state = house.view().case_state(CaseId(5)).value();
    EXPECT_EQ(*state.variables.find("verlegt"), feel::Value(true));
    house.definitions.deploy(kModel, 2);
    order.kind = BatchKind::migrate;
    order.migrate.target = engine::DefinitionKey("amt/horcher@2");
    order.migrate.mappings = {{"nochmal", "nochmal"}};
    const std::uint64_t moved = start(order).value();
    house.runtime->wait_idle();
    EXPECT_EQ(figures(row(moved)), "completed 5 5 0")
        << (row(moved).failures.empty() ? "" : row(moved).failures.front().message);
    EXPECT_EQ(house.view().case_row(CaseId(5)).value().definition.value(), "amt/horcher@2");
    house.expect_verified();
}

TEST_P(BatchesOnEachStorage, ABatchMayBeSuspendedResumedAndCancelled) {
    make_incidents(10);
    std::promise<void> entered;
    std::promise<void> go_on;
    house.runtime->submit_write(
        house.tenant,
        [&](WriteBatch&) -> Result<void> {
            entered.set_value();
            go_on.get_future().wait();
            return {};
        },
        [](Result<void>) {});
    entered.get_future().wait();
    // Behind the write stands the order and behind it the call to suspend, in one group.
    std::promise<Result<void>> suspended;
    std::uint64_t key = 0;
    house.runtime->start_batch(house.tenant, all_incidents(), "leiterin",
                               [&](Result<std::uint64_t> begun) { key = begun.value(); });
    house.runtime->suspend_batch(house.tenant, global_key(1), "leiterin",
                                 [&](Result<void> out) { suspended.set_value(std::move(out)); });
    go_on.set_value();
    ASSERT_TRUE(suspended.get_future().get().has_value());
    ASSERT_EQ(key, global_key(1));
    house.runtime->wait_idle();
    house.reopen();
    house.runtime->wait_idle();
    EXPECT_EQ(row(key).status, BatchStatus::suspended);
    EXPECT_EQ(open_incidents(), 10U);
    EXPECT_EQ(set(&Runtime::suspend_batch, key).error().code, ErrorCode::conflict);
    ASSERT_TRUE(set(&Runtime::resume_batch, key).has_value());
    house.runtime->wait_idle();
    EXPECT_EQ(figures(row(key)), "completed 10 10 0");
    EXPECT_EQ(set(&Runtime::cancel_batch, key).error().code, ErrorCode::conflict);
    EXPECT_EQ(set(&Runtime::cancel_batch, global_key(9)).error().code, ErrorCode::not_found);
    house.expect_verified();
}

// A case whose command ends in a program error is counted as failed, and the others go on.
TEST_P(BatchesOnEachStorage, AProgramErrorStopsOneItemOnly) {
    for (int i = 0; i < 40; ++i)
        ASSERT_TRUE(house.create(i == 20 ? "kaputt" : "abruf").has_value());
    BatchOrder order;
    order.kind = BatchKind::modify;
    order.filter.emplace();
    engine::ActivateInstruction activate;
    activate.element = "fehler";
    order.modify.activate.push_back(activate);
    const std::uint64_t key = start(order).value();
    house.runtime->wait_idle();
    EXPECT_EQ(figures(row(key)), "completed 40 0 40") << "nothing else has such an element";
    EXPECT_TRUE(house.view().case_row(CaseId(21)).value().quarantined);
    EXPECT_EQ(row(key).failures.size(), 20U);
    house.expect_verified();
}

// Each storage call and each commit on the way fails once.
TEST(Batches, FailuresDoNothingTwice) {
    std::uint64_t calls = 0;
    for (std::uint64_t n = 0; n <= calls; ++n) {
        House house("faulty");
        house.open_with_tenant();
        for (int i = 0; i < 3; ++i) ASSERT_TRUE(house.create("antrag").has_value());
        house.runtime->wait_idle();
        BatchOrder order;
        order.kind = BatchKind::modify;
        order.filter.emplace();
        order.modify.activate.push_back({"pruefen", {}, {}});
        const std::uint64_t before = house.plan.calls;
        if (n > 0) house.plan.fail_call = before + n;
        const auto start = [&] {
            std::promise<Result<std::uint64_t>> promise;
            house.runtime->start_batch(
                house.tenant, order, "leiterin",
                [&](Result<std::uint64_t> begun) { promise.set_value(begun); });
            return promise.get_future().get();
        };
        auto begun = start();
        // The order may also have been decided upon a group that was thrown away.
        while (begun.has_error()) {
            EXPECT_EQ(begun.error().code, ErrorCode::storage_failed) << n;
            begun = start();
        }
        const std::uint64_t key = begun.value();
        house.runtime->wait_idle();
        if (n == 0) calls = house.plan.calls - before;
        house.clock.advance(std::chrono::seconds(2));
        house.runtime->wait_idle();
        house.plan.fail_call = 0;
        EXPECT_EQ(house.view().batch(key).value().done, 3U) << n;
        for (const std::uint64_t id : {1U, 2U, 3U}) {
            EXPECT_EQ(house.view().case_state(CaseId(id)).value().user_tasks.size(), 2U) << n;
        }
        if (n == 0) house.expect_verified();
    }
    EXPECT_GT(calls, 5U);
}

}  // namespace
}  // namespace schwarm::runtime::test
