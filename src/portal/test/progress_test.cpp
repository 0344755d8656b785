// The page that shows where a case stands: the picture, the tables, who gets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "../../app/test/app_fixture.hpp"
#include "../../app/test/fake_network.hpp"
#include "pages.hpp"
#include "process_picture.hpp"
#include "schwarm/portal/portal.hpp"

namespace schwarm::portal {
namespace {

using app::MessageState;
using app::StepState;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string kNasty = "</title><script>alert('x')</script>";

bpmn::Shape shape(bpmn::ShapeKind kind, std::string element, std::string name,
                  const bpmn::Bounds& bounds) {
    bpmn::Shape out;
    out.kind = kind;
    out.element = std::move(element);
    out.name = std::move(name);
    out.bounds = bounds;
    return out;
}

app::CaseProgress some_progress() {
    app::CaseProgress out;
    out.number = "WG-2026-0000007";
    out.id = CaseId(7);
    out.tenant = TenantId("leipzig");
    out.tenant_name = "Stadt Leipzig";
    out.title = "Wohngeld " + kNasty;
    out.diagram.bounds = {0, 0, 600, 400};
    using bpmn::ShapeKind;
    auto pool = shape(ShapeKind::pool, "wir", "Wir " + kNasty, {0, 0, 600, 200});
    auto other = shape(ShapeKind::pool, "die", "Die " + kNasty, {0, 300, 600, 60});
    other.black_box = true;
    auto task = shape(ShapeKind::node, "t", "Prüfen " + kNasty, {100, 50, 120, 80});
    auto event = shape(ShapeKind::node, "e", "Ende", {300, 70, 36, 36});
    event.node = bpmn::NodeKind::end_event;
    event.event = bpmn::EventKind::message;
    auto note = shape(ShapeKind::annotation, "n", kNasty, {400, 20, 100, 60});
    out.diagram.shapes = {pool, other, task, event, note};
    out.diagram.edges = {
        {bpmn::EdgeKind::sequence, "f", kNasty, "t", "e", {{220, 90}, {300, 90}}},
        {bpmn::EdgeKind::message, "m", "antwort", "e", "die", {{318, 106}, {318, 300}}}};
    out.steps = {
        {"t",
         "Prüfen " + kNasty,
         bpmn::NodeKind::user_task,
         StepState::incident,
         2,
         Instant{},
         {},
         "reason " + kNasty},
        {"g", "", bpmn::NodeKind::exclusive_gateway, StepState::passed, 1, Instant{}, Instant{},
         ""},
        {"x", "Woanders", bpmn::NodeKind::service_task, StepState::active, 1, Instant{}, {}, ""}};
    out.taken = {"f"};
    out.messages = {{"m",
                     "antwort " + kNasty,
                     "die",
                     "Die " + kNasty,
                     true,
                     MessageState::refused,
                     Instant{},
                     {},
                     "not " + kNasty}};
    app::CaseConversation talk{
        "K-1 " + kNasty, "die", "amt@aachen", "Stadt " + kNasty, 1, 2, 3, {}};
    out.partners = {{"die", "Die " + kNasty, talk,
                     app::OtherCase{TenantId("aachen"), CaseId(9), "WZ-2026-0000009"}},
                    {"dritte", "Dritte", {}, {}}};
    return out;
}

std::string rendered(const app::CaseProgress& progress, int zoom, Lang lang) {
    static const Site site;
    Frame frame;
    frame.lang = lang;
    frame.title = "Seite";
    frame.path = "/pfad";
    auto out = site.page("progress", progress_data(progress, zoom, lang, site), frame);
    EXPECT_TRUE(out.has_value()) << (out.has_error() ? out.error().text() : "");
    return out.has_value() ? *out : std::string();
}

TEST(ProgressPage, EverythingIsEscapedInBothLanguages) {
    for (const Lang lang : {Lang::de, Lang::en}) {
        const std::string page = rendered(some_progress(), 50, lang);
        EXPECT_THAT(page, AllOf(Not(HasSubstr("<script>alert")), HasSubstr("&lt;script&gt;"),
                                Not(HasSubstr(">progress.")), HasSubstr("role=\"img\""),
                                HasSubstr("aria-labelledby=\"bild-titel bild-text\""),
                                HasSubstr("id=\"bild-titel\""), HasSubstr("id=\"bild-text\"")));
        EXPECT_THAT(page, Not(HasSubstr("style=")));
        EXPECT_THAT(page, HasSubstr("width=\"320\" height=\"220\""));
    }
}

TEST(ProgressPage, SaysTheSameInWords) {
    const std::string page = rendered(some_progress(), 100, Lang::de);
    for (const char* text :
         {"Wo steht das Verfahren?", "dort abgelehnt", "Störung", "href=\"#schritt-1\"",
          "id=\"schritt-1\"", "amt@aachen", "1 gesendet, 2 eingegangen",
          "3 eingetroffen, wartet auf eine frühere", "href=\"/vorgaenge/aachen/9/ablauf\"",
          "WZ-2026-0000009", "noch kein Kontakt", "s-bpmn__item--incident", "s-bpmn__line--passed",
          "s-bpmn__line--incident", "Hier heißt der Vorgang WG-2026-0000007",
          "/vorgaenge/leipzig/7/ablauf?groesse=50#bild", "aria-current=\"true\">100"}) {
        EXPECT_THAT(page, HasSubstr(text));
    }
    // Where it is not drawn there is nothing to jump to; merging paths are not listed.
    EXPECT_THAT(page, AllOf(Not(HasSubstr("#schritt-3")), Not(HasSubstr(">g</th>"))));
    EXPECT_THAT(rendered(some_progress(), 0, Lang::de), HasSubstr("width=\"100%\""));
}

TEST(ProgressPage, WithoutADiagramTheTablesRemain) {
    auto progress = some_progress();
    progress.diagram = {};
    const std::string page = rendered(progress, 100, Lang::de);
    EXPECT_THAT(page, AllOf(HasSubstr("Zu diesem Verfahren gibt es kein Bild."),
                            HasSubstr("dort abgelehnt"), Not(HasSubstr("role=\"img\"")),
                            Not(HasSubstr("href=\"#schritt-1\""))));
    progress.steps.clear();
    progress.messages.clear();
    progress.partners.clear();
    EXPECT_THAT(rendered(progress, 100, Lang::en),
                AllOf(HasSubstr("The procedure has ended."), Not(HasSubstr("id=\"beteiligte\""))));
}

TEST(ProgressPage, OneMessageStandsForAll) {
    std::vector<app::MessageProgress> all(3);
    for (auto& one : all) one.flow = "m";
    all[0].state = MessageState::refused;
    all[1].state = MessageState::processed;
    all[2].state = MessageState::waiting;
    EXPECT_EQ(main_message(all, "m"), &all[0]);
    all[0].state = MessageState::processed;
    EXPECT_EQ(main_message(all, "m"), &all[2]);
    all[2].state = MessageState::processed;
    all[2].at = Instant{};
    EXPECT_EQ(main_message(all, "m"), &all[2]);
    EXPECT_EQ(main_message(all, "n"), nullptr);
}

TEST(ProgressPage, LabelsAreBroken) {
    EXPECT_THAT(wrap_label("Antrag prüfen", 200, 3), ElementsAre("Antrag prüfen"));
    EXPECT_THAT(wrap_label("  Antrag\n prüfen ", 45, 3), ElementsAre("Antrag", "prüfen"));
    EXPECT_THAT(wrap_label("eins zwei drei vier", 30, 2), ElementsAre("eins", "zwei…"));
    EXPECT_TRUE(wrap_label("", 100, 3).empty());
    EXPECT_THAT(wrap_label("Kfz-Zulassungsbehörde", 100, 3),
                ElementsAre("Kfz-", "Zulassungsbehörde"));
    EXPECT_THAT(wrap_label("Zulassungsbehörde", 90, 3), ElementsAre("Zulassungsbeh-", "örde"));
    for (const double width : {1.0, 12.0, 60.0}) {
        for (const auto& line : wrap_label("Übergrößenträger", width, 50)) {
            EXPECT_FALSE(line.empty());
        }
    }
    const std::string endless(100'000, 'x');
    EXPECT_LE(wrap_label(endless, 100, 5).size(), 5U);
}

class ProgressRoute : public testing::Test, protected app::AppFixture {
  protected:
    ProgressRoute() {
        path_ = case_path(app::kLeipzig, submit(erika_, heavy()).case_id) + "/ablauf";
        portal_.add_routes(router_);
    }
    http::Response get(const app::Principal& who, std::string path, std::string query = {}) {
        http::Request request;
        request.method = http::Method::get;
        request.path = std::move(path);
        request.query = std::move(query);
        request.headers.add("Accept", "text/html");
        request.headers.add("Cookie", std::string(app::Sessions::kCookie) + "=" +
                                          sessions_.seal(sessions_.begin(who)).value());
        std::promise<http::Response> promise;
        auto future = promise.get_future();
        router_.dispatch(request, http::Respond([&promise](http::Response response) {
                             promise.set_value(std::move(response));
                         }));
        return future.get();
    }

    app::FakeNetwork network_;
    app::App with_{*runtime_, registry_, clock_, random_, app::Limits(), &network_};
    app::Sessions sessions_{crypto::Key::random(random_), clock_, random_};
    app::NoIdentities identities_;
    Portal portal_{
        {.app = with_, .sessions = sessions_, .identities = identities_, .clock = clock_}};
    http::Router router_;
    std::string path_;
};

TEST_F(ProgressRoute, IsForClerksAndOperators) {
    auto elsewhere = clerk_;
    elsewhere.tenant = TenantId("halle");
    auto other_admin = admin_;
    other_admin.tenant = TenantId("halle");
    for (const auto& who : {clerk_, admin_}) {
        const auto page = get(who, path_, "groesse=25");
        EXPECT_EQ(page.status, 200);
        EXPECT_THAT(page.body, HasSubstr("hier steht der Vorgang"));
    }
    for (const auto& who :
         {nobody_, erika_, max_, clerk_of_other_group(), elsewhere, other_admin}) {
        EXPECT_EQ(get(who, path_).status, 404);
    }
    for (const char* path : {"/vorgaenge/leipzig/999/ablauf", "/vorgaenge/leipzig/x/ablauf",
                             "/vorgaenge/halle/1/ablauf"}) {
        EXPECT_EQ(get(clerk_, path).status, 404) << path;
    }
    EXPECT_THAT(get(clerk_, path_).body, Not(HasSubstr("aria-current=\"true\">25")));
    for (const char* size : {"groesse=", "groesse=-1", "groesse=99999999999", "groesse=%22%3E"}) {
        EXPECT_EQ(get(clerk_, path_, size).status, 200) << size;
    }
}

TEST_F(ProgressRoute, IsLinkedForClerksOnly) {
    const std::string at = path_.substr(0, path_.rfind('/'));
    const std::string link = "href=\"" + path_ + "\"";
    EXPECT_THAT(get(clerk_, at).body, HasSubstr(link));
    EXPECT_THAT(get(erika_, at).body, Not(HasSubstr(link)));
    const auto tasks = *with_.tasks(clerk_, Lang::de);
    ASSERT_EQ(tasks.size(), 1U);
    EXPECT_THAT(get(clerk_, task_path(app::kLeipzig, tasks[0].case_id, tasks[0].key)).body,
                HasSubstr(link));
}

}  // namespace
}  // namespace schwarm::portal
