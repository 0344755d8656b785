// Guards the score reached in the DMN TCK.
#include "schwarm/dmn/tck.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace schwarm::dmn {
namespace {

TckReport run(const char* level) {
    const std::filesystem::path folder = SCHWARM_SHARED_DIR "/data/dmn-tck";
    const SystemClock clock;
    const auto report = run_tck(folder / level, clock);
    EXPECT_TRUE(report) << (report ? "" : report.error().text());
    return report ? *report : TckReport();
}

void check(const TckReport& report, std::size_t cases, std::size_t passed) {
    EXPECT_EQ(report.cases.size(), cases);
    EXPECT_GE(report.passed(), passed);
    if (report.passed() >= passed) return;
    for (const auto& one : report.cases) {
        if (!one.passed) ADD_FAILURE() << one.folder << ' ' << one.id << ": " << one.message;
    }
}

bool available() {
    return std::filesystem::exists(SCHWARM_SHARED_DIR "/data/dmn-tck");
}

TEST(Tck, level_2) {
    if (!available()) GTEST_SKIP() << "needs ../shared/data/dmn-tck";
    check(run("compliance-level-2"), 116, 116);
}

TEST(Tck, level_3) {
    if (!available()) GTEST_SKIP() << "needs ../shared/data/dmn-tck";
    check(run("compliance-level-3"), 3275, 3275);
}

}  // namespace
}  // namespace schwarm::dmn
