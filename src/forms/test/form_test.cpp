#include "schwarm/forms/form.hpp"

#include <gtest/gtest.h>

#include "schwarm/feel/codec.hpp"

namespace schwarm::forms {
namespace {

using feel::Value;

constexpr const char* kForm = R"json({
  "type": "default", "id": "antrag", "schemaVersion": 19,
  "components": [
    {"type": "group", "id": "p1", "label": "Über Sie", "properties": {"page": "person"},
     "components": [
      {"type": "textfield", "id": "c1", "key": "name", "label": "Name",
       "validate": {"required": true, "maxLength": 20}},
      {"type": "datetime", "subtype": "date", "id": "c2", "key": "geburt", "dateLabel": "Geburtsdatum",
       "validate": {"required": true},
       "properties": {"date_max": "=today()", "autocomplete": "bday"}},
      {"type": "textfield", "id": "c3", "key": "mail", "label": "E-Mail",
       "validate": {"validationType": "email"}},
      {"type": "textfield", "id": "c4", "key": "iban", "label": "IBAN", "properties": {"format": "iban"}}
     ]},
    {"type": "group", "id": "p2", "label": "Wohnung", "properties": {"page": "wohnung"},
     "components": [
      {"type": "radio", "id": "c5", "key": "wohnform", "label": "Wie wohnen Sie?",
       "values": [{"label": "zur Miete", "value": "miete", "label_en": "I rent"},
                  {"label": "im Eigentum", "value": "eigentum"}],
       "validate": {"required": true}},
      {"type": "checkbox", "id": "c5b", "key": "heim", "label": "Ich wohne im Heim"}
     ]},
    {"type": "group", "id": "p3", "label": "Miete", "properties": {"page": "miete"},
     "conditional": {"hide": "=wohnform != \"miete\""},
     "components": [
      {"type": "number", "id": "c6", "key": "miete", "label": "Miete", "decimalDigits": 2,
       "appearance": {"suffixAdorner": "€"}, "validate": {"required": true, "min": 1, "max": 5000}},
      {"type": "number", "id": "c7", "key": "nebenkosten", "label": "Davon Nebenkosten",
       "decimalDigits": 2,
       "properties": {"check": "=wert < miete", "check_message": "Nebenkosten sind Teil der Miete."}}
     ]},
    {"type": "group", "id": "p4", "label": "Haushalt", "properties": {"page": "haushalt"},
     "components": [
      {"type": "dynamiclist", "id": "l1", "path": "mitglieder", "label": "Wer wohnt bei Ihnen?",
       "properties": {"item": "Person", "item_en": "Person"}, "defaultRepetitions": 0,
       "validate": {"maxItems": 3},
       "components": [
        {"type": "textfield", "id": "c8", "key": "name", "label": "Name", "validate": {"required": true}},
        {"type": "checkbox", "id": "c9", "key": "einkommen", "label": "Hat Einkommen"},
        {"type": "number", "id": "c10", "key": "betrag", "label": "Einkommen",
         "conditional": {"hide": "=not(einkommen)"}, "validate": {"required": true}}
       ]},
      {"type": "checklist", "id": "c11", "key": "leistungen", "label": "Leistungen",
       "values": [{"label": "Rente", "value": "rente"}, {"label": "BAföG", "value": "bafoeg"}]},
      {"type": "select", "id": "c12", "key": "anschrift.land", "label": "Land",
       "valuesExpression": "=[{label: \"Sachsen\", value: \"SN\"}, {label: \"Bayern\", value: \"BY\"}]"},
      {"type": "checkbox", "id": "c13", "key": "richtig", "label": "Alles ist richtig",
       "validate": {"required": true}}
     ]}
  ]})json";

class FormTest : public ::testing::Test {
  protected:
    FormTest() : clock_(Instant(std::chrono::milliseconds(1'764'000'000'000))) {
        auto parsed = Form::parse(kForm, "antrag.json");
        if (parsed.has_error()) throw std::runtime_error(parsed.error().text());
        form_ = std::make_unique<Form>(std::move(*parsed));
        context_.clock = &clock_;
    }
    Validation validate(std::string_view json) {
        auto value = feel::from_json_text(json);
        if (value.has_error()) throw std::runtime_error(value.error().text());
        return form_->validate(*value, context_);
    }
    static std::string with(std::string_view more) {
        return R"({"name":"Erika","geburt":"1985-03-27","wohnform":"eigentum","richtig":true)" +
               std::string(more.empty() ? "" : ",") + std::string(more) + "}";
    }
    std::string problem(std::string_view json) {
        const Validation validation = validate(json);
        if (validation.errors.empty()) return "";
        return validation.errors[0].path + ":" + validation.errors[0].code;
    }

    ManualClock clock_;
    std::unique_ptr<Form> form_;
    Context context_;
};

TEST_F(FormTest, ReadsPagesAndTypes) {
    ASSERT_EQ(form_->pages().size(), 4U);
    EXPECT_EQ(form_->pages()[2].id, "miete");
    EXPECT_EQ(form_->pages()[2].title.de, "Miete");
    EXPECT_EQ(form_->page("nichts"), nullptr);
}

TEST_F(FormTest, TypedAndTextAnswersGiveTheSameValues) {
    const auto typed = validate(R"({"name":" Erika ","geburt":"1985-03-27","wohnform":"miete",
        "miete":450.5,"richtig":true,"leistungen":["rente"],"anschrift":{"land":"SN"}})");
    ASSERT_TRUE(typed.ok()) << typed.errors[0].message;
    const auto text = validate(R"({"name":"Erika","geburt":{"tag":"27","monat":"3","jahr":"1985"},
        "wohnform":"miete","miete":"450,50 €","richtig":"true","leistungen":["rente"],
        "anschrift":{"land":"SN"}})");
    ASSERT_TRUE(text.ok()) << text.errors[0].message;
    EXPECT_EQ(typed.cleaned, text.cleaned);
    EXPECT_EQ(typed.cleaned.get("geburt"), Value(*Date::from_civil(1985, 3, 27)));
    EXPECT_EQ(typed.cleaned.get("miete"), Value(*Decimal::parse("450.5")));
    EXPECT_EQ(typed.cleaned.get("anschrift.land"), Value("SN"));
    EXPECT_TRUE(typed.cleaned.get("richtig").is_true());
}

TEST_F(FormTest, HiddenAndUnknownAnswersAreDropped) {
    const auto out = validate(with(R"("miete":"gar keine Zahl","unbekannt":1)"));
    EXPECT_TRUE(out.ok());
    EXPECT_TRUE(out.cleaned.get("miete").is_null());
    EXPECT_TRUE(out.cleaned.get("unbekannt").is_null());
}

TEST_F(FormTest, ErrorsNameFieldPageAndWhatToDo) {
    context_.lang = Lang::de;
    const auto out = validate(R"({"wohnform":"miete","miete":"viel"})");
    ASSERT_EQ(out.errors.size(), 4U);
    EXPECT_EQ(out.errors[0].path, "name");
    EXPECT_EQ(out.errors[0].page, "person");
    EXPECT_EQ(out.errors[0].message, "Füllen Sie das Feld „Name“ aus.");
    EXPECT_EQ(out.errors[1].message, "Geben Sie bei „Geburtsdatum“ Tag, Monat und Jahr ein.");
    EXPECT_EQ(out.errors[2].page, "miete");
    EXPECT_EQ(out.errors[2].message, "Geben Sie bei „Miete“ eine Zahl ein, zum Beispiel 450,50.");
    EXPECT_EQ(out.errors[3].code, "required");
    context_.lang = Lang::en;
    EXPECT_EQ(validate("{}").errors[0].message, "Fill in “Name”.");
}

TEST_F(FormTest, Numbers) {
    const auto miete = [&](std::string_view text) {
        const auto out = validate(
            R"({"name":"E","geburt":"1985-03-27","wohnform":"miete","richtig":true,"miete":")" +
            std::string(text) + "\"}");
        return out.ok() ? out.cleaned.get("miete").to_string() : out.errors[0].code;
    };
    EXPECT_EQ(miete("1.234,56"), "1234.56");
    EXPECT_EQ(miete("1234,56"), "1234.56");
    EXPECT_EQ(miete("1234.56"), "1234.56");
    EXPECT_EQ(miete("1.234"), "1234");
    EXPECT_EQ(miete("1,234.56"), "1234.56");
    EXPECT_EQ(miete(" 500 EUR "), "500");
    EXPECT_EQ(miete("1,234"), "decimals");
    EXPECT_EQ(miete("1.23.4"), "number");
    EXPECT_EQ(miete("1,2,3"), "number");
    EXPECT_EQ(miete("1e3"), "number");
    EXPECT_EQ(miete("12a"), "number");
    EXPECT_EQ(miete("0"), "min");
    EXPECT_EQ(miete("-5"), "min");
    EXPECT_EQ(miete("5000,01"), "max");
    EXPECT_EQ(miete(""), "required");
}

TEST_F(FormTest, Dates) {
    const auto geburt = [&](std::string_view json) {
        return problem(R"({"name":"E","wohnform":"eigentum","richtig":true,"geburt":)" +
                       std::string(json) + "}");
    };
    EXPECT_EQ(geburt(R"({"tag":"29","monat":"2","jahr":"2024"})"), "");
    EXPECT_EQ(geburt(R"({"tag":"29","monat":"2","jahr":"2023"})"), "geburt:date");
    EXPECT_EQ(geburt(R"({"tag":"1","monat":"1","jahr":"85"})"), "geburt:date");
    EXPECT_EQ(geburt(R"({"tag":"","monat":"","jahr":""})"), "geburt:required");
    EXPECT_EQ(geburt("\"27.3.1985\""), "");
    EXPECT_EQ(geburt("\"3/27/1985\""), "geburt:date");
    EXPECT_EQ(geburt("\"2999-01-01\""), "geburt:date_max");
    EXPECT_EQ(geburt("5"), "geburt:date");
}

TEST_F(FormTest, FormatsAndLengths) {
    EXPECT_EQ(problem(with(R"("mail":"a@b")")), "mail:email");
    EXPECT_EQ(problem(with(R"("mail":"erika@example.org")")), "");
    EXPECT_EQ(problem(with(R"("iban":"DE89 3704 0044 0532 0130 00")")), "");
    EXPECT_EQ(validate(with(R"("iban":"de89370400440532013000")")).cleaned.get("iban").to_string(),
              "DE89370400440532013000");
    EXPECT_EQ(problem(with(R"("iban":"DE88 3704 0044 0532 0130 00")")), "iban:iban");
    EXPECT_EQ(problem(with(R"("name":"123456789012345678901")").replace(1, 15, "")),
              "name:max_length");
    EXPECT_EQ(problem(with(R"("mail":"a\u0000b")")), "mail:characters");
    EXPECT_EQ(problem(with(R"("leistungen":["rente","gibtsnicht"])")), "leistungen:option");
    EXPECT_EQ(problem(with(R"("anschrift":{"land":"XX"})")), "anschrift.land:option");
    EXPECT_EQ(problem(with(R"("mail":["a"])")), "mail:type");
}

TEST_F(FormTest, ChecksSeeOtherAnswers) {
    const std::string base =
        R"({"name":"E","geburt":"1985-03-27","wohnform":"miete","richtig":true,"miete":500,)";
    EXPECT_EQ(problem(base + R"("nebenkosten":100})"), "");
    const auto out = validate(base + R"("nebenkosten":500})");
    ASSERT_EQ(out.errors.size(), 1U);
    EXPECT_EQ(out.errors[0].message, "Nebenkosten sind Teil der Miete.");
}

TEST_F(FormTest, RowsOfListsHaveTheirOwnConditions) {
    const auto out = validate(with(
        R"("mitglieder":[{"name":"A","einkommen":true,"betrag":"100"},{"name":"B","betrag":"x"}])"));
    ASSERT_TRUE(out.ok()) << out.errors[0].message;
    EXPECT_EQ(out.cleaned.get("mitglieder").as_list().size(), 2U);
    EXPECT_EQ(out.cleaned.get("mitglieder").as_list()[0].get("betrag"), Value(100));
    EXPECT_TRUE(out.cleaned.get("mitglieder").as_list()[1].get("betrag").is_null());
    EXPECT_EQ(problem(with(R"("mitglieder":[{"name":"A"},{}])")), "mitglieder.1.name:required");
    EXPECT_EQ(problem(with(R"("mitglieder":[{},{},{},{}])")), "mitglieder:rows_max");
}

TEST_F(FormTest, MergeKeepsWhatWasNotOnThePage) {
    Value draft = feel::ContextBuilder().build();
    auto merged = form_->merge(draft, *form_->page("person"),
                               {{"name", "Erika"},
                                {"geburt.tag", "27"},
                                {"geburt.monat", "3"},
                                {"geburt.jahr", "1985"},
                                {"_csrf", "x"},
                                {"fremd", "y"}});
    ASSERT_TRUE(merged.has_value());
    EXPECT_EQ(merged->get("geburt.jahr"), Value("1985"));
    EXPECT_TRUE(merged->get("fremd").is_null());
    merged = form_->merge(
        *merged, *form_->page("wohnung"),
        {{"_shown", "wohnform"}, {"wohnform", "miete"}, {"_shown", "heim"}, {"heim", "true"}});
    EXPECT_EQ(merged->get("name"), Value("Erika"));
    EXPECT_EQ(merged->get("wohnform"), Value("miete"));
    EXPECT_TRUE(merged->get("heim").is_true());
    merged = form_->merge(*merged, *form_->page("wohnung"), {{"_shown", "heim"}});
    EXPECT_TRUE(merged->get("heim").is_false());
    EXPECT_EQ(merged->get("wohnform"), Value("miete"));
}

TEST_F(FormTest, MergeAddsAndRemovesRows) {
    const Page& page = *form_->page("haushalt");
    Value draft = feel::ContextBuilder().build();
    auto merged = form_->merge(draft, page, {{"_rows", "mitglieder:0"}, {"_add", "mitglieder"}});
    ASSERT_TRUE(merged.has_value());
    merged = form_->merge(
        *merged, page,
        {{"_rows", "mitglieder:1"}, {"mitglieder.0.name", "A"}, {"_add", "mitglieder"}});
    merged = form_->merge(*merged, page,
                          {{"_rows", "mitglieder:2"},
                           {"mitglieder.0.name", "A"},
                           {"mitglieder.1.name", "B"},
                           {"_remove", "mitglieder.0"}});
    ASSERT_TRUE(merged.has_value());
    ASSERT_EQ(merged->get("mitglieder").as_list().size(), 1U);
    EXPECT_EQ(merged->get("mitglieder").as_list()[0].get("name"), Value("B"));
    EXPECT_TRUE(form_->merge(draft, page, {{"_rows", "mitglieder:999"}}).has_error());
    EXPECT_TRUE(form_->merge(draft, page, {{"leistungen", std::string(20'000, 'x')}}).has_error());
}

TEST_F(FormTest, ReachablePagesFollowTheAnswers) {
    const auto ids = [&](const Value& cleaned) {
        std::string out;
        for (const Page* page : form_->reachable(cleaned, context_)) out += page->id + " ";
        return out;
    };
    EXPECT_EQ(ids(validate(with("")).cleaned), "person wohnung haushalt ");
    EXPECT_EQ(ids(validate(R"({"wohnform":"miete"})").cleaned), "person wohnung miete haushalt ");
}

TEST_F(FormTest, ViewShowsWhatWasTypedAndTheErrorsAtTheirFields) {
    auto draft = feel::from_json_text(
        R"({"wohnform":"miete","miete":"viel","mitglieder":[{"name":"A","einkommen":true}]})");
    const auto validation = form_->validate(*draft, context_);
    auto fields = form_->view(*form_->page("miete"), *draft, validation, context_);
    ASSERT_EQ(fields.size(), 1U);
    ASSERT_EQ(fields[0].children.size(), 2U);
    EXPECT_EQ(fields[0].children[0].value, "viel");
    EXPECT_FALSE(fields[0].children[0].error.empty());
    fields = form_->view(*form_->page("haushalt"), *draft, validation, context_);
    const auto& list = fields[0].children[0];
    ASSERT_EQ(list.rows.size(), 1U);
    ASSERT_EQ(list.rows[0].size(), 3U);
    EXPECT_EQ(list.rows[0][2].name, "mitglieder.0.betrag");
    EXPECT_FALSE(list.rows[0][2].error.empty());
    Context english = context_;
    english.lang = Lang::en;
    fields = form_->view(*form_->page("wohnung"), *draft, validation, english);
    EXPECT_EQ(fields[0].children[0].options[0].label, "I rent");
    EXPECT_TRUE(fields[0].children[0].options[0].selected);
}

TEST_F(FormTest, SummarySaysEverythingInWords) {
    const auto out = validate(
        R"({"name":"Erika","geburt":"1985-03-27","wohnform":"miete","miete":1234.5,"richtig":true,
            "anschrift":{"land":"SN"},"leistungen":["rente","bafoeg"],
            "mitglieder":[{"name":"A","einkommen":false}]})");
    ASSERT_TRUE(out.ok());
    std::string text;
    for (const SummarySection& section : form_->summary(out.cleaned, context_)) {
        text += (section.top ? "[" : "-[") + section.title + "]";
        for (const SummaryRow& row : section.rows) text += row.label + "=" + row.value + ";";
    }
    EXPECT_EQ(text,
              "[Über Sie]Name=Erika;Geburtsdatum=27.03.1985;E-Mail=;IBAN=;"
              "[Wohnung]Wie wohnen Sie?=zur Miete;Ich wohne im Heim=nein;"
              "[Miete]Miete=1.234,50\u00A0€;Davon Nebenkosten=;"
              "[Haushalt]-[Person 1]Name=A;Hat Einkommen=nein;"
              "-[]Leistungen=Rente, BAföG;Land=Sachsen;Alles ist richtig=ja;");
}

TEST_F(FormTest, AnEmptyListIsStillToBeSeenAndChanged) {
    const auto out = validate(with("\"mitglieder\":[]"));
    const auto sections = form_->summary(out.cleaned, context_);
    ASSERT_FALSE(sections.empty());
    EXPECT_EQ(sections.back().page, "haushalt");
    EXPECT_EQ(sections.back().rows[0].label, "Wer wohnt bei Ihnen?");
}

std::string refusal(std::string_view components) {
    auto parsed = Form::parse(
        "{\"type\":\"default\",\"id\":\"f\",\"components\":[" + std::string(components) + "]}",
        "f.json");
    return parsed.has_error() ? parsed.error().text() : "accepted";
}

TEST(Schema, BadOnesAreRefusedWithFileComponentAndReason) {
    const std::string label = R"("label":"L",)";
    EXPECT_EQ(refusal(R"({"type":"iframe","key":"x"})"),
              "f.json: component x: type \"iframe\" is not supported (invalid_input)");
    EXPECT_EQ(
        refusal(
            R"({"type":"number","key":"x","label":"L"},{"type":"number","key":"x","label":"L"})"),
        "f.json: component x: the key stands twice in the form (invalid_input)");
    EXPECT_NE(refusal(R"({"type":"radio","key":"x","label":"L"})").find("it has no values"),
              std::string::npos);
    EXPECT_NE(refusal(R"({"type":"textfield","key":"x"})").find("the label is missing"),
              std::string::npos);
    EXPECT_NE(refusal(R"({"type":"textfield","key":"a b","label":"L"})").find("component a b"),
              std::string::npos);
    EXPECT_NE(refusal(R"({"type":"textfield","key":"x","label":"L","conditional":{"hide":"=y +"}})")
                  .find("component x: conditional.hide \"=y +\""),
              std::string::npos);
    EXPECT_NE(refusal(R"({"type":"textfield","key":"x","label":"L","conditional":{"hide":"=y"}},
                         {"type":"textfield","key":"y","label":"L"})")
                  .find("uses y, which stands later in the form"),
              std::string::npos);
    EXPECT_EQ(Form::parse("{", "f.json").error().text().substr(0, 6), "f.json");
    ParseOptions options;
    options.known_names = std::vector<std::string>{"konto"};
    const auto parse = [&](const char* hide) {
        return Form::parse(
            std::string(
                R"({"id":"f","components":[{"type":"textfield","key":"x","label":"L","conditional":{"hide":"=)") +
                hide + "\"}}]}",
            "f.json", options);
    };
    EXPECT_TRUE(parse("konto = null").has_value());
    EXPECT_NE(parse("kontoo = null").error().text().find("kontoo, which is no field"),
              std::string::npos);
}

TEST(Schema, EnglishComesFromTheTextsOfThePackage) {
    ParseOptions options;
    options.english = [](std::string_view key) {
        return key == "form.f.x" ? std::string("Name in English") : std::string();
    };
    auto form =
        Form::parse(R"({"id":"f","components":[{"type":"textfield","key":"x","label":"Name"}]})",
                    "f.json", options);
    ASSERT_TRUE(form.has_value());
    EXPECT_EQ(form->fields()[0].label.in(Lang::en), "Name in English");
}

}  // namespace
}  // namespace schwarm::forms
