// The one suite every implementation of the storage seam passes. An implementation's test
// includes this and instantiates Conformance with a maker:
//   INSTANTIATE_TEST_SUITE_P(Memory, Conformance, ::testing::Values(Maker{"memory", ...}));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "schwarm/storage/key.hpp"
#include "schwarm/storage/storage.hpp"

namespace schwarm::storage::test {

struct Maker {
    std::string name;
    // An empty storage; what it needs stays alive with it.
    std::function<std::shared_ptr<Storage>()> make;
};
inline std::ostream& operator<<(std::ostream& out, const Maker& maker) {
    return out << maker.name;
}

using Rows = std::vector<std::pair<std::string, std::string>>;

inline Rows rows_of(Reader& reader, Space space, const ScanRange& range = {}) {
    Rows rows;
    const auto result = reader.scan(space, range, [&](std::string_view k, std::string_view v) {
        rows.emplace_back(k, v);
        return true;
    });
    EXPECT_TRUE(result.has_value());
    return rows;
}

class Conformance : public ::testing::TestWithParam<Maker> {
  protected:
    void SetUp() override {
        storage_ = GetParam().make();
        ASSERT_NE(storage_, nullptr);
    }
    std::unique_ptr<WriteTransaction> write() { return std::move(storage_->begin_write().value()); }
    std::unique_ptr<Reader> read() { return std::move(storage_->begin_read().value()); }
    void put(Space space, std::string_view key, std::string_view value) {
        auto transaction = write();
        ASSERT_TRUE(transaction->put(space, key, value).has_value());
        ASSERT_TRUE(transaction->commit().has_value());
    }
    std::optional<std::string> get(Space space, std::string_view key) {
        return read()->get(space, key).value();
    }

    std::shared_ptr<Storage> storage_;
};

TEST_P(Conformance, KeepsWhatWasCommitted) {
    put(Space::events, "a", "1");
    EXPECT_EQ(get(Space::events, "a"), "1");
    EXPECT_EQ(get(Space::events, "b"), std::nullopt);
    EXPECT_EQ(get(Space::state, "a"), std::nullopt);
    put(Space::events, "a", "2");
    EXPECT_EQ(get(Space::events, "a"), "2");
    auto transaction = write();
    ASSERT_TRUE(transaction->erase(Space::events, "a").has_value());
    ASSERT_TRUE(transaction->erase(Space::events, "never there").has_value());
    ASSERT_TRUE(transaction->commit().has_value());
    EXPECT_EQ(get(Space::events, "a"), std::nullopt);
}

TEST_P(Conformance, EverySpaceIsThere) {
    auto transaction = write();
    for (std::size_t i = 0; i < kSpaceCount; ++i) {
        const auto space = static_cast<Space>(i);
        ASSERT_TRUE(transaction->put(space, "key", name_of(space)).has_value()) << name_of(space);
    }
    ASSERT_TRUE(transaction->commit().has_value());
    for (std::size_t i = 0; i < kSpaceCount; ++i) {
        const auto space = static_cast<Space>(i);
        EXPECT_EQ(get(space, "key"), name_of(space));
    }
}

TEST_P(Conformance, ATransactionSeesItsOwnChangesAndOthersDoNot) {
    put(Space::cases, "b", "old");
    auto transaction = write();
    ASSERT_TRUE(transaction->put(Space::cases, "a", "1").has_value());
    ASSERT_TRUE(transaction->put(Space::cases, "c", "3").has_value());
    ASSERT_TRUE(transaction->erase(Space::cases, "b").has_value());
    EXPECT_EQ(transaction->get(Space::cases, "a").value(), "1");
    EXPECT_EQ(transaction->get(Space::cases, "b").value(), std::nullopt);
    EXPECT_EQ(rows_of(*transaction, Space::cases), (Rows{{"a", "1"}, {"c", "3"}}));
    EXPECT_EQ(rows_of(*read(), Space::cases), (Rows{{"b", "old"}}));
    ASSERT_TRUE(transaction->commit().has_value());
    EXPECT_EQ(rows_of(*read(), Space::cases), (Rows{{"a", "1"}, {"c", "3"}}));
}

TEST_P(Conformance, WithoutCommitNothingChanges) {
    put(Space::cases, "a", "1");
    {
        auto transaction = write();
        ASSERT_TRUE(transaction->put(Space::cases, "a", "2").has_value());
        ASSERT_TRUE(transaction->put(Space::cases, "b", "2").has_value());
    }
    EXPECT_EQ(rows_of(*read(), Space::cases), (Rows{{"a", "1"}}));
    put(Space::cases, "c", "3");
    EXPECT_EQ(rows_of(*read(), Space::cases), (Rows{{"a", "1"}, {"c", "3"}}));
}

TEST_P(Conformance, OneWriterAtATime) {
    auto first = write();
    EXPECT_EQ(storage_->begin_write().error().code, ErrorCode::conflict);
    first.reset();
    auto second = write();
    ASSERT_TRUE(second->commit().has_value());
    EXPECT_TRUE(second->commit().has_error());
    EXPECT_TRUE(storage_->begin_write().has_value());
}

TEST_P(Conformance, AReaderSeesItsSnapshotOnly) {
    put(Space::cases, "a", "1");
    auto before = read();
    put(Space::cases, "a", "2");
    put(Space::cases, "b", "2");
    {
        auto transaction = write();
        ASSERT_TRUE(transaction->erase(Space::cases, "a").has_value());
        ASSERT_TRUE(transaction->commit().has_value());
    }
    EXPECT_EQ(before->get(Space::cases, "a").value(), "1");
    EXPECT_EQ(rows_of(*before, Space::cases), (Rows{{"a", "1"}}));
    EXPECT_EQ(rows_of(*read(), Space::cases), (Rows{{"b", "2"}}));
}

TEST_P(Conformance, ScansRangesInBothDirections) {
    auto transaction = write();
    for (const char* key : {"a", "ab", "b", "c", "d"}) {
        ASSERT_TRUE(transaction->put(Space::tasks, key, "v").has_value());
    }
    ASSERT_TRUE(transaction->commit().has_value());
    const auto keys = [&](const ScanRange& range) {
        std::string out;
        for (const auto& row : rows_of(*read(), Space::tasks, range)) out += row.first + " ";
        return out;
    };
    EXPECT_EQ(keys({}), "a ab b c d ");
    EXPECT_EQ(keys({.from = "ab", .to = "c"}), "ab b ");
    EXPECT_EQ(keys({.from = "aa", .to = {}}), "ab b c d ");
    EXPECT_EQ(keys({.from = "", .to = "b"}), "a ab ");
    EXPECT_EQ(keys({.from = "b", .to = {}, .limit = 2}), "b c ");
    EXPECT_EQ(keys({.from = "", .to = {}, .limit = 2, .reverse = true}), "d c ");
    EXPECT_EQ(keys({.from = "a", .to = "c", .limit = 9, .reverse = true}), "b ab a ");
    EXPECT_EQ(keys({.from = "c", .to = "a"}), "");
    EXPECT_EQ(keys({.from = "a", .to = "a"}), "");
    EXPECT_EQ(keys({.from = "", .to = {}, .limit = 0}), "");
    EXPECT_EQ(keys(prefix_range("a")), "a ab ");
}

TEST_P(Conformance, AVisitorMayEndAndMayReadTheSameSpace) {
    auto transaction = write();
    for (const char* key : {"a", "b", "c"}) {
        ASSERT_TRUE(transaction->put(Space::tasks, key, "v").has_value());
    }
    ASSERT_TRUE(transaction->commit().has_value());
    auto reader = read();
    std::string seen;
    ASSERT_TRUE(reader
                    ->scan(Space::tasks, {},
                           [&](std::string_view key, std::string_view) {
                               seen += key;
                               for (const auto& row : rows_of(*reader, Space::tasks))
                                   seen += row.first;
                               return key != "b";
                           })
                    .has_value());
    EXPECT_EQ(seen, "aabcbabc");
}

TEST_P(Conformance, KeysAndValuesAreAnyBytes) {
    std::string every;
    for (int i = 0; i < 256; ++i) every += static_cast<char>(i);
    put(Space::events, std::string("\0\xFF\0", 3), every);
    put(Space::events, std::string("\0\xFF", 2), "");
    put(Space::events, "\xFF\xFF", "high");
    const Rows rows = rows_of(*read(), Space::events);
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0], (std::pair(std::string("\0\xFF", 2), std::string())));
    EXPECT_EQ(rows[1].second, every);
    EXPECT_EQ(rows_of(*read(), Space::events, prefix_range("\xFF")).size(), 1U);
}

TEST_P(Conformance, LimitsAreAnswered) {
    auto transaction = write();
    EXPECT_EQ(transaction->put(Space::events, "", "v").error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(transaction->put(Space::events, std::string(kMaxKeySize + 1, 'k'), "v").error().code,
              ErrorCode::limit_exceeded);
    EXPECT_EQ(
        transaction->put(Space::events, "k", std::string(kMaxValueSize + 1, 'v')).error().code,
        ErrorCode::limit_exceeded);
    EXPECT_TRUE(transaction->put(Space::events, std::string(kMaxKeySize, 'k'), "v").has_value());
    ASSERT_TRUE(transaction->commit().has_value());
}

TEST_P(Conformance, LargeValues) {
    std::string large(3 << 20, '\0');
    std::minstd_rand random(7);
    for (char& c : large) c = static_cast<char>(random());
    put(Space::documents, "large", large);
    put(Space::audit, "large", large);
    EXPECT_EQ(get(Space::documents, "large"), large);
    EXPECT_EQ(get(Space::audit, "large"), large);
}

TEST_P(Conformance, AModelOfItself) {
    std::minstd_rand random(42);
    std::map<std::string, std::string> model;
    for (int round = 0; round < 60; ++round) {
        auto changed = model;
        auto transaction = write();
        for (int i = 0; i < 20; ++i) {
            const std::string key = KeyBuilder(TenantId("t")).number(random() % 50).take();
            if (random() % 3 == 0) {
                ASSERT_TRUE(transaction->erase(Space::state, key).has_value());
                changed.erase(key);
            } else {
                const std::string value = std::to_string(random());
                ASSERT_TRUE(transaction->put(Space::state, key, value).has_value());
                changed[key] = value;
            }
        }
        EXPECT_EQ(rows_of(*transaction, Space::state), Rows(changed.begin(), changed.end()));
        if (random() % 4 != 0) {
            ASSERT_TRUE(transaction->commit().has_value());
            model = changed;
        }
        transaction.reset();
        EXPECT_EQ(rows_of(*read(), Space::state), Rows(model.begin(), model.end()));
    }
}

TEST_P(Conformance, ReadersBesideTheWriter) {
    put(Space::meta, "sum", "0");
    std::atomic<bool> stop = false;
    std::atomic<int> torn = 0;
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (!stop) {
                auto reader = storage_->begin_read();
                const auto sum = reader.value()->get(Space::meta, "sum").value();
                const auto rows = rows_of(*reader.value(), Space::cases);
                if (std::to_string(rows.size()) != sum) ++torn;
            }
        });
    }
    for (int i = 1; i <= 100; ++i) {
        auto transaction = write();
        ASSERT_TRUE(transaction->put(Space::cases, std::to_string(i), "x").has_value());
        ASSERT_TRUE(transaction->put(Space::meta, "sum", std::to_string(i)).has_value());
        ASSERT_TRUE(transaction->commit().has_value());
    }
    stop = true;
    for (auto& reader : readers) reader.join();
    EXPECT_EQ(torn, 0);
}

TEST_P(Conformance, ScrubWaitsForOldReadersOnly) {
    put(Space::keys, "k", "secret");
    auto old = read();
    {
        auto transaction = write();
        ASSERT_TRUE(transaction->erase(Space::keys, "k").has_value());
        ASSERT_TRUE(transaction->commit().has_value());
    }
    EXPECT_EQ(storage_->scrub().error().code, ErrorCode::unavailable);
    EXPECT_EQ(old->get(Space::keys, "k").value(), "secret");
    old.reset();
    EXPECT_TRUE(storage_->scrub().has_value());
    EXPECT_EQ(get(Space::keys, "k"), std::nullopt);
}

TEST_P(Conformance, CopiesWantedSpaces) {
    put(Space::keys, "k", "wrapped");
    for (int i = 0; i < 50; ++i) put(Space::events, std::to_string(i), std::string(100, 'e'));
    auto target = GetParam().make();
    auto reader = read();
    const auto copied = copy_rows(
        *reader, *target, [](Space space) { return space != Space::keys; }, 1000);
    EXPECT_EQ(copied.value(), 50U);
    auto copy = std::move(target->begin_read().value());
    EXPECT_EQ(rows_of(*copy, Space::events), rows_of(*reader, Space::events));
    EXPECT_TRUE(rows_of(*copy, Space::keys).empty());
}

}  // namespace schwarm::storage::test
