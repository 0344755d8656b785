#include "schwarm/xml/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace schwarm::xml {
namespace {

constexpr const char* kSample = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- kept -->
<a:root xmlns:a="urn:a" xmlns="urn:d" id="R">
  <child a:x="1" y="2 &amp; &#228;">text<![CDATA[ <more>]]></child>
    <a:other xmlns:a="urn:b"/>
</a:root>
)";

Document parsed(std::string text) {
    auto document = Document::parse(std::move(text), "t.xml");
    EXPECT_TRUE(document) << (document ? "" : document.error().text());
    return std::move(document.value());
}

Error refused(std::string text, const Limits& limits = {}) {
    auto document = Document::parse(std::move(text), "t.xml", limits);
    EXPECT_FALSE(document);
    return document ? Error() : document.error();
}

TEST(Document, resolves_namespaces_and_text) {
    const auto document = parsed(kSample);
    const auto root = document.root();
    EXPECT_TRUE(root.is("urn:a", "root"));
    const auto child = root.child("child");
    EXPECT_EQ(child.ns(), "urn:d");
    EXPECT_EQ(child.attribute("urn:a", "x"), "1");
    EXPECT_EQ(child.attribute("y"), "2 & \xC3\xA4");
    EXPECT_EQ(child.attribute("x"), std::nullopt);
    EXPECT_EQ(child.text(), "text <more>");
    EXPECT_TRUE(child.next_sibling().is("urn:b", "other"));
    EXPECT_FALSE(child.next_sibling().next_sibling());
    EXPECT_EQ(child.namespace_of_prefix("a"), "urn:a");
    EXPECT_EQ(child.namespace_of_prefix("q"), std::nullopt);
}

TEST(Document, knows_places_and_sources) {
    const auto document = parsed(kSample);
    const auto child = document.root().child("child");
    EXPECT_EQ(child.where(), "t.xml:4:3 element child");
    EXPECT_EQ(document.root().where(), "t.xml:3:1 element R");
    EXPECT_EQ(child.next_sibling().source(), "<a:other xmlns:a=\"urn:b\"/>");
    EXPECT_EQ(document.source(), kSample);
}

TEST(Document, writes_attributes_and_keeps_the_rest) {
    const auto document = parsed(kSample);
    const std::vector<AttributeEdit> edits = {
        {document.root().child("child"), "y", "a\"b"},
        {document.root().child("other"), "id", "new"},
    };
    std::string expected = kSample;
    expected.replace(expected.find("2 &amp; &#228;"), 14, "a&quot;b");
    expected.replace(expected.find("<a:other"), 8, "<a:other id=\"new\"");
    EXPECT_EQ(document.write(edits), expected);
    EXPECT_EQ(document.write({}), kSample);
}

TEST(Document, refuses_what_is_not_well_formed) {
    EXPECT_EQ(refused("<a>\n <b></a>").where, "t.xml:2:5");
    EXPECT_EQ(refused("<a/><b/>").message, "a second root element");
    EXPECT_EQ(refused("<a>&nbsp;</a>").message, "the entity 'nbsp' is unknown");
    EXPECT_EQ(refused("<a>&#0;</a>").code, ErrorCode::not_well_formed);
    EXPECT_EQ(refused("<a x='1' x='2'/>").message, "the attribute 'x' stands here twice");
    EXPECT_EQ(refused("<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>").code,
              ErrorCode::not_well_formed);
    EXPECT_THAT(refused("<p:a/>").text(), testing::HasSubstr("prefix 'p' is not declared"));
    EXPECT_EQ(refused("").code, ErrorCode::not_well_formed);
    EXPECT_EQ(refused("text").code, ErrorCode::not_well_formed);
    EXPECT_EQ(refused("<a>\xC3</a>").message, "this is not UTF-8");
    EXPECT_EQ(refused("<a x='<'/>").code, ErrorCode::not_well_formed);
    EXPECT_EQ(refused("<a></b>").code, ErrorCode::not_well_formed);
    EXPECT_EQ(refused("<a>\x01</a>").code, ErrorCode::not_well_formed);
}

TEST(Document, refuses_doctypes_and_what_exceeds_limits) {
    EXPECT_EQ(refused("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>").code,
              ErrorCode::unsupported);
    EXPECT_EQ(refused("<?xml version='1.0' encoding='UTF-16'?><a/>").code, ErrorCode::unsupported);
    std::string deep;
    for (int i = 0; i < 200; ++i) deep += "<a>";
    EXPECT_EQ(refused(deep).code, ErrorCode::limit_exceeded);
    EXPECT_EQ(refused("<a><b/><b/></a>", {.elements = 2}).code, ErrorCode::limit_exceeded);
    EXPECT_EQ(refused("<a p='' q='' r=''/>", {.attributes_per_element = 2}).code,
              ErrorCode::limit_exceeded);
    EXPECT_EQ(refused("<a>0123456789</a>", {.bytes = 10}).code, ErrorCode::limit_exceeded);
}

TEST(Document, keeps_white_space_that_is_content) {
    EXPECT_EQ(parsed("<a> </a>").root().text(), " ");
    EXPECT_EQ(parsed("<a>\r\n x \r\n</a>").root().trimmed_text(), "x");
}

TEST(Document, reads_latin_1) {
    const std::string source = "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4</a>";
    const auto document = parsed(source);
    EXPECT_EQ(document.root().text(), "\xC3\xA4");
    EXPECT_EQ(document.source(), source);
    const std::vector<AttributeEdit> edits = {{document.root(), "x", "1"}};
    EXPECT_EQ(document.write(edits),
              "<?xml version='1.0' encoding='UTF-8'?><a x=\"1\">\xC3\xA4</a>");
}

TEST(Document, reads_the_miwg_models) {
    const std::filesystem::path folder = SCHWARM_SHARED_DIR "/data/bpmn-miwg";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "needs " << folder;
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".bpmn") continue;
        std::ifstream in(entry.path(), std::ios::binary);
        std::stringstream text;
        text << in.rdbuf();
        const auto document = Document::parse(text.str(), entry.path().filename().string());
        ASSERT_TRUE(document) << document.error().text();
        EXPECT_EQ(document->root().name(), "definitions");
        EXPECT_EQ(document->source(), text.str());
        ++count;
    }
    EXPECT_EQ(count, 21);
}

}  // namespace
}  // namespace schwarm::xml
