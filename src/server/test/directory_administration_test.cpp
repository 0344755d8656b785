// The directory of a working node, read beside it.
#include "schwarm/server/directory_administration.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "network_directory.hpp"
#include "operator_key.hpp"
#include "schwarm/crypto/certificate.hpp"
#include "schwarm/exchange/directory_export.hpp"
#include "schwarm/runtime/node_key.hpp"
#include "schwarm/services/store.hpp"
#include "schwarm/storage_sqlite/sqlite_storage.hpp"

namespace schwarm::server {
namespace {

namespace fs = std::filesystem;

struct DirectoryBeside : testing::Test {
    DirectoryBeside() {
        storage = storage_sqlite::open_sqlite(place.database).value();
        runtime::Environment environment{
            .storage = *storage,
            .clock = clock,
            .random = random,
            .node_key = runtime::load_or_create_node_key(place.node_key, random).value(),
            .definitions = [](const TenantId&) { return nullptr; }};
        runtime = runtime::Runtime::open(std::move(environment)).value();
        EXPECT_TRUE(runtime->ensure_tenant(node).has_value());
    }
    ~DirectoryBeside() override { fs::remove_all(folder); }

    // The network of one member that is this node.
    void found() {
        key = ensure_operator_key(*runtime, cryptography, random).value();
        exchange::EpochContent content;
        content.time = clock.now();
        content.members.push_back(
            {exchange::MemberId("lecos"), key.public_key.kid, key.public_key, 0, {}});
        founding = exchange::write_content(content);
        const auto opened = directory.open(*runtime, key, founding);
        ASSERT_TRUE(opened.has_value()) << opened.error().text();
        exchange::NodeEntry entry;
        entry.organisation = "Lecos";
        entry.operator_key = key.public_key;
        entry.tls = {crypto::sha256("tls")};
        entry.addresses = {"10.0.0.1:9443"};
        ASSERT_TRUE(directory.enter(entry).has_value());
    }

    // One for each test, because they run beside one another.
    static fs::path make_folder() {
        std::string name = (fs::path(testing::TempDir()) / "schwarm-directory-XXXXXX").string();
        return ::mkdtemp(name.data());
    }

    const fs::path folder = make_folder();
    const Place place{folder / "schwarm.db", folder / "node.key"};
    const TenantId node = services::node_tenant();
    SystemClock clock;
    SystemRandom random;
    exchange::JoseCryptography cryptography{clock};
    std::unique_ptr<storage::Storage> storage;
    std::unique_ptr<runtime::Runtime> runtime;
    NetworkDirectory directory{
        cryptography, clock, random, exchange::MemberId("lecos"), [](std::string_view) {}, [] {}};
    exchange::KeyPair key;
    std::string founding;
};

TEST_F(DirectoryBeside, TheOwnCheckpointSparesTheSignatures) {
    found();
    const auto quick = read_network(place, Trusted::checkpoint);
    ASSERT_TRUE(quick.has_value()) << quick.error().text();
    EXPECT_TRUE((*quick)->report.checkpoint);
    EXPECT_EQ((*quick)->report.entries, 1U);
    EXPECT_EQ((*quick)->report.verified, 0U);
    EXPECT_EQ((*quick)->directory->member(exchange::MemberId("lecos"))->node.organisation, "Lecos");
    const auto all = read_network(place, Trusted::nothing);
    ASSERT_TRUE(all.has_value()) << all.error().text();
    EXPECT_EQ((*all)->report.verified, 1U);
}

TEST_F(DirectoryBeside, WhatWasChangedIsNamed) {
    found();
    const std::string row = exchange::row_key::entry(exchange::MemberId("lecos"), 1);
    ASSERT_TRUE(runtime
                    ->write_and_wait(node,
                                     [&](runtime::WriteBatch& batch) -> Result<void> {
                                         batch.put(storage::Space::directory, row, "e30.e30.e30");
                                         return {};
                                     })
                    .has_value());
    for (const Trusted trusted : {Trusted::checkpoint, Trusted::nothing}) {
        const auto read = read_network(place, trusted);
        ASSERT_TRUE(read.has_error());
        EXPECT_EQ(read.error().code, ErrorCode::corrupt);
        EXPECT_EQ(read.error().where, "row " + row);
    }
}

TEST_F(DirectoryBeside, OthersReadTheExport) {
    found();
    const fs::path file = folder / "export.jsonl";
    ASSERT_TRUE(export_network(place, file).has_value());
    std::ifstream in(file);
    const auto read = exchange::import_directory(cryptography, in);
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(read->founding().content_text, founding);
    EXPECT_EQ(read->chain(exchange::MemberId("lecos"))->length(), 1U);
    EXPECT_EQ(export_network(place, file).error().code, ErrorCode::conflict);
}

TEST_F(DirectoryBeside, WarnsOfOwnKeysAndCertificateAsTheNodeDoes) {
    using Kind = exchange::DirectoryWarning::Kind;
    constexpr std::chrono::hours kDay{24};
    const Instant begin = clock.now();
    found();
    exchange::DirectorySettings settings;
    settings.key_age = 20 * kDay;
    const auto read = read_network(place, Trusted::checkpoint, settings);
    ASSERT_TRUE(read.has_value()) << read.error().text();
    const auto kinds = [&](Instant at) {
        std::vector<Kind> out;
        for (const auto& one : warnings_beside(place, **read, at)) {
            // Of a network of one member that nobody makes epochs of.
            if (one.kind != Kind::epoch_ages) out.push_back(one.kind);
        }
        return out;
    };
    EXPECT_EQ(kinds(begin), std::vector<Kind>{}) << "no certificate";
    EXPECT_EQ(kinds(begin + 21 * kDay), (std::vector<Kind>{Kind::key_ages, Kind::key_ages}));
    const auto made = crypto::make_certificate("lecos", begin, 40 * kDay).value();
    std::ofstream(folder / "network.crt") << made.certificate;
    const Instant end = crypto::certificate_end(made.certificate).value();
    constexpr std::chrono::milliseconds kOne{1};
    EXPECT_EQ(kinds(end - 30 * kDay - kOne), std::vector<Kind>{});
    EXPECT_EQ(kinds(end - 30 * kDay), std::vector<Kind>{Kind::certificate_expires});
    EXPECT_EQ(kinds(end).size(), 3U);
}

TEST_F(DirectoryBeside, NoNetworkNoDatabaseNoKey) {
    EXPECT_EQ(read_network(place, Trusted::nothing).error().code, ErrorCode::not_found);
    EXPECT_EQ(read_network({folder / "other.db", place.node_key}, Trusted::nothing).error().where,
              (folder / "other.db").string());
    EXPECT_EQ(read_network({place.database, folder / "other.key"}, Trusted::nothing).error().where,
              (folder / "other.key").string());
    EXPECT_EQ(export_network(place, folder / "x").error().code, ErrorCode::not_found);
    EXPECT_FALSE(fs::exists(folder / "x"));
    EXPECT_FALSE(fs::exists(folder / "other.key"));
}

}  // namespace
}  // namespace schwarm::server
