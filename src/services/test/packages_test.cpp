// The packages of this repository: each loads without a problem and passes its scenarios.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "schwarm/services/package.hpp"
#include "schwarm/services/scenario.hpp"

namespace schwarm::services {
namespace {

std::vector<std::string> package_folders() {
    std::vector<std::string> folders;
    std::error_code error;
    for (const auto* group : {"/packages", "/packages/simulators"}) {
        for (const auto& entry :
             std::filesystem::directory_iterator(std::string(SCHWARM_SOURCE_DIR) + group, error)) {
            if (std::filesystem::exists(entry.path() / "service.json")) {
                folders.push_back(entry.path().string());
            }
        }
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

TEST(Packages, LoadAndPassTheirScenarios) {
    const auto folders = package_folders();
    ASSERT_FALSE(folders.empty());
    for (const auto& folder : folders) {
        const auto loaded = load_package_folder(folder);
        for (const auto& problem : loaded.problems) {
            EXPECT_TRUE(problem.warning) << folder << "/" << problem.text();
        }
        if (!loaded.package) continue;
        for (const auto& result : run_scenarios(loaded.package)) {
            EXPECT_TRUE(result.ok) << folder << "/" << result.file << ":" << result.line << " "
                                   << result.title << ": " << result.message;
        }
    }
}

}  // namespace
}  // namespace schwarm::services
