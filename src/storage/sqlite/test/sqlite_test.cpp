#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "../../test/conformance.hpp"
#include "schema.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"

namespace schwarm::storage_sqlite {
namespace fs = std::filesystem;
using storage::Space;
using storage::Storage;

class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "schwarm-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    fs::path operator/(const char* name) const { return path_ / name; }
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

struct InFolder {
    Folder folder;
    std::unique_ptr<Storage> storage = std::move(open_sqlite(folder / "node.db").value());
};

namespace {

Result<void> put(Storage& storage, std::string_view key, std::string_view value) {
    SCHWARM_TRY(transaction, storage.begin_write());
    SCHWARM_TRY_VOID(transaction->put(Space::state, key, value));
    return transaction->commit();
}

std::optional<std::string> get(Storage& storage, std::string_view key) {
    return storage.begin_read().value()->get(Space::state, key).value();
}

bool any_file_contains(const fs::path& folder, std::string_view text) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        std::ifstream in(entry.path(), std::ios::binary);
        std::stringstream all;
        all << in.rdbuf();
        if (all.str().find(text) != std::string::npos) return true;
    }
    return false;
}

void run_sql(const fs::path& file, const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
}

TEST(Sqlite, SurvivesClosing) {
    const Folder folder;
    {
        auto storage = std::move(open_sqlite(folder / "node.db").value());
        ASSERT_TRUE(put(*storage, "a", "1").has_value());
    }
    auto storage = std::move(open_sqlite(folder / "node.db").value());
    EXPECT_EQ(get(*storage, "a"), "1");
    struct stat status {};
    ASSERT_EQ(::stat((folder / "node.db").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(Sqlite, OneNodeOneDatabase) {
    const Folder folder;
    auto storage = std::move(open_sqlite(folder / "node.db").value());
    const auto second = open_sqlite(folder / "node.db");
    ASSERT_TRUE(second.has_error());
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
}

TEST(Sqlite, ReadsBesideAWorkingNode) {
    const Folder folder;
    auto storage = std::move(open_sqlite(folder / "node.db").value());
    ASSERT_TRUE(put(*storage, "a", "1").has_value());
    auto beside = std::move(open_sqlite(folder / "node.db", {.read_only = true}).value());
    EXPECT_EQ(get(*beside, "a"), "1");
    EXPECT_EQ(beside->begin_write().error().code, ErrorCode::conflict);
    ASSERT_TRUE(put(*storage, "a", "2").has_value());
    EXPECT_EQ(get(*beside, "a"), "2");
}

TEST(Sqlite, SmallChangesBesideANode) {
    const Folder folder;
    EXPECT_TRUE(open_sqlite(folder / "none.db", {.beside_node = true}).has_error());
    auto storage = std::move(open_sqlite(folder / "node.db").value());
    ASSERT_TRUE(put(*storage, "a", "1").has_value());
    auto beside = std::move(open_sqlite(folder / "node.db", {.beside_node = true}).value());
    ASSERT_TRUE(put(*beside, "b", "2").has_value());
    EXPECT_EQ(get(*storage, "b"), "2");
    ASSERT_TRUE(put(*storage, "a", "3").has_value());
    EXPECT_EQ(get(*beside, "a"), "3");
}

TEST(Sqlite, RefusesANewerSchemaAndForeignFiles) {
    const Folder folder;
    ASSERT_TRUE(open_sqlite(folder / "node.db").has_value());
    run_sql(folder / "node.db", "PRAGMA user_version=99");
    const auto newer = open_sqlite(folder / "node.db");
    ASSERT_TRUE(newer.has_error());
    EXPECT_EQ(newer.error().code, ErrorCode::unsupported);
    EXPECT_NE(newer.error().message.find("schema version 99"), std::string::npos);

    run_sql(folder / "other.db", "CREATE TABLE t(x)");
    EXPECT_EQ(open_sqlite(folder / "other.db").error().code, ErrorCode::corrupt);
    std::ofstream(folder / "text.db") << std::string(5000, 'x');
    EXPECT_EQ(open_sqlite(folder / "text.db").error().code, ErrorCode::corrupt);
}

TEST(Sqlite, MigrationsAreNumberedWithoutGaps) {
    ASSERT_FALSE(migrations().empty());
    int number = 0;
    for (const Migration& migration : migrations()) {
        char expected[16];
        std::snprintf(expected, sizeof expected, "%04d_", ++number);
        EXPECT_EQ(std::string(migration.name).substr(0, 5), expected);
    }
}

TEST(Sqlite, AnOlderDatabaseIsMigratedOnOpening) {
    const Folder folder;
    // What version 0 is: an empty file.
    std::ofstream(folder / "node.db").close();
    auto storage = std::move(open_sqlite(folder / "node.db").value());
    EXPECT_TRUE(put(*storage, "a", "1").has_value());
}

TEST(Sqlite, ErasedBytesAreInNoFileAfterScrub) {
    const Folder folder;
    const std::string secret = "DE02 1203 0000 0000 2020 51";
    auto storage = std::move(open_sqlite(folder / "node.db").value());
    ASSERT_TRUE(put(*storage, "small", secret).has_value());
    ASSERT_TRUE(put(*storage, "large", std::string(100'000, 'x') + secret).has_value());
    EXPECT_TRUE(any_file_contains(folder.path(), secret));
    ASSERT_TRUE(put(*storage, "large", "replaced").has_value());
    auto transaction = std::move(storage->begin_write().value());
    ASSERT_TRUE(transaction->erase(Space::state, "small").has_value());
    ASSERT_TRUE(transaction->commit().has_value());
    ASSERT_TRUE(storage->scrub().has_value());
    EXPECT_FALSE(any_file_contains(folder.path(), secret));
}

// A child process writes and says after each commit what is durable; it is killed in the middle.
TEST(Sqlite, WhatWasAnsweredSurvivesSigkill) {
    const Folder folder;
    for (int round = 0; round < 5; ++round) {
        int pipe_ends[2];
        ASSERT_EQ(::pipe(pipe_ends), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            auto storage = open_sqlite(folder / "node.db");
            for (int i = 0; storage.has_value(); ++i) {
                const std::string text = std::to_string(round) + "/" + std::to_string(i);
                if (put(*storage.value(), text, text).has_error()) break;
                if (::write(pipe_ends[1], &i, sizeof i) != sizeof i) break;
            }
            ::_exit(1);
        }
        ::close(pipe_ends[1]);
        int last = -1;
        for (int i = -1; last < 20 + round && ::read(pipe_ends[0], &i, sizeof i) == sizeof i;) {
            last = i;
        }
        ::kill(child, SIGKILL);
        for (int i = -1; ::read(pipe_ends[0], &i, sizeof i) == sizeof i;) last = i;
        ::close(pipe_ends[0]);
        ::waitpid(child, nullptr, 0);
        ASSERT_GE(last, 20);
        auto storage = std::move(open_sqlite(folder / "node.db").value());
        for (int i = 0; i <= last; ++i) {
            const std::string text = std::to_string(round) + "/" + std::to_string(i);
            EXPECT_EQ(get(*storage, text), text);
        }
    }
}

// RLIMIT_FSIZE stands for a full disk: writing beyond it fails.
TEST(Sqlite, AFullDiskIsAnErrorAndNothingIsChanged) {
    const Folder folder;
    auto storage = std::move(open_sqlite(folder / "node.db").value());
    ASSERT_TRUE(put(*storage, "a", "1").has_value());
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    auto* const handler = ::signal(SIGXFSZ, SIG_IGN);
    rlimit small = before;
    small.rlim_cur = 1 << 20;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto result = put(*storage, "b", std::string(4 << 20, 'x'));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, handler);
    ASSERT_TRUE(result.has_error());
    EXPECT_TRUE(result.error().code == ErrorCode::storage_failed ||
                result.error().code == ErrorCode::maybe_done)
        << result.error().text();
    EXPECT_EQ(get(*storage, "a"), "1");
    EXPECT_EQ(get(*storage, "b"), std::nullopt);
    EXPECT_TRUE(put(*storage, "b", "2").has_value());
    EXPECT_EQ(get(*storage, "b"), "2");
}

}  // namespace
}  // namespace schwarm::storage_sqlite

namespace schwarm::storage::test {
INSTANTIATE_TEST_SUITE_P(Sqlite, Conformance,
                         ::testing::Values(Maker{
                             "sqlite", [] {
                                 auto all = std::make_shared<storage_sqlite::InFolder>();
                                 return std::shared_ptr<Storage>(all, all->storage.get());
                             }}));
}  // namespace schwarm::storage::test
