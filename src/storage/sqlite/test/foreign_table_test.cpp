#include "schwarm/storage_sqlite/foreign_table.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>

namespace schwarm::storage_sqlite {
namespace {

namespace fs = std::filesystem;

class ForeignTable : public testing::Test {
  protected:
    void SetUp() override {
        file = (fs::path(testing::TempDir()) /
                (std::string("foreign_table_") +
                 testing::UnitTest::GetInstance()->current_test_info()->name() + ".db"))
                   .string();
        fs::remove(file);
        run("CREATE TABLE einwohner (familienname TEXT, nummer INTEGER, ort TEXT);"
            "INSERT INTO einwohner VALUES ('Mustermann', 7, 'Aachen'), ('Mustermann', 8, NULL),"
            "('O''Hara', 9, 'Bonn'), ('Mustermann', 10, 'Ahlen')");
    }
    void TearDown() override { fs::remove(file); }
    void run(const char* sql) const {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(db);
        sqlite3_close(db);
    }
    std::string file;
};

TEST_F(ForeignTable, GivesTheRowsThatFit) {
    const auto rows = read_foreign_table(file, "einwohner", {{"familienname", "Mustermann"}}, 2);
    ASSERT_TRUE(rows.has_value()) << rows.error().text();
    ASSERT_EQ(rows.value().size(), 2u);
    const ForeignRow first = {{"familienname", "Mustermann"}, {"nummer", "7"}, {"ort", "Aachen"}};
    const ForeignRow second = {{"familienname", "Mustermann"}, {"nummer", "8"}};
    EXPECT_EQ(rows.value()[0], first);
    EXPECT_EQ(rows.value()[1], second) << "NULL is left out";
    EXPECT_EQ(read_foreign_table(file, "einwohner", {{"nummer", "9"}}, 2).value().size(), 1u);
}

TEST_F(ForeignTable, TakesValuesAsValues) {
    EXPECT_EQ(read_foreign_table(file, "einwohner", {{"familienname", "O'Hara"}}, 9).value().size(),
              1u);
    EXPECT_TRUE(read_foreign_table(file, "einwohner", {{"familienname", "x' OR '1'='1"}}, 9)
                    .value()
                    .empty());
    EXPECT_EQ(read_foreign_table(file, "einwohner", {{"familienname\" = '' OR 1 --", "x"}}, 9)
                  .error()
                  .code,
              ErrorCode::invalid_input);
    EXPECT_EQ(read_foreign_table(file, "einwohner; DROP TABLE einwohner", {}, 9).error().code,
              ErrorCode::invalid_input);
    EXPECT_EQ(read_foreign_table(file, "einwohner", {}, 9).value().size(), 4u);
}

TEST_F(ForeignTable, SaysThatAFileIsAway) {
    EXPECT_EQ(read_foreign_table(file + ".fehlt", "einwohner", {}, 1).error().code,
              ErrorCode::unavailable);
    EXPECT_FALSE(fs::exists(file + ".fehlt")) << "nothing is made";
}

}  // namespace
}  // namespace schwarm::storage_sqlite
