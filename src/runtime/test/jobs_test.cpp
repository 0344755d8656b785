// Jobs of external workers: locks, waiting, streams; and waiting for the end of a case.
#include <deque>

#include "house.hpp"
#include "layout.hpp"

namespace schwarm::runtime::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Jobs = std::vector<ActivatedJob>;

class JobsOnEachStorage : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override { house.open_with_tenant(); }

    JobRequest request(const char* worker = "w", milliseconds wait = milliseconds(-1)) const {
        JobRequest out;
        out.tenants = {house.tenant};
        out.type = "abruf";
        out.worker = worker;
        out.lock = minutes(1);
        out.max_jobs = 10;
        out.wait = wait;
        return out;
    }
    Result<Jobs> activate(JobRequest wanted) {
        std::promise<Result<Jobs>> promise;
        house.runtime->activate_jobs(
            std::move(wanted), [&](Result<Jobs> jobs) { promise.set_value(std::move(jobs)); });
        return promise.get_future().get();
    }
    Jobs activate() { return activate(request()).value(); }
    Result<Reply> send(CaseId id, engine::CommandBody body) {
        Submission out;
        out.tenant = house.tenant;
        out.case_id = id;
        out.command.actor = "w";
        out.command.body = std::move(body);
        return house.runtime->submit_and_wait(out);
    }
    Result<void> extend(const ActivatedJob& job, milliseconds lock) {
        std::promise<Result<void>> promise;
        house.runtime->update_job_timeout(
            house.tenant, job.case_id, job.key, lock,
            [&](Result<void> done) { promise.set_value(std::move(done)); });
        return promise.get_future().get();
    }

    House house{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Storages, JobsOnEachStorage,
                         ::testing::Values("memory", "faulty", "sqlite"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(JobsOnEachStorage, TheHighestPriorityComesFirstThenTheOldestCase) {
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(house.create("abruf").has_value());
    const auto prefer = [&](std::uint64_t id, std::int32_t priority) {
        for (const JobRow& job : house.view().open_jobs().value().rows) {
            if (job.case_id != CaseId(id)) continue;
            EXPECT_TRUE(send(job.case_id, engine::UpdateJob{job.key, {}, priority}).has_value());
        }
    };
    const auto order = [&](std::size_t most) {
        JobRequest wanted = request();
        wanted.max_jobs = most;
        std::vector<std::uint64_t> ids;
        for (const ActivatedJob& job : activate(wanted).value()) ids.push_back(job.case_id.value());
        return ids;
    };
    prefer(1, -1);
    prefer(3, INT32_MAX);
    prefer(4, 50);
    prefer(5, 50);
    EXPECT_EQ(house.view().jobs("abruf").value().rows.at(0).priority, INT32_MAX);
    EXPECT_EQ(order(2), (std::vector<std::uint64_t>{3, 4}));
    prefer(4, INT32_MIN);
    house.reopen();
    EXPECT_EQ(order(10), (std::vector<std::uint64_t>{5, 2, 1}));
    house.clock.advance(minutes(1));
    house.runtime->wake();
    house.runtime->wait_idle();
    EXPECT_EQ(order(10), (std::vector<std::uint64_t>{3, 5, 2, 1, 4})) << "also after a lock";
    EXPECT_TRUE(house.view().jobs("abruf").value().rows.empty());
}

// Rows of format 2, which named no priority: open, locked, and of a case that is cancelled.
TEST_P(JobsOnEachStorage, JobsFromBeforeTheyWereOrderedAreHandedOutFirst) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(house.create("abruf").has_value());
    JobRequest one = request();
    one.max_jobs = 1;
    EXPECT_EQ(activate(one).value().at(0).case_id, CaseId(1));
    std::vector<JobRow> rows = house.view().open_jobs().value().rows;
    house.close();
    auto transaction = std::move(house.storage().begin_write().value());
    for (JobRow& row : rows) {
        const auto place = [&](std::string prefix) {
            return keys::append(std::move(prefix), row.case_id.value(), row.key.value());
        };
        if (!row.until) {
            const std::string now =
                place(keys::available_job(house.tenant, row.type, *row.priority));
            const std::string then = place(keys::job_type(house.tenant, row.type));
            ASSERT_TRUE(transaction->erase(Space::jobs, now).has_value());
            ASSERT_TRUE(transaction->put(Space::jobs, then, {}).has_value());
        }
        row.priority.reset();
        const std::string key = keys::job(house.tenant, row.case_id, row.key);
        ASSERT_TRUE(transaction->put(Space::jobs, key, encode_job(row)).has_value());
    }
    ASSERT_TRUE(transaction->commit().has_value());
    transaction.reset();
    house.open();
    ASSERT_TRUE(house.create("abruf").has_value());
    ASSERT_TRUE(send(CaseId(4), engine::UpdateJob{rows.at(0).key, {}, 1000}).has_value());
    ASSERT_TRUE(send(CaseId(3), engine::CancelCase{"x", {}}).has_value());
    EXPECT_EQ(house.view().jobs("abruf").value().rows.size(), 2U);
    EXPECT_EQ(activate(one).value().at(0).case_id, CaseId(2));
    house.clock.advance(minutes(1));
    house.runtime->wake();
    house.runtime->wait_idle();
    const Jobs jobs = activate();
    ASSERT_EQ(jobs.size(), 3U);
    EXPECT_EQ(jobs[0].case_id, CaseId(1)) << "it was locked all the time";
    EXPECT_EQ(jobs[1].case_id, CaseId(4));
    for (const ActivatedJob& job : jobs) {
        ASSERT_TRUE(send(job.case_id, engine::CompleteJob{job.key, {}}).has_value());
    }
    EXPECT_EQ(house.row_count(Space::jobs), 0U);
}

TEST_P(JobsOnEachStorage, AJobIsLockedForOneWorkerAndSaysWhatItIs) {
    ASSERT_TRUE(house.create("abruf").has_value());
    const Jobs jobs = activate();
    ASSERT_EQ(jobs.size(), 1U);
    const ActivatedJob& job = jobs[0];
    EXPECT_EQ(job.tenant, house.tenant);
    EXPECT_EQ(job.case_id, CaseId(1));
    EXPECT_EQ(job.definition.value(), "amt/abruf@1");
    EXPECT_EQ(job.process_id + " " + job.element_id + " " + job.type, "abruf abrufen abruf");
    EXPECT_EQ(job.process_instance, ElementKey(1));
    EXPECT_EQ(job.retries, 3U);
    EXPECT_EQ(job.deadline, house.clock.now() + minutes(1));
    EXPECT_EQ(job.headers,
              (std::vector<std::pair<std::string, std::string>>{{"register", "melderegister"}}));
    EXPECT_EQ(job.variables.get("name").as_string(), kName);
    EXPECT_EQ(job.variables.get("nummer"), feel::Value(1));
    EXPECT_TRUE(activate().empty());
    EXPECT_EQ(house.view().history(CaseId(1)).value().size(), 1U);
    const JobRow row = house.view().job(CaseId(1), job.key).value();
    EXPECT_TRUE(row.locked);
    EXPECT_EQ(row.worker, "w");
    EXPECT_TRUE(house.view().jobs("abruf").value().rows.empty());
    EXPECT_EQ(house.view().open_jobs().value().rows.size(), 1U);

    house.reopen();
    EXPECT_TRUE(activate().empty());
    EXPECT_EQ(send(CaseId(1), engine::CompleteJob{job.key, {}}).value().status,
              engine::CaseStatus::completed);
    EXPECT_EQ(house.row_count(Space::jobs), 0U);
    EXPECT_EQ(extend(job, minutes(1)).error().code, ErrorCode::not_found);
    house.expect_verified();
}

TEST_P(JobsOnEachStorage, OnlyTheVariablesThatWereAskedForAreFetched) {
    ASSERT_TRUE(house.create("abruf").has_value());
    JobRequest some = request();
    some.fetch_variables = {"iban", "gibtsnicht"};
    const Jobs jobs = activate(some).value();
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].variables.get("iban").as_string(), kIban);
    EXPECT_TRUE(jobs[0].variables.get("name").is_null());
}

TEST_P(JobsOnEachStorage, ALockEndsAtItsDeadline) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(house.create("abruf").has_value());
    ASSERT_EQ(activate().size(), 3U);
    house.clock.advance(minutes(1) - milliseconds(1));
    house.reopen();
    house.runtime->wait_idle();
    EXPECT_TRUE(activate().empty());
    house.clock.advance(milliseconds(1));
    house.runtime->wait_idle();
    EXPECT_EQ(house.view().jobs("abruf").value().rows.size(), 3U);
    const Jobs again = activate();
    ASSERT_EQ(again.size(), 3U);
    ASSERT_TRUE(extend(again[0], minutes(5)).has_value());
    house.clock.advance(minutes(2));
    house.runtime->wait_idle();
    EXPECT_EQ(activate().size(), 2U);
    EXPECT_EQ(extend(again[0], milliseconds(0)).error().code, ErrorCode::invalid_input);
}

TEST_P(JobsOnEachStorage, AFailureGivesTheJobBackAtOnceOrAfterTheBackOff) {
    ASSERT_TRUE(house.create("abruf").has_value());
    const engine::JobKey key = activate().at(0).key;
    ASSERT_TRUE(send(CaseId(1), engine::FailJob{key, 3, "", milliseconds(0), {}}).has_value());
    ASSERT_EQ(activate().size(), 1U);
    ASSERT_TRUE(send(CaseId(1), engine::FailJob{key, 1, "", seconds(30), {}}).has_value());
    EXPECT_TRUE(activate().empty());
    house.clock.advance(seconds(29));
    house.runtime->wait_idle();
    EXPECT_TRUE(activate().empty());
    house.clock.advance(seconds(1));
    house.runtime->wait_idle();
    ASSERT_EQ(activate().size(), 1U);
    ASSERT_TRUE(send(CaseId(1), engine::FailJob{key, 0, "kaputt", {}, {}}).has_value());
    EXPECT_EQ(house.row_count(Space::jobs), 0U);
    const auto incidents = house.view().incidents().value();
    ASSERT_EQ(incidents.rows.size(), 1U);
    EXPECT_EQ(incidents.rows[0].job, key);
    EXPECT_EQ(incidents.rows[0].element_id, "abrufen");
    EXPECT_EQ(incidents.rows[0].definition.value(), "amt/abruf@1");
    EXPECT_EQ(house.view().incidents(10, {}, CaseId(1)).value().rows.size(), 1U);
    EXPECT_TRUE(house.view().incidents(10, {}, CaseId(2)).value().rows.empty());
    ASSERT_TRUE(send(CaseId(1), engine::ResolveIncident{incidents.rows[0].key, 2}).has_value());
    EXPECT_EQ(house.row_count(Space::incidents), 0U);
    EXPECT_EQ(activate().at(0).retries, 2U);
    house.expect_verified();
}

TEST_P(JobsOnEachStorage, WaitingRequestsAreServedInTheirOrder) {
    std::mutex mutex;
    std::vector<std::string> served;
    for (const char* worker : {"a", "b", "c"}) {
        JobRequest one = request(worker, minutes(1));
        one.max_jobs = 1;
        house.runtime->activate_jobs(one, [&, worker](Result<Jobs> jobs) {
            const std::lock_guard lock(mutex);
            served.push_back(worker + std::to_string(jobs.value().size()));
        });
        house.runtime->wait_idle();
    }
    EXPECT_EQ(house.runtime->metrics().waiting, 3U);
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(house.create("abruf").has_value());
        house.runtime->wait_idle();
    }
    EXPECT_EQ(served, (std::vector<std::string>{"a1", "b1"}));
    house.clock.advance(minutes(1));
    house.runtime->wait_idle();
    EXPECT_EQ(served, (std::vector<std::string>{"a1", "b1", "c0"}));
    EXPECT_EQ(house.runtime->metrics().waiting, 0U);
}

TEST_P(JobsOnEachStorage, ManyJobsOfOneCommitReachAllWhoWait) {
    std::atomic<int> served = 0;
    for (int i = 0; i < 20; ++i) {
        JobRequest one = request("w", minutes(1));
        one.max_jobs = 1;
        house.runtime->activate_jobs(
            one, [&](Result<Jobs> jobs) { served += static_cast<int>(jobs.value().size()); });
    }
    house.runtime->wait_idle();
    for (int i = 0; i < 20; ++i) house.runtime->submit(house.creation("abruf"), [](auto) {});
    house.runtime->wait_idle();
    EXPECT_EQ(served, 20);
    EXPECT_EQ(house.runtime->metrics().jobs_activated, 20U);
}

TEST_P(JobsOnEachStorage, WhoNoLongerListensGetsNothing) {
    std::atomic<bool> listens = true;
    std::promise<void> answered;
    JobRequest gone = request("gone", minutes(1));
    gone.wanted = [&] { return listens.load(); };
    house.runtime->activate_jobs(gone, [&](Result<Jobs> jobs) {
        EXPECT_TRUE(jobs.value().empty());
        answered.set_value();
    });
    house.runtime->wait_idle();
    listens = false;
    ASSERT_TRUE(house.create("abruf").has_value());
    answered.get_future().wait();
    EXPECT_EQ(activate().size(), 1U);
}

TEST_P(JobsOnEachStorage, TheStopAnswersThoseWhoWait) {
    std::atomic<int> unavailable = 0;
    house.runtime->activate_jobs(request("w", minutes(1)), [&](Result<Jobs> jobs) {
        if (jobs.has_error() && jobs.error().code == ErrorCode::unavailable) ++unavailable;
    });
    house.runtime->wait_idle();
    house.close();
    EXPECT_EQ(unavailable, 1);
    house.open();
}

TEST_P(JobsOnEachStorage, SeveralTenantsAreLookedAtInTheirOrder) {
    const TenantId other("dresden");
    ASSERT_TRUE(house.runtime->ensure_tenant(other).has_value());
    Submission there = house.creation("abruf");
    there.tenant = other;
    ASSERT_TRUE(house.runtime->submit_and_wait(there).has_value());
    JobRequest both = request();
    both.tenants = {house.tenant, other};
    EXPECT_EQ(activate(both).value().at(0).tenant, other);
    both.tenants = {TenantId("unbekannt")};
    EXPECT_EQ(activate(both).error().code, ErrorCode::not_found);
    both.tenants.clear();
    EXPECT_EQ(activate(both).error().code, ErrorCode::invalid_input);
}

TEST_P(JobsOnEachStorage, AStreamIsPushedWhatItHasCreditFor) {
    std::atomic<int> pushed = 0;
    const StreamId stream =
        house.runtime->open_job_stream({{house.tenant}, "abruf", "w", minutes(1), {}},
                                       [&](Jobs jobs) { pushed += static_cast<int>(jobs.size()); });
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(house.create("abruf").has_value());
    house.runtime->wait_idle();
    EXPECT_EQ(pushed, 0);
    house.runtime->add_job_credit(stream, 3);
    house.runtime->wait_idle();
    EXPECT_EQ(pushed, 3);
    house.runtime->add_job_credit(stream, 3);
    house.runtime->wait_idle();
    EXPECT_EQ(pushed, 5);
    ASSERT_TRUE(house.create("abruf").has_value());
    ASSERT_TRUE(house.create("abruf").has_value());
    house.runtime->wait_idle();
    EXPECT_EQ(pushed, 6);
    house.runtime->add_job_credit(stream, 10);
    house.runtime->wait_idle();
    house.runtime->close_job_stream(stream);
    ASSERT_TRUE(house.create("abruf").has_value());
    house.runtime->wait_idle();
    EXPECT_EQ(pushed, 7);
}

TEST_P(JobsOnEachStorage, TheEndOfACaseIsAwaited) {
    ASSERT_TRUE(house.create("antrag").has_value());
    const ElementKey task = house.task_of(CaseId(1));
    const auto await = [&](milliseconds wait) {
        auto promise = std::make_shared<std::promise<Result<CaseRow>>>();
        house.runtime->await_case(house.tenant, CaseId(1), wait,
                                  [promise](Result<CaseRow> row) { promise->set_value(row); });
        house.runtime->wait_idle();
        return promise->get_future();
    };
    EXPECT_EQ(await(milliseconds(0)).get().value().status, engine::CaseStatus::active);
    auto short_wait = await(seconds(1));
    auto long_wait = await(minutes(1));
    EXPECT_EQ(house.runtime->metrics().waiting, 2U);
    house.clock.advance(seconds(1));
    house.runtime->wait_idle();
    EXPECT_EQ(short_wait.get().value().status, engine::CaseStatus::active);
    ASSERT_TRUE(house.runtime->submit_and_wait(house.completion(CaseId(1), task)).has_value());
    EXPECT_EQ(long_wait.get().value().status, engine::CaseStatus::completed);
    EXPECT_EQ(await(minutes(1)).get().value().status, engine::CaseStatus::completed);
    std::promise<Result<CaseRow>> none;
    house.runtime->await_case(house.tenant, CaseId(9), minutes(1),
                              [&](Result<CaseRow> row) { none.set_value(row); });
    EXPECT_EQ(none.get_future().get().error().code, ErrorCode::not_found);
    auto stopped = await(minutes(1));
}

TEST(Jobs, AFailedCommitLocksNothing) {
    House house("faulty");
    house.open_with_tenant();
    ASSERT_TRUE(house.create("abruf").has_value());
    JobRequest request;
    request.tenants = {house.tenant};
    request.type = "abruf";
    request.lock = minutes(1);
    request.wait = milliseconds(-1);
    const auto ask = [&] {
        std::promise<Result<Jobs>> promise;
        house.runtime->activate_jobs(
            request, [&](Result<Jobs> jobs) { promise.set_value(std::move(jobs)); });
        return promise.get_future().get();
    };
    house.plan.fail_commit = house.plan.commits + 1;
    EXPECT_EQ(ask().error().code, ErrorCode::storage_failed);
    EXPECT_EQ(ask().value().size(), 1U);
}

}  // namespace
}  // namespace schwarm::runtime::test
