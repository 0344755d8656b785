// Messages: correlation, keeping them, start events, and those that cases send.
#include "house.hpp"

namespace schwarm::runtime::test {
namespace {

using std::chrono::milliseconds;

class MessagesOnEachStorage : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override { house.open_with_tenant(); }

    static Message message(const char* name, const char* key = "K", milliseconds ttl = {},
                           const char* id = "") {
        Message out;
        out.name = name;
        out.correlation_key = key;
        out.time_to_live = ttl;
        out.id = id;
        out.variables.set("wert", feel::Value(7));
        return out;
    }
    Result<Published> publish(const Message& sent) {
        std::promise<Result<Published>> promise;
        house.runtime->publish_message(house.tenant, sent, "amt",
                                       [&](Result<Published> out) { promise.set_value(out); });
        return promise.get_future().get();
    }
    Result<Published> correlate(const Message& sent) {
        std::promise<Result<Published>> promise;
        house.runtime->correlate_message(house.tenant, sent, "amt",
                                         [&](Result<Published> out) { promise.set_value(out); });
        return promise.get_future().get();
    }
    engine::CaseStatus status(std::uint64_t id) {
        return house.view().case_row(CaseId(id)).value().status;
    }

    // After the time for which the tests keep them.
    void expect_all_expired() {
        house.move(minutes(5));
        EXPECT_EQ(house.row_count(Space::messages), 0U);
        house.expect_verified();
    }

    House house{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Storages, MessagesOnEachStorage,
                         ::testing::Values("memory", "faulty", "sqlite"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(MessagesOnEachStorage, OneOfEachProcessGetsIt) {
    ASSERT_TRUE(house.create("warten", "K").has_value());
    ASSERT_TRUE(house.create("warten", "K").has_value());
    ASSERT_TRUE(house.create("zweite", "K").has_value());
    ASSERT_TRUE(house.create("warten", "anderer").has_value());
    const auto rows = house.view().subscriptions("antwort", "K").value();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].process_id + " " + rows[0].element_id, "warten empfangen");
    EXPECT_EQ(rows[0].process_instance, ElementKey(1));
    const Published out = publish(message("antwort")).value();
    ASSERT_EQ(out.correlated.size(), 2U);
    EXPECT_EQ(out.correlated[0].case_id, CaseId(1));
    EXPECT_EQ(out.correlated[0].subscription, rows[0].key);
    EXPECT_EQ(out.correlated[1].case_id, CaseId(3));
    EXPECT_NE(out.key, 0U);
    EXPECT_EQ(local_of(out.key), 0U);
    EXPECT_EQ(status(1), engine::CaseStatus::completed);
    EXPECT_EQ(status(2), engine::CaseStatus::active);
    EXPECT_EQ(*house.view().case_state(CaseId(1)).value().variables.find("wert"), feel::Value(7));
    EXPECT_EQ(publish(message("antwort")).value().correlated.at(0).case_id, CaseId(2));
    EXPECT_TRUE(publish(message("antwort")).value().correlated.empty());
    EXPECT_EQ(house.row_count(Space::messages), 0U);
    EXPECT_EQ(publish(message("")).error().code, ErrorCode::invalid_input);
    house.expect_verified();
}

TEST_P(MessagesOnEachStorage, CorrelatingAtOnceNeedsSomebodyWhoWaits) {
    EXPECT_EQ(correlate(message("antwort", "K", minutes(5))).error().code, ErrorCode::not_found);
    EXPECT_EQ(house.row_count(Space::messages), 0U);
    ASSERT_TRUE(house.create("warten", "K").has_value());
    EXPECT_EQ(correlate(message("antwort")).value().correlated.size(), 1U);
}

TEST_P(MessagesOnEachStorage, AKeptMessageReachesWhoComesLater) {
    EXPECT_TRUE(publish(message("antwort", "K", minutes(5), "id")).value().correlated.empty());
    EXPECT_EQ(publish(message("antwort", "K", minutes(5), "id")).error().code, ErrorCode::conflict);
    EXPECT_TRUE(publish(message("antwort", "L", minutes(5), "id")).has_value());
    house.reopen();
    EXPECT_EQ(house.create("warten", "K").value().case_id, CaseId(1));
    EXPECT_EQ(status(1), engine::CaseStatus::completed);
    ASSERT_TRUE(house.create("warten", "K").has_value());
    EXPECT_EQ(status(2), engine::CaseStatus::active) << "once for each process";
    ASSERT_TRUE(house.create("zweite", "K").has_value());
    EXPECT_EQ(status(3), engine::CaseStatus::completed);
    house.clock.advance(minutes(5));
    house.runtime->wait_idle();
    EXPECT_EQ(house.row_count(Space::messages), 0U);
    EXPECT_TRUE(publish(message("antwort", "M", minutes(5), "id")).has_value());
    house.clock.advance(minutes(5) - milliseconds(1));
    house.reopen();
    house.runtime->wait_idle();
    EXPECT_GT(house.row_count(Space::messages), 0U);
    house.clock.advance(milliseconds(1));
    house.runtime->wait_idle();
    EXPECT_EQ(house.row_count(Space::messages), 0U);
    house.expect_verified();
}

TEST_P(MessagesOnEachStorage, ForOneCaseItIsGivenOnceAndNotKept) {
    ASSERT_TRUE(house.create("warten", "K").has_value());
    ASSERT_TRUE(house.create("warten", "K").has_value());
    Message alone = message("antwort", "K", minutes(5));
    alone.only_for = CaseId(2);
    EXPECT_EQ(publish(alone).value().correlated.at(0).case_id, CaseId(2));
    EXPECT_EQ(status(1), engine::CaseStatus::active);
    EXPECT_EQ(house.row_count(Space::messages), 0U);
    // Who waits for it later gets it from the key of the case, and nothing is left either.
    ASSERT_TRUE(house.create("warten", "L").has_value());
    Message early = message("antwort", "K", minutes(5));
    early.only_for = CaseId(3);
    EXPECT_TRUE(publish(early).value().correlated.empty());
    EXPECT_EQ(house.row_count(Space::messages), 4U);
    house.reopen();
    ASSERT_TRUE(house.create("zweite", "K").has_value());
    EXPECT_EQ(status(4), engine::CaseStatus::active) << "it is for another one";
    EXPECT_EQ(house.row_count(Space::messages), 4U);
    expect_all_expired();
}

TEST_P(MessagesOnEachStorage, ForOneCaseItGoesWithItsDeletion) {
    ASSERT_TRUE(house.create("warten", "K").has_value());
    Message unread = message("spaeter", "K", minutes(5), "id");
    unread.only_for = CaseId(1);
    ASSERT_TRUE(publish(unread).has_value());
    ASSERT_TRUE(publish(message("spaeter", "K", minutes(5))).has_value());
    ASSERT_EQ(publish(message("antwort")).value().correlated.size(), 1U);
    EXPECT_EQ(house.row_count(Space::messages), 5U + 3U);
    ASSERT_TRUE(
        house.runtime->delete_case(house.tenant, {CaseId(1), "§ 67 SGB X", "amt"}).has_value());
    EXPECT_EQ(house.row_count(Space::messages), 3U);
    expect_all_expired();
}

TEST_P(MessagesOnEachStorage, TheOldestKeptMessageComesFirst) {
    Message first = message("antwort", "K", minutes(5));
    first.variables.set("wert", feel::Value(1));
    ASSERT_TRUE(publish(first).has_value());
    ASSERT_TRUE(publish(message("antwort", "K", minutes(5))).has_value());
    for (const int wanted : {1, 7}) {
        const CaseId id = house.create("warten", "K").value().case_id;
        EXPECT_EQ(*house.view().case_state(id).value().variables.find("wert"), feel::Value(wanted));
    }
}

TEST_P(MessagesOnEachStorage, AStartEventBeginsOneInstanceOfAKeyAtATime) {
    const Published first = publish(message("neu")).value();
    ASSERT_EQ(first.correlated.size(), 1U);
    EXPECT_EQ(first.correlated[0].case_id, CaseId(1));
    EXPECT_EQ(first.correlated[0].subscription, engine::SubscriptionKey());
    EXPECT_TRUE(publish(message("neu")).value().correlated.empty());
    EXPECT_TRUE(publish(message("neu", "K", minutes(5))).value().correlated.empty());
    EXPECT_EQ(publish(message("neu", "L")).value().correlated.size(), 1U);
    EXPECT_EQ(publish(message("neu", "")).value().correlated.size(), 1U);
    EXPECT_EQ(publish(message("neu", "")).value().correlated.size(), 1U);
    EXPECT_EQ(house.case_count(), 4U);
    house.reopen();
    // The end of the first one lets the kept message begin the next.
    ASSERT_TRUE(house.complete(CaseId(1)).has_value());
    EXPECT_EQ(house.case_count(), 5U);
    EXPECT_EQ(status(5), engine::CaseStatus::active);
    EXPECT_TRUE(publish(message("neu")).value().correlated.empty());
    ASSERT_TRUE(house.complete(CaseId(5)).has_value());
    EXPECT_EQ(house.case_count(), 5U);
    EXPECT_EQ(publish(message("neu")).value().correlated.size(), 1U);
    house.expect_verified();
}

TEST_P(MessagesOnEachStorage, WhatACaseSendsReachesAnotherOnce) {
    ASSERT_TRUE(house.create("warten", "K").has_value());
    ASSERT_TRUE(house.create("warten", "K").has_value());
    ASSERT_TRUE(house.create("sender", "K").has_value());
    house.runtime->wait_idle();
    EXPECT_EQ(status(1), engine::CaseStatus::completed);
    EXPECT_EQ(status(2), engine::CaseStatus::active);
    EXPECT_EQ(house.row_count(Space::outbox), 0U);
    house.reopen();
    house.runtime->wait_idle();
    EXPECT_EQ(status(2), engine::CaseStatus::active);
    house.expect_verified();
}

TEST_P(MessagesOnEachStorage, ASignalReachesAllWhoWaitWhenItIsSent) {
    for (int i = 0; i < 250; ++i) house.runtime->submit(house.creation("horcher"), [](auto) {});
    house.runtime->wait_idle();
    const auto broadcast = [&](const char* name) {
        std::promise<Result<std::uint64_t>> promise;
        house.runtime->broadcast_signal(house.tenant, {name, {{"wert", feel::Value(7)}}, {}}, "amt",
                                        [&](Result<std::uint64_t> key) { promise.set_value(key); });
        const auto key = promise.get_future().get();
        house.reopen();
        house.runtime->wait_idle();
        return key;
    };
    EXPECT_EQ(broadcast("").error().code, ErrorCode::invalid_input);
    EXPECT_EQ(local_of(broadcast("alarm").value()), 0U);
    // Each goes one step, though it waits for the same signal again; one more case has begun.
    EXPECT_EQ(house.row_count(Space::batches), 0U);
    for (const std::uint64_t id : {1U, 100U, 101U, 250U}) {
        EXPECT_EQ(house.view().history(CaseId(id)).value().size(), 2U) << id;
        EXPECT_EQ(status(id), engine::CaseStatus::active) << id;
    }
    EXPECT_EQ(house.view().case_row(CaseId(251)).value().definition.value(), "amt/alarmiert@1");
    ASSERT_TRUE(broadcast("alarm").has_value());
    for (const std::uint64_t id : {1U, 100U, 101U, 250U}) {
        EXPECT_EQ(status(id), engine::CaseStatus::completed) << id;
    }
    EXPECT_EQ(*house.view().case_state(CaseId(250)).value().variables.find("wert"), feel::Value(7));
    house.expect_verified();
}

TEST_P(MessagesOnEachStorage, ASignalThatACaseThrowsReachesOthersOnce) {
    ASSERT_TRUE(house.create("horcher").has_value());
    ASSERT_TRUE(house.create("rufer").has_value());
    house.runtime->wait_idle();
    EXPECT_EQ(house.view().history(CaseId(1)).value().size(), 2U);
    EXPECT_EQ(house.row_count(Space::outbox), 0U);
    EXPECT_EQ(house.case_count(), 3U);
}

class TwoWorlds : public MessagesOnEachStorage {
  protected:
    void SetUp() override {
        house.options.apart = ServiceId("land");
        house.definitions.two_services = true;
        house.open_with_tenant();
    }
    CaseId create(const char* service, const char* process) {
        auto submission = house.creation(process, "K");
        std::get<engine::CreateCase>(submission.command.body).definition =
            engine::DefinitionKey(std::string(service) + "/" + process + "@1");
        return house.runtime->submit_and_wait(submission).value().case_id;
    }
    std::uint64_t ended(const std::vector<CaseId>& cases) {
        house.runtime->wait_idle();
        return static_cast<std::uint64_t>(std::count_if(cases.begin(), cases.end(), [&](CaseId id) {
            return status(id.value()) == engine::CaseStatus::completed;
        }));
    }
    std::size_t steps(CaseId id) {
        house.runtime->wait_idle();
        return house.view().history(id).value().size();
    }
};
INSTANTIATE_TEST_SUITE_P(Storages, TwoWorlds, ::testing::Values("memory", "sqlite"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(TwoWorlds, AMessageReachesItsAudienceOnly) {
    const CaseId land = create("land", "warten");
    const CaseId amt = create("amt", "warten");
    Message sent = message("antwort");
    sent.audience = {ServiceId("amt"), false};
    EXPECT_EQ(publish(sent).value().correlated.at(0).case_id, amt);
    EXPECT_EQ(correlate(sent).error().code, ErrorCode::not_found);
    sent.audience = {ServiceId("land"), true};
    EXPECT_EQ(correlate(sent).error().code, ErrorCode::not_found);
    EXPECT_EQ(ended({land}), 0U);
    sent = message("neu", "");
    sent.audience = {ServiceId("land"), false};
    const auto begun = publish(sent).value().correlated;
    ASSERT_EQ(begun.size(), 1U);
    EXPECT_EQ(house.view().case_row(begun[0].case_id).value().service, ServiceId("land"));
}

TEST_P(TwoWorlds, AKeptMessageKeepsItsAudience) {
    Message sent = message("antwort", "K", minutes(5));
    sent.audience = {ServiceId("land"), false};
    ASSERT_TRUE(publish(sent).value().correlated.empty());
    house.reopen();
    EXPECT_EQ(ended({create("amt", "warten")}), 0U);
    EXPECT_EQ(ended({create("land", "warten")}), 1U);
}

TEST_P(TwoWorlds, WhatCasesSendStaysInTheirWorld) {
    const CaseId land = create("land", "warten");
    const CaseId amt = create("amt", "warten");
    create("land", "sender");
    EXPECT_EQ(ended({land}), 1U);
    EXPECT_EQ(ended({amt}), 0U);
    create("amt", "sender");
    EXPECT_EQ(ended({amt}), 1U);
    const CaseId near = create("land", "horcher");
    const CaseId far = create("amt", "horcher");
    create("land", "rufer");
    EXPECT_EQ(steps(near), 2U);
    EXPECT_EQ(steps(far), 1U);
    create("amt", "rufer");
    EXPECT_EQ(steps(near), 2U);
    EXPECT_EQ(steps(far), 2U);
    house.expect_verified();
}

TEST(Messages, AFailedCommitCorrelatesNothing) {
    House house("faulty");
    house.open_with_tenant();
    ASSERT_TRUE(house.create("warten", "K").has_value());
    ASSERT_TRUE(house.create("zweite", "K").has_value());
    Message sent;
    sent.name = "antwort";
    sent.correlation_key = "K";
    const auto publish = [&] {
        std::promise<Result<Published>> promise;
        house.runtime->publish_message(house.tenant, sent, "amt",
                                       [&](Result<Published> out) { promise.set_value(out); });
        return promise.get_future().get();
    };
    house.plan.fail_commit = house.plan.commits + 1;
    EXPECT_EQ(publish().error().code, ErrorCode::storage_failed);
    EXPECT_EQ(house.view().subscriptions("antwort", "K").value().size(), 2U);
    EXPECT_EQ(publish().value().correlated.size(), 2U);
    house.expect_verified();
}

}  // namespace
}  // namespace schwarm::runtime::test
