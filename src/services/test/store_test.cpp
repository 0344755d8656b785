#include "schwarm/services/store.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "schwarm/storage/memory.hpp"
#include "test_package.hpp"

namespace schwarm::services {
namespace {

namespace fs = std::filesystem;

const Instant kThen{std::chrono::milliseconds(1'700'000'000'000)};
const ServiceId kService("parkausweis");

class StoreTest : public testing::Test {
  protected:
    StoreTest() {
        // One for each test, because they run beside one another.
        std::string name = (fs::path(testing::TempDir()) / "schwarm-store-XXXXXX").string();
        folder_ = fs::path(::mkdtemp(name.data())) / "parkausweis";
        fs::copy(test_folder(), folder_, fs::copy_options::recursive);
    }
    ~StoreTest() override { fs::remove_all(folder_.parent_path()); }

    std::vector<Problem> deploy(Registry& registry) {
        auto problems = deploy_at_start(*storage_, registry, {folder_.string()}, kThen);
        EXPECT_TRUE(problems);
        return std::move(*problems);
    }
    void write(const std::string& name, const std::string& text) {
        std::ofstream(folder_ / name, std::ios::binary) << text;
    }

    fs::path folder_;
    std::unique_ptr<storage::Storage> storage_ = storage::make_memory_storage();
};

TEST_F(StoreTest, DeployedPackagesAreThereAfterARestart) {
    Registry first;
    EXPECT_TRUE(deploy(first).empty());
    Registry second;
    ASSERT_TRUE(load_stored(*storage_, second));
    ASSERT_TRUE(second.package(kService));
    EXPECT_EQ(second.package(kService)->version, first.package(kService)->version);
    EXPECT_EQ(second.deployed().front().deployed, kThen);
}

TEST_F(StoreTest, OldVersionsAreFoundForRunningCases) {
    Registry first;
    deploy(first);
    const auto old_key = definition_key(*first.package(kService));
    write("README.md", "changed");
    deploy(first);
    Registry second;
    ASSERT_TRUE(load_stored(*storage_, second));
    EXPECT_NE(definition_key(*second.package(kService)), old_key);
    const auto old = second.package_of_definition(old_key);
    ASSERT_TRUE(old);
    EXPECT_EQ(definition_key(*old), old_key);
    EXPECT_NE(second.package(kService), old);
    EXPECT_FALSE(second.package_of_definition("parkausweis/00000000000000000000000000000000"));
    EXPECT_FALSE(second.package_of_definition("unsinn"));
}

TEST_F(StoreTest, ABrokenFolderKeepsTheStoredVersion) {
    Registry registry;
    deploy(registry);
    const auto before = registry.package(kService)->version;
    write("service.json", "{");
    const auto problems = deploy(registry);
    ASSERT_FALSE(problems.empty());
    EXPECT_NE(problems.front().file.find("parkausweis/service.json"), std::string::npos);
    EXPECT_EQ(registry.package(kService)->version, before);
    Registry again;
    ASSERT_TRUE(load_stored(*storage_, again));
    EXPECT_EQ(again.package(kService)->version, before);
}

TEST_F(StoreTest, SymbolicLinksAreRefused) {
    fs::create_symlink("/etc/passwd", folder_ / "forms" / "link.json");
    EXPECT_EQ(read_folder(folder_.string()).error().code, ErrorCode::invalid_input);
}

}  // namespace
}  // namespace schwarm::services
