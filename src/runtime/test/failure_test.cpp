// Disks that fail, lie and lose answers; processes that are killed.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "house.hpp"

namespace schwarm::runtime::test {
namespace {

// The nth storage call of "create, complete" fails, for every n: nothing is half done, and asking
// again with the same id does each thing once.
TEST(Failure, EachStorageCallFailsOnce) {
    std::uint64_t calls = 0;
    {
        House house("faulty");
        house.open_with_tenant();
        const std::uint64_t before = house.plan.calls;
        ASSERT_TRUE(house.create("antrag", kName, "id").has_value());
        ASSERT_TRUE(house.complete(CaseId(1)).has_value());
        calls = house.plan.calls - before;
    }
    ASSERT_GT(calls, 10U);
    std::uint64_t failures = 0;
    for (std::uint64_t n = 1; n <= calls; ++n) {
        House house("faulty");
        house.open_with_tenant();
        house.plan.fail_call = house.plan.calls + n;
        const auto first = house.create("antrag", kName, "id");
        if (first.has_error()) {
            ++failures;
            EXPECT_EQ(first.error().code, ErrorCode::storage_failed) << n;
            const auto again = house.create("antrag", kName, "id");
            ASSERT_TRUE(again.has_value()) << n << " " << again.error().text();
            EXPECT_EQ(again.value().case_id, CaseId(1)) << n;
        }
        auto view = house.runtime->read(house.tenant);
        if (view.has_error()) view = house.runtime->read(house.tenant);
        auto state = view.value().case_state(CaseId(1));
        if (state.has_error()) state = view.value().case_state(CaseId(1));
        ASSERT_TRUE(state.has_value()) << n;
        const Submission completion =
            house.completion(CaseId(1), state.value().user_tasks.at(0).key);
        auto done = house.runtime->submit_and_wait(completion);
        if (done.has_error()) {
            ++failures;
            EXPECT_EQ(done.error().code, ErrorCode::storage_failed) << n;
            done = house.runtime->submit_and_wait(completion);
        }
        ASSERT_TRUE(done.has_value()) << n << " " << done.error().text();
        EXPECT_EQ(done.value().status, engine::CaseStatus::completed) << n;
        house.plan.fail_call = 0;
        EXPECT_EQ(house.case_count(), 1U) << n;
        EXPECT_EQ(house.view().history(CaseId(1)).value().size(), 2U) << n;
        house.expect_verified();
    }
    EXPECT_GT(failures, 5U);
}

TEST(Failure, AFailedCommitThrowsAwayWhatWasDecidedOnIt) {
    House house("faulty");
    house.open_with_tenant();
    ASSERT_TRUE(house.create("antrag").has_value());
    const ElementKey task = house.task_of(CaseId(1));
    house.plan.fail_commit = house.plan.commits + 1;
    std::mutex mutex;
    std::size_t good = 0;
    std::size_t failed = 0;
    std::size_t other = 0;
    const auto count = [&](Result<Reply> reply) {
        const std::lock_guard lock(mutex);
        if (reply.has_value()) {
            ++good;
        } else if (reply.error().code == ErrorCode::storage_failed) {
            ++failed;
        } else {
            ++other;
        }
    };
    house.runtime->submit(house.completion(CaseId(1), task), count);
    for (int i = 0; i < 200; ++i) house.runtime->submit(house.creation("antrag"), count);
    house.runtime->wait_idle();
    EXPECT_EQ(good + failed, 201U);
    EXPECT_GE(failed, 1U);
    EXPECT_EQ(other, 0U);
    EXPECT_EQ(house.runtime->metrics().commits_failed, 1U);
    // The completion was in the failed group or not answered with success.
    EXPECT_EQ(house.view().case_row(CaseId(1)).value().status, engine::CaseStatus::active);
    EXPECT_EQ(house.case_count(), 1 + good);
    EXPECT_TRUE(house.complete(CaseId(1)).has_value());
    EXPECT_TRUE(house.runtime->health().healthy);
    house.expect_verified();
}

TEST(Failure, HealthFollowsTheDisk) {
    House house("faulty");
    house.open_with_tenant();
    EXPECT_TRUE(house.runtime->health().healthy);
    house.plan.fail_commit = house.plan.commits + 1;
    EXPECT_TRUE(house.create("antrag").has_error());
    EXPECT_FALSE(house.runtime->health().healthy);
    EXPECT_NE(house.runtime->health().reason.find("on purpose"), std::string::npos);
    EXPECT_TRUE(house.create("antrag").has_value());
    EXPECT_TRUE(house.runtime->health().healthy);
}

TEST(Failure, MaybeDoneIsSettledByAskingAgain) {
    House house("faulty");
    house.open_with_tenant();
    house.plan.lose_answer_of_commit = house.plan.commits + 1;
    EXPECT_EQ(house.create("antrag", kName, "id-1").error().code, ErrorCode::maybe_done);
    const Reply known = house.create("antrag", kName, "id-1").value();
    EXPECT_TRUE(known.duplicate);
    EXPECT_EQ(known.case_id, CaseId(1));
    house.plan.drop_commit = house.plan.commits + 1;
    EXPECT_EQ(house.create("antrag", kName, "id-2").error().code, ErrorCode::maybe_done);
    const Reply fresh = house.create("antrag", kName, "id-2").value();
    EXPECT_FALSE(fresh.duplicate);
    EXPECT_EQ(fresh.case_id, CaseId(2));
    EXPECT_EQ(house.case_count(), 2U);
    house.expect_verified();
}

TEST(Failure, WhatACommitWithALostAnswerSendsIsSentWithoutARestart) {
    House house("faulty");
    std::atomic<int> sent = 0;
    house.handlers["fax"] = [&](const OutboxItem&) -> Result<void> {
        ++sent;
        return {};
    };
    house.open_with_tenant();
    ASSERT_TRUE(house.create("horcher").has_value());
    for (const bool durable : {true, false}) {
        auto& plan = durable ? house.plan.lose_answer_of_commit : house.plan.drop_commit;
        plan = house.plan.commits + 1;
        EXPECT_EQ(house.create("versand").error().code, ErrorCode::maybe_done);
        house.runtime->wait_idle();
        EXPECT_EQ(sent, 1);
        plan = house.plan.commits + 1;
        EXPECT_EQ(house.create("rufer").error().code, ErrorCode::maybe_done);
        house.runtime->wait_idle();
        EXPECT_EQ(house.view().history(CaseId(1)).value().size(), 2U);
    }
    EXPECT_EQ(house.row_count(Space::outbox), 0U);
    house.expect_verified();
}

// The position of a commit that did not come about is given to the next one, while the dispatcher
// still looks for what the first would have sent.
TEST(Failure, WhatACommitSendsIsNotTakenForThatOfALostOne) {
    House house("faulty");
    std::atomic<int> sent = 0;
    house.handlers["fax"] = [&](const OutboxItem&) -> Result<void> {
        ++sent;
        return {};
    };
    house.open_with_tenant();
    constexpr int kTimes = 200;
    for (int i = 0; i < kTimes; ++i) {
        house.plan.drop_commit = house.plan.commits + 1;
        house.runtime->submit(house.creation("versand"), [](const Result<Reply>&) {});
        while (!house.create("versand").has_value()) {
        }
    }
    house.runtime->wait_idle();
    CaseFilter all;
    all.limit = 500;
    EXPECT_EQ(static_cast<std::size_t>(sent), house.view().cases(all).value().rows.size());
    EXPECT_GE(sent, kTimes);
}

TEST(Failure, WhoWaitsForAnEndIsToldOfACommitWithALostAnswer) {
    House house("faulty");
    house.open_with_tenant();
    for (const bool durable : {false, true}) {
        const CaseId id = house.create("antrag").value().case_id;
        const ElementKey task = house.task_of(id);
        std::promise<Result<CaseRow>> promise;
        auto told = promise.get_future();
        house.runtime->await_case(house.tenant, id, minutes(60),
                                  [&](Result<CaseRow> row) { promise.set_value(std::move(row)); });
        house.runtime->wait_idle();
        auto& plan = durable ? house.plan.lose_answer_of_commit : house.plan.drop_commit;
        plan = house.plan.commits + 1;
        EXPECT_EQ(house.runtime->submit_and_wait(house.completion(id, task)).error().code,
                  ErrorCode::maybe_done);
        house.runtime->wait_idle();
        EXPECT_EQ(told.wait_for(std::chrono::seconds(0)) == std::future_status::ready, durable);
        if (!durable) {
            EXPECT_EQ(house.runtime->metrics().waiting, 1U);
            ASSERT_TRUE(house.complete(id).has_value());
        }
        EXPECT_EQ(told.get().value().status, engine::CaseStatus::completed);
    }
    house.expect_verified();
}

TEST(Failure, ATenantWhoseCreationFailedCanBeCreatedAgain) {
    House house("faulty");
    house.open();
    house.plan.fail_commit = house.plan.commits + 1;
    EXPECT_TRUE(house.runtime->ensure_tenant(house.tenant).has_error());
    EXPECT_TRUE(house.create("antrag").has_error());
    ASSERT_TRUE(house.runtime->ensure_tenant(house.tenant).has_value());
    ASSERT_TRUE(house.create("antrag").has_value());
    house.reopen();
    EXPECT_EQ(house.view().case_state(CaseId(1)).value().id, CaseId(1));
}

TEST(Failure, AfterAPowerCutWithALyingDiskTheRestIsConsistent) {
    House house("faulty");
    house.open_with_tenant();
    ASSERT_TRUE(house.create("antrag").has_value());
    house.plan.disk_lies = true;
    ASSERT_TRUE(house.complete(CaseId(1)).has_value());
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(house.create("frist").has_value());
    house.close();
    house.plan.disk_lies = false;
    ASSERT_TRUE(house.faulty().power_cut().has_value());
    house.open();
    EXPECT_EQ(house.case_count(), 1U);
    EXPECT_EQ(house.view().case_row(CaseId(1)).value().status, engine::CaseStatus::active);
    house.expect_verified();
    EXPECT_EQ(house.create("antrag").value().case_id, CaseId(2));
    EXPECT_TRUE(house.complete(CaseId(1)).has_value());
    house.expect_verified();
}

TEST(Failure, TheWrongNodeKeyIsSaid) {
    House house("memory");
    house.open_with_tenant();
    house.close();
    SystemRandom random;
    Environment environment{house.storage(), house.clock, random, crypto::Key::random(random),
                            [](const TenantId&) { return nullptr; }};
    const auto opened = Runtime::open(std::move(environment));
    ASSERT_TRUE(opened.has_error());
    EXPECT_EQ(opened.error().code, ErrorCode::crypto_failed);
    EXPECT_NE(opened.error().message.find("node key"), std::string::npos);
}

TEST(Failure, WhatIsQueuedAtTheStopIsAnsweredUnavailable) {
    House house("memory");
    house.open_with_tenant();
    std::promise<void> entered;
    std::promise<void> go_on;
    std::atomic<int> unavailable = 0;
    Runtime& runtime = *house.runtime;
    runtime.submit_write(
        house.tenant,
        [&](WriteBatch&) -> Result<void> {
            entered.set_value();
            go_on.get_future().wait();
            return {};
        },
        [](Result<void>) {});
    entered.get_future().wait();
    for (int i = 0; i < 5; ++i) {
        runtime.submit(house.creation("antrag"), [&](Result<Reply> reply) {
            if (reply.has_error() && reply.error().code == ErrorCode::unavailable) ++unavailable;
        });
    }
    auto closing = std::async(std::launch::async, [&] { house.close(); });
    // The node says that it is stopping; the object lives until the writer may go on.
    while (runtime.health().healthy) std::this_thread::yield();
    go_on.set_value();
    closing.get();
    EXPECT_EQ(unavailable, 5);
}

// A child process runs the node and reports each receipt; it is killed in the middle, five times.
TEST(Failure, ReceiptsSurviveSigkill) {
    Folder folder;
    SystemRandom random;
    ASSERT_TRUE(load_or_create_node_key(folder / "node.key", random).has_value());
    std::uint64_t receipts = 0;
    for (int round = 0; round < 5; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            Definitions definitions;
            SystemClock clock;
            auto storage = std::move(make_sqlite(folder / "node.db").value());
            Environment environment{*storage, clock, random,
                                    load_or_create_node_key(folder / "node.key", random).value(),
                                    [&](const TenantId&) {
                                        return std::shared_ptr<const engine::Definitions>(
                                            std::shared_ptr<void>(), &definitions.all());
                                    }};
            auto runtime = std::move(Runtime::open(std::move(environment)).value());
            const TenantId tenant("leipzig");
            if (runtime->ensure_tenant(tenant).has_error()) ::_exit(2);
            for (;;) {
                Submission submission;
                submission.tenant = tenant;
                engine::CreateCase create;
                create.definition = engine::DefinitionKey("amt/antrag@1");
                submission.command.body = create;
                runtime->submit(submission, [&](Result<Reply> reply) {
                    const std::uint64_t id = reply.has_value() ? reply.value().case_id.value() : 0;
                    if (id != 0 && ::write(ends[1], &id, sizeof id) != sizeof id) ::_exit(3);
                });
                if (runtime->metrics().queue_length > 50) runtime->wait_idle();
            }
        }
        ::close(ends[1]);
        std::uint64_t last = 0;
        for (std::uint64_t id = 0, n = 0; n < 60 + static_cast<std::uint64_t>(round) * 13 &&
                                          ::read(ends[0], &id, sizeof id) == sizeof id;
             ++n) {
            last = std::max(last, id);
        }
        ::kill(child, SIGKILL);
        for (std::uint64_t id = 0; ::read(ends[0], &id, sizeof id) == sizeof id;) {
            last = std::max(last, id);
        }
        ::close(ends[0]);
        ::waitpid(child, nullptr, 0);
        ASSERT_GT(last, receipts) << "round " << round;
        receipts = last;

        auto storage = std::move(make_sqlite(folder / "node.db").value());
        const crypto::Key key = load_or_create_node_key(folder / "node.key", random).value();
        const auto chain = verify_chain(*storage, TenantId("leipzig"));
        const auto replay = verify_replay(*storage, key, TenantId("leipzig"));
        ASSERT_TRUE(chain.has_value() && replay.has_value());
        EXPECT_TRUE(chain.value().holds()) << chain.value().findings.front();
        EXPECT_TRUE(replay.value().holds()) << replay.value().findings.front();
        EXPECT_GE(replay.value().rows, receipts);
    }
}

}  // namespace
}  // namespace schwarm::runtime::test
