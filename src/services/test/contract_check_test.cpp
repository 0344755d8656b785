// Processes that do not keep to the contract of their collaboration.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "schwarm/services/contract.hpp"

namespace schwarm::services {
namespace {

using testing::HasSubstr;

const std::string kPackages = std::string(SCHWARM_SOURCE_DIR) + "/packages";

std::string texts_of(const std::vector<Problem>& problems) {
    std::string all;
    for (const auto& problem : problems) all += problem.text() + "\n";
    return all;
}

// What is wrong when one text of the process is another.
std::string changed(const std::string& from, const std::string& to) {
    auto files = read_folder(kPackages + "/ikfz-abmeldung").value();
    std::string& process = files.at("process.bpmn");
    const auto at = process.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    process.replace(at, from.size(), to);
    const auto loaded = load_package("ikfz-abmeldung", files);
    if (!loaded.package) return "does not load: " + texts_of(loaded.problems);
    const auto contracts = ContractBook::load(kPackages + "/contracts");
    EXPECT_TRUE(contracts.has_value()) << contracts.error().text();
    return texts_of(check_contracts(*loaded.package, *contracts));
}

TEST(ContractCheck, FindsTheContractsOfAPackage) {
    EXPECT_EQ(contracts_beside(kPackages + "/ikfz"), kPackages + "/contracts");
    EXPECT_EQ(contracts_beside(kPackages + "/ikfz/"), kPackages + "/contracts");
    EXPECT_EQ(contracts_beside(kPackages + "/simulators/bezahldienst"), kPackages + "/contracts");
    EXPECT_EQ(contracts_beside("/proc/self"), std::nullopt);
    EXPECT_EQ(changed("L", "L"), "");
}

TEST(ContractCheck, AnUnknownContract) {
    const std::string found =
        changed("name=\"version\" value=\"1\"", "name=\"version\" value=\"7\"");
    EXPECT_THAT(found, HasSubstr("process.bpmn"));
    EXPECT_THAT(found,
                HasSubstr("element Zusammenarbeit: there is no contract 'ikfz', version '7'"));
}

TEST(ContractCheck, AnUnknownMessageIsNamedWhereItIsSent) {
    const std::string found = changed("id=\"Message_abmeldung_anfrage\" name=\"abmeldung_anfrage\"",
                                      "id=\"Message_abmeldung_anfrage\" name=\"abmeldung_bitte\"");
    EXPECT_THAT(found, HasSubstr("element Register_fragen: the contract has no message "
                                 "'abmeldung_bitte'"));
    EXPECT_THAT(found, testing::ContainsRegex("process.bpmn:[0-9]+"));
}

TEST(ContractCheck, RolesAndDirections) {
    EXPECT_THAT(changed("value=\"kba-fahrzeugregister\"", "value=\"kba\""),
                HasSubstr("element KBA: the contract has no role 'kba'"));
    EXPECT_THAT(
        changed("value=\"kba-fahrzeugregister\"", "value=\"zoll-kfzsteuer\""),
        HasSubstr("element Register_fragen: 'abmeldung_anfrage' is sent to 'zoll-kfzsteuer'; "
                  "the contract says from 'zulassungsbehoerde' to 'kba-fahrzeugregister'"));
    EXPECT_THAT(changed("sourceRef=\"Register_melden\" targetRef=\"KBA\" "
                        "messageRef=\"Message_abmeldung_mitteilung\"",
                        "sourceRef=\"Register_melden\" targetRef=\"KBA\" "
                        "messageRef=\"Message_abmeldung_antwort\""),
                HasSubstr("'abmeldung_antwort' is sent to 'kba-fahrzeugregister'"));
    EXPECT_THAT(changed("<zeebe:property name=\"jurisdiction\" "
                        "value=\"=einstellungen.gemeindeschluessel\" />",
                        ""),
                HasSubstr("element Bezahldienst: the property jurisdiction is missing"));
}

TEST(ContractCheck, MembersOfTheBody) {
    const std::string found = changed("target=\"kennzeichen\"", "target=\"schild\"");
    EXPECT_THAT(found, HasSubstr("is sent without 'kennzeichen'"));
    EXPECT_THAT(found, HasSubstr("is sent with 'schild', which the contract does not have"));
}

TEST(ContractCheck, NoFlowCarriesIt) {
    EXPECT_THAT(changed("<bpmn:messageFlow id=\"Nachricht_7\" name=\"kfzsteuer_mitteilung\" "
                        "sourceRef=\"Zoll_melden\" targetRef=\"Zoll\" "
                        "messageRef=\"Message_kfzsteuer_mitteilung\" />",
                        ""),
                HasSubstr("element Zoll_melden: no message flow carries 'kfzsteuer_mitteilung'"));
}

// A contract with one message; `more`: members of the message.
Result<ContractBook> book_with(const std::string& more, const std::string& properties) {
    namespace fs = std::filesystem;
    const fs::path folder =
        fs::path(testing::TempDir()) /
        (std::string("contracts_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder / "a" / "1");
    std::ofstream(folder / "a" / "1" / "contract.json")
        << R"({"collaboration":"a","version":"1","roles":[],"messages":[{"name":"m","from":"x",)"
        << R"("to":"y","purpose":"p","legal_basis":"l","conversation":"starts",)" << more
        << R"("body":{"type":"object","properties":{)" << properties << "}}}]}";
    return ContractBook::load(folder.string());
}

TEST(ContractDocuments, AMessageHasAsManyAsTheContractSays) {
    EXPECT_EQ(book_with("", "").value().find("a", "1", "m")->documents, 0U);
    EXPECT_EQ(book_with(R"("documents":5,)", "").value().find("a", "1", "m")->documents, 5U);
    for (const char* wrong : {"101", "-1", "true", "\"5\"", "1.5"}) {
        const auto book = book_with(std::string("\"documents\":") + wrong + ",", "");
        ASSERT_TRUE(book.has_error()) << wrong;
        EXPECT_THAT(book.error().text(), HasSubstr("/messages/0/documents"));
    }
}

TEST(ContractDocuments, TheirVariableIsNoMemberOfTheBody) {
    EXPECT_TRUE(book_with("", R"("dokumente":{"type":"array"})").has_value());
    EXPECT_TRUE(book_with(R"("documents":5,)", R"("dokumente":{"type":"array"})").has_error());
}

}  // namespace
}  // namespace schwarm::services
