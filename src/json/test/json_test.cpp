#include "schwarm/json/json.hpp"

#include <gtest/gtest.h>

#include <array>

#include "schwarm/base/clock.hpp"

namespace schwarm::json {
namespace {

TEST(Parse, KeepsOrderAndNumberText) {
    const Value v =
        parse(R"({"b": 1.50, "a": [true, null, "\u00e4\uD83D\uDCA9"], "n": -1e+300})").value();
    EXPECT_EQ(v.members()[0].first, "b");
    EXPECT_EQ(v.find("b")->number_text(), "1.50");
    EXPECT_EQ(v.find("n")->number_text(), "-1e+300");
    EXPECT_EQ(v.find("a")->items()[2].as_string(), "ä\U0001F4A9");
    EXPECT_EQ(to_string(v), "{\"b\":1.50,\"a\":[true,null,\"ä\U0001F4A9\"],\"n\":-1e+300}");
}

TEST(Parse, RefusesWithPlace) {
    struct Row {
        std::string text;
        std::string where;
        std::string reason;
    };
    const Row rows[] = {
        {"{\"a\":1,\n \"a\":2}", "2:5", "twice"},
        {"[1,]", "1:4", "Invalid value"},
        {"{\"a\":01}", "1:7", ""},
        {"\"\xff\"", "1:2", "UTF-8"},
        {"\"\\ud800\"", "1:2", "surrogate"},
        {std::string("{}\0x", 4), "1:3", "zero byte"},
        {"{} {}", "1:4", ""},
        {"", "1:1", ""},
        {"NaN", "1:1", ""},
        {"[1] // note", "1:5", ""},
    };
    for (const Row& row : rows) {
        const auto result = parse(row.text);
        ASSERT_TRUE(result.has_error()) << row.text;
        EXPECT_EQ(result.error().code, ErrorCode::not_well_formed);
        EXPECT_EQ(result.error().where, row.where) << row.text << result.error().text();
        EXPECT_NE(result.error().message.find(row.reason), std::string::npos)
            << result.error().message;
    }
}

TEST(Parse, NumbersOfAnySizeStayText) {
    const std::string digits(400, '9');
    for (const auto& text : {std::string("1E400"), std::string("-1.5e+6144"), std::string("0"),
                             std::string("-0.0"), std::string("1E-7000"), digits}) {
        const auto value = parse("[" + text + "]");
        ASSERT_TRUE(value) << text << value.error().text();
        EXPECT_EQ(value->items()[0].number_text(), text);
    }
    // What stood before the first of them is told once, and places stay.
    const std::string mixed = R"({"a":1,"b":[2.5,"1E999 \\"],"c":1E400,"d":{"e":-1E500,"f":0}})";
    const auto value = parse(mixed);
    ASSERT_TRUE(value) << value.error().text();
    EXPECT_EQ(to_string(*value), mixed);
    EXPECT_EQ(parse("[1E400,]").error().where, "1:8");
    EXPECT_EQ(parse("[1E400, 01]").error().where, "1:10");
    EXPECT_EQ(parse("{\"a\":1E400,\"a\":1}").error().code, ErrorCode::not_well_formed);
    EXPECT_EQ(parse("[1E400,[1]]", Limits{100, 1, 100}).error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(parse("[1E400,2,3]", Limits{100, 1, 3}).error().code, ErrorCode::limit_exceeded);
    EXPECT_TRUE(parse("[1E400,2,3]", Limits{100, 1, 4}).has_value());
}

TEST(Parse, RefusesHalfSurrogatePairs) {
    for (const auto* text : {R"("\udc00")", R"({"\udfff":1})", R"("\ud800x")", R"("\ud800\u0041")",
                             R"("\u00e4\udca9")"}) {
        const auto value = parse(text);
        ASSERT_FALSE(value) << text;
        EXPECT_NE(value.error().message.find("surrogate"), std::string::npos)
            << text << value.error().text();
    }
    EXPECT_TRUE(parse(R"("\ud7ff\ue000")"));
}

TEST(Parse, StringsWithEscapes) {
    const auto value = parse(R"(["\"\\\/\b\f\n\r\t\u00E4", "a\u0041b", "plain", ""])");
    ASSERT_TRUE(value) << value.error().text();
    EXPECT_EQ(value->items()[0].as_string(), "\"\\/\b\f\n\r\tä");
    EXPECT_EQ(value->items()[1].as_string(), "aAb");
    EXPECT_EQ(value->items()[2].as_string(), "plain");
    EXPECT_EQ(value->items()[3].as_string(), "");
}

// What is read can be written and read again as the same; what is refused has a place.
TEST(Parse, MutationsAreHarmless) {
    const std::string seed =
        R"({"a":[1,-2.5e+3,0.1E-2,true,false,null,"x\n\u00e4\ud83d\udca9ü"],"b":{},"c":[[]]} )";
    constexpr std::string_view kAlphabet = "{}[]\",:\\/u0123456789eE+-.tfn abx\n\t\xc3\xa4\x01";
    SeededRandom random(20'261'125);
    const auto number = [&](std::size_t below) {
        std::array<std::byte, 2> bytes{};
        random.fill(bytes);
        return (std::to_integer<std::size_t>(bytes[0]) * 256 +
                std::to_integer<std::size_t>(bytes[1])) %
               below;
    };
    std::size_t accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string text = seed;
        for (std::size_t changes = 1 + number(3); changes > 0; --changes) {
            const std::size_t at = number(text.size());
            const char c = kAlphabet[number(kAlphabet.size())];
            const std::size_t kind = number(3);
            if (kind == 0) text[at] = c;
            if (kind == 1) text.insert(at, 1, c);
            if (kind == 2) text.erase(at, 1);
        }
        const auto value = parse(text);
        if (!value) {
            EXPECT_FALSE(value.error().where.empty()) << text;
            continue;
        }
        ++accepted;
        const auto again = parse(to_string(*value));
        ASSERT_TRUE(again) << text << again.error().text();
        EXPECT_EQ(*again, *value) << text;
    }
    EXPECT_GT(accepted, 1000U);
}

TEST(Parse, KeepsLimits) {
    EXPECT_EQ(parse(std::string(100'000, '[')).error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(parse("[[1]]", Limits{100, 1, 100}).error().code, ErrorCode::limit_exceeded);
    EXPECT_TRUE(parse("[[1]]", Limits{100, 2, 3}).has_value());
    EXPECT_EQ(parse("[[1]]", Limits{100, 2, 2}).error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(parse("[[1]]", Limits{4, 2, 5}).error().code, ErrorCode::limit_exceeded);
    std::string many = "{";
    for (int i = 0; i < 100; ++i) many += "\"k" + std::to_string(i) + "\":0,";
    EXPECT_TRUE(parse(many + "\"last\":1}").has_value());
    EXPECT_TRUE(parse(many + "\"k50\":1}").has_error());
}

TEST(Writer, EscapesAlsoForHtml) {
    Writer w;
    w.begin_object();
    w.member("a", "</script>&\"\\\n\x01\u2028");
    w.member("n", 7).member("t", true).member("u", std::uint64_t{18446744073709551615U});
    w.name("l").begin_array().value("x").null().number("1.0").end_array();
    w.end_object();
    EXPECT_EQ(w.take(),
              "{\"a\":\"\\u003c/script\\u003e\\u0026\\\"\\\\\\n\\u0001\\u2028\",\"n\":7,\"t\":true,"
              "\"u\":18446744073709551615,\"l\":[\"x\",null,1.0]}");
    EXPECT_EQ(to_pretty_string(parse("{\"a\":[1],\"b\":{}}").value()),
              "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}\n");
}

TEST(Value, ReadsSettings) {
    const Value v = parse(R"({"name":"x","on":true,"n":5})").value();
    EXPECT_EQ(v.string_or("name", "-"), "x");
    EXPECT_EQ(v.string_or("n", "-"), "-");
    EXPECT_TRUE(v.boolean_or("on", false));
    EXPECT_EQ(v.int_or("n", 0), 5);
    EXPECT_EQ(v, parse(R"({"n":5,"on":true,"name":"x"})").value());
}

}  // namespace
}  // namespace schwarm::json
