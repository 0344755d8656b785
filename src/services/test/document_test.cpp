#include "schwarm/services/document.hpp"

#include <gtest/gtest.h>

#include "schwarm/base/calendar.hpp"
#include "schwarm/html/i18n.hpp"

namespace schwarm::services {
namespace {

std::string rendered(std::string_view source, const feel::Value& scope) {
    const auto compiled = DocumentTemplate::parse(
        "test.html", source, {"a", "betrag", "liste", "tag", "name", "wahr", "anteil"});
    if (!compiled) return "error: " + compiled.error().text();
    const auto texts = html::Catalogue::load("de", R"({"hallo": "Hallo {n}"})", "de.json");
    auto html = compiled->render(scope, *texts);
    return html ? *html : "error: " + html.error().text();
}

feel::Value example() {
    return feel::Value::context(
        {{"betrag", feel::Value(*Decimal::parse("1234.5"))},
         {"anteil", feel::Value(*Decimal::parse("0.125"))},
         {"tag", feel::Value(*Date::parse("2026-03-14"))},
         {"wahr", feel::Value(true)},
         {"name", feel::Value("<b>Müller & Co</b>")},
         {"liste", feel::Value::list({feel::Value::context({{"x", feel::Value(1)}}),
                                      feel::Value::context({{"x", feel::Value(2)}})})}});
}

TEST(Document, Formats) {
    const auto scope = example();
    EXPECT_EQ(rendered("{{ betrag | euro }}", scope), "1.234,50 Euro");
    EXPECT_EQ(rendered("{{ 368 | euro }}", scope), "368 Euro");
    EXPECT_EQ(rendered("{{ -1234567 | euro }}", scope), "-1.234.567 Euro");
    EXPECT_EQ(rendered("{{ betrag * 1000 | zahl }}", scope), "1.234.500");
    EXPECT_EQ(rendered("{{ betrag | zahl }}", scope), "1.234,5");
    EXPECT_EQ(rendered("{{ anteil | prozent }}", scope), "12,5 %");
    EXPECT_EQ(rendered("{{ tag | datum_lang }}", scope), "14. März 2026");
    EXPECT_EQ(rendered("{{ tag | monat }}", scope), "März 2026");
    EXPECT_EQ(rendered("{{ wahr | ja_nein }}", scope), "ja");
}

TEST(Document, WithoutFormatGermanNotation) {
    const auto scope = example();
    EXPECT_EQ(rendered("{{ betrag }} {{ tag }} {{ wahr }} {{ a }}.", scope),
              "1234,5 14.03.2026 ja .");
    EXPECT_EQ(rendered("{{ \"a|b\" }}", scope), "a|b");
    EXPECT_EQ(rendered("{{ duration(\"P18M\") }} {{ duration(\"P12M\") }} {{ duration(\"P1M\") }} "
                       "{{ duration(\"P0M\") }} {{ duration(\"P14D\") }} {{ duration(\"PT36H\") }}",
                       scope),
              "1 Jahr, 6 Monate 1 Jahr 1 Monat 0 Monate 14 Tage P1DT12H");
}

TEST(Document, EscapesAndLoops) {
    const auto scope = example();
    EXPECT_EQ(rendered("<p>{{ name }}</p>", scope), "<p>&lt;b&gt;Müller &amp; Co&lt;/b&gt;</p>");
    EXPECT_EQ(rendered("{{#each liste as e}}{{ e_index }}:{{ e.x + 1 }};{{/each}}", scope),
              "1:2;2:3;");
    EXPECT_EQ(rendered("{{#if betrag > 1000}}viel{{else}}wenig{{/if}}", scope), "viel");
}

TEST(Document, ErrorsNamePlace) {
    EXPECT_NE(rendered("a\n{{ nirgends }}", {}).find("test.html:2"), std::string::npos);
    EXPECT_NE(rendered("{{ betrag | euro }}", feel::Value::context({{"betrag", "x"}}))
                  .find("needs a number"),
              std::string::npos);
    EXPECT_NE(rendered("{{ betrag + }}", {}).find("error"), std::string::npos);
}

TEST(PlainText, DropsMarkup) {
    EXPECT_EQ(
        plain_text(
            "<h1>Bescheid</h1>\n <p>Sie  bekommen <strong>368</strong> Euro.<br>Ja&amp;nein</p>"),
        "Bescheid Sie bekommen 368 Euro. Ja&nein");
    EXPECT_EQ(plain_text("a<p"), "a");
}

}  // namespace
}  // namespace schwarm::services
