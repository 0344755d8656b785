#include "schwarm/http/form.hpp"

#include <gtest/gtest.h>

namespace schwarm::http {
namespace {

TEST(Urlencoded, ReadsFieldsInOrder) {
    const auto fields = parse_urlencoded("a=1&b=%C3%BC+x&a=2&c&=d");
    ASSERT_TRUE(fields.has_value());
    EXPECT_EQ(fields->size(), 5U);
    EXPECT_EQ(fields->get("b"), "ü x");
    EXPECT_EQ(fields->all("a"), (std::vector<std::string_view>{"1", "2"}));
    EXPECT_TRUE(fields->has("c"));
    EXPECT_TRUE(parse_urlencoded("")->empty());
}

TEST(Urlencoded, SaysWhereItIsWrong) {
    const auto fields = parse_urlencoded("a=1&b=%zz");
    ASSERT_TRUE(fields.has_error());
    EXPECT_EQ(fields.error().code, ErrorCode::invalid_input);
    EXPECT_EQ(fields.error().where, "byte 4");
    EXPECT_TRUE(parse_urlencoded("a=%ff").has_error());
    EXPECT_TRUE(parse_urlencoded("a=%00").has_error());
}

TEST(Urlencoded, KeepsItsLimits) {
    FormLimits limits;
    limits.fields_max = 2;
    limits.name_bytes_max = 3;
    limits.value_bytes_max = 4;
    EXPECT_TRUE(parse_urlencoded("a=1&b=2", limits).has_value());
    EXPECT_EQ(parse_urlencoded("a=1&b=2&c=3", limits).error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(parse_urlencoded("abcd=1", limits).error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(parse_urlencoded("a=12345", limits).error().code, ErrorCode::limit_exceeded);
}

constexpr const char* kType = "multipart/form-data; boundary=\"--x y\"";

std::string body_of(std::string_view parts) {
    std::string out;
    for (const char c : parts) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

TEST(Multipart, ReadsFieldsAndFiles) {
    const std::string body = body_of(
        "----x y\n"
        "Content-Disposition: form-data; name=\"a\"\n\nein Wert\n"
        "----x y\n"
        "Content-Disposition: form-data; name=\"leer\"\n\n\n"
        "----x y\n"
        "content-disposition: form-data; name=\"datei\"; filename=\"C:\\fakepath\\Müll "
        "\\\"1\\\".pdf\"\n"
        "Content-Type: application/pdf\n\n%PDF\n\n--x\n"
        "----x y--\n");
    const auto form = parse_multipart(kType, body);
    ASSERT_TRUE(form.has_value()) << form.error().text();
    EXPECT_EQ(form->fields.get("a"), "ein Wert");
    EXPECT_EQ(form->fields.get("leer"), "");
    ASSERT_EQ(form->files.size(), 1U);
    EXPECT_EQ(form->files[0].name, "datei");
    EXPECT_EQ(form->files[0].file_name, "Müll \"1\".pdf");
    EXPECT_EQ(form->files[0].content_type, "application/pdf");
    EXPECT_EQ(form->files[0].content, "%PDF\r\n\r\n--x");
}

TEST(Multipart, EmptyFormIsAForm) {
    const auto form = parse_multipart("multipart/form-data; boundary=x", "--x--\r\n");
    ASSERT_TRUE(form.has_value());
    EXPECT_TRUE(form->fields.empty());
}

TEST(Multipart, RefusesBrokenBodies) {
    const char* type = "multipart/form-data; boundary=x";
    for (const char* bad : {
             "",
             "--y\n\n",
             "--x",
             "--x\n",
             "--x\nContent-Disposition: form-data; name=\"a\"",
             "--x\nContent-Disposition: form-data; name=\"a\"\n\n1\n--x",
             "--x\nContent-Disposition: form-data; name=\"a\"\n\n1\n--xx--\n",
             "--x\nContent-Disposition: form-data\n\n1\n--x--\n",
             "--x\nContent-Disposition: attachment; name=\"a\"\n\n1\n--x--\n",
             "--x\nContent-Type: text/plain\n\n1\n--x--\n",
             "--x\nno header\n\n1\n--x--\n",
             "--x\nContent-Disposition: form-data; name=\"a\n\n1\n--x--\n",
             "--x\nContent-Disposition: form-data; name=\"a\"\n"
             "Content-Transfer-Encoding: base64\n\n1\n--x--\n",
             "--x\nContent-Disposition: form-data; name=\"a\"\n\n1\n--x--\nepilogue",
         }) {
        EXPECT_TRUE(parse_multipart(type, body_of(bad)).has_error()) << bad;
    }
}

TEST(Multipart, RefusesOtherTypes) {
    for (const char* bad :
         {"", "text/plain", "multipart/form-data", "multipart/mixed; boundary=x",
          "multipart/form-data; boundary=", "multipart/form-data; boundary=\"x"}) {
        EXPECT_TRUE(parse_multipart(bad, "--x--\r\n").has_error()) << bad;
    }
}

TEST(Multipart, KeepsItsLimits) {
    const char* type = "multipart/form-data; boundary=x";
    const std::string two = body_of(
        "--x\nContent-Disposition: form-data; name=\"a\"; filename=\"1\"\n\n1\n"
        "--x\nContent-Disposition: form-data; name=\"b\"; filename=\"2\"\n\n2\n--x--\n");
    FormLimits limits;
    limits.files_max = 1;
    EXPECT_TRUE(parse_multipart(type, two).has_value());
    EXPECT_EQ(parse_multipart(type, two, limits).error().code, ErrorCode::limit_exceeded);
    const std::string long_head =
        body_of("--x\nContent-Disposition: form-data; name=\"a\"\nX: " + std::string(5000, 'y') +
                "\n\n1\n--x--\n");
    EXPECT_EQ(parse_multipart(type, long_head).error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace schwarm::http
