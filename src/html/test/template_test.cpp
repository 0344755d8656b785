#include "schwarm/html/template.hpp"

#include <gtest/gtest.h>

#include "schwarm/html/data.hpp"
#include "schwarm/html/i18n.hpp"

namespace schwarm::html {
namespace {

std::string render(std::string_view source, const Data& data, const Texts* texts = nullptr) {
    const PathLanguage language;
    auto parsed = Template::parse("t", source, language);
    if (parsed.has_error()) return "PARSE " + parsed.error().text();
    DataModel model(data);
    auto out = parsed->render(
        model, texts, [&](std::string_view name) { return name == "self" ? &*parsed : nullptr; });
    return out.has_value() ? *out : "RENDER " + out.error().text();
}

std::string refusal(std::string_view source) {
    const std::string out = render(source, Data());
    return out.starts_with("PARSE ") ? out.substr(6) : "accepted";
}

TEST(Template, EscapesTextAndAttributes) {
    const Data data = Data::map({{"x", "<b a='1'>&\"</b>"}});
    EXPECT_EQ(render("<p>{{x}}</p>", data), "<p>&lt;b a=&#39;1&#39;&gt;&amp;&quot;&lt;/b&gt;</p>");
    EXPECT_EQ(render("<p title=\"{{ x }}\">", data),
              "<p title=\"&lt;b a=&#39;1&#39;&gt;&amp;&quot;&lt;/b&gt;\">");
}

TEST(Template, MarkupIsOnlyMarkupInText) {
    const Data data = Data::map({{"x", Data::markup("<b>1</b>")}});
    EXPECT_EQ(render("<p>{{x}}</p>", data), "<p><b>1</b></p>");
    EXPECT_EQ(render("<p title=\"{{x}}\">", data), "<p title=\"&lt;b&gt;1&lt;/b&gt;\">");
}

TEST(Template, UrlsKeepToSafeSchemes) {
    for (const char* bad : {"javascript:alert(1)", " JavaScript:alert(1)", "java\tscript:alert(1)",
                            "data:text/html,x", "vbscript:x"}) {
        EXPECT_EQ(render("<a href=\"{{x}}\">", Data::map({{"x", bad}})), "<a href=\"#\">") << bad;
    }
    for (const char* good : {"/a/b?c=d", "https://example.org/", "mailto:a@b.de", "#x", "a:b/"}) {
        const std::string out = render("<a href=\"{{x}}\">", Data::map({{"x", good}}));
        EXPECT_EQ(out == "<a href=\"#\">", std::string_view(good) == "a:b/") << good;
    }
    EXPECT_EQ(render("<a href=\"/x?q={{x}}\">", Data::map({{"x", "a&b=ü\""}})),
              "<a href=\"/x?q=a%26b%3D%C3%BC%22\">");
    // The second part cannot complete a scheme.
    EXPECT_EQ(
        render("<a href=\"{{x}}{{y}}\">", Data::map({{"x", "java"}, {"y", "script:alert(1)"}})),
        "<a href=\"javascript%3Aalert%281%29\">");
}

TEST(Template, RefusesPlacesWithoutSafeEscaping) {
    EXPECT_EQ(refusal("<script>{{x}}</script>"),
              "t:1: no placeholder is safe in the element script (not_well_formed)");
    EXPECT_NE(refusal("<style>{{x}}</style>"), "accepted");
    EXPECT_NE(refusal("<!-- {{x}} -->"), "accepted");
    EXPECT_NE(refusal("<p title={{x}}>"), "accepted");
    EXPECT_NE(refusal("<p {{x}}>"), "accepted");
    EXPECT_NE(refusal("<p {{x}}=\"1\">"), "accepted");
    EXPECT_NE(refusal("<{{x}}>"), "accepted");
    EXPECT_NE(refusal("<p onclick=\"{{x}}\">"), "accepted");
    EXPECT_NE(refusal("<p style=\"{{x}}\">"), "accepted");
    EXPECT_NE(refusal("<a href=\"{{#if x}}a{{/if}}{{y}}\">"), "accepted");
    EXPECT_NE(refusal("<a {{#if x}}h{{/if}}ref=\"{{y}}\">"), "accepted");
    EXPECT_EQ(refusal("<script src=\"/a.js\"></script>{{x}}<style>p{}</style>{{y}}"), "accepted");
    EXPECT_EQ(refusal("<!doctype html><!-- <p> --><p>{{x}}"), "accepted");
}

TEST(Template, BlocksMustLeaveTheMarkupWhereItWas) {
    EXPECT_NE(refusal("<p {{#if x}}title=\"{{/if}}\">"), "accepted");
    EXPECT_NE(refusal("{{#if x}}<p {{else}}<b>{{/if}}>"), "accepted");
    EXPECT_EQ(refusal("<input {{#if x}}checked{{/if}}>"), "accepted");
    EXPECT_EQ(refusal("<input class=\"a{{#if x}} b{{/if}}\" {{#if y}}title=\"{{y}}\"{{/if}}>"),
              "accepted");
}

TEST(Template, ErrorsNameTheLine) {
    EXPECT_EQ(refusal("a\n{{#if x}}\nb"), "t:3: {{#if}} needs {{/if}} (not_well_formed)");
    EXPECT_EQ(refusal("a\n\n{{/each}}"), "t:3: '{{/each}}' closes nothing (not_well_formed)");
    EXPECT_EQ(refusal("{{ a b }}").substr(0, 4), "t:1:");
    EXPECT_EQ(refusal("{{ x"), "t:1: '{{' is not closed (not_well_formed)");
    EXPECT_EQ(refusal("{{#each x}}{{/each}}"),
              "t:1: write {{#each list as name}} (not_well_formed)");
}

TEST(Template, Branches) {
    const char* source = "{{#if a == \"1\"}}one{{else if b and !c}}two{{else}}three{{/if}}";
    EXPECT_EQ(render(source, Data::map({{"a", "1"}})), "one");
    EXPECT_EQ(render(source, Data::map({{"b", true}})), "two");
    EXPECT_EQ(render(source, Data::map({{"b", true}, {"c", "x"}})), "three");
    EXPECT_EQ(render("{{#if a or b}}y{{else}}n{{/if}}", Data::map({{"b", "0"}})), "y");
}

TEST(Template, LoopsBindTheirNames) {
    const Data data =
        Data::map({{"rows", Data(Data::List{Data::map({{"n", "a"}}), Data::map({{"n", "b"}})})},
                   {"none", Data(Data::List{})}});
    EXPECT_EQ(render("{{#each rows as r}}{{r_index}}{{r.n}}{{#if !r_last}},{{/if}}{{/each}}", data),
              "1a,2b");
    EXPECT_EQ(render("{{#each none as r}}x{{else}}empty{{/each}}", data), "empty");
}

TEST(Template, PartialsSeeArgumentsAndEndRecursion) {
    Data leaf = Data::map({{"name", "leaf"}, {"children", Data(Data::List{})}});
    Data root = Data::map({{"name", "root"}, {"children", Data(Data::List{leaf})}});
    EXPECT_EQ(render("{{node.name}};{{#each node.children as node}}{{> self}}{{/each}}",
                     Data::map({{"node", root}})),
              "root;leaf;");
    EXPECT_NE(render("{{> self}}", Data()).find("too deeply"), std::string::npos);
    EXPECT_NE(render("{{> other}}", Data()).find("no template 'other'"), std::string::npos);
}

TEST(Template, TranslationsEscapeParametersAndChoosePlurals) {
    auto german = Catalogue::load(
        "de", R"({"hi": "Hallo {name} & Co", "n": {"one": "1 Fall", "other": "{n} Fälle"}})", "de");
    ASSERT_TRUE(german.has_value());
    const Data data = Data::map({{"x", "<i>"}, {"one", 1}, {"two", 2}});
    EXPECT_EQ(render("{{t hi name=x}}", data, &*german), "Hallo &lt;i&gt; &amp; Co");
    EXPECT_EQ(render("{{t n n=one}}, {{t n n=two}}", data, &*german), "1 Fall, 2 Fälle");
    EXPECT_NE(render("{{t missing}}", data, &*german).find("no translation for 'missing'"),
              std::string::npos);
    auto english = Catalogue::load("en", R"({})", "en", &*german);
    ASSERT_TRUE(english.has_value());
    EXPECT_EQ(english->text("hi", {{"name", "A"}}), "Hallo A & Co");
    EXPECT_EQ(english->text("missing"), "missing");
    EXPECT_TRUE(Catalogue::load("en", R"({"a": 1})", "en.json").has_error());
}

TEST(Template, LimitsHold) {
    const PathLanguage language;
    Limits limits;
    limits.template_bytes_max = 10;
    EXPECT_TRUE(Template::parse("t", "12345678901", language, limits).has_error());
    limits = {};
    limits.depth_max = 2;
    EXPECT_TRUE(
        Template::parse("t", "{{#if a}}{{#if a}}{{#if a}}{{/if}}{{/if}}{{/if}}", language, limits)
            .has_error());
    limits = {};
    limits.output_bytes_max = 5;
    auto parsed = Template::parse("t", "{{x}}{{x}}", language, limits);
    ASSERT_TRUE(parsed.has_value());
    const Data data = Data::map({{"x", "12345"}});
    DataModel model(data);
    EXPECT_EQ(parsed->render(model).error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace schwarm::html
