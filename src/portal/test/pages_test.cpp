// Every page is made from plain structs, without a node: it must render in both languages, escape
// what people typed, and keep the rules of accessibility that can be seen in the markup.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "pages.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::portal {
namespace {

const std::string kNasty = "<script>alert('x')</script>";

Frame frame_of(Lang lang) {
    Frame frame;
    frame.lang = lang;
    frame.title = "Seite";
    frame.path = "/pfad";
    frame.csrf = "token";
    frame.demo = true;
    frame.user = "Erika " + kNasty;
    frame.section = "/";
    frame.back = "/zurueck";
    frame.back_label = "Zurück";
    return frame;
}

class Pages : public ::testing::TestWithParam<Lang> {
  protected:
    std::string page(std::string_view name, const Data& data) {
        auto out = site().page(name, data, frame_of(GetParam()));
        EXPECT_TRUE(out.has_value()) << (out.has_error() ? out.error().text() : "");
        if (out.has_error()) return {};
        check(*out);
        return *out;
    }

    static const Site& site() {
        static const Site instance;
        return instance;
    }

    // Nothing typed becomes markup; ids are unique; every label and description has its target.
    static void check(const std::string& html) {
        EXPECT_EQ(html.find("<script>alert"), std::string::npos);
        std::set<std::string> ids;
        for (const std::string& id : attribute(html, " id=\"")) {
            EXPECT_TRUE(ids.insert(id).second) << "twice: " << id;
        }
        for (const std::string& id : attribute(html, " for=\"")) {
            EXPECT_TRUE(ids.contains(id)) << "label for nothing: " << id;
        }
        for (const std::string& list : attribute(html, "aria-describedby=\"")) {
            std::stringstream words(list);
            for (std::string id; words >> id;) {
                EXPECT_TRUE(ids.contains(id)) << "described by nothing: " << id;
            }
        }
        for (const std::string& target : attribute(html, "href=\"#")) {
            EXPECT_TRUE(ids.contains(target)) << "link to nothing: #" << target;
        }
        std::size_t posts = 0;
        for (std::size_t at = 0; (at = html.find("method=\"post\"", at)) != std::string::npos;
             ++at) {
            ++posts;
        }
        std::size_t tokens = 0;
        for (std::size_t at = 0;
             (at = html.find("name=\"_csrf\" value=\"token\"", at)) != std::string::npos; ++at) {
            ++tokens;
        }
        EXPECT_EQ(posts, tokens) << "a form without CSRF token";
    }

    static std::vector<std::string> attribute(const std::string& html, std::string_view start) {
        std::vector<std::string> out;
        for (std::size_t at = 0; (at = html.find(start, at)) != std::string::npos;) {
            at += start.size();
            out.push_back(html.substr(at, html.find('"', at) - at));
        }
        return out;
    }

    static app::CaseView a_case() {
        app::CaseView view;
        view.entry.number = "WG-2026-0000001";
        view.entry.id = CaseId(1);
        view.entry.tenant = TenantId("leipzig");
        view.entry.tenant_name = "Stadt Leipzig";
        view.entry.title = "Wohngeld";
        view.entry.status = "Ihr Antrag ist bewilligt. " + kNasty;
        view.decision_text = "Bewilligt";
        view.amount = Decimal::parse("1368.5");
        view.milestones = {{"eingegangen", "Eingegangen", Instant{}},
                           {"bewilligt", "Bewilligt", Instant{}}};
        view.documents = {
            {DocumentId(1), "bescheid", "Bescheid", Instant{}, false, "text/html"},
            {DocumentId(2), "upload", kNasty + ".pdf", Instant{}, true, "application/pdf"}};
        view.messages = {{"Bitte reichen Sie nach: " + kNasty, Instant{}}};
        view.may_upload = view.may_withdraw = view.may_correct = true;
        return view;
    }
};

TEST_P(Pages, Start) {
    app::ServiceEntry service;
    service.id = ServiceId("wohngeld");
    service.tenant = TenantId("leipzig");
    service.tenant_name = "Stadt Leipzig";
    service.title = "Wohngeld " + kNasty;
    const std::string html = page("start", start_data({service}, kNasty, GetParam(), site()));
    EXPECT_NE(html.find("href=\"/dienste/leipzig/wohngeld\""), std::string::npos);
    EXPECT_NE(html.find(GetParam() == Lang::de ? "1 Dienst gefunden" : "1 service found"),
              std::string::npos);
    page("start", start_data({}, "", GetParam(), site()));
}

TEST_P(Pages, Service) {
    app::ServicePage service;
    service.entry.title = "Wohngeld";
    service.entry.tenant = TenantId("leipzig");
    service.entry.id = ServiceId("wohngeld");
    service.evidence = "- Mietvertrag\n- " + kNasty;
    service.legal_basis = {"§ 22 WoGG", "§ 23 WoGG"};
    app::Draft draft;
    const std::string html =
        page("service", service_data(service, &draft, true, "token", GetParam(), site()));
    EXPECT_NE(html.find("§ 22 WoGG, § 23 WoGG"), std::string::npos);
    EXPECT_NE(html.find("/antrag/leipzig/wohngeld/verwerfen"), std::string::npos);
    page("service", service_data(service, nullptr, false, "token", GetParam(), site()));
}

constexpr const char* kAllKinds = R"json({"type":"default","id":"f","components":[
  {"type":"group","id":"g","label":"Alles","properties":{"page":"alles"},"components":[
    {"type":"textfield","id":"1","key":"name","label":"Name","description":"Wie im Ausweis",
     "validate":{"required":true},"properties":{"help":"Erster Absatz\n\nZweiter","autocomplete":"name"}},
    {"type":"textarea","id":"2","key":"mehr","label":"Mehr","validate":{"maxLength":100}},
    {"type":"number","id":"3","key":"miete","label":"Miete","decimalDigits":2,
     "appearance":{"suffixAdorner":"€"},"validate":{"required":true},"properties":{"legal":"§ 9 WoGG"}},
    {"type":"datetime","subtype":"date","id":"4","key":"geburt","dateLabel":"Geburt",
     "validate":{"required":true},"properties":{"autocomplete":"bday"}},
    {"type":"radio","id":"5","key":"ja","label":"Ja?","validate":{"required":true},
     "values":[{"label":"Ja","value":true},{"label":"Nein","value":false}]},
    {"type":"select","id":"6","key":"land","label":"Land","validate":{"required":true},
     "values":[{"label":"Sachsen","value":"SN"}]},
    {"type":"checklist","id":"7","key":"was","label":"Was?","validate":{"required":true},
     "values":[{"label":"Rente","value":"rente"},{"label":"Unterhalt vom Staat","value":"u"}]},
    {"type":"checkbox","id":"8","key":"ok","label":"Stimmt","description":"Wirklich","validate":{"required":true}},
    {"type":"text","id":"9","text":"# Titel\nEin **fetter** Satz.\n\n- eins\n- zwei"},
    {"type":"separator","id":"10"},
    {"type":"dynamiclist","id":"11","path":"leute","label":"Leute","properties":{"item":"Person"},
     "validate":{"minItems":1},"components":[
       {"type":"textfield","id":"12","key":"name","label":"Name","validate":{"required":true}},
       {"type":"datetime","subtype":"date","id":"13","key":"geburt","dateLabel":"Geburt"}]}
  ]}]})json";

TEST_P(Pages, FormWithEveryKindOfFieldAndError) {
    auto form = forms::Form::parse(kAllKinds, "alles.json");
    ASSERT_TRUE(form.has_value()) << form.error().text();
    forms::Context context;
    context.lang = GetParam();
    const auto draft = feel::from_json_text(
        R"({"mehr":"</textarea><script>alert('x')</script>","miete":"viel","leute":[{},{"name":"B"}]})");
    const auto validation = form->validate(*draft, context);
    const auto views = form->view(form->pages()[0], *draft, validation, context);
    const Data data = Data::map({{"heading", "Alles"},
                                 {"service", "Wohngeld"},
                                 {"step", "1"},
                                 {"steps", "2"},
                                 {"action", "/antrag/leipzig/wohngeld/seite/alles"},
                                 {"csrf", "token"},
                                 {"next_label", "Weiter"},
                                 {"fields", fields_data(views, GetParam(), site())},
                                 {"errors", errors_data(validation.errors, views)},
                                 {"error_count", std::to_string(validation.errors.size())}});
    const std::string html = page("form", data);
    EXPECT_EQ(validation.errors.size(), 8U);
    EXPECT_NE(html.find("href=\"#f-geburt-tag\""), std::string::npos);
    EXPECT_NE(html.find("href=\"#f-ja-1\""), std::string::npos);
    EXPECT_NE(html.find("href=\"#f-leute-0-name\""), std::string::npos);
    EXPECT_NE(html.find("aria-describedby=\"f-miete-hinweis f-miete-fehler\""), std::string::npos);
    EXPECT_NE(html.find("value=\"viel\""), std::string::npos);
    EXPECT_NE(html.find("autocomplete=\"bday-month\""), std::string::npos);
    EXPECT_NE(html.find("name=\"_remove\" value=\"leute.1\""), std::string::npos);
    // The first button of a form is the one Enter presses: it must go on, not remove a person.
    EXPECT_LT(html.find("name=\"_action\" value=\"weiter\""), html.find("name=\"_remove\""));
}

TEST_P(Pages, TitlesSayThatThereIsAnError) {
    Frame frame = frame_of(GetParam());
    frame.has_errors = true;
    const auto out = site().page("message", Data::map({{"heading", "x"}}), frame);
    ASSERT_TRUE(out.has_value());
    EXPECT_NE(out->find(GetParam() == Lang::de ? "<title>Fehler: Seite" : "<title>Error: Seite"),
              std::string::npos);
}

TEST_P(Pages, CaseReceiptAndList) {
    const app::CaseView view = a_case();
    const std::string html =
        page("case", case_data(view, "token", true, "Datei fehlt", GetParam(), site()));
    EXPECT_NE(html.find("/berichtigung\""), std::string::npos);
    EXPECT_NE(html.find(GetParam() == Lang::de ? "1.368,50\u00A0€" : "€1,368.50"),
              std::string::npos);
    EXPECT_NE(html.find("/vorgaenge/leipzig/1/dokumente/1/pdf"), std::string::npos);
    EXPECT_NE(html.find("/vorgaenge/leipzig/1/dokumente/2/datei"), std::string::npos);
    page("receipt", receipt_data(view, "Dann\n\nDanach", true, GetParam()));
    page("cases", cases_data({view.entry}, true, GetParam(), site()));
    page("cases", cases_data({}, false, GetParam(), site()));
    page("withdraw", Data::map({{"csrf", "token"}, {"number", "1"}, {"action", "/a"}}));
}

TEST_P(Pages, RetrievalsOnTheCaseAndInTheCockpit) {
    app::OpenRetrieval retrieval;
    retrieval.id = "../<a>";
    retrieval.title = retrieval.purpose = retrieval.legal_basis = retrieval.from = kNasty;
    std::vector<app::OpenRetrieval> open;
    for (const char* state : {"authority", "approval", "answer", "person", "person"}) {
        retrieval.state = state;
        retrieval.data = feel::Value::context(
            {{kNasty, feel::Value(kNasty)}, {"ort", feel::Value::list({feel::Value(kNasty)})}});
        open.push_back(retrieval);
    }
    open.back().data = feel::Value();
    for (const bool own : {true, false}) {
        Data data = case_data(a_case(), "token", true, "", GetParam(), site());
        data.set("retrievals", retrievals_data(open, own, "/vorgaenge/l/1", GetParam(), site()));
        data.set("own", own);
        const std::string html = page("case", data);
        EXPECT_EQ(html.find("evidence."), std::string::npos) << "a text is missing";
        EXPECT_EQ(html.find("/nachweise/..%2F%3Ca%3E\"") != std::string::npos, own);
    }
    app::CockpitRegister answered{kNasty, kNasty, true, "", {}};
    for (const char* result : {"geliefert", "nicht_gefunden", "abgelehnt", "<b>"}) {
        answered.retrievals.push_back(
            {Instant(), kNasty, kNasty, kNasty, kNasty, result, kNasty, {kNasty, "a..b", ""}});
    }
    const std::string html =
        page("cockpit",
             cockpit_data({kNasty, kNasty, kNasty},
                          {answered, {"Register", "Amt", false, kNasty, {}}}, GetParam(), site()));
    EXPECT_EQ(html.find(">cockpit."), std::string::npos) << "a text is missing";
    EXPECT_NE(html.find("&lt;b&gt;"), std::string::npos);
    page("cockpit", cockpit_data({}, {}, GetParam(), site()));
}

TEST_P(Pages, APreviewOfTooMuchSaysThatThereIsMore) {
    feel::ContextBuilder many;
    for (int i = 0; i < 600; ++i) many.set("feld_" + std::to_string(i), feel::Value(i));
    feel::Value deep("innen");
    for (int i = 0; i < 40; ++i) deep = feel::Value::context({{"x", deep}});
    app::OpenRetrieval retrieval;
    retrieval.state = "person";
    for (const auto& [value, more] : {std::pair(many.build(), true), std::pair(deep, false)}) {
        retrieval.data = value;
        const Data data = retrievals_data({retrieval}, true, "/v", GetParam(), site());
        EXPECT_EQ(data.list()->front().find("more")->truth(), more);
        EXPECT_EQ(data.list()->front().find("rows")->list()->size(), more ? 500U : 1U);
    }
}

TEST_P(Pages, NoticeIsTheSameOnPageAndPaper) {
    app::RenderedDocument document;
    document.entry.title = "Bescheid";
    document.entry.name = "bescheid";
    document.case_number = "WG-2026-0000001";
    document.body_html = "<h2>Höhe</h2><p>368 Euro</p>";
    const std::string html = page("document", document_data(document, "/d/1", true));
    EXPECT_NE(html.find(document.body_html), std::string::npos);
    const std::string paper = print_page(document);
    EXPECT_NE(paper.find(document.body_html), std::string::npos);
    EXPECT_NE(paper.find("<html lang=\"de\">"), std::string::npos);
}

TEST_P(Pages, TasksAndOperation) {
    app::TaskView view;
    view.entry.case_number = "WG-2026-0000001";
    view.entry.title = "Prüfen";
    view.entry.mine = true;
    view.reasons = {{"Einkommen unklar " + kNasty, "§ 15 WoGG"}};
    view.application = {{"p", "Über Sie", true, {{"Name", kNasty, "name"}, {"Mail", "", "mail"}}}};
    page("tasks", tasks_data({view.entry}, GetParam()));
    page("tasks", tasks_data({}, GetParam()));
    view.decisions.emplace_back();
    view.decisions.back().title = "Höhe berechnen " + kNasty;
    view.decisions.back().explanation.tables = {{"Höchstbetrag " + kNasty,
                                                 {5, 7},
                                                 {{"Mietenstufe", "5"}, {"Stichtag", ""}},
                                                 {{"Betrag", "562 " + kNasty}},
                                                 {"§ 12 Abs. 1 WoGG, Anlage 1 " + kNasty}}};
    view.decisions.back().explanation.steps = {{"Maßgeblicher Tag", "01.01.2026"}};
    view.decisions.back().explanation.nulls = {{"there is no value for 'x' " + kNasty, "h.dmn:7"}};
    view.decisions.back().explanation.left_out = 3;
    const std::string html = page("task", task_data(view, {}, "token", GetParam(), site()));
    EXPECT_NE(html.find("§ 15 WoGG"), std::string::npos);
    const bool german = GetParam() == Lang::de;
    EXPECT_NE(html.find("§ 12 Abs. 1 WoGG, Anlage 1"), std::string::npos);
    EXPECT_NE(html.find(german ? "2 Regeln haben gegriffen" : "2 rules matched"),
              std::string::npos);
    EXPECT_NE(html.find("5, 7"), std::string::npos);
    EXPECT_NE(html.find("Mietenstufe: 5"), std::string::npos);
    EXPECT_NE(html.find(german ? "Stichtag: leer" : "Stichtag: empty"), std::string::npos);
    EXPECT_NE(html.find("h.dmn:7"), std::string::npos);
    app::CaseView of_case = a_case();
    EXPECT_EQ(page("case", case_data(of_case, "token", true, "", GetParam(), site()))
                  .find("id=\"entscheidungen\""),
              std::string::npos);
    of_case.decisions = view.decisions;
    EXPECT_NE(page("case", case_data(of_case, "token", true, "", GetParam(), site()))
                  .find("id=\"entscheidungen\""),
              std::string::npos);
    view.entry.mine = false;
    page("task", task_data(view, {}, "token", GetParam(), site()));
    app::Overview overview;
    overview.tenants = {{TenantId("leipzig"), "Leipzig", 1, 2, 3, 4}};
    overview.incidents.emplace_back();
    overview.print_queue.emplace_back();
    overview.services.emplace_back();
    overview.network.emplace();
    page("operation", operation_data(overview, "token", GetParam(), site()));
    overview.network->epoch = 7;
    overview.network->members = {{"lecos", "Lecos " + kNasty, {"10.0.0.1:9443"}, true},
                                 {"aachen", "", {}, false}};
    for (const char* kind : {"key_expires", "epoch_ages", "fork", "lie", "disputed",
                             "certificate_expires", "key_ages", "restored"}) {
        overview.network->warnings.push_back({kind, "The sentence of " + std::string(kind)});
    }
    overview.network->consents = {{"halle", "kid"}, {"aachen", ""}};
    for (const char* state : {"waiting", "delivered", "expired", "refused"}) {
        overview.network->waiting.push_back({TenantId("leipzig"), CaseId(1), "IA-2026-0000001", "",
                                             "ikfz/1/anfrage", state, Instant(), Instant(), 3,
                                             "no answer " + kNasty});
    }
    const std::string network =
        page("operation", operation_data(overview, "token", GetParam(), site()));
    for (const char* text : {"10.0.0.1:9443", "The sentence of lie", "ikfz/1/anfrage", "halle",
                             GetParam() == Lang::de ? "Frist abgelaufen" : "expired",
                             GetParam() == Lang::de ? "noch niemand gefunden" : "nobody found"}) {
        EXPECT_NE(network.find(text), std::string::npos) << text;
    }
    EXPECT_EQ(network.find("operation.network"), std::string::npos) << "a text is missing";
    overview = {};
    overview.healthy = false;
    page("operation", operation_data(overview, "token", GetParam(), site()));
    page("signin", Data::map({{"csrf", "token"}, {"demo", true}}));
    page("saved", Data::map({{"expires", "1.1.2026"}, {"resume", "/x"}}));
}

INSTANTIATE_TEST_SUITE_P(Languages, Pages, ::testing::Values(Lang::de, Lang::en),
                         [](const auto& lang) { return lang.param == Lang::de ? "de" : "en"; });

TEST(Texts, TimesAreBerlinTimes) {
    const Instant at{std::chrono::milliseconds(1'774'774'800'000)};  // 2026-03-29T09:00:00Z
    EXPECT_EQ(show_time(at, Lang::de), "29.03.2026, 11:00 Uhr");
    EXPECT_EQ(show_time(at, Lang::en), "29 March 2026, 11:00");
    EXPECT_EQ(show_euro(*Decimal::parse("1234567.5"), Lang::de), "1.234.567,50\u00A0€");
    EXPECT_EQ(show_euro(Decimal(368), Lang::en), "€368");
}

}  // namespace
}  // namespace schwarm::portal
