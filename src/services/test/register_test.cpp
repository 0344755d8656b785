// Registers of packages: their files, and the cases that say how their rules decide.
#include "schwarm/services/register.hpp"

#include <gtest/gtest.h>

#include "schwarm/json/json.hpp"

namespace schwarm::services {
namespace {

const std::string kPackages = std::string(SCHWARM_SOURCE_DIR) + "/packages";

TEST(Registers, OfAllPackagesDecideAsTheirCasesSay) {
    std::size_t count = 0;
    for (const std::string& folder : {kPackages, kPackages + "/simulators"}) {
        const auto registers = load_registers(folder);
        ASSERT_TRUE(registers.has_value()) << registers.error().text();
        for (const auto& [id, rules] : registers.value()) {
            const auto results = run_cases(*rules, read_folder(folder + "/" + id).value());
            ASSERT_TRUE(results.has_value()) << id << ": " << results.error().text();
            for (const ScenarioResult& result : results.value()) {
                EXPECT_TRUE(result.ok) << id << ", " << result.title << ": " << result.message;
            }
            ++count;
        }
    }
    EXPECT_GE(count, 2u);
}

class ARegister : public testing::Test {
  protected:
    void SetUp() override { files = read_folder(kPackages + "/melderegister").value(); }
    Error refusal() const {
        const auto loaded = Register::load("melderegister", files, "/srv/melderegister");
        return loaded.has_error() ? loaded.error() : Error();
    }
    void replace(std::string_view what, std::string_view with) {
        std::string& text = files.find("register.json")->second;
        const auto at = text.find(what);
        ASSERT_NE(at, std::string::npos) << what;
        text.replace(at, what.size(), with);
    }
    PackageFiles files;
};

TEST_F(ARegister, LiesWhereItsFolderSays) {
    const auto loaded = Register::load("melderegister", files, "/srv/melderegister");
    ASSERT_TRUE(loaded.has_value()) << loaded.error().text();
    EXPECT_EQ(loaded.value()->source.file, "/srv/melderegister/bestand.json");
    EXPECT_EQ(loaded.value()->retention.period.months, 24);
}

TEST_F(ARegister, WithoutItsRulesIsRefused) {
    files.erase("auskunft.dmn");
    EXPECT_NE(refusal().message, "");
}

TEST_F(ARegister, NamesTheMemberThatIsWrong) {
    replace("\"preview\": true", "\"vorschau\": true");
    EXPECT_EQ(refusal().where, "vorschau");
}

TEST_F(ARegister, NeedsAPeriodForItsLog) {
    replace("P2Y", "P2X");
    EXPECT_EQ(refusal().where, "retention/period");
}

TEST_F(ARegister, NeedsAttributesToMatch) {
    replace("[\"familienname\", \"vornamen\", \"geburtsdatum\"]", "[]");
    EXPECT_EQ(refusal().where, "match");
}

TEST_F(ARegister, NeedsADecisionThatIsThere) {
    replace("\"policy\": \"auskunft\"", "\"policy\": \"fehlt\"");
    EXPECT_EQ(refusal().code, ErrorCode::not_found);
}

TEST_F(ARegister, GivesOutWhatItsSchemaNames) {
    const auto rules = Register::load("melderegister", files, "/").value();
    const auto out = rules->give_out(
        json::parse(R"({"familienname": "M", "vornamen": "E", "geburtsdatum": "1964-08-12",
            "anschrift": {"strasse": "a", "plz": "b", "ort": "c"}, "auskunftssperre": false,
            "religion": "x"})")
            .value());
    ASSERT_TRUE(out.has_value()) << out.error().text();
    EXPECT_EQ(out.value().find("religion"), nullptr);
    EXPECT_TRUE(rules->give_out(json::parse(R"({"familienname": 7})").value()).has_error());
}

TEST(RegisterSources, AreReadStrictly) {
    const auto read = [](const char* text) {
        return read_source(json::parse(text).value(), "/srv/x");
    };
    EXPECT_EQ(read(R"({"kind": "table", "file": "a.db", "table": "t"})").value().file,
              "/srv/x/a.db");
    EXPECT_EQ(read(R"({"kind": "file", "file": "/data/a.json"})").value().file, "/data/a.json");
    EXPECT_EQ(
        read(R"({"kind": "http", "host": "h", "port": 0, "path": "/", "key": "k"})").error().where,
        "source/port");
    EXPECT_EQ(read(R"({"kind": "file", "file": "a", "table": "t"})").error().where, "table");
    EXPECT_EQ(read(R"({"kind": "ftp"})").error().where, "source/kind");
    EXPECT_EQ(read(R"({"kind": "file"})").error().where, "file");
}

}  // namespace
}  // namespace schwarm::services
