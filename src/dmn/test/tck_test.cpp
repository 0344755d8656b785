// Guards the score reached in the DMN TCK: values, errors, and the list of others in docs/tck.md.
#include "schwarm/dmn/tck.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace schwarm::dmn {
namespace {

const std::filesystem::path kSuite = SCHWARM_SHARED_DIR "/data/dmn-tck";

// The scored cases, run once for all tests.
const TckReport& scored() {
    static const TckReport kReport = [] {
        const SystemClock clock;
        const auto report = run_tck(kSuite, clock, [](const std::filesystem::path& folder) {
            return std::find(folder.begin(), folder.end(), "non-compliant") == folder.end();
        });
        EXPECT_TRUE(report) << (report ? "" : report.error().text());
        return report ? *report : TckReport();
    }();
    return kReport;
}

// "folder case node" of each row of the table in docs/tck.md.
std::set<std::string> documented() {
    std::ifstream in(SCHWARM_SOURCE_DIR "/docs/tck.md");
    std::set<std::string> out;
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("| compliance-level-")) continue;
        std::string row;
        std::size_t at = 2;
        for (int column = 0; column < 3; ++column) {
            const auto end = line.find(" | ", at);
            if (end == std::string::npos) break;
            row += (column == 0 ? "" : " ") + line.substr(at, end - at);
            at = end + 3;
        }
        out.insert(row);
    }
    return out;
}

std::string joined(const std::vector<std::string>& reasons) {
    std::string out;
    for (const auto& reason : reasons) out += "[" + reason + "]";
    return out;
}

class Tck : public testing::Test {
    void SetUp() override {
        if (!std::filesystem::exists(kSuite)) GTEST_SKIP() << "needs ../shared/data/dmn-tck";
    }
};

TEST_F(Tck, values) {
    const auto& report = scored();
    EXPECT_EQ(report.cases.size(), 3391U);
    EXPECT_EQ(report.nodes(), 3495U);
    EXPECT_EQ(report.nodes_passed(), report.nodes());
    for (const auto& one : report.cases) {
        EXPECT_TRUE(one.passed) << one.folder << ' ' << one.id << ": " << one.message;
    }
}

TEST_F(Tck, errors) {
    const auto& report = scored();
    EXPECT_EQ(report.error_nodes(), 1409U);
    EXPECT_EQ(report.errors_reported(), report.error_nodes());
    for (const auto& one : report.cases) {
        for (const auto& node : one.errors_missing) {
            ADD_FAILURE() << one.folder << ' ' << one.id << ' ' << node.node << " = " << node.value
                          << " without an error";
        }
    }
}

TEST_F(Tck, other_errors_are_those_of_the_document) {
    const auto expected = documented();
    EXPECT_EQ(expected.size(), 13U);
    std::set<std::string> found;
    for (const auto& one : scored().cases) {
        for (const auto& node : one.errors_other) {
            const auto row = one.folder + ' ' + one.id + ' ' + node.node;
            EXPECT_TRUE(expected.contains(row)) << row << ' ' << joined(node.reasons);
            found.insert(row);
        }
    }
    for (const auto& row : expected) EXPECT_TRUE(found.contains(row)) << row << " is no longer one";
}

}  // namespace
}  // namespace schwarm::dmn
