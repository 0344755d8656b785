#include "schwarm/post/restored.hpp"

#include <gtest/gtest.h>

#include "restored_rows.hpp"
#include "restored_texts.hpp"
#include "schwarm/storage/key.hpp"
#include "schwarm/storage/memory.hpp"

namespace schwarm::post {
namespace {

using storage::Space;

Instant at(std::int64_t milliseconds) {
    return Instant(std::chrono::milliseconds(milliseconds));
}

TEST(Restored, WhatNeverComesIsWhatIsNeitherTakenNorOpen) {
    EXPECT_EQ(gaps_between(3, 3, {}), Gaps{});
    EXPECT_EQ(gaps_between(3, 6, {3, 4, 5}), Gaps{});
    EXPECT_EQ(gaps_between(3, 9, {1, 4, 5, 8, 20}), (Gaps{{3, 3}, {6, 7}}));
    EXPECT_EQ(gaps_between(1, 4, {}), (Gaps{{1, 3}}));
    // Of a list that was cut off only what lies before its end is known.
    std::vector<std::uint64_t> many;
    for (std::uint64_t i = 2; many.size() < kOpenMax; ++i) many.push_back(i);
    EXPECT_EQ(gaps_between(1, 5000, many), (Gaps{{1, 1}}));
}

TEST(Restored, WhatNeverComesIsPassedOver) {
    const Gaps gaps{{3, 3}, {6, 9}};
    EXPECT_EQ(pass(gaps, 2, {}), 2U);
    EXPECT_EQ(pass(gaps, 3, {}), 4U);
    EXPECT_EQ(pass(gaps, 6, {}), 10U);
    // One that came nevertheless is taken.
    EXPECT_EQ(pass(gaps, 6, 8), 8U);
    EXPECT_EQ(pass(gaps, 8, 8), 8U);
    EXPECT_EQ(pass(gaps, 9, 40), 10U);
    EXPECT_EQ(decode_gaps(encode_gaps(gaps)).value(), gaps);
    const std::string bytes = encode_gaps(gaps);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_gaps(bytes.substr(0, size)).has_value()) << size;
    }
}

TEST(Restored, QuestionsAndAnswersComeBackWhole) {
    RestoredQuestion again;
    again.tenant = TenantId("amt");
    again.since = at(1'767'225'600'000);
    again.after = "stelle:00ff";
    EXPECT_TRUE(is_restored_question(again.write()));
    const auto read = RestoredQuestion::read(again.write()).value();
    EXPECT_EQ(read.ask, Ask::again);
    EXPECT_EQ(read.since, again.since);
    EXPECT_EQ(read.after, again.after);

    RestoredAnswer answer;
    answer.next = "stelle:";
    answer.count = 3;
    answer.of = TenantId("stelle");
    answer.told = {{"c", 2, 7, 4, {1, 3}}};
    const auto back = RestoredAnswer::read(answer.write()).value();
    EXPECT_EQ(back.next, answer.next);
    EXPECT_EQ(back.of, answer.of);
    ASSERT_EQ(back.told.size(), 1U);
    EXPECT_EQ(back.told[0].received, 7U);
    EXPECT_EQ(back.told[0].open, answer.told[0].open);
}

TEST(Restored, OtherTextsAreRefused) {
    EXPECT_FALSE(is_restored_question(R"({"envelopes":[]})"));
    for (const char* text : {
             "",
             R"({"restored":1})",
             R"({"restored":{"ask":"everything","tenant":"a"}})",
             R"({"restored":{"ask":"open","tenant":"a","conversations":[{"id":"x"}]}})",
             R"({"restored":{"ask":"open","tenant":"a","conversations":[{"id":"x","expected":1,
                "received":-1,"next":1,"open":[]}]}})",
             R"({"restored":{"ask":"open","tenant":"a","conversations":[{"id":"x","expected":1,
                "received":9007199254740991,"next":1,"open":[]}]}})",
             R"({"restored":{"ask":"open","tenant":"a","conversations":[{"id":"x","expected":1,
                "received":0,"next":1,"open":[2,2]}]}})",
         }) {
        EXPECT_FALSE(RestoredQuestion::read(text).has_value()) << text;
    }
}

TEST(Restored, AMarkRemembersTheOldestBackupAndRenewsWhatWaits) {
    const auto storage = storage::make_memory_storage();
    const TenantId tenant("amt");
    const std::string prefix = storage::KeyBuilder(tenant).take();
    OpenDelivery row;
    row.case_id = CaseId(4);
    row.id = "id";
    row.to = "stelle@b";
    row.created = at(1000);
    row.expires = at(5000);
    OpenDelivery refused = row;
    refused.state = DeliveryState::refused;
    {
        auto write = storage->begin_write().value();
        for (const auto& [number, one] : {std::pair(7, row), std::pair(9, refused)}) {
            const auto n = static_cast<std::uint64_t>(number);
            ASSERT_TRUE(write->put(Space::exchange, prefix + keys::open_delivery(n), one.encode())
                            .has_value());
        }
        ASSERT_TRUE(write->commit().has_value());
    }
    ASSERT_TRUE(mark_restored(*storage, tenant, at(3000), at(90'000)).has_value());
    ASSERT_TRUE(mark_restored(*storage, tenant, at(8000), at(90'000)).has_value());
    const auto reader = storage->begin_read().value();
    const auto get = [&](const std::string& key) {
        return reader->get(Space::exchange, prefix + key).value();
    };
    const auto state = RestoredState::decode(*get(std::string(keys::kRestored))).value();
    EXPECT_EQ(state.since, at(3000));
    EXPECT_EQ(state.mark, 9U);
    const auto renewed = OpenDelivery::decode(*get(keys::open_delivery(7))).value();
    EXPECT_EQ(renewed.created, at(90'000));
    EXPECT_EQ(renewed.expires, at(94'000));
    // What is over stays as it is, for who resolves the incident.
    EXPECT_EQ(OpenDelivery::decode(*get(keys::open_delivery(9)))->expires, at(5000));
}

// A backup from the time of a restore that was not over yet: what had been recorded for a member
// that had not answered has no number that is free there.
TEST(Restored, WhatASecondRestoreFindsWithoutANumberOfItsOwnStaysMarked) {
    const auto storage = storage::make_memory_storage();
    const TenantId tenant("amt");
    const std::string prefix = storage::KeyBuilder(tenant).take();
    const auto put = [&](const std::string& key, std::string_view value) {
        auto write = storage->begin_write().value();
        ASSERT_TRUE(write->put(Space::exchange, prefix + key, value).has_value());
        ASSERT_TRUE(write->commit().has_value());
    };
    const auto deliver = [&](std::uint64_t number, const char* to) {
        OpenDelivery row;
        row.case_id = CaseId(4);
        row.id = "id-" + std::to_string(number);
        row.to = to;
        put(keys::open_delivery(number), row.encode());
    };
    deliver(7, "stelle@b");
    ASSERT_TRUE(mark_restored(*storage, tenant, at(3000), at(90'000)).has_value());
    deliver(8, "stelle@b");
    deliver(9, "stelle@c");
    deliver(10, "amt@c");
    put(keys::answered("c"), {});
    put(keys::numbered(7), {});  // refused before the backup, and sent again after the restore
    ASSERT_TRUE(mark_restored(*storage, tenant, at(80'000), at(95'000)).has_value());
    const auto reader = storage->begin_read().value();
    const auto marked = [&](std::uint64_t number) {
        return reader->get(Space::exchange, prefix + keys::numbered(number)).value().has_value();
    };
    EXPECT_TRUE(marked(7));
    EXPECT_TRUE(marked(8));
    EXPECT_FALSE(marked(9)) << "the member has answered: it was numbered anew and sent";
    EXPECT_FALSE(marked(10));
    const auto state =
        RestoredState::decode(
            *reader->get(Space::exchange, prefix + std::string(keys::kRestored)).value())
            .value();
    EXPECT_EQ(state.since, at(3000));
    EXPECT_EQ(state.mark, 10U);
}

}  // namespace
}  // namespace schwarm::post
