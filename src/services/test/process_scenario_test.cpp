// Scenarios of plain models: what they say when they fail, and what their lines look like.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schwarm/services/coverage.hpp"
#include "schwarm/services/scenario.hpp"

namespace schwarm::services {
namespace {

constexpr const char* kModel = R"(model
  <process id="P">
    <startEvent id="start"/>
    <userTask id="check"/>
    <endEvent id="end"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="check"/>
    <sequenceFlow id="f2" sourceRef="check" targetRef="end"/>
  </process>
)";

ScenarioFile parse(const std::string& text, std::vector<Problem>& problems) {
    const ScenarioFiles none = [](std::string_view name) -> Result<std::string> {
        return fail(ErrorCode::not_found, "there is no file " + std::string(name));
    };
    return parse_scenarios("probe.scn", text, ScenarioKind::process, none, problems);
}

struct Failing {
    const char* name;
    const char* lines;
    int line;
    const char* expected;
};
void PrintTo(const Failing& failing, std::ostream* out) {
    *out << failing.name;
}

class FailingProcessScenarios : public testing::TestWithParam<Failing> {};

TEST_P(FailingProcessScenarios, SayWhere) {
    std::vector<Problem> problems;
    const auto file = parse(std::string(kModel) + "scenario Probe\n" + GetParam().lines, problems);
    ASSERT_TRUE(problems.empty()) << problems.front().text();
    const std::vector<Regime> regimes(1);
    const auto results = run_process_scenarios(file, regimes);
    ASSERT_EQ(results.size(), 1U);
    EXPECT_FALSE(results[0].ok);
    EXPECT_EQ(results[0].line, GetParam().line);
    EXPECT_THAT(results[0].message, testing::HasSubstr(GetParam().expected));
}

// The model has 8 lines and the title is line 9.
const Failing kFailing[] = {
    {"state", "start\nexpect state completed\n", 11, "the state is active, expected completed"},
    {"refused", "start\ncomplete other\nexpect state active\n", 11,
     "no open task; open tasks: check"},
    {"not_refused", "start\ncomplete check\nexpect refused\n", 12, "nothing was refused"},
    {"refusal", "start\ncomplete other\nexpect refused conflict\n", 12, "refused was: not_found: "},
    {"model", "model\n  <process id=\"Q\"/>\nstart Q\nexpect no task\n", 10,
     "the model was refused: probe.scn:11: process 'Q': there is no start event"},
    {"instance", "start\ninstance 2\nexpect no task\n", 11, "there are 1 instances"},
    {"job", "start\nexpect job work\n", 11, "there is no open job work; there is: nothing"},
    {"timer", "start\nexpect timer late\n", 11, "there is no timer late"},
    {"conditional", "start conditional {\"n\": 1}\nexpect no task\n", 10, "nothing begins with it"},
    {"batch", "start\nbatch resolve\nexpect no task\n", 11, "there is no incident"},
    {"early", "expect no task\n", 10, "there is no instance yet"},
};
INSTANTIATE_TEST_SUITE_P(Table, FailingProcessScenarios, testing::ValuesIn(kFailing),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(ProcessScenarios, LinesThatNobodyUnderstands) {
    const std::pair<const char*, const char*> kWrong[] = {
        {"jump", "there is no command 'jump'"},
        {"expect jump", "there is no 'expect jump'"},
        {"job pay", "it is written: job NAME complete JSON?; job NAME fail"},
        {"job pay fail often", "'fail' needs how many retries are left"},
        {"advance soon", "'advance' needs a duration"},
        {"model @gone.bpmn", "there is no file gone.bpmn"},
        {"batch resolve a", "unexpected: a"},
        {"expect entered a times many", "'times' needs a whole number"},
        {"setting a 1", "there is no command 'setting'"},
    };
    for (const auto& [line, reason] : kWrong) {
        std::vector<Problem> problems;
        parse("scenario Probe\n" + std::string(line) + "\nexpect no task\n", problems);
        ASSERT_EQ(problems.size(), 1U) << line;
        EXPECT_EQ(problems[0].line, 2);
        EXPECT_THAT(problems[0].reason, testing::HasSubstr(reason));
    }
}

// The end of a scenario is kept, so that regimes can be compared.
TEST(ProcessScenarios, EndAlikeInEachRegime) {
    std::vector<Problem> problems;
    const auto file =
        parse(std::string(kModel) + "scenario Probe\nstart\nexpect task check\n", problems);
    std::vector<Regime> regimes(2);
    regimes[1].name = "faulty";
    regimes[1].faulty = true;
    const auto results = run_process_scenarios(file, regimes);
    ASSERT_EQ(results.size(), 2U);
    EXPECT_TRUE(results[1].ok) << results[1].message;
    EXPECT_FALSE(results[0].end.empty());
    EXPECT_EQ(results[0].end, results[1].end);
}

TEST(CoverageTable, SaysWhatIsMissing) {
    const auto rows = read_coverage(
        "# A\na | b | BPMN 1 | one\na | c | BPMN 2 | two\n"
        "d | e | BPMN 3 | not executable: a picture\n");
    ASSERT_TRUE(rows.has_value());
    ScenarioResult held;
    held.ok = true;
    held.covers = {{"a", "b"}};
    ScenarioResult failed;
    failed.covers = {{"a", "b"}, {"x", "y"}};
    failed.file = "x.scn";
    const std::vector<std::string> regimes = {"memory"};
    const std::vector<ScenarioResult> good = {held};
    const auto report = report_coverage(rows.value(), good, regimes);
    EXPECT_THAT(report.markdown, testing::HasSubstr("| a | b | ok | one | BPMN 1 |"));
    EXPECT_THAT(report.markdown, testing::HasSubstr("| a | c | missing | two | BPMN 2 |"));
    EXPECT_THAT(report.markdown, testing::HasSubstr("| d | e | - | not executable: a picture"));
    EXPECT_THAT(report.missing, testing::ElementsAre("no scenario covers a, c in memory"));
    EXPECT_TRUE(report.wrong.empty());
    const std::vector<ScenarioResult> bad = {held, failed};
    EXPECT_THAT(report_coverage(rows.value(), bad, regimes).wrong,
                testing::ElementsAre("x.scn covers what is not in the list: x, y",
                                     "a, b failed in memory"));
    EXPECT_TRUE(read_coverage("# A\na | b | c\n").has_error());
    EXPECT_TRUE(read_coverage("# A\na | b | c | d\na | b | c | d\n").has_error());
}

}  // namespace
}  // namespace schwarm::services
