#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "schwarm/bpmn/process.hpp"
#include "schwarm/forms/form.hpp"
#include "schwarm/services/package.hpp"
#include "schwarm/services/store.hpp"
#include "test_package.hpp"

namespace schwarm::services {
namespace {

using testing::HasSubstr;

std::string texts_of(const std::vector<Problem>& problems) {
    std::string all;
    for (const auto& problem : problems) all += problem.text() + "\n";
    return all;
}

TEST(Loader, LoadsTheTestPackage) {
    const auto result = load_package("parkausweis", test_files());
    ASSERT_TRUE(result.package) << texts_of(result.problems);
    const auto& package = *result.package;
    EXPECT_EQ(package.case_prefix, "PA");
    EXPECT_EQ(package.retention.period.months, 24);
    EXPECT_EQ(package.text("title", "en"), "Resident parking permit");
    EXPECT_EQ(package.text("summary", "en"), "Parken in Ihrer Straße");
    EXPECT_EQ(package.form().id(), "antrag");
    EXPECT_EQ(package.groups, std::vector<std::string>{"verkehr"});
    EXPECT_EQ(package.milestone("Pruefen"), "in_pruefung");
    EXPECT_EQ(package.version.size(), 64U);
    EXPECT_EQ(package.version, content_hash(test_files()));
}

TEST(Loader, VersionChangesWithAnyByte) {
    auto files = test_files();
    const auto before = content_hash(files);
    files["README.md"] = "x";
    EXPECT_NE(content_hash(files), before);
}

// One broken package: what is changed, and what the report must say.
struct Broken {
    const char* name;
    std::function<void(PackageFiles&)> change;
    const char* expected;  // part of "file:line element id: reason"
};

std::function<void(PackageFiles&)> replace(std::string file, std::string from, std::string to) {
    return [=](PackageFiles& files) {
        auto& text = files.at(file);
        const auto at = text.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
    };
}
std::function<void(PackageFiles&)> set_file(std::string file, std::string text) {
    return [=](PackageFiles& files) { files[file] = text; };
}
std::function<void(PackageFiles&)> remove_file(std::string file) {
    return [=](PackageFiles& files) { files.erase(file); };
}

TEST(Loader, APackageStartedByMessageHasNoForm) {
    const auto package = test_package("auskunft");
    EXPECT_TRUE(package->started_by_message);
    EXPECT_EQ(package->application_form, nullptr);
    auto files = test_files("auskunft");
    replace("service.json", "\"started_by\": \"message\",", "")(files);
    const auto result = load_package("auskunft", files);
    EXPECT_FALSE(result.package);
    EXPECT_THAT(texts_of(result.problems), HasSubstr("'form' is missing"));
    EXPECT_THAT(texts_of(result.problems), HasSubstr("the process has no none start event"));
}

TEST(Loader, DeletionIsOrderedUnlessThePackageSaysOtherwise) {
    EXPECT_FALSE(test_package()->retention.automatic);
    EXPECT_FALSE(test_package()->retention.log);
    for (const bool with_log : {false, true}) {
        auto files = test_files();
        replace("service.json", "\"Aktenordnung\"",
                std::string(R"("Aktenordnung", "deletion": "automatic")") +
                    (with_log ? R"(, "log": "P90D")" : ""))(files);
        const auto result = load_package("parkausweis", files);
        ASSERT_TRUE(result.package) << texts_of(result.problems);
        EXPECT_TRUE(result.package->retention.automatic);
        EXPECT_EQ(result.package->retention.log.has_value(), with_log);
        EXPECT_EQ(result.package->retention.log.value_or(Period()).days, with_log ? 90 : 0);
    }
}

void PrintTo(const Broken& broken, std::ostream* out) {
    *out << broken.name;
}

class LoaderErrors : public testing::TestWithParam<Broken> {};

TEST_P(LoaderErrors, AreReportedWithPlaceAndReason) {
    auto files = test_files();
    GetParam().change(files);
    const auto result = load_package("parkausweis", files);
    EXPECT_FALSE(result.package);
    EXPECT_THAT(texts_of(result.problems), HasSubstr(GetParam().expected));
}

const Broken kBroken[] = {
    {"retrieval_of_what",
     replace("service.json", "\"form\"",
             "\"retrieval\": {\"document\": \"brief\", \"message\": \"unterlagen\"}, \"form\""),
     "element retrieval: there is no document template documents/brief.html"},
    {"retrieval_message",
     replace("service.json", "\"form\"",
             "\"retrieval\": {\"document\": \"bescheid\", \"message\": \"abruf\"}, \"form\""),
     "element retrieval: process.bpmn has no message of the name 'abruf'"},
    {"retrieval_incomplete",
     replace("service.json", "\"form\"", "\"retrieval\": {\"document\": \"bescheid\"}, \"form\""),
     "element message: 'message' is missing"},
    {"correction_message",
     replace("service.json", "\"documents\": \"unterlagen\"", "\"correction\": \"besser\""),
     "element correction: process.bpmn has no message of the name 'besser'"},
    {"started_by_what", replace("service.json", "\"form\"", "\"started_by\": \"mail\", \"form\""),
     "element started_by: must be application or message"},
    {"message_with_form",
     replace("service.json", "\"form\"", "\"started_by\": \"message\", \"form\""),
     "element form: what is started by a message has no application form"},
    {"message_without_start",
     replace("service.json", "\"form\": \"antrag\",", "\"started_by\": \"message\","),
     "element parkausweis: the process has no message start event"},
    {"bpmn_not_well_formed", replace("process.bpmn", "</bpmn:process>", ""), "process.bpmn:"},
    {"bpmn_unknown_element",
     replace("process.bpmn", "<bpmn:exclusiveGateway id=\"Papier\" default=\"F_ohne\">",
             "<bpmn:magicGateway id=\"Zauber\" /><bpmn:exclusiveGateway id=\"Papier\" "
             "default=\"F_ohne\">"),
     "magicGateway"},
    {"bpmn_unresolved_flow",
     replace("process.bpmn", "targetRef=\"Papier\"", "targetRef=\"Nirgends\""), "Nirgends"},
    {"bpmn_bad_expression",
     replace("process.bpmn", "=antrag.gewicht &gt; 2800", "=antrag.gewicht &gt; &gt;"),
     "process.bpmn:2"},
    {"bpmn_missing", remove_file("process.bpmn"), "process.bpmn: the file is missing"},
    {"bpmn_not_executable",
     replace("process.bpmn", "isExecutable=\"true\"", "isExecutable=\"false\""),
     "no process is executable"},
    {"unknown_decision",
     replace("process.bpmn", "decisionId=\"Gebuehr\"", "decisionId=\"Geschenk\""),
     "element Gebuehr_berechnen: there is no decision 'Geschenk'"},
    {"no_dmn", remove_file("gebuehr.dmn"), "the package has no *.dmn"},
    {"dmn_not_well_formed", replace("gebuehr.dmn", "</decisionTable>", ""), "gebuehr.dmn:"},
    {"dmn_bad_expression",
     replace("gebuehr.dmn", "einstellungen.jahresgebuehr / 2", "einstellungen.jahresgebuehr / /"),
     "gebuehr.dmn:1"},
    {"dmn_unresolved", replace("gebuehr.dmn", "#in_einstellungen", "#in_nichts"), "gebuehr.dmn:"},
    {"unknown_form", replace("process.bpmn", "formId=\"pruefung\"", "formId=\"geschenk\""),
     "element Pruefen: there is no form forms/geschenk.json"},
    {"application_form_missing", remove_file("forms/antrag.json"),
     "service.json:4 element form: there is no form forms/antrag.json"},
    {"form_not_json", set_file("forms/pruefung.json", "{"), "forms/pruefung.json"},
    {"form_bad_type", replace("forms/pruefung.json", "\"radio\"", "\"hologram\""),
     "forms/pruefung.json"},
    {"form_other_id", replace("forms/pruefung.json", "\"id\": \"pruefung\"", "\"id\": \"anders\""),
     "must equal the file name 'pruefung'"},
    {"unknown_document", remove_file("documents/bescheid.html"),
     "element Bescheid: there is no document template documents/bescheid.html"},
    {"document_unknown_name",
     replace("documents/bescheid.html", "{{ kennzeichen }}", "{{ kenzeichen }}"),
     "documents/bescheid.html:3"},
    {"document_bad_format", replace("documents/bescheid.html", "| euro", "| taler"),
     "there is no format 'taler'"},
    {"document_open_block",
     replace("documents/bescheid.html", "{{> fuss}}", "{{#if name = \"x\"}}"),
     "documents/bescheid.html"},
    {"header_missing",
     replace("process.bpmn", "<zeebe:header key=\"document\" value=\"bescheid\" />",
             "<zeebe:header key=\"titel\" value=\"bescheid\" />"),
     "element Bescheid: schwarm:notice needs the header 'document'"},
    {"unknown_inline_task", replace("process.bpmn", "schwarm:print", "schwarm:brief"),
     "element Drucken: there is no task type 'schwarm:brief'"},
    {"message_text_missing",
     replace("process.bpmn", "value=\"nachricht.unterlagen\"", "value=\"nachricht.keine\""),
     "element Nachforderung: texts/de.json has no text 'nachricht.keine'"},
    {"milestone_text_missing",
     replace("texts/de.json", "\"milestone.in_pruefung\"", "\"milestone.pruefung\""),
     "element Pruefen: texts/de.json has no text 'milestone.in_pruefung'"},
    {"task_text_missing", replace("texts/de.json", "\"task.Pruefen\"", "\"task.Pruefe\""),
     "texts/de.json has no text 'task.Pruefen'"},
    {"title_missing", replace("texts/de.json", "\"title\"", "\"titel\""),
     "texts/de.json has no text 'title'"},
    {"english_key_unknown", replace("texts/en.json", "\"title\"", "\"titel\""),
     "texts/en.json:2: the key 'titel' does not exist in texts/de.json"},
    {"no_group", replace("process.bpmn", "candidateGroups=\"verkehr\"", "assignee=\"ich\""),
     "element Pruefen: the user task names no candidate group"},
    {"unreachable_node",
     replace("process.bpmn", "<bpmn:endEvent id=\"Ende_erteilt\">",
             "<bpmn:task id=\"Insel\"><bpmn:outgoing>F_insel</bpmn:outgoing></bpmn:task>"
             "<bpmn:sequenceFlow id=\"F_insel\" sourceRef=\"Insel\" targetRef=\"Ende_erteilt\" />"
             "<bpmn:endEvent id=\"Ende_erteilt\">"),
     "element Insel"},
    {"no_end",
     replace("process.bpmn",
             "<bpmn:sequenceFlow id=\"F10\" sourceRef=\"Ablegen\" targetRef=\"Ende_erteilt\" />",
             "<bpmn:sequenceFlow id=\"F10\" sourceRef=\"Ablegen\" targetRef=\"Papier\" />"),
     "element Ende_erteilt"},
    {"withdrawal_message_unknown",
     replace("service.json", "\"withdrawal\": \"ruecknahme\"", "\"withdrawal\": \"widerruf\""),
     "service.json:8 element withdrawal: process.bpmn has no message of the name 'widerruf'"},
    {"service_json_missing", remove_file("service.json"), "service.json: the file is missing"},
    {"service_json_broken", replace("service.json", "\"case_prefix\": \"PA\",", "\"case_prefix\""),
     "service.json:"},
    {"service_json_unknown_member",
     replace("service.json", "\"form\":", "\"colour\": 1, \"form\":"),
     "service.json:4 element colour: service.json has no such member"},
    {"service_json_prefix", replace("service.json", "\"PA\"", "\"parken\""),
     "must be 1 to 4 capital letters"},
    {"service_json_retention", replace("service.json", "\"P2Y\"", "\"zwei Jahre\""),
     "must be a duration"},
    {"service_json_retention_for_ever", replace("service.json", "\"P2Y\"", "\"P999999999Y\""),
     "must be a duration"},
    {"service_json_deletion",
     replace("service.json", "\"Aktenordnung\"", R"("Aktenordnung", "deletion": "sofort")"),
     "service.json:7 element deletion: must be automatic or order"},
    {"service_json_log_on_order",
     replace("service.json", "\"Aktenordnung\"",
             R"("Aktenordnung", "deletion": "order", "log": "P6M")"),
     "service.json:7 element log: needs \"deletion\": \"automatic\""},
    {"service_json_log_period",
     replace("service.json", "\"Aktenordnung\"",
             R"("Aktenordnung", "deletion": "automatic", "log": "PT1H")"),
     "service.json:7 element log: must be a duration such as P10Y or P90D"},
    {"service_json_retention_member",
     replace("service.json", "\"Aktenordnung\"", R"("Aktenordnung", "loeschung": true)"),
     "service.json:7 element loeschung: service.json has no such member"},
    {"service_json_setting_type",
     replace("service.json", "\"type\": \"number\"", "\"type\": \"zahl\""),
     "must be boolean, number, text, date, list or context"},
    {"service_json_setting_default", replace("service.json", "30.7", "\"viel\""),
     "element jahresgebuehr: the default must be of type number"},
    {"service_json_outcome", replace("service.json", "\"=ergebnis\"", "\"=ergebnis +\""),
     "service.json:9 element decision"},
    {"no_scenarios", remove_file("scenarios/wege.scn"), "the package has no scenarios"},
    {"scenario_unknown_command", replace("scenarios/wege.scn", "withdraw\n", "zurueck\n"),
     "there is no command 'zurueck'"},
    {"scenario_bad_json",
     replace("scenarios/wege.scn", "with {\"ermaessigt\": true}", "with {ermaessigt}"),
     "scenarios/wege.scn:19: 1:2"},
    {"scenario_missing_file", replace("scenarios/wege.scn", "@basis.json", "@fehlt.json"),
     "scenarios/wege.scn:4: there is no file scenarios/fehlt.json"},
    {"scenario_without_expectation", set_file("scenarios/leer.scn", "scenario Leer\nstart {}\n"),
     "scenarios/leer.scn:1: the scenario expects nothing"},
    {"foreign_file", set_file("notes.txt", "x"), "notes.txt: no file of this name"},
    {"path_upwards", set_file("forms/../../evil.json", "x"), "no file of this name"},
    {"not_utf8", set_file("README.md", "\xFF\xFE"), "README.md: is not UTF-8"},
};

INSTANTIATE_TEST_SUITE_P(Table, LoaderErrors, testing::ValuesIn(kBroken),
                         [](const auto& each) { return each.param.name; });

TEST(Loader, CollectsAllProblems) {
    auto files = test_files();
    files.erase("texts/de.json");
    files["service.json"] = "[]";
    files["x"] = "";
    EXPECT_GE(load_package("parkausweis", files).problems.size(), 3U);
}

TEST(Settings, DefaultsAndTypes) {
    const auto package = test_package();
    const auto defaults = resolve_settings(*package, {});
    ASSERT_TRUE(defaults);
    EXPECT_EQ(defaults->get("jahresgebuehr").to_string(), "30.7");
    EXPECT_TRUE(defaults->get("gueltig_ab").is_date());
    const auto changed =
        resolve_settings(*package, json::Value::object({{"papier", json::Value(true)}}));
    ASSERT_TRUE(changed);
    EXPECT_TRUE(changed->get("papier").is_true());
    const auto unknown =
        resolve_settings(*package, json::Value::object({{"farbe", json::Value("rot")}}));
    ASSERT_TRUE(unknown.has_error());
    EXPECT_EQ(unknown.error().where, "setting farbe");
    const auto wrong =
        resolve_settings(*package, json::Value::object({{"papier", json::Value("ja")}}));
    EXPECT_TRUE(wrong.has_error());
}

TEST(Store, FilesSurviveEncoding) {
    const auto files = test_files();
    const auto bytes = encode_files(files);
    const auto back = decode_files(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, files);
    for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, bytes.size() / 2}) {
        EXPECT_TRUE(decode_files(std::string_view(bytes).substr(0, cut)).has_error());
    }
}

TEST(Folder, RefusesWhatIsNoFolder) {
    EXPECT_EQ(read_folder("/does/not/exist").error().code, ErrorCode::not_found);
    PackageLimits limits;
    limits.file_bytes_max = 10;
    EXPECT_EQ(read_folder(test_folder(), limits).error().code, ErrorCode::limit_exceeded);
    limits = {};
    limits.files_max = 2;
    EXPECT_EQ(read_folder(test_folder(), limits).error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace schwarm::services
