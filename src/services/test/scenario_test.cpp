#include "schwarm/services/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schwarm/json/json.hpp"
#include "test_package.hpp"

namespace schwarm::services {
namespace {

TEST(Scenarios, OfTheTestPackagePass) {
    for (const std::string id : {"parkausweis", "auskunft"}) {
        for (const auto& result : run_scenarios(test_package(id))) {
            EXPECT_TRUE(result.ok) << result.file << ":" << result.line << " " << result.title
                                   << ": " << result.message;
        }
    }
}

// A scenario that fails, and the report it must give.
struct Failing {
    const char* name;
    const char* text;
    int line;
    const char* expected;
    const char* package = "parkausweis";
};
void PrintTo(const Failing& failing, std::ostream* out) {
    *out << failing.name;
}

class FailingScenarios : public testing::TestWithParam<Failing> {};

TEST_P(FailingScenarios, SayWhere) {
    auto files = test_files(GetParam().package);
    std::erase_if(files, [](const auto& file) { return file.first.ends_with(".scn"); });
    files["scenarios/wege.scn"] = std::string("scenario Probe\n") + GetParam().text;
    const auto loaded = load_package(GetParam().package, files);
    ASSERT_TRUE(loaded.package) << loaded.problems.front().text();
    const auto results = run_scenarios(loaded.package);
    ASSERT_EQ(results.size(), 1U);
    EXPECT_FALSE(results[0].ok);
    EXPECT_EQ(results[0].line, GetParam().line);
    EXPECT_THAT(results[0].message, testing::HasSubstr(GetParam().expected));
}

const Failing kFailing[] = {
    {"variable", "start @basis.json\nexpect variable gebuehr = 31\n", 3,
     "variable gebuehr is 30.7, expected 31"},
    {"state", "start @basis.json\nexpect state active\n", 3, "the state is completed"},
    {"path", "start @basis.json\nexpect path Eingang > Ende_erteilt\n", 3,
     "the path was Eingang > "},
    {"document", "start @basis.json\nexpect document bescheid contains \"Max\"\n", 3,
     "does not contain \"Max\"; it says: Parkausweis"},
    {"document_lacks", "start @basis.json\nexpect document bescheid lacks \"Erika\"\n", 3,
     "contains \"Erika\""},
    {"task", "start @basis.json\nexpect task Pruefen\n", 3, "there are no open tasks"},
    {"reason",
     "start @basis.json with {\"gewicht\": 3000}\nexpect task Pruefen reason \"leicht\"\n", 3,
     "no reason contains \"leicht\"; reasons: Das Fahrzeug ist schwer (§ 12 Abs. 3a StVO)"},
    {"group", "start @basis.json with {\"gewicht\": 3000}\nexpect task Pruefen group bau\n", 3,
     "the task's groups are verkehr"},
    {"refused", "start @basis.json with {\"gewicht\": 1}\nexpect state completed\n", 3,
     "the form was refused: gewicht"},
    {"refused_at_the_end", "start @basis.json\nexpect state completed\nexpect refused name\n", 4,
     "the form was not refused"},
    {"withdraw_too_late", "start @basis.json\nwithdraw\nexpect state completed\n", 3,
     "does not wait for message 'ruecknahme'"},
    {"no_case", "expect state active\n", 2, "'start' must come first"},
    {"that", "start @basis.json\nexpect that gebuehr > 100\n", 3, "gebuehr > 100 is false"},
    {"milestone", "start @basis.json\nexpect milestone abgelehnt\n", 3, "the milestone is erteilt"},
    {"start_of_a_message", "start @basis.json\nstart message frage\nexpect no task\n", 3,
     "starts one case"},
    {"start_without_its_message", "start {}\nexpect not sent\n", 2, "'start message NAME'",
     "auskunft"},
    {"sent_times",
     "start message frage {\"anfrage\": \"v\", \"nummer\": 1}\nexpect sent antwort times 2\n", 3,
     "sent was: antwort", "auskunft"},
    {"sent_where",
     "start message frage {\"anfrage\": \"v\", \"nummer\": 1}\n"
     "expect sent antwort where ergebnis = 3\n",
     3, "ergebnis = 3 is false in {ergebnis: 2}", "auskunft"},
    {"not_sent",
     "start message frage {\"anfrage\": \"v\", \"nummer\": 1}\nexpect not sent antwort\n", 3,
     "sent was: antwort", "auskunft"},
    {"kept",
     "at 2026-03-14 10:00\nstart message frage {\"anfrage\": \"v\", \"nummer\": 1}\n"
     "expect kept until 2026-03-14 10:31\n",
     4, "kept until 2026-03-14T10:30:00", "auskunft"},
    {"not_kept", "start @basis.json with {\"gewicht\": 3000}\nexpect kept until 2026-03-14\n", 3,
     "is not archived"},
    {"unknown_setting", "setting farbe true\nstart @basis.json\nexpect no task\n", 2,
     "no such setting"},
};
INSTANTIATE_TEST_SUITE_P(Table, FailingScenarios, testing::ValuesIn(kFailing),
                         [](const auto& each) { return each.param.name; });

TEST(MergePatch, FollowsRfc7396) {
    const auto merged = [](std::string_view target, std::string_view patch) {
        auto value = *json::parse(target);
        merge_patch(value, *json::parse(patch));
        return json::to_string(value);
    };
    EXPECT_EQ(merged(R"({"a":{"b":1,"c":2}})", R"({"a":{"b":null,"d":3}})"),
              R"({"a":{"c":2,"d":3}})");
    EXPECT_EQ(merged(R"({"a":[1]})", R"({"a":[2,3]})"), R"({"a":[2,3]})");
    EXPECT_EQ(merged(R"({})", R"({"a":{"b":{"c":null}}})"), R"({"a":{"b":{}}})");
    EXPECT_EQ(merged(R"([1])", R"({"a":1})"), R"({"a":1})");
}

}  // namespace
}  // namespace schwarm::services
