// Deletion by law when a time is over: what has ended is deleted, and later the log about it.
#include "chained_row.hpp"
#include "house.hpp"
#include "layout.hpp"

namespace schwarm::runtime::test {
namespace {

const char* const kRule = "§ 18 Abs. 3 Satz 3, § 19 Abs. 1 Satz 6 FZV";

DeletionOrder order(std::uint64_t id) {
    return DeletionOrder{CaseId(id), kRule, "sachbearbeiter-4", false};
}

class RetentionOnEachStorage : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        house.retention = [](const TenantId&, const CaseRow& row) -> std::optional<Retention> {
            if (row.definition.value() == "amt/abruf@1") return std::nullopt;
            return Retention{row.ended.value() + kKept, {}, std::nullopt};
        };
        house.open_with_tenant();
    }
    // An ended case.
    CaseId ended() {
        const CaseId id = house.create("antrag").value().case_id;
        EXPECT_TRUE(house.complete(id).has_value());
        house.print(house.tenant);
        return id;
    }

    static constexpr std::chrono::milliseconds kKept{std::chrono::hours(24 * 30)};
    House house{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Storages, RetentionOnEachStorage,
                         ::testing::Values("memory", "faulty", "sqlite"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(RetentionOnEachStorage, ACaseIsDeletedToTheMillisecondAlsoAfterARestart) {
    const CaseId first = ended();
    house.move(minutes(10));
    const CaseId second = ended();
    const CaseId open = house.create("antrag").value().case_id;
    EXPECT_EQ(house.view().case_row(first).value().retention_until,
              house.view().case_row(first).value().ended.value() + kKept);
    EXPECT_FALSE(house.view().case_row(open).value().retention_until.has_value());
    house.reopen();
    house.move(kKept - minutes(10) - std::chrono::milliseconds(1));
    EXPECT_FALSE(house.is_deleted(first));
    house.move(std::chrono::milliseconds(1));
    EXPECT_TRUE(house.is_deleted(first));
    EXPECT_FALSE(house.is_deleted(second));
    house.reopen();
    house.move(minutes(10));
    EXPECT_TRUE(house.is_deleted(second));
    EXPECT_FALSE(house.is_deleted(open));
    EXPECT_EQ(house.row_count(Space::timers), 0U);
    EXPECT_EQ(house.view().case_state(first).error().code, ErrorCode::gone);
    const auto audit = house.view().audit().value();
    EXPECT_EQ(audit[0].action, "delete_case");
    EXPECT_EQ(audit[0].actor, "system:retention");
    EXPECT_NE(audit[0].detail.find("is over"), std::string::npos);
    EXPECT_FALSE(house.folder.any_file_contains(kIban));
    house.expect_verified();
}

TEST_P(RetentionOnEachStorage, AnEarlierDeletionTakesTheTimerAway) {
    const CaseId id = ended();
    EXPECT_EQ(house.row_count(Space::timers), 1U);
    ASSERT_TRUE(house.runtime->delete_case(house.tenant, order(id.value())).has_value());
    EXPECT_EQ(house.row_count(Space::timers), 0U);
    house.move(kKept);
    EXPECT_EQ(house.view().audit().value()[0].actor, "sachbearbeiter-4");
    house.expect_verified();
}

TEST_P(RetentionOnEachStorage, TwoTenantsWithTheSameCaseAndTime) {
    const TenantId halle("halle");
    ASSERT_TRUE(house.runtime->ensure_tenant(halle).has_value());
    const CaseId id = ended();
    Submission creation = house.creation("antrag");
    creation.tenant = halle;
    ASSERT_EQ(house.runtime->submit_and_wait(creation).value().case_id, id);
    Submission completion =
        house.completion(id, house.runtime->read(halle)->case_state(id)->user_tasks.at(0).key);
    completion.tenant = halle;
    ASSERT_TRUE(house.runtime->submit_and_wait(completion).has_value());
    house.print(halle);
    const auto theirs = [&] { return house.runtime->read(halle)->case_row(id).value(); };
    ASSERT_TRUE(house.runtime->delete_case(house.tenant, order(id.value())).has_value());
    EXPECT_FALSE(theirs().deleted);
    EXPECT_EQ(house.row_count(Space::timers), 1U);
    house.reopen();
    house.move(kKept);
    EXPECT_TRUE(theirs().deleted);
    EXPECT_EQ(house.runtime->read(halle)->audit().value()[0].actor, "system:retention");
    EXPECT_EQ(house.view().audit().value()[0].actor, "sachbearbeiter-4");
    EXPECT_EQ(house.row_count(Space::timers), 0U);
    house.expect_verified();
}

TEST_P(RetentionOnEachStorage, ABatchDeletesWhatHasEnded) {
    const CaseId first = ended();
    const CaseId second = ended();
    const CaseId open = house.create("antrag").value().case_id;
    BatchOrder batch;
    batch.kind = BatchKind::erase;
    const auto start = [&] {
        std::promise<Result<std::uint64_t>> promise;
        house.runtime->start_batch(house.tenant, batch, "leiterin",
                                   [&](Result<std::uint64_t> key) { promise.set_value(key); });
        const auto key = promise.get_future().get();
        house.runtime->wait_idle();
        return key;
    };
    const auto carried_out = [&] {
        const auto key = start();
        return house.view().batch(key.value()).value();
    };
    batch.process_instances = {global_key(first, 1), global_key(first, 1), global_key(open, 1),
                               global_key(CaseId(99), 1)};
    EXPECT_EQ(start().error().code, ErrorCode::invalid_input) << "without a rule";
    batch.reason = kRule;
    const BatchRow listed = carried_out();
    EXPECT_EQ(listed.done, 1U);
    EXPECT_EQ(listed.failed, 3U);
    EXPECT_EQ(listed.failures.at(0).code, "gone");
    EXPECT_EQ(listed.failures.at(1).code, "conflict");
    EXPECT_EQ(listed.failures.at(2).code, "not_found");
    EXPECT_TRUE(house.is_deleted(first));
    batch.process_instances.clear();
    batch.filter.emplace();
    batch.filter->statuses = {engine::CaseStatus::cancelled};
    EXPECT_EQ(carried_out().total, 0U);
    batch.filter->statuses.clear();
    const BatchRow all = carried_out();
    EXPECT_EQ(all.total, 1U);
    EXPECT_EQ(all.done, 1U);
    EXPECT_TRUE(house.is_deleted(second));
    EXPECT_FALSE(house.is_deleted(open));
    EXPECT_EQ(house.view().audit().value()[0].actor, "leiterin");
    EXPECT_EQ(house.row_count(Space::timers), 0U);
    house.expect_verified();
}

// As a package says it: half an hour from the end, the log half a year from the beginning.
constexpr std::chrono::milliseconds kLogKept{std::chrono::hours(24 * 184)};
std::optional<Retention> of_package(const TenantId&, const CaseRow& row) {
    return Retention{row.ended.value() + minutes(30), kRule, row.created + kLogKept};
}

class DeletionOfLog : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        house.retention = of_package;
        house.under_way = [this](WriteBatch&, CaseId id) -> Result<bool> {
            return waiting && *waiting == id;
        };
        house.open_with_tenant();
    }
    CaseId ended() {
        const CaseId id = house.create("antrag").value().case_id;
        EXPECT_TRUE(house.complete(id).has_value());
        return id;
    }
    std::size_t lines_of(CaseId id, bool deleted) {
        std::size_t count = 0;
        for (const AuditLine& line : house.view().audit().value()) {
            count += line.case_id == id && line.deleted == deleted ? 1U : 0U;
        }
        return count;
    }
    std::string newest() {
        const AuditLine line = house.view().audit().value().at(0);
        return line.actor + " " + line.action + " " + line.detail;
    }
    bool holds() {
        return verify_chain(house.storage(), house.tenant).value().holds() &&
               verify_replay(house.storage(), house.node_key(), house.tenant).value().holds();
    }
    // What somebody with the database does.
    void put(Space space, const std::string& key, const std::optional<std::string>& value) {
        auto transaction = std::move(house.storage().begin_write().value());
        ASSERT_TRUE((value ? transaction->put(space, key, *value) : transaction->erase(space, key))
                        .has_value());
        ASSERT_TRUE(transaction->commit().has_value());
    }
    std::string get(Space space, const std::string& key) {
        return house.storage().begin_read().value()->get(space, key).value().value();
    }

    House house{GetParam()};
    std::optional<CaseId> waiting;
};
INSTANTIATE_TEST_SUITE_P(Storages, DeletionOfLog, ::testing::Values("memory", "faulty", "sqlite"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(DeletionOfLog, ComesInItsOwnTimeByTheRuleOfTheCase) {
    const CaseId id = ended();
    const CaseId other = house.create("antrag").value().case_id;
    house.print(house.tenant);
    const std::size_t keys = house.row_count(Space::keys);
    house.move(minutes(30) - std::chrono::milliseconds(1));
    EXPECT_FALSE(house.is_deleted(id));
    // What was said when the case ended counts, not what would be said now.
    house.retention = {};
    house.reopen();
    house.move(std::chrono::milliseconds(1));
    EXPECT_TRUE(house.is_deleted(id));
    EXPECT_EQ(newest(), std::string("system:retention delete_case case 1: ") + kRule);
    EXPECT_EQ(house.view().case_state(id).error().code, ErrorCode::gone);
    EXPECT_EQ(lines_of(id, false), 2U);
    EXPECT_EQ(house.row_count(Space::timers), 1U);
    EXPECT_EQ(house.row_count(Space::keys), keys);
    house.expect_verified();

    house.reopen();
    house.move(kLogKept - minutes(30) - std::chrono::milliseconds(1));
    EXPECT_EQ(lines_of(id, false), 2U);
    house.reopen();
    house.move(std::chrono::milliseconds(1));
    EXPECT_EQ(newest(), std::string("system:retention delete_log case 1: ") + kRule);
    EXPECT_EQ(lines_of(id, true), 2U);
    EXPECT_EQ(lines_of(other, true), 0U);
    EXPECT_EQ(house.row_count(Space::timers), 0U);
    EXPECT_EQ(house.row_count(Space::keys), keys - 1);
    EXPECT_EQ(verify_chain(house.storage(), house.tenant).value().deleted, 4U);
    house.expect_verified();
    house.reopen();
    house.expect_verified();
}

TEST_P(DeletionOfLog, ComesWithTheCaseIfItsTimeIsOver) {
    const CaseId id = house.create("antrag").value().case_id;
    house.move(kLogKept);
    ASSERT_TRUE(house.complete(id).has_value());
    house.print(house.tenant);
    house.move(minutes(30));
    EXPECT_TRUE(house.is_deleted(id));
    EXPECT_EQ(lines_of(id, true), 2U);
    EXPECT_EQ(house.row_count(Space::timers), 0U);
    house.expect_verified();
}

TEST_P(DeletionOfLog, WaitsForWhatIsToBeSentAndPrinted) {
    const CaseId printed = ended();
    const CaseId sent = house.create("versand").value().case_id;
    const CaseId posted = house.create("rufer").value().case_id;
    waiting = posted;
    house.move(minutes(30));
    for (const CaseId id : {printed, sent, posted}) EXPECT_FALSE(house.is_deleted(id));
    EXPECT_EQ(house.view().print_queue().value().size(), 1U);
    house.print(house.tenant);
    waiting.reset();
    house.handlers["fax"] = [](const OutboxItem&) -> Result<void> { return {}; };
    house.reopen();
    house.runtime->wait_idle();
    EXPECT_EQ(house.row_count(Space::outbox), 0U);
    house.move(minutes(59));
    for (const CaseId id : {printed, sent, posted}) EXPECT_FALSE(house.is_deleted(id));
    house.move(minutes(1));
    for (const CaseId id : {printed, sent, posted}) EXPECT_TRUE(house.is_deleted(id));
    EXPECT_EQ(house.row_count(Space::timers), 3U);
    house.move(kLogKept);
    EXPECT_EQ(house.row_count(Space::timers), 0U);
    EXPECT_EQ(lines_of(printed, true), 2U);
    house.expect_verified();
}

TEST_P(DeletionOfLog, FollowsADeletionOnOrderToo) {
    const CaseId first = ended();
    ASSERT_TRUE(house.runtime->delete_case(house.tenant, order(first.value())).has_value());
    EXPECT_EQ(house.row_count(Space::timers), 1U);
    // One that waited is found where its timer lies now.
    const CaseId second = ended();
    house.move(minutes(31));
    EXPECT_FALSE(house.is_deleted(second));
    ASSERT_TRUE(house.runtime->delete_case(house.tenant, order(second.value())).has_value());
    EXPECT_EQ(house.row_count(Space::timers), 2U);
    EXPECT_EQ(house.row_count(Space::print), 0U);
    // What never ends is deleted out of quarantine.
    const CaseId broken = house.create("kaputt").value().case_id;
    EXPECT_EQ(house.complete(broken).error().code, ErrorCode::quarantined);
    ASSERT_TRUE(house.runtime->delete_case(house.tenant, order(broken.value())).has_value());
    house.move(kLogKept);
    for (const CaseId id : {first, second, broken}) {
        EXPECT_EQ(lines_of(id, false), 0U);
        EXPECT_GT(lines_of(id, true), 0U);
    }
    EXPECT_EQ(house.row_count(Space::timers), 0U);
    house.expect_verified();
}

TEST_P(DeletionOfLog, WhatEndedBeforeIsLeftAlone) {
    house.retention = {};
    house.reopen();
    const CaseId id = ended();
    house.print(house.tenant);
    house.retention = of_package;
    house.reopen();
    house.move(kLogKept);
    EXPECT_FALSE(house.is_deleted(id));
    ASSERT_TRUE(house.runtime->delete_case(house.tenant, order(id.value())).has_value());
    house.move(kLogKept);
    EXPECT_EQ(lines_of(id, false), 2U);
    house.expect_verified();
}

TEST_P(DeletionOfLog, OtherHolesAreFound) {
    const CaseId id = ended();
    const CaseId other = ended();
    house.print(house.tenant);
    house.move(minutes(30));
    const std::string deletion = keys::numbered(house.tenant, id.value());
    const std::string keys_of_other = keys::case_keys(house.tenant, other);
    const auto hole = [&](CaseId of) {
        for (std::uint64_t number = 1;; ++number) {
            const std::string key = keys::numbered(house.tenant, number);
            ChainedRow row = decode_chained_row(number, get(Space::audit, key)).value();
            if (row.case_id != of) continue;
            row.deleted = true;
            row.body.clear();
            put(Space::audit, key, row.encode());
            return key;
        }
    };
    const auto expect_found = [&](Space space, const std::string& key,
                                  const std::function<void()>& change) {
        const std::string before = get(space, key);
        change();
        EXPECT_FALSE(holds()) << name_of(space);
        put(space, key, before);
        EXPECT_TRUE(holds()) << name_of(space);
    };
    house.close();
    ASSERT_TRUE(holds());
    // The case is deleted, the log about it is not yet.
    const std::string line = keys::numbered(house.tenant, 1);
    expect_found(Space::audit, line, [&] { EXPECT_EQ(hole(id), line); });
    expect_found(Space::keys, keys::case_keys(house.tenant, id),
                 [&] { put(Space::keys, keys::case_keys(house.tenant, id), std::nullopt); });
    expect_found(Space::deletions, deletion, [&] {
        DeletionRow row = DeletionRow::decode(get(Space::deletions, deletion)).value();
        row.log_too = true;
        put(Space::deletions, deletion, row.encode());
    });
    house.open();
    // The second case stays by its log: only that of the first is deleted.
    const std::string kept = keys::timer(house.tenant, house.clock.now() - minutes(30) + kLogKept,
                                         other, engine::TimerKey(UINT64_MAX));
    house.close();
    put(Space::timers, kept, std::nullopt);
    house.open();
    house.move(kLogKept);
    house.close();
    ASSERT_TRUE(holds());
    EXPECT_TRUE(decode_chained_row(1, get(Space::audit, line)).value().deleted);
    const std::string theirs = [&] {
        for (std::uint64_t number = 1;; ++number) {
            std::string key = keys::numbered(house.tenant, number);
            if (decode_chained_row(number, get(Space::audit, key)).value().case_id == other) {
                return key;
            }
        }
    }();
    expect_found(Space::audit, theirs, [&] { EXPECT_EQ(hole(other), theirs); });
    expect_found(Space::keys, keys_of_other,
                 [&] { put(Space::keys, keys_of_other, std::nullopt); });
    expect_found(Space::deletions, deletion, [&] {
        DeletionRow row = DeletionRow::decode(get(Space::deletions, deletion)).value();
        row.log_too = false;
        put(Space::deletions, deletion, row.encode());
    });
}

// Each storage call of a deletion, of the case and of the log, fails once; then its commit is
// refused, lost, or made with a lost answer.
void happens_once(bool of_log) {
    std::uint64_t calls = 0;
    const auto run = [&](const std::function<void(storage::FaultPlan&)>& fault) {
        House house("faulty");
        house.retention = [](const TenantId&, const CaseRow& row) -> std::optional<Retention> {
            return Retention{row.ended.value() + minutes(60), kRule, row.created + minutes(120)};
        };
        house.open_with_tenant();
        const CaseId id = house.create("antrag").value().case_id;
        ASSERT_TRUE(house.complete(id).has_value());
        house.print(house.tenant);
        house.move(minutes(59));
        if (of_log) house.move(minutes(60));
        const std::uint64_t before = house.plan.calls;
        fault(house.plan);
        house.move(minutes(1));
        calls = house.plan.calls - before;
        house.plan.fail_call = 0;
        for (int i = 0; i < 2; ++i) house.move(minutes(1));
        EXPECT_TRUE(house.is_deleted(id));
        house.move(minutes(60));
        std::map<std::string, int> actions;
        for (const auto& line : house.view().audit().value()) {
            EXPECT_EQ(line.deleted, line.case_id == id);
            ++actions[line.action];
        }
        EXPECT_EQ(actions["delete_case"], 1);
        EXPECT_EQ(actions["delete_log"], 1);
        EXPECT_EQ(house.row_count(Space::timers), 0U);
        house.expect_verified();
    };
    run([](auto&) {});
    const std::uint64_t most = calls;
    ASSERT_GT(most, 10U);
    for (std::uint64_t n = 1; n <= most; ++n) {
        SCOPED_TRACE(n);
        run([n](auto& plan) { plan.fail_call = plan.calls + n; });
    }
    run([](auto& plan) { plan.fail_commit = plan.commits + 1; });
    run([](auto& plan) { plan.drop_commit = plan.commits + 1; });
    run([](auto& plan) { plan.lose_answer_of_commit = plan.commits + 1; });
}

TEST(Retention, HappensOnceOnADiskThatFails) {
    happens_once(false);
}

TEST(Retention, OfTheLogHappensOnceOnADiskThatFails) {
    happens_once(true);
}

}  // namespace
}  // namespace schwarm::runtime::test
