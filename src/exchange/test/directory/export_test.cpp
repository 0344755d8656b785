// A directory in one text, read again by somebody who has nothing else.
#include <gtest/gtest.h>

#include <sstream>

#include "directory/rows.hpp"
#include "directory/world.hpp"
#include "schwarm/exchange/directory_export.hpp"

namespace schwarm::exchange {
namespace {

using test::Author;
using test::FakeCryptography;
using test::kStart;
using test::MemoryRows;

struct DirectoryExport : testing::Test {
    FakeCryptography cryptography;
    SeededRandom random{4};
    Author lecos{"lecos", cryptography, random};
    MemoryRows rows;
    std::optional<Directory> directory;

    void SetUp() override {
        EpochContent content;
        content.time = kStart;
        content.members.push_back(
            {lecos.member, lecos.key.public_key.kid, lecos.key.public_key, 0, {}});
        DirectoryAnswer answer;
        directory = Directory::found(cryptography, write_content(content), answer).value();
        rows.store(answer.rows);
        enter(lecos.node());
        enter(lecos.tenant("kfz"));
        // More than one batch.
        for (int i = 0; i < 5'000; ++i) {
            enter(ServiceEntry{TenantId("kfz"), "ikfz", std::to_string(i), "amt", {}});
        }
    }
    void enter(EntryBody body) {
        const auto answer = directory->accept_own(lecos.enter(std::move(body)), rows);
        ASSERT_TRUE(answer.refused.empty()) << answer.refused.front().text();
        rows.store(answer.rows);
    }
    std::string exported() const {
        std::ostringstream out;
        EXPECT_TRUE(export_directory(rows, out).has_value());
        return out.str();
    }
    Result<Directory> import(const std::string& text) const {
        std::istringstream in(text);
        return import_directory(cryptography, in);
    }
};

TEST_F(DirectoryExport, IsReadAgain) {
    rows.store(directory->consent_to_admit(MemberId("regio"), "key").rows);
    const std::string text = exported();
    EXPECT_GT(std::count(text.begin(), text.end(), '\n'), 2);
    EXPECT_EQ(text.find("admit"), std::string::npos);
    const auto read = import(text);
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(read->tip().hash, directory->tip().hash);
    EXPECT_EQ(read->chain(lecos.member)->head(), directory->chain(lecos.member)->head());
    EXPECT_EQ(read->tenants(lecos.now).size(), 1U);
    EXPECT_EQ(read->services(lecos.now).size(), 5'000U);
    EXPECT_TRUE(read->consents().empty());
}

TEST_F(DirectoryExport, WhatWasChangedIsNamed) {
    std::string text = exported();
    const auto line = text.find("batch");
    const auto entry = text.find("eyJ", line);
    ASSERT_NE(entry, std::string::npos);
    text[entry + 200] = text[entry + 200] == 'A' ? 'B' : 'A';
    const auto changed = import(text);
    ASSERT_TRUE(changed.has_error());
    EXPECT_EQ(changed.error().where, "line 2");
    EXPECT_EQ(import("").error().where, "line 1");
    EXPECT_EQ(import(exported() + "{\"other\": \"x\"}\n").error().code, ErrorCode::invalid_input);
}

TEST(DirectoryExportOfNothing, HasNoDirectory) {
    std::ostringstream out;
    EXPECT_EQ(export_directory(MemoryRows(), out).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace schwarm::exchange
