// The pages about evidence over requests: preview and decision on the own case, the clerk's view,
// the data protection cockpit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>

#include "../../app/test/app_fixture.hpp"
#include "../../app/test/fake_evidence.hpp"
#include "pages.hpp"
#include "schwarm/feel/codec.hpp"
#include "schwarm/portal/portal.hpp"

namespace schwarm::portal {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string kNasty = "<script>alert('x')</script>";

class EvidencePages : public testing::Test, protected app::AppFixture {
  protected:
    EvidencePages() {
        erika_.name = "Erika Mustermann";
        erika_.assurance = max_.assurance = app::AssuranceLevel::high;
        erika_.person = app::IdentifiedPerson{"Mustermann", "Erika", "1964-08-12"};
        id_ = submit(erika_, heavy()).case_id;
        path_ = case_path(app::kLeipzig, id_);
        evidence_.of = id_;
        const auto data = feel::from_json_text(
            R"({"familienname":"Mustermann","geburtsdatum":"1964-08-12","anschrift":{"ort":"Aachen","strasse":"<script>alert('x')</script>"},
                "kinder":[{"vornamen":"Ben"},{"vornamen":null}],"sprachen":["de","en"],"allein_erziehend":true,"miete":412.5})");
        evidence_.retrievals = {app::open_retrieval("a1", "person", *data),
                                app::open_retrieval("a2", "answer")};
        portal_.add_routes(router_);
    }

    http::Response send(http::Request request) {
        std::promise<http::Response> promise;
        auto future = promise.get_future();
        request.headers.add("Accept", "text/html");
        router_.dispatch(request, http::Respond([&promise](http::Response response) {
                             promise.set_value(std::move(response));
                         }));
        return future.get();
    }
    http::Request from(const app::Principal& who, http::Method method, std::string path) {
        const app::Session session = sessions_.begin(who);
        csrf_ = sessions_.csrf_token(session);
        http::Request request;
        request.method = method;
        request.path = std::move(path);
        request.headers.add("Cookie", std::string(app::Sessions::kCookie) + "=" +
                                          sessions_.seal(session).value() +
                                          (english_ ? "; schwarm_sprache=en" : ""));
        return request;
    }
    http::Response get(const app::Principal& who, std::string path, std::string query = {}) {
        auto request = from(who, http::Method::get, std::move(path));
        request.query = std::move(query);
        return send(std::move(request));
    }
    http::Response decide(const app::Principal& who, const std::string& retrieval,
                          const std::string& decision, const std::string& csrf = {}) {
        auto request = from(who, http::Method::post, path_ + "/nachweise/" + retrieval);
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        request.body = "entscheidung=" + decision + "&_csrf=" + (csrf.empty() ? csrf_ : csrf);
        return send(std::move(request));
    }

    app::FakeEvidence evidence_;
    app::App with_{*runtime_, registry_, clock_, random_, app::Limits(), nullptr, &evidence_};
    app::Sessions sessions_{crypto::Key::random(random_), clock_, random_};
    app::NoIdentities identities_;
    Portal portal_{
        {.app = with_, .sessions = sessions_, .identities = identities_, .clock = clock_}};
    http::Router router_;
    CaseId id_;
    std::string path_;
    std::string csrf_;
    bool english_ = false;
};

TEST_F(EvidencePages, ThePersonLooksAtTheDataAndDecides) {
    const auto page = get(erika_, path_);
    ASSERT_EQ(page.status, 200);
    for (const char* text :
         {"Meldebestätigung", "Stadt Aachen", "Prüfung der Hauptwohnung", "§ 34 BMG",
          "Das Register antwortet noch nicht. Ihr Antrag wartet; Sie müssen nichts tun.",
          "12.08.1964", "Anschrift, Ort", "Kind 1, Vornamen", "Kind 2, Vornamen", "keine Angabe",
          "de, en", "Allein erziehend", ">ja<", "412,5", "§ 5 Abs. 5 EGovG", "Daten verwenden"}) {
        EXPECT_THAT(page.body, HasSubstr(text));
    }
    EXPECT_THAT(page.body, Not(HasSubstr("<script>alert")));
    EXPECT_THAT(page.body, HasSubstr("&lt;script&gt;alert"));
    // The one that nobody has answered yet has no buttons.
    EXPECT_THAT(page.body, HasSubstr("action=\"" + path_ + "/nachweise/a1\""));
    EXPECT_THAT(page.body, Not(HasSubstr("/nachweise/a2")));

    const auto done = decide(erika_, "a1", "verwenden");
    EXPECT_EQ(done.status, 303);
    EXPECT_EQ(done.headers.get("Location"), path_ + "?meldung=nachweis-verwendet");
    ASSERT_EQ(evidence_.decided.size(), 1U);
    EXPECT_TRUE(evidence_.decided[0].second);
    const auto after = get(erika_, path_, "meldung=nachweis-verwendet");
    EXPECT_THAT(after.body, HasSubstr("Die Daten werden für Ihren Antrag verwendet."));
    EXPECT_THAT(after.body, Not(HasSubstr("Anschrift, Ort")));
    EXPECT_EQ(decide(erika_, "a1", "verwenden").status, 409);
}

TEST_F(EvidencePages, ThePersonMayRefuse) {
    EXPECT_EQ(decide(erika_, "a1", "nicht-verwenden").headers.get("Location"),
              path_ + "?meldung=nachweis-nicht-verwendet");
    ASSERT_EQ(evidence_.decided.size(), 1U);
    EXPECT_FALSE(evidence_.decided[0].second);
}

TEST_F(EvidencePages, NothingIsDecidedByOthersOrByMistake) {
    EXPECT_EQ(get(max_, path_).status, 404);
    EXPECT_EQ(get(nobody_, path_).status, 404);
    for (const auto& who : {max_, nobody_, clerk_}) {
        EXPECT_EQ(decide(who, "a1", "verwenden").status, 404);
    }
    EXPECT_EQ(decide(erika_, "a1", "verwenden", "wrong").status, 403);
    EXPECT_EQ(decide(erika_, "a1", "verwenden", sessions_.csrf_token(sessions_.begin(max_))).status,
              403);
    EXPECT_EQ(decide(erika_, "a1", "").status, 400);
    EXPECT_EQ(decide(erika_, "a1", "vielleicht").status, 400);
    EXPECT_EQ(get(erika_, path_ + "/nachweise/a1").status, 405);
    EXPECT_TRUE(evidence_.decided.empty());
}

TEST_F(EvidencePages, AClerkSeesThatTheCaseWaitsAndNothingElse) {
    const auto tasks = *with_.tasks(clerk_, Lang::de);
    ASSERT_EQ(tasks.size(), 1U);
    for (const auto& path : {path_, task_path(app::kLeipzig, id_, tasks[0].key)}) {
        const auto page = get(clerk_, path);
        ASSERT_EQ(page.status, 200);
        EXPECT_THAT(page.body, AllOf(HasSubstr("Meldebestätigung"),
                                     HasSubstr("Die antragstellende Person muss noch entscheiden"),
                                     HasSubstr("Das Register antwortet noch nicht.")));
        EXPECT_THAT(page.body, AllOf(Not(HasSubstr("12.08.1964")), Not(HasSubstr("alert(")),
                                     Not(HasSubstr("/nachweise/"))));
    }
}

TEST_F(EvidencePages, TheCockpitShowsWhatRegistersGaveOut) {
    app::Retrieval given;
    given.title = "Meldebestätigung";
    given.asker = "Stadt Leipzig " + kNasty;
    given.purpose = "Prüfung der Hauptwohnung";
    given.legal_basis = "§ 34 BMG";
    given.result = "geliefert";
    given.fields = {"anschrift.ort", "geburtsdatum", "wohn_dauer"};
    app::Retrieval refused = given;
    refused.result = "abgelehnt";
    refused.reason = "keine Rechtsgrundlage " + kNasty;
    refused.fields.clear();
    evidence_.registers = {{"Meldebestätigung", "Stadt Aachen", true, "", {given, refused}},
                           {"Meldebestätigung", "Stadt Halle", true, "", {}},
                           {"Halterauskunft", "KBA", false, "timed out", {}}};
    const auto page = get(erika_, "/datenschutzcockpit");
    ASSERT_EQ(page.status, 200);
    EXPECT_EQ(page.headers.get("Cache-Control"), "no-store");
    for (const char* text :
         {"Gefragt wurde nach: Erika Mustermann, geboren am 12.08.1964.",
          "3 Register wurden gefragt.", "1 Register hat nicht geantwortet", "timed out",
          "<caption class=\"kern-sr-only\">Abrufe: Meldebestätigung, Stadt Aachen</caption>",
          "Anschrift, Ort", "Wohn dauer", "herausgegeben", "keine Rechtsgrundlage",
          "Zu Ihnen ist kein Abruf verzeichnet.", "nicht gespeichert", "Art. 15 DSGVO"}) {
        EXPECT_THAT(page.body, HasSubstr(text));
    }
    EXPECT_THAT(page.body, Not(HasSubstr("<script>alert")));
    english_ = true;
    EXPECT_THAT(get(erika_, "/datenschutzcockpit").body,
                AllOf(HasSubstr("Data protection cockpit"), HasSubstr("born on 12 August 1964"),
                      HasSubstr("Address, Town"), Not(HasSubstr(">cockpit."))));
    EXPECT_THAT(get(erika_, path_).body,
                AllOf(HasSubstr("Records retrieved for you"), HasSubstr("12 August 1964"),
                      HasSubstr("Do not use")));
}

TEST_F(EvidencePages, TheCockpitIsForIdentifiedPersonsOnly) {
    auto low = erika_;
    low.assurance = app::AssuranceLevel::substantial;
    for (const auto& who : {nobody_, low, max_}) {
        const auto page = get(who, "/datenschutzcockpit");
        EXPECT_EQ(page.status, 401);
        EXPECT_THAT(page.body, AllOf(HasSubstr("Vertrauensniveau hoch"),
                                     HasSubstr("/anmelden?weiter=/datenschutzcockpit")));
    }
    EXPECT_EQ(get(clerk_, "/datenschutzcockpit").status, 404);
    EXPECT_TRUE(evidence_.asked.empty());
    EXPECT_THAT(get(erika_, "/vorgaenge").body, HasSubstr("href=\"/datenschutzcockpit\""));
    EXPECT_THAT(get(nobody_, "/vorgaenge").body, Not(HasSubstr("/datenschutzcockpit")));
}

TEST_F(EvidencePages, ANodeThatStandsAloneHasNoneOfIt) {
    http::Router router;
    const Portal alone{
        {.app = app_, .sessions = sessions_, .identities = identities_, .clock = clock_}};
    alone.add_routes(router);
    router_ = std::move(router);
    EXPECT_EQ(get(erika_, "/datenschutzcockpit").status, 404);
    EXPECT_EQ(get(nobody_, "/datenschutzcockpit").status, 404);
    EXPECT_THAT(get(erika_, "/vorgaenge").body, Not(HasSubstr("/datenschutzcockpit")));
    EXPECT_THAT(get(erika_, path_).body, Not(HasSubstr("id=\"nachweise\"")));
}

}  // namespace
}  // namespace schwarm::portal
