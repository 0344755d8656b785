#include <set>
#include <thread>

#include "house.hpp"

namespace schwarm::runtime::test {
namespace {

class OnEachStorage : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override { house.open_with_tenant(); }
    // A view must not outlive the storage it reads: reopening needs these scopes.
    void expect_open_task() {
        const ReadView view = house.view();
        const CaseRow row = view.case_row(CaseId(1)).value();
        EXPECT_EQ(row.service, ServiceId("amt"));
        EXPECT_EQ(row.open_tasks, 1U);
        EXPECT_EQ(row.applicant, view.person_hash("buergerin-17"));
        EXPECT_EQ(view.case_state(CaseId(1)).value().variables.find("name")->as_string(), kName);
        const auto tasks = view.tasks("sachbearbeitung").value();
        ASSERT_EQ(tasks.rows.size(), 1U);
        EXPECT_EQ(tasks.rows[0].element_id, "pruefen");
        EXPECT_EQ(tasks.rows[0].name, "Antrag prüfen");
        EXPECT_EQ(tasks.rows[0].form_id, "pruefung");
        EXPECT_EQ(tasks.rows[0].case_id, CaseId(1));
        EXPECT_TRUE(view.tasks("andere").value().rows.empty());
    }
    void expect_completed() {
        const ReadView after = house.view();
        EXPECT_EQ(after.case_row(CaseId(1)).value().status, engine::CaseStatus::completed);
        EXPECT_TRUE(after.tasks("sachbearbeitung").value().rows.empty());
        const auto history = after.history(CaseId(1)).value();
        ASSERT_EQ(history.size(), 2U);
        EXPECT_EQ(history[0].kind, "create_case");
        EXPECT_EQ(history[1].kind, "complete_user_task");
        EXPECT_FALSE(history[1].events.empty());
        const auto print = after.print_queue().value();
        ASSERT_EQ(print.size(), 1U);
        EXPECT_EQ(print[0].name, "bescheid");
        const auto inbox = after.inbox("buergerin-17").value();
        ASSERT_EQ(inbox.size(), 1U);
        EXPECT_EQ(inbox[0].name, "bescheid_da");
        EXPECT_TRUE(after.inbox("andere").value().empty());
    }

    House house{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Storages, OnEachStorage, ::testing::Values("memory", "faulty", "sqlite"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(OnEachStorage, ACaseGoesItsWayAndSurvivesARestart) {
    const auto reply = house.create("antrag");
    ASSERT_TRUE(reply.has_value()) << reply.error().text();
    EXPECT_EQ(reply.value().case_id, CaseId(1));
    EXPECT_EQ(reply.value().status, engine::CaseStatus::active);
    EXPECT_EQ(reply.value().position, 1U);

    house.reopen();
    expect_open_task();
    ASSERT_TRUE(house.complete(CaseId(1)).has_value());
    house.reopen();
    expect_completed();
    house.expect_verified();
}

TEST_P(OnEachStorage, ACommandIdIsCarriedOutOnce) {
    const Reply first = house.create("antrag", "A", "id-1").value();
    EXPECT_FALSE(first.duplicate);
    const Reply again = house.create("antrag", "B", "id-1").value();
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.case_id, first.case_id);
    house.reopen();
    EXPECT_EQ(house.create("antrag", "C", "id-1").value().case_id, first.case_id);
    EXPECT_EQ(house.create("antrag", "C", "id-2").value().case_id, CaseId(2));
    EXPECT_EQ(house.case_count(), 2U);

    Submission completion = house.completion(first.case_id, house.task_of(first.case_id));
    completion.command.id = "id-3";
    EXPECT_FALSE(house.runtime->submit_and_wait(completion).value().duplicate);
    EXPECT_TRUE(house.runtime->submit_and_wait(completion).value().duplicate);
    EXPECT_EQ(house.view().history(first.case_id).value().size(), 2U);
}

TEST_P(OnEachStorage, OldCommandIdsAreForgotten) {
    ASSERT_TRUE(house.create("antrag", "A", "id-1").has_value());
    house.clock.advance(house.options.done_kept * 2);
    EXPECT_EQ(house.create("antrag", "B", "id-2").value().case_id, CaseId(2));
    EXPECT_EQ(house.create("antrag", "C", "id-1").value().case_id, CaseId(3));
    std::size_t rows = 0;
    const auto reader = std::move(house.storage().begin_read().value());
    ASSERT_TRUE(reader
                    ->scan(Space::done, {},
                           [&](std::string_view, std::string_view) {
                               ++rows;
                               return true;
                           })
                    .has_value());
    EXPECT_EQ(rows, 2U);
}

TEST_P(OnEachStorage, ManyCommandsShareACommit) {
    constexpr int kThreads = 4;
    constexpr int kEach = 100;
    house.options.group_commands_max = 64;
    house.reopen();
    std::mutex mutex;
    std::set<CaseId> ids;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < kEach; ++i) {
                house.runtime->submit(house.creation("antrag"), [&](Result<Reply> reply) {
                    const std::lock_guard lock(mutex);
                    if (reply.has_value()) ids.insert(reply.value().case_id);
                });
            }
        });
    }
    for (auto& thread : threads) thread.join();
    house.runtime->wait_idle();
    ASSERT_EQ(ids.size(), std::size_t{kThreads * kEach});
    EXPECT_EQ(ids.rbegin()->value(), std::uint64_t{kThreads * kEach});
    const Metrics metrics = house.runtime->metrics();
    EXPECT_EQ(metrics.commands, std::uint64_t{kThreads * kEach});
    EXPECT_LT(metrics.commits, metrics.commands);
    EXPECT_GT(metrics.group_max, 1U);
    EXPECT_LE(metrics.group_max, 64U);
    EXPECT_EQ(metrics.queue_length, 0U);
    house.expect_verified();
}

TEST_P(OnEachStorage, CommandsOfAGroupSeeOneAnother) {
    ASSERT_TRUE(house.create("antrag").has_value());
    const ElementKey task = house.task_of(CaseId(1));
    std::vector<Result<Reply>> replies;
    std::mutex mutex;
    const auto keep = [&](Result<Reply> reply) {
        const std::lock_guard lock(mutex);
        replies.push_back(std::move(reply));
    };
    for (std::uint64_t id = 2; id <= 50; ++id) {
        house.runtime->submit(house.creation("antrag"), keep);
        house.runtime->submit(house.completion(CaseId(id), task), keep);
        house.runtime->submit(house.completion(CaseId(id), task), keep);
    }
    house.runtime->wait_idle();
    ASSERT_EQ(replies.size(), 49U * 3U);
    for (std::size_t i = 0; i < replies.size(); ++i) {
        if (i % 3 < 2) {
            EXPECT_TRUE(replies[i].has_value()) << i << " " << replies[i].error().text();
        } else {
            EXPECT_TRUE(replies[i].has_error()) << i;
        }
    }
    house.expect_verified();
}

TEST_P(OnEachStorage, TheAnswerComesAfterTheCommit) {
    std::promise<bool> seen;
    house.runtime->submit(house.creation("antrag"), [&](Result<Reply> reply) {
        const auto view = house.runtime->read(house.tenant);
        seen.set_value(view.value().case_row(reply.value().case_id).has_value());
    });
    EXPECT_TRUE(seen.get_future().get());
}

TEST_P(OnEachStorage, ACacheOfOneCaseIsEnough) {
    house.options.cached_cases_max = 1;
    house.reopen();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(house.create("antrag").has_value());
    for (std::uint64_t id = 1; id <= 5; ++id) {
        ASSERT_TRUE(house.complete(CaseId(id)).has_value()) << id;
    }
    const Metrics metrics = house.runtime->metrics();
    EXPECT_GE(metrics.cases_loaded, 4U);
    EXPECT_LE(metrics.cached_cases, 1U);
    house.expect_verified();
}

TEST_P(OnEachStorage, RejectionsChangeNothing) {
    EXPECT_EQ(house.create("gibtsnicht").error().code, ErrorCode::not_found);
    EXPECT_EQ(
        house.runtime->submit_and_wait(house.completion(CaseId(9), ElementKey(1))).error().code,
        ErrorCode::not_found);
    Submission elsewhere = house.creation("antrag");
    elsewhere.tenant = TenantId("unbekannt");
    EXPECT_EQ(house.runtime->submit_and_wait(elsewhere).error().code, ErrorCode::not_found);
    Submission refused = house.creation("antrag");
    refused.also = [](WriteBatch&, CaseId) -> Result<void> {
        return fail(ErrorCode::conflict, "no");
    };
    EXPECT_EQ(house.runtime->submit_and_wait(refused).error().code, ErrorCode::conflict);
    EXPECT_EQ(house.case_count(), 0U);
    EXPECT_EQ(house.create("antrag").value().case_id, CaseId(1));
    house.expect_verified();
}

TEST_P(OnEachStorage, TenantsAreApart) {
    const TenantId other("dresden");
    ASSERT_TRUE(house.runtime->ensure_tenant(other).has_value());
    ASSERT_TRUE(house.runtime->ensure_tenant(other).has_value());
    EXPECT_EQ(house.runtime->ensure_tenant(TenantId("Groß")).error().code,
              ErrorCode::invalid_input);
    ASSERT_TRUE(house.create("antrag").has_value());
    Submission there = house.creation("antrag", "Anderer Name");
    there.tenant = other;
    EXPECT_EQ(house.runtime->submit_and_wait(there).value().case_id, CaseId(1));
    house.reopen();
    EXPECT_EQ(house.runtime->tenants(), (std::vector<TenantId>{other, house.tenant}));
    const ReadView view = std::move(house.runtime->read(other).value());
    EXPECT_EQ(view.case_state(CaseId(1)).value().variables.find("name")->as_string(),
              "Anderer Name");
    EXPECT_NE(view.person_hash("x"), house.view().person_hash("x"));
    EXPECT_EQ(house.runtime->read(TenantId("unbekannt")).error().code, ErrorCode::not_found);
}

TEST_P(OnEachStorage, TimersFireWhenDue) {
    ASSERT_TRUE(house.create("frist").has_value());
    house.clock.advance(minutes(9));
    house.runtime->wait_idle();
    EXPECT_EQ(house.view().case_row(CaseId(1)).value().status, engine::CaseStatus::active);
    house.reopen();
    house.clock.advance(minutes(1));
    house.runtime->wait_idle();
    EXPECT_EQ(house.view().case_row(CaseId(1)).value().status, engine::CaseStatus::completed);
    EXPECT_EQ(house.runtime->metrics().timers_fired, 1U);
    EXPECT_EQ(house.runtime->metrics().timers_in_page, 0U);
    house.clock.advance(minutes(60));
    house.runtime->wait_idle();
    EXPECT_EQ(house.runtime->metrics().timers_fired, 1U);
    house.expect_verified();
}

TEST_P(OnEachStorage, TimersBeyondThePageFireToo) {
    house.options.timer_page = std::chrono::seconds(30);
    house.reopen();
    for (int i = 0; i < 300; ++i) ASSERT_TRUE(house.create("frist").has_value());
    EXPECT_EQ(house.runtime->metrics().timers_in_page, 0U);
    house.clock.advance(minutes(11));
    house.runtime->wait_idle();
    EXPECT_EQ(house.runtime->metrics().timers_fired, 300U);
    CaseFilter active;
    active.status = engine::CaseStatus::active;
    EXPECT_TRUE(house.view().cases(active).value().rows.empty());
}

// More timers at one moment than a page holds: each fires once, and a command need not wait for
// all.
TEST_P(OnEachStorage, AFloodOfTimersLeavesRoomForCommands) {
    constexpr std::uint64_t kTimers = 5000;
    for (std::uint64_t i = 0; i < kTimers; ++i) {
        house.runtime->submit(house.creation("frist"), [](auto) {});
        if (i % 1000 == 999) house.runtime->wait_idle();
    }
    house.reopen();
    std::promise<std::uint64_t> fired;
    house.clock.advance(minutes(10));
    house.runtime->wake();
    house.runtime->submit(house.creation("antrag"), [&](Result<Reply> reply) {
        EXPECT_TRUE(reply.has_value());
        fired.set_value(house.runtime->metrics().timers_fired);
    });
    EXPECT_LT(fired.get_future().get(), kTimers);
    house.runtime->wait_idle();
    EXPECT_EQ(house.runtime->metrics().timers_fired, kTimers);
    EXPECT_EQ(house.runtime->metrics().timer_overdue.count(), 0);
    EXPECT_EQ(house.row_count(Space::timers), 0U);
}

TEST_P(OnEachStorage, TheOutboxDeliversAtLeastOnce) {
    std::atomic<int> calls = 0;
    house.handlers["fax"] = [&](const OutboxItem& item) -> Result<void> {
        EXPECT_EQ(item.effect.name, "post");
        EXPECT_EQ(item.case_id, CaseId(1));
        if (++calls < 3) return fail(ErrorCode::unavailable, "the line is down");
        return {};
    };
    house.reopen();
    ASSERT_TRUE(house.create("versand").has_value());
    house.runtime->wait_idle();
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(house.runtime->metrics().outbox_waiting, 1U);
    EXPECT_EQ(house.runtime->metrics().outbox_failures, 1U);
    house.reopen();
    house.runtime->wait_idle();
    EXPECT_EQ(calls, 2);
    house.clock.advance(house.options.outbox_retry);
    house.runtime->wake();
    house.runtime->wait_idle();
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(house.runtime->metrics().outbox_waiting, 0U);
    EXPECT_EQ(house.runtime->metrics().outbox_delivered, 1U);
    house.reopen();
    house.runtime->wait_idle();
    EXPECT_EQ(calls, 3);
}

TEST_P(OnEachStorage, AnEffectNobodyHandlesWaits) {
    ASSERT_TRUE(house.create("versand").has_value());
    house.runtime->wait_idle();
    EXPECT_EQ(house.runtime->metrics().outbox_waiting, 1U);
    std::atomic<int> calls = 0;
    house.handlers["fax"] = [&](const OutboxItem&) -> Result<void> {
        ++calls;
        return {};
    };
    house.reopen();
    house.runtime->wait_idle();
    EXPECT_EQ(calls, 1);
}

TEST_P(OnEachStorage, AProgramErrorQuarantinesOneCase) {
    ASSERT_TRUE(house.create("kaputt").has_value());
    ASSERT_TRUE(house.create("kaputt").has_value());
    const ElementKey task = house.task_of(CaseId(1));
    const Submission completion = house.completion(CaseId(1), task);
    EXPECT_EQ(house.runtime->submit_and_wait(completion).error().code, ErrorCode::quarantined);
    EXPECT_EQ(house.runtime->metrics().quarantined, 1U);
    EXPECT_NE(house.log().find("on purpose"), std::string::npos);
    EXPECT_EQ(house.log().find(kName), std::string::npos);
    ASSERT_TRUE(house.create("antrag").has_value());

    house.definitions.breaks = false;
    house.reopen();
    EXPECT_TRUE(house.view().case_row(CaseId(1)).value().quarantined);
    EXPECT_EQ(house.runtime->submit_and_wait(completion).error().code, ErrorCode::quarantined);
    EXPECT_TRUE(house.complete(CaseId(2)).has_value());
    CaseFilter filter;
    filter.quarantined_only = true;
    EXPECT_EQ(house.view().cases(filter).value().rows.size(), 1U);
    ASSERT_TRUE(house.runtime->release_quarantine(house.tenant, CaseId(1), "admin").has_value());
    EXPECT_EQ(house.runtime->release_quarantine(house.tenant, CaseId(1), "admin").error().code,
              ErrorCode::conflict);
    EXPECT_EQ(house.runtime->submit_and_wait(completion).value().status,
              engine::CaseStatus::completed);
    house.expect_verified();
}

TEST_P(OnEachStorage, AFullQueueIsSaidAtOnce) {
    house.options.queue_max = 10;
    house.reopen();
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
    int refused = 0;
    for (int i = 0; i < 15; ++i) {
        house.runtime->submit(house.creation("antrag"), [&](Result<Reply> reply) {
            if (reply.has_error() && reply.error().code == ErrorCode::too_many_requests) ++refused;
        });
    }
    EXPECT_EQ(refused, 5);
    go_on.set_value();
    house.runtime->wait_idle();
    EXPECT_EQ(house.case_count(), 10U);
    EXPECT_EQ(house.runtime->metrics().refused, 5U);
}

TEST_P(OnEachStorage, GroupsThatAreFullWithFewCommandsMoveOn) {
    house.options.group_bytes_max = 1;
    house.reopen();
    for (int i = 0; i < 40; ++i) house.runtime->submit(house.creation("antrag"), [](auto) {});
    house.runtime->wait_idle();
    EXPECT_EQ(house.case_count(), 40U);
}

TEST_P(OnEachStorage, SmallWritesShareTheCommit) {
    const auto written = house.runtime->write_and_wait(house.tenant, [](WriteBatch& batch) {
        batch.put(Space::settings, "farbe", "blau");
        EXPECT_EQ(batch.get(Space::settings, "farbe").value(), "blau");
        EXPECT_EQ(batch.next_number("akte").value(), 1U);
        EXPECT_EQ(batch.next_number("akte").value(), 2U);
        return batch.put_draft("entwurf-1", std::string("{\"name\":\"") + kName + "\"}",
                               batch.now() + std::chrono::hours(1));
    });
    ASSERT_TRUE(written.has_value()) << written.error().text();
    EXPECT_TRUE(house.runtime
                    ->write_and_wait(house.tenant,
                                     [](WriteBatch& batch) -> Result<void> {
                                         batch.put(Space::settings, "farbe", "rot");
                                         return fail(ErrorCode::conflict, "no");
                                     })
                    .has_error());
    house.reopen();
    EXPECT_EQ(house.view().get(Space::settings, "farbe").value(), "blau");
    EXPECT_NE(house.view().draft("entwurf-1").value().content.find(kName), std::string::npos);
    ASSERT_TRUE(house.runtime
                    ->write_and_wait(house.tenant,
                                     [](WriteBatch& batch) -> Result<void> {
                                         EXPECT_EQ(batch.next_number("akte").value(), 3U);
                                         return batch.erase_draft("entwurf-1");
                                     })
                    .has_value());
    EXPECT_EQ(house.view().draft("entwurf-1").error().code, ErrorCode::not_found);
}

TEST_P(OnEachStorage, DraftsExpire) {
    const auto save = [&](const char* id, int hours) {
        return house.runtime->write_and_wait(house.tenant, [&](WriteBatch& batch) {
            return batch.put_draft(id, kName, batch.now() + std::chrono::hours(hours));
        });
    };
    ASSERT_TRUE(save("kurz", 1).has_value());
    ASSERT_TRUE(save("verlängert", 1).has_value());
    ASSERT_TRUE(save("verlängert", 3).has_value());
    house.clock.advance(minutes(90));
    house.reopen();
    house.runtime->wait_idle();
    EXPECT_EQ(house.view().draft("kurz").error().code, ErrorCode::not_found);
    EXPECT_EQ(house.view().draft("verlängert").value().content, kName);
    house.clock.advance(minutes(90));
    house.runtime->wait_idle();
    EXPECT_EQ(house.view().draft("verlängert").error().code, ErrorCode::not_found);
    const auto reader = std::move(house.storage().begin_read().value());
    for (const Space space : {Space::drafts, Space::timers}) {
        ASSERT_TRUE(reader
                        ->scan(space, {},
                               [&](std::string_view, std::string_view) {
                                   ADD_FAILURE() << "a row is left in " << name_of(space);
                                   return true;
                               })
                        .has_value());
    }
}

TEST_P(OnEachStorage, DocumentsInboxAndPrintQueue) {
    Submission creation = house.creation("antrag");
    creation.also = [](WriteBatch& batch, CaseId id) -> Result<void> {
        SCHWARM_TRY_VOID(batch.index_person(id, "ort", "Leipzig"));
        return batch.put_document(id, "mietvertrag.pdf", "Inhalt");
    };
    const CaseId id = house.runtime->submit_and_wait(creation).value().case_id;
    ASSERT_TRUE(house.complete(id).has_value());
    house.reopen();
    const ReadView view = house.view();
    EXPECT_EQ(view.document(id, "mietvertrag.pdf").value(), "Inhalt");
    EXPECT_EQ(view.document(id, "anderes").error().code, ErrorCode::not_found);
    EXPECT_EQ(view.document_names(id).value(), (std::vector<std::string>{"mietvertrag.pdf"}));
    EXPECT_EQ(view.find_cases("ort", "Leipzig").value(), (std::vector<CaseId>{id}));
    EXPECT_EQ(view.find_cases("iban", kIban).value(), (std::vector<CaseId>{id}));
    EXPECT_TRUE(view.find_cases("iban", "DE00").value().empty());
    const std::string message = view.inbox("buergerin-17").value().at(0).id;
    const std::string job = view.print_queue().value().at(0).id;
    const auto finish = [&](WriteBatch& batch) -> Result<void> {
        SCHWARM_TRY_VOID(batch.mark_read(message));
        return batch.finish_print(job);
    };
    EXPECT_TRUE(house.runtime->write_and_wait(house.tenant, finish).has_value());
    EXPECT_EQ(house.runtime->write_and_wait(house.tenant, finish).error().code,
              ErrorCode::not_found);
    EXPECT_TRUE(house.view().inbox("buergerin-17").value().at(0).read);
    EXPECT_TRUE(house.view().print_queue().value().empty());
}

TEST_P(OnEachStorage, ListsCasesPageByPage) {
    for (int i = 0; i < 7; ++i) ASSERT_TRUE(house.create("antrag").has_value());
    ASSERT_TRUE(house.complete(CaseId(3)).has_value());
    const ReadView view = house.view();
    CaseFilter filter;
    filter.limit = 3;
    std::string seen;
    for (int page = 0; page < 4; ++page) {
        const auto rows = view.cases(filter).value();
        for (const CaseRow& row : rows.rows) seen += std::to_string(row.id.value());
        filter.cursor = rows.next;
        if (rows.next.empty()) break;
    }
    EXPECT_EQ(seen, "7654321");
    CaseFilter completed;
    completed.status = engine::CaseStatus::completed;
    completed.service = ServiceId("amt");
    completed.applicant = "buergerin-17";
    ASSERT_EQ(view.cases(completed).value().rows.size(), 1U);
    completed.rows_max = 2;
    const auto cut = view.cases(completed).value();
    EXPECT_TRUE(cut.truncated && cut.rows.empty());
    completed.applicant = "andere";
    EXPECT_TRUE(view.cases(completed).value().rows.empty());
    filter.cursor = "x";
    EXPECT_EQ(view.cases(filter).error().code, ErrorCode::invalid_input);

    const auto tasks = view.tasks("sachbearbeitung", 4).value();
    ASSERT_EQ(tasks.rows.size(), 4U);
    EXPECT_EQ(view.tasks("sachbearbeitung", 4, tasks.next).value().rows.size(), 2U);
}

TEST_P(OnEachStorage, TheAuditLogSaysWhoDidWhat) {
    ASSERT_TRUE(house.create("antrag").has_value());
    ASSERT_TRUE(house.complete(CaseId(1)).has_value());
    ASSERT_TRUE(house.runtime
                    ->write_and_wait(house.tenant,
                                     [](WriteBatch& batch) {
                                         return batch.audit("amtmann", "read", CaseId(1), "Akte");
                                     })
                    .has_value());
    house.reopen();
    const auto lines = house.view().audit().value();
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0].action + " " + lines[0].actor + " " + lines[0].detail, "read amtmann Akte");
    EXPECT_EQ(lines[1].action, "complete_user_task");
    EXPECT_EQ(lines[2].actor, "buergerin-17");
    EXPECT_EQ(lines[2].case_id, CaseId(1));
}

}  // namespace
}  // namespace schwarm::runtime::test
