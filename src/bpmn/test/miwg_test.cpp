// The 21 reference models of the BPMN MIWG test suite, read in place.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "schwarm/bpmn/model.hpp"

namespace schwarm::bpmn {
namespace {

std::filesystem::path folder() {
    return std::filesystem::path(SCHWARM_SHARED_DIR) / "data" / "bpmn-miwg";
}

std::string slurp(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

TEST(Miwg, AllModelsLoadAndAreWrittenWithoutLoss) {
    if (!std::filesystem::exists(folder())) GTEST_SKIP() << "no MIWG models here";
    int models = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder())) {
        if (entry.path().extension() != ".bpmn") continue;
        const std::string name = entry.path().filename();
        const std::string bytes = slurp(entry.path());
        const Import import = import_model(bytes, name);
        ASSERT_TRUE(import.model) << name << ": "
                                  << (import.problems.empty() ? "" : import.problems[0].text());
        EXPECT_EQ(import.model->write(), bytes) << name;
        ++models;
        for (const Problem& p : import.problems) {
            EXPECT_GT(p.line, 0) << p.text();
            EXPECT_FALSE(p.reason.empty());
            if (std::getenv("SCHWARM_SHOW") != nullptr) std::printf("%s\n", p.text().c_str());
        }
    }
    EXPECT_EQ(models, 21);
}

TEST(Miwg, WhatIsNotExecutableIsReportedByName) {
    if (!std::filesystem::exists(folder())) GTEST_SKIP() << "no MIWG models here";
    // Models with a process marked executable, and what keeps them from being deployed.
    const std::map<std::string, std::set<ProblemKind>> expected{
        {"C.1.1.bpmn", {ProblemKind::unsupported_language}},
        {"C.8.1.bpmn", {}},
        {"C.9.0.bpmn", {}},
        {"C.9.1.bpmn", {}},
        {"C.9.2.bpmn", {}},
    };
    for (const auto& [name, kinds] : expected) {
        const Import import = import_model(slurp(folder() / name), name);
        std::set<ProblemKind> found;
        std::string all;
        for (const Problem& p : import.problems) {
            if (p.severity != Severity::error) continue;
            found.insert(p.kind);
            all += p.text() + "\n";
        }
        for (const ProblemKind kind : kinds) EXPECT_TRUE(found.contains(kind)) << name;
        if (kinds.empty())
            EXPECT_TRUE(import.deployable()) << name << "\n" << all;
        else
            EXPECT_FALSE(import.deployable()) << name;
    }
}

TEST(Miwg, XPathIsRefusedByElementAndLanguage) {
    if (!std::filesystem::exists(folder())) GTEST_SKIP() << "no MIWG models here";
    for (const std::string name : {"C.1.0.bpmn", "C.3.0.bpmn"}) {
        const Import import = import_model(slurp(folder() / name), name);
        EXPECT_FALSE(import.deployable()) << name;
    }
}

}  // namespace
}  // namespace schwarm::bpmn
